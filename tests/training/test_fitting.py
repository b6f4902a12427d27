"""One body of tests for both kinds of population, against a plain loop over single networks."""

from dataclasses import replace

import numpy as np
import pytest
from sklearn.neural_network import MLPClassifier, MLPRegressor

from lowcap.data import Labelled, Split, array_task, pair_task
from lowcap.networks import Dense, Member, Population, grid, initialise, stack
from lowcap.streams import stream
from lowcap.training import fit, loop, portions
from tests import reference
from tests.conftest import synthetic
from tests.networks.made import fused, stacked_like

KINDS = ("binary", "classes", "regression")
RATES = (0.02, 0.15, 0.1, 0.05)
FORMS = ("fused", "linear", "of one size", "stacked", "deep")


def data_of(kind: str, rows: int = 60, copies: int = 1) -> Split:
    """A task of ten features, two of them always 0 in training, that can be learned."""
    rng = np.random.default_rng(2)
    x = rng.normal(size=(rows, 10)).astype(np.float32)
    x[:, [3, 8]] = 0
    score = x[:, 0] - x[:, 1] + 0.5 * x[:, 2] ** 2
    y = {
        "binary": (score > 0.4).astype(np.float32),
        "classes": np.digitize(score, [-0.4, 0.9]),
        "regression": score.astype(np.float32),
    }[kind]
    split = array_task(x, y, kind=kind).split(0)  # type: ignore[arg-type]
    if copies == 1:
        return split
    return replace(split, train=Labelled(*(np.concatenate([p] * copies) for p in split.train)))


def start_of(form: str, kind: str) -> Population:
    if form == "deep":
        return stack(Dense(10, (4, 3), 3 if kind == "classes" else 1), range(4), RATES, kind)
    hidden = {"fused": (0, 2, 2, 5), "linear": (0, 0, 0, 0)}.get(form, (3, 3, 3, 3))
    population = fused(hidden, kind=kind, rates=RATES)
    return stacked_like(population) if form == "stacked" else population


def batches_of(epochs: int, count: int, size: int, seed: int = 0):
    """The batches of each epoch that all members see."""
    everyone = np.tile(np.arange(count, dtype=np.int32), (epochs, 1))
    for order in stream("batch order", seed).permuted(everyone, axis=1):
        yield [order[at : at + size] for at in range(0, count, size)]


def looped(network, split: Split, rate: float, epochs, kind: str, weight=None, labels=None):
    """The network after every step, by epoch."""
    y = split.train.y if labels is None else labels
    x, y = split.train.x.astype(float), y if kind == "classes" else y.astype(float)
    net, found = reference.net_of(network), []
    for batches in epochs:
        found.append(list(reference.train(net, x, y, rate, batches, kind, weight)))
        net = found[-1][-1]
    return found


def assert_same_weights(network, net, atol=5e-5):
    for one, other in zip(reference.net_of(network), net, strict=True):
        np.testing.assert_allclose(one.w, other.w, atol=atol)
        np.testing.assert_allclose(one.b, other.b, atol=atol)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("form", FORMS)
def test_mini_batches_equal_a_loop_over_single_networks(form, kind):
    split, start = data_of(kind), start_of(form, kind)
    fitted = fit(start, split, epochs=4, batch_size=7, seed=5)
    epochs = list(batches_of(4, len(split.train.y), 7, seed=5))
    for member, network in enumerate(start):
        nets = looped(network, split, RATES[member], epochs, kind)
        assert_same_weights(fitted.population[member], nets[-1][-1])
        history, checked = fitted.history, split.validation
        for epoch, (batches, steps) in enumerate(zip(epochs, nets, strict=True)):
            after = steps[-1]
            assert history.validation_loss[epoch, member] == pytest.approx(
                reference.loss(after, *checked, kind), rel=1e-3
            )
            assert history.validation_score[epoch, member] == pytest.approx(
                reference.score(after, *checked, kind), abs=1e-3
            )
            seen = [
                reference.loss(net, split.train.x[rows], split.train.y[rows], kind) * len(rows)
                for net, rows in zip(steps[:-1], batches, strict=True)
            ]
            mean = sum(seen) / len(split.train.y)
            assert history.train_loss[epoch, member] == pytest.approx(mean, rel=1e-3)


