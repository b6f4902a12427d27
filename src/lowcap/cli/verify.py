"""`lowcap verify`: is a run whole and as it was written?"""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import tyro
from rich.console import Console

from lowcap.cli.words import complain


@dataclass(frozen=True)
class Verify:
    """Check every file of a run, and say in a line each what is wrong.

    Cells, tables, verdicts, figures and page are held against the SHA-256 that was noted when they
    were written; directories of `lowcap small` and `lowcap export` too.

    For example:
        lowcap verify runs/low-capacity-mnist
        lowcap verify runs/low-capacity-mnist --repair
    """

    run: tyro.conf.Positional[Path]
    """The run's directory."""
    repair: Annotated[bool, tyro.conf.FlagCreatePairsOff] = False
    """Remove what is damaged, so that the same `lowcap run` or `lowcap report` makes it again."""

    def __call__(self, console: Console) -> int:
        """Verify; 1 if anything is wrong."""
        from lowcap.small.verifying import holds_small, verify_small
        from lowcap.studies.verifying import verify_run

        verify = verify_small if holds_small(self.run) else verify_run
        wrong = verify(self.run, mend=self.repair)
        for one in wrong:
            complain(str(one))
        if not wrong:
            console.print(f"{self.run}: everything is as it was written{_unfinished(self.run)}",
                          highlight=False)  # fmt: skip
        elif self.repair:
            console.print("what was damaged is removed; run the same command again",
                          highlight=False)  # fmt: skip
        return int(bool(wrong))


def _unfinished(run: Path) -> str:
    """What to add for a run that was interrupted, or goes on elsewhere."""
    from lowcap.runs.store import RUNNING

    return "; the run is not finished, the same command goes on" if (run / RUNNING).exists() else ""
