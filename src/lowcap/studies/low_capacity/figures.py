"""The figures of arXiv 2507.16278, redrawn from our own networks."""

from collections.abc import Callable

import matplotlib as mpl
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import FixedLocator, NullLocator, PercentFormatter

from lowcap.claims import Tables
from lowcap.measures import plateau_capacity, stable_capacity
from lowcap.report import INK, QUIET, Figure, panels, styled
from lowcap.studies.low_capacity.claims import (
    RELEASED,
    REQUESTED,
    capacity_scores,
    f1_drop,
    in_words,
)
from lowcap.studies.low_capacity.protocols import PROTOCOLS

_TASK_COLOURS = ("#2f74d0", "#169c8a", "#8a63d2", "#d98a1f", "#d0417e")
_SIZES = mpl.colormaps["plasma"]


def task_colours(tasks) -> dict[str, str]:
    """A colour for each task, in order; they repeat when there are many."""
    return {task: _TASK_COLOURS[i % len(_TASK_COLOURS)] for i, task in enumerate(tasks)}


def size_colours(sizes) -> dict[int, tuple]:
    """A colour for each hidden size, dark to light on a log scale."""
    logs = np.log2(np.asarray(sizes, float))
    places = (logs - logs.min()) / max(np.ptp(logs), 1)
    return {int(h): _SIZES(0.12 + 0.72 * p) for h, p in zip(sizes, places, strict=True)}


def _size_axis(axes: Axes, sizes) -> None:
    axes.set_xscale("log", base=2)
    shown = [h for h in sizes if h not in (6, 10)] if len(sizes) > 8 else list(sizes)
    axes.xaxis.set_major_locator(FixedLocator(shown))
    axes.xaxis.set_minor_locator(NullLocator())
    axes.xaxis.set_major_formatter(lambda value, _: f"{value:g}")
    axes.set_xlabel("hidden size")


def _by_protocol(table: pd.DataFrame) -> dict[str, pd.DataFrame]:
    return {str(name): rows for name, rows in table.groupby("protocol", sort=False)}


def capacity_figure(tables: Tables) -> Figure:
    """F1 against hidden size, every task, each protocol by its own score (the paper's Fig. 3)."""
    parts = _by_protocol(tables["capacity"])
    drawing, grid = panels(1, len(parts), (5 * len(parts), 3.9), sharey=True)
    sentences = []
    for axes, (name, table) in zip(grid[0], parts.items(), strict=True):
        scores = capacity_scores(table)
        colours = task_colours(scores)
        for task, (hidden, values) in scores.items():
            colour = colours[task]
            axes.fill_between(
                hidden, values.min(axis=1), values.max(axis=1), color=colour, alpha=0.15, lw=0
            )
            for seed in values.T:
                axes.plot(hidden, seed, ".", color=colour, ms=3, alpha=0.5)
            axes.plot(hidden, values.mean(axis=1), color=colour, label=task)
        axes.axhline(0.9, color=QUIET, lw=1, ls=(0, (3, 3)))
        _size_axis(axes, table["hidden"].unique())
        axes.set_title(f"{name}: {PROTOCOLS[name].score_name}")
        stable = ", ".join(f"{task} {in_words(stable_capacity(s))}" for task, s in scores.items())
        plateau = ", ".join(f"{task} {in_words(plateau_capacity(s))}" for task, s in scores.items())
        sentences.append(
            f"{name.capitalize()}: smallest size with a stable F1 above 0.90: {stable}; "
            f"smallest within 0.01 of the best size: {plateau}."
        )
    grid[0][0].set_ylabel("F1")
    grid[0][-1].legend(title="task", loc="lower right")
    caption = (
        "Each line is the mean over seeds, each dot a network, each band the range over seeds; "
        "the dashed line is the paper's threshold of 0.90. " + " ".join(sentences)
    )
    return Figure("capacity", "How small can the network be?", caption, drawing, "paper's Fig. 3")


def _shown_sizes(sizes: np.ndarray) -> list[int]:
    """Six sizes at most, from the smallest to the largest: more lines cannot be told apart."""
    picks = np.unique(np.linspace(0, len(sizes) - 1, min(6, len(sizes))).round().astype(int))
    return [int(h) for h in np.sort(sizes)[picks]]


