"""`lowcap small`, `lowcap export` and `lowcap check`: from a user's table to a chip."""

import shlex
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import tyro
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from lowcap.cli.words import complain
from lowcap.errors import RunError, SettingsError
from lowcap.studies.settings import otherwise

if TYPE_CHECKING:
    from lowcap.small.export.checking import Checked
    from lowcap.small.request import Request
    from lowcap.small.run import Outcome

MOST_LINES = 24
"""Lines on columns that are printed; the page has all of them."""


@dataclass(frozen=True)
class Small:
    """Find how small a network for a table can be, and write its page.

    Reads CSV (commas, a header, UTF-8), Parquet, or .npz with x and y, or images and labels.
    Numbers, categories and gaps are welcome; what is done to each column is printed, and exported
    with the network. Without a test file a fifth of the rows is put aside: nothing is chosen on it.

    For example:
        lowcap small breast-cancer
        lowcap small data.csv --target label
        lowcap small data.csv --target label --at-least 0.95 --group patient --test later.csv
        lowcap small data.csv --target label --budget flash=2kB ram=256B

    The directory then holds answer.json, frontier.parquet, report.html, explorer.html (a page to
    play with), and the networks, which `lowcap export` writes as C, ONNX and safetensors.
    """

    data: Annotated[str, tyro.conf.Positional, tyro.conf.arg(metavar="FILE")]
    """A .csv, .parquet or .npz file; or breast-cancer, diabetes, digits, iris or wine, which ship
    with scikit-learn."""
    target: Annotated[str | None, otherwise("that of .npz and shipped tables", "COLUMN")] = None
    """The column to predict; of .csv and .parquet it must be given."""
    out: Annotated[Path | None, otherwise("runs/small-FILE", "RUN")] = None
    """The run's directory."""
    tolerance: Annotated[float | None, otherwise(".02; .05 of R squared", "SCORE")] = None
    """How far below the largest network's score is good enough."""
    at_least: Annotated[float | None, otherwise("as --tolerance says", "SCORE")] = None
    """The score that is good enough, instead."""
    metric: Annotated[str | None, otherwise("balanced_accuracy of labels, r2 of numbers")] = None
    """As scikit-learn names it: balanced_accuracy, accuracy, f1, f1_macro, roc_auc, neg_log_loss;
    r2, neg_root_mean_squared_error, neg_mean_absolute_error."""
    positive: Annotated[str | None, otherwise("the second label in order", "LABEL")] = None
    """The label that f1 is of: the one whose rows are to be found."""
    kind: Annotated[
        Literal["binary", "classes", "regression"] | None,
        otherwise("a number if some are not whole, else labels"),
    ] = None
    """What the target is."""
    group: Annotated[str | None, otherwise("each row stands alone", "COLUMN")] = None
    """Rows that are equal here, such as those of one patient, stay on one side of any division."""
    drop: Annotated[tuple[str, ...], otherwise("none", "COLUMN ...")] = ()
    """Columns to leave out."""
    test: Annotated[Path | None, otherwise("a fifth of the rows", "FILE")] = None
    """Rows that nothing is learned from or chosen on."""
    budget: Annotated[tuple[str, ...], otherwise("no limit", "flash=2kB|ram=256B ...")] = ()
    """What the network may take on the chip, instructions and stack apart; `lowcap check` holds
    these against it too."""
    bits: Literal[8, 32] = 8
    """Whole numbers of 8 bits or floating point, as it will be exported."""
    minutes: float = 5.0
    """About how long it may take: repeats and sparsities that do not fit are left out, which is
    said. The first repeat and the networks to keep are always finished, however long they take."""
    sizes: Annotated[tuple[int, ...], otherwise("0 to 64", "INT ...")] = ()
    """Hidden sizes to try; 0 is a linear model, the largest the reference."""
    folds: int = 5
    """Of each cross-validation."""
    repeats: int = 4
    """How often rows are divided into folds anew, if there is time."""

    def __call__(self, console: Console) -> int:
        """Find it."""
        from lowcap.small.export.manifest import PAGE
        from lowcap.small.frontier import read_budget
        from lowcap.small.request import Request
        from lowcap.small.search.settings import SIZES, Settings

        request = Request(
            self.data,
            self.target,
            self.group,
            self.drop,
            None if self.test is None else str(self.test),
            self.kind,
            self.metric,
            self.tolerance,
            self.at_least,
            read_budget(self.budget),
            self.bits,
            self.minutes,
            Settings(sizes=self.sizes or SIZES, folds=self.folds, repeats=self.repeats),
            self.positive,
        )
        out = Path("runs") / f"small-{Path(self.data).stem}" if self.out is None else self.out
        try:
            found = _conducted(request, out, console)
        except KeyboardInterrupt:
            complain("interrupted; nothing was written")
            return 130
        console.print(f"\nreport: {found.out / 'report.html'}", highlight=False, markup=False)
        if (played := found.out / PAGE).is_file():
            console.print(f"explore: {played}", highlight=False, markup=False)
        console.print(f"export: lowcap export {found.out}\n", highlight=False, markup=False)
        for line in found.lines:
            console.print(line, highlight=False, markup=False)
        return 0


def _conducted(request: "Request", out: Path, console: Console) -> "Outcome":
    """Conduct a run, with a bar on a terminal and a line for what is done to rows and columns."""
    from lowcap.cli.explore import page_of_small
    from lowcap.data.sources import cache_dir
    from lowcap.runs.worker import keep_compiled
    from lowcap.small.run import conduct

    keep_compiled(cache_dir() / "compiled")
    said: list[str] = []
    with _bar(console) as bar:
        task = bar.add_task("reading", total=None)

        def watch(what: str, done: int, of: int) -> None:
            bar.update(task, description=what, completed=done, total=of)

        def say(line: str) -> None:
            said.append(line)
            if len(said) <= MOST_LINES:
                console.print(f"  {line}", highlight=False, markup=False)

        found = conduct(
            request, out, say=say, watch=watch, command=_command(), explorer=page_of_small
        )
    if len(said) > MOST_LINES:
        console.print(f"  ... {len(said) - MOST_LINES} more lines, on the page")
    return found


