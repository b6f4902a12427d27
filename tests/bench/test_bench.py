import json
from importlib import import_module

import numpy as np
import pytest
from rich.console import Console

from lowcap.bench import CASES, CONTENDERS, Case, StackedCase, Timing, benchmark, workload
from lowcap.bench.command import compare
from lowcap.bench.contenders import batch_order
from lowcap.bench.results import results, write
from lowcap.errors import RunError, SettingsError

TINY = Case("tiny", "two networks", (2, 3), 16, 2, rows=64)
DEEP = StackedCase("deep", "two deeper ones", (4, 3), 2, 20, 2, rows=40)


def failing(work):
    raise ValueError("no such thing")


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
    assert work.images.shape[0] == len(work.labels) == 64
    assert work.images.any(axis=0).all()
    order = batch_order(work)
    assert order.shape == (8, 16)
    for epoch in (order[:4], order[4:]):
        assert sorted(epoch.ravel().tolist()) == list(range(64))


def test_deeper_networks_get_all_classes():
    work = workload(DEEP)
    assert work.images.shape == (40, 784)
    assert set(work.labels) == set(range(10))


@pytest.mark.parametrize(
    ("case", "where"),
    [(case, where) for case in (TINY, DEEP) for where in CONTENDERS[case.family].values()],
)
def test_contenders_train(case, where):
    module, _, name = where.partition(":")
    train = getattr(import_module(module), name)(workload(case))
    train()


def test_timings_come_from_processes_and_failures_are_one_line():
    (timing,) = benchmark(TINY, {"scikit-learn": CONTENDERS["wide"]["scikit-learn"]}, repetitions=2)
    assert len(timing.seconds) == 2
    assert min(timing.seconds) > 0
    assert timing.memory > 10
    with pytest.raises(RunError, match="broken on tiny: ValueError: no such thing"):
        benchmark(TINY, {"broken": "tests.bench.test_bench:failing"}, repetitions=1)


def test_results_are_relative_to_lowcap_and_to_the_limit(tmp_path):
    timings = {
        "tiny": [
            Timing("lowcap", "processes", [1.0, 2.0, 3.0], 100.0),
            Timing("other", "threads", [8.0, 8.0, 8.0], 50.0),
        ]
    }
    limit = 2 * TINY.operations(10)
    table = results(timings, {"tiny": TINY.operations(10)}, limit)
    np.testing.assert_allclose(table["times"], [1, 4])
    np.testing.assert_allclose(table["share"], [0.25, 0.0625])
    np.testing.assert_allclose(table["spread"], [1, 0])
    write(table, limit, tmp_path, {"torch": "x"})
    record = json.loads((tmp_path / "benchmark.json").read_text())
    assert record["rows"][1]["times"] == 4
    assert record["torch"] == "x"
    assert (tmp_path / "benchmark.png").read_bytes().startswith(b"\x89PNG")


def test_impossible_settings_are_refused():
    with pytest.raises(SettingsError, match="choose grid-128"):
        compare(["grid"], CONTENDERS, Console(), None)
    with pytest.raises(SettingsError, match="--repetitions 0"):
        compare(["narrow"], CONTENDERS, Console(), None, repetitions=0)
