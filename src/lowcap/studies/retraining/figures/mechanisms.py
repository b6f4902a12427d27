"""Figures of where weights are left, which units can go, and what is kept."""

import numpy as np

from lowcap.claims import Tables
from lowcap.report import Figure, panels
from lowcap.report.grid import entry, framed
from lowcap.report.marks import bare, curve, level, picture, spread
from lowcap.report.palette import BLUE, GREY, PINK, SEQUENTIAL, TEAL, ordered
from lowcap.report.scales import logarithmic, place_of, sparsity_axis
from lowcap.studies.retraining.claims.mechanisms import SPARE
from lowcap.studies.retraining.claims.neurons import FEWEST_UNITS
from lowcap.studies.retraining.figures.common import (
    METHODS,
    of_dataset,
    seeds_in_words,
    tasks_of,
)
from lowcap.studies.retraining.training import STRANGER


def survivors_figure(tables: Tables, dataset: str) -> Figure:
    """Where weights are left at 95 % sparsity, a picture a task and method."""
    here = of_dataset(tables, dataset)
    table, tasks = here["survivor_maps"], tasks_of(here)
    methods = [name for name in ("fine-tuned", "iterative", "random")
               if (table["method"] == name).any()]  # fmt: skip
    drawing, grid = panels(methods, tasks, (1.7 * len(tasks) + 1, 1.75 * len(methods) + 0.9))
    high = float(table.groupby(["method", "task", "pixel"])["left"].mean().quantile(0.998))
    for row, method in enumerate(methods):
        for column, task in enumerate(tasks):
            own = table[(table["method"] == method) & (table["task"] == task)]
            left = own.groupby("pixel")["left"].mean().sort_index().to_numpy()
            side = round(len(left) ** 0.5)
            if side * side == len(left):
                picture(grid[row, column], left.reshape(side, side), SEQUENTIAL, 0, high)
            else:
                bare(grid[row, column])
    hidden = int(table["hidden"].iloc[0])
    note = (
        f"Share of {hidden} units that keep their weight of a pixel, 0 to {100 * high:.0f} % "
        f"(bright); means of {seeds_in_words(here)}."
    )
    framed(drawing, "Where are the 5 % of the weights that are left?", note)
    caption = (
        "Every picture is the input image: bright pixels are those whose weights pruning to 95 % "
        "left in most units. Random masks keep as many weights in each layer."
    )
    return Figure(f"survivors-{dataset}", "Where weights are left", caption, drawing)


def removed_figure(tables: Tables, dataset: str) -> Figure:
    """F1 lost without some of the units, against the hidden size."""
    here = of_dataset(tables, dataset)
    table, tasks = here["removed"], tasks_of(here)
    whole = table[table["share"] == 0].set_index(["task", "hidden", "seed"])["f1"]
    shares = sorted(set(table["share"]) - {0.0})
    colours = dict(zip(shares, (TEAL, BLUE, PINK), strict=False))
    drawing, grid = panels(
        1, tasks, (2.0 * len(tasks) + 2.2, 3.5), below="hidden units", sharey=True
    )
    for axes, task in zip(grid[0], tasks, strict=True):
        for share, colour in colours.items():
            own = table[(table["share"] == share) & (table["task"] == task)]
            before = whole.loc[list(zip(own["task"], own["hidden"], own["seed"], strict=True))]
            found = own.assign(lost=before.to_numpy() - own["f1"].to_numpy())
            curve(axes, spread(found, "hidden", "lost"), colour, marker="o", ms=3)
        logarithmic(axes.xaxis, 2)
        sizes = sorted(table["hidden"].unique().tolist())
        axes.set_xticks(sizes, [str(size) for size in sizes])
        level(axes, y=SPARE)
    grid[0, 0].set_ylabel("F1 lost")
    entries = [entry(f"{100 * s:g} % removed", c, marker="o", ms=4) for s, c in colours.items()]
    note = f"Ten draws each; means of {seeds_in_words(here)} in bands from least to most."
    framed(drawing, "Can hidden units go at random?", note, entries)
    caption = (
        "F1 lost on test images when hidden units are removed at random and nothing is trained "
        f"on, by hidden size. Dashed: {SPARE:g}."
    )
    return Figure(f"removed-{dataset}", "Units removed at random", caption, drawing)


