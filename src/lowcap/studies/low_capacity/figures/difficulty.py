"""The figure of minimum capacity against a difficulty that no network of the study defines."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from lowcap.claims import Tables
from lowcap.report import INK, QUIET, Figure, panels
from lowcap.studies.low_capacity.claims.scores import percent
from lowcap.studies.low_capacity.figures.common import (
    PROTOCOL_COLOURS,
    by_protocol,
    capitalised,
    headed,
    listed,
    of_digits,
    seeds_in_words,
)
from lowcap.studies.low_capacity.figures.tolerance import choice_of, smallest_within
from lowcap.studies.low_capacity.settings import PAIRS

MARGIN = 0.01
"""F1: a size within it of the best one suffices. Ours, and the same under every protocol."""

PAPERS = {"0-1": (4, 4), "1-7": (10, 10), "5-6": (10, 10), "4-9": (12, 24)}
"""The paper's minimum capacities (sec. 4.2), least and most."""


def drawable(tables: Tables) -> bool:
    """Whether there are two tasks to compare."""
    return "difficulty" in tables and len(tables["difficulty"]["task"].unique()) > 1


def difficulty_figure(tables: Tables) -> Figure:
    """Smallest sufficient size against linear error; the paper's order against a measured one."""
    table, linear = tables["capacity"], tables["difficulty"]
    errors = linear.groupby("task", sort=False)["linear_error"].mean()
    sizes = {
        name: pd.Series(
            {
                str(task): smallest_within(choice, np.array([MARGIN]))[0]
                for task, rows in part.groupby("task", sort=False)
                if len((choice := choice_of(rows)).reported)
            }
        )
        for name, part in by_protocol(table).items()
    }
    ordered = [task for task in PAIRS if task in errors.index] if of_digits(table) else []
    both = len(ordered) > 1
    drawing, grid = panels(1, 1 + both, (5.6 + 4.2 * both, 4.0), width_ratios=(1.4, 1)[: 1 + both])
    _sizes_panel(grid[0][0], errors, sizes, table["hidden"].unique(), papers=bool(ordered))
    if both:
        _order_panel(grid[0][1], errors[ordered])
    handles, labels = grid[0][0].get_legend_handles_labels()
    drawing.legend(handles, labels, loc="outside right upper", title="protocol")
    headed(
        drawing,
        "Do harder tasks need more units?",
        f"Rule: smallest size with a mean F1 within {MARGIN:g} of the best size's. n = "
        f"{seeds_in_words(table)} per size and task; one linear classifier a protocol and task.",
    )
    return Figure(
        "difficulty", "Do harder tasks need more?", _caption(errors, sizes, ordered), drawing
    )


def _sizes_panel(
    axes: Axes,
    errors: pd.Series,
    sizes: dict[str, pd.Series],
    grid: np.ndarray,
    *,
    papers: bool,
) -> None:
    few = len(errors) <= 12
    for number, (name, found) in enumerate(sizes.items()):
        aside = 1.05 ** (number - (len(sizes) - 1) / 2)  # equal sizes stand side by side
        axes.plot(
            100 * aside * errors.reindex(found.index), found, "o",
            ms=6.5 if few else 5, alpha=1 if few else 0.55,
            color=PROTOCOL_COLOURS[name], label=name, mec="none",
        )  # fmt: skip
    if papers:
        shown = [task for task in PAPERS if task in errors.index]
        for number, task in enumerate(shown):
            low, high = PAPERS[task]
            x = 100 * errors[task]
            axes.plot(
                [x, x], [low, high], "_-", color=INK, ms=11, lw=1.2, zorder=1,
                label="the paper's" if number == 0 else None,
            )  # fmt: skip
    axes.set_xscale("log")
    axes.set_yscale("log", base=2)
    ticks = [h for h in sorted(grid) if len(grid) <= 6 or np.log2(h) % 1 == 0]
    axes.set_yticks(ticks, list(map(str, ticks)))
    axes.set_ylim(min(grid) / 1.25, max(grid) * 1.25)
    axes.minorticks_off()
    axes.xaxis.set_major_formatter(lambda value, _: f"{value:g}")
    low, high = 100 * errors.min(), 100 * errors.max()
    axes.set_xticks([t for t in (0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50) if low / 2 <= t <= high * 2])
    if few:
        for task, error in errors.items():
            axes.text(
                100 * error, 1.01, str(task), transform=axes.get_xaxis_transform(), fontsize=8,
                ha="center", rotation=0 if len(errors) <= 6 else 60, color=QUIET,
            )  # fmt: skip
    axes.set_xlabel("test error of a linear classifier (%)")
    axes.set_ylabel("smallest sufficient hidden size")


def _order_panel(axes: Axes, errors: pd.Series) -> None:
    """The paper's order along the axis: errors that rise agree with it."""
    places = np.arange(1, len(errors) + 1)
    axes.plot(places, 100 * errors, "o-", color=INK, lw=1, ms=6)
    axes.set_xticks(places, list(map(str, errors.index)))
    axes.set_xlim(0.5, len(errors) + 0.5)
    axes.set_ylim(0, 115 * errors.max())
    axes.set_xlabel("the paper's order, from easy to hard")
    axes.set_ylabel("test error of a linear classifier (%)")
    axes.set_title("the order, measured", fontsize=9)


def _caption(errors: pd.Series, sizes: dict[str, pd.Series], ordered: list[str]) -> str:
    ranked = errors.sort_values()
    sentences = [
        "Each point is a task under one protocol: the smallest hidden size whose mean F1 is within "
        f"{MARGIN:g} of the best size's (one rule for all; validation chooses the best size where "
        "test data are scored), against the test error of a linear least-squares classifier."
    ]
    if len(errors) <= 12:
        for name, found in sizes.items():
            each = ", ".join(f"{task} {found[task]:.0f}" for task in ranked.index if task in found)
            sentences.append(f"{capitalised(name)}: {each}.")
    words = [f"{task} ({percent(error)})" for task, error in ranked.items()]
    if len(words) <= 12:
        sentences.append(f"From easy to hard by the linear classifier: {listed(words)}.")
    else:
        sentences.append(f"Easiest by the linear classifier is {words[0]}, hardest {words[-1]}.")
    if len(ordered) > 1:
        measured = [task for task in ranked.index if task in ordered]
        same = "that is the paper's order" if measured == ordered else (
            f"the paper's order is {', '.join(ordered)}"
        )  # fmt: skip
        sentences.append(f"Of the paper's pairs, {same}.")
    return " ".join(sentences)
