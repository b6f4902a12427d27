"""What the command line says, on any terminal, and when something is wrong."""

import codecs
import sys

from rich.console import Console
from rich.markup import escape


def complain(message: str) -> None:
    """Print one line on the error stream."""
    Console(stderr=True, soft_wrap=True).print(
        f"[red]lowcap:[/red] {escape(message)}", highlight=False
    )


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
