import numpy as np
import pytest

from lowcap.data import load_dataset, load_referenced
from lowcap.data.references import lacks_referenced, packed, take_referenced
from lowcap.errors import DataError


def test_a_worker_refuses_other_data_than_was_meant(tmp_path):
    path = tmp_path / "made.npz"
    images = np.random.default_rng(0).integers(0, 256, (10, 3, 3), np.uint8)
    np.savez(path, images=images, labels=np.arange(10) % 2)
    meant = load_dataset(str(path)).sha256
    assert load_referenced((str(path), None), meant).sha256 == meant
    with pytest.raises(DataError, match="other data than the run was planned with"):
        load_referenced((str(path), None), meant[::-1])


def made(tmp_path):
    """A user's own file, and the data in it."""
    path = tmp_path / "sent.npz"
    images = np.random.default_rng(1).integers(0, 256, (12, 3, 3), np.uint8)
    np.savez(path, images=images, labels=np.arange(12) % 3)
    return path, load_dataset(str(path))


def test_data_that_are_sent_are_those_of_the_file(tmp_path):
    path, dataset = made(tmp_path)
    source = (str(path), None)
    assert not lacks_referenced(source, dataset.sha256)
    path.unlink()
    elsewhere = (str(tmp_path / "elsewhere.npz"), None)
    assert lacks_referenced(elsewhere, dataset.sha256)
    take_referenced(packed(dataset), dataset.sha256)
    assert not lacks_referenced(elsewhere, dataset.sha256)
    found = load_referenced(elsewhere, dataset.sha256)
    assert (found.name, found.shape, found.class_names) == (
        dataset.name,
        dataset.shape,
        dataset.class_names,
    )
    assert found.sha256 == dataset.sha256
    np.testing.assert_array_equal(found.images, dataset.images)


def test_data_damaged_on_the_way_are_refused(tmp_path):
    _, dataset = made(tmp_path)
    content, meant = packed(dataset), "0" * 64
    with pytest.raises(DataError, match="the data that arrived have digest"):
        take_referenced(content, meant)
    with pytest.raises(DataError, match="arrived damaged"):
        take_referenced(content[: len(content) // 2], meant)


def test_a_file_of_other_data_counts_as_none(tmp_path):
    path, dataset = made(tmp_path)
    assert lacks_referenced((str(path), None), dataset.sha256[::-1])
    assert lacks_referenced(("no-such-set", None), dataset.sha256[::-1])
    assert not lacks_referenced(("", None), "")  # a cell without data
