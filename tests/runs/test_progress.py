import io
import sys

from rich.console import Console

from lowcap.runs.progress import RunProgress
from tests.runs.work import Job, cells


def test_the_time_left_is_in_proportion_to_the_cost_left(monkeypatch):
    """A cell of cost 2 of 8 took half a minute, so the other six units take a minute and a half."""
    now = [100.0]
    monkeypatch.setattr(sys.modules["lowcap.runs.progress"].time, "monotonic", lambda: now[0])
    told = io.StringIO()
    first, *others = cells(Job(2), Job(5), Job(1))
    with RunProgress([first, *others], Console(file=told)) as progress:
        now[0] += 30
        progress.done(first, 30.0)
    assert told.getvalue() == "1/3 cells, about 1:30 left\n"
