"""The command line: thin, everything it does can be done from Python."""

import atexit
import os
import sys
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

import tyro
from rich.console import Console

from lowcap import interrupt
from lowcap.cli.data import Data
from lowcap.cli.explore import Explore
from lowcap.cli.optional import optional_values
from lowcap.cli.run import Run
from lowcap.cli.small import Check, Export, Small
from lowcap.cli.surroundings import check_surroundings, of_the_system, say_the_rest
from lowcap.cli.verify import Verify
from lowcap.cli.words import complain, speak_anywhere
from lowcap.errors import LowcapError, SettingsError
from lowcap.studies import NAMES
from lowcap.studies.settings import otherwise

DESCRIPTION = """\
A laboratory for small neural networks: trains hundreds of them as one matrix
product, and holds every claim of a paper to account on one page.

For example:
    lowcap run low-capacity                     on the built-in 5,000 digits
    lowcap run low-capacity --dataset mnist     on full MNIST
    lowcap run sensitivity                      another paper, on MNIST and Fashion-MNIST
    lowcap run xor                              a third, by exact simulation and on MNIST
    lowcap run pairs                            the first paper's pairs, all 45 of them
    lowcap run transfer                         its claims on other data and architectures
    lowcap small data.csv --target label        how small can a network for your own data be?
    lowcap export runs/small-data               that network as C, ONNX and safetensors
    lowcap check runs/small-data                its C code compiled, run and measured
    lowcap report runs/low-capacity-mnist       the page again, from the cells
    lowcap verify runs/low-capacity-mnist       is everything as it was written?
    lowcap explore runs/low-capacity-mnist      a page to play with: draw, prune, train
    lowcap calibrate low-capacity               how often do its judges err?
    lowcap bench                                how fast is it on this machine?
    lowcap data list                            which data sets are here, whole?"""


MOST_REPETITIONS = 1000
"""Of a timed training."""


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
        _make_ready(self.run)
        from lowcap.report.terminal import show
        from lowcap.studies.study import rebuild

        show(rebuild(self.run), console)
        return 0


def _make_ready(run: Path) -> None:
    """Let the processes that will draw a run's figures import what they need, beside this one."""
    from lowcap.json_files import read_json
    from lowcap.studies.drawing import make_ready

    with suppress(OSError, ValueError):  # what is wrong is said later
        study = read_json(run / "run.json").get("study")
        make_ready(study if isinstance(study, str) else "")


@dataclass(frozen=True)
class Calibrate:
    """Find how often a study's judges err: simulate runs whose truth is known, count verdicts.

    Simulated runs have the spread and the numbers of seeds of a real one, whose page then shows
    the rates. For example:
        lowcap calibrate low-capacity
        lowcap calibrate low-capacity --run runs/low-capacity-mnist --claims hard-task-pruning
        lowcap calibrate low-capacity --looks
    """

    study: Annotated[
        str, tyro.conf.Positional, tyro.conf.arg(metavar="|".join(NAMES), help="Whose judges.")
    ]
    run: Annotated[Path | None, otherwise("the usual one of the study in runs/, or its newest")] = (
        None
    )
    """The run's directory."""
    simulations: int = 400
    """Runs simulated in each world: where the truth is at the bound, clear, or mixed."""
    claims: Annotated[tuple[str, ...], otherwise("all", "CLAIM ...")] = ()
    """Only the judges of these claims."""
    primary: Annotated[bool, tyro.conf.FlagCreatePairsOff] = False
    """Only primary readings, which are the ones that count."""
    looks: Annotated[bool, tyro.conf.FlagCreatePairsOff] = False
    """Try the procedure of --until-decided, which looks again with more seeds."""
    out: Annotated[Path | None, otherwise("the run alone has them", "FILE.csv")] = None
    """Also add the rates of this design to a table such as the one that ships with lowcap."""
    workers: Annotated[int | None, otherwise("one a core")] = None
    """Worker processes."""

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
    with compiled code at hand and from a cold start. "retrain" prunes networks in forty rounds and
    trains on after each, beside dense networks trained for as many steps.
    For example:
        lowcap bench
        lowcap bench grid-32 --repetitions 3
    """

    cases: tyro.conf.Positional[
        tuple[
            Literal[
                "grid-128",
                "grid-32",
                "grid-full",
                "large",
                "narrow",
                "stacked",
                "digits",
                "table",
                "retrain",
            ],
            ...,
        ]
    ] = ("grid-128", "grid-32")
    """What to train."""
    repetitions: int = 5
    """Timed trainings of each contender."""
    out: Annotated[Path | None, otherwise("nothing is written")] = None
    """Write benchmark.json, .svg and .png into this folder."""

    def __call__(self, console: Console) -> int:
        """Run it."""
        from lowcap.bench.command import compare
        from lowcap.bench.contenders import CONTENDERS

        if not 1 <= self.repetitions <= MOST_REPETITIONS:
            raise SettingsError(
                f"--repetitions {self.repetitions}: must be from 1 to {MOST_REPETITIONS:,}"
            )
        compare(self.cases, CONTENDERS, console, self.out, repetitions=self.repetitions)
        return 0


Command = (
    Annotated[Run, tyro.conf.subcommand("run")]
    | Annotated[Report, tyro.conf.subcommand("report")]
    | Annotated[Verify, tyro.conf.subcommand("verify")]
    | Annotated[Explore, tyro.conf.subcommand("explore")]
    | Annotated[Calibrate, tyro.conf.subcommand("calibrate")]
    | Annotated[Bench, tyro.conf.subcommand("bench")]
    | Annotated[Data, tyro.conf.subcommand("data")]
    | Annotated[Small, tyro.conf.subcommand("small")]
    | Annotated[Export, tyro.conf.subcommand("export")]
    | Annotated[Check, tyro.conf.subcommand("check")]
)


def main(arguments: list[str] | None = None) -> int:
    """Run the command line; returns the exit status."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    interrupt.listen()
    try:
        return _told(arguments)
    except KeyboardInterrupt:
        interrupt.ignore()
        complain("interrupted; what was finished is kept, the same command goes on from there")
        if arguments is None:
            atexit.register(_leave)
        return 130


def _told(arguments: list[str] | None) -> int:
    """Run it, and say in one line what a user or the system around can mend."""
    try:
        check_surroundings()
        speak_anywhere()
        return _run(arguments)
    except LowcapError as error:
        complain(str(error))
    except MemoryError as error:
        complain(f"there is not enough memory ({str(error) or 'none is left'})")
    except OSError as error:
        complain(of_the_system(error))
    return 1


def _run(arguments: list[str] | None) -> int:
    given = sys.argv[1:] if arguments is None else arguments
    if wrong := next((one for one in given if "\0" in one), None):
        raise SettingsError(f"{wrong}: no option may hold a NUL")
    try:
        command = tyro.cli(
            Command,  # type: ignore[arg-type] - a union is a type to tyro
            prog="lowcap",
            description=DESCRIPTION,
            args=arguments,
            registry=optional_values(),
            config=(
                tyro.conf.OmitArgPrefixes,
                tyro.conf.OmitSubcommandPrefixes,
            ),
        )
    except SystemExit:  # help was asked for, or is needed
        say_the_rest()
        raise
    from lowcap.runs.phases import phases_shown  # pandas comes with it

    console = Console(soft_wrap=True)
    with phases_shown(console):
        status = command(console)
    say_the_rest()
    return status


def _leave() -> None:
    """End the process without tidying its memory up, which takes JAX a second."""
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, ValueError):
            stream.flush()
    os._exit(130)
