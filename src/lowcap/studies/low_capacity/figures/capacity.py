"""Figures on learning rate, capacity, difficulty and training."""

from collections.abc import Callable

import numpy as np
import pandas as pd

from lowcap.claims import Tables
from lowcap.measures import plateau_capacity, stable_capacity
from lowcap.report import INK, QUIET, Figure, panels
from lowcap.studies.low_capacity.claims.capacity import (
    capacity_and_difficulty,
    learning_rates,
    rate_score,
)
from lowcap.studies.low_capacity.claims.common import capacity_scores, in_words
from lowcap.studies.low_capacity.figures.common import (
    by_protocol,
    shown_sizes,
    size_axis,
    size_colours,
    task_colours,
)
from lowcap.studies.low_capacity.protocols import PROTOCOLS
from lowcap.studies.low_capacity.settings import RATE_TASK

PUBLISHED_RATE_ROW = {2: 0.73, 4: 0.75, 6: 0.78, 8: 0.82, 10: 0.82, 12: 0.84, 16: 0.83, 24: 0.80,
                      32: 0.90, 48: 0.91, 64: 0.91}  # fmt: skip
"""The paper's heat map (Fig. 1) at learning rate 0.03, by hidden size; its seeds are unknown."""


def learning_rate_figure(tables: Tables) -> Figure:
    """F1 by hidden size and learning rate, with the paper's own row beside ours."""
    mine = {name: tables[name] for name in ("learning_rate", "capacity")}
    names = list(by_protocol(mine["learning_rate"]))
    drawing, grid = panels(1, len(names), (5.4 * len(names), 3.6))
    sentences = []
    for axes, name in zip(grid[0], names, strict=True):
        table = learning_rates({k: by_protocol(t)[name] for k, t in mine.items()})
        square = table.pivot_table(
            index="learning_rate", columns="hidden", values=rate_score(name)
        ).sort_index(ascending=False)
        axes.imshow(square, cmap="viridis", vmin=0.5, vmax=1.0, aspect="auto")
        for row, values in enumerate(square.to_numpy()):
            for column, value in enumerate(values):
                colour = "#111111" if value > 0.8 else "#f5f5f5"
                text = f"{value:.2f}".removeprefix("0")
                axes.text(column, row, text, ha="center", va="center", color=colour, fontsize=7)
        axes.set_xticks(range(square.shape[1]), square.columns)
        axes.set_yticks(range(square.shape[0]), [f"{rate:g}" for rate in square.index])
        axes.grid(visible=False)
        axes.set_xlabel("hidden size")
        axes.set_title(name)
        top = square.index[0]
        if name == "published":
            shared = [h for h in square.columns if h in PUBLISHED_RATE_ROW]
            apart = [abs(square.loc[top, h] - PUBLISHED_RATE_ROW[h]) for h in shared]
            if apart:
                sentences.append(
                    f"The paper's own row at {top:g} differs from ours by {np.mean(apart):.3f} on "
                    f"average and {np.max(apart):.3f} at most."
                )
        best = (square.idxmax() == top).sum()
        sentences.append(f"{name.capitalize()}: {top:g} is best at {best} of {square.shape[1]}.")
    grid[0][0].set_ylabel("learning rate")
    caption = (
        f"Mean F1 on {RATE_TASK} by hidden size and learning rate (best training F1 published, "
        f"validation F1 corrected). {' '.join(sentences)} The winning rate lies at the edge of the "
        f"grid, so the grid does not say where the best rate is."
    )
    return Figure("learning-rate", "Which learning rate?", caption, drawing, "paper's Figs. 1, 2")


def capacity_figure(tables: Tables) -> Figure:
    """F1 against hidden size, every task, each protocol by its own score (the paper's Fig. 3)."""
    parts = by_protocol(tables["capacity"])
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
        size_axis(axes, table["hidden"].unique())
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


def difficulty_figure(tables: Tables) -> Figure:
    """Minimum capacity against a difficulty that no network of the study defines."""
    names = list(by_protocol(tables["difficulty"]))
    drawing, grid = panels(1, len(names), (5 * len(names), 3.6), sharex=True)
    for axes, name in zip(grid[0], names, strict=True):
        table = capacity_and_difficulty({k: by_protocol(tables[k])[name]
                                         for k in ("capacity", "difficulty")})  # fmt: skip
        few = len(table) <= 12  # beyond, names would hide one another
        colours = task_colours(table.index if few else ())
        alpha = 1 if few else 0.4
        for task, row in zip(map(str, table.index), table.to_dict("records"), strict=True):
            if np.isfinite(row["capacity"]):
                axes.plot(
                    row["difficulty"],
                    row["capacity"],
                    "o",
                    color=colours.get(task, INK),
                    alpha=alpha,
                )
                if few:
                    axes.annotate(
                        task, (row["difficulty"], row["capacity"]),
                        xytext=(5, 4), textcoords="offset points", fontsize=8,
                    )  # fmt: skip
        axes.set_yscale("log", base=2)
        axes.yaxis.set_major_formatter(lambda value, _: f"{value:g}")
        axes.set_xlabel("test error of a linear classifier")
        axes.set_title(f"{name}: minimum capacity")
    grid[0][0].set_ylabel("hidden size")
    hardest = tables["difficulty"].groupby("task")["linear_error"].mean().sort_values()
    caption = (
        "Each point is a task: how badly a linear least-squares classifier does on it, and the "
        "smallest sufficient hidden size (published: stable F1 above 0.90; corrected: within 0.01 "
        f"of the best size). Easiest is {hardest.index[0]} ({hardest.iloc[0]:.2%} errors), hardest "
        f"{hardest.index[-1]} ({hardest.iloc[-1]:.2%})."
    )
    return Figure("difficulty", "Do harder tasks need more?", caption, drawing)


def training_figure(tables: Tables, protocol: str) -> Figure:
    """F1 and loss on validation data against epoch, with bands over seeds."""
    table = by_protocol(tables["history"])[protocol]
    table = table[table["split"] == "val"]
    tasks = table["task"].unique()
    sizes = shown_sizes(table["hidden"].unique())
    colours = size_colours(sizes)
    size = max(2.2 * len(tasks), 5), 4.4
    drawing, grid = panels(2, len(tasks), size, sharex=True, sharey="row")
    over_seeds = table[table["hidden"].isin(sizes)].groupby(["task", "hidden", "epoch"])
    curves = {score: over_seeds[score].agg(["mean", "min", "max"]) for score in ("f1", "loss")}
    for column, task in enumerate(tasks):
        for hidden in sizes:
            for line, score in enumerate(curves):
                curve = pd.DataFrame(curves[score].xs((task, hidden)))
                axes = grid[line][column]
                axes.plot(curve.index, curve["mean"], color=colours[hidden], label=hidden)
                axes.fill_between(
                    curve.index, curve["min"], curve["max"], color=colours[hidden], alpha=0.15, lw=0
                )
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
