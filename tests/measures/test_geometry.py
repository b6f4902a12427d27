import numpy as np
import pytest
from sklearn.metrics import silhouette_score
from sklearn.neighbors import KNeighborsClassifier

from lowcap.measures.geometry import balanced, embedding, geometry, linear_cka, pruned_pairs
from lowcap.networks import grid
from lowcap.training import fit

RNG = np.random.default_rng(0)


def test_cka_ignores_rotation_and_scale_and_sees_everything_else():
    x = RNG.normal(size=(500, 6))
    rotation, _ = np.linalg.qr(RNG.normal(size=(6, 6)))
    assert linear_cka(x, 3 * x @ rotation + 1) == pytest.approx(1)
    assert linear_cka(x, RNG.normal(size=(500, 6))) < 0.1
    assert linear_cka(x, x[:, :1]) < 0.6
    assert np.isnan(linear_cka(x, np.ones((500, 2))))


def test_cka_is_the_alignment_of_centred_kernels():
    x, y = RNG.normal(size=(40, 3)), RNG.normal(size=(40, 5))
    centre = np.eye(40) - 1 / 40
    k, m = centre @ x @ x.T @ centre, centre @ y @ y.T @ centre
    expected = (k * m).sum() / np.sqrt((k * k).sum() * (m * m).sum())
    assert linear_cka(x, y) == pytest.approx(expected)


@pytest.fixture(scope="module")
def fitted(split):
    return fit(grid([2, 5], learning_rate=[0.3]), split, epochs=20, batch_size=16)


def test_nothing_pruned_changes_nothing_and_scores_are_scikit_learns(fitted, split):
    table = geometry(fitted, split, split.test, 0.0)
    np.testing.assert_allclose(table["cka"], 1)
    np.testing.assert_array_equal(table["knn_dense"], table["knn_pruned"])
    net = fitted.member(1)
    hidden = [np.maximum(p.images @ net.w1.T + net.b1, 0) for p in (split.train, split.test)]
    knn = KNeighborsClassifier(5).fit(hidden[0], split.train.labels)
    assert table.loc[1, "knn_dense"] == pytest.approx(knn.score(hidden[1], split.test.labels))
    expected = silhouette_score(hidden[1], split.test.labels)
    assert table.loc[1, "silhouette_dense"] == pytest.approx(expected, rel=1e-5)


def test_everything_pruned_leaves_no_geometry(fitted, split):
    table = geometry(fitted, split, split.test, 1.0)
    assert table["cka"].isna().all()
    assert table["silhouette_pruned"].isna().all()
    assert (table["knn_pruned"] <= 0.6).all()


def test_embedding_holds_both_states_of_each_image(fitted, split):
    (_, (dense, pruned)) = pruned_pairs(fitted, 0.5)
    # t-SNE wants more points than its perplexity
    data = balanced(split.train, 40)
    table = embedding(dense, pruned, data, rows=40)
    assert table.groupby("state")["image"].nunique().tolist() == [len(data.labels)] * 2
    assert np.isfinite(table[["x", "y"]].to_numpy()).all()
