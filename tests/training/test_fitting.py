"""The fused engine against a plain loop over single networks."""

from dataclasses import replace

import jax
import numpy as np
import optax
import pytest

from lowcap.data import Labelled, Split, array_task, pair_task
from lowcap.errors import SettingsError
from lowcap.networks import Member, grid, initialise, take
from lowcap.training import fit, fitting
from lowcap.training.arrays import ROW_CHUNK, to_device
from tests import reference
from tests.conftest import synthetic

MEMBERS = grid(hidden=[1, 2, 5], learning_rate=[0.05, 0.4], seed=[3, 4])


def looped(member_index: int, wide, split: Split, rate: float, batches):
    net = take(wide, member_index)
    start = reference.Net(*(np.asarray(w, float) for w in (net.w1, net.b1, net.w2, net.b2)))
    x, y = split.train.x.astype(float), split.train.y.astype(float)
    return list(reference.train(start, x, y, rate, batches))


def assert_same_weights(net, expected):
    for ours, theirs in zip((net.w1, net.b1, net.w2, net.b2), expected, strict=True):
        np.testing.assert_allclose(ours, theirs, atol=2e-5)


@pytest.mark.parametrize("batch_size", [7, 16, 1000])
def test_mini_batches_equal_a_loop_over_single_networks(split, batch_size):
    epochs, count = 4, len(split.train.y)
    fitted = fit(MEMBERS, split, epochs=epochs, batch_size=batch_size, seed=5)
    chunk = min(batch_size, ROW_CHUNK)
    order = np.asarray(fitting._batch_order(5, epochs, to_device(split.train, split.active), chunk))
    batches = [
        row[start : min(start + batch_size, count)]
        for row in order
        for start in range(0, count, batch_size)
    ]
    assert all(sorted(row[:count]) == list(range(count)) for row in order)
    start = initialise(fitted.members, len(split.active))
    for index, member in enumerate(fitted.members):
        nets = looped(index, start, split, member.learning_rate, batches)
        assert_same_weights(fitted.member(index), nets[-1])
        per_epoch = -(-count // batch_size)
        x, y = split.validation.x, split.validation.y
        after = nets[per_epoch::per_epoch]
        np.testing.assert_allclose(
            fitted.history.validation_loss[:, index],
            [reference.loss(net, x, y) for net in after],
            rtol=1e-4,
        )
        np.testing.assert_allclose(
            fitted.history.validation_f1[:, index], [reference.f1(net, x, y) for net in after]
        )
        seen = [
            np.mean([reference.loss(nets[s], split.train.x[[i]], split.train.y[[i]])
                     for s in range(e * per_epoch, (e + 1) * per_epoch) for i in batches[s]])
            for e in range(epochs)
        ]  # fmt: skip
        np.testing.assert_allclose(fitted.history.train_loss[:, index], seen, rtol=1e-4)


@pytest.mark.parametrize("copies", [1, 60])
def test_full_batch_equals_a_loop_even_over_many_chunks(split, copies):
    """60 copies of the training rows are more than one chunk of rows."""
    train = Labelled(*(np.concatenate([part] * copies) for part in split.train))
    split = replace(split, train=train)
    fitted = fit(MEMBERS, split, epochs=5, batch_size=None)
    start = initialise(fitted.members, len(split.active))
    everything = np.arange(len(train.y))
    for index, member in enumerate(fitted.members):
        nets = looped(index, start, split, member.learning_rate, [everything] * 5)
        assert_same_weights(fitted.member(index), nets[-1])
        np.testing.assert_allclose(
            fitted.history.train_loss[:, index],
            [reference.loss(net, *train) for net in nets[:-1]],
            rtol=1e-4,
        )
        np.testing.assert_allclose(
            fitted.history.train_f1[:, index], [reference.f1(net, *train) for net in nets[:-1]]
        )


def test_batches_larger_than_a_chunk(split):
    train = Labelled(*(np.concatenate([part] * 60) for part in split.train))
    large = replace(split, train=train)
    fitted = fit([Member(3, 0.3)], large, epochs=2, batch_size=1500, seed=1)
    order = np.asarray(fitting._batch_order(1, 2, to_device(train, split.active), ROW_CHUNK))
    count = len(train.y)
    batches = [row[s : min(s + 1500, count)] for row in order for s in range(0, count, 1500)]
    start = initialise(fitted.members, len(split.active))
    assert_same_weights(fitted.member(0), looped(0, start, large, 0.3, batches)[-1])


def test_pixels_that_never_act_keep_their_weights(split):
    fitted = fit(MEMBERS, split, epochs=3, batch_size=16)
    start = initialise(fitted.members, len(split.active))
    np.testing.assert_array_equal(fitted.wide.w1[:, ~split.active], start.w1[:, ~split.active])
    assert (np.asarray(fitted.wide.w1)[:, split.active] != start.w1[:, split.active]).mean() > 0.5


def test_same_seed_same_bits(split):
    one, two = (fit(MEMBERS, split, epochs=3, batch_size=16, seed=2) for _ in range(2))
    for a, b in zip(jax.tree.leaves(one.wide), jax.tree.leaves(two.wide), strict=True):
        np.testing.assert_array_equal(a, b)
    other = fit(MEMBERS, split, epochs=3, batch_size=16, seed=3)
    assert (np.asarray(other.wide.w1) != np.asarray(one.wide.w1)).any()


def test_tasks_of_different_sizes_share_one_compilation():
    fitting._train.clear_cache()
    for images in (90, 120):
        fit([Member(2)], pair_task(synthetic(images), 0, 1).split(0), epochs=2, batch_size=8)
    assert fitting._train._cache_size() == 1


def test_momentum_through_optax_equals_its_recurrence(split):
    fitted = fit(
        [Member(3, 0.1)], split, epochs=6, batch_size=None, optimizer=optax.sgd(1.0, momentum=0.9)
    )
    net = take(initialise(fitted.members, len(split.active)), 0)
    net = reference.Net(*(np.asarray(w, float) for w in (net.w1, net.b1, net.w2, net.b2)))
    speed = reference.Net(*(np.zeros_like(w) for w in net))
    for _ in range(6):
        step = reference.gradient(net, split.train.x.astype(float), split.train.y)
        speed = reference.Net(*(0.9 * s + g for s, g in zip(speed, step, strict=True)))
        net = reference.Net(*(w - 0.1 * s for w, s in zip(net, speed, strict=True)))
    assert_same_weights(fitted.member(0), net)


@pytest.mark.parametrize("factor", [None, 3.0])
def test_an_optax_optimizer_moves_as_in_a_plain_optax_loop(split, factor):
    """Downhill, at its own rate unless a member multiplies it."""
    rate = 0.01 * (factor or 1)
    fitted = fit([Member(3, factor)], split, epochs=40, batch_size=None, optimizer=optax.adam(0.01))
    net = take(initialise(fitted.members, len(split.active)), 0)
    weights = {name: np.asarray(getattr(net, name), np.float32) for name in ("w1", "b1", "w2")}
    weights["b2"] = np.float32(net.b2)
    x, y = split.train

    def loss(w):
        logits = jax.nn.relu(x @ w["w1"].T + w["b1"]) @ w["w2"] + w["b2"]
        return optax.sigmoid_binary_cross_entropy(logits, y).mean()

    plain = optax.adam(rate)
    state = plain.init(weights)
    for _ in range(40):
        updates, state = plain.update(jax.grad(loss)(weights), state)
        weights = optax.apply_updates(weights, updates)
    assert fitted.history.train_loss[-1, 0] < fitted.history.train_loss[0, 0]
    found = fitted.member(0)
    for name in ("w1", "b1", "w2", "b2"):
        np.testing.assert_allclose(getattr(found, name), weights[name], atol=2e-4)
    assert fitted.members[0].learning_rate == (factor or 1)


@pytest.mark.parametrize("bad", [{"epochs": 0}, {"batch_size": 0}])
def test_impossible_settings(split, bad):
    with pytest.raises(SettingsError, match="must be at least 1"):
        fit([Member(2)], split, **bad)


def test_tasks_of_other_kinds_are_refused_not_trained_as_if_binary(split):
    x, y = split.train
    several = array_task(x, np.arange(len(y)) % 3).split(0)
    weighted = array_task(x, y, weights=np.ones(len(y), np.float32)).split(0)
    for other in (several, weighted):
        with pytest.raises(SettingsError, match="only two classes and rows of equal weight"):
            fit([Member(2)], other)


def test_initial_weights_of_other_members_are_refused(split):
    with pytest.raises(SettingsError, match="not those of the sorted members"):
        fit([Member(2)], split, initial=initialise([Member(3)], len(split.active)))


@pytest.mark.parametrize("units", [4, 0])  # 0: not even one unit fits, and it trains all the same
def test_portions_train_as_one_population_does(split, monkeypatch, units):
    together = fit(MEMBERS, split, epochs=3, batch_size=16)
    columns = to_device(split.train, split.active).x.shape[1]
    monkeypatch.setattr(fitting, "weights_at_once", lambda: units * columns)
    apart = fit(MEMBERS, split, epochs=3, batch_size=16)
    for a, b in zip(jax.tree.leaves(together.wide), jax.tree.leaves(apart.wide), strict=True):
        np.testing.assert_allclose(a, b, atol=1e-6)
    for a, b in zip(vars(together.history).values(), vars(apart.history).values(), strict=True):
        np.testing.assert_allclose(a, b, atol=1e-6)


def test_without_validation_data_there_are_no_validation_scores(split):
    blind = fit(MEMBERS, replace(split, validation=split.validation.none), epochs=2)
    seeing = fit(MEMBERS, split, epochs=2)
    assert np.isnan(blind.history.validation_loss).all()
    assert np.isnan(blind.history.validation_f1).all()
    np.testing.assert_allclose(blind.history.train_loss, seeing.history.train_loss, atol=1e-6)


def test_bfloat16_is_near_float32_and_not_the_same(split):
    exact, rounded = (
        fit(MEMBERS, split, epochs=5, batch_size=16, precision=precision)
        for precision in ("float32", "bfloat16")
    )
    assert rounded.wide.w1.dtype == np.float32
    losses = exact.history.train_loss, rounded.history.train_loss
    np.testing.assert_allclose(*losses, rtol=0.02)
    assert (losses[0] != losses[1]).any()
