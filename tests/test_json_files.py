"""JSON is read strictly: what lowcap never writes is refused in one line."""

import os

import pytest

from lowcap import json_files
from lowcap.json_files import parse_json, read_json


def test_what_was_written_is_read():
    assert parse_json('{"a": [1, 2.5, null, "é"], "b": {}}'.encode()) == {
        "a": [1, 2.5, None, "é"],
        "b": {},
    }


STRANGE = {
    "nothing": b"",
    "cut short": b'{"a": ',
    "an array": b"[1]",
    "a number": b"1",
    "null": b"null",
    "not UTF-8": b'{"a": "\xff"}',
    "UTF-16": '{"a": 1}'.encode("utf-16"),
    "a byte order mark": b'\xef\xbb\xbf{"a": 1}',
    "a name twice": b'{"a": 1, "a": 2}',
    "a name twice, deeper": b'{"b": {"a": 1, "a": 2}}',
    "NaN": b'{"a": NaN}',
    "infinity": b'{"a": [-Infinity]}',
    "too large a number": b'{"a": 1e999}',
    "too many digits": b'{"a": ' + b"9" * 5000 + b"}",
    "nested deeply": b'{"a": ' * 100_000 + b"1" + b"}" * 100_000,
    "arrays nested deeply": b'{"a": ' + b"[" * 100_000 + b"]" * 100_000 + b"}",
    "something behind": b'{"a": 1} {"a": 1}',
    "a line break in a text": b'{"a": "\n"}',
    "NULs": b"\0" * 40,
    "single quotes": b"{'a': 1}",
    "a comma too many": b'{"a": 1,}',
}


@pytest.mark.parametrize("content", STRANGE.values(), ids=STRANGE)
def test_anything_else_is_one_line(content):
    with pytest.raises(ValueError) as found:  # noqa: PT011
        parse_json(content)
    assert len(str(found.value).splitlines()) == 1


def test_what_is_no_file_or_too_long_is_not_read(tmp_path, monkeypatch):
    with pytest.raises(ValueError, match="no regular file"):
        read_json(tmp_path)
    if hasattr(os, "mkfifo"):
        os.mkfifo(tmp_path / "pipe")
        with pytest.raises(ValueError, match="no regular file"):
            read_json(tmp_path / "pipe")
    with pytest.raises(FileNotFoundError):
        read_json(tmp_path / "absent")
    (tmp_path / "long.json").write_bytes(b'{"a": "' + b"x" * 100 + b'"}')
    assert read_json(tmp_path / "long.json")
    monkeypatch.setattr(json_files, "MOST_BYTES", 100)
    with pytest.raises(ValueError, match="longer than 100 bytes"):
        read_json(tmp_path / "long.json")
