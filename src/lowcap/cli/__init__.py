"""The command line: thin, everything it does can be done from Python."""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

import tyro
from rich.console import Console

from lowcap import interrupt
from lowcap.cli.data import Data
from lowcap.cli.words import complain
from lowcap.errors import LowcapError
from lowcap.studies.low_capacity import settings as low_capacity
from lowcap.studies.sensitivity import settings as sensitivity
from lowcap.studies.xor import settings as xor

DESCRIPTION = """\
A laboratory for small neural networks: trains hundreds of them as one matrix
product, and holds every claim of a paper to account on one page.

For example:
    lowcap run low-capacity                     on the built-in 5,000 digits
    lowcap run low-capacity --dataset mnist     on full MNIST
    lowcap run sensitivity                      another paper, on MNIST and Fashion-MNIST
    lowcap run xor                              a third, by exact simulation and on MNIST
    lowcap report runs/low-capacity-mnist       the page again, from the cells
    lowcap calibrate low-capacity               how often do its judges err?
    lowcap bench                                how fast is it on this machine?
    lowcap data list                            which data sets are here, whole?"""


@dataclass(frozen=True)
class Conduct:
    """What all studies share on the command line."""

    data_dir: Path | None = None
    """Look here first for the data sets' files; then in LOWCAP_DATA, the cache, the mirrors."""
    out: Path | None = None
    """The run's directory (default: runs/STUDY-DATASET)."""
    workers: int | None = None
    """Worker processes (default: one a core)."""
    claims: Annotated[tuple[str, ...], tyro.conf.arg(metavar="CLAIM ...")] = ()
    """Judge these claims alone, and compute only what they need. Their names stand on the page."""

    def __call__(self, console: Console) -> int:
        """Run the study; 1 if any cell failed."""
        from lowcap.report.terminal import show
        from lowcap.studies import find
        from lowcap.studies.study import conduct

        settings = getattr(self, "settings")  # noqa: B009 - each study has its own kind
        result = conduct(
            find(settings.study),
            settings,
            self.out,
            data_dir=self.data_dir,
            workers=self.workers,
            console=console,
            until_decided=getattr(self, "until_decided", None),
            claims=self.claims,
        )
        show(result, console)
        if result.failures:
            count = len(result.failures)
            noun = "cell" if count == 1 else "cells"
            complain(f"{count} {noun} failed, named above; run the same command to try again")
            return 1
        return 0


@dataclass(frozen=True, kw_only=True)
class LowCapacity(Conduct):
    """Low-capacity networks (arXiv 2507.16278): how small can a network be, and what then?

    For example, on full MNIST under all protocols, and two tasks quickly:
        lowcap run low-capacity --dataset mnist
        lowcap run low-capacity --tasks 0-1 4-9 --seeds 2 --out runs/quick
    """

    settings: Annotated[low_capacity.Settings, tyro.conf.arg(name="")]
    until_decided: Annotated[float | None, tyro.conf.arg(metavar="MINUTES")] = None
    """Then add seeds where main verdicts are undecided, for at most so many minutes: up to four
    looks at the data, each with twice the seeds, which share one error rate."""


@dataclass(frozen=True, kw_only=True)
class Sensitivity(Conduct):
    """Sensitivity and generalization (arXiv 1802.08760): Jacobian norms and linear regions.

    For example, on MNIST and Fashion-MNIST, and a quick look at the built-in digits:
        lowcap run sensitivity
        lowcap run sensitivity --dataset mnist-5k
    """

    settings: Annotated[sensitivity.Settings, tyro.conf.arg(name="")]


@dataclass(frozen=True, kw_only=True)
class Xor(Conduct):
    """Larger models and the XOR problem (arXiv 1810.03037): bounds, exact runs, compression.

    For example, and a quick look without MNIST's files:
        lowcap run xor
        lowcap run xor --dataset mnist-5k --runs 20000 --seeds 2
    """

    settings: Annotated[xor.Settings, tyro.conf.arg(name="")]


@dataclass(frozen=True)
class Run:
    """Run a study: train its networks, measure them, judge the paper's claims, write the page.

    What an earlier run of the same directory has finished is kept, so the same command again
    computes only what is missing: after an interruption, or after adding tasks or seeds.

    For example:
        lowcap run low-capacity --dataset mnist
        lowcap run sensitivity --dataset mnist-5k
        lowcap run xor

    The directory then holds report.html, claims.parquet, tables/*.parquet and figures/*.
    """

    study: (
        Annotated[LowCapacity, tyro.conf.subcommand("low-capacity")]
        | Annotated[Sensitivity, tyro.conf.subcommand("sensitivity")]
        | Annotated[Xor, tyro.conf.subcommand("xor")]
    )

    def __call__(self, console: Console) -> int:
        """Run it."""
        return self.study(console)


