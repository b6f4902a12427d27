"""What the program says, in the process of the tests, where any warning is an error."""

import contextlib
import io
import warnings
from collections.abc import Iterator


@contextlib.contextmanager
def overheard() -> Iterator[tuple[io.StringIO, io.StringIO]]:
    """Standard output and the error stream of what is called in here; nothing else comes out."""
    said, errors = io.StringIO(), io.StringIO()
    with (
        contextlib.redirect_stdout(said),
        contextlib.redirect_stderr(errors),
        warnings.catch_warnings(),
    ):
        warnings.simplefilter("error")
        yield said, errors
