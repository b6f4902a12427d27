import numpy as np
import pytest
from sklearn.metrics import f1_score, roc_auc_score

from lowcap.measures import prune, pruned_blocks, pruned_scores
from lowcap.networks import FIRST_LAYER, GLOBAL, ROUNDED, Dense, Member, initialise, joined
from lowcap.studies.low_capacity.protocols import LISTING, RELEASED
from tests.measures.single import (
    answers,
    blocks_by_hand,
    linked_by_hand,
    pruned_by_hand,
    rows_of,
)


@pytest.mark.parametrize("rule", [ROUNDED, FIRST_LAYER, GLOBAL, LISTING])
def test_table_equals_single_networks_pruned_by_hand(population, split, rule):
    levels = [0.0, 0.3, 0.9, 1.0]
    table = prune(population, split, levels, rule)
    assert len(table) == len(population) * len(levels) * 2
    assert set(table["rule"]) == {rule.name}
    for network, keys in zip(population, population.keys.to_dict("records"), strict=True):
        own = rows_of(table, keys).set_index(["requested_sparsity", "split"])
        assert len(own) == len(levels) * 2
        for sparsity in levels:
            layers = pruned_by_hand(network, sparsity, rule)
            linked = np.concatenate(linked_by_hand(layers, split.active))
            for name, data in (("val", split.validation), ("test", split.test)):
                hidden, logits = answers(layers, data.x)
                row = own.loc[sparsity, name]
                assert row["f1"] == pytest.approx(f1_score(data.y, logits >= 0))
                assert row["auc"] == pytest.approx(roc_auc_score(data.y, logits))
                silent = np.concatenate([units.max(axis=0) == 0 for units in hidden])
                assert row["dead_neurons"] == silent.sum()
                assert row["live_units"] == (linked & ~silent).sum()
                assert row["connected"] == linked.any()
                gone = sum((layer.weights == 0).sum() for layer in layers)
                size = sum(layer.weights.size for layer in layers)
                assert row["achieved_sparsity"] == pytest.approx(gone / size)


def test_a_threshold_is_chosen_again_on_validation_data_alone(population, split):
    table = prune(population, split, [0.9])
    for network, keys in zip(population, population.keys.to_dict("records"), strict=True):
        layers = pruned_by_hand(network, 0.9, GLOBAL)
        logits = answers(layers, split.validation.x)[1]
        best = max(f1_score(split.validation.y, logits >= t) for t in logits)
        test = answers(layers, split.test.x)[1]
        attained = {
            round(f1_score(split.test.y, test >= t), 9)
            for t in np.unique(np.concatenate([logits, test]))
            if f1_score(split.validation.y, logits >= t) == pytest.approx(best)
        }
        own = rows_of(table, keys).set_index("split")["f1_rethreshold"]
        assert round(float(own["test"]), 9) in attained
        assert np.isnan(own["val"])


def test_blocks_leave_out_a_twentieth_of_the_test_images(population, split):
    table = pruned_blocks(population.pruned(0.9), split)
    labels, owner = split.test.y, blocks_by_hand(split.test.y)
    for network, keys in zip(population, population.keys.to_dict("records"), strict=True):
        logits = answers(pruned_by_hand(network, 0.9, GLOBAL), split.test.x)[1]
        rows = rows_of(table, keys)
        assert sorted(rows["block"]) == list(range(20))
        for row in rows.to_dict("records"):
            kept = owner != row["block"]
            assert row["f1"] == pytest.approx(f1_score(labels[kept], logits[kept] >= 0))


def test_only_the_splits_asked_for_are_scored(fused, split):
    both = prune(fused, split, [0.5]).drop(columns=["rule", "requested_sparsity"])
    for name in ("val", "test"):
        one = pruned_scores(fused.pruned(0.5), split, dense=fused, splits=(name,))
        expected = both[both["split"] == name].reset_index(drop=True)
        assert one.equals(expected)


def test_a_network_without_a_hidden_layer_has_paths_and_no_units(split):
    """Its output hangs on the inputs directly until the last weight has gone."""
    linear = initialise([Member(0), Member(2)], 36)
    table = prune(linear, split, [0.5, 1.0]).query("hidden == 0 and split == 'test'")
    assert table["connected"].tolist() == [True, False]
    assert table["live_units"].tolist() == table["dead_neurons"].tolist() == [0, 0]
    assert table["achieved_sparsity"].tolist() == [0.5, 1.0]


def test_released_rule_removes_a_hundredth_of_what_is_asked(fused, split):
    table = prune(fused, split, [0.95], RELEASED)
    for hidden, rows in table.groupby("hidden"):
        assert rows["achieved_sparsity"].unique() == pytest.approx(
            int(0.0095 * 36 * hidden) / (37 * hidden)
        )
    assert RELEASED.count(105, 0.95) == 0
    assert RELEASED.count(106, 0.95) == 1


def test_a_unit_that_only_answers_below_zero_is_not_dead(split):
    """A tanh unit that is negative on every row still tells rows apart; one without weights is."""
    dense = Dense(36, (2,), 1, "tanh")
    w1 = np.stack([np.full(36, -0.1), np.zeros(36)])
    params = {"w1": w1, "b1": np.zeros(2), "w2": np.ones((1, 2)), "b2": np.zeros(1)}
    row = prune(joined(dense, [params], [0], kind="binary"), split, [0.0]).iloc[-1]
    assert (row["dead_neurons"], row["live_units"]) == (1, 1)