@dataclass(frozen=True)
class Report:
    """Rebuild a run's tables, verdicts, figures and page from its finished cells alone.

    Needs neither the data set nor any training. For example:
        lowcap report runs/low-capacity-mnist
    """

    run: tyro.conf.Positional[Path]
    """The run's directory."""

    def __call__(self, console: Console) -> int:
        """Rebuild it."""
        from lowcap.report.terminal import show
        from lowcap.studies.study import rebuild

        show(rebuild(self.run), console)
        return 0


@dataclass(frozen=True)
class Calibrate:
    """Find how often a study's judges err: simulate runs whose truth is known, count verdicts.

    Simulated runs have the spread and the numbers of seeds of a real one, whose page then shows
    the rates. For example:
        lowcap calibrate low-capacity
        lowcap calibrate low-capacity --run runs/low-capacity-mnist --claims hard-task-pruning
        lowcap calibrate low-capacity --looks
    """

    study: tyro.conf.Positional[str]
    """low-capacity, sensitivity or xor."""
    run: Annotated[Path | None, tyro.conf.arg(metavar="PATH")] = None
    """The run's directory (default: the usual one of the study in runs/, or its newest)."""
    simulations: int = 400
    """Runs simulated in each world: where the truth is at the bound, clear, or mixed."""
    claims: tuple[str, ...] = ()
    """Only the judges of these claims."""
    primary: Annotated[bool, tyro.conf.FlagCreatePairsOff] = False
    """Only primary readings, which are the ones that count."""
    looks: Annotated[bool, tyro.conf.FlagCreatePairsOff] = False
    """Try the procedure of --until-decided, which looks again with more seeds."""
    out: Annotated[Path | None, tyro.conf.arg(metavar="FILE.csv")] = None
    """Also add the rates of this design to a table such as the one that ships with lowcap."""
    workers: Annotated[int | None, tyro.conf.arg(metavar="INT")] = None
    """Worker processes (default: one a core)."""

    def __call__(self, console: Console) -> int:
        """Calibrate."""
        from lowcap.report.terminal import show_rates
        from lowcap.studies import find
        from lowcap.studies.calibration import calibrate_run

        found = calibrate_run(
            find(self.study),
            self.run,
            simulations=self.simulations,
            claims=self.claims,
            primary_only=self.primary,
            looks=self.looks,
            out=self.out,
            workers=self.workers,
            console=console,
        )
        show_rates(found, console)
        return 0


@dataclass(frozen=True)
class Bench:
    """Time the training of populations on this machine, beside scikit-learn and padded vmap.

    Everything runs on data that come along, each contender in its best setting on the same cores.
    "digits" and "table" search over sizes by cross-validation on scikit-learn's own small tables,
    with compiled code at hand and from a cold start.
    For example:
        lowcap bench
        lowcap bench grid-32 --repetitions 3
    """

    cases: tyro.conf.Positional[
        tuple[
            Literal[
                "grid-128", "grid-32", "grid-full", "large", "narrow", "stacked", "digits", "table"
            ],
            ...,
        ]
    ] = ("grid-128", "grid-32")
    """What to train."""
    repetitions: int = 5
    """Timed trainings of each contender."""
    out: Path | None = None
    """Write benchmark.json, .svg and .png into this folder."""

    def __call__(self, console: Console) -> int:
        """Run it."""
        from lowcap.bench.command import compare
        from lowcap.bench.contenders import CONTENDERS

        compare(self.cases, CONTENDERS, console, self.out, repetitions=self.repetitions)
        return 0


Command = (
    Annotated[Run, tyro.conf.subcommand("run")]
    | Annotated[Report, tyro.conf.subcommand("report")]
    | Annotated[Calibrate, tyro.conf.subcommand("calibrate")]
    | Annotated[Bench, tyro.conf.subcommand("bench")]
    | Annotated[Data, tyro.conf.subcommand("data")]
)


def main(arguments: list[str] | None = None) -> int:
    """Run the command line; returns the exit status."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    interrupt.listen()
    try:
        command = tyro.cli(
            Command,  # type: ignore[arg-type] - a union is a type to tyro
            prog="lowcap",
            description=DESCRIPTION,
            args=arguments,
            config=(
                tyro.conf.OmitArgPrefixes,
                tyro.conf.OmitSubcommandPrefixes,
            ),
        )
        return command(Console(soft_wrap=True))
    except LowcapError as error:
        complain(str(error))
        return 1
    except KeyboardInterrupt:
        complain("interrupted; what was finished is kept, the same command goes on from there")
        return 130
