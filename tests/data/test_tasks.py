import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lowcap.data import Dataset, pair_task, parse_task
from lowcap.errors import DataError, SettingsError
from tests.conftest import synthetic


@given(sizes=st.tuples(st.integers(5, 60), st.integers(5, 60)), seed=st.integers(0, 2**32 - 1))
def test_split_is_a_stratified_partition(sizes, seed):
    labels = np.repeat([3, 7, 5], [*sizes, 4])
    images = np.arange(1, len(labels) + 1, dtype=np.float32)[:, None] / 1000
    data = Dataset("numbered", images, labels, images, labels, (1,))
    split = pair_task(data, 7, 3).split(seed)
    seen = np.concatenate([split.train.images, split.validation.images])[:, 0]
    np.testing.assert_array_equal(np.sort(seen), images[labels != 5, 0])
    share = sizes[1] / sum(sizes)
    for part in (split.train, split.validation):
        assert abs(part.labels.sum() - share * len(part.labels)) <= 1
    np.testing.assert_array_equal(split.test.images[:, 0], images[labels != 5, 0])


def test_lower_class_is_zero_whatever_the_order(dataset):
    forward, backward = pair_task(dataset, 0, 2), pair_task(dataset, 2, 0)
    assert forward.id == backward.id == "0-2"
    assert forward.split(0).test.labels.sum() == (dataset.test_labels == 2).sum()


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
