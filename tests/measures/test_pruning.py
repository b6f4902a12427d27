import numpy as np
import pytest
from sklearn.metrics import f1_score, roc_auc_score

from lowcap.measures import prune, prune_by
from lowcap.networks import FIRST_LAYER, GLOBAL, ROUNDED, grid
from lowcap.studies.low_capacity.protocols import LISTING, RELEASED
from lowcap.training import fit


@pytest.fixture(scope="module")
def fitted(split):
    return fit(grid([2, 5], seed=[0, 1], learning_rate=[0.3]), split, epochs=15, batch_size=16)


def pruned_by_hand(net, sparsity, rule):
    """Copy the network and zero its smallest weights one at a time."""
    w1, w2 = net.w1.copy(), net.w2.copy()
    groups = {"each layer": [[w1], [w2]], "first layer": [[w1]], "both layers": [[w1, w2]]}
    for group in groups[rule.scope]:
        places = [(abs(w.flat[i]), g, i) for g, w in enumerate(group) for i in range(w.size)]
        count = rule.count(len(places), sparsity)
        if rule.scope == "each layer" and group[0] is w2:
            count = min(count, len(places) - 1)
        for _, g, i in sorted(places)[:count]:
            group[g].flat[i] = 0
    return w1, w2


def answers(net, w1, w2, images):
    hidden = np.maximum(images @ w1.T + net.b1, 0)
    return hidden, hidden @ w2 + net.b2


@pytest.mark.parametrize("rule", [ROUNDED, FIRST_LAYER, GLOBAL, LISTING])
def test_table_equals_single_networks_pruned_by_hand(fitted, split, rule):
    levels = [0.0, 0.3, 0.9, 1.0]
    table = prune(fitted, split, levels, rule)
    assert len(table) == len(fitted.members) * len(levels) * 2
    for index, member in enumerate(fitted.members):
        net = fitted.member(index)
        for sparsity in levels:
            w1, w2 = pruned_by_hand(net, sparsity, rule)
            linked = (w1[:, split.active] != 0).any(axis=1) & (w2 != 0)
            for name, data in (("val", split.validation), ("test", split.test)):
                hidden, logits = answers(net, w1, w2, data.x)
                row = table[
                    (table["hidden"] == member.hidden)
                    & (table["seed"] == member.seed)
                    & (table["requested_sparsity"] == sparsity)
                    & (table["split"] == name)
                ].iloc[0]
                assert row["rule"] == rule.name
                assert row["f1"] == pytest.approx(f1_score(data.y, logits >= 0))
                assert row["auc"] == pytest.approx(roc_auc_score(data.y, logits))
                silent = hidden.max(axis=0) == 0
                assert row["dead_neurons"] == silent.sum()
                assert row["live_units"] == (linked & ~silent).sum()
                assert row["connected"] == linked.any()
                gone = (w1 == 0).sum() + (w2 == 0).sum()
                assert row["achieved_sparsity"] == pytest.approx(gone / (w1.size + w2.size))


def test_a_threshold_is_chosen_again_on_validation_data_alone(fitted, split):
    table = prune(fitted, split, [0.9]).set_index(["hidden", "seed", "split"])
    for index, member in enumerate(fitted.members):
        net = fitted.member(index)
        w1, w2 = pruned_by_hand(net, 0.9, GLOBAL)
        logits = answers(net, w1, w2, split.validation.x)[1]
        best = max(f1_score(split.validation.y, logits >= t) for t in logits)
        test = answers(net, w1, w2, split.test.x)[1]
        attained = {
            round(f1_score(split.test.y, test >= t), 9)
            for t in np.unique(np.concatenate([logits, test]))
            if f1_score(split.validation.y, logits >= t) == pytest.approx(best)
        }
        row = table.loc[member.hidden, member.seed, "test"]
        assert round(float(row["f1_rethreshold"]), 9) in attained
        assert np.isnan(table.loc[member.hidden, member.seed, "val"]["f1_rethreshold"])


def test_blocks_leave_out_a_twentieth_of_the_test_images(fitted, split):
    found = prune_by(fitted, split, {GLOBAL: (0.0, 0.9)}, splits=("test",), blocks=(0.9,))
    assert set(found.table["split"]) == {"test"}
    assert set(found.blocks["requested_sparsity"]) == {0.9}
    net = fitted.member(0)
    w1, w2 = pruned_by_hand(net, 0.9, GLOBAL)
    logits = answers(net, w1, w2, split.test.x)[1]
    labels, owner = split.test.y, np.empty(len(split.test.y), int)
    for label in (0, 1):
        owner[labels == label] = np.arange((labels == label).sum()) % 20
    hidden, seed = fitted.members[0].hidden, fitted.members[0].seed
    rows = found.blocks[(found.blocks["hidden"] == hidden) & (found.blocks["seed"] == seed)]
    assert sorted(rows["block"]) == list(range(20))
    for row in rows.to_dict("records"):
        kept = owner != row["block"]
        assert row["f1"] == pytest.approx(f1_score(labels[kept], logits[kept] >= 0))


def test_released_rule_removes_a_hundredth_of_what_is_asked(fitted, split):
    table = prune(fitted, split, [0.95], RELEASED)
    for hidden, rows in table.groupby("hidden"):
        assert rows["achieved_sparsity"].unique() == pytest.approx(
            int(0.0095 * 36 * hidden) / (37 * hidden)
        )
    assert RELEASED.count(105, 0.95) == 0
    assert RELEASED.count(106, 0.95) == 1
