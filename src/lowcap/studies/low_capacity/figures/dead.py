"""The figure of dead and disconnected hidden units."""

from typing import Any

import pandas as pd
from matplotlib.axes import Axes

from lowcap.claims import Tables
from lowcap.report import INK, PAPER, Figure, panels
from lowcap.report.grid import entry, framed
from lowcap.report.marks import line
from lowcap.report.palette import GREY, ordered
from lowcap.report.scales import percents, place_of, sparsity_axis
from lowcap.studies.low_capacity.claims.neurons import DEAD_NETWORKS
from lowcap.studies.low_capacity.claims.scores import of_digits
from lowcap.studies.low_capacity.figures.common import cut_by, seeds_in_words, shown_sizes
from lowcap.studies.low_capacity.protocols import PROTOCOLS, by_protocol
from lowcap.studies.low_capacity.settings import PAPER_HIDDEN

_NETWORKS = ", ".join(f"{task} with {hidden} units" for task, hidden in DEAD_NETWORKS)

_PAPERS = "the paper's\nnetworks, 95 %"

_DIAMOND: dict[str, Any] = {"ms": 5, "mfc": PAPER, "mew": 1}


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
    """Active and connected hidden units against sparsity, a panel a protocol, lines by size."""
    rows = unit_rows(tables)
    papers = _papers(rows)
    parts, colours = by_protocol(rows), ordered(shown_sizes(rows["hidden"].unique(), at_most=4))
    titles = [f"{name}: rule “{PROTOCOLS[name].pruning.name}”" for name in parts]
    size = max(4.1 * len(parts) + 1.6, 6), 4.1
    drawing, (grid,) = panels(["hidden units"], titles, size, sharex=True, sharey=True)
    for axes, (name, part) in zip(grid, parts.items(), strict=True):
        shares = part.groupby(["hidden", "task", "sparsity"])[["active", "takes_part"]].mean()
        for hidden, of_size in cut_by(shares, (0,)).items():
            if hidden in colours:
                _shares(axes, of_size, colours[hidden])
        found = papers[papers["protocol"] == name].groupby(["task", "hidden"])["takes_part"].mean()
        axes.plot([place_of(0.95)] * len(found), found, "D", color=INK, zorder=4, **_DIAMOND)
        sparsity_axis(axes)
    percents(grid[0].yaxis)
    grid[0].set_ylim(-0.04, 1.06)
    framed(
        drawing,
        "Dead neurons, and neurons cut off",
        "Thin: means over seeds, task by task; thick: over tasks. Dead: 0 on every validation "
        "image; connected: with a weight from a used pixel and one to the output. "
        f"n = {seeds_in_words(rows)} per size and task.",
        [
            *(entry(str(h), colour) for h, colour in colours.items()),
            entry("active on\nsome image", GREY, "--", lw=1.2),
            entry("active and\nconnected", GREY, "-", "."),
            *([] if papers.empty else [entry(_PAPERS, INK, "", "D", **_DIAMOND)]),
        ],
        "hidden size",
    )
    caption = (
        "A hidden unit takes part when it answers to some image and a weight still leads from it "
        "to the output: a unit that pruning cut off is not dead by the paper's count, and yet does "
        "nothing."
    )
    if len(papers):
        caption += (
            " Diamonds: the share that takes part at 95 % in the networks whose units the paper "
            f"counts ({_NETWORKS})."
        )
    return Figure("dead-neurons", "Dead neurons", caption, drawing, "paper's Table 1")


def _papers(rows: pd.DataFrame) -> pd.DataFrame:
    """The rows of the networks of the paper's Table 1 at 95 %; none where data are not digits."""
    at_95 = rows[(rows["sparsity"] == 0.95) & of_digits(rows)]
    return at_95[pd.MultiIndex.from_frame(at_95[["task", "hidden"]]).isin(DEAD_NETWORKS)]


def _shares(axes: Axes, of_size: pd.DataFrame, colour: str) -> None:
    """One size's shares of units by sparsity, each task thin and the tasks' mean thick."""
    for column, dashes, marker, width in (("active", "--", "", 1.2), ("takes_part", "-", ".", 2.2)):
        by_task = of_size[column].unstack("task")  # noqa: PD010 - its index is unique
        x = place_of(by_task.index)
        line(axes, x, by_task.to_numpy(), colour, lw=0.7, alpha=0.4, ls=dashes)
        mean = by_task.mean(axis=1).to_numpy()
        line(axes, x, mean, colour, ls=dashes, marker=marker, lw=width)
