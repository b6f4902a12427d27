import numpy as np
import pandas as pd
import pytest

from lowcap.claims import NotMeasured
from lowcap.studies.sensitivity.layout import FACTORS, KEYS, fitted, lay, pairs
from tests.studies.sensitivity.made import networks

GAP = {"": {"length": "long"}}


@pytest.fixture(scope="module")
def table():
    return networks()


@pytest.mark.parametrize("name", FACTORS)
@pytest.mark.parametrize("equal", [True, False])
def test_pairs_are_equal_but_for_the_factor(table, name, equal):
    factor = FACTORS[name]
    layout = pairs(table, factor, equal)
    assert layout.samples == [0, 1, 2, 3, 4]
    assert factor.column not in layout.columns
    assert len(layout.kinds) >= 4
    whole = table.set_index(list(KEYS))
    lengths = factor.equal if equal else factor.until_fit
    sides = zip(("treated", "reference"), (factor.treated, factor.reference), lengths, strict=True)
    for side, value, length in sides:
        for at, kind in enumerate(layout.kinds):
            wanted = dict(zip(layout.columns, kind, strict=True))
            wanted |= {factor.column: value, "length": length, "seed": 0}
            for number in layout.samples:
                place = tuple((wanted | {"sample": number})[key] for key in KEYS)
                assert layout["gap", side][number, at] == whole.loc[place, "gap"]


def test_a_network_at_two_lengths_counts_once(table):
    layout = lay(table, GAP, ["gap"])
    assert len(set(layout.kinds)) == len(layout.kinds)
    both = {"": {}}
    assert len(lay(table, both, ["gap"]).kinds) > len(layout.kinds)
    assert (lay(table, GAP, ["gap"]).column("width") >= 16).all()


def test_fitted_means_at_the_end_and_on_every_sample(table):
    everyone = lay(table, GAP, ["gap"])
    first = everyone.kinds[0]
    mask = np.logical_and.reduce(
        [table[name] == value for name, value in zip(everyone.columns, first, strict=True)]
    ) & (table["length"] == "long")
    once = table.copy()
    once.loc[mask & (table["sample"] == 3), "train_accuracy"] = 0.999  # reached, then lost
    once["epochs"] = 5
    assert (~fitted(once)).sum() == 1
    assert first not in lay(once, GAP, ["gap"]).kinds
    assert len(lay(once, GAP, ["gap"]).kinds) == len(everyone.kinds) - 1
    assert first in lay(once, GAP, ["gap"], everyone=True).kinds


def test_seeds_of_a_kind_are_averaged_in_pairs(table):
    other = table.assign(seed=1, gap=table["gap"] + 0.1)
    alone = other[~((other["labels"] == "random") & (other["sample"] == 2))]
    once, both = (pairs(t, FACTORS["random-labels"]) for t in (table, pd.concat([table, alone])))
    higher = both["gap", "reference"] - once["gap", "reference"]
    # On sample 2 the second seed has no twin on random labels, and does not count.
    np.testing.assert_allclose(higher[2], 0, atol=1e-12)
    np.testing.assert_allclose(np.delete(higher, 2, axis=0), 0.05)


def test_too_little_is_said(table):
    with pytest.raises(NotMeasured, match="two training samples"):
        lay(table[table["sample"] == 0], GAP, ["gap"])
    with pytest.raises(NotMeasured, match="no kind"):
        lay(table.assign(train_accuracy=0.9), GAP, ["gap"])
