"""What pairs of classes are called on a page."""

import pytest

from lowcap.data import task_in_words


@pytest.mark.parametrize(
    ("task", "dataset", "words"),
    [
        ("3-5", "cifar-10-small", "cat / dog"),
        ("0-6", "fashion-mnist", "T-shirt / shirt"),
        ("3-5", "mnist", "3-5"),
        ("3-5", "a-file-of-your-own", "3-5"),
        ("3-11", "cifar-10", "3-11"),
        ("a-b", "cifar-10", "a-b"),
    ],
)
def test_known_classes_are_named_and_all_else_stays(task, dataset, words):
    assert task_in_words(task, dataset) == words
