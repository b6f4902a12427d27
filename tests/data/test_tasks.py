import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lowcap.data import Dataset, array_task, cross_validation, pair_task, parse_task
from lowcap.errors import DataError, SettingsError
from tests.conftest import synthetic


@given(sizes=st.tuples(st.integers(5, 60), st.integers(5, 60)), seed=st.integers(0, 2**32 - 1))
def test_split_is_a_stratified_partition(sizes, seed):
    labels = np.repeat([3, 7, 5], [*sizes, 4])
    images = np.arange(1, len(labels) + 1, dtype=np.float32)[:, None] / 1000
    data = Dataset("numbered", images, labels, images, labels, (1,))
    split = pair_task(data, 7, 3).split(seed)
    seen = np.concatenate([split.train.x, split.validation.x])[:, 0]
    np.testing.assert_array_equal(np.sort(seen), images[labels != 5, 0])
    share = sizes[1] / sum(sizes)
    for part in (split.train, split.validation):
        assert abs(part.y.sum() - share * len(part.y)) <= 1
    np.testing.assert_array_equal(split.test.x[:, 0], images[labels != 5, 0])


def test_lower_class_is_zero_whatever_the_order(dataset):
    forward, backward = pair_task(dataset, 0, 2), pair_task(dataset, 2, 0)
    assert forward.id == backward.id == "0-2"
    assert forward.split(0).test.y.sum() == (dataset.test_labels == 2).sum()


def test_only_the_border_is_inactive(split):
    inside = np.zeros((6, 6), bool)
    inside[1:-1, 1:-1] = True
    np.testing.assert_array_equal(split.active, inside.ravel())


@pytest.mark.parametrize("text", ["4", "4-4", "a-b", "4-9-1", "-4-9", ""])
def test_impossible_task_names(text):
    with pytest.raises(SettingsError, match=r"must differ|such as 4-9"):
        parse_task(text)


def test_missing_class_names_the_classes():
    with pytest.raises(DataError, match=r"no training images of class 8 \(its classes: 0, 1, 2\)"):
        pair_task(synthetic(), 1, 8)


ROWS = np.random.default_rng(0).normal(size=(60, 4)).astype(np.float32)


@pytest.mark.parametrize(
    ("y", "kind", "outputs"),
    [
        (np.arange(60) % 2, "binary", 1),
        (np.array(["no", "yes", "yes"] * 20), "binary", 1),
        (np.arange(60) % 3 * 5, "classes", 3),
        (ROWS[:, 0] * 2.5, "regression", 1),
    ],
)
def test_the_kind_of_a_task_follows_from_its_target(y, kind, outputs):
    task = array_task(ROWS, y, name="made")
    assert (task.target.kind, task.target.outputs) == (kind, outputs)
    split = task.split(0)
    assert split.target is task.target
    assert len(split.train.y) + len(split.validation.y) == 60
    assert not len(split.test.y)
    if kind == "regression":
        np.testing.assert_allclose(np.sort(task.y), np.sort(y))
    else:
        numbers = np.unique(y, return_inverse=True)[1]
        np.testing.assert_array_equal(task.y, numbers)


def test_images_keep_their_shape_and_bytes_are_scaled():
    images = np.random.default_rng(0).integers(0, 256, (40, 3, 5), np.uint8)
    split = array_task(images, np.arange(40) % 2, images[:4], np.arange(4) % 2).split(1)
    assert split.image_shape == (3, 5)
    np.testing.assert_allclose(split.test.x, images[:4].reshape(4, 15) / 255, rtol=1e-6)
    with pytest.raises(DataError, match="needs grey images"):
        _ = array_task(ROWS, np.arange(60) % 2).split(0).image_shape


@pytest.mark.parametrize("kind", ["complex64", "timedelta64[s]", "datetime64[D]", "V4"])
def test_what_is_no_number_is_neither_target_nor_feature(kind):
    strange, plain = ROWS.astype(np.int32).astype(kind), np.arange(60) % 2
    with pytest.raises(DataError, match=r"made: y is .*; give classes or plain numbers"):
        array_task(ROWS, strange[:, 0], name="made")
    with pytest.raises(DataError, match="features must be plain numbers, not"):
        array_task(strange, plain)


@given(
    groups=st.lists(st.integers(0, 8), min_size=60, max_size=60).filter(lambda g: len(set(g)) > 3),
    seed=st.integers(0, 100),
)
def test_groups_are_never_divided(groups, seed):
    task = array_task(ROWS, ROWS[:, 0] * 1.5, groups=np.array(groups))
    folds = cross_validation(task.whole(), 3, seed)
    assert (folds.held_out.sum(axis=0) == 1).all()
    for group in set(groups):
        together = folds.held_out[:, np.array(groups) == group]
        assert (together.all(axis=1) | ~together.any(axis=1)).all()
    split = task.split(seed)
    assert split.groups is not None
    kept = {tuple(row) for row in split.train.x.tolist()}
    sides = {}
    for row, group in zip(ROWS.tolist(), groups, strict=True):
        sides.setdefault(group, set()).add(tuple(row) in kept)
    assert all(len(side) == 1 for side in sides.values())


@pytest.mark.parametrize("kind", ["regression", "binary"])
def test_another_seed_deals_groups_out_anew(kind):
    groups = np.arange(60) // 4
    y = ROWS[:, 0] * 1.5 if kind == "regression" else np.arange(60) % 2
    split = array_task(ROWS, y, groups=groups).whole()
    folds = [cross_validation(split, 3, seed).held_out for seed in (0, 0, 1, 2)]
    np.testing.assert_array_equal(folds[0], folds[1])
    # Which groups are held out together, whatever the number of their fold.
    pairs = [(held_out.T[:, None] == held_out.T).all(axis=2) for held_out in folds]
    assert (pairs[1] != pairs[2]).any()
    assert (pairs[2] != pairs[3]).any()


def test_folds_are_stratified_and_give_row_weights():
    split = array_task(ROWS, np.arange(60) % 3).whole()
    folds = cross_validation(split, 5)
    assert (folds.held_out.sum(axis=0) == 1).all()
    for held_out in folds.held_out:
        assert np.bincount(split.train.y[held_out]).tolist() == [4, 4, 4]
    weights = folds.weights([2, 0, 2])
    np.testing.assert_array_equal(weights[0], ~folds.held_out[2])
    np.testing.assert_array_equal(weights[1], ~folds.held_out[0])
    with pytest.raises(DataError, match="folds are too many"):
        cross_validation(split, 61)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((ROWS, np.arange(59)), "one row of x for each of y"),
        ((ROWS, np.arange(60) % 2, ROWS[:, :2], np.zeros(60)), "test_x is"),
        ((np.full((60, 2), np.nan), np.arange(60) % 2), "must be finite"),
        ((ROWS, np.full(60, np.nan)), "y must be finite"),
        ((np.full((60, 2), "a"), np.arange(60) % 2), "must be numbers"),
        ((ROWS, np.arange(60) % 2, ROWS[:1], np.array([7])), "classes that the training rows lack"),
    ],
)
def test_arrays_that_make_no_task_are_one_line(arguments, message):
    with pytest.raises(DataError, match=message):
        array_task(*arguments)
    with pytest.raises(DataError, match=r"groups of \(59,\) for 60 rows"):
        array_task(ROWS, np.arange(60) % 2, groups=np.arange(59))
    with pytest.raises(DataError, match="needs two values, not 3"):
        array_task(ROWS, np.arange(60) % 3, kind="binary")
