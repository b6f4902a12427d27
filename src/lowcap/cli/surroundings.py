"""What a process needs of the system around it: streams to speak on, and room for addresses."""

import errno
import os
import sys
import warnings
from contextlib import suppress

from lowcap.errors import LowcapError
from lowcap.memory import in_words

LEAST_ADDRESSES = 4 * 10**9
"""Bytes of addresses that a process needs: JAX reserves more than it uses (measured: 3.0 GB)."""

_WRITING = (errno.ENOSPC, errno.EIO, errno.EPIPE, errno.EBADF)
"""What a write may end with, whose errors name no file."""


def check_surroundings() -> None:
    """Refuse a process that could not say what it finds, or not load what it needs.

    Raises:
        LowcapError: standard output is closed, or too few addresses are allowed.
    """
    # joblib says so where shared memory cannot be written; lowcap starts no processes by it.
    warnings.filterwarnings("ignore", message=".*joblib will operate in serial mode")
    if sys.stdout is None:
        raise LowcapError("standard output is closed; send it somewhere, such as >/dev/null")
    allowed = _addresses()
    if allowed is not None and allowed < LEAST_ADDRESSES:
        raise LowcapError(
            f"this process may have {in_words(allowed)} of addresses and needs "
            f"{in_words(LEAST_ADDRESSES)}; raise the limit (ulimit -v)"
        )


def _addresses() -> int | None:
    """Bytes of addresses that this process may have; None for as many as there are."""
    try:
        import resource  # not on every system
    except ImportError:
        return None
    soft, _ = resource.getrlimit(resource.RLIMIT_AS)
    return None if soft == resource.RLIM_INFINITY else soft


def say_the_rest() -> None:
    """Write what waits in standard output.

    Raises:
        LowcapError: it cannot be written.
    """
    try:
        sys.stdout.flush()
    except (OSError, ValueError) as error:
        _hush()
        reason = getattr(error, "strerror", None) or str(error)
        raise LowcapError(f"standard output cannot be written ({reason})") from error


def of_the_system(error: OSError) -> str:
    """What the system refused, in words that name the file, or else the stream."""
    reason = error.strerror or str(error) or type(error).__name__
    if error.filename is not None:
        return f"{error.filename}: {reason}"
    if error.errno in _WRITING:
        _hush()  # it may be what failed
        return f"standard output, or a file, cannot be written ({reason})"
    return f"the system refused what was needed ({reason})"


def _hush() -> None:
    """Send standard output nowhere, so that the end of the process does not fail at it again."""
    with suppress(OSError, ValueError, AttributeError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
        os.close(nowhere)
