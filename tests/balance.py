"""Which tests stay on one worker of pytest-xdist, and which begin: two workers end together.

A file's tests stay together, so that what they share (a run of a study, compiled code) is made
once. The marker `xdist_group` says the same, but pytest-xdist 3.8 loses it under pytest 9.2,
which no longer takes a test's name from where pytest-xdist writes the group.
"""

from xdist.scheduler import LoadScopeScheduling

DEAREST_FIRST = (
    "tests/studies/transfer/test_study.py",
    "tests/test_cli.py",
    "tests/small/test_cli_small.py",
    "tests/training/test_stopping.py",
    "tests/training/test_fitting.py",
    "tests/runs/test_cluster.py",
    "tests/studies/test_resume.py",
    "tests/small/test_smallest.py",
    "tests/studies/sensitivity/test_study.py",
    "tests/training/test_optimizers.py",
    "tests/studies/retraining/test_study.py",
    "tests/small/test_estimators.py",
    "tests/studies/low_capacity/test_study.py",
    "tests/runs/test_faults.py",
    "tests/studies/xor/test_study.py",
    "tests/networks/test_convolutional.py",
    "tests/explorer/test_browser.py",
    "tests/claims/test_rounds.py",
    "tests/measures/test_jacobian.py",
    "tests/studies/low_capacity/test_replay.py",
    "tests/studies/xor/test_descent.py",
    "tests/studies/low_capacity/test_claims.py",
    "tests/studies/low_capacity/test_figures.py",
    "tests/studies/retraining/test_claims.py",
    "tests/training/test_programs.py",
    "tests/studies/transfer/test_claims.py",
    "tests/studies/test_measures_anew.py",
    "tests/bench/test_bench.py",
)
"""Files in the order of the seconds they take, from `pytest --durations`; the others follow."""

APART = ("tests/studies/low_capacity/test_replay.py", "tests/studies/test_resume.py")
"""Files whose tests are long and share nothing: each goes where there is time."""


TOGETHER = {"tests/studies/low_capacity/test_study.py": "tests/test_cli.py"}
"""Files that go to the worker of another, whose run of a study they read."""


class DearestFirst(LoadScopeScheduling):
    """A file at a time, the dearest first."""

    def _split_scope(self, nodeid: str) -> str:
        file = nodeid.split("::", 1)[0]
        return nodeid if file in APART else TOGETHER.get(file, file)

    def schedule(self) -> None:
        """Deal the files out; the order of their tests is the order of the files."""
        self.config.option.loadscopereorder = False
        super().schedule()


def dearest_first(items: list) -> None:
    """Sort collected tests by what their files take."""
    place = {file: number for number, file in enumerate(DEAREST_FIRST)}
    items.sort(key=lambda item: place.get(item.nodeid.split("::", 1)[0], len(place)))
