import numpy as np
import pytest

from lowcap.data import load_dataset, load_referenced
from lowcap.errors import DataError


def test_a_worker_refuses_other_data_than_was_meant(tmp_path):
    path = tmp_path / "made.npz"
    images = np.random.default_rng(0).integers(0, 256, (10, 3, 3), np.uint8)
    np.savez(path, images=images, labels=np.arange(10) % 2)
    meant = load_dataset(str(path)).sha256
    assert load_referenced((str(path), None), meant).sha256 == meant
    with pytest.raises(DataError, match="other data than the run was planned with"):
        load_referenced((str(path), None), meant[::-1])