@pytest.mark.parametrize(
    ("form", "copies", "kind"),
    [("fused", 40, kind) for kind in KINDS] + [("fused", 1, "binary"), ("stacked", 40, "classes")],
)
def test_full_batch_equals_a_loop_even_over_many_chunks(form, kind, copies):
    """40 copies of the training rows are more than one chunk of rows."""
    split, start = data_of(kind, copies=copies), start_of(form, kind)
    fitted = fit(start, split, epochs=5, batch_size=None)
    everything = [[np.arange(len(split.train.y))]] * 5
    for member, network in enumerate(start):
        nets = looped(network, split, RATES[member], everything, kind)
        assert_same_weights(fitted.population[member], nets[-1][-1])
        before = [steps[0] for steps in nets]
        expected = [reference.loss(net, *split.train, kind) for net in before]
        np.testing.assert_allclose(fitted.history.train_loss[:, member], expected, rtol=1e-3)
        expected = [reference.score(net, *split.train, kind) for net in before]
        np.testing.assert_allclose(fitted.history.train_score[:, member], expected, atol=1e-3)


def test_batches_larger_than_a_chunk():
    split, start = data_of("binary", copies=40), start_of("fused", "binary")
    fitted = fit(start, split, epochs=2, batch_size=1500, seed=1)
    epochs = list(batches_of(2, len(split.train.y), 1500, seed=1))
    for member, network in enumerate(start):
        nets = looped(network, split, RATES[member], epochs, "binary")
        assert_same_weights(fitted.population[member], nets[-1][-1])


@pytest.mark.parametrize(
    ("form", "batch", "kind"),
    [("fused", None, kind) for kind in KINDS] + [("fused", 7, "classes"), ("deep", 7, "classes")],
)
def test_rows_weigh_what_each_member_says(form, kind, batch):
    """Weight 0 leaves a row out, as a fold of a cross-validation does."""
    split, start = data_of(kind), start_of(form, kind)
    count = len(split.train.y)
    weights = np.random.default_rng(0).choice([0, 1, 0.5, 3], (4, count)).astype(np.float32)
    fitted = fit(start, split, epochs=3, batch_size=batch, weights=weights)
    epochs = list(batches_of(3, count, 7)) if batch else [[np.arange(count)]] * 3
    for member, network in enumerate(start):
        weight = weights[member].astype(float)
        nets = looped(network, split, RATES[member], epochs, kind, weight)
        assert_same_weights(fitted.population[member], nets[-1][-1])
        if not batch:
            before = [steps[0] for steps in nets]
            losses = [reference.loss(net, *split.train, kind, weight) for net in before]
            np.testing.assert_allclose(fitted.history.train_loss[:, member], losses, rtol=1e-3)
            scores = [reference.score(net, *split.train, kind, weight) for net in before]
            np.testing.assert_allclose(fitted.history.train_score[:, member], scores, atol=1e-3)


@pytest.mark.parametrize("form", ["fused", "stacked"])
def test_a_row_of_weight_0_is_as_good_as_not_there(form):
    split, start = data_of("classes"), start_of(form, "classes")
    kept = np.arange(len(split.train.y)) % 3 != 0
    weights = np.tile(kept.astype(np.float32), (4, 1))
    one = fit(start, split, epochs=5, batch_size=None, weights=weights)
    fewer = replace(split, train=Labelled(*(part[kept] for part in split.train)))
    other = fit(start, fewer, epochs=5, batch_size=None)
    np.testing.assert_allclose(one.history.train_loss, other.history.train_loss, rtol=1e-4)
    for a, b in zip(one.population, other.population, strict=True):
        assert_same_weights(a, reference.net_of(b))


@pytest.mark.parametrize(
    ("form", "kind"), [*(("fused", kind) for kind in KINDS), ("deep", "classes")]
)
def test_each_member_may_have_labels_of_its_own(form, kind):
    split, start = data_of(kind), start_of(form, kind)
    rng = np.random.default_rng(1)
    labels = np.stack([rng.permutation(split.train.y) for _ in range(4)])
    fitted = fit(start, split, epochs=3, batch_size=16, labels=labels)
    epochs = list(batches_of(3, len(split.train.y), 16))
    for member, network in enumerate(start):
        nets = looped(network, split, RATES[member], epochs, kind, labels=labels[member])
        assert_same_weights(fitted.population[member], nets[-1][-1])


