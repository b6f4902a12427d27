"""Figures on tables made by hand: any subset of a run is drawn, or left out."""

from itertools import product

import numpy as np
import pandas as pd
import pytest

from lowcap.claims.claim import COLUMNS
from lowcap.report import overview_figure, styled
from lowcap.studies.transfer.figures import FIGURES, figures, overview
from lowcap.studies.transfer.figures.attention import shared
from lowcap.studies.transfer.figures.classes import gained
from lowcap.studies.transfer.figures.pruning import lost
from lowcap.studies.transfer.measures import PRUNED, REMOVED, SPARSITY
from lowcap.studies.transfer.settings import ARCHITECTURES
from lowcap.studies.transfer.training import DENSE, PARTNER, SHUFFLED, STRANGER, UNTRAINED

SIZES = {"fully connected": (1, 8, 32), "conv 3x3": (1, 8), "conv 5x5": (1, 8)}
INSIDE = {"fully connected": 32, "conv 3x3": 8, "conv 5x5": 8}
STATES = [DENSE, PRUNED, STRANGER, PARTNER, UNTRAINED, SHUFFLED]


def crossed(**columns) -> pd.DataFrame:
    """One row for every combination of the columns' values."""
    return pd.DataFrame(list(product(*columns.values())), columns=list(columns))


def of_sizes(sizes, dataset="digits", tasks=("0-1", "4-9"), seeds=3, **columns) -> pd.DataFrame:
    """Rows of every architecture's sizes, seeds and tasks."""
    parts = [
        crossed(
            dataset=[dataset],
            architecture=[name],
            task=list(tasks),
            hidden=np.atleast_1d(sizes[name]).tolist(),
            seed=range(seeds),
            **columns,
        )
        for name in sizes
    ]
    table = pd.concat(parts, ignore_index=True)
    return table.assign(place=table["task"].map({task: i for i, task in enumerate(tasks)}))


def tables_of(dataset="digits", seeds=3, architectures=ARCHITECTURES, **options):
    """The tables of a run, each number random but its keys as in a real one."""
    rng = np.random.default_rng(0)
    options |= {"dataset": dataset, "seeds": seeds}
    sizes = {name: SIZES[name] for name in architectures}
    inside = {name: INSIDE[name] for name in architectures}

    def scored(table, **ranges):
        return table.assign(**{k: rng.uniform(*v, len(table)) for k, v in ranges.items()})

    capacity = scored(of_sizes(sizes, **options), test_f1=(0.8, 1))
    capacity["parameters"] = capacity["hidden"] * 50 + 1
    capacity["multiply_adds"] = capacity["hidden"] * 900
    hard = options | {"tasks": ("4-9",)}
    attention = of_sizes(
        inside, **hard, state=STATES, corruption=["none", "gaussian noise", "occlusion"],
        severity=[0.0, 0.1, 0.5, 7.0], block=[0, 1], answer=["right", "wrong"],
        before=["right", "wrong"], label=[0, 1],
    )  # fmt: skip
    kinds = {"none": [0.0], "gaussian noise": [0.1, 0.5], "occlusion": [7.0]}
    real = [s in kinds[c] for c, s in attention[["corruption", "severity"]].to_numpy()]
    attention = attention[real].assign(images=10)
    return {
        "capacity": capacity,
        "classes": scored(
            of_sizes(sizes, **options, classes=[2, 5, 10], block=[0, 1]), accuracy=(0.6, 1)
        ),
        "pruning": scored(
            of_sizes(sizes, **options, split=["val", "test"], requested_sparsity=list(SPARSITY)),
            f1=(0.5, 1),
        ),
        "whole_units": scored(of_sizes(sizes, **options, share=list(REMOVED)), f1=(0.5, 1)),
        "geometry": scored(of_sizes(inside, **hard, state=STATES), knn=(0.8, 1), probe=(0.8, 1)),
        "saliency": scored(of_sizes(inside, **hard, state=STATES, block=[0, 1]), on_region=(0, 3)),
        "attention": scored(attention, top_overlap=(0, 1), stranger_overlap=(0, 1)),
    }


def drawn(tables):
    with styled():
        return [sketch.draw(sketch.tables, *sketch.arguments) for sketch in figures(tables)]


