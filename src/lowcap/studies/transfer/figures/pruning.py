"""The figure of what goes with weights, and with whole hidden units or filters."""

import pandas as pd

from lowcap.claims import Tables
from lowcap.data import task_in_words
from lowcap.report import Figure, panels
from lowcap.report.grid import entry, framed
from lowcap.report.marks import curve, level, spread
from lowcap.report.scales import percents, place_of, sparsity_axis
from lowcap.studies.transfer.figures.common import (
    BANDS,
    COLOURS,
    architectures_of,
    of_dataset,
    of_looked_at,
    seeds_in_words,
    sizes_in_words,
    tasks_of,
)


def pruning_figure(tables: Tables, dataset: str) -> Figure:
    """F1 lost on the easiest and hardest task, without weights and without whole units."""
    here = {name: of_looked_at(table) for name, table in of_dataset(tables, dataset).items()}
    every = tasks_of(here["capacity"])
    tasks = list(dict.fromkeys([every[0], every[-1]]))
    dense = here["capacity"].set_index(["architecture", "task", "hidden", "seed"])["test_f1"]
    weights = lost(here["pruning"][here["pruning"]["split"] == "test"], dense)
    units = lost(here["whole_units"], dense)
    titles = ["smallest weights removed", "whole hidden units or filters removed"]
    drawing, grid = panels(
        [f"{task_in_words(task, dataset)}: F1 lost" for task in tasks],
        titles,
        (9.6, 2.7 * len(tasks) + 1),
        sharey="row",
    )
    for row, task in enumerate(tasks):
        for name in architectures_of(weights):
            own = [t[(t["task"] == task) & (t["architecture"] == name)] for t in (weights, units)]
            found = spread(own[0], "requested_sparsity", "lost")
            curve(grid[row, 0], found, COLOURS[name], place_of(found.index), marker="o", ms=3)
            curve(grid[row, 1], spread(own[1], "share", "lost"), COLOURS[name], marker="o", ms=3)
        sparsity_axis(grid[row, 0])
        grid[row, 1].set_xticks(sorted(units["share"].unique()))
        percents(grid[row, 1].xaxis)
        for axes in grid[row]:
            level(axes, y=0)
    grid[-1, 1].set_xlabel("share removed, those that contribute least")
    entries = [entry(name, COLOURS[name], marker="o", ms=4) for name in architectures_of(weights)]
    note = f"{dataset}; {seeds_in_words(weights)}; {sizes_in_words(weights)}; {BANDS}."
    framed(drawing, "What can be removed from a trained network?", note, entries)
    caption = (
        "F1 on test images of trained networks less that of the same networks with parts removed "
        "and nothing trained again, on the easiest and the hardest task. Left: weights of all "
        "layers by magnitude (axis by the logarithm of those left). Right: whole hidden units or "
        "filters, those that add least to the output. Dashed: nothing lost."
    )
    return Figure(f"pruning-{dataset}", f"What can be removed, {dataset}", caption, drawing)


def lost(table: pd.DataFrame, dense: pd.Series) -> pd.DataFrame:
    """With the F1 that each network has lost against itself before: the column `lost`."""
    before = dense.loc[list(table[list(dense.index.names)].itertuples(index=False, name=None))]
    return table.assign(lost=before.to_numpy() - table["f1"].to_numpy())