def test_the_tasks_own_weights_count():
    split = data_of("binary")
    own = np.random.default_rng(0).random(len(split.train.y)).astype(np.float32)
    start = start_of("fused", "binary")
    one = fit(start, replace(split, weights=own), epochs=3)
    other = fit(start, split, epochs=3, weights=np.tile(own, (4, 1)))
    for array, values in one.population.arrays.items():
        np.testing.assert_array_equal(values, other.population.arrays[array])


@pytest.mark.parametrize("hidden", [(3,), (4, 3)])
@pytest.mark.parametrize("kind", KINDS)
def test_sgd_equals_scikit_learns(kind, hidden):
    """The same weights, full batches, no momentum, no penalty."""
    split = data_of(kind)
    Learner = MLPRegressor if kind == "regression" else MLPClassifier
    learner = Learner(
        hidden_layer_sizes=hidden, solver="sgd", alpha=0, learning_rate_init=0.1, momentum=0, tol=0,
        batch_size=len(split.train.y), max_iter=1, n_iter_no_change=100, shuffle=False,
        warm_start=True, random_state=0,
    )  # fmt: skip
    learner.fit(*split.train)
    dense = Dense(10, hidden, 3 if kind == "classes" else 1)
    arrays = {}
    for number, (w, b) in enumerate(zip(learner.coefs_, learner.intercepts_, strict=True), 1):
        arrays |= {f"w{number}": w.T[None].copy(), f"b{number}": b[None].copy()}
    start = stack(dense, [0], [0.1], kind).with_arrays(arrays)
    for _ in range(10):
        learner.partial_fit(*split.train)
    fitted = fit(start, split, epochs=10, batch_size=None)
    network = fitted.population[0]
    for number, w in enumerate(learner.coefs_, 1):
        np.testing.assert_allclose(network.params[f"w{number}"], w.T, atol=1e-4)
    if kind == "classes":
        expected = learner.predict_proba(split.validation.x)
        np.testing.assert_allclose(network(split.validation.x), expected, atol=1e-4)


def test_inputs_that_never_act_keep_their_weights():
    split, start = data_of("binary"), start_of("fused", "binary")
    fitted = fit(start, split, epochs=3, batch_size=16)
    dead = [3, 8]
    np.testing.assert_array_equal(fitted.population.w1[:, dead], start.w1[:, dead])
    assert (np.delete(fitted.population.w1 != start.w1, dead, axis=1)).mean() > 0.5


@pytest.mark.parametrize("form", ["fused", "deep"])
def test_same_seed_same_bits(form):
    split, start = data_of("binary"), start_of(form, "binary")
    one, two = (fit(start, split, epochs=3, batch_size=16, seed=2) for _ in range(2))
    other = fit(start, split, epochs=3, batch_size=16, seed=3)
    for array, values in one.population.arrays.items():
        np.testing.assert_array_equal(values, two.population.arrays[array])
    assert (other.population.arrays["w1"] != one.population.arrays["w1"]).any()


def test_tasks_of_different_sizes_share_one_compilation():
    loop.train.clear_cache()
    for images in (90, 120):
        fit([Member(2)], pair_task(synthetic(images), 0, 1).split(0), epochs=2, batch_size=8)
    assert loop.train._cache_size() == 1


def test_members_start_from_their_seeds_in_order_of_size(split):
    members = [Member(5, 0.1, 3), Member(2, 0.1, 4)]
    fitted = fit(members, split, epochs=1, batch_size=None)
    start = initialise(grid([2], [0.1], [4]) + grid([5], [0.1], [3]), len(split.active))
    assert fitted.population.keys["hidden"].tolist() == [2, 5]
    again = fit(start, split, epochs=1, batch_size=None)
    np.testing.assert_array_equal(fitted.population.w1, again.population.w1)


