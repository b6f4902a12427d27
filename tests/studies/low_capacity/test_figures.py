"""Figures of tables made by hand: any subset of a run is drawn, or left out."""

import re
import warnings
from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from matplotlib.text import Text

from lowcap.report import styled
from lowcap.studies.low_capacity.claims.costs import costs
from lowcap.studies.low_capacity.claims.factors import QUANTITIES, corners, effects
from lowcap.studies.low_capacity.claims.steps import needed
from lowcap.studies.low_capacity.claims.tolerances import Choice, choice_of, smallest_within
from lowcap.studies.low_capacity.figures import figures
from lowcap.studies.low_capacity.figures.dead import dead_neurons_figure
from lowcap.studies.low_capacity.figures.difficulty import difficulty_figure
from lowcap.studies.low_capacity.figures.saliency import shares_figure
from lowcap.studies.low_capacity.protocols import LISTING
from lowcap.studies.low_capacity.settings import Settings
from tests.studies.low_capacity.crossed import ALL, SIDE, crossed, made


def captions(tables, *, printed: bool = False) -> dict[str, str]:
    """The captions of all figures, each of them drawn; warnings count as faults."""
    found = {}
    with warnings.catch_warnings(), styled():
        warnings.simplefilter("error")
        for sketch in figures(tables):
            figure = sketch.printed() if printed else sketch.draw(sketch.tables, *sketch.arguments)
            assert figure.id not in found
            found[figure.id] = figure.caption + sketch.remark * (not printed)
    for name, caption in found.items():
        assert not re.search(r"\bnan\b|\binf\b|\{", caption), (name, caption)
        assert caption.endswith("."), (name, caption)
    return found


EVERY = {
    "capacity", "tolerance", "difficulty", "learning-rate", "factors", "dead-neurons", "steps",
    "training-published", "training-corrected", "hidden-space", "noise", "corrupted-examples",
    "corruptions", "pruned-robustness", "saliency-published", "saliency-corrected",
    "saliency-shares", "neurons", "misclassified",
} | {f"pruning-{name}" for name in ALL} | {f"pruning-rules-{name}" for name in ALL}  # fmt: skip


def test_a_whole_run_has_every_figure():
    assert set(captions(made(), printed=True)) == EVERY


@pytest.mark.parametrize(
    "subset",
    [
        {"protocols": ("replicated",)},
        {"protocols": ("published",), "seeds": 1},
        {"protocols": ("corrected",), "tasks": ("4-9",), "hidden": (4,), "seeds": 1},
        {"protocols": ("published", "corrected"), "tasks": ("2-3",)},
        {"tasks": ("2-3", "7-8", "0-12"), "hidden": (4,), "dataset": "wine"},
        {"protocols": ("corrected",), "tasks": ("4-9", "0-1"), "dataset": "fashion-mnist"},
    ],
    ids=["replicated", "published", "smallest", "one task", "own data", "other images"],
)
def test_any_subset_of_a_run_is_drawn(subset):
    tables = made(**subset)
    found = captions(tables)
    names = subset.get("protocols", ALL)
    assert {"capacity", "tolerance", "dead-neurons"} <= set(found)
    assert {f"pruning-rules-{name}" for name in names} <= set(found)
    assert ("difficulty" in found) == (len(subset.get("tasks", (1, 2))) > 1)
    assert ("steps" in found) == (names != ("replicated",))
    assert ("hidden-space" in found) == ("geometry" in tables)


def test_45_tasks_are_drawn():
    tasks = Settings(tasks=("all",)).tasks
    found = captions(made(protocols=("corrected",), tasks=tasks, hidden=(2, 24), seeds=1))
    assert "5 of the 45 tasks" in found["capacity"]
    assert "45 tasks" not in found["difficulty"]


@pytest.mark.parametrize("missing", ["robustness", "saliency_maps", "embedding", "learning_rate",
                                     "factors", "geometry", "batch_size", "saliency"])  # fmt: skip
def test_figures_do_without_any_one_table(missing):
    tables = made(hidden=(24,), seeds=1)
    del tables[missing]
    names = {sketch.draw.__name__ for sketch in figures(tables)}
    assert {"capacity_figure", "rules_figure"} <= names


def test_figures_are_whole_without_their_parts():
    tables = made(protocols=("published", "corrected"), tasks=("4-9",), hidden=(24,), seeds=1)
    for missing in (
        "embedding",
        "batch_size",
        "neurons",
        "robustness",
        "saliency_maps",
        "saliency",
    ):
        del tables[missing]
    assert {"hidden-space", "steps"} <= set(captions(tables))


def test_maps_of_images_that_are_not_square_are_left_out():
    tables = made(protocols=("corrected",), tasks=("4-9",), hidden=(24,))
    for name in ("saliency_maps", "corrupted_examples"):
        tables[name] = tables[name][tables[name]["pixel"] < SIDE * SIDE - 3]
    found = {sketch.draw.__name__ for sketch in figures(tables)}
    assert not {"maps_figure", "examples_figure"} & found


def test_tolerance_chooses_by_one_score_and_reports_by_the_other():
    choosing = np.array([[0.5, 0.9, 0.8]])
    reported = np.array([[0.85, 0.90, 0.99]])
    found = smallest_within(Choice(np.array([2, 4, 8]), choosing, reported), np.array([0.01, 0.05]))
    assert found.tolist() == [4, 2]


