import numpy as np
import pytest

from lowcap.errors import DataError, SettingsError
from lowcap.small.table.reading import read_source
from lowcap.small.table.text import Limits

RNG = np.random.default_rng(0)
IMAGES = RNG.integers(0, 256, (12, 2, 3), np.uint8)
LABELS = np.arange(12) % 3
OTHERS = (LABELS + 1) % 3


def saved(folder, name="a.npz", **arrays):
    path = folder / name
    np.savez(path, **arrays)
    return path


@pytest.mark.parametrize(
    ("images", "shape", "last"),
    [
        (IMAGES, (2, 3), "pixel_1_2"),
        (IMAGES[..., None], (2, 3), "pixel_1_2"),
        (IMAGES.repeat(3).reshape(12, 2, 3, 3), (2, 3, 3), "pixel_1_2_2"),
        (IMAGES / 255, (2, 3), "pixel_1_2"),
        (IMAGES.reshape(12, 6), None, "x5"),
        (IMAGES.reshape(12, 6) > 99, None, "x5"),
    ],
)
@pytest.mark.parametrize("way", [("x", "y"), ("images", "labels")])
def test_images_and_features_become_columns(images, shape, last, way, tmp_path):
    x, y = way
    path = saved(
        tmp_path, **{x: images, y: LABELS, f"test_{x}": images[:5], f"test_{y}": OTHERS[:5]}
    )
    source = read_source(path)
    assert (source.shape, source.table.columns[-1]) == (shape, last)
    np.testing.assert_array_equal(source.table, images.reshape(12, -1))
    assert (source.table.dtypes == images.dtype).all()
    np.testing.assert_array_equal(source.target, LABELS)
    assert (source.target.name, source.test.target.name) == (y, y)
    np.testing.assert_array_equal(source.test.table, images[:5].reshape(5, -1))
    assert source.test.table.index.tolist() == [1, 2, 3, 4, 5]
    assert source.test.sha256 == source.sha256
    assert read_source(path, y).sampled == (12, 12)


def test_groups_texts_and_gaps(tmp_path):
    x = RNG.normal(size=(12, 2))
    x[3, 1] = np.nan
    groups = np.arange(12) // 2
    path = saved(tmp_path, x=x, y=LABELS.astype(str), groups=groups)
    source = read_source(path, groups="groups")
    np.testing.assert_array_equal(source.groups, groups)
    assert source.target.tolist() == LABELS.astype(str).tolist()
    assert source.table.isna().sum().tolist() == [0, 1]
    few = read_source(path, limits=Limits(rows=5))
    assert few.sampled == (5, 12)
    np.testing.assert_array_equal(few.groups, groups[few.table.index - 1])
    np.testing.assert_array_equal(few.table, x[few.table.index - 1])
    assert few.notes == ["a.npz: took 5 of 12 rows, drawn at random"]


def test_test_rows_may_be_a_file_of_their_own(tmp_path):
    path = saved(tmp_path, x=IMAGES, y=LABELS)
    source = read_source(path, test=saved(tmp_path, "b.npz", x=IMAGES[:4], y=OTHERS[:4]))
    assert source.test.sampled == (4, 4)
    with pytest.raises(DataError, match=r"its images are None, those for training \(2, 3\)"):
        read_source(path, test=saved(tmp_path, "b.npz", x=IMAGES[:, 0], y=LABELS))
    whole = {"x": IMAGES, "y": LABELS, "test_x": IMAGES, "test_y": OTHERS}
    with pytest.raises(DataError, match="is a test file, and has test rows of its own"):
        read_source(path, test=saved(tmp_path, "b.npz", **whole))
    with pytest.raises(SettingsError, match="has test rows of its own; give no test file"):
        read_source(saved(tmp_path, "b.npz", **whole), test=path)


FLOATS = IMAGES / 255
HIGH = np.where(np.arange(12)[:, None, None] == 6, 1.5, FLOATS)


