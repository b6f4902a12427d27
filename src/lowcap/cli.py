"""The command line: thin, everything it does can be done from Python."""

import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

import tyro
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from lowcap import interrupt
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
    lowcap bench                                how fast is it on this machine?
    lowcap data list                            which data sets are here, whole?"""

_VERDICT_COLOURS = {
    "holds": "green",
    "fails": "red",
    "undecided": "yellow",
    "not measurable this way": "magenta",
    "not measured": "dim",
}


@dataclass(frozen=True)
class Conduct:
    """What all studies share on the command line."""

    data_dir: Path | None = None
    """Look here first for the data sets' files; then in LOWCAP_DATA, the cache, the mirrors."""
    out: Path | None = None
    """The run's directory (default: runs/STUDY-DATASET)."""
    workers: int | None = None
    """Worker processes (default: one a core)."""

    def __call__(self, console: Console) -> int:
        """Run the study; 1 if any cell failed."""
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
        )
        _show(result, console)
        if result.failures:
            count = len(result.failures)
            noun = "cell" if count == 1 else "cells"
            _complain(f"{count} {noun} failed, named above; run the same command to try again")
            return 1
        return 0


@dataclass(frozen=True, kw_only=True)
class LowCapacity(Conduct):
    """Low-capacity networks (arXiv 2507.16278): how small can a network be, and what then?

    For example, on full MNIST under both protocols, and two tasks quickly:
        lowcap run low-capacity --dataset mnist
        lowcap run low-capacity --tasks 0-1 4-9 --seeds 2 --out runs/quick
    """

    settings: Annotated[low_capacity.Settings, tyro.conf.arg(name="")]


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
        from lowcap.studies.study import rebuild

        _show(rebuild(self.run), console)
        return 0


@dataclass(frozen=True)
class Bench:
    """Time the training of populations on this machine, beside scikit-learn and padded vmap.

    Everything runs on the built-in digits, each contender in its best setting on the same cores.
    For example:
        lowcap bench
        lowcap bench grid-32 --repetitions 3
    """

    cases: tyro.conf.Positional[
        tuple[Literal["grid-128", "grid-32", "grid-full", "large", "narrow", "stacked"], ...]
    ] = ("grid-128", "grid-32")
    """What to train."""
    repetitions: int = 5
    """Timed trainings of each contender."""
    out: Path | None = None
    """Write benchmark.json, .svg and .png into this folder."""

    def __call__(self, console: Console) -> int:
        """Run it."""
        from lowcap.bench import CONTENDERS
        from lowcap.bench.command import compare

        slow = {"large": ("scikit-learn",)}
        compare(
            self.cases, CONTENDERS, console, self.out, repetitions=self.repetitions, without=slow
        )
        return 0


@dataclass(frozen=True)
class DataList:
    """Say which data sets are here, where, and whether they are whole.

    For example:
        lowcap data list
        lowcap data list --data-dir ~/datasets
    """

    data_dir: Path | None = None
    """Look here first."""

    def __call__(self, console: Console) -> int:
        """List them."""
        from lowcap.data import BUILT_IN
        from lowcap.data.sources import SOURCES, locate, state

        table = Table(box=None, pad_edge=False)
        for column in ("data set", "what", "state", "where"):
            table.add_column(column, overflow="fold")
        table.add_row(BUILT_IN, "5,000 digits of MNIST, 28 x 28", "built in", "")
        for source in SOURCES.values():
            folder = locate(source, self.data_dir)
            found = state(source, folder) if folder else "missing"
            table.add_row(source.name, source.description, found, str(folder or ""))
        console.print(table)
        return 0


@dataclass(frozen=True)
class DataFetch:
    """Download a data set into the cache, each file checked against its SHA-256.

    For example:
        lowcap data fetch mnist fashion-mnist
    """

    names: tyro.conf.Positional[tuple[Literal["mnist", "fashion-mnist"], ...]]
    """Which data sets."""

    def __call__(self, console: Console) -> int:
        """Fetch them."""
        from lowcap.data.sources import SOURCES, fetch

        if not self.names:
            raise LowcapError(f"name at least one data set: {', '.join(SOURCES)}")
        for name in self.names:
            console.print(f"{name}: whole, in {fetch(SOURCES[name])}", highlight=False)
        return 0


@dataclass(frozen=True)
class DataCheck:
    """Read data sets whole and say what is wrong with them, if anything is.

    Without names, checks every data set that is here. For example:
        lowcap data check mnist --data-dir ~/datasets
        lowcap data check my-images.npz
    """

    names: tyro.conf.Positional[tuple[str, ...]] = ()
    """Names of data sets, or paths of .npz files."""
    data_dir: Path | None = None
    """Look here first."""

    def __call__(self, console: Console) -> int:
        """Check them; 1 if any is damaged."""
        from lowcap.data import BUILT_IN, load_dataset
        from lowcap.data.sources import SOURCES, locate

        here = [name for name, source in SOURCES.items() if locate(source, self.data_dir)]
        damaged = 0
        for name in self.names or (BUILT_IN, *here):
            if name in SOURCES and locate(SOURCES[name], self.data_dir) is None:
                _complain(f"{name}: not here; run 'lowcap data fetch {name}'")
                damaged += 1
                continue
            try:
                data = load_dataset(name, self.data_dir)
            except LowcapError as error:
                _complain(str(error))
                damaged += 1
            else:
                console.print(
                    f"{data.name}: whole; {len(data.labels):,} training and "
                    f"{len(data.test_labels):,} test images of "
                    f"{' x '.join(map(str, data.shape))}, {len(data.classes)} classes",
                    highlight=False,
                )
        return int(damaged > 0)


@dataclass(frozen=True)
class Data:
    """Say which data sets are here, fetch them, check them."""

    action: (
        Annotated[DataList, tyro.conf.subcommand("list")]
        | Annotated[DataFetch, tyro.conf.subcommand("fetch")]
        | Annotated[DataCheck, tyro.conf.subcommand("check")]
    )

    def __call__(self, console: Console) -> int:
        """Do it."""
        return self.action(console)


Command = (
    Annotated[Run, tyro.conf.subcommand("run")]
    | Annotated[Report, tyro.conf.subcommand("report")]
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
        _complain(str(error))
        return 1
    except KeyboardInterrupt:
        _complain("interrupted; what was finished is kept, the same command goes on from there")
        return 130


def _complain(message: str) -> None:
    Console(stderr=True, soft_wrap=True).print(
        f"[red]lowcap:[/red] {escape(message)}", highlight=False
    )


def _show(result, console: Console) -> None:
    """The short table of verdicts, and where the page is."""
    claims = result.claims
    conditions = list(dict.fromkeys(claims["condition"]))
    table = Table(box=None, pad_edge=False)
    for column in ("claim", *conditions):
        table.add_column(column)
    for (claim, reading), rows in claims.groupby(["claim", "reading"], sort=False):
        verdicts = dict(zip(rows["condition"], rows["verdict"], strict=True))
        cells = [
            f"[{_VERDICT_COLOURS[verdicts[c]]}]{verdicts[c]}[/]" if c in verdicts else ""
            for c in conditions
        ]
        table.add_row(f"{claim} [dim]{reading}[/dim]", *cells)
    console.print(table)
    console.print(f"\nreport: {result.report}", highlight=False)


if __name__ == "__main__":
    sys.exit(main())
