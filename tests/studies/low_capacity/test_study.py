"""The study as a whole on the built-in data, a few networks for a few epochs."""

import numpy as np
import pandas as pd
import pytest

from lowcap import open as open_run
from lowcap.data import DataReference
from lowcap.errors import SettingsError
from lowcap.studies.low_capacity.figures.common import few_tasks
from lowcap.studies.low_capacity.plan import plan, seeds_of
from lowcap.studies.low_capacity.settings import PAIRS, Settings
from lowcap.studies.low_capacity.study import STUDY
from lowcap.studies.publish import Result
from tests.here import conduct_here
from tests.pages import read_page
from tests.undrawn import undrawn

DATA = [DataReference("mnist-5k", "0" * 64, ("mnist-5k", None))]
PROTOCOLS = {"published", "replicated", "corrected"}


@pytest.fixture(scope="module")
def result(command_run):
    run = open_run(command_run[0])
    return Result(command_run[0], run.tables, run.claims, [])


def test_every_table_of_the_paper_is_there(result):
    light = {"capacity", "learning_rate", "pruning", "difficulty", "geometry", "saliency",
             "saliency_agreement", "misclassified", "robustness"}  # fmt: skip
    blocks = {"pruning_blocks", "robustness_blocks", "geometry_blocks", "batch_size"}
    assert set(result.tables) == light | blocks | {
        "corrupted_examples", "embedding", "history", "neurons", "saliency_maps", "factors",
    }  # fmt: skip
    for name, table in result.tables.items():
        assert list(table.columns[:4]) == ["study", "protocol", "dataset", "task"], name
        found = set(table["protocol"])
        if name in light:
            assert found >= {"replicated", "corrected"}, name
        elif name in blocks:
            assert found == {"corrected"}, name
        elif name == "factors":
            assert found == {"factorial"}
        else:
            assert found == {"published", "corrected"}, name


def test_tables_agree_where_they_measure_the_same_thing(result):
    """The clean, dense F1 of every instrument is the capacity table's."""
    keys = ["protocol", "task", "hidden", "seed"]
    truth = result.tables["capacity"].set_index(keys)
    corrected = truth.index.get_level_values(0) == "corrected"
    expected = truth["test_f1"].where(corrected, truth["val_f1"])
    clean = result.tables["robustness"].query("corruption == 'none' and requested_sparsity == 0")
    clean = clean.set_index(keys)["f1"]
    np.testing.assert_allclose(clean, expected.reindex(clean.index))
    dense = result.tables["pruning"].query("requested_sparsity == 0 and split == 'val'")
    dense = dense.set_index(keys)["f1"]
    np.testing.assert_allclose(dense.reindex(truth.index), truth["val_f1"])


def test_scores_without_a_block_of_images_average_to_the_score(result):
    """Each image is left out once, so that the means differ by the curvature of F1 alone."""
    keys = ["task", "hidden", "seed", "rule", "requested_sparsity"]
    blocks = result.tables["pruning_blocks"].groupby(keys)["f1"].mean()
    whole = result.tables["pruning"].query("split == 'test' and protocol == 'corrected'")
    whole = whole.set_index(keys)["f1"].reindex(blocks.index)
    np.testing.assert_allclose(blocks, whole, atol=0.02)


def test_every_claim_is_judged_and_points_at_a_figure(result):
    measured = result.claims[result.claims["verdict"] != "not measured"]
    assert len(set(measured["claim"])) >= 13  # seven need more tasks or sizes
    assert {"reading", "primary", "bound", "control", "false_holds", "false_fails"} <= set(
        result.claims.columns
    )
    page = read_page(result.report)
    for target in set(measured["figure"]):
        if not target.endswith("-replicated"):
            assert f'<section id="{target}">' in page, target


def test_page_names_the_data_and_the_command(result):
    page = read_page(result.report)
    assert "<h1>Low-capacity networks on mnist-5k</h1>" in page
    assert "lowcap run low-capacity --dataset mnist-5k --tasks 0-1 4-9" in page
    for unreadable in ("e+30", "[-inf", "inf]", "nan]"):
        assert unreadable not in page


