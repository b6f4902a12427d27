"""The figure of dead and disconnected hidden units."""

import pandas as pd

from lowcap.claims import Tables
from lowcap.report import QUIET, Figure, panels
from lowcap.report.grid import entry, framed
from lowcap.report.marks import line
from lowcap.report.palette import GREY, ordered
from lowcap.report.scales import percents, place_of, sparsity_axis
from lowcap.studies.low_capacity.figures.common import seeds_in_words, shown_sizes, tasks_of
from lowcap.studies.low_capacity.protocols import PROTOCOLS, by_protocol
from lowcap.studies.low_capacity.settings import PAPER_HIDDEN


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
    parts, tasks = by_protocol(rows), tasks_of(rows)
    colours = ordered(shown_sizes(rows["hidden"].unique(), at_most=4))
    size = max(2.2 * len(tasks) + 1.4, 6), 1.95 * len(parts) + 1
    names = [f"{name}\nhidden units" for name in parts]
    drawing, grid = panels(names, tasks, size, sharex=True, sharey=True)
    for of_protocol, (name, part) in zip(grid, parts.items(), strict=True):
        for axes, task in zip(of_protocol, tasks, strict=True):
            for hidden, colour in colours.items():
                of_size = part[(part["task"] == task) & (part["hidden"] == hidden)]
                means = of_size.groupby("sparsity")[["active", "takes_part"]].mean()
                line(axes, place_of(means.index), means["active"], colour, ls="--", lw=1.2)
                line(axes, place_of(means.index), means["takes_part"], colour, marker=".")
        first = of_protocol[0]
        first.text(
            0.03, 0.05, f"rule: {PROTOCOLS[name].pruning.name}", transform=first.transAxes,
            fontsize=7, color=QUIET,
        )  # fmt: skip
    for axes in grid[-1]:
        sparsity_axis(axes)
    percents(grid[0][0].yaxis)
    grid[0][0].set_ylim(-0.04, 1.06)
    framed(
        drawing,
        "Dead neurons, and neurons cut off",
        "Mean over seeds; dead: 0 on every validation image; connected: with a weight from a used "
        f"pixel and one to the output. n = {seeds_in_words(rows)} per size and task.",
        [
            *(entry(str(h), colour) for h, colour in colours.items()),
            entry("active on\nsome image", GREY, "--", lw=1.2),
            entry("active and\nconnected", GREY, "-", "."),
        ],
        "hidden size",
    )
    caption = (
        "A hidden unit takes part when it answers to some image and a weight still leads from it "
        "to the output: a unit that pruning cut off is not dead by the paper's count, and yet does "
        "nothing. The paper counts the units of 0-1 with 12 units, 3-8 with 16 and 4-9 with 24."
    )
    return Figure("dead-neurons", "Dead neurons", caption, drawing, "paper's Table 1")
