import io
import sys

from rich.console import Console

from lowcap.runs import progress as progress_module
from lowcap.runs.phases import phase, phases_shown
from lowcap.runs.progress import RunProgress, minutes
from tests.runs.work import Job, cells

NAME = progress_module.__name__


def at(monkeypatch, now):
    monkeypatch.setattr(sys.modules[NAME].time, "monotonic", lambda: now[0])


def test_the_time_left_is_in_proportion_to_the_cost_left(monkeypatch):
    """A cell of cost 2 of 8 took half a minute, so the other six units take a minute and a half."""
    now = [100.0]
    at(monkeypatch, now)
    told = io.StringIO()
    first, *others = cells(Job(2), Job(5), Job(1))
    with RunProgress([first, *others], Console(file=told)) as progress:
        assert progress.line() == "0/3 cells, time left not yet known"
        now[0] += 30
        progress.done(first, 30.0)
        assert progress.line() == "1/3 cells, about 1:30 left"
        now[0] += 30  # the others are in work meanwhile
        assert progress.line() == "1/3 cells, about 1:00 left"
    assert told.getvalue() == "computing 3 cells (a cell is one training with its measures)\n"


def test_without_a_terminal_a_line_is_printed_though_no_cell_ends(monkeypatch):
    monkeypatch.setattr(progress_module, "EVERY", 0.01)
    told = io.StringIO()
    with RunProgress(cells(Job(2)), Console(file=told)) as progress:
        while told.getvalue().count("\n") < 2:  # ends when the line is there
            progress._ended.wait(0.01)
    assert told.getvalue().splitlines()[1] == "0/1 cells, time left not yet known"
    progress._ticker.join(5)
    assert not progress._ticker.is_alive()


def test_a_failed_cell_is_named_and_no_longer_waited_for(monkeypatch):
    now = [0.0]
    at(monkeypatch, now)
    told = io.StringIO()
    one, two = cells(Job(1), Job(2))
    with RunProgress([one, two], Console(file=told)) as progress:
        progress.failed(two, "out of memory")
        now[0] += 5
        progress.done(one, 5.0)
        assert progress.line() == "2/2 cells, about 0:00 left"
    assert "failed number=2: out of memory" in told.getvalue()


def test_phases_are_lines_without_a_terminal_and_silent_without_a_listener():
    told = io.StringIO()
    phase("nobody listens")
    with phases_shown(Console(file=told)):
        phase("loading data")
        phase("")
        phase("judging claims")
    with phases_shown(None):
        phase("neither here")
    assert told.getvalue() == "loading data\njudging claims\n"


def test_a_phase_is_a_line_that_goes_away_on_a_terminal():
    told = io.StringIO()
    console = Console(file=told, force_terminal=True, width=80)
    with phases_shown(console):
        phase("drawing figures")
    assert "drawing figures ..." in told.getvalue()
    assert told.getvalue().rstrip("\n").endswith("\x1b[2K")  # the line was cleared


def test_minutes_are_said_as_people_say_them():
    assert [minutes(seconds) for seconds in (5, 65, 7380)] == ["0:05", "1:05", "2:03:00"]
