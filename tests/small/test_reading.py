import hashlib
import os

import numpy as np
import pandas as pd
import pytest
from sklearn.datasets import load_breast_cancer, load_diabetes, load_iris, load_wine

from lowcap.errors import DataError, SettingsError
from lowcap.small.table.reading import read_source
from lowcap.small.table.text import Limits
from tests.small.test_columns import titanic

TEXT = "x,c,y\n1.5,red,0\n,green,1\n-2,red,0\n4,,1\n"


def written(folder, text, name="a.csv"):
    """A file with a text, or with bytes."""
    path = folder / name
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return path


def frame(rows: int = 30) -> pd.DataFrame:
    """A made table with a target and groups."""
    table = titanic(rows)
    return table.assign(family=np.arange(rows) // 3, survived=np.arange(rows) % 2)


@pytest.mark.parametrize("load", [load_breast_cancer, load_iris, load_wine, load_diabetes])
@pytest.mark.parametrize("form", ["csv", "parquet", "npz"])
def test_known_tables_come_back_whole(load, form, tmp_path):
    table = load(as_frame=True).frame
    features = table.drop(columns="target")
    path = tmp_path / f"known.{form}"
    if form == "npz":
        np.savez(path, x=features.to_numpy(), y=table["target"].to_numpy())
        features.columns = [f"x{n}" for n in range(features.shape[1])]
    elif form == "csv":
        table.to_csv(path, index=False)
    else:
        table.to_parquet(path)
    source = read_source(path, None if form == "npz" else "target")
    expected = features.set_axis(range(1, len(table) + 1))
    pd.testing.assert_frame_equal(source.table, expected, check_index_type=False)
    np.testing.assert_array_equal(source.target, table["target"])
    assert source.sampled == (len(table), len(table))
    assert source.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
    assert (source.notes, source.shape, source.groups, source.test) == ([], None, None, None)


@pytest.mark.parametrize("form", ["csv", "parquet"])
def test_target_groups_and_dropped_columns_are_no_features(form, tmp_path):
    table, path = frame(), tmp_path / f"a.{form}"
    table.to_csv(path, index=False) if form == "csv" else table.to_parquet(path)
    source = read_source(path, "survived", groups="family", drop=["age", "ship"])
    assert list(source.table) == ["class", "sex", "fare", "port", "alone"]
    assert source.target.name == "survived"
    np.testing.assert_array_equal(source.groups, table["family"])
    assert source.table.index.equals(source.groups.index)
    assert source.notes == [f"a.{form}: left out age, ship, as asked"]


@pytest.mark.parametrize(
    "data",
    [
        TEXT.encode(),
        b"\xef\xbb\xbf" + TEXT.encode(),
        TEXT.replace("\n", "\r\n").encode(),
        TEXT.replace("\n", "\r").encode(),
        TEXT.replace("\n", "\n\n").encode(),
        ("\n \n" + TEXT + "\n").encode(),
        TEXT.rstrip().encode(),
        TEXT.replace("red", '"red"').encode(),
    ],
)
def test_every_usual_way_to_write_a_csv(data, tmp_path):
    source = read_source(written(tmp_path, data), "y")
    np.testing.assert_array_equal(source.table["x"], [1.5, np.nan, -2, 4])
    assert source.table["c"].fillna("?").tolist() == ["red", "green", "red", "?"]
    assert source.target.tolist() == [0, 1, 0, 1]
    assert source.table.index.tolist() == [1, 2, 3, 4]


def test_cells_may_hold_commas_quotes_and_lines(tmp_path):
    text = 'x,c,y\n1,"a, b",0\n2,"say ""hi""",1\n3,"two\nlines",0\n4,é,1\n'
    source = read_source(written(tmp_path, text), "y")
    assert source.table["c"].tolist() == ["a, b", 'say "hi"', "two\nlines", "é"]


def rows_of(values: int = 8) -> str:
    return "".join(f"{n * n},{n % 3},{n % 2}\n" for n in range(values))


BAD = [
    ("", "is empty"),
    ("\n\n", "is empty"),
    ("x,c,y\n", "has a header but no rows"),
    ("x,c,y\n1,2,0\n1,2\n", r"row 2 \(counted from 1, the header not\) has 2 cells, .* header 3"),
    ("x,c,y\n1,2,0\n\n1,2,1,7\n", r"row 2 \(.*\) has 4 cells"),
    ("x,c,y\n" + "1,2,0,9\n" * 5, r"row 1 \(.*\) has 4 cells"),
    ("x,x,y\n1,2,0\n", "the header names column 'x' more than once"),
    (",x,y\n0,1,0\n1,2,1\n", "'Unnamed: 0' has no name in the file"),
    ('"x\nz",c,y\n1,2,0\n', "the name of column 'x z' holds a line break"),
    ("x,\ufeffc,y\n1,2,0\n", "holds a line break or another character that is not seen"),
    (
        "x;c;y\n1;2;0\n",
        "its columns are separated by ';'; save it with commas .* points in numbers",
    ),
    (
        'x,c,y\n1,2,"0,5"\n2,3,"1,5"\n',
        "target column 'y': values such as '0,5' have decimal commas",
    ),
    ("x\tc\ty\n1\t2\t0\n", r"its columns are separated by '\\t'"),
    ("x,c,y\n1,2,0\n1,é,1\n".encode("latin-1"), "line 3 is not UTF-8; save the file as UTF-8"),
    (TEXT.encode("utf-16"), "line 1 is not UTF-8"),
    (TEXT.encode("utf-16-le"), "line 1 holds a NUL character; save the file as text in UTF-8"),
    ('x,c,y\n1,"2,0\n1,2,1\n', r"line 3 is no CSV \(.*\); look at its quotation marks"),
    ('x,c,y\n1,"2"z,0\n', "line 2 is no CSV"),
    ("x,c,z\n1,2,0\n", r"no column 'y'.*\(it has x, c, z\)"),
    ("y\n1\n2\n", "no column is left to predict from"),
    ("x,c,y\n1,2,3\n2,3,3\n", "target column 'y' says 3 in all 2 rows"),
    ("x,c,y\n1,2,3\n2,3,\n4,4,4\n", r"target column 'y' is empty in row 2 \("),
    ("x,c,y\n1,,3\n2,NA,4\n", "column 'c' is empty in every row; drop it"),
    ("x,c,y\n1,2,3\n2,-inf,4\n", r"column 'c': row 2 \(.*\) holds -inf; numbers must be finite"),
    ("x,c,y\n1,2,3\n2,1e999,4\n", r"column 'c': row 2 \(.*\) holds inf"),
    ("x,c,y\n1,2,3\n2," + "9" * 400 + ",4\n", r"column 'c': row 2 \(.*\) holds"),
    ("x,c,y\n" + rows_of() + "?,1,1\n", r"column 'x' holds numbers, but row 9 \(.*\) holds '\?'"),
    ("x,c,y\n2024-01-31,2,3\n2024-02-29,3,4\n", "column 'x' holds dates or times"),
]


@pytest.mark.parametrize(("text", "words"), BAD, ids=range(len(BAD)))
def test_what_is_wrong_with_a_csv_is_said_in_a_line(text, words, tmp_path):
    path = written(tmp_path, text)
    with pytest.raises(DataError, match=words) as caught:
        read_source(path, "y")
    assert "\n" not in str(caught.value)
    assert str(caught.value).startswith(f"{path}: ")


def test_the_nearest_name_is_suggested(tmp_path):
    path = tmp_path / "a.csv"
    frame().to_csv(path, index=False)
    for wrong in ("Survived", "survivd", " survived "):
        with pytest.raises(DataError, match=r"did you mean 'survived'\?"):
            read_source(path, wrong)
    with pytest.raises(DataError, match=r"no column 'famly'; did you mean 'family'\?"):
        read_source(path, "survived", groups="famly")
    with pytest.raises(DataError, match=r"no column 'zzzz' \(it has class, sex"):
        read_source(path, "survived", drop=["zzzz"])


def test_arguments_that_do_not_go_together(tmp_path):
    path = written(tmp_path, TEXT)
    with pytest.raises(SettingsError, match="'y' cannot be both the target and the groups"):
        read_source(path, "y", groups="y")
    with pytest.raises(SettingsError, match="say which column to predict"):
        read_source(path)
    for given in ({"drop": ["y"]}, {"groups": "c", "drop": ["c"]}):
        with pytest.raises(SettingsError, match="cannot be left out"):
            read_source(path, "y", **given)


def test_what_is_no_file_of_a_known_form(tmp_path):
    with pytest.raises(DataError, match="is a folder"):
        read_source(tmp_path, "y")
    with pytest.raises(DataError, match="no such file"):
        read_source(tmp_path / "none.csv", "y")
    with pytest.raises(DataError, match=r"give a \.csv, \.parquet or \.npz"):
        read_source(written(tmp_path, TEXT, "a.xlsx"), "y")
    for name in ("a.parquet", "a.npz"):
        with pytest.raises(DataError, match="is empty"):
            read_source(written(tmp_path, "", name), "y")
        with pytest.raises(DataError, match=r"a\.(parquet|npz): .*(Parquet|npz file)") as caught:
            read_source(written(tmp_path, TEXT, name), "y")
        assert "\n" not in str(caught.value)
    source = read_source(written(tmp_path, TEXT, "A.CSV"), "y")
    assert source.sampled == (4, 4)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_that_may_not_be_read(tmp_path):
    path = written(tmp_path, TEXT)
    path.chmod(0)
    with pytest.raises(DataError, match="cannot be read"):
        read_source(path, "y")


def test_groups_with_gaps_are_refused(tmp_path):
    path = written(tmp_path, "x,g,y\n1,a,0\n2,,1\n3,b,0\n")
    with pytest.raises(DataError, match=r"group column 'g' is empty in row 2 \("):
        read_source(path, "y", groups="g")


def test_parquet_keeps_its_kinds_and_lengths(tmp_path):
    table = frame().astype({"class": "Int64", "alone": "boolean", "sex": "category"})
    table.loc[2, "class"], table.loc[5, "alone"] = pd.NA, pd.NA
    path = tmp_path / "a.parquet"
    table.to_parquet(path)
    source = read_source(path, "survived")
    expected = pd.read_parquet(path).drop(columns="survived")
    assert source.table.dtypes.tolist() == expected.dtypes.tolist()
    pd.testing.assert_frame_equal(source.table.reset_index(drop=True), expected)
    by_batch = read_source(path, "survived", limits=Limits(chunk=7))
    pd.testing.assert_frame_equal(by_batch.table, source.table)
    table.assign(family=[[1]] * 30).to_parquet(path)
    with pytest.raises(DataError, match="'family' holds neither numbers, truth values nor texts"):
        read_source(path, "survived")
    with pytest.raises(DataError, match="group column 'family' holds neither numbers nor texts"):
        read_source(path, "survived", groups="family")


TEST_FILES = [
    ("x,c,y\n1,red,1\n", None),
    ("c,y,x\n1,1,2\n", None),
    ("x,c,y\n,,1\n", None),
    ("x,y\n1,1\n", r"no column 'c' \(it has x\)"),
    ("x,c,d,y\n1,2,3,1\n", "has column 'd', which the training rows lack"),
    ("x,c\n1,2\n", "no column 'y'"),
    ("x,c,y\n1,red,0\nold,red,1\n", r"column 'x': row 2 \(.*\) holds 'old', but in the training"),
    ("x,c,y\n1,red,0\ninf,red,1\n", r"column 'x': row 2 \(.*\) holds inf"),
    ("x,c,y\n1,red,0\n1,red,\n", r"target column 'y' is empty in row 2"),
    (
        "x,c,y\n1,red,no\n1,red,yes\n",
        r"target column 'y': row 1 .* holds 'no' .* but in the training",
    ),
    (TEXT, "holds the training rows themselves"),
]


@pytest.mark.parametrize(("text", "words"), TEST_FILES, ids=range(len(TEST_FILES)))
def test_a_test_file_must_fit_the_training_rows(text, words, tmp_path):
    path, test = written(tmp_path, TEXT), written(tmp_path, text, "test.csv")
    if words is None:
        source = read_source(path, "y", test=test)
        assert list(source.test.table) == ["x", "c"]
        assert source.test.path == test
        assert source.test.table["c"].isin(["red", "1", np.nan]).all()  # texts, as in training
        assert source.test.target.tolist() == [1]
        return
    with pytest.raises(DataError, match=words) as caught:
        read_source(path, "y", test=test)
    assert str(caught.value).startswith(f"{test}: ")


def test_a_test_file_may_have_the_dropped_column_and_other_groups(tmp_path):
    table = frame()
    path, test, mixed = (tmp_path / name for name in ("a.csv", "b.parquet", "c.csv"))
    table[:15].to_csv(path, index=False)
    table[15:].to_parquet(test)
    given = {"groups": "family", "drop": ["ship"]}
    source = read_source(path, "survived", test=test, **given)
    assert list(source.test.table) == list(source.table)
    assert source.test.groups.tolist() == table["family"][15:].tolist()
    table[14:].to_csv(mixed, index=False)
    with pytest.raises(DataError, match=r"group 4 of column 'family' \(row 1, .* is also in"):
        read_source(path, "survived", test=mixed, **given)
    table[15:].drop(columns=["ship", "family"]).to_csv(mixed, index=False)
    source = read_source(path, "survived", test=mixed, **given)
    assert source.test.groups is None
