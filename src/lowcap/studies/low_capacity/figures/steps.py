"""Capacity against the number of gradient steps, batch size by batch size."""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import NullLocator

from lowcap.claims import Tables
from lowcap.measures import Scores, stable_capacity
from lowcap.report import Figure, panels
from lowcap.studies.low_capacity.figures.common import by_protocol, in_words, task_colours
from lowcap.studies.low_capacity.protocols import PROTOCOLS

ENOUGH = 8
"""The caption says how many steps it takes until this many units suffice."""


class _Panel(NamedTuple):
    title: str
    history: pd.DataFrame


def _panels(tables: Tables) -> Iterator[_Panel]:
    """The published protocol, then the corrected one from full batch down to small batches."""
    validation = tables["history"].query("split == 'val'")
    for name, table in by_protocol(validation).items():
        own = PROTOCOLS[name].batch_size
        title = f"batch {own}" if own else "full batch"
        if name == "published":
            yield _Panel(f"published: {title}", table)
            continue
        others = tables.get("batch_size")
        if others is None:
            yield _Panel(f"{name}: {title}", table)
            continue
        shared = table[table["seed"].isin(others["seed"].unique())]
        both = {**{str(k): rows for k, rows in others.groupby("batch")}, str(own): shared}
        for batch in sorted(both, key=lambda b: -np.inf if b == "full" else -int(b)):
            words = "full batch" if batch == "full" else f"batch {batch}"
            yield _Panel(f"{name}: {words}", both[batch])


def needed(history: pd.DataFrame) -> pd.DataFrame:
    """Minimum capacity by the published rule after each epoch: one row an epoch.

    Columns: `step` (mean over seeds, whose splits may differ by a batch), `capacity`.
    """
    cube = history.pivot_table(index=["epoch", "hidden"], columns="seed", values="f1")
    steps = history.groupby("epoch")["step"].mean()
    capacities = [
        stable_capacity(Scores(rows.index.get_level_values("hidden").to_numpy(), rows.to_numpy()))
        for _, rows in cube.groupby(level="epoch")
    ]
    return pd.DataFrame({"step": steps.to_numpy(), "capacity": capacities})


def steps_figure(tables: Tables) -> Figure:
    """Minimum capacity against gradient steps: if the panels agree, steps are what counts."""
    shown = list(_panels(tables))
    sizes = np.sort(tables["history"]["hidden"].unique())
    none = 2 * int(sizes.max())
    colours = task_colours(tables["history"]["task"].unique())
    drawing, grid = panels(1, len(shown), (max(2.3 * len(shown), 5), 3.4), sharex=True, sharey=True)
    ends, reached = [], {}
    for axes, panel in zip(grid[0], shown, strict=True):
        arrivals, last = [], []
        for task, rows in panel.history.groupby("task", sort=False):
            curve = needed(rows)
            height = curve["capacity"].replace(np.inf, none)
            axes.step(curve["step"], height, where="post", lw=1.6, color=colours[str(task)],
                      label=str(task))  # fmt: skip
            last.append(f"{task} {in_words(curve['capacity'].iloc[-1])}")
            enough = curve.loc[curve["capacity"] <= ENOUGH, "step"]
            arrivals.append((enough.iloc[0], enough.index[0] + 1) if len(enough) else (np.inf,) * 2)
        axes.set_title(panel.title)
        _dress(axes, sizes, none)
        steps, epochs = np.median(arrivals, axis=0)
        if np.isfinite(steps):
            reached[panel.title] = steps, epochs
        if panel.title.startswith("published"):
            ends.append(f"after the published {curve['step'].iloc[-1]:,.0f}: {', '.join(last)}")
    grid[0][0].set_ylabel("minimum hidden size")
    handles, labels = grid[0][0].get_legend_handles_labels()
    drawing.legend(handles, labels, title="task", loc="outside right center")
    sentences = [
        "The smallest hidden size from which on validation F1 is stable above 0.90 (the published "
        "rule) as training goes on, one panel a batch size, all on one axis of gradient steps."
    ]
    sentences += [f"{text[0].upper()}{text[1:]}." for text in ends]
    if reached:
        each = "; ".join(f"{title} {steps:,.0f}" for title, (steps, _) in reached.items())
        sentences.append(f"Gradient steps until {ENOUGH} units suffice, median over tasks: {each}.")
    if len(reached) > 1:
        least, most = (f(list(reached.values()), axis=0) for f in (np.min, np.max))
        apart = most / least
        sentences.append(
            f"The panels are {apart[0]:.1f} times apart in steps, {apart[1]:.1f} times in epochs."
        )
    return Figure("steps", "Capacity, or patience?", " ".join(sentences), drawing)


def _dress(axes: Axes, sizes: np.ndarray, none: int) -> None:
    axes.set_yscale("log", base=2)
    ticks = [h for h in sizes if np.log2(h) % 1 == 0]
    axes.set_yticks([*ticks, none], [*map(str, ticks), "none"])
    axes.yaxis.set_minor_locator(NullLocator())
    axes.set_xscale("log")
    axes.xaxis.set_major_formatter(lambda value, _: f"{value:g}")
    axes.set_xlabel("gradient steps")
