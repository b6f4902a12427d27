"""Archives that are not what they claim: refused before their arrays are read."""

import io
import os
import struct
import warnings
import zipfile
from contextlib import suppress

import numpy as np
import pytest

from lowcap.data import load_dataset, npz
from lowcap.data.npz import read_npz
from lowcap.errors import DataError

IMAGES = np.random.default_rng(0).integers(0, 256, (40, 5, 5), np.uint8)
LABELS = np.arange(40) % 2


def header(shape, descr="|u1", version=(1, 0)) -> bytes:
    """That of an ``.npy``, whatever it claims."""
    said = f"{{'descr': {descr!r}, 'fortran_order': False, 'shape': {shape}}}"
    return written(said.encode("latin1"), version)


def written(said: bytes, version=(1, 0)) -> bytes:
    said += b"\n"
    length = struct.pack("<H" if version == (1, 0) else "<I", len(said))
    return b"\x93NUMPY" + bytes(version) + length + said


def npy(array) -> bytes:
    buffer = io.BytesIO()
    np.save(buffer, array)
    return buffer.getvalue()


def archive(path, **entries: bytes):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as opened:
        for name, content in entries.items():
            opened.writestr(f"{name}.npy", content)
    return path


BOMB = header((300, 1000, 1000)) + bytes(3 * 10**8)
"""A third of a gigabyte, of which the archive holds a thousandth."""

STRANGE = {
    "a shape of 10^12": header((10**12,)),
    "a shape beyond 64 bits": header((10**23, 10**23)),
    "a negative shape": header((-1, 5)) + b"12345",
    "more than it announces": npy(IMAGES) + b"more",
    "less than it announces": npy(IMAGES)[:-1],
    "raw bytes": b"hello",
    "nothing": b"",
    "no header": b"\x93NUMPY",
    "half a header": npy(IMAGES)[:30],
    "a header of no dictionary": written(b"[1, 2]"),
    "a header that lacks the shape": written(b"{'descr': '|u1', 'fortran_order': False}"),
    "a header that is no Python": written(b"{'descr': '|u1', ("),
    "a header that runs code": written(b"__import__('os').abort()"),
    "a header nested deeply": written(b"(" * 9000),
    "a header of many digits": written(b"{'shape': (" + b"9" * 6000 + b",)}"),
    "a header too long": written(b" " * 20_000),
    "an unknown type": header((40, 5, 5), "|q9"),
    "an unknown version": npy(IMAGES).replace(b"\x01\x00", b"\x09\x00", 1),
    "pickles": header((40,), "|O") + b"cos\nabort\n(tR.",
    "columns": header((40,), "[('a', 'O')]"),
}


@pytest.mark.parametrize("content", STRANGE.values(), ids=STRANGE)
@pytest.mark.parametrize("name", ["images", "labels"])
def test_a_broken_array_is_one_line(tmp_path, name, content):
    arrays = {"images": npy(IMAGES), "labels": npy(LABELS)} | {name: content}
    path = archive(tmp_path / "own.npz", **arrays)
    with warnings.catch_warnings():
        warnings.simplefilter("error", ResourceWarning)
        with pytest.raises(DataError, match="not a readable") as found:
            load_dataset(str(path))
    assert len(str(found.value).splitlines()) == 1
    assert len(str(found.value)) < 500


@pytest.mark.parametrize("content", [*STRANGE.values(), BOMB], ids=[*STRANGE, "a bomb"])
def test_what_is_not_wanted_is_not_looked_at(tmp_path, content):
    path = archive(tmp_path / "own.npz", images=npy(IMAGES), labels=npy(LABELS), other=content)
    assert len(load_dataset(str(path)).labels) == 32
    assert read_npz(path, ("labels",)).names == ("images", "labels", "other")


def test_what_needs_more_than_there_is_is_refused_with_both_numbers(tmp_path, monkeypatch):
    path = archive(tmp_path / "own.npz", images=BOMB, labels=npy(LABELS))
    assert path.stat().st_size < 10**6
    monkeypatch.setattr(npz, "share_of_free", lambda workers: 400_000_000)
    monkeypatch.setattr(npz, "_array", None)  # nothing is read
    with pytest.raises(DataError, match=r"would need 600 MB, and this machine has 400 MB to give"):
        load_dataset(str(path))


def test_archives_that_cannot_be_unpacked(tmp_path):
    sound = archive(tmp_path / "own.npz", images=npy(IMAGES), labels=npy(LABELS)).read_bytes()
    directory = sound.index(b"PK\x01\x02")
    local = bytearray(sound)

    def changed(offset: int, value: bytes) -> bytes:
        """In the first entry, both where it lies and in the directory."""
        for place in (offset, directory + offset + 2):
            local[place : place + len(value)] = value
        return bytes(local)

    broken = {
        "encrypted": changed(6, b"\x01\x00"),
        "packed in no known way": changed(6, b"\x00\x00") and changed(8, b"\x63\x00"),
        "cut": sound[:-30],
        "without its beginning": sound[100:],
        "text": b"hello",
        "empty": b"",
        "an array": npy(IMAGES),
    }
    for name, content in broken.items():
        path = tmp_path / f"{name}.npz"
        path.write_bytes(content)
        with warnings.catch_warnings():
            warnings.simplefilter("error", ResourceWarning)
            with pytest.raises(DataError, match="not a readable") as found:
                load_dataset(str(path))
        assert len(str(found.value).splitlines()) == 1, name
    assert "put arrays together with numpy.savez" in str(found.value)


def test_an_array_that_stands_twice(tmp_path):
    path = archive(tmp_path / "own.npz", images=npy(IMAGES), labels=npy(LABELS))
    with zipfile.ZipFile(path, "a") as opened:
        opened.writestr("labels", npy(LABELS))
    with pytest.raises(DataError, match="it holds 'labels' twice"):
        load_dataset(str(path))


def test_a_size_that_the_archive_lies_about(tmp_path):
    """Its directory says that the array is as short as its header announces; more is packed."""
    longer = npy(IMAGES) + bytes(10_000)
    path = archive(tmp_path / "own.npz", images=longer, labels=npy(LABELS))
    content = bytearray(path.read_bytes())
    honest, told = struct.pack("<I", len(longer)), struct.pack("<I", len(npy(IMAGES)))
    while honest in content:
        content[(at := content.index(honest)) : at + 4] = told
    path.write_bytes(content)
    with pytest.raises(DataError, match="not a readable"):
        load_dataset(str(path))


def test_paths_that_are_no_files(tmp_path):
    os.makedirs(tmp_path / "folder.npz")
    paths = {
        tmp_path / "absent.npz": "no such file",
        tmp_path / "folder.npz": "is a folder, not a file",
        "~nobody-of-this-name/own.npz": "nobody-of-this-name|home directory",
        "x" * 5000 + ".npz": "cannot be read",
        "with\0nul.npz": "holds a NUL",
    }
    with suppress(AttributeError, OSError):
        os.mkfifo(tmp_path / "pipe.npz")
        paths[tmp_path / "pipe.npz"] = "is no regular file"
    for path, words in paths.items():
        with pytest.raises(DataError, match=words) as found:
            load_dataset(str(path))
        assert len(str(found.value)) < 300
