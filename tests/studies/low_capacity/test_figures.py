"""Figures and words on tables made by hand: any subset of a run is drawn, or left out."""

import re
import warnings
from itertools import product

import numpy as np
import pandas as pd
import pytest

from lowcap.report import styled
from lowcap.studies.low_capacity.claims.costs import costs
from lowcap.studies.low_capacity.claims.factors import FACTORS, QUANTITIES, corners, effects
from lowcap.studies.low_capacity.claims.steps import needed
from lowcap.studies.low_capacity.claims.tolerances import Choice, smallest_within
from lowcap.studies.low_capacity.figures import figures, misclassified
from lowcap.studies.low_capacity.figures.difficulty import difficulty_figure
from lowcap.studies.low_capacity.other_data import other_data
from lowcap.studies.low_capacity.protocols import LISTING, PROTOCOLS, PRUNING_RULES, RELEASED
from lowcap.studies.low_capacity.pruned_words import hardest
from lowcap.studies.low_capacity.settings import Settings
from lowcap.studies.low_capacity.words import describe

ALL = tuple(PROTOCOLS)
SIDE = 14
RNG = np.random.default_rng(0)


def crossed(**columns) -> pd.DataFrame:
    """One row for every combination of the columns' values."""
    names = list(columns)
    return pd.DataFrame(list(product(*columns.values())), columns=names)


def scored(table: pd.DataFrame, **ranges) -> pd.DataFrame:
    """The table with more columns of random numbers between two limits."""
    drawn = {name: RNG.uniform(*limits, len(table)) for name, limits in ranges.items()}
    return table.assign(**drawn)


def made(protocols=ALL, tasks=("0-1", "4-9"), hidden=(1, 2, 24, 64), seeds=2,
         dataset="mnist-5k") -> dict[str, pd.DataFrame]:  # fmt: skip
    """The tables of a run, each number random but its keys as in a real one."""
    keys = {"study": ["low-capacity"], "protocol": list(protocols), "dataset": [dataset]}
    of_task = keys | {"task": list(tasks)}
    member = of_task | {"hidden": list(hidden), "learning_rate": [0.03], "seed": list(range(seeds))}
    heavy = [name for name in protocols if name != "replicated"]
    scores = dict.fromkeys(("train_f1_best", "val_f1", "test_f1", "val_auc", "test_auc"), (0.8, 1))
    tables = {
        "capacity": scored(crossed(**member), **scores, val_loss_fall=(-0.01, 0.02)).assign(
            epochs=100, constant_f1=2 / 3
        ),
        "difficulty": scored(crossed(**of_task), linear_error=(0.005, 0.07), linear_f1=(0.9, 1)),
        "pruning": _pruning(member),
    }
    if heavy:
        rows = member | {"protocol": heavy}
        tables["history"] = scored(
            crossed(**rows, epoch=range(1, 9), split=["train", "val"]), loss=(0, 1), f1=(0.5, 1)
        )
        tables["history"]["step"] = tables["history"]["epoch"] * 20
        tables["neurons"] = scored(
            crossed(**rows, state=["dense", "pruned"], neuron=range(2)),
            information=(0, 1), null_information=(0, 0.1), p_value=(0, 1), specialisation=(0, 1),
        )  # fmt: skip
    if "corrected" in protocols:
        rows = member | {"protocol": ["corrected"]}
        batches = crossed(**rows, epoch=range(1, 5), split=["val"], batch=["1024", "32"])
        tables["batch_size"] = scored(batches, loss=(0, 1), f1=(0.5, 1))
        tables["batch_size"]["step"] = tables["batch_size"]["epoch"]
    tables["robustness"] = _robustness(member, heavy)
    if "4-9" in tasks:
        tables |= _of_4_9(member, scores, heavy)
    return tables


def _pruning(member) -> pd.DataFrame:
    rules = [rule.name for rule in (*PRUNING_RULES, RELEASED)]
    table = crossed(
        **member, rule=rules, requested_sparsity=[0.0, 0.5, 0.95, 0.99], split=["val", "test"]
    )
    table = table[(table["requested_sparsity"] > 0) | (table["rule"] == rules[0])]
    table = table[(table["split"] == "val") | (table["protocol"] == "corrected")]
    table = scored(table, achieved_sparsity=(0, 1), f1=(0, 1), auc=(0.5, 1), f1_rethreshold=(0, 1))
    return table.assign(
        connected=RNG.random(len(table)) > 0.2, dead_neurons=0, live_units=table["hidden"] // 2
    )


def _robustness(member, heavy) -> pd.DataFrame:
    papers = [("none", 0.0), ("gaussian noise", 0.3), ("gaussian noise", 0.5), ("occlusion", 7.0)]
    parts = []
    for kinds, levels, protocols in (
        (papers, [0.0], member["protocol"]),
        (papers, [0.5, 0.9], heavy),
        ([("blur", 1.5), ("stripe", 4.0)], [0.0], heavy),
    ):
        some = member | {"protocol": protocols, "kind": kinds, "draw": [0]}
        rows = crossed(**some, requested_sparsity=levels)
        names, severities = zip(*rows["kind"], strict=True) if len(rows) else ((), ())
        parts.append(rows.assign(corruption=names, severity=severities))
    return scored(pd.concat(parts, ignore_index=True).drop(columns="kind"), f1=(0.4, 1))


