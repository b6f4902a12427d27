import json
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest
from benchmarks.peers import PEERS
from rich.console import Console

from lowcap.bench import fits, scikit
from lowcap.bench.cases import CASES, Case, RetrainCase, StackedCase, TableCase, workload
from lowcap.bench.command import compare
from lowcap.bench.contenders import CONTENDERS, Contender
from lowcap.bench.limit import PRODUCTS, own_shapes, rates
from lowcap.bench.measure import Timing, benchmark, found_at, timed, timed_cold
from lowcap.bench.processes import Cores
from lowcap.bench.proof import losses_of, proven
from lowcap.bench.ready import batch_order, start
from lowcap.bench.results import alarms, results, write
from lowcap.errors import RunError, SettingsError

TINY = Case("tiny", "two networks", (2, 3), 16, 2, rows=64)
DEEP = StackedCase("deep", "two deeper ones", (4, 3), 2, 20, 2, rows=40)
SPARSE = RetrainCase("sparse", "two networks, thinned out", (2, 3), 16, 2, rows=64, sparsity=0.9)
TABLE = TableCase("small", "four networks", "digits", 80, 10, 2, hidden=(2, 3), folds=2, seeds=1)


def test_work_is_counted_as_the_documentation_says():
    case = CASES["grid-128"]
    assert sum(member.hidden for member in case.members) == 226
    assert case.operations(600) == 4 * 600 * 226 * case.rows
    assert len(CASES["large"].members) == 2200
    stacked = StackedCase("", "", (3, 5), networks=7, batch_size=10, epochs=1, rows=20)
    weights_later = 3 * 5 + 5 * 10
    assert stacked.operations(11) == 7 * 20 * (4 * 11 * 3 + 6 * weights_later)


def test_every_contender_gets_the_same_rows():
    work = workload(TINY)
    assert work.x.shape[0] == len(work.y) == 64
    assert work.x.any(axis=0).all()
    order = batch_order(work)
    assert order.shape == (2, 64)
    np.testing.assert_array_equal(np.sort(order, axis=1), np.tile(np.arange(64), (2, 1)))
    assert (order[0] != order[1]).any()


def test_deeper_networks_get_all_classes():
    work = workload(DEEP)
    assert work.x.shape == (40, 784)
    assert set(work.y) == set(range(10))


def test_networks_of_a_table_leave_their_fold_out():
    work = workload(TABLE)
    assert TABLE.networks == [(2, 0), (2, 1), (3, 0), (3, 1)]
    assert work.kept is not None
    np.testing.assert_array_equal(work.kept[:2], work.kept[2:])  # the same folds at every size
    np.testing.assert_array_equal(work.kept[:2].sum(axis=0), 1)  # each row is held out once
    assert TABLE.operations(64) == (4 * 64 + 6 * 10) * 10 * 40
    for name in ("digits", "table"):
        case = CASES[name]
        assert len(case.networks) == 240
        assert workload(case).x.shape == ((1797, 64) if name == "digits" else (569, 30))


def test_every_round_removes_the_same_share_of_what_is_left():
    case = CASES["retrain"]
    assert isinstance(case, RetrainCase)
    assert case.epochs == 40
    assert len(case.members) == 110
    left = 1 - np.array([0, *case.sparsities])
    np.testing.assert_allclose(left[1:] / left[:-1], 0.005 ** (1 / 40))
    assert left[-1] == pytest.approx(0.005)


@pytest.fixture
def in_this_process(monkeypatch):
    """Contenders prove themselves where they need no imports of their own."""
    monkeypatch.setattr("lowcap.bench.proof._apart", lambda _, where, case: losses_of(where, case))


@pytest.mark.parametrize(
    "case", [TINY, pytest.param(DEEP, marks=pytest.mark.long), TABLE, SPARSE],
    ids=lambda case: case.name,
)  # fmt: skip
def test_contenders_make_the_same_update(case, in_this_process):
    found = proven(case, CONTENDERS[case.family])
    alike = {name for name, one in CONTENDERS[case.family].items() if not one.other}
    assert set(found) == alike
    assert max(found.values()) < 1e-4


