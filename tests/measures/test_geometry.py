import numpy as np
import pytest
from sklearn.linear_model import RidgeClassifier
from sklearn.metrics import silhouette_score
from sklearn.neighbors import KNeighborsClassifier

from lowcap.measures.geometry import (
    PERPLEXITIES,
    balanced,
    embedding,
    geometry,
    geometry_by,
    linear_cka,
)
from lowcap.networks import grid, take
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


def test_scores_are_scikit_learns_and_a_network_is_like_itself(fitted, split):
    net = fitted.member(1)
    table = geometry({"dense": net, "twin": net, "other": fitted.member(0)}, split, split.test)
    table = table.set_index("state")
    assert table.loc["twin", "cka"] == pytest.approx(1)
    assert table.loc["other", "cka"] < 1
    hidden = [np.maximum(p.x @ net.w1.T + net.b1, 0) for p in (split.train, split.test)]
    for name, model in (("knn", KNeighborsClassifier(5)), ("probe", RidgeClassifier())):
        score = model.fit(hidden[0], split.train.y).score(hidden[1], split.test.y)
        assert table.loc["dense", name] == pytest.approx(score)
    expected = silhouette_score(hidden[1], split.test.y)
    assert table.loc["dense", "silhouette"] == pytest.approx(expected, rel=1e-5)


def test_everything_pruned_leaves_no_geometry(fitted, split):
    nothing = take(fitted.pruned(1.0), 1)
    table = geometry({"dense": fitted.member(1), "pruned": nothing}, split, split.test)
    row = table.set_index("state").loc["pruned"]
    assert np.isnan(row["cka"])
    assert np.isnan(row["silhouette"])
    assert max(row["knn"], row["probe"]) <= 0.6


def test_blocks_are_the_same_measures_on_fewer_images(fitted, split):
    networks = {"dense": fitted.member(1), "other": fitted.member(0)}
    spaces = geometry_by(networks, split, split.test)
    blocks = spaces.blocks.set_index(["state", "block"])
    images, labels = balanced(split.test, 1000)
    owner = np.concatenate([np.arange((labels == label).sum()) % 20 for label in (0, 1)])
    net = fitted.member(0)
    hidden = [np.maximum(x @ net.w1.T + net.b1, 0) for x in (split.train.x, images)]
    right = KNeighborsClassifier(5).fit(hidden[0], split.train.y).predict(hidden[1]) == labels
    order = np.argsort(labels, kind="stable")
    owners = np.empty(len(labels), int)
    owners[order] = owner
    for block in (0, 7):
        kept = owners != block
        assert blocks.loc[("other", block), "knn"] == pytest.approx(right[kept].mean())
        assert blocks.loc[("dense", block), "cka"] == pytest.approx(1)


def test_embedding_holds_every_state_and_perplexity(fitted, split):
    data = balanced(split.train, 40)
    networks = {"dense": fitted.member(1), "pruned": take(fitted.pruned(0.5), 1)}
    table = embedding(networks, data, rows=40)
    count = table.groupby(["state", "perplexity"])["image"].nunique()
    assert set(count) == {len(data.y)}
    # t-SNE wants a perplexity well below the number of points
    assert set(table["perplexity"]) == {p for p in PERPLEXITIES if p < len(data.y) / 3}
    assert np.isfinite(table[["x", "y"]].to_numpy()).all()
