"""Figures along paths and planes of input space."""

import numpy as np

from lowcap.claims import Tables
from lowcap.measures.regions import picture_axes
from lowcap.measures.sensitivity import KINDS
from lowcap.measures.trajectories import ANGLES
from lowcap.report import QUIET, Figure, panels
from lowcap.report.palette import AREAS, DARK, LIGHT, categories
from lowcap.studies.sensitivity.figures.networks import log_axis


def ellipses_figure(tables: Tables) -> Figure:
    """Norm and transitions along the three ellipses, the training points marked."""
    every = tables["curves"]
    curves = every[every["state"] == "trained"]
    before = every[every["state"] == "untrained"]
    groups = list(curves.groupby(["dataset", "depth"], sort=False))
    colours = categories([name for name, _ in groups])
    drawing, grid = panels(2, 3, (10.5, 5.4), sharex=True, sharey="row")
    lowest = np.inf
    for name, rows in groups:
        for column, kind in enumerate(KINDS):
            mine = rows[rows["ellipse"] == kind]
            for line, quantity in enumerate(("norm", "transitions")):
                square = mine.pivot_table(
                    index="angle", columns=["learning_rate", "sample", "seed"], values=quantity
                )
                mean = square.mean(axis=1)
                if quantity == "norm":
                    lowest = min(lowest, mean.min())
                label = f"{name[0]}, {name[1]} layers"
                axes = grid[line][column]
                axes.plot(square.index, mean, color=colours[name], label=label)
                axes.fill_between(square.index, square.min(axis=1), square.max(axis=1),
                                  color=colours[name], alpha=0.13, lw=0)  # fmt: skip
                twin = (before["dataset"] == name[0]) & (before["depth"] == name[1])
                untrained = before[twin & (before["ellipse"] == kind)]
                mean = untrained.groupby("angle")[quantity].mean()
                axes.plot(mean.index, mean, color=colours[name], lw=1, ls=(0, (1, 2)))
    for column, kind in enumerate(KINDS):
        grid[0][column].set_title(kind)
        grid[1][column].set_xlabel("angle")
        for axes in grid[:, column]:
            axes.set_xticks([0, np.pi, 2 * np.pi], ["0", "π", "2π"])
            if kind != KINDS[0]:
                for angle in ANGLES:
                    axes.axvline(angle, color=QUIET, lw=0.9, ls=(0, (3, 3)))
    log_axis(grid[0][1].yaxis)
    grid[0][0].set_ylim(lowest / 3, None)
    grid[0][0].set_ylabel("Jacobian norm")
    grid[1][0].set_ylabel("transitions a step")
    handles, labels = grid[0][0].get_legend_handles_labels()
    drawing.legend(handles, labels, loc="outside lower center", ncols=len(groups))
    networks = len(curves.drop_duplicates(["dataset", "depth", "learning_rate", "sample", "seed"]))
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
    sentences = []
    for line, dataset in enumerate(datasets):
        counts = []
        for column, state in enumerate(("before", "after")):
            rows = table[(table["dataset"] == dataset) & (table["state"] == state)]
            side = int(rows["row"].max()) + 1
            regions = rows["region"].to_numpy().reshape(side, side)
            classes = rows["class"].to_numpy().reshape(side, side)
            picture = _painted(regions, classes)
            x, y = picture_axes(side)
            axes = grid[line][column]
            axes.imshow(picture, origin="lower", extent=(x[0], x[-1], y[0], y[-1]))
            axes.plot([0, 1, 0.5], [0, 0, np.sin(np.pi / 3)], "o", color=DARK, ms=5,
                      markeredgecolor=LIGHT)  # fmt: skip
            axes.set_xticks([])
            axes.set_yticks([])
            axes.grid(visible=False)
            axes.set_title(f"{dataset}, {state} training")
            counts.append(len(np.unique(regions)))
        sentences.append(f"{dataset}: {counts[0]:,} regions before, {counts[1]:,} after.")
    caption = (
        f"The plane through three training points of different classes (dots), one network of "
        f"{shallow} layers of 100 ReLU units: lines are borders of linear regions, colours the "
        "predicted classes. " + " ".join(sentences)
    )
    return Figure("regions", "Linear regions between three images", caption, drawing)


def _painted(regions: np.ndarray, classes: np.ndarray) -> np.ndarray:
    """Classes in colour, with a dark line wherever the region changes."""
    palette = np.array([[int(c[i : i + 2], 16) for i in (1, 3, 5)] for c in AREAS]) / 255
    picture = palette[classes % len(palette)]
    border = np.zeros(regions.shape, bool)
    border[1:] |= regions[1:] != regions[:-1]
    border[:, 1:] |= regions[:, 1:] != regions[:, :-1]
    picture[border] = picture[border] * 0.8
    return picture
