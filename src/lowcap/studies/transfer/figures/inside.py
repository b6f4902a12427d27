"""The figure of what hidden layers tell of the classes, and where maps lie, by kind of network."""

from lowcap.claims import Tables
from lowcap.report import Figure, panels
from lowcap.report.grid import entry, framed
from lowcap.report.marks import intervals, level, name_rows, offsets, spread
from lowcap.report.scales import percents
from lowcap.studies.transfer.figures.common import (
    COLOURS,
    architectures_of,
    in_words,
    of_dataset,
    seeds_in_words,
    sizes_in_words,
    tasks_of,
)
from lowcap.studies.transfer.measures import PRUNED, PRUNED_LOOK
from lowcap.studies.transfer.training import DENSE, PARTNER, SHUFFLED, STRANGER, UNTRAINED

STATES = {
    DENSE: "dense",
    PRUNED: f"{100 * PRUNED_LOOK:g} % pruned",
    STRANGER: "another seed",
    PARTNER: "fully connected,\nsame seed",
    UNTRAINED: "untrained",
    SHUFFLED: "shuffled labels",
}
"""Words for each network, from top to bottom."""

PANELS = {
    "knn": "accuracy of neighbours\nin hidden space",
    "probe": "accuracy of a linear\nclassifier of hidden units",
    "on_region": "map on discriminating\npixels, over an even map",
}
"""Columns that are drawn, in words."""


def inside_figure(tables: Tables, dataset: str) -> Figure:
    """Dots by state of the network, a panel a measure, a colour an architecture."""
    here = of_dataset(tables, dataset)
    keys = ["architecture", "task", "state", "seed"]
    maps = here["saliency"].groupby(keys)["on_region"].mean().reset_index()
    geometry = here["geometry"]
    names = architectures_of(geometry)
    states = [state for state in STATES if (geometry["state"] == state).any()]
    drawing, grid = panels(1, list(PANELS.values()), (10.6, 0.52 * len(states) + 2.0), sharey=True)
    for axes, value in zip(grid[0], PANELS, strict=True):
        table = maps if value == "on_region" else geometry
        for name, step in zip(names, offsets(len(names), 0.22), strict=True):
            own = table[table["architecture"] == name]
            found = spread(own, "state", value)
            found = found.loc[[state for state in states if state in found.index]]
            heights = [states.index(state) + step for state in found.index]
            intervals(axes, heights, found, COLOURS[name])
        axes.grid(axis="y", visible=False)
        if value == "on_region":
            level(axes, x=1)
        else:
            percents(axes.xaxis)
    name_rows(grid[0, 0], [STATES[state] for state in states])
    entries = [entry(name, COLOURS[name], "", "o", ms=4) for name in names]
    note = (
        f"{dataset}, {in_words(tasks_of(geometry), dataset)}; {seeds_in_words(geometry)}: dots "
        f"are means, bars reach from the least to the most; {sizes_in_words(geometry)}."
    )
    framed(drawing, "What is inside, and is it learned?", note, entries)
    caption = (
        "What hidden layers tell of the class of test images, and how much of the gradient's map "
        "lies on the tenth of the pixels that tell the classes apart best, as a multiple of what "
        "a map has there that is even everywhere (dashed: 1). Networks before training and those "
        "trained on shuffled labels show what needs no learning."
    )
    return Figure(f"inside-{dataset}", f"Hidden layers and maps, {dataset}", caption, drawing)
