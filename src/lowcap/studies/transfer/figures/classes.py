"""The figure of whether tasks with more classes need larger networks."""

import pandas as pd

from lowcap.claims import Tables
from lowcap.report import Figure, panels
from lowcap.report.grid import entry, framed, label_ends
from lowcap.report.marks import curve, level, spread
from lowcap.report.palette import ordered
from lowcap.report.scales import doublings, percents
from lowcap.studies.transfer.claims.classes import ENOUGH, capacity_of
from lowcap.studies.transfer.figures.common import (
    BANDS,
    COLOURS,
    architectures_of,
    of_dataset,
    seeds_in_words,
)


def classes_figure(tables: Tables, dataset: str) -> Figure:
    """What is gained over chance by size, a line a number of classes; and the sizes needed."""
    table = gained(of_dataset(tables, dataset)["classes"])
    names, counts = architectures_of(table), sorted(table["classes"].unique().tolist())
    colours = ordered(counts)
    titles = [*names, f"size that gains {100 * ENOUGH:g} %"]
    drawing, grid = panels(1, titles, (2.4 * len(titles) + 1.5, 3.7))
    needed = sizes_needed(table)
    for axes, name in zip(grid[0, :-1], names, strict=True):
        own = table[table["architecture"] == name]
        for count in counts:
            found = spread(own[own["classes"] == count], "hidden", "share")
            curve(axes, found, colours[count], marker="o", ms=3)
        doublings(axes.xaxis, own["hidden"].unique())
        level(axes, y=ENOUGH)
        axes.set_xlabel("hidden units" if name == names[0] == "fully connected" else "filters")
        axes.set_ylim(min(0, own["share"].fillna(0).min()), 1.05)
        percents(axes.yaxis)
    grid[0, 0].set_ylabel("accuracy over chance, of\nwhat the largest gains")
    last = grid[0, -1]
    ends = {}
    for name, own in needed.groupby("architecture", sort=False):
        sizes = spread(own, "classes", "size")
        curve(last, sizes, COLOURS[str(name)], marker="o", ms=4)
        ends[str(name)] = (float(sizes["mean"].iloc[-1]), COLOURS[str(name)])
    doublings(last.xaxis, counts)
    doublings(last.yaxis, table["hidden"].unique())
    last.set_xlabel("classes")
    label_ends(last, ends)
    entries = [entry(f"{n} classes", colours[n], marker="o", ms=4) for n in counts]
    note = (
        f"{dataset}; {seeds_in_words(table)}, in each of which all classes are dealt out to groups "
        f"of as many, whose mean is taken; {BANDS}."
    )
    framed(drawing, "Do more classes need larger networks?", note, entries)
    caption = (
        "Accuracy less that of guessing, as a share of what the largest network of the same "
        f"architecture and seed gains over guessing. Dashed: {100 * ENOUGH:g} %. The last panel "
        "has the size from which on a line stays there, between two sizes along a straight line "
        "over their doublings."
    )
    return Figure(f"classes-{dataset}", f"Numbers of classes, {dataset}", caption, drawing)


def sizes_needed(shares: pd.DataFrame) -> pd.DataFrame:
    """The size that gains enough, of every architecture, number of classes and seed.

    Columns: `architecture, classes, seed, size`. Those whose largest network does no better than
    guessing are left out.
    """
    keys = ["architecture", "classes", "seed"]
    rows = []
    for key, own in shares.dropna().groupby(keys, sort=False):
        own = own.sort_values("hidden")
        log = capacity_of(own["hidden"].to_numpy(float), own["share"].to_numpy(float))
        rows.append((*key, 2**log))
    return pd.DataFrame(rows, columns=[*keys, "size"])


def gained(table: pd.DataFrame) -> pd.DataFrame:
    """The share of the largest network's gain over chance that each size has.

    Columns: `architecture, classes, seed, hidden, share`, which is NaN where the largest network
    does no better than guessing.
    """
    keys = ["architecture", "classes", "seed", "hidden"]
    found = table.groupby(keys, as_index=False, sort=False)["accuracy"].mean()
    gain = found["accuracy"] - 1 / found["classes"]
    largest = found.groupby(keys[:3])["hidden"].transform("max") == found["hidden"]
    most = gain.where(largest).groupby([found[key] for key in keys[:3]]).transform("max")
    return found[keys].assign(share=gain / most.where(most > 0))