def test_retraining_removes_the_case_s_share_and_equals_a_loop_of_its_own():
    """Masked plain SGD in NumPy: each round ranks what the last one left."""
    work = workload(SPARSE)
    ready = found_at("lowcap.bench.fits:retrained")(work)
    found = ready.population(ready.train())
    for network, trained in zip(start(work), found, strict=True):
        w1, b1, w2, b2 = (network.params[name].copy() for name in ("w1", "b1", "w2", "b2"))
        for sparsity, order in zip(SPARSE.sparsities, batch_order(work), strict=True):
            sizes = np.abs(np.concatenate([w1.ravel(), w2.ravel()]))
            kept = np.ones(len(sizes), bool)
            kept[np.argsort(sizes, kind="stable")[: round(sparsity * len(sizes))]] = False
            masks = kept[: w1.size].reshape(w1.shape), kept[w1.size :].reshape(w2.shape)
            w1, w2 = w1 * masks[0], w2 * masks[1]
            for rows in order.reshape(-1, 16):
                x, hidden = work.x[rows], np.maximum(work.x[rows] @ w1.T + b1, 0)
                slope = 1 / (1 + np.exp(-(hidden @ w2.T + b2))) - work.y[rows][:, None]
                back = (slope @ w2) * (hidden > 0)
                w2 = w2 - 0.03 * masks[1] * (slope.T @ hidden) / 16
                w1 = w1 - 0.03 * masks[0] * (back.T @ x) / 16
                b2, b1 = b2 - 0.03 * slope.mean(axis=0), b1 - 0.03 * back.mean(axis=0)
        assert (trained.params["w1"] == 0).sum() + (trained.params["w2"] == 0).sum() == round(
            0.9 * len(sizes)
        )
        np.testing.assert_allclose(trained.params["w1"], w1, atol=1e-5)
        np.testing.assert_allclose(trained.params["w2"], w2, atol=1e-5)
        np.testing.assert_allclose(trained.params["b1"], b1, atol=1e-5)


def late(work):
    """Prunes, but not as far as the case says."""
    return fits.retrained(work._replace(case=replace(work.case, sparsity=0.85)))


def test_another_sparsity_is_another_update(in_this_process):
    ours = CONTENDERS["retrain"]
    with pytest.raises(RunError, match="late on sparse does not make the update of lowcap"):
        proven(SPARSE, ours | {"late": Contender(f"{__name__}:late")})


def test_pytorch_prunes_the_same_weights(in_this_process):
    pytest.importorskip("torch")
    contenders = CONTENDERS["retrain"] | PEERS["retrain"]
    assert proven(SPARSE, contenders)["PyTorch loop, prune"] < 1e-4
    work, masks = workload(SPARSE), []
    for name in ("lowcap", "PyTorch loop, prune"):
        ready = found_at(contenders[name].where)(work)
        masks.append(ready.population(ready.train()).w1 == 0)
    np.testing.assert_array_equal(*masks)


def hasty(work):
    """Takes steps that are a little too long."""
    return scikit.loop(work._replace(case=replace(work.case, rate=1.005 * work.case.rate)))


def test_another_update_is_one_line(in_this_process):
    mlp = Contender("lowcap.bench.scikit:loop")
    with pytest.raises(RunError, match=r"hasty on small does not make the update of scikit-learn"):
        proven(TABLE, {"scikit-learn": mlp, "hasty": Contender(f"{__name__}:hasty")})
    assert proven(TABLE, {"a": mlp, "b": Contender(f"{__name__}:hasty", coarse=True)})["b"] > 1e-3
    slow = Contender("lowcap.bench.scikit:no_such", too_long=("small",))
    assert proven(TABLE, {"scikit-learn": mlp, "slow": slow}) == {"scikit-learn": 0}


def test_a_proof_that_fails_is_one_line():
    with pytest.raises(RunError, match=r"broken on small: AttributeError: .*no_such"):
        proven(TABLE, {"broken": Contender("lowcap.bench.scikit:no_such")})


def test_timings_come_from_processes_and_failures_are_one_line():
    mlp = CONTENDERS["wide"]["scikit-learn"]
    slow = Contender("lowcap.bench.scikit:no_such", too_long=("tiny",))
    (timing,) = benchmark(TINY, {"scikit-learn": mlp, "slow": slow}, repetitions=2)
    assert len(timing.seconds) == 2
    assert min(timing.seconds) > 0
    assert timing.memory > 10
    with pytest.raises(RunError, match=r"broken on tiny: AttributeError: .*no_such"):
        timed("broken", "lowcap.bench.scikit:no_such", TINY, Cores(1), 1)


def test_a_cold_start_runs_in_a_fresh_process_and_says_why_it_failed():
    where = CONTENDERS["table"]["scikit-learn"].where
    timing = timed_cold("scikit-learn", where, TABLE, Cores(1), 1)
    assert timing.start == "cold"
    assert timing.seconds[0] > 0
    assert timing.memory > 10
    with pytest.raises(RunError, match=r"broken on small: AttributeError: .*no_such"):
        timed_cold("broken", "lowcap.bench.scikit:no_such", TABLE, Cores(1), 1)