def _bar(console: Console) -> Progress:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    return Progress(
        *columns, TimeElapsedColumn(), console=console, transient=True,
        disable=not console.is_terminal,
    )  # fmt: skip


def _command() -> str:
    """How the program was called, if it was called as lowcap."""
    name, *rest = sys.argv
    return shlex.join(["lowcap", *rest]) if Path(name).name in ("lowcap", "__main__.py") else ""


@dataclass(frozen=True)
class Export:
    """Write a network of a run as C, ONNX, safetensors or a page, with all its columns need.

    Written are the network of the answer, or one of another size and sparsity, in RUN/export:
    model.h and test_vectors.h (C99 without a library), model.onnx, model.safetensors and
    model.json, model.html (a page on which to change the columns and see what the network says),
    and manifest.json with every file's SHA-256.

    For example:
        lowcap export runs/small-data
        lowcap export runs/small-data --to c html --size 8 --sparsity 0.9
    """

    run: tyro.conf.Positional[Path]
    """The run's directory."""
    to: Annotated[
        tuple[Literal["c", "onnx", "safetensors", "html"], ...] | None,
        otherwise("all, onnx where its package is installed", "FORMAT ..."),
    ] = None
    """Formats: c, onnx (needs pip install 'lowcap[export]'), safetensors, html."""
    size: Annotated[int | None, otherwise("the answer's")] = None
    """Hidden units."""
    sparsity: Annotated[float | None, otherwise("the answer's")] = None
    """The share of weights that is gone."""
    bits: Annotated[Literal[8, 32] | None, otherwise("the run's")] = None
    """Of the C code and the page; other formats hold floating point."""
    out: Annotated[Path | None, otherwise("RUN/export")] = None
    """Where to."""

    def __call__(self, console: Console) -> int:
        """Write it."""
        from lowcap.small.export.folder import available, export
        from lowcap.small.export.manifest import sensible_budget
        from lowcap.small.frontier import cost
        from lowcap.small.kept import read_kept

        if self.to is not None and not self.to:
            raise SettingsError("name at least one format: c, onnx, safetensors, html")
        kept = read_kept(self.run)
        model = kept.chosen(self.size, self.sparsity)
        exported = kept.exported(model, self.bits or int(kept.answer["bits"]))
        out = self.run / "export" if self.out is None else self.out
        budget = sensible_budget(kept.answer.get("budget"))
        export(exported, out, kept.vectors, kept.data, self.to or available(), budget)
        flash, ram = cost(exported).flash_bytes, cost(exported).ram_bytes
        console.print(
            f"{out}: {', '.join(sorted(path.name for path in out.iterdir()))}", highlight=False,
            markup=False,
        )  # fmt: skip
        console.print(
            f"{flash:,} bytes of flash and {ram:,} of RAM, the code's own apart", highlight=False
        )
        return 0


@dataclass(frozen=True)
class Check:
    """Compile exported C code, run its test vectors on each chip, and measure it.

    Chips are this machine (host) and, in simulators, a Cortex-M0, which stands for the M0+ too, a
    Cortex-M3 and an ATmega328P, as far as their compilers are installed. Where the run has a
    budget, a line says whether all that was measured fits: code, stack and inputs too.

    For example:
        lowcap check runs/small-data
        lowcap check runs/small-data --chip cortex-m3
    """

    run: tyro.conf.Positional[Path]
    """The run's directory, or that of an export."""
    chip: Annotated[
        Literal["host", "cortex-m0", "cortex-m0plus", "cortex-m3", "atmega328p"] | None,
        otherwise("all of them"),
    ] = None
    """Which chip."""

    def __call__(self, console: Console) -> int:
        """Check it; 1 if anything was wrong."""
        from lowcap.small.export.checking import check
        from lowcap.small.export.fits import beside_budget
        from lowcap.small.export.manifest import read_kept_budget, verify
        from lowcap.small.kept import ANSWER

        inner = self.run / "export"
        folder = inner if inner.is_dir() else self.run
        if folder == self.run and (folder / ANSWER).is_file():
            raise RunError(f"{folder}: nothing is exported yet; run 'lowcap export {folder}'")
        verify(folder)
        # The M0+ has the M0's instructions.
        chip = "cortex-m0" if self.chip == "cortex-m0plus" else self.chip
        found, budget = check(folder, chip), read_kept_budget(folder)
        for one in found:
            console.print(_checked(one), highlight=False, markup=False)
            if beside := beside_budget(one, budget):
                console.print(beside, highlight=False, markup=False)
        wanted = [one for one in found if one.installed or self.chip is not None]
        return int(not wanted or not all(one.passed for one in wanted))


def _checked(one: "Checked") -> str:
    """What came of one chip, in a line."""
    if one.trouble:
        return one.trouble
    right = one.vectors - one.mismatches
    steps = "" if one.steps is None else f"; {one.steps:,.0f} {one.counted} a prediction"
    library = f" and {one.library_bytes:,} of the compiler's library" if one.library_bytes else ""
    return (
        f"{one.chip}: {right:,} of {one.vectors:,} test vectors right; {one.flash_bytes:,} bytes "
        f"of flash with the code{library}, {one.ram_bytes:,} of RAM{steps}"
    )