def _of_4_9(member, scores, heavy) -> dict[str, pd.DataFrame]:
    """The tables that only the paper's picture of a task has."""
    member = member | {"task": ["4-9"]}
    tables = {}
    rates = [name for name in member["protocol"] if name != "published" or len(heavy) < 2]
    rows = member | {"protocol": rates, "learning_rate": [0.01, 0.03, 0.1]}
    tables["learning_rate"] = scored(crossed(**rows), **scores)
    if {"published", "corrected"} <= set(member["protocol"]):
        rows = member | {"protocol": ["factorial"]}
        sides = dict.fromkeys(FACTORS, ("published", "corrected"))
        pruned = {f"pruned_f1_{name}": (0.2, 0.9) for name in ("listing C.1", "global")}
        tables["factors"] = scored(
            crossed(**rows, **sides), **scores, **pruned, noisy_f1=(0.3, 0.9)
        )
    if 24 not in member["hidden"]:
        return tables
    seen = member | {"hidden": [24]}
    states = ["dense", "untrained", "pruned: listing C.1", "pruned: global", "another seed",
              "shuffled labels"]  # fmt: skip
    tables["geometry"] = scored(
        crossed(**seen, state=states), cka=(0, 1), knn=(0.5, 1), probe=(0.5, 1), silhouette=(0, 1)
    )
    methods = ["finite differences", "gradient x input"]
    per_method = crossed(**seen, state=states, method=methods, block=range(2)).assign(images=5)
    tables["saliency"] = scored(per_method, on_strokes=(0, 8), on_region=(0, 8))
    tables["saliency_agreement"] = scored(
        per_method[per_method["state"] != "dense"],
        rank_correlation=(0, 1), top_overlap=(0, 0.5), attainable=(0.5, 1), empty=(0, 1),
    )  # fmt: skip
    images = crossed(**seen, image=range(6))
    images["correct"] = (images["image"] + images["seed"]) % 2 > 0
    tables["misclassified"] = scored(images, **dict.fromkeys(misclassified.MAPS, (0, 3)))
    first = seen | {"seed": [0], "protocol": heavy}
    if heavy:
        tables["embedding"] = scored(
            crossed(**first, state=["dense", "pruned"], perplexity=[5, 30], image=range(9)),
            x=(-9, 9), y=(-9, 9),
        )  # fmt: skip
        tables["embedding"]["label"] = tables["embedding"]["image"] % 2
        shown = [("image", ""), *product(("untrained", "trained", "pruned"), methods)]
        maps = crossed(**first, shown=shown, image=[3, 7, 8], pixel=range(SIDE * SIDE))
        names, by = zip(*maps["shown"], strict=True)
        maps = maps.assign(state=names, method=by)
        tables["saliency_maps"] = scored(maps.drop(columns="shown"), value=(-1, 1))
    kinds = crossed(study=["low-capacity"], protocol=member["protocol"], dataset=member["dataset"],
                    task=["4-9"], corruption=["none", "blur"], severity=[0.0], label=[0, 1],
                    pixel=range(SIDE * SIDE))  # fmt: skip
    tables["corrupted_examples"] = scored(kinds, value=(0, 1))
    return tables


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


def claims(verdict="holds") -> pd.DataFrame:
    """A claims table of one claim under every protocol."""
    rows = [
        {"claim": "hard-task-pruning", "condition": name, "reading": "global", "primary": True,
         "verdict": verdict, "bound": "below 0.1 (our threshold)", "finding": "So it is."}
        for name in ALL
    ]  # fmt: skip
    return pd.DataFrame(rows)


def test_words_give_the_real_numbers_of_seeds_and_the_story_of_pruning():
    tables = made(seeds=2)
    said = describe(tables, claims(), Settings(), ["mnist-5k"])
    assert set(said.conditions) == set(ALL)
    for text in said.conditions.values():
        assert "2 seeds a task" in text
    story = " ".join(said.notes)
    assert "divides the percentage of weights to prune by 100 twice" in story
    for words in ("listing C.1", "no path leads", "both layers"):
        assert words in story
    assert "still falls" in story  # a third of these losses fall by more than 0.005
    assert "not handwritten digits" not in story
    assert "under the corrected protocol 1 of 1 hold and 0 fail" in said.answer


@pytest.mark.parametrize("protocols", [("replicated",), ("corrected",)])
def test_words_of_other_data_say_what_is_not_judged(protocols):
    tables = made(protocols, tasks=("2-3",), hidden=(4,), seeds=1, dataset="wine")
    settings = Settings(protocol=protocols, tasks=("2-3",))
    words = describe(tables, claims("not measured"), settings, ["wine"])
    first = words.notes[0]
    assert "not handwritten digits" in first
    assert "lowcap run transfer --dataset" in first
    assert not words.headlines
    assert "none could be judged" in words.answer
    assert not re.search(r"\bnan\b|\binf\b", " ".join([words.answer, *words.notes]))
    assert "1 seed a task" in words.conditions[protocols[0]]


def test_words_of_other_data_say_what_was_not_looked_at():
    tables = made(("published",), tasks=("2-3",), hidden=(4,), seeds=1, dataset="wine")
    settings = Settings(protocol=("published",), tasks=("2-3",))
    small = {
        n: t for n, t in tables.items() if n not in ("robustness", "geometry", "learning_rate")
    }
    (_, left_out) = other_data(small, settings)
    for words in ("14 x 14 pixels", "saliency maps (of 24 units on 4-9", "learning rates"):
        assert words in left_out
    assert "drawn anew" in describe(tables, claims(), settings, ["wine"]).conditions["published"]
    assert other_data(made(), Settings()) == []


def test_the_hardest_task_is_the_papers_last_pair_or_has_most_linear_errors():
    assert hardest(made(tasks=("4-9", "0-1"))) == "4-9"
    tables = made(tasks=("2-3", "5-8"), dataset="wine")
    tables["difficulty"]["linear_error"] = np.where(tables["difficulty"]["task"] == "2-3", 0.3, 0.1)
    assert hardest(tables) == "2-3"


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
