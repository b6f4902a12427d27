"""Early stop, masks that hold, an order and shifts of one's own, and what fits into memory."""

from dataclasses import replace

import jax.numpy as jnp
import numpy as np
import pytest

from lowcap.data import array_task
from lowcap.errors import SettingsError
from lowcap.networks import Convolutional, Dense, Member, initialise, stack
from lowcap.training import fit, portions, steps
from lowcap.training.memory import members_at_once, memory_here
from lowcap.training.memory import portions as dealt_out
from tests import reference
from tests.training.test_fitting import assert_same_weights, batches_of, data_of, start_of

RNG = np.random.default_rng(0)


def easy(kind="classes"):
    """Rows that a small network can get right throughout."""
    x = np.random.default_rng(1).normal(size=(60, 12)).astype(np.float32)
    y = x[:, :3].argmax(axis=1) if kind == "classes" else (x[:, 0] > 0).astype(np.float32)
    return array_task(x, y).split(0)


def easy_start(form, kind="classes"):
    if form == "fused":
        return [Member(8, 0.3, seed) for seed in range(3)]
    return stack(Dense(12, (8,), 3 if kind == "classes" else 1), range(3), [0.3] * 3, kind)


@pytest.mark.parametrize(
    ("form", "kind"), [("fused", "binary"), ("fused", "classes"), ("stacked", "classes")]
)
def test_a_member_that_fits_everything_stays_as_it_is(form, kind):
    split, start = easy(kind), easy_start(form, kind)
    settings = {"batch_size": 16, "stop": "fit", "rescore": True}
    fitted = fit(start, split, epochs=300, **settings)
    assert (fitted.epochs > 0).all()
    assert len(set(fitted.epochs.tolist())) > 1
    first = int(fitted.epochs.argmin())
    shorter = fit(start, split, epochs=int(fitted.epochs[first]), **settings)
    for array, values in shorter.population[first].params.items():
        np.testing.assert_array_equal(values, fitted.population[first].params[array])
    assert fitted.history.train_score[-1].tolist() == [1, 1, 1]
    assert len(fitted.history.train_loss) == fitted.epochs.max()
    before = fitted.history.train_score[fitted.epochs[first] - 2, first]
    assert before < 1
    never = fit(start, split, epochs=1, **settings)
    assert (never.epochs == -1).all()


@pytest.mark.parametrize("form", ["fused", "stacked"])
def test_validation_stop_keeps_the_best_weights_and_waits(form):
    split = data_of("classes")
    start = start_of(form, "classes")
    fitted = fit(start, split, epochs=200, batch_size=16, stop="validation", patience=5)
    losses = fitted.history.validation_loss
    assert (fitted.epochs > 0).any()
    for member, network in enumerate(fitted.population):
        rested = fitted.epochs[member]
        own = losses[: rested if rested > 0 else None, member]
        best = int(own.argmin())
        if rested > 0:
            assert rested == best + 1 + 5
        found = reference.loss(reference.net_of(network), *split.validation, "classes")
        assert found == pytest.approx(own[best], rel=1e-3)


@pytest.mark.parametrize("form", ["fused", "stacked"])
@pytest.mark.parametrize("stop", ["fit", "validation"])
def test_without_scores_of_training_rows_all_else_is_as_with_them(form, stop):
    split, start = easy(), easy_start(form)
    split = replace(split, validation=split.train)
    settings = {"epochs": 6, "batch_size": 16, "stop": stop, "patience": 2}
    scored, unscored = (fit(start, split, score_training=one, **settings) for one in (True, False))
    for one, other in zip(scored.population, unscored.population, strict=True):
        for array, values in one.params.items():
            np.testing.assert_allclose(other.params[array], values, rtol=1e-5, atol=1e-6)
    np.testing.assert_array_equal(scored.epochs, unscored.epochs)
    assert np.isfinite(scored.history.train_loss).all()
    assert np.isnan(unscored.history.train_loss).all()
    assert np.isnan(unscored.history.train_score).all()
    checked = unscored.history.validation_loss
    np.testing.assert_allclose(checked, scored.history.validation_loss, rtol=1e-5)
    assert "nan" not in repr(unscored)


@pytest.mark.parametrize("form", ["fused", "stacked"])
def test_a_loss_that_only_crawls_ends_training_with_its_best_weights(form):
    split, start = data_of("classes"), start_of(form, "classes")
    settings = {"epochs": 200, "batch_size": 16, "stop": "validation", "patience": 5}
    whole = fit(start, split, **settings).history.validation_loss
    fitted = fit(start, split, **settings, min_delta=0.03)
    ends = [reference.epochs_of_patience(losses, 5, 0.03) for losses in whole.T]
    assert fitted.epochs.tolist() == ends
    assert (fitted.epochs < [reference.epochs_of_patience(one, 5) for one in whole.T]).any()
    for member, end in enumerate(ends):
        best = int(whole[:end, member].argmin())
        as_then = fit(start, split, **settings | {"epochs": best + 1, "stop": ""})
        for array, values in as_then.population[member].params.items():
            np.testing.assert_allclose(fitted.population[member].params[array], values, atol=1e-5)


