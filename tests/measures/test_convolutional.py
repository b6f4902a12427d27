"""Every measure of convolutional networks, beside plain loops and networks written out in full."""

from itertools import product

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import f1_score, mutual_info_score, roc_auc_score
from threadpoolctl import threadpool_limits

from lowcap.measures import (
    attention_under,
    capacity,
    costs,
    embedding,
    geometry,
    geometry_blocks,
    jacobian_norms,
    linear_cka,
    neurons,
    prune,
    pruned_blocks,
    pruned_scores,
    region_shares,
    robustness,
    robustness_blocks,
    saliency,
    saliency_agreement,
)
from lowcap.measures.geometry import balanced
from lowcap.measures.neurons import binned
from lowcap.networks import Convolutional, Dense, Network, Population, Stacked, joined, stack
from lowcap.training import fit
from tests.measures.single import rows_of
from tests.measures.test_robustness import NOISE
from tests.networks.test_convolutional import features_by_hand, sizes_of

SIZE = (6, 6)
MEASURES = {
    "capacity": lambda p, _, s: capacity(p, s),
    "pruned": lambda p, q, s: pruned_scores(q, s, dense=p),
    "pruned blocks": lambda _, q, s: pruned_blocks(q, s),
    "robustness": lambda p, _, s: robustness(p, s.test, SIZE, NOISE, draws=1),
    "robustness blocks": lambda p, _, s: robustness_blocks(p, s.test, SIZE, NOISE, draws=1),
    "geometry": lambda p, q, s: geometry(q, s, s.test, reference=p),
    "geometry blocks": lambda p, q, s: geometry_blocks(q, s, s.test, reference=p),
    "embedding": lambda p, _, s: embedding(p.take([1]), s.train, rows=20),
    "neurons": lambda p, _, s: neurons(p, s.train),
    "saliency": lambda p, _, s: saliency(p, s, rows=20),
    "agreement": lambda p, q, s: saliency_agreement(p, s, reference=q, rows=20),
    "attention": lambda p, q, s: attention_under(p, s, NOISE, stranger=q, rows=20),
    "region shares": lambda p, _, s: p.keys.iloc[[0]].merge(region_shares(p[0], s, 0), "cross"),
    "norms": lambda p, _, s: p.keys.assign(norm=jacobian_norms(p, s.test.x).mean(axis=1)),
    "costs": lambda p, _, s: costs(p),
}
"""Of networks, the same pruned, and the task's data."""

OWN = {"hidden", "achieved_sparsity", "dead_filters", "live_filters",
       "parameters", "multiply_adds", "weights_left"}  # fmt: skip
"""Columns that must differ between filters and the same networks written out."""


def in_full(population: Population) -> Stacked:
    """Convolutional networks without pooling as fully connected ones, a unit for each place."""
    written = []
    for network in population:
        sizes = sizes_of(network)
        columns = [network.column(pixel) for pixel in range(sizes.inputs)]
        first = np.stack(columns, axis=1).reshape(sizes.channels, -1, sizes.inputs)
        w1 = first.swapaxes(0, 1).reshape(sizes.units, sizes.inputs)
        b1 = network.params["filter_bias"][sizes.channel_of_unit]
        second = {"w2": network.params["dense"].T, "b2": network.params["bias"]}
        written.append({"w1": w1, "b1": b1, **second})
    dense = Dense(sizes.inputs, (sizes.units,), sizes.outputs)
    assert isinstance(population, Stacked)
    return joined(dense, written, population.seeds, population.learning_rates, population.kind)


@pytest.fixture(scope="module")
def unpooled(split) -> Population:
    sizes = Convolutional(2, 3, 1, 1, side=6, outputs=1, filter_bias=True)
    start = stack(sizes, [0, 1], [0.1, 0.1], "binary")
    return fit(start, split, epochs=15, batch_size=16).population


@pytest.mark.parametrize("name", MEASURES)
def test_filters_measure_as_the_same_networks_written_out_in_full(unpooled, split, name):
    sparse = unpooled.pruned(0.5)
    with threadpool_limits(1):
        table = MEASURES[name](unpooled, sparse, split)
        expected = MEASURES[name](in_full(unpooled), in_full(sparse), split)
    if name == "embedding":  # a picture by t-SNE magnifies what rounding does
        table, expected = table.drop(columns=["x", "y"]), expected.drop(columns=["x", "y"])
    left, right = (one[[c for c in one if c not in OWN]] for one in (table, expected))
    pd.testing.assert_frame_equal(left, right, rtol=1e-3, atol=1e-5)