@pytest.mark.parametrize(
    ("arrays", "words"),
    [
        ({}, "holds nothing; give images and labels, or x and y"),
        ({"x": IMAGES}, "holds x; give images and labels"),
        ({"x": IMAGES, "labels": LABELS}, "holds x, labels; give images and labels"),
        ({"x": IMAGES, "y": LABELS, "test_x": IMAGES}, "give both test_x and test_y, or neither"),
        ({"x": IMAGES, "y": LABELS[:5]}, r"y is \(5,\), but x has 12 rows"),
        ({"x": IMAGES, "y": LABELS[:, None]}, r"y is \(12, 1\), but x has 12 rows"),
        ({"x": LABELS, "y": LABELS}, r"x must be \[rows, features\], or images .* not \(12,\)"),
        ({"x": IMAGES[:0], "y": LABELS[:0]}, r"not \(0, 2, 3\)"),
        ({"x": IMAGES[:, 0].astype(str), "y": LABELS}, "x must hold numbers, not <U"),
        ({"x": IMAGES, "y": LABELS * 1j}, "y must hold numbers or texts, not complex"),
        ({"x": IMAGES, "y": np.where(LABELS, 1, np.nan)}, "y is missing in row 1"),
        ({"x": IMAGES, "y": LABELS, "groups": LABELS / 2}, "groups must be whole numbers or texts"),
        ({"x": IMAGES, "y": LABELS, "groups": LABELS[:3]}, r"groups is \(3,\)"),
        ({"x": IMAGES.astype(int), "y": LABELS}, "must be uint8 or floats in .0, 1., not int64"),
        ({"x": HIGH, "y": LABELS}, r"pixels of x must lie in \[0, 1\] or be uint8; row 7 "),
        ({"x": HIGH * np.nan, "y": LABELS}, r"must lie in \[0, 1\] or be uint8; row 1 "),
        ({"x": IMAGES.reshape(2, 1, 6, 6), "y": LABELS[:2]}, "must have its channels last"),
        ({"x": IMAGES, "y": LABELS * 0}, "target column 'y' says 0 in all 12 rows"),
        ({"x": FLOATS[:, 0] + np.inf, "y": LABELS}, r"column 'x0': row 1 .* holds inf"),
        (
            {"x": IMAGES, "y": LABELS, "test_x": IMAGES[3:], "test_y": LABELS[3:]},
            "all test rows are training rows too; test on others",
        ),
        (
            {"x": IMAGES, "y": LABELS, "test_x": IMAGES[:, :, :2], "test_y": LABELS},
            r"x is \(12, 2, 3\), but test_x \(12, 2, 2\)",
        ),
        (
            {"x": IMAGES, "y": LABELS, "test_x": IMAGES, "test_y": LABELS.astype(str)},
            "target column 'y' holds texts, but in the training rows it holds numbers",
        ),
    ],
)
def test_arrays_that_do_not_belong_together(arrays, words, tmp_path):
    path = saved(tmp_path, **arrays)
    with pytest.raises(DataError, match=words) as caught:
        read_source(path)
    assert "\n" not in str(caught.value)
    assert str(caught.value).startswith(f"{path}: ")


def test_pickles_are_not_opened(tmp_path):
    path = saved(tmp_path, x=IMAGES, y=np.array([{}] * 12, dtype=object))
    with pytest.raises(DataError, match="without pickles"):
        read_source(path)


def test_arguments_for_columns_are_none_of_an_npz(tmp_path):
    path = saved(tmp_path, x=IMAGES, y=LABELS)
    with pytest.raises(SettingsError, match="its target is 'y', not 'label'"):
        read_source(path, "label")
    with pytest.raises(SettingsError, match=r"the groups of an \.npz are its array"):
        read_source(path, groups="groups")
    with pytest.raises(SettingsError, match="cannot be left out"):
        read_source(path, drop=["x0"])
