"""What the figures share: the axis of hidden sizes, labels, words for numbers."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from textwrap import fill

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure as Drawing
from matplotlib.ticker import FixedLocator, NullLocator

from lowcap.claims import Tables
from lowcap.report import INK, QUIET
from lowcap.report.palette import BLUE, GOLD, RED
from lowcap.studies.low_capacity.claims.scores import F1_LEVEL, level_of
from lowcap.studies.low_capacity.protocols import PROTOCOLS
from lowcap.studies.low_capacity.settings import DIGITS, PAIRS

PROTOCOL_COLOURS = dict(zip(PROTOCOLS, (RED, GOLD, BLUE), strict=True))

FEW = 8
"""As many tasks as a figure with a place for each can show."""


@dataclass(frozen=True)
class _OfTasks(Mapping[str, pd.DataFrame]):
    """Tables with only some tasks, each cut when it is asked for."""

    tables: Tables
    tasks: tuple[str, ...]

    def __getitem__(self, name: str) -> pd.DataFrame:
        table = self.tables[name]
        return table[table["task"].isin(self.tasks)]

    def __iter__(self) -> Iterator[str]:
        return iter(self.tables)

    def __len__(self) -> int:
        return len(self.tables)


def few_tasks(tables: Tables, at_most: int = FEW) -> tuple[Tables, str]:
    """The tables with as many tasks as a figure with a place for each can show; and words for it.

    Beyond `at_most`, those of the paper's pairs that are there, or else evenly spaced ones.
    """
    tasks = [str(task) for task in tables["capacity"]["task"].unique()]
    if len(tasks) <= at_most:
        return tables, ""
    shown = [task for task in tasks if task in PAIRS]
    if len(shown) < 2:
        shown = [tasks[i] for i in np.linspace(0, len(tasks) - 1, 5).round().astype(int)]
    return _OfTasks(tables, tuple(shown)), f" Shown are {len(shown)} of the {len(tasks)} tasks."


def by_protocol(table: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """The rows of each protocol, in the order of the study."""
    return {
        name: rows
        for name in PROTOCOLS
        if len(rows := table[(table["protocol"] == name).to_numpy()])
    }


def of_digits(table: pd.DataFrame) -> bool:
    """Whether the table is about digits, so that the paper's numbers belong beside it."""
    return bool(table["dataset"].isin(DIGITS).all())


def shown_sizes(sizes: Sequence[int] | np.ndarray, at_most: int = 6) -> list[int]:
    """A few sizes, from the smallest to the largest: more lines cannot be told apart."""
    every = np.unique(np.asarray(sizes))
    picks = np.unique(np.linspace(0, len(every) - 1, min(at_most, len(every))).round().astype(int))
    return [int(h) for h in every[picks]]


NONE_AT = 0.5
"""Where "0 units", a linear classifier, stands on the logarithmic axis of sizes."""


def size_axis(axes: Axes, sizes: Sequence[int] | np.ndarray, *, with_none: bool = False) -> None:
    """Hidden sizes on a logarithmic axis, each labelled where there is room."""
    every = sorted(set(map(int, sizes)))
    crowded = len(every) > 8
    ticks = [h for h in every if not crowded or np.log2(h) % 1 == 0]
    axes.set_xscale("log", base=2)
    axes.xaxis.set_major_locator(FixedLocator([NONE_AT, *ticks] if with_none else ticks))
    axes.xaxis.set_minor_locator(NullLocator())
    axes.xaxis.set_major_formatter(lambda value, _: "0" if value == NONE_AT else f"{value:g}")
    axes.set_xlabel("hidden size")


def empty(size: tuple[float, float]) -> Drawing:
    """An empty drawing of `size` inches, for grids that `panels` does not make."""
    return Drawing(figsize=size, layout="constrained")


def headed(drawing: Drawing, title: str, note: str) -> None:
    """A title above the drawing and, below it, what its dots rest on; broken to its width."""
    inches = drawing.get_figwidth()
    title, note = fill(title, int(9.5 * inches)), fill(note, int(15.5 * inches))
    drawing.suptitle(title, x=0.01, ha="left", fontsize=11.5, fontweight="bold", color=INK)
    drawing.supxlabel(note, x=0.01, ha="left", fontsize=8, color=QUIET)


def label_ends(
    axes: Axes, ends: Mapping[str, tuple[float, str]], gap: float = 0.068, x: float = 1.015
) -> None:
    """Name lines where they end, at the right edge, instead of in a legend.

    Args:
        axes: with its limits and scale as they will be.
        ends: by name, where the line ends (data) and its colour.
        gap: least distance between two names, as a share of the axis.
        x: where the names start, as a share of the axis.
    """
    to_share = axes.transData.transform, axes.transAxes.inverted().transform
    left = axes.get_xlim()[0]
    heights = {name: to_share[1](to_share[0]((left, y)))[1] for name, (y, _) in ends.items()}
    order = sorted(heights, key=lambda name: heights[name])
    places = spread([float(np.clip(heights[name], 0, 1)) for name in order], gap)
    for name, place in zip(order, places, strict=True):
        axes.text(
            x, place, name, color=ends[name][1], fontsize=8, va="center",
            transform=axes.transAxes, clip_on=False,
        )  # fmt: skip


def spread(heights: Sequence[float], gap: float) -> list[float]:
    """Ascending heights, moved apart as little as needed to be `gap` from one another."""
    groups = [[height] for height in heights]
    i = 0
    while i + 1 < len(groups):
        one, other = groups[i], groups[i + 1]
        if np.mean(other) - np.mean(one) < gap * (len(one) + len(other)) / 2:
            groups[i : i + 2] = [one + other]
            i = max(i - 1, 0)
        else:
            i += 1
    return [
        float(np.mean(group) + gap * (k - (len(group) - 1) / 2))
        for group in groups
        for k in range(len(group))
    ]


def seeds_in_words(table: pd.DataFrame) -> str:
    """How many seeds each protocol has there: "3 seeds published, 10 corrected", or "10 seeds"."""
    parts, of_protocol = [], by_protocol(table)
    for name, rows in of_protocol.items():
        counts = rows.groupby("task")["seed"].nunique()
        low, high = counts.min(), counts.max()
        number = f"{low}" if low == high else f"{low} to {high}"
        unit = (" seed" if high == 1 else " seeds") if not parts else ""
        parts.append(f"{number}{unit} {name}" if len(of_protocol) > 1 else f"{number}{unit}")
    return ", ".join(parts)


def level_in_words(table: pd.DataFrame) -> str:
    """The F1 of a sufficient network: the paper's on digits, else as far above a constant."""
    if of_digits(table) or "constant_f1" not in table:
        return f"{F1_LEVEL:.2f}"
    return f"{level_of(table):.2f}, as far above a constant answer as the paper's {F1_LEVEL:.2f}"


def listed(parts: Sequence[str]) -> str:
    """Words as one enumeration: "a, b and c"."""
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"


def capitalised(sentence: str) -> str:
    """The sentence with a capital letter at its start."""
    return sentence[:1].upper() + sentence[1:]
