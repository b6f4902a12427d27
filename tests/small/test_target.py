import numpy as np
import pandas as pd
import pytest
from sklearn.datasets import load_breast_cancer, load_diabetes, load_iris, load_wine

from lowcap.data import array_task
from lowcap.errors import DataError, SettingsError
from lowcap.small.table.target import check_folds, kind_of, learn_target


def column(values, **given) -> pd.Series:
    """A target as it comes from a file, its rows counted from 1."""
    return pd.Series(values, range(1, len(values) + 1), name="answer", **given)


@pytest.mark.parametrize(
    ("values", "kind", "classes"),
    [
        (["no", "yes", "no"] * 4, "binary", ("no", "yes")),
        ([True, False, False] * 4, "binary", (False, True)),
        ([7, 3, 7] * 4, "binary", (3, 7)),
        ([1.0, 2.0] * 6, "binary", (1.0, 2.0)),
        (["b", "c", "a"] * 4, "classes", ("a", "b", "c")),
        ([10, -5, 0] * 4, "classes", (-5, 0, 10)),
        ([0.5, 1.5, 3] * 4, "regression", ()),
        ([0.5, 1.5] * 6, "regression", ()),
    ],
)
def test_the_kind_is_that_of_a_task_of_the_same_values(values, kind, classes):
    values = column(values)
    target = learn_target(values)
    task = array_task(np.ones((12, 1)), values.to_numpy(), name="made")
    assert (target.kind, target.classes) == (kind, classes)
    assert (target.kind, target.outputs) == (task.target.kind, task.target.outputs)
    assert [type(label) for label in target.classes] == [type(label) for label in classes]
    found = target.encode(values)
    if kind == "regression":
        numbers = values.to_numpy()
        np.testing.assert_allclose(found, (numbers - numbers.mean()) / numbers.std(), rtol=1e-6)
        np.testing.assert_allclose(found * target.scale + target.mean, numbers, rtol=1e-6)
    else:
        np.testing.assert_array_equal(found, task.y)
        assert found.dtype == task.y.dtype


@pytest.mark.parametrize(
    ("load", "kind"),
    [(load_breast_cancer, "binary"), (load_iris, "classes"), (load_wine, "classes")],
)
def test_the_targets_of_known_tables(load, kind):
    values = load(as_frame=True).target
    target = learn_target(values)
    assert target.kind == kind
    np.testing.assert_array_equal(target.encode(values), values)
    check_folds(target, values, 10)


def test_whole_numbers_are_a_regression_only_if_asked_for():
    values = load_diabetes(as_frame=True).target
    classes = learn_target(values)
    assert classes.kind == "classes"
    with pytest.raises(DataError, match=r"in 1 row only .*208 more labels.*ask for a regression"):
        check_folds(classes, values, 5)
    target = learn_target(values, kind="regression")
    check_folds(target, values, 5)
    assert (target.mean, target.outputs) == (values.mean(), 1)


def test_a_kind_can_be_asked_for():
    halves = column([0.5, 1.5, 2.5] * 4)
    assert learn_target(halves, kind="classes").classes == (0.5, 1.5, 2.5)
    assert learn_target(column(["a", "b"] * 3), kind="classes").kind == "binary"
    assert kind_of(column([1, 2, 3])) == "classes"
    with pytest.raises(DataError, match=r"has 3 different labels \(0\.5, 1\.5, 2\.5\)"):
        learn_target(halves, kind="binary")
    with pytest.raises(DataError, match="'answer' holds texts; a regression needs numbers"):
        learn_target(column(["a", "b"]), kind="regression")


def test_categories_of_a_file_are_its_labels():
    values = column(["u", "v", "u", "v"], dtype="category")
    target = learn_target(values)
    assert target.classes == ("u", "v")
    np.testing.assert_array_equal(target.encode(values), [0, 1, 0, 1])


@pytest.mark.parametrize(
    ("values", "words"),
    [
        (["a", None, "b", None], r"'answer' is empty in row 2 \(counted.*\) and 1 more"),
        ([1.0, 2.0, np.nan], r"'answer' is empty in row 3 \(counted from 1, the header not\);"),
        (["a", "a"], "'answer' says a in all 2 rows"),
        ([4, 4, 4], "'answer' says 4 in all 3 rows"),
        ([0.5, np.inf, 2], r"row 2 \(.*\) holds inf"),
        (["1", "2", "3"] * 9 + ["n/k"], r"holds numbers, but row 28 .* holds 'n/k'"),
        (list(pd.date_range("2020", periods=3)), "holds dates or times"),
        ([[1], [2]], "neither numbers, truth values nor texts"),
    ],
)
def test_targets_that_cannot_be_learned(values, words):
    with pytest.raises(DataError, match=words) as caught:
        learn_target(column(values))
    assert "\n" not in str(caught.value)


def test_labels_that_training_lacks_are_named():
    target = learn_target(column(["a", "b", "c"] * 2))
    with pytest.raises(DataError, match=r"row 3 \(.*holds 'd' \(.*1 more\), a label .*\(a, b, c\)"):
        target.encode(column(["a", "b", "d", "e"]))
    with pytest.raises(DataError, match=r"row 2 \(.*\) holds nan"):
        target.encode(column(["a", None]))
    numbers = learn_target(column([0.5, 1.5]))
    with pytest.raises(DataError, match=r"row 2 \(.*\) holds nan"):
        numbers.encode(column([0.5, None]))
    with pytest.raises(DataError, match=r"row 1 \(.*\) holds 'x'"):
        numbers.encode(column(["x", "1"]))


def test_tables_too_small_for_their_folds():
    pair = column(["a", "b"] * 5)
    target = learn_target(pair)
    check_folds(target, pair, 5)
    with pytest.raises(SettingsError, match="two folds or more, not 1"):
        check_folds(target, pair, 1)
    with pytest.raises(DataError, match="10 training rows are fewer than the 11 folds"):
        check_folds(target, pair, 11)
    groups = pd.Series(["g", "h"] * 5, pair.index, name="patient")
    check_folds(target, pair, 2, groups)
    with pytest.raises(DataError, match="'patient' has 2 groups, fewer than the 3 folds"):
        check_folds(target, pair, 3, groups)
    lonely = column(["a", "b"] * 5 + ["c"])
    with pytest.raises(DataError, match=r"label c is in 1 row only \(row 11, counted.*leave such"):
        check_folds(learn_target(lonely), lonely, 3)
    rare = column(["a", "b"] * 5 + ["c", "c"])
    check_folds(learn_target(rare), rare, 2)
    with pytest.raises(DataError, match=r"label c is in 2 rows only .* or take fewer folds"):
        check_folds(learn_target(rare), rare, 3)
    numbers = column(np.arange(10) / 4)
    check_folds(learn_target(numbers), numbers, 10)


def test_unknown_kinds_are_refused():
    kind: object = "ranking"
    with pytest.raises(Exception, match="ranking"):
        learn_target(column([1, 2]), kind=kind)