def overfitting_figure(tables: Tables, dataset: str) -> Figure:
    """F1 on training and on test images by hidden size."""
    here = of_dataset(tables, dataset)
    table, tasks = here["dense"], tasks_of(here)
    drawing, grid = panels(
        1, tasks, (2.0 * len(tasks) + 2.0, 3.5), below="hidden units", sharey=True
    )
    looks = {"train_f1": (GREY, "training images"), "test_f1": (BLUE, "test images")}
    for axes, task in zip(grid[0], tasks, strict=True):
        own = table[table["task"] == task]
        for column, (colour, _) in looks.items():
            curve(axes, spread(own, "hidden", column), colour, marker="o", ms=3)
        logarithmic(axes.xaxis, 2)
        sizes = sorted(table["hidden"].unique().tolist())
        axes.set_xticks(sizes, [str(size) for size in sizes])
    grid[0, 0].set_ylabel("F1")
    entries = [entry(words, colour, marker="o", ms=4) for colour, words in looks.values()]
    note = f"Dense networks; means of {seeds_in_words(here)} in bands from least to most."
    framed(drawing, "Do large networks overfit?", note, entries)
    caption = "F1 of dense networks on the images they were trained on, and on test images."
    return Figure(f"overfitting-{dataset}", "Training and test images", caption, drawing)


def attention_figure(tables: Tables, dataset: str) -> Figure:
    """Agreement of saliency maps with the dense network's, against sparsity."""
    here = of_dataset(tables, dataset)
    table, tasks = here["attention"], tasks_of(here)
    shown = [name for name in ("one-shot", "random", "rewound", "fine-tuned", "iterative")
             if (table["method"] == name).any()]  # fmt: skip
    drawing, grid = panels(1, tasks, (2.1 * len(tasks) + 2.4, 3.5), sharey=True)
    for axes, task in zip(grid[0], tasks, strict=True):
        own = table[table["task"] == task]
        for method in shown:
            rows = own[own["method"] == method]
            found = spread(rows, "requested_sparsity", "top_overlap")
            curve(axes, found, METHODS[method][0], place_of(found.index), marker="o", ms=2.5)
        stranger = own.loc[own["method"] == STRANGER, "top_overlap"].mean()
        level(axes, y=float(stranger))
        sparsity_axis(axes)
        axes.set_ylim(0, 1)
    grid[0, 0].set_ylabel("strongest pixels\nin common")
    entries = [entry(METHODS[name][1], METHODS[name][0], marker="o", ms=4) for name in shown]
    entries.append(entry("dense, another seed", GREY, (0, (3, 3))))
    note = f"Gradient maps of 100 test images; {seeds_in_words(here)}, bands from least to most."
    framed(drawing, "Do sparse networks look at the same pixels?", note, entries)
    caption = (
        "The share of the strongest twentieth of the pixels that the maps of a pruned and of the "
        "dense network of its seed have in common; dashed, a dense network of another seed."
    )
    return Figure(f"attention-{dataset}", "What sparse networks look at", caption, drawing)


def neurons_figure(tables: Tables, dataset: str) -> Figure:
    """What is left of units by what they know, and noise against knowledge."""
    here = of_dataset(tables, dataset)
    table = here["units"]
    table = table[table["hidden"] >= FEWEST_UNITS]
    known = (table["information"] - table["null_information"]).clip(lower=0)
    columns = {
        "mutual information with the label (bits)": known,
        "specialisation": table["specialisation"],
    }
    drawing, grid = panels(1, 2, (9.4, 3.8))
    sizes = sorted(table["hidden"].unique().tolist())
    colours = ordered(sizes)
    for axes, (name, values) in zip(grid[0], columns.items(), strict=True):
        for size in sizes:
            own = (table["hidden"] == size).to_numpy()
            x, y = values[own].to_numpy(), table.loc[own, "left_one-shot"].to_numpy()
            share = y / max(1.0, float(table.loc[own, "left_one-shot"].mean()))
            edges = np.quantile(x, np.linspace(0, 1, 11))
            tenth = np.clip(np.searchsorted(edges, x, "right") - 1, 0, 9)
            found = [(x[tenth == n].mean(), share[tenth == n].mean()) for n in range(10)
                     if (tenth == n).any()]  # fmt: skip
            axes.plot(*np.array(found).T, "o-", color=colours[int(size)], ms=3.5, lw=1.2)
        axes.set_xlabel(name)
        level(axes, y=1)
    grid[0, 0].set_ylabel("weights left, over the mean\nof units of that size")
    entries = [entry(f"{size} units", colours[int(size)], marker="o", ms=4) for size in sizes]
    note = (
        "One-shot pruning to 95 %; each dot is a tenth of the units of one size, over all tasks "
        f"and {seeds_in_words(here)}."
    )
    framed(drawing, "Which units survive pruning?", note, entries)
    caption = (
        "Weights that one-shot pruning leaves a hidden unit, by what the unit knew of the label: "
        "mutual information less what chance gives, and how one-sidedly it answers to a class."
    )
    return Figure(f"neurons-{dataset}", "What units know and their fate", caption, drawing)
