"""What looks like a mistake in a table is said in a line, and what does not is not."""

import numpy as np
import pandas as pd
import pytest

from lowcap.cli import main
from lowcap.data import Kind
from lowcap.errors import DataError
from lowcap.small import run
from lowcap.small.prepared import prepare
from lowcap.small.table.copies import copies
from lowcap.small.table.doubts import doubts
from lowcap.small.table.reading import read_source
from lowcap.small.table.shipped import SHIPPED, shipped_source


def rows(count: int = 60, **columns) -> pd.DataFrame:
    """Two measurements and a label, with more columns."""
    rng = np.random.default_rng(3)
    table = pd.DataFrame({"f1": rng.normal(size=count), "f2": rng.normal(size=count), **columns})
    return table.assign(y=np.arange(count) % 2)


def read(folder, table, **given):
    path = folder / "a.csv"
    table.to_csv(path, index=False)
    return read_source(path, "y", **given)


def said(folder, table, kind: Kind = "binary", **given) -> list[str]:
    return doubts(read(folder, table, **given), kind)


@pytest.mark.parametrize("name", SHIPPED)
def test_nothing_is_said_of_shipped_tables(name):
    assert doubts(shipped_source(name), SHIPPED[name] or "classes") == []


MIXED = np.random.default_rng(0).permutation(60)


