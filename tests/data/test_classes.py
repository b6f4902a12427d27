import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lowcap.data import Dataset, classes_task, load_dataset, pair_task, parse_classes, parse_task
from lowcap.errors import DataError, SettingsError
from tests.conftest import synthetic


@pytest.fixture(scope="module")
def five() -> Dataset:
    """Five classes on 8 x 8 images."""
    return synthetic(images=200, side=8, classes=5)


@given(classes=st.permutations(range(5)), count=st.integers(3, 5))
def test_labels_are_numbered_in_the_given_order(classes, count):
    data, wanted = synthetic(images=100, side=8, classes=5), classes[:count]
    task = classes_task(data, wanted)
    assert task.id == "-".join(map(str, wanted))
    assert (task.target.kind, task.target.outputs, task.y.dtype) == ("classes", count, np.int32)
    parts = ((data.labels, data.images, task.y, task.x),
             (data.test_labels, data.test_images, task.test_y, task.test_x))  # fmt: skip
    for labels, images, y, x in parts:
        kept = np.isin(labels, wanted)
        np.testing.assert_array_equal(np.array(wanted)[y], labels[kept])
        np.testing.assert_array_equal(x, images[kept])


def test_two_classes_are_the_pair(five):
    for wanted in ((3, 1), "3-1", range(1, 4, 2)):
        task, pair = classes_task(five, wanted), pair_task(five, 1, 3)
        assert task.target == pair.target
        assert task.y.dtype == pair.y.dtype
        np.testing.assert_array_equal(task.y, pair.y)
        np.testing.assert_array_equal(task.test_x, pair.test_x)


def test_a_name_gives_the_same_task(five):
    assert parse_classes("4-0-2") == (4, 0, 2)
    assert parse_classes("9-4") == parse_task("9-4") == (4, 9)
    named, listed = classes_task(five, "4-0-2"), classes_task(five, (4, 0, 2))
    assert named.target == listed.target
    np.testing.assert_array_equal(named.y, listed.y)


@pytest.mark.parametrize(
    ("classes", "message"),
    [
        ("3", "two or more class numbers"),
        ((), "two or more class numbers"),
        ("1--2", "two or more class numbers"),
        ("a-b-c", "two or more class numbers"),
        ((1, 1), "the two classes must differ"),
        ((0, 3, 1, 3), "class 3 stands in it more than once"),
        ("03-3-1", "class 3 stands in it more than once"),
        ((-1, 2, 3), "two or more class numbers"),
    ],
)
def test_classes_that_make_no_task_are_one_line(five, classes, message):
    with pytest.raises(SettingsError, match=message) as error:
        classes_task(five, classes)
    assert "\n" not in str(error.value)


def test_classes_that_the_data_lack_are_named(five):
    with pytest.raises(DataError, match=r"task 1-7-2: .* no training images of class 7 .*0, 1, 2"):
        classes_task(five, (1, 7, 2))
    bare = Dataset("bare", five.images, five.labels, five.images[:2], five.labels[:2], (8, 8))
    with pytest.raises(DataError, match="bare has no test images of class 2"):
        classes_task(bare, "0-1-2")


def test_splits_are_stratified_by_all_classes(five):
    split = classes_task(five, (4, 0, 2)).split(seed=1)
    assert np.bincount(split.train.y).tolist() == [24] * 3
    assert np.bincount(split.validation.y).tolist() == [6] * 3
    assert np.bincount(split.test.y).tolist() == [10] * 3


def test_clothes_that_look_alike_are_a_task(full_data):
    data = load_dataset("fashion-mnist", full_data)
    task = classes_task(data, (2, 4, 6))
    assert [data.class_names[label] for label in (2, 4, 6)] == ["pullover", "coat", "shirt"]
    assert np.bincount(task.y).tolist() == [6000] * 3
    assert np.bincount(task.test_y).tolist() == [1000] * 3