def test_all_means_45_pairs():
    assert len(Settings(tasks=("all",)).tasks) == 45
    assert Settings(tasks=("9-4", "4-9")).tasks == ("4-9",)
    with pytest.raises(SettingsError):
        Settings(tasks=("some",))


def test_any_number_of_seeds_under_every_protocol():
    settings = Settings(seeds=40, tasks=("0-1",))
    for protocol in PROTOCOLS:
        assert len(seeds_of(settings, protocol, "0-1")) == 40
    usual = Settings(dataset="mnist")
    assert len(seeds_of(usual, "replicated", "0-1")) == 30
    more = Settings(extra=("replicated 4-9 25",))
    assert len(seeds_of(more, "replicated", "4-9")) == 25
    assert len(seeds_of(more, "replicated", "0-1")) == 10
    fewer = {cell.fingerprint for cell in plan(Settings(), DATA)}
    assert fewer <= {cell.fingerprint for cell in plan(more, DATA)}


def test_precision_is_part_of_a_cell_where_it_is_not_the_default():
    plain = plan(Settings(), DATA)
    coarse = plan(Settings(precision="bfloat16"), DATA)
    assert not any("precision" in cell.identity["config"] for cell in plain)
    assert not {cell.fingerprint for cell in plain} & {cell.fingerprint for cell in coarse}


def test_networks_of_lower_precision_are_named_on_the_page(tmp_path):
    settings = Settings(
        tasks=("0-1",), protocol=("corrected",), hidden=(4,), seeds=1, epochs=2, least_steps=2,
        precision="bfloat16",
    )  # fmt: skip
    with undrawn():
        page = read_page(conduct_here(STUDY, settings, tmp_path / "run").report)
    assert "products of bfloat16 factors" in page
    assert "--precision bfloat16" in page


def test_figures_with_a_place_for_each_task_show_few_of_many():
    tasks = Settings(tasks=("all",)).tasks
    tables = {"capacity": pd.DataFrame({"task": tasks})}
    few, remark = few_tasks(tables)
    assert set(few["capacity"]["task"]) == set(PAIRS)
    assert "5 of the 45 tasks" in remark
    others = {"capacity": tables["capacity"].query("task not in @PAIRS")}
    assert len(few_tasks(others)[0]["capacity"]) == 5
    assert few_tasks({"capacity": tables["capacity"].head(8)})[1] == ""


def test_batch_sizes_are_compared_by_steps(result):
    table = result.tables["batch_size"]
    assert set(table["batch"]) == {"1024", "32"}
    (per_epoch,) = {
        r["step"] / r["epoch"]
        for r in table.query("batch == '32' and task == '0-1' and seed == 0").to_dict("records")
    }
    main = result.tables["history"].query("task == '0-1' and seed == 0 and protocol == 'corrected'")
    assert per_epoch >= 3 * (main["step"] / main["epoch"]).max()


def test_training_goes_on_while_the_validation_loss_falls():
    """8 epochs of 5 steps are 40; a floor of 60 asks for 12, and the loss falls up to 30 epochs."""
    settings = Settings(tasks=("4-9",), protocol=("corrected",), hidden=(2,), seeds=1, epochs=8,
                        least_steps=60)  # fmt: skip
    from lowcap.data import load_dataset
    from lowcap.studies.low_capacity.measures import scored
    from lowcap.studies.low_capacity.training import train

    data = load_dataset("mnist-5k")
    (cell, *_) = plan(settings, [DataReference(data.name, data.sha256, ("mnist-5k", None))])
    trained = train(cell)
    history = trained.fitted.history
    assert len(history.train_loss) == 30
    assert scored(trained)["train_f1_best"].item() == history.train_score.max()
    losses = history.train_loss[:, 0]
    assert losses[12:15].mean() < losses[9:12].mean()  # it went on from where it was
