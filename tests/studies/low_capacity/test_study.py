"""The study as a whole on the built-in data, a few networks for a few epochs."""

import re

import numpy as np
import pandas as pd
import pytest

from lowcap.data import DataReference
from lowcap.errors import SettingsError
from lowcap.studies.low_capacity.figures.common import few_tasks
from lowcap.studies.low_capacity.plan import plan
from lowcap.studies.low_capacity.settings import PAIRS, Settings
from lowcap.studies.low_capacity.study import STUDY
from lowcap.studies.study import conduct

pytestmark = pytest.mark.xdist_group(
    "studies-low_capacity-test_study"
)  # one worker: the run is made once


@pytest.fixture(scope="module")
def result(tmp_path_factory):
    settings = Settings(tasks=("0-1", "4-9"), hidden=(12, 24, 32, 48, 64), seeds=2, epochs=8)
    return conduct(STUDY, settings, tmp_path_factory.mktemp("study") / "run", workers=1)


def test_every_table_of_the_paper_is_there(result):
    assert set(result.tables) == {
        "batch_size", "capacity", "corrupted_examples", "difficulty", "embedding", "geometry",
        "history", "learning_rate", "neurons", "pruning", "robustness", "saliency",
        "saliency_agreement", "saliency_maps",
    }  # fmt: skip
    for name, table in result.tables.items():
        assert list(table.columns[:4]) == ["study", "protocol", "dataset", "task"], name
        if name == "batch_size":
            assert set(table["protocol"]) == {"corrected"}
        else:
            assert set(table["protocol"]) == {"published", "corrected"}, name


def test_tables_agree_where_they_measure_the_same_thing(result):
    """The clean, dense F1 of every instrument is the capacity table's."""
    keys = ["protocol", "task", "hidden", "seed"]
    truth = result.tables["capacity"].set_index(keys)
    expected = truth["val_f1"].where(
        truth.index.get_level_values(0) == "published", truth["test_f1"]
    )
    clean = result.tables["robustness"].query("corruption == 'none' and requested_sparsity == 0")
    np.testing.assert_allclose(clean.set_index(keys)["f1"].reindex(truth.index), expected)
    dense = result.tables["pruning"].query("requested_sparsity == 0 and scope == 'layer'")
    dense = dense.query("split == 'test' and rule == 'exact'").set_index(keys)["f1"]
    np.testing.assert_allclose(dense.reindex(truth.index), truth["test_f1"])


def test_every_claim_is_judged_and_points_at_a_figure(result):
    measured = result.claims[result.claims["verdict"] != "not measured"]
    assert len(set(measured["claim"])) >= 14
    page = result.report.read_text()
    for target in set(result.claims["figure"]):
        assert f'<section id="{target}">' in page


def test_page_names_the_data_and_the_command(result):
    page = result.report.read_text()
    assert "<h1>Low-capacity networks on mnist-5k</h1>" in page
    assert "lowcap run low-capacity --dataset mnist-5k --tasks 0-1 4-9" in page
    assert len(re.findall(r'class="headline"', page)) == 3


def test_all_means_45_pairs():
    assert len(Settings(tasks=("all",)).tasks) == 45
    assert Settings(tasks=("9-4", "4-9")).tasks == ("4-9",)
    with pytest.raises(SettingsError):
        Settings(tasks=("some",))


def test_precision_is_part_of_a_cell_where_it_is_not_the_default():
    data = [DataReference("mnist-5k", "0" * 64, ("mnist-5k", None))]
    plain = plan(Settings(), data)
    coarse = plan(Settings(precision="bfloat16"), data)
    assert not any("precision" in cell.identity["config"] for cell in plain)
    assert not {cell.fingerprint for cell in plain} & {cell.fingerprint for cell in coarse}


def test_networks_of_lower_precision_are_named_on_the_page(tmp_path):
    settings = Settings(
        tasks=("0-1",), protocol=("corrected",), hidden=(4,), seeds=1, epochs=2,
        precision="bfloat16",
    )  # fmt: skip
    page = conduct(STUDY, settings, tmp_path / "run", workers=1).report.read_text()
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
    assert set(table["batch"]) == {"full", "1024", "32"}
    full = table.query("batch == 'full'")
    assert (full["step"] == full["epoch"]).all()
    (rows,) = {
        r["step"] / r["epoch"]
        for r in table.query("batch == '32' and task == '0-1' and seed == 0").to_dict("records")
    }
    main = result.tables["history"].query("task == '0-1' and seed == 0 and protocol == 'corrected'")
    assert rows >= 3 * (main["step"] / main["epoch"]).max()
