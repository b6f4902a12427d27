"""Runs whose figures nobody looks at: drawing them takes longer than all else of a small run."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from lowcap.studies import publish


@contextmanager
def undrawn() -> Iterator[None]:
    """Publish pages without figures."""

    @contextmanager
    def nothing(sketches, executor):
        yield list

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(publish, "printing", nothing)
        patch.setattr(publish, "summed_up", lambda *_: (None, None))
        yield
