"""End to end on data whose smallest good network is known."""

import numpy as np
import pytest

from lowcap.errors import DataError, SettingsError
from lowcap.small.search.answer import answer
from lowcap.small.search.known import KNOWN, attainable, smallest_good
from lowcap.small.search.search import search
from lowcap.small.search.settings import Settings

SETTINGS = Settings(
    sizes=(0, 1, 2, 4, 8), folds=5, repeats=2, seeds=3, starts=3, learning_rates=(0.02,), epochs=80
)


@pytest.fixture(scope="module")
def searched():
    """A search of data of each kind, made once."""
    found = {}

    def of(name: str):
        if name not in found:
            found[name] = search(KNOWN[name].task(400, 0), SETTINGS)
        return found[name]

    return of


@pytest.mark.parametrize(
    ("name", "sizes"), [("linear", {0}), ("band", {2}), ("rings", {4}), ("xor", {4, 8})]
)
def test_the_answer_holds_the_size_that_is_known(searched, name, sizes):
    found = answer(searched(name), tolerance=0.06)
    assert sizes & {found.hidden, *found.not_excluded}
    assert found.verdict in {"holds", "undecided"}
    small = {"linear": 0, "band": 2, "rings": 2, "xor": 2}[name]  # all below are far too small
    assert found.hidden is None or found.hidden >= small


def test_rings_need_more_than_a_line(searched):
    found = answer(searched("rings"), tolerance=0.06)
    assert found.verdict == "holds"
    assert found.hidden in {4, 8}
    assert 0 not in found.not_excluded
    assert answer(searched("rings"), at_least=0.8).verdict == "holds"
    assert answer(searched("rings"), at_least=0.999).verdict != "holds"


def test_nothing_is_claimed_of_noise(searched):
    found = answer(searched("noise"))
    assert (found.verdict, found.useful, found.hidden) == ("undecided", False, None)
    assert "too few rows to tell" in found.sentence
    found = answer(searched("noise"), tolerance=0.3)
    assert found.verdict == "not reached"
    assert "no better than a constant by more than .300" in found.sentence


def test_an_answer_refuses_what_has_no_sense(searched):
    with pytest.raises(SettingsError, match="tolerance"):
        answer(searched("noise"), tolerance=-0.1)
    broken = searched("linear")
    scores = broken.scores.copy()
    try:
        broken.scores[:, 1:] = np.nan
        with pytest.raises(DataError, match="two folds"):
            answer(broken)
    finally:
        broken.scores[:] = scores


def test_what_is_attainable_grows_until_it_is_enough():
    scores = attainable(KNOWN["band"], 300, SETTINGS, draws=4, tests=4000)
    assert scores.shape == (5, 4)
    assert smallest_good(scores, SETTINGS.sizes, 0.05) in {2, 4}
    assert scores[0].mean() < 0.6 < 0.85 < scores[-1].mean()
    assert smallest_good(scores, SETTINGS.sizes, 1.0) == 0
    assert smallest_good(scores, SETTINGS.sizes, at_least=0.8) in {2, 4}
    assert smallest_good(scores, SETTINGS.sizes, at_least=0.1) == 0
    assert smallest_good(scores, SETTINGS.sizes, at_least=0.999) is None
