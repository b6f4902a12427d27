import gzip
import struct

import numpy as np
import pytest

from lowcap.data.idx import read_idx
from lowcap.errors import DataError


def idx(array: np.ndarray, magic: bytes | None = None) -> bytes:
    head = magic or struct.pack(">HBB", 0, 8, array.ndim)
    return head + struct.pack(f">{array.ndim}I", *array.shape) + array.tobytes()


def test_reads_what_was_written(tmp_path):
    array = np.arange(2 * 3 * 4, dtype=np.uint8).reshape(2, 3, 4)
    (tmp_path / "a.gz").write_bytes(gzip.compress(idx(array)))
    np.testing.assert_array_equal(read_idx(tmp_path / "a.gz", 3), array)


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (lambda raw: gzip.compress(raw)[:-20], "truncated or damaged gzip"),
        (lambda raw: raw, "truncated or damaged gzip"),
        (lambda raw: gzip.compress(b"\0\0\x09\x03" + raw[4:]), "wrong magic number"),
        (lambda raw: gzip.compress(b""), "wrong magic number nothing"),
        (lambda raw: gzip.compress(raw[:10]), "header is cut short"),
        (lambda raw: gzip.compress(raw[:-1]), "announces 24 values, the file holds 23"),
        (lambda raw: gzip.compress(raw + bytes(10**7)), "announces 24 values, the file holds more"),
        (lambda raw: gzip.compress(raw[:4] + b"\xff" * 12), "more than 268,435,456"),
    ],
)
def test_damage_is_one_clear_line(tmp_path, damage, message):
    path = tmp_path / "damaged.gz"
    path.write_bytes(damage(idx(np.zeros((2, 3, 4), np.uint8))))
    with pytest.raises(DataError, match=message) as error:
        read_idx(path, 3)
    assert str(path) in str(error.value)
    assert "\n" not in str(error.value)


def test_missing_file_is_named(tmp_path):
    with pytest.raises(DataError, match="No such file"):
        read_idx(tmp_path / "nothing.gz", 3)
