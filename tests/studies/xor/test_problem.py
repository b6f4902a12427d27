import numpy as np
import pytest

from lowcap.errors import SettingsError
from lowcap.studies.xor.problem import (
    DIVERSE_NEGATIVE,
    DIVERSE_POSITIVE,
    PATTERNS,
    POSITIVE,
    SETS,
    distribution,
    diverse_training_set,
    training_sets,
)
from tests.studies.xor.vectors import explicit


def test_there_are_fifteen_inputs_twelve_of_them_positive():
    assert len({tuple(held) for held in SETS.tolist()}) == 15
    assert POSITIVE.sum() == 12
    assert SETS[DIVERSE_POSITIVE].all()
    assert SETS[DIVERSE_NEGATIVE].tolist() == [False, True, False, True]
    np.testing.assert_array_equal(PATTERNS[2:], -PATTERNS[:2])


def test_the_distribution_is_one():
    p = distribution(0.9, 0.6)
    assert p.sum() == pytest.approx(1)
    assert p[POSITIVE].sum() == pytest.approx(0.5)
    assert p[DIVERSE_POSITIVE] == pytest.approx(0.45)
    assert p[DIVERSE_NEGATIVE] == pytest.approx(0.3)
    assert set(np.flatnonzero(distribution(1, 1))) == {DIVERSE_POSITIVE, DIVERSE_NEGATIVE}
    with pytest.raises(SettingsError):
        distribution(1.1, 0)


def test_training_sets_are_weightings_of_half_and_half():
    weights = training_sets(500, 8, 0.9, 0.5, np.random.default_rng(0))
    np.testing.assert_allclose(weights.sum(axis=1), 1)
    np.testing.assert_allclose(weights[:, POSITIVE].sum(axis=1), 0.5)
    np.testing.assert_allclose(weights * 8, np.rint(weights * 8), atol=1e-9)
    np.testing.assert_allclose(weights.mean(axis=0), distribution(0.9, 0.5), atol=0.03)
    np.testing.assert_array_equal(
        training_sets(3, 10, 1, 1, np.random.default_rng(0)), [diverse_training_set()] * 3
    )
    with pytest.raises(SettingsError, match="must be even"):
        training_sets(3, 5, 1, 1, np.random.default_rng(0))


@pytest.mark.parametrize("pairs", [4, 9])
def test_explicit_vectors_hold_just_their_patterns(pairs):
    vectors = explicit(np.arange(15), pairs, np.random.default_rng(0))
    assert vectors.shape == (15, pairs, 2)
    for vector, held in zip(vectors, SETS, strict=True):
        found = [(vector == pattern).all(axis=1).any() for pattern in PATTERNS]
        assert found == held.tolist()
        label = (vector == 1).all(axis=1).any() or (vector == -1).all(axis=1).any()
        assert label == bool(held[0] or held[2])
