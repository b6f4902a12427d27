import sys

import numpy as np
import pytest
from sklearn.linear_model import RidgeClassifier
from sklearn.metrics import silhouette_score
from sklearn.neighbors import KNeighborsClassifier
from threadpoolctl import threadpool_limits

from lowcap.measures.geometry import (
    PERPLEXITIES,
    balanced,
    embedding,
    geometry,
    geometry_blocks,
    linear_cka,
)
from tests.measures.single import answers, blocks_by_hand, layers_of, rows_of

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


def last_hidden(network, x):
    """The outputs of the last hidden layer."""
    return answers(layers_of(network), x)[0][-1]


def test_scores_are_scikit_learns(population, split):
    table, data = geometry(population, split, split.test), balanced(split.test, 1000)
    for network, (_, row) in zip(population, table.iterrows(), strict=True):
        taught, values = (last_hidden(network, x) for x in (split.train.x, data.x))
        for name, model in (("knn", KNeighborsClassifier(5)), ("probe", RidgeClassifier())):
            score = model.fit(taught, split.train.y).score(values, data.y)
            assert row[name] == pytest.approx(score)
        expected = silhouette_score(values, data.y)
        assert row["silhouette"] == pytest.approx(expected, rel=1e-5)


def test_a_network_is_like_itself_and_like_another_as_their_activations_are(population, split):
    data, other = balanced(split.test, 1000), population.pruned(0.6)
    np.testing.assert_allclose(geometry(population, split, split.test)["cka"], 1)
    compared = geometry(other, split, split.test, reference=population)["cka"]
    expected = [
        linear_cka(last_hidden(one, data.x), last_hidden(two, data.x))
        for one, two in zip(population, other, strict=True)
    ]
    np.testing.assert_allclose(compared, expected, rtol=1e-4)
    assert (compared < 1 - 1e-6).any()


def test_everything_pruned_leaves_no_geometry(population, split):
    table = geometry(population.pruned(1.0), split, split.test, reference=population)
    assert table[["cka", "silhouette"]].isna().all(axis=None)
    assert (table[["knn", "probe"]] <= 0.6).all(axis=None)


def test_blocks_are_the_same_measures_on_fewer_images(population, split):
    other = population.pruned(0.6)
    table = geometry_blocks(other, split, split.test, reference=population)
    data = balanced(split.test, 1000)
    owners = blocks_by_hand(data.y)
    models = {"knn": KNeighborsClassifier(5), "probe": RidgeClassifier()}
    for member, keys in enumerate(population.keys.to_dict("records")):
        rows = rows_of(table, keys).set_index("block")
        assert rows.index.tolist() == list(range(20))
        taught, values = (last_hidden(other[member], x) for x in (split.train.x, data.x))
        before = last_hidden(population[member], data.x)
        for name, model in models.items():
            right = model.fit(taught, split.train.y).predict(values) == data.y
            for block in (0, 7):
                assert rows.loc[block, name] == pytest.approx(right[owners != block].mean())
        for block in (0, 7):
            kept = owners != block
            expected = linear_cka(before[kept], values[kept])
            assert rows.loc[block, "cka"] == pytest.approx(expected, rel=1e-4, nan_ok=True)


def test_embedding_holds_every_member_and_perplexity(fused, split):
    some = fused.take([0, 3])
    data = balanced(split.train, 40)
    with threadpool_limits(1):  # forty points are no work for several threads
        table = embedding(some, data, rows=40)
    assert list(table)[:3] == list(some.keys)
    count = table.groupby(["hidden", "seed", "perplexity"])["image"].nunique()
    assert set(count) == {len(data.y)}
    # t-SNE wants a perplexity well below the number of points
    shown = {p for p in PERPLEXITIES if p < len(data.y) / 3}
    assert set(table["perplexity"]) == shown
    assert len(count) == 2 * len(shown)
    assert np.isfinite(table[["x", "y"]].to_numpy()).all()


def test_an_embedding_is_what_t_sne_gives_for_each_image(fused, split, monkeypatch):
    class Plane:
        def __init__(self, **settings):
            self.scale = settings["perplexity"]

        def fit_transform(self, values):
            return values[:, :2] * [self.scale, 1]

    monkeypatch.setattr(sys.modules["lowcap.measures.geometry"], "TSNE", Plane)
    network, data = fused[3], balanced(split.train, 16)
    table = embedding(fused.take([3]), data, rows=16)
    values = network.hidden(data.x)
    assert table["perplexity"].tolist() == [5] * 16
    assert table["image"].tolist() == list(range(16))
    np.testing.assert_array_equal(table["label"], data.y)
    np.testing.assert_allclose(table["x"], values[:, 0] * 5, rtol=1e-6)
    np.testing.assert_allclose(table["y"], values[:, 1], rtol=1e-6)
