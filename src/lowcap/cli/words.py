"""What the command line says, on any terminal, and when something is wrong."""

import codecs
import re
import sys
from contextlib import suppress

from rich.console import Console
from rich.markup import escape

_BREAKS = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")
"""What ends a line on some terminal, or does something else there than be seen."""


def complain(message: str) -> None:
    """Print one line on the error stream, if anything can be printed there."""
    line = escape(_BREAKS.sub(" ", message))
    with suppress(OSError):
        Console(stderr=True, soft_wrap=True).print(f"[red]lowcap:[/red] {line}", highlight=False)


def speak_anywhere() -> None:
    """Print what a terminal's encoding lacks as "?", and names of files as they are."""
    codecs.register_error("lowcap", _told)
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="lowcap")  # type: ignore[union-attr]


def _told(error: UnicodeError) -> tuple[bytes, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    lacking = error.object[error.start : error.end]
    told = (bytes([ord(one) - 0xDC00]) if "\udc80" <= one <= "\udcff" else b"?" for one in lacking)
    return b"".join(told), error.end
