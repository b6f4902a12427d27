"""Figures along paths and planes of input space."""

import numpy as np

from lowcap.claims import Tables
from lowcap.measures.regions import picture_axes
from lowcap.measures.sensitivity import KINDS
from lowcap.measures.trajectories import ANGLES
from lowcap.report import Figure, panels
from lowcap.report.grid import DASHES, entry, framed
from lowcap.report.marks import curve, level, line, picture, spread
from lowcap.report.palette import AREAS, DARK, GREY, LIGHT, categories
from lowcap.report.scales import decades

_NETWORK = ("learning_rate", "sample", "seed")


def ellipses_figure(tables: Tables) -> Figure:
    """Norm and transitions along the three ellipses, the training points marked."""
    table = tables["curves"]
    trained = table["state"] == "trained"
    kinds = table.loc[trained, ["dataset", "depth"]].drop_duplicates()
    colours = categories(zip(kinds["dataset"], kinds["depth"], strict=True))
    drawing, grid = panels(
        ["Jacobian norm", "transitions\nfrom point to point"],
        KINDS,
        (11.5, 5.4),
        below="angle on the ellipse (radians)",
        sharex=True,
        sharey="row",
    )
    lowest = np.inf
    for kind, both in zip(KINDS, grid.T, strict=True):
        for (dataset, depth), colour in colours.items():
            is_it = (table["dataset"] == dataset) & (table["depth"] == depth)
            is_it &= table["ellipse"] == kind
            for axes, quantity in zip(both, ("norm", "transitions"), strict=True):
                found = spread(table[is_it & trained], "angle", quantity, _NETWORK)
                curve(axes, found, colour)
                before = table[is_it & ~trained].groupby("angle")[quantity].mean()
                line(axes, before.index, before, colour, lw=1, ls=(0, (1, 2)))
                lowest = min(lowest, found["mean"].min()) if quantity == "norm" else lowest
        for axes in both:
            axes.set_xticks([0, np.pi, 2 * np.pi], ["0", "π", "2π"])
            for angle in ANGLES if kind != KINDS[0] else ():
                level(axes, x=float(angle))
    decades(grid[0][1].yaxis)
    grid[0][0].set_ylim(lowest / 3, None)
    entries = [entry(f"{name},\n{depth} layers", c) for (name, depth), c in colours.items()]
    entries.append(entry("untrained", GREY, (0, (1, 2)), lw=1))
    entries.append(entry("training point", GREY, DASHES, lw=1))
    networks = len(table[trained].drop_duplicates(["dataset", "depth", *_NETWORK]))
    note = f"Lines: means over n = {networks} networks of 100 units a layer; bands: their range."
    framed(drawing, "Are networks robust where the data are?", note, entries)
    caption = (
        f"Means over {networks} networks of 100 units a layer, each training sample with its own "
        "ellipses; bands are the range over networks, dotted lines the same networks before "
        "training. Dashed lines mark the training points that an ellipse "
        "passes through."
    )
    return Figure("ellipses", "Robust where the data are?", caption, drawing, "paper's Figs. 2, 3")


def regions_figure(tables: Tables) -> Figure:
    """Linear regions on a plane through three training points, before and after training."""
    table = tables["regions"]
    shallow = table["depth"].min()
    table = table[table["depth"] == shallow]
    table = table[table["learning_rate"] == table["learning_rate"].max()]
    datasets = list(table["dataset"].unique())
    drawing, grid = panels(len(datasets), 2, (7.6, 3.9 * len(datasets)))
    for both, dataset in zip(grid, datasets, strict=True):
        for axes, state in zip(both, ("before", "after"), strict=True):
            rows = table[(table["dataset"] == dataset) & (table["state"] == state)]
            side = int(rows["row"].max()) + 1
            regions = rows["region"].to_numpy().reshape(side, side)
            classes = rows["class"].to_numpy().reshape(side, side)
            x, y = picture_axes(side)
            picture(axes, _painted(regions, classes), origin="lower",
                    extent=(x[0], x[-1], y[0], y[-1]))  # fmt: skip
            axes.plot([0, 1, 0.5], [0, 0, np.sin(np.pi / 3)], "o", color=DARK, ms=5, mec=LIGHT)
            count = len(np.unique(regions))
            axes.set_title(f"{dataset}, {state} training: {count:,} regions", fontsize=9)
    present = np.sort(table["class"].unique())
    entries = [entry(str(c), AREAS[c % len(AREAS)], lw=7) for c in present]
    note = (
        f"n = 1 network of {shallow} layers of 100 units a data set, on the plane through three "
        "training images (dots). Dark lines: borders of linear regions."
    )
    framed(drawing, "Linear regions between three images", note, entries, "class")
    caption = (
        f"The plane through three training points of different classes (dots), one network of "
        f"{shallow} layers of 100 ReLU units: lines are borders of linear regions, colours the "
        "predicted classes. Above each picture, how many regions it shows."
    )
    return Figure("regions", "Linear regions between three images", caption, drawing)


def _painted(regions: np.ndarray, classes: np.ndarray) -> np.ndarray:
    """Classes in colour, with a dark line wherever the region changes."""
    palette = np.array([[int(c[i : i + 2], 16) for i in (1, 3, 5)] for c in AREAS]) / 255
    pixels = palette[classes % len(palette)]
    border = np.zeros(regions.shape, bool)
    border[1:] |= regions[1:] != regions[:-1]
    border[:, 1:] |= regions[:, 1:] != regions[:, :-1]
    pixels[border] = pixels[border] * 0.8
    return pixels
