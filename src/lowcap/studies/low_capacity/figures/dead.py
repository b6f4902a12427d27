"""The figure of dead and disconnected hidden units."""

import pandas as pd
from matplotlib.lines import Line2D
from matplotlib.ticker import PercentFormatter

from lowcap.claims import Tables
from lowcap.report import QUIET, Figure, panels
from lowcap.report.grid import framed
from lowcap.report.palette import GREY, ordered
from lowcap.studies.low_capacity.claims.scores import percent
from lowcap.studies.low_capacity.figures.common import seeds_in_words, shown_sizes
from lowcap.studies.low_capacity.figures.pruning import place_of, sparsity_axis
from lowcap.studies.low_capacity.protocols import PROTOCOLS, by_protocol
from lowcap.studies.low_capacity.settings import PAPER_HIDDEN

TABLE_1 = (("0-1", 12), ("3-8", 16), ("4-9", 24))
"""The networks whose dead neurons the paper counts: task and hidden size."""


def unit_rows(tables: Tables) -> pd.DataFrame:
    """By network and sparsity, the shares of hidden units that are active, and that take part.

    Validation images decide; each protocol prunes by its own rule.
    """
    table = tables["pruning"]
    table = table[table["split"] == "val"]
    papers = table[table["hidden"].isin(PAPER_HIDDEN)]
    table = papers if len(papers) else table
    own = table["protocol"].map({name: one.pruning.name for name, one in PROTOCOLS.items()})
    table = table.assign(sparsity=table["requested_sparsity"].round(4))
    table = table[(table["rule"] == own) | (table["sparsity"] == 0)]
    table = table.drop_duplicates(["protocol", "task", "hidden", "seed", "sparsity"])
    return table.assign(
        active=1 - table["dead_neurons"] / table["hidden"],
        takes_part=table["live_units"] / table["hidden"],
    )


def dead_neurons_figure(tables: Tables) -> Figure:
    """Active and connected hidden units against sparsity, by protocol, task and size."""
    rows = unit_rows(tables)
    parts = by_protocol(rows)
    tasks = list(map(str, rows["task"].unique()))
    size = max(2.2 * len(tasks) + 1.4, 6), 1.95 * len(parts) + 1
    drawing, grid = panels(len(parts), len(tasks), size, sharex=True, sharey=True)
    sizes = shown_sizes(rows["hidden"].unique(), at_most=4)
    colours = ordered(sizes)
    for line, (name, part) in zip(grid, parts.items(), strict=True):
        for axes, task in zip(line, tasks, strict=True):
            for hidden in sizes:
                of_size = part[(part["task"] == task) & (part["hidden"] == hidden)]
                means = of_size.groupby("sparsity")[["active", "takes_part"]].mean()
                x = place_of(means.index)
                axes.plot(x, means["active"], "--", lw=1.2, color=colours[hidden])
                axes.plot(x, means["takes_part"], ".-", color=colours[hidden])
            axes.yaxis.set_major_formatter(PercentFormatter(1))
        line[0].set_ylabel(f"{name}\nhidden units")
        line[0].text(
            0.03, 0.05, f"rule: {PROTOCOLS[name].pruning.name}",
            transform=line[0].transAxes, fontsize=7, color=QUIET,
        )  # fmt: skip
    for axes, task in zip(grid[0], tasks, strict=True):
        axes.set_title(task)
    for axes in grid[-1]:
        sparsity_axis(axes)
    grid[0][0].set_ylim(-0.04, 1.06)
    handles = [Line2D([], [], color=colours[h], label=f"{h}") for h in sizes]
    handles += [
        Line2D([], [], color=GREY, ls="--", lw=1.2, label="active on\nsome image"),
        Line2D([], [], color=GREY, marker=".", label="active and\nconnected"),
    ]
    drawing.legend(handles=handles, title="hidden size", loc="outside right upper")
    framed(
        drawing,
        "Dead neurons, and neurons cut off",
        "Mean over seeds; dead: 0 on every validation image; connected: with a weight from a used "
        f"pixel and one to the output. n = {seeds_in_words(rows)} per size and task.",
    )
    return Figure("dead-neurons", "Dead neurons", _caption(rows), drawing, "paper's Table 1")


def _caption(rows: pd.DataFrame) -> str:
    keys = pd.MultiIndex.from_frame(rows[["task", "hidden"]])
    table_1 = rows[keys.isin(TABLE_1)]
    whom, counted = (
        "the networks of the paper's Table 1 (0-1 with 12 units, 3-8 16, 4-9 24)",
        table_1,
    )
    if table_1.empty:
        whom, counted = "all networks", rows
    parts = []
    for name, part in by_protocol(counted).items():
        words = []
        for state, level in (("dense", 0.0), ("at 95 %", 0.95)):
            at = part[part["sparsity"] == level]
            if len(at):
                dead, part_of = 1 - at["active"].mean(), at["takes_part"].mean()
                words.append(f"{state} {percent(dead)} dead, {percent(part_of)} taking part")
        if words:
            parts.append(f"{name} ({PROTOCOLS[name].pruning.name}) {'; '.join(words)}")
    return (
        "A hidden unit takes part when it answers to some image and a weight still leads from it "
        "to the output: a unit that pruning cut off is not dead by the paper's count, and yet does "
        f"nothing. Of the units of {whom}: {'. '.join(parts)}."
    )
