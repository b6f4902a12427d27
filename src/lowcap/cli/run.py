"""`lowcap run STUDY`: one command for each study, made from its settings."""

from concurrent.futures import Executor
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from functools import reduce
from inspect import cleandoc
from operator import or_
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Generic, TypeVar

import tyro
from rich.console import Console

from lowcap.cli.words import complain
from lowcap.studies import NAMES, settings_of
from lowcap.studies.settings import StudySettings, otherwise

Settings = TypeVar("Settings", bound=StudySettings)


@dataclass(frozen=True, kw_only=True)
class Conduct(Generic[Settings]):
    """What all studies share on the command line, beside the settings of one."""

    settings: Annotated[Settings, tyro.conf.arg(name="")]
    data_dir: Annotated[Path | None, otherwise("LOWCAP_DATA, the cache, then the mirrors")] = None
    """Look here first for the data sets' files."""
    out: Annotated[Path | None, otherwise("runs/STUDY-DATASET")] = None
    """The run's directory."""
    workers: Annotated[int | None, otherwise("one a GPU, or else one a core")] = None
    """Worker processes."""
    scheduler: Annotated[str | None, otherwise("this machine computes", "tcp://HOST:PORT")] = None
    """Compute on the workers of this Dask scheduler instead, which must be trusted."""
    wait: Annotated[float, tyro.conf.arg(metavar="SECONDS")] = 60.0
    """Stop, with everything kept, when the scheduler has had no worker for so long."""
    memory: Annotated[str | None, otherwise("a share of what is free", "SIZE")] = None
    """What a training may take in each worker, such as 2GB."""
    claims: Annotated[tuple[str, ...], otherwise("all", "CLAIM ...")] = ()
    """Judge these claims alone, and compute only what they need. Their names stand on the page."""

    @property
    def minutes(self) -> float | None:
        """For how long seeds may be added; None for runs that are looked at once."""
        return None

    def __call__(self, console: Console) -> int:
        """Run the study; 1 if any cell failed."""
        from lowcap.cli.explore import add_page
        from lowcap.explorer import EXPLORED
        from lowcap.memory import parse_bytes
        from lowcap.report.terminal import show
        from lowcap.studies import find
        from lowcap.studies.study import conduct

        memory = parse_bytes(self.memory) if self.memory is not None else None
        with self._executor(console) as executor:
            result = conduct(
                find(self.settings.study),
                self.settings,
                self.out,
                data_dir=self.data_dir,
                workers=self.workers,
                executor=executor,
                memory=memory,
                console=console,
                until_decided=self.minutes,
                claims=self.claims,
            )
        show(result, console)
        if self.settings.study in EXPLORED:
            add_page(result.out, console, self.data_dir)
        if result.failures:
            count = len(result.failures)
            noun = "cell" if count == 1 else "cells"
            complain(f"{count} {noun} failed, named above; run the same command to try again")
            return 1
        return 0

    def _executor(self, console: Console) -> AbstractContextManager[Executor | None]:
        """The cluster that was asked for; None for this machine."""
        if self.scheduler is None:
            return nullcontext()
        from lowcap.runs.cluster import ClusterExecutor

        def say(line: str) -> None:
            console.print(f"[red]refused[/red] {line}", highlight=False)

        return ClusterExecutor(self.scheduler, wait=self.wait, say=say)


@dataclass(frozen=True, kw_only=True)
class ConductUntilDecided(Conduct[Settings]):
    """The same of a study to which seeds can be added."""

    until_decided: Annotated[float | None, otherwise("no seeds are added", "MINUTES")] = None
    """Then add seeds where main verdicts are undecided, for at most so many minutes: up to four
    looks at the data, each with twice the seeds, which share one error rate."""

    @property
    def minutes(self) -> float | None:
        """As asked for."""
        return self.until_decided


def _command(name: str) -> Any:
    """The type from which the command of one study is made."""
    settings: Any = settings_of(name)
    kind: Any = ConductUntilDecided if settings.grows else Conduct
    return Annotated[
        kind[settings], tyro.conf.subcommand(name, description=cleandoc(settings.__doc__))
    ]


if TYPE_CHECKING:
    Study = Conduct[Any]
else:
    Study = reduce(or_, map(_command, NAMES))


@dataclass(frozen=True)
class Run:
    """Run a study: train its networks, measure them, judge the paper's claims, write the page.

    What an earlier run of the same directory has finished is kept, so the same command again
    computes only what is missing: after an interruption, or after adding tasks or seeds.

    For example:
        lowcap run low-capacity --dataset mnist
        lowcap run sensitivity --dataset mnist-5k
        lowcap run xor
        lowcap run pairs

    The directory then holds report.html, claims.parquet, tables/*.parquet and figures/*; of
    low-capacity also explorer.html, a page to play with.
    """

    study: Study

    def __call__(self, console: Console) -> int:
        """Run it."""
        return self.study(console)