@pytest.mark.parametrize(("kind", "stop"), [("binary", "fit"), ("classes", "validation")])
def test_a_portion_that_ended_early_keeps_its_last_scores(kind, stop, monkeypatch):
    """Portions end by themselves; the history must not have holes."""
    monkeypatch.setattr(portions, "weights_at_once", lambda: 1)
    split = easy(kind)
    fitted = fit(easy_start("fused", kind), split, epochs=300, batch_size=16, stop=stop, patience=3)
    for name in ("train_loss", "train_score", "validation_loss", "validation_score"):
        assert np.isfinite(getattr(fitted.history, name)).all(), name
    together = len(fitted.history.train_loss)
    assert together == fitted.epochs.max()


def test_sizes_that_rest_after_different_epochs_keep_their_last_scores():
    """Each size is a program of its own, which ends by itself."""
    rng = np.random.default_rng(1)
    x = rng.normal(size=(60, 12)).astype(np.float32)
    split = array_task(x, ((x[:, 0] > 0) ^ (rng.random(60) < 0.2)).astype(np.float32)).split(0)
    start = [Member(1, 0.3, 0), Member(9, 0.3, 0)]
    settings = {"batch_size": None, "optimizer": "l-bfgs", "stop": "validation", "patience": 3}
    fitted = fit(start, split, epochs=60, **settings)
    assert len(set(fitted.epochs.tolist())) > 1
    assert len(fitted.history.validation_loss) == fitted.epochs.max()
    for member, own in enumerate(start):
        alone = fit([own], split, epochs=60, **settings)
        assert fitted.epochs[member] == alone.epochs[0]
        ended = int(alone.epochs[0])
        for name in ("train_loss", "train_score", "validation_loss", "validation_score"):
            found, expected = getattr(fitted.history, name), getattr(alone.history, name)
            np.testing.assert_allclose(found[:ended, member], expected[:, 0], rtol=1e-3, atol=1e-5)
            assert (found[ended:, member] == found[ended - 1, member]).all(), name


@pytest.mark.parametrize(
    ("form", "optimizer"), [("fused", "adam"), ("stacked", "sgd"), ("of one size", "l-bfgs")]
)
def test_pruned_weights_stay_0_while_the_others_train(form, optimizer):
    split = data_of("classes")
    sparse = start_of(form, "classes").pruned(0.6)
    batch = None if optimizer == "l-bfgs" else 16
    fitted = fit(sparse, split, epochs=5, batch_size=batch, optimizer=optimizer)
    for name, mask in sparse.masks.items():
        values = fitted.population.arrays[name]
        assert not values[~mask].any()
        assert (values != sparse.arrays[name])[mask].mean() > 0.5
    assert fitted.history.train_loss[-1].sum() < fitted.history.train_loss[0].sum()
    twice = fit(fitted.population, split, epochs=2)  # masks are kept
    np.testing.assert_array_equal(twice.population.zeros_each(), sparse.zeros_each())


def test_masked_training_equals_a_loop_that_sets_weights_back():
    split, start = data_of("binary"), start_of("fused", "binary").pruned(0.5)
    fitted = fit(start, split, epochs=3, batch_size=16)
    x, y = split.train.x.astype(float), split.train.y.astype(float)
    for member, network in enumerate(start):
        net = reference.net_of(network)
        kept = [layer.w != 0 for layer in net]
        rate = start.keys["learning_rate"][member]
        for batches in batches_of(3, len(y), 16):
            for rows in batches:
                net = reference.last(reference.train(net, x, y, rate, [rows]))
                net = [layer._replace(w=layer.w * k) for layer, k in zip(net, kept, strict=True)]
        assert_same_weights(fitted.population[member], net)


@pytest.mark.parametrize("form", ["fused", "deep"])
def test_an_order_of_ones_own_and_scores_of_the_rows_it_names(form):
    split, start = data_of("classes"), start_of(form, "classes")
    order = np.stack([RNG.choice(len(split.train.y), 30, replace=False) for _ in range(3)])
    fitted = fit(start, split, epochs=3, batch_size=10, order=order)
    for member, network in enumerate(start):
        net, losses = reference.net_of(network), []
        rate = start.keys["learning_rate"][member]
        for epoch in order:
            seen = []
            for rows in epoch.reshape(3, 10):
                part = split.train.x[rows].astype(float), split.train.y[rows]
                seen.append(reference.loss(net, *part, "classes"))
                net = reference.last(reference.train(net, *part, rate, [np.arange(10)], "classes"))
            losses.append(np.mean(seen))
        assert_same_weights(fitted.population[member], net)
        np.testing.assert_allclose(fitted.history.train_loss[:, member], losses, rtol=1e-3)


