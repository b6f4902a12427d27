"""The figure of what networks of every size reach, by what they store and what they compute."""

from matplotlib.ticker import LogLocator

from lowcap.claims import Tables
from lowcap.data import task_in_words
from lowcap.report import Figure, panels
from lowcap.report.grid import entry, framed
from lowcap.report.marks import curve, spread
from lowcap.report.scales import decades
from lowcap.studies.transfer.figures.common import (
    BANDS,
    COLOURS,
    architectures_of,
    of_dataset,
    seeds_in_words,
    tasks_of,
)

COSTS = {"parameters": "parameters", "multiply_adds": "multiply-adds an image"}
"""Columns of what a network costs, in words."""


def capacity_figure(tables: Tables, dataset: str) -> Figure:
    """F1 against parameters and against multiply-adds, a panel a task, a line an architecture."""
    table = of_dataset(tables, dataset)["capacity"]
    tasks = tasks_of(table)
    size = (1.75 * len(tasks) + 2.2, 5.6)
    titles = [task_in_words(task, dataset) for task in tasks]
    drawing, grid = panels(len(COSTS), titles, size, sharey=True, sharex="row")
    for row, (cost, words) in enumerate(COSTS.items()):
        for axes, task in zip(grid[row], tasks, strict=True):
            own = table[table["task"] == task]
            for name in architectures_of(own):
                found = spread(own[own["architecture"] == name], cost, "test_f1")
                curve(axes, found, COLOURS[name], marker="o", ms=3)
            axes.set_xlabel(words)
        decades(grid[row, -1].xaxis)
        if table[cost].max() > 30 * table[cost].min():
            grid[row, -1].xaxis.set_major_locator(LogLocator())  # panels are narrow
        grid[row, 0].set_ylabel("F1 on test images")
    low = table[table["task"].isin(tasks)].groupby(["task", "architecture", "hidden"])["test_f1"]
    grid[0, 0].set_ylim(max(0, min(0.9, float(low.mean().min()) - 0.05)), 1.005)
    entries = [entry(name, COLOURS[name], marker="o", ms=4) for name in architectures_of(table)]
    note = f"{dataset}; {seeds_in_words(table)} of every size (a dot); {BANDS}."
    framed(drawing, "What do networks reach for what they cost?", note, entries)
    caption = (
        "F1 on test images of networks of all sizes, tasks from easy to hard: above by the number "
        "of parameters, which is what must be stored, below by the multiplications and additions "
        "for one image, which is what must be computed. Convolutions share their weights and so "
        "compute much with few of them."
    )
    return Figure(f"capacity-{dataset}", f"Size and score, {dataset}", caption, drawing)