def training_figure(tables: Tables, protocol: str) -> Figure:
    """F1 and loss on validation data against epoch, with bands over seeds."""
    table = _by_protocol(tables["history"])[protocol]
    table = table[table["split"] == "val"]
    tasks = table["task"].unique()
    sizes = _shown_sizes(table["hidden"].unique())
    colours = size_colours(sizes)
    size = max(2.2 * len(tasks), 5), 4.4
    drawing, grid = panels(2, len(tasks), size, sharex=True, sharey="row")
    for column, task in enumerate(tasks):
        for hidden in sizes:
            rows = table[(table["task"] == task) & (table["hidden"] == hidden)]
            for line, score in enumerate(("f1", "loss")):
                square = rows.pivot_table(index="epoch", columns="seed", values=score)
                axes = grid[line][column]
                axes.plot(square.index, square.mean(axis=1), color=colours[hidden], label=hidden)
                axes.fill_between(
                    square.index, square.min(axis=1), square.max(axis=1),
                    color=colours[hidden], alpha=0.15, lw=0,
                )  # fmt: skip
        grid[0][column].set_title(task)
        grid[1][column].set_xlabel("epoch")
    grid[0][0].set_ylabel("F1")
    grid[1][0].set_ylabel("loss (nats)")
    handles, labels = grid[0][0].get_legend_handles_labels()
    drawing.legend(handles, labels, title="hidden size", loc="outside right center")
    last = table[table["epoch"] == table["epoch"].max()]
    halfway = table[table["epoch"] == max(1, table["epoch"].max() // 2)]
    mean_of: Callable = lambda rows: rows.groupby("task", sort=False)["f1"].mean()  # noqa: E731
    moved = (mean_of(last) - mean_of(halfway)).abs()
    caption = (
        f"Validation F1 and loss after each epoch under the {protocol} protocol; bands are the "
        f"range over seeds. In the second half of training mean F1 still moves by "
        f"{moved.max():.3f} on {moved.idxmax()}, and by {moved.min():.3f} on {moved.idxmin()}."
    )
    return Figure(f"training-{protocol}", f"Training, {protocol}", caption, drawing)


def pruning_figure(tables: Tables, protocol: str) -> Figure:
    """F1 change against requested sparsity, as requested and as the released code prunes."""
    mine = {"pruning": _by_protocol(tables["pruning"])[protocol]}
    drops = {variant: f1_drop(mine, variant) for variant in (REQUESTED, RELEASED)}
    tasks = drops[REQUESTED]["task"].unique()
    sizes = _shown_sizes(drops[REQUESTED]["hidden"].unique())
    colours = size_colours(sizes)
    size = max(2.2 * len(tasks), 5), 4.6
    drawing, grid = panels(2, len(tasks), size, sharex=True, sharey="row")
    for line, (variant, table) in enumerate(drops.items()):
        for column, task in enumerate(tasks):
            axes = grid[line][column]
            axes.axhline(0, color=INK, lw=0.8)
            for hidden in sizes:
                rows = table[(table["task"] == task) & (table["hidden"] == hidden)]
                means = -rows.groupby("sparsity")["drop"].mean()
                axes.plot(means.index, means, "o-", ms=2.5, color=colours[hidden], label=hidden)
            axes.xaxis.set_major_formatter(PercentFormatter(1))
            axes.yaxis.set_major_formatter(PercentFormatter(1))
        grid[line][0].set_ylabel(f"F1 change\n({variant})")
    for column, task in enumerate(tasks):
        grid[0][column].set_title(task)
        grid[1][column].set_xlabel("requested sparsity")
    handles, labels = grid[0][0].get_legend_handles_labels()
    drawing.legend(handles, labels, title="hidden size", loc="outside right center")
    worst = {name: table.groupby(["task", "hidden", "sparsity"])["drop"].mean().max()
             for name, table in drops.items()}  # fmt: skip
    largest = {
        name: table.groupby(["task", "hidden", "sparsity"])["drop"].mean().abs().max()
        for name, table in drops.items()
    }
    caption = (
        f"Relative change of F1 after one-shot magnitude pruning, {protocol} protocol, mean over "
        f"seeds. Above: exactly the requested share of each layer removed; the worst mean loss is "
        f"{worst[REQUESTED]:.0%}. Below: what the released code removes when asked for the same "
        f"(it divides the percentage by 100 twice); no mean changes by more than "
        f"{largest[RELEASED]:.3%}. The two rows have different scales."
    )
    return Figure(f"pruning-{protocol}", f"Pruning, {protocol}", caption, drawing)


def figures(tables: Tables) -> list[Figure]:
    """Every figure that the run's tables allow."""
    with styled():
        protocols = list(_by_protocol(tables["capacity"]))
        drawn = [capacity_figure(tables)]
        drawn += [training_figure(tables, name) for name in protocols]
        drawn += [pruning_figure(tables, name) for name in protocols]
    return drawn