def test_losses_are_dense_less_pruned_above_critical_capacity():
    tables = made(protocols=("published",), tasks=("4-9",), hidden=(2, 4, 8), seeds=2)
    capacity, pruning = tables["capacity"], tables["pruning"]
    capacity["train_f1_best"] = capacity["hidden"].map({2: 0.8, 4: 0.92, 8: 0.95})
    dense = pruning["requested_sparsity"] == 0
    pruning["f1"] = np.where(dense, 0.9, 0.65)
    found = costs(tables, "published")
    assert found.above == {"4-9": [8]}
    np.testing.assert_allclose(found.table["lost"], 0.25)
    rows = pruning[(pruning["rule"] == LISTING.name) & (pruning["requested_sparsity"] == 0.95)]
    counted = found.table[(found.table["rule"] == LISTING.name) & (found.table["sparsity"] == 0.95)]
    assert counted["cut"].sum() == (~rows["connected"]).sum()


def test_the_main_effect_of_a_factor_is_what_it_adds():
    """A cube whose small networks gain 0.1 by the batch and nothing by anything else."""
    tables = made(hidden=(2, 4), seeds=2)
    gain = 0.1 * (tables["factors"]["batch"] == "corrected")
    for score in ("train_f1_best", "val_f1", "test_f1"):
        tables["factors"][score] = 0.8 + gain
    changes = effects(QUANTITIES[0], corners(tables))
    np.testing.assert_allclose(changes["batch and steps"], 0.1)
    np.testing.assert_allclose(changes["initial weights"], 0, atol=1e-12)
    np.testing.assert_allclose(changes["score (training, test)"], 0, atol=1e-12)


def test_minimum_capacity_is_read_after_each_epoch():
    rows = crossed(seed=[0, 1], hidden=[2, 4], epoch=[1, 2])
    rows["step"], rows["f1"] = 10 * rows["epoch"], 0.5
    rows.loc[(rows["hidden"] == 4) & (rows["epoch"] == 2), "f1"] = 0.95
    found = needed(rows)
    assert found["step"].tolist() == [10, 20]
    assert found["capacity"].tolist() == [np.inf, 4]


@pytest.mark.parametrize("errors", [(0.0, 0.0), (0.0, 0.04)])
def test_tasks_that_a_line_divides_stand_at_0(errors):
    tables = made()
    table = tables["difficulty"]
    tables["difficulty"] = table.assign(
        linear_error=np.where(table["task"] == "0-1", errors[0], errors[1])
    )
    with warnings.catch_warnings(), styled():
        warnings.simplefilter("error")
        drawing = difficulty_figure(tables).drawing
        drawing.canvas.draw()
    axes = drawing.axes[0]
    places = [line.get_xdata()[0] for line in axes.lines if line.get_marker() == "o"]
    assert np.all(np.isfinite(places))
    assert min(places) > 0
    names = [text.get_text() for text in axes.get_xticklabels()]
    ticks = dict(zip(names, axes.get_xticks(), strict=True))
    assert ticks["0"] == pytest.approx(min(places), rel=0.1)


@pytest.mark.parametrize("count", [5, 9])
def test_names_of_equally_hard_tasks_stand_side_by_side(count):
    tasks = ("0-1", "1-7", "5-6", "3-8", "4-9", "2-3", "7-8", "0-12", "5-9")[:count]
    tables = made(protocols=("corrected",), tasks=tasks, seeds=1)
    alike = tables["difficulty"].assign(linear_error=0.02)
    with styled():
        figure = difficulty_figure({**tables, "difficulty": alike})
        figure.drawing.draw_without_rendering()
    names = [text for text in figure.drawing.axes[0].texts if text.get_text() in tasks]
    boxes = sorted((name.get_window_extent() for name in names), key=lambda box: box.x0)
    assert len(boxes) == count
    if count == 5:  # more are turned, and their boxes overlap though they do not
        assert all(one.x1 < other.x0 for one, other in pairwise(boxes))
    places = sorted(name.get_position()[0] for name in names)
    assert min(np.diff(places)) > 0.035


def test_only_digits_are_called_digits():
    for dataset, wanted in (("mnist-5k", "digit"), ("fashion-mnist", "object")):
        with styled():
            figure = shares_figure(made(dataset=dataset))
        words = [text.get_text() for text in figure.drawing.findobj(Text)]
        told = " ".join([figure.title, figure.caption, *words])
        assert f"know the {wanted}?" in told
        assert ("digit" in told) == (wanted == "digit")


def test_no_size_that_all_seeds_have_needs_no_steps():
    columns = ["epoch", "hidden", "seed", "step", "f1"]
    rows = pd.DataFrame([(1, 8, 0, 1, 0.9), (1, 2, 1, 1, 0.9)], columns=columns)
    assert needed(rows).empty


def test_a_size_without_any_score_is_not_chosen_from():
    table = made(protocols=("corrected",), tasks=("4-9",), hidden=(2, 8, 24))["capacity"]
    lost = table.assign(test_f1=table["test_f1"].where(table["hidden"] != 8))
    lost = lost.assign(val_f1=table["val_f1"].where(table["hidden"] != 8))
    choice = choice_of(lost)
    assert choice.hidden.tolist() == [2, 24]
    assert len(choice.reported) == table["seed"].nunique()


def test_the_networks_of_the_papers_table_stand_among_digits_alone():
    table = made(tasks=("4-9", "0-1"), hidden=(2, 24))["pruning"]
    table = table.assign(requested_sparsity=table["requested_sparsity"].replace(0.99, 0.95))
    counts = {}
    for dataset in ("mnist-5k", "fashion-mnist"):
        with styled():
            figure = dead_neurons_figure({"pruning": table.assign(dataset=dataset)})
        lines = [line for axes in figure.drawing.axes for line in axes.get_lines()]
        diamonds = [line for line in lines if line.get_marker() == "D"]
        counts[dataset] = sum(len(line.get_xdata()) for line in diamonds)
        assert ("Diamonds" in figure.caption) == (dataset == "mnist-5k")
    assert counts == {"mnist-5k": table["protocol"].nunique(), "fashion-mnist": 0}