def test_scikit_learn_starts_without_lowcap_s_imports():
    code = (
        "import sys; from lowcap.bench.cases import CASES, workload; import lowcap.bench.scikit;"
        "workload(CASES['table']); sys.exit('jax' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_results_are_relative_to_lowcap_and_to_the_limit(tmp_path):
    timings = {
        "tiny": [
            Timing("lowcap", "processes", [1.0, 2.0, 3.0], 100.0),
            Timing("other", "threads", [8.0, 8.0, 8.0], 50.0),
            Timing("lowcap", "processes", [10.0], 100.0, "cold"),
            Timing("other", "threads", [15.0], 50.0, "cold"),
        ]
    }
    limits = {"tiny": {"JAX, square": 2 * TINY.operations(10), "NumPy, square": 1.0}}
    operations, differences = {"tiny": TINY.operations(10)}, {"tiny": {"lowcap": 0, "other": 1e-6}}
    table = results(timings, operations, limits, differences)
    np.testing.assert_allclose(table["times"], [1, 4, 1, 1.5])
    np.testing.assert_allclose(table["share"], [0.25, 0.0625, 0.05, 1 / 30])
    np.testing.assert_allclose(table["spread"], [1, 0, 0, 0])
    assert alarms(table) == []
    write(table, limits, tmp_path, {"torch": "x"})
    record = json.loads((tmp_path / "benchmark.json").read_text())
    assert record["rows"][1]["times"] == 4
    assert record["rows"][1]["differs"] == 1e-6
    assert record["torch"] == "x"
    assert set(record["products_gflops"]["tiny"]) == {"JAX, square", "NumPy, square"}
    assert (tmp_path / "benchmark.png").read_bytes().startswith(b"\x89PNG")


def test_more_than_the_limit_is_an_alarm_and_lower_precision_has_another_limit():
    timings = {
        "tiny": [
            Timing("lowcap", "processes", [1.0], 1.0),
            Timing("rounded", "processes", [0.5], 1.0),
            Timing("slow", "processes", [2.0], 1.0),
        ]
    }
    limits = {"tiny": {"NumPy, square": 0.8 * TINY.operations(10), "JAX, forward": 1.0}}
    table = results(timings, {"tiny": TINY.operations(10)}, limits, {"tiny": {}}, {"rounded"})
    (line,) = alarms(table)
    assert line.startswith("alarm: lowcap on tiny reaches 125% of the best product")
    assert np.isnan(table["share"][1])


def test_products_are_those_of_the_first_layers():
    assert own_shapes(CASES["grid-full"], 600)["forward"] == (226, 600, 8192)
    assert own_shapes(CASES["stacked"], 700)["gradient"] == (48 * 16, 100, 700)
    assert own_shapes(CASES["digits"], 64)["gradient"] == (220 * 20, 32, 64)
    left, right = np.ones((2, 3), np.float32), np.full((3, 4), 2, np.float32)
    for where in PRODUCTS.values():
        np.testing.assert_array_equal(found_at(where)(left, right)(), np.full((2, 4), 6))


def test_rates_name_library_and_shape(monkeypatch):
    monkeypatch.setattr("lowcap.bench.limit.settings", lambda: [Cores(1)])
    found = rates({"small": (64, 64, 64)}, {"NumPy": PRODUCTS["NumPy"]}, 1)
    assert set(found) == {"NumPy, small"}
    assert 1e6 < found["NumPy, small"] < 1e14


def test_impossible_settings_are_refused():
    with pytest.raises(SettingsError, match="choose grid-128"):
        compare(["grid"], CONTENDERS, Console(), None)
    with pytest.raises(SettingsError, match="--repetitions 0"):
        compare(["narrow"], CONTENDERS, Console(), None, repetitions=0)


def test_what_was_timed_is_written_even_if_a_later_case_fails(tmp_path, monkeypatch):
    def proven(case, contenders):
        if case.name == "narrow":
            raise RunError("broken on narrow")
        return {"lowcap": 0.0}

    timing = Timing("lowcap", "processes", [1.0], 100.0)
    monkeypatch.setattr("lowcap.bench.command.rates", lambda *_: {"NumPy, square": 1e12})
    monkeypatch.setattr("lowcap.bench.command.benchmark", lambda *_, repetitions: [timing])
    monkeypatch.setattr("lowcap.bench.command.proven", proven)
    with pytest.raises(RunError, match="broken on narrow"):
        compare(["grid-128", "narrow"], CONTENDERS, Console(), tmp_path, repetitions=1)
    record = json.loads((tmp_path / "benchmark.json").read_text())
    assert [row["case"] for row in record["rows"]] == ["grid-128"]
    assert (tmp_path / "benchmark.png").exists()
