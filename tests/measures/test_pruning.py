import numpy as np
import pytest
from sklearn.metrics import f1_score, roc_auc_score

from lowcap.measures import prune
from lowcap.networks import grid
from lowcap.studies.low_capacity.protocols import released_count
from lowcap.training import fit


@pytest.fixture(scope="module")
def fitted(split):
    return fit(grid([2, 5], seed=[0, 1], learning_rate=[0.3]), split, epochs=15, batch_size=16)


def pruned_by_hand(net, sparsity, scope):
    """Copy the network and zero its smallest weights one at a time."""
    w1, w2 = net.w1.copy(), net.w2.copy()
    groups = [[w1], [w2]] if scope == "layer" else [[w1, w2]]
    for group in groups:
        places = [(abs(w.flat[i]), g, i) for g, w in enumerate(group) for i in range(w.size)]
        for _, g, i in sorted(places)[: round(sparsity * len(places))]:
            group[g].flat[i] = 0
    return w1, w2


@pytest.mark.parametrize("scope", ["layer", "global"])
def test_table_equals_single_networks_pruned_by_hand(fitted, split, scope):
    levels = [0.0, 0.3, 0.9, 1.0]
    table = prune(fitted, split, levels, scope=scope)
    assert len(table) == len(fitted.members) * len(levels) * 2
    for index, member in enumerate(fitted.members):
        net = fitted.member(index)
        for sparsity in levels:
            w1, w2 = pruned_by_hand(net, sparsity, scope)
            for name, data in (("val", split.validation), ("test", split.test)):
                hidden = np.maximum(data.images @ w1.T + net.b1, 0)
                logits = hidden @ w2 + net.b2
                row = table[
                    (table["hidden"] == member.hidden)
                    & (table["seed"] == member.seed)
                    & (table["requested_sparsity"] == sparsity)
                    & (table["split"] == name)
                ].iloc[0]
                assert row["f1"] == pytest.approx(f1_score(data.labels, logits >= 0))
                assert row["auc"] == pytest.approx(roc_auc_score(data.labels, logits))
                assert row["dead_neurons"] == (hidden.max(axis=0) == 0).sum()
                gone = (w1 == 0).sum() + (w2 == 0).sum()
                assert row["achieved_sparsity"] == pytest.approx(gone / (w1.size + w2.size))


def test_released_rule_removes_a_hundredth_of_what_is_asked(fitted, split):
    table = prune(fitted, split, [0.95], count=released_count)
    for hidden, rows in table.groupby("hidden"):
        assert rows["achieved_sparsity"].unique() == pytest.approx(
            int(0.0095 * 36 * hidden) / (37 * hidden)
        )
    assert released_count(105, 0.95) == 0
    assert released_count(106, 0.95) == 1