def test_translations_wrap_around():
    images = RNG.normal(size=(5, 12)).astype(np.float32)
    shifts = np.array([[0, 0], [1, 0], [0, -1], [-2, 3], [4, 4]], np.int8)
    moved = steps.translated(jnp.asarray(images), jnp.asarray(shifts), (3, 4))
    for image, shift, result in zip(images, shifts, np.asarray(moved), strict=True):
        expected = np.roll(image.reshape(3, 4), tuple(int(s) for s in shift), axis=(0, 1))
        np.testing.assert_array_equal(result.reshape(3, 4), expected)


@pytest.mark.parametrize("form", ["fused", "stacked"])
def test_shifted_images_are_what_is_trained_on(split, form):
    """Every image moved alike is training on moved images."""
    start = stack(Dense(36, (5,), 1), [0, 1], kind="binary")
    if form == "fused":
        start = initialise([Member(5, seed=0), Member(7, seed=1)], 36)
    count = len(split.train.y)
    order = np.tile(np.arange(count), (3, 1))
    shifts = np.broadcast_to(np.array([1, -2], np.int8), (3, count, 2))
    one = fit(start, split, epochs=3, batch_size=16, order=order, shifts=shifts)
    moved = np.roll(split.train.x.reshape(-1, 6, 6), (1, -2), axis=(1, 2)).reshape(count, -1)
    train = type(split.train)(moved, split.train.y)
    other = fit(start, type(split)(**{**vars(split), "train": train}), epochs=3, batch_size=16,
                order=order)  # fmt: skip
    for array, values in one.population.arrays.items():
        np.testing.assert_allclose(values, other.population.arrays[array], atol=1e-6)


def bars(count):
    """Images with a bar that lies (0) or stands (1)."""
    images = RNG.normal(0, 0.2, (count, 14, 14))
    labels = np.arange(count) % 2
    for image, label in zip(images, labels, strict=True):
        place = RNG.integers(2, 11)
        image[(place, slice(2, 12)) if label else (slice(2, 12), place)] += 2
    return array_task(images.reshape(count, -1).astype(np.float32), labels.astype(np.int64),
                      kind="classes").split(0)  # fmt: skip


def test_a_convolutional_network_learns_where_a_bar_points():
    split = bars(240)
    start = stack(Convolutional(8, 3, 2, 2, 14, 2), range(2), [2e-3, 2e-3])
    fitted = fit(start, split, epochs=60, batch_size=20, optimizer="adam")
    unseen = split.validation
    right = fitted.population.logits(unseen.x).argmax(axis=2) == unseen.y
    assert (right.mean(axis=1) >= 0.85).all()
    alone = fit(start.take([1]), split, epochs=3, batch_size=20, optimizer="adam")
    beside = fit(start, split, epochs=3, batch_size=20, optimizer="adam")
    np.testing.assert_allclose(
        alone.population.arrays["filters"][0], beside.population.arrays["filters"][1], atol=1e-4
    )


def test_validation_stop_needs_validation_rows():
    split = data_of("binary")
    blind = type(split)(**{**vars(split), "validation": split.validation.none})
    with pytest.raises(SettingsError, match="has no validation rows"):
        fit([Member(2)], blind, stop="validation")


def test_memory_decides_how_many_train_together():
    assert memory_here() > 1 << 20
    assert members_at_once(Dense(12, (16,), 3), 100, memory=1) == 1
    small = members_at_once(Dense(784, (8,), 10), 100, memory=1 << 28)
    large = members_at_once(Dense(784, (512, 512), 10), 100, memory=1 << 28)
    assert small > 8 * large >= 8


@pytest.mark.parametrize(("members", "at_once", "sizes"), [
    (6, 6, [6]), (6, 4, [3, 3]), (10, 3, [2] * 5), (7, 3, [3, 2, 2]), (2, 1, [1, 1]),
])  # fmt: skip
def test_portions_are_of_one_size_where_a_divisor_is_near(members, at_once, sizes):
    dealt = dealt_out(members, at_once)
    assert [len(portion) for portion in dealt] == sizes
    np.testing.assert_array_equal(np.concatenate(dealt), np.arange(members))


def test_the_next_divisor_may_be_half_as_many_portions_again():
    assert [len(portion) for portion in dealt_out(9, 5)] == [3, 3, 3]
