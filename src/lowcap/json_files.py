"""JSON as lowcap writes it, read back strictly: what a damaged or foreign file says is not guessed.

Refused, beside what is no JSON at all, are names that stand twice, numbers that are none, text that
is not UTF-8, nesting that no file of ours has, and anything but an object at the top.
"""

import json
import math
from pathlib import Path
from typing import Any

MOST_BYTES = 2**26
"""Of a file that is read; ours are a thousand times smaller."""


def read_json(path: Path) -> dict[str, Any]:
    """The object that a file holds.

    Raises:
        OSError: it is not there, or cannot be read.
        ValueError: it holds something else; one line says what.
    """
    if path.exists() and not path.is_file():
        raise ValueError("it is no regular file")
    with path.open("rb") as stream:
        content = stream.read(MOST_BYTES + 1)
    if len(content) > MOST_BYTES:
        raise ValueError(f"it is longer than {MOST_BYTES:,} bytes")
    return parse_json(content)


def parse_json(content: bytes) -> dict[str, Any]:
    """The object that UTF-8 text holds.

    Raises:
        ValueError: it holds something else; one line says what.
    """
    try:
        found = json.loads(
            content.decode("utf-8"),
            object_pairs_hook=_object,
            parse_constant=_no_number,
            parse_float=_finite,
        )
    except RecursionError:
        raise ValueError("it is nested too deeply") from None
    if not isinstance(found, dict):
        raise ValueError("it holds no object")
    return found


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"'{twice}' stands in it twice")
    return found


def _no_number(name: str) -> float:
    raise ValueError(f"{name} is no number")


def _finite(text: str) -> float:
    value = float(text)
    if not math.isfinite(value):
        raise ValueError(f"{text[:20]} is too large")
    return value
