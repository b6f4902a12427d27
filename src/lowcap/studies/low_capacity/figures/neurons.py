"""The figure of what single neurons know: the paper's open questions."""

import pandas as pd
from matplotlib.axes import Axes

from lowcap.claims import Tables
from lowcap.report import Figure, panels
from lowcap.report.grid import entry, framed, label_ends
from lowcap.report.marks import line
from lowcap.report.palette import GREY, categories
from lowcap.report.scales import doublings
from lowcap.studies.low_capacity.figures.common import FEW, seeds_in_words
from lowcap.studies.low_capacity.protocols import by_protocol

COLUMNS = {
    "information": "information with the label (bits)",
    "specialisation": "specialisation (0 to 1)",
}


def neurons_figure(tables: Tables) -> Figure:
    """Information and specialisation of neurons against hidden size, dense and pruned."""
    parts = by_protocol(tables["neurons"])
    size = 10, 2.7 * len(parts) + 0.9
    drawing, grid = panels(len(parts), 2, size, below="hidden size", sharex=True, sharey="col")
    ends = []
    for both, (name, table) in zip(grid, parts.items(), strict=True):
        for axes, (column, words) in zip(both, COLUMNS.items(), strict=True):
            ends.append((axes, _curves(axes, table, column)))
            axes.set_title(name)
            axes.set_ylabel(words)
            doublings(axes.xaxis, table["hidden"])
        null = table.groupby("hidden")["null_information"].mean()
        line(both[0], null.index, null, GREY, lw=1.2, ls="--")
    for axes, of_tasks in ends:  # the panels of a column share limits: known now
        if len(of_tasks) <= FEW:
            label_ends(axes, of_tasks)
    entries = [
        entry("dense (named at its end)"),
        entry("95 % pruned", GREY, ":"),
        entry("shuffled labels (left only)", GREY, "--", lw=1.2),
    ]
    framed(
        drawing,
        "What single neurons know",
        f"Mean over neurons and seeds. n = {seeds_in_words(tables['neurons'])} per size and task.",
        entries,
        above=True,
    )
    caption = (
        "What one neuron's output tells of the label, and how one-sided it is (|a1 − a0| / "
        "(a1 + a0), a0 and a1 its mean output by class); solid dense, dotted after 95 % of the "
        "weights were pruned by the protocol's own rule, dashed what shuffled labels give."
    )
    return Figure("neurons", "What single neurons know", caption, drawing, "open question")


def _curves(axes: Axes, table: pd.DataFrame, column: str) -> dict[str, tuple[float, str]]:
    """Draw every task, dense and pruned; where the dense lines end, and their colours."""
    means = table.groupby(["task", "state", "hidden"])[column].mean()
    ends = {}
    for task, colour in categories(table["task"].unique()).items():
        for state, style in (("dense", "-"), ("pruned", ":")):
            found = means.loc[task, state]
            line(axes, found.index, found, colour, ls=style, marker=".", ms=4)
        ends[task] = (float(means.loc[task, "dense"].iloc[-1]), colour)
    return ends