def words_of(figure) -> str:
    drawing = figure.drawing
    return " ".join([drawing.get_suptitle(), drawing.get_supxlabel().replace("\n", " ")])


def test_every_data_set_has_its_figures_which_tell_their_n():
    one, other = tables_of("digits"), tables_of("photographs", seeds=2, architectures=["conv 3x3"])
    both = {name: pd.concat([one[name], other[name]], ignore_index=True) for name in one}
    found = {figure.id: figure for figure in drawn(both)}
    kinds = ["capacity", "classes", "pruning", "inside", "attention"]
    assert list(found) == [f"{kind}-{data}" for data in ("digits", "photographs") for kind in kinds]
    for name, figure in found.items():
        data = name.partition("-")[2]
        assert f"n = {3 if data == 'digits' else 2} seeds" in words_of(figure)
        assert data in words_of(figure)
        figure.drawing.draw_without_rendering()


@pytest.mark.parametrize("missing", ["capacity", "classes", "whole_units", "attention", "saliency"])
def test_what_lacks_a_table_is_left_out(missing):
    tables = tables_of(seeds=2)
    del tables[missing]
    draws = [sketch.draw for sketch in figures(tables)]
    assert draws == [draw for draw, needs in FIGURES.items() if missing not in needs]
    assert figures({}) == []


def test_capacity_is_drawn_by_parameters_and_by_multiply_adds():
    figure = next(one for one in drawn(tables_of()) if one.id == "capacity-digits")
    grid = np.reshape(figure.drawing.axes, (2, 2))
    assert [axes.get_title(loc="left") or axes.get_title() for axes in grid[0]] == ["0-1", "4-9"]
    assert [line.get_xdata().tolist() for line in grid[0, 0].lines] == [
        [51, 401, 1601], [51, 401], [51, 401],
    ]  # fmt: skip
    assert grid[1, 0].lines[0].get_xdata().tolist() == [900, 7200, 28800]


def test_the_largest_size_gains_all_that_there_is():
    rows = [(1, 0.5), (2, 0.7), (4, 0.9)]
    table = pd.DataFrame(rows, columns=["hidden", "accuracy"])
    table = table.assign(architecture="conv 3x3", classes=2, seed=0)
    np.testing.assert_allclose(gained(table)["share"], [0, 0.5, 1])
    found = gained(pd.concat([table, table.assign(classes=10, seed=1)]))
    np.testing.assert_allclose(found.loc[found["seed"] == 1, "share"], [0.5, 0.75, 1])


def test_overlaps_are_means_over_images_and_within_labels():
    rows = pd.DataFrame(
        {
            "corruption": "gaussian noise", "severity": 0.1, "seed": 0, "label": [0, 0, 1],
            "images": [1, 3, 1], "top_overlap": [1.0, 0.0, 1.0],
        }
    )  # fmt: skip
    assert shared(rows)["overlap"].tolist() == [pytest.approx(2 / 5)]
    assert shared(rows, by=("label",))["overlap"].tolist() == [pytest.approx((1 / 4 + 1) / 2)]


def test_each_network_is_compared_with_itself_before():
    keys = {"architecture": ["conv 3x3"] * 2, "task": "4-9", "hidden": [4, 8], "seed": 0}
    dense = pd.DataFrame(keys).assign(test_f1=[0.9, 0.8])
    found = lost(
        pd.DataFrame(keys).iloc[::-1].assign(f1=0.5), dense.set_index(list(keys))["test_f1"]
    )
    np.testing.assert_allclose(found["lost"], [0.3, 0.4])


def test_the_overview_has_a_column_for_each_architecture_on_each_data_set():
    conditions = [f"{data}, {kind}" for data in ("mnist", "cifar-10") for kind in ARCHITECTURES]
    row = dict.fromkeys(COLUMNS, "") | {
        "claim": "one", "section": "4", "statement": "A sentence.", "primary": True,
        "verdict": "holds", "effect": 0.5,
    }  # fmt: skip
    claims = pd.DataFrame([row | {"condition": condition} for condition in conditions])
    with styled():
        figure = overview(claims, dict.fromkeys(conditions, 10), overview_figure)
    words = [text.get_text().replace("\n", " ") for text in figure.drawing.axes[0].texts]
    assert (words.count("cifar-10"), words.count("conv 5x5"), words.count("n = 10")) == (1, 2, 6)