@pytest.mark.parametrize("little", [10**9, 0])  # 0: a program for each hidden size
@pytest.mark.parametrize(  # 0: not even one unit fits, and it trains all the same
    ("kind", "units"), [("binary", 4), ("binary", 0), ("classes", 4)]
)
def test_portions_train_as_one_population_does(kind, monkeypatch, units, little):
    split, start = data_of(kind), start_of("fused", kind)
    weights = np.random.default_rng(0).random((4, len(split.train.y))).astype(np.float32)
    told = []
    settings = {"epochs": 3, "batch_size": 16, "weights": weights}
    together = fit(start, split, **settings)
    monkeypatch.setattr(portions, "weights_at_once", lambda: units * 32)
    monkeypatch.setattr(portions, "LITTLE", little)
    apart = fit(start, split, progress=lambda *counts: told.append(counts), **settings)
    for array, values in together.population.arrays.items():
        np.testing.assert_allclose(values, apart.population.arrays[array], atol=1e-5)
    for name in ("train_loss", "train_score", "validation_loss", "validation_score"):
        np.testing.assert_allclose(
            getattr(together.history, name), getattr(apart.history, name), atol=1e-5
        )
    assert [of for _, of in told] == [4] * len(told)
    done = [count for count, _ in told]
    assert done == sorted(set(done))
    assert done[-1] == 4


def test_stacked_portions_train_as_one_population_does():
    split, start = data_of("classes"), start_of("deep", "classes")
    together = fit(start, split, epochs=3, batch_size=16)
    apart = fit(start, split, epochs=3, batch_size=16, memory=1)
    alone = fit(start.take([2]), split, epochs=3, batch_size=16)
    for array, values in together.population.arrays.items():
        np.testing.assert_allclose(values, apart.population.arrays[array], atol=1e-5)
        np.testing.assert_allclose(values[2], alone.population.arrays[array][0], atol=1e-5)


def test_without_validation_data_there_are_no_validation_scores(split):
    members = grid([1, 2], seed=[3])
    blind = fit(members, replace(split, validation=split.validation.none), epochs=2)
    seeing = fit(members, split, epochs=2)
    assert np.isnan(blind.history.validation_loss).all()
    assert np.isnan(blind.history.validation_score).all()
    np.testing.assert_allclose(blind.history.train_loss, seeing.history.train_loss, atol=1e-6)


def test_bfloat16_is_near_float32_and_not_the_same(split):
    exact, rounded = (
        fit(grid([1, 4]), split, epochs=5, batch_size=16, precision=precision)
        for precision in ("float32", "bfloat16")
    )
    assert rounded.population.arrays["w1"].dtype == np.float32
    losses = exact.history.train_loss, rounded.history.train_loss
    np.testing.assert_allclose(*losses, rtol=0.02)
    assert (losses[0] != losses[1]).any()


def test_the_history_as_a_table_has_the_members_keys(split):
    fitted = fit(grid([1, 2], seed=[3, 4]), split, epochs=3)
    table = fitted.table()
    assert list(table) == ["hidden", "learning_rate", "seed", "epoch", "split", "loss", "f1"]
    assert len(table) == 4 * 3 * 2
    row = table.query("hidden == 2 and seed == 4 and epoch == 2 and split == 'val'")
    assert row["loss"].item() == fitted.history.validation_loss[1, 3]
    assert row["f1"].item() == fitted.history.validation_score[1, 3]


@pytest.mark.parametrize(("form", "batch"), [("fused", None), ("fused", 7), ("deep", 7)])
def test_only_the_proportions_of_weights_count(form, batch):
    """Be they ever so small; in the shapes of another test, whose compiled code is used again."""
    split, start = data_of("classes"), start_of(form, "classes")
    count = len(split.train.y)
    weights = np.full((4, count), 0.001, np.float32)
    fitted = fit(start, split, epochs=3, batch_size=batch, weights=weights)
    epochs = list(batches_of(3, count, 7)) if batch else [[np.arange(count)]] * 3
    for member, network in enumerate(start):
        nets = looped(network, split, RATES[member], epochs, "classes")
        assert_same_weights(fitted.population[member], nets[-1][-1])


def test_validation_rows_are_scored_with_inputs_that_no_training_row_has():
    """In the shapes of another test, whose compiled code is used again."""
    split, start = data_of("binary"), start_of("fused", "binary")
    x = split.validation.x.copy()
    x[:, 3] = 1
    split = replace(split, validation=Labelled(x, split.validation.y))
    fitted = fit(start, split, epochs=5, batch_size=None)
    for member, network in enumerate(fitted.population):
        expected = reference.loss(reference.net_of(network), *split.validation, "binary")
        assert fitted.history.validation_loss[-1, member] == pytest.approx(expected, rel=1e-3)