@pytest.mark.parametrize("name", MEASURES)
@pytest.mark.parametrize("form", ["fused", "deep", "convolutional"])
def test_every_measure_runs_on_every_form(request, split, form, name):
    population = request.getfixturevalue(form)
    with threadpool_limits(1):
        table = MEASURES[name](population, population.pruned(0.5), split)
    assert list(table)[: len(population.keys.columns)] == list(population.keys)
    found = set(table[list(population.keys)].itertuples(index=False, name=None))
    assert found <= set(population.keys.itertuples(index=False, name=None))
    assert len(found) == (1 if name in ("embedding", "region shares") else len(population))


def linked_by_hand(network: Network, used: np.ndarray) -> np.ndarray:
    """Features that some used pixel reaches over a weight, and that a weight leads on from."""
    sizes, found = sizes_of(network), []
    filters = network.params["filters"].reshape(-1, sizes.filter, sizes.filter)
    square, places = used.reshape(sizes.side, sizes.side), range(sizes.pool)
    for row, column in product(range(sizes.windows), repeat=2):
        for kernel in filters:
            reached = False
            for down, right in product(places, places):
                top = (row * sizes.pool + down) * sizes.stride
                left = (column * sizes.pool + right) * sizes.stride
                patch = square[top : top + sizes.filter, left : left + sizes.filter]
                reached |= bool((patch & (kernel != 0)).any())
            found.append(reached)
    return np.array(found) & (network.params["dense"] != 0).any(axis=1)


def test_pruning_is_scored_as_by_hand(convolutional, split):
    levels = [0.0, 0.5, 0.9, 1.0]
    table = prune(convolutional, split, levels)
    for level in levels:
        sparse = convolutional.pruned(level)
        for network, keys in zip(sparse, sparse.keys.to_dict("records"), strict=True):
            own = rows_of(table, keys).set_index(["requested_sparsity", "split"])
            linked = linked_by_hand(network, split.active)
            for name, data in (("val", split.validation), ("test", split.test)):
                hidden = np.maximum([features_by_hand(network, x) for x in data.x], 0)
                logits = (hidden @ network.params["dense"] + network.params["bias"])[:, 0]
                row, answers = own.loc[level, name], hidden.max(axis=0) > 0
                assert row["f1"] == pytest.approx(f1_score(data.y, logits >= 0))
                assert row["auc"] == pytest.approx(roc_auc_score(data.y, logits), abs=1e-3)
                assert row["dead_neurons"] == (~answers).sum()
                assert row["live_units"] == (answers & linked).sum()
                assert row["connected"] == linked.any()
                by_channel = answers.reshape(-1, 3), (answers & linked).reshape(-1, 3)
                assert row["dead_filters"] == 3 - by_channel[0].any(axis=0).sum()
                assert row["live_filters"] == by_channel[1].any(axis=0).sum()
                assert row["achieved_sparsity"] == pytest.approx(level, abs=0.02)


def test_features_are_known_as_by_hand(convolutional, split):
    known, space = neurons(convolutional, split.train), geometry(convolutional, split, split.test)
    pruned = geometry(convolutional.pruned(0.7), split, split.test, reference=convolutional)
    data, shown = balanced(split.train, 1000), balanced(split.test, 1000)
    for member, network in enumerate(convolutional):
        keys = convolutional.keys.to_dict("records")[member]
        values = np.maximum([features_by_hand(network, x) for x in data.x], 0)
        rows = rows_of(known, keys)
        assert len(rows) == values.shape[1]
        expected = [mutual_info_score(data.y, code) / np.log(2) for code in binned(values).T]
        np.testing.assert_allclose(rows["information"], expected, atol=1e-6)
        sparse = convolutional.pruned(0.7)[member]
        one, other = (
            np.maximum([features_by_hand(each, x) for x in shown.x], 0)
            for each in (network, sparse)
        )
        assert pruned["cka"][member] == pytest.approx(linear_cka(one, other), abs=1e-5)
        assert space["cka"][member] == pytest.approx(1)


def test_published_maps_are_what_moving_each_pixel_does(convolutional, split):
    from lowcap.measures.saliency import finite_differences

    network, x = convolutional[0], split.test.x[:5]
    maps = finite_differences(network, x)
    for pixel in range(x.shape[1]):
        moved = x.copy()
        moved[:, pixel] += 0.1
        np.testing.assert_allclose(maps[:, pixel], np.abs(network(moved) - network(x)), atol=1e-6)


def test_costs_stand_beside_those_of_connected_networks(convolutional, fused):
    table, dense = costs(convolutional.pruned(0.5)), costs(fused)
    sizes = sizes_of(convolutional[0])
    assert sizes.units == 12
    assert table["parameters"].tolist() == [3 * 9 + 3 + 12 + 1] * 2
    assert table["multiply_adds"].tolist() == [4 * 4 * 3 * 9 + 12] * 2
    assert table["weights_left"].tolist() == [39 - round(39 / 2)] * 2
    assert (dense["multiply_adds"] == 37 * dense["hidden"]).all()
    assert (dense["parameters"] == 38 * dense["hidden"] + 1).all()
