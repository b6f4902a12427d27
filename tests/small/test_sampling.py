"""Long files: a bounded, uniform sample, the same however the rows are read."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from lowcap.small.table import text
from lowcap.small.table.reading import read_source
from lowcap.small.table.sampling import Reservoir, chosen
from lowcap.small.table.text import Limits
from lowcap.streams import stream

ROWS = 200_000


@pytest.fixture(scope="module")
def long(tmp_path_factory):
    """A long file whose first column counts its rows."""
    path = tmp_path_factory.mktemp("long") / "long.csv"
    rows = np.arange(1, ROWS + 1)
    table = pd.DataFrame({"row": rows, "x": rows % 97, "c": "v" + pd.Series(rows % 5).astype(str)})
    table.assign(y=rows % 2).to_csv(path, index=False)
    return path


def test_a_long_file_is_sampled_evenly(long):
    source = read_source(long, "y", limits=Limits(rows=4000, chunk=1000))
    assert source.sampled == (4000, ROWS)
    assert source.notes == ["long.csv: took 4,000 of 200,000 rows, drawn at random"]
    taken = source.table["row"].to_numpy()
    assert (np.diff(taken) > 0).all()
    np.testing.assert_array_equal(source.table.index, taken)  # rows keep their numbers
    np.testing.assert_array_equal(source.table["x"], taken % 97)
    np.testing.assert_array_equal(source.target, taken % 2)
    twentieths = np.bincount((taken - 1) * 20 // ROWS, minlength=20)
    assert stats.chisquare(twentieths).pvalue > 0.001
    assert stats.kstest(taken / ROWS, "uniform").pvalue > 0.001


def test_the_sample_does_not_depend_on_how_the_file_is_read(long, tmp_path):
    few = read_source(long, "y", limits=Limits(rows=500, chunk=333))
    many = read_source(long, "y", limits=Limits(rows=500, chunk=50_000))
    pd.testing.assert_frame_equal(few.table, many.table)
    path = tmp_path / "long.parquet"
    pd.read_csv(long).to_parquet(path, row_group_size=9_000)
    columns = read_source(path, "y", limits=Limits(rows=500, chunk=777))
    pd.testing.assert_frame_equal(few.table, columns.table)
    assert columns.sampled == few.sampled == (500, ROWS)


def test_never_more_rows_are_held_than_the_limits_say(long, monkeypatch):
    held = []

    class Watched(Reservoir):
        def offer(self, rows):
            held.append(len(self.kept[1]) + len(rows))
            super().offer(rows)

    monkeypatch.setattr(text, "Reservoir", Watched)
    read_source(long, "y", limits=Limits(rows=700, chunk=250))
    assert len(held) == ROWS // 250 + 1
    assert max(held) == 700 + 250


def test_a_wide_table_keeps_fewer_rows(tmp_path):
    path = tmp_path / "wide.csv"
    table = pd.DataFrame(np.random.default_rng(0).normal(size=(50, 9)), columns=list("abcdefghy"))
    table.to_csv(path, index=False)
    assert read_source(path, "y", limits=Limits(cells=200)).sampled == (22, 50)
    assert Limits().most(4) == 50_000
    assert Limits().most(10_000_000) == 5


def test_a_test_file_is_sampled_by_a_draw_of_its_own(long, tmp_path):
    path = tmp_path / "test.csv"
    pd.read_csv(long).assign(x=1).to_csv(path, index=False)
    source = read_source(long, "y", test=path, limits=Limits(rows=300))
    assert source.test.sampled == (300, ROWS)
    assert len(source.notes) == 2
    assert not source.test.table.index.equals(source.table.index)


def test_every_row_is_as_likely_as_any_other():
    times = np.zeros(30, int)
    for seed in range(600):
        numbers, rows = filled(30, 10, 7, seed)
        assert rows == [f"row {number}" for number in numbers]
        times[numbers] += 1
    assert times.sum() == 6000
    assert stats.chisquare(times).pvalue > 0.001


def filled(total, most, chunk, seed):
    """What a reservoir keeps of so many rows."""
    kept = Reservoir(most, stream("test of a reservoir", seed))
    rows = [f"row {number}" for number in range(total)]
    for start in range(0, total, chunk):
        kept.offer(rows[start : start + chunk])
    assert kept.offered == total
    return kept.kept


@pytest.mark.parametrize(("total", "most"), [(0, 5), (4, 5), (5, 5), (6, 5), (100, 5), (100, 1)])
@pytest.mark.parametrize("chunk", [1, 3, 200])
def test_the_rows_kept_are_those_chosen(total, most, chunk):
    numbers, rows = filled(total, most, chunk, 3)
    expected = chosen(total, most, stream("test of a reservoir", 3))
    np.testing.assert_array_equal(numbers, expected)
    assert len(rows) == min(total, most)
