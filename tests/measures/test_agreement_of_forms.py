"""The same networks fused and stacked: every measure of a population gives one table."""

import pandas as pd
import pytest
from threadpoolctl import threadpool_limits

from lowcap.measures import (
    attention_under,
    capacity,
    embedding,
    geometry,
    geometry_blocks,
    neurons,
    prune,
    pruned_blocks,
    robustness,
    robustness_blocks,
    saliency,
    saliency_agreement,
)
from lowcap.networks import FIRST_LAYER
from tests.measures.single import stacked_twin
from tests.measures.test_robustness import NOISE

SIZE = (6, 6)
MEASURES = {
    "capacity": capacity,
    "prune": lambda p, s: prune(p, s, [0.0, 0.5, 0.95]),
    "prune one layer": lambda p, s: prune(p, s, [0.9], FIRST_LAYER),
    "pruned blocks": lambda p, s: pruned_blocks(p.pruned(0.5), s),
    "robustness": lambda p, s: robustness(p, s.test, SIZE, NOISE, draws=1),
    "robustness blocks": lambda p, s: robustness_blocks(p, s.test, SIZE, NOISE, draws=1),
    "geometry": lambda p, s: geometry(p, s, s.test, reference=p.pruned(0.5)),
    "geometry blocks": lambda p, s: geometry_blocks(p, s, s.test, reference=p.pruned(0.5)),
    "embedding": lambda p, s: embedding(p.take([1]), s.train, rows=20),
    "neurons": lambda p, s: neurons(p, s.train),
    "saliency": lambda p, s: saliency(p, s, rows=20),
    "agreement": lambda p, s: saliency_agreement(p, s, reference=p.pruned(0.5), rows=20),
    "attention": lambda p, s: attention_under(p, s, NOISE, stranger=p.pruned(0.5), rows=20),
}


@pytest.fixture(scope="module")
def forms(fused):
    """Two networks of one size in both forms."""
    of_one_size = fused.take([2, 3])
    return of_one_size, stacked_twin(of_one_size)


@pytest.mark.parametrize("name", MEASURES)
def test_forms_agree_and_tables_begin_with_the_members_keys(forms, split, name):
    with threadpool_limits(1):  # so few rows are no work for several threads
        tables = [MEASURES[name](population, split) for population in forms]
    for population, table in zip(forms, tables, strict=True):
        keys = list(population.keys)
        assert list(table)[: len(keys)] == keys
        assert not set(keys) & set(list(table)[len(keys) :])
        found = set(table[keys].itertuples(index=False, name=None))
        assert found <= set(population.keys.itertuples(index=False, name=None))
    fused, stacked = tables
    pd.testing.assert_frame_equal(fused, stacked, rtol=1e-3, atol=1e-6)


def test_forms_are_told_apart_by_what_differs(forms, split):
    """Rows stand for members in their order: the tables of two members are not one table."""
    table = capacity(forms[1], split)
    assert table["train_loss"].nunique() == len(forms[1])
