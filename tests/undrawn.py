"""Runs whose figures nobody looks at: drawing them takes longer than all else of a small run."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from lowcap.report import rates
from lowcap.studies import publish


@contextmanager
def undrawn() -> Iterator[None]:
    """Publish pages without figures, but for that of known rates of error."""

    @contextmanager
    def rates_alone(sketches, executor):
        kept = [one for one in sketches if one.draw.__module__ == rates.__name__]
        yield lambda: [one.printed() for one in kept]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(publish, "printing", rates_alone)
        patch.setattr(publish, "summed_up", lambda *_: (None, None))
        yield