@pytest.mark.parametrize(
    ("values", "words"),
    [
        (np.arange(10001, 10061), "in the order of the file"),
        (np.arange(60) ** 2, "in the order of the file"),
        (-3.0 * np.arange(60), "in the order of the file"),
        (MIXED + 7, "none left out"),
        (2 * MIXED, None),
        (np.arange(60) // 2, None),
        (np.arange(60) + 0.5, None),
        (np.where(MIXED == 5, np.nan, np.arange(60)), None),
    ],
)
def test_numbers_of_the_rows_are_pointed_out(values, words, tmp_path):
    found = said(tmp_path, rows(client=values))
    if words is None:
        assert found == []
        return
    (line,) = found
    assert line == (
        f"client: a different whole number in every row, {words}; if it is the row's number, "
        "leave it out (--drop)"
    )
    assert said(tmp_path, rows(client=values), drop=["client"]) == []
    assert said(tmp_path, rows(client=values).iloc[:29]) == []


def test_rows_are_told_apart_before_some_are_put_aside(tmp_path):
    notes = prepare(read(tmp_path, rows(client=MIXED))).notes
    assert [note.split(":")[0] for note in notes[:1]] == ["client"]
    assert "12 of 60 rows put aside" in notes[1]


def with_values(**values) -> pd.DataFrame:
    """Rows whose columns start with other values."""
    table = rows(300)
    for name, some in values.items():
        table.loc[3 : 2 + len(some), name] = some
    return table


FAR = [
    ({"f2": [1e30]}, "f2: one value (1e+30, row 4) is far"),
    ({"f2": [-999.0]}, "f2: one value (-999, row 4) is far"),
    ({"f2": [-999.0, -9999.0]}, "f2: 2 values (first -999, row 4) are far"),
    ({"f2": [9999.0] * 50}, "f2: 50 values (first 9999, row 4) are far"),
    ({"f1": [-999.0], "f2": [1e9]}, "f1, f2: values such as -999 (f1, row 4) are far"),
    ({"f2": [9999.0] * 70}, None),
    ({"f2": [1e9, 500.0]}, None),  # with values in between, a long tail
    ({"f2": [30.0]}, None),
]


@pytest.mark.parametrize(("values", "words"), FAR, ids=range(len(FAR)))
def test_values_far_from_all_others(values, words, tmp_path):
    found = said(tmp_path, with_values(**values))
    if words is None:
        assert found == []
        return
    assert found == [f"{words} from all others; for what is missing leave its cell empty"]


def test_a_code_among_numbers_like_it_is_none(tmp_path):
    table = rows(
        300, height=np.linspace(5e3, 9999.0, 300)[np.random.default_rng(0).permutation(300)]
    )
    assert said(tmp_path, table) == []


def test_far_values_of_a_target_are_those_of_a_number_only(tmp_path):
    table = rows().assign(y=np.random.default_rng(0).normal(size=60))
    table.loc[2, "y"] = 1e9
    (line,) = said(tmp_path, table, "regression")
    assert line.startswith("y: one value (1e+09, row 3) is far")
    assert line.endswith("leave its row out")
    assert said(tmp_path, table, "classes") == []


def test_copies_of_rows(tmp_path):
    once = rows().assign(c="x")
    table = pd.concat([once] * 5)
    (line,) = said(tmp_path, table)
    assert line == (
        "240 of 300 rows are copies of others; copies on both sides of a division flatter the "
        "score; if they belong together, name the column that says so in --group"
    )
    places = pd.Series(np.tile(np.arange(60), 5), name="g")
    assert said(tmp_path, table.assign(g=places.to_numpy()), groups="g") == []
    apart = table.assign(g=np.repeat(np.arange(5), 60))
    assert said(tmp_path, apart, groups="g")[0].endswith("flatter the score")
    assert said(tmp_path, pd.concat([once, once[:3]])) == []
    assert said(tmp_path, table.assign(f1=np.random.default_rng(0).normal(size=300))) == []


def test_copies_that_columns_of_few_values_have_by_nature():
    rng = np.random.default_rng(0)
    age = pd.DataFrame({"age": rng.integers(20, 60, 2000), "sex": rng.integers(0, 2, 2000)})
    found = copies(age, pd.Series(rng.integers(0, 2, 2000)))
    assert found.count == 2000 - 160
    assert not found.odd
    few = pd.DataFrame(np.repeat(rng.integers(0, 3, (20, 9)), 5, axis=0))
    assert not copies(few, pd.Series(np.zeros(100))).odd


def with_test(folder, table, test):
    path = folder / "test.csv"
    test.to_csv(path, index=False)
    return read(folder, table, test=path)


def test_test_rows_that_are_training_rows(tmp_path):
    table = rows(80, c=["red", None] * 40, whole=np.arange(80) % 7)
    train, test = table[:50], table[38:]
    assert with_test(tmp_path, train, test).notes == [
        "12 of 42 test rows also stand among the training rows, so that the score on them flatters"
    ]
    assert with_test(tmp_path, train, table[50:]).notes == []
    other = test.assign(y=1 - test["y"])
    assert with_test(tmp_path, train, other).notes == []
    swapped = test.astype({"whole": float})[["c", "y", "whole", "f2", "f1"]]
    assert with_test(tmp_path, train, swapped).notes[0].startswith("12 of 42 ")
    with pytest.raises(DataError, match=r"test\.csv: all test rows are training rows too"):
        with_test(tmp_path, train, train[:9])
    thrice = pd.concat([train] * 3)
    with pytest.raises(DataError, match="all test rows"):
        with_test(tmp_path, thrice, train[:9])


def test_test_rows_of_few_categories_may_be_training_rows(tmp_path):
    rng = np.random.default_rng(0)
    table = pd.DataFrame(rng.choice(["a", "b"], (200, 3)), columns=["c1", "c2", "y"])
    assert with_test(tmp_path, table[:150], table[150:]).notes == [
        "50 of 50 test rows also stand among the training rows, which often equal each other"
    ]


def test_doubts_are_printed(tmp_path, capfd, monkeypatch):
    class Begun(Exception):
        """A search that was about to begin."""

    def stop(*_, **__):
        raise Begun

    monkeypatch.setattr(run, "search", stop)
    path = tmp_path / "a.csv"
    with_values(f2=[-999.0]).assign(client=np.arange(300)).to_csv(path, index=False)
    with pytest.raises(Begun):
        main(["small", str(path), "--target", "y", "--out", str(tmp_path / "out")])
    printed = " ".join(capfd.readouterr().out.split())
    assert "client: a different whole number in every row" in printed
    assert "f2: one value (-999, row 4) is far from all others" in printed
    assert "client: whole number, scaled" in printed
