import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest
from scipy.optimize import minimize

from lowcap.errors import SettingsError
from lowcap.networks.stacked import Shape, choose, stack
from lowcap.streams import stream
from lowcap.training.memory import members_at_once, memory_here, portions
from lowcap.training.optimizers import OPTIMIZERS, optimizer
from lowcap.training.stacking import fit_stacked, translated

RNG = np.random.default_rng(0)
IMAGES = RNG.normal(size=(60, 12)).astype(np.float32)
LABELS = (IMAGES[:, :3].argmax(axis=1)).astype(np.int32)
SHAPE = Shape(12, (16,), 3)


def fitted(**options):
    settings = {"optimizer": "momentum", "batch_size": 16, "epochs": 8} | options
    labels = np.stack([LABELS, RNG.permutation(LABELS), LABELS])
    return fit_stacked(stack(SHAPE, [0, 1, 2]), IMAGES, labels, [0.1, 0.1, 0.03], **settings)


@pytest.mark.parametrize("name", [n for n in OPTIMIZERS if n != "l-bfgs"])
def test_together_equals_one_at_a_time_in_a_plain_loop(name):
    """Every optimizer, ragged last batch included, against a Python loop over optax."""
    rates, epochs, batch = [0.05, 0.01], 3, 25
    initial = stack(SHAPE, [0, 1])
    labels = np.stack([LABELS, LABELS[::-1]])
    ours = fit_stacked(initial, IMAGES, labels, rates, optimizer=name, batch_size=batch,
                       epochs=epochs, seed=7, stop=False)  # fmt: skip
    generator = stream("stacked batch order", 7)
    order = generator.permuted(np.tile(np.arange(60, dtype=np.int32), (epochs, 1)), axis=1)
    for member in range(2):
        weights = [np.asarray(w[member]) for w in initial.weights]
        state = optimizer(name).init(weights)
        for permutation in order:
            for start in range(0, 60, batch):
                rows = permutation[start : start + batch]

                def loss(w, rows=rows, member=member):
                    logits = jax.nn.relu(IMAGES[rows] @ w[0].T) @ w[1].T
                    y = jnp.asarray(labels[member][rows])
                    return optax.softmax_cross_entropy_with_integer_labels(logits, y).mean()

                direction, state = optimizer(name).update(jax.grad(loss)(weights), state, weights)
                weights = [w + rates[member] * d for w, d in zip(weights, direction, strict=True)]
        for mine, theirs in zip(ours.stacked.weights, weights, strict=True):
            np.testing.assert_allclose(mine[member], theirs, rtol=2e-4, atol=2e-5)


def test_members_do_not_feel_each_other_nor_the_memory():
    labels = np.stack([LABELS, LABELS, LABELS])
    options = {"epochs": 4, "batch_size": 16}
    whole = fit_stacked(stack(SHAPE, [0, 1, 2]), IMAGES, labels, [0.1, 0.2, 0.3], **options)
    chunked = fit_stacked(
        stack(SHAPE, [0, 1, 2]), IMAGES, labels, [0.1, 0.2, 0.3], memory=1, **options
    )
    alone = fit_stacked(stack(SHAPE, [1]), IMAGES, labels[:1], [0.2], **options)
    for one, other, single in zip(
        whole.stacked.weights, chunked.stacked.weights, alone.stacked.weights, strict=True
    ):
        np.testing.assert_allclose(one, other, rtol=1e-5, atol=1e-6)
        np.testing.assert_allclose(one[1], single[0], rtol=1e-5, atol=1e-6)


def test_a_member_that_fits_everything_stays_as_it_is():
    short, long = fitted(epochs=200), fitted(epochs=400)
    first = short.epochs[0]
    assert 0 < first < 200
    assert short.train_accuracy[0] == 1
    np.testing.assert_array_equal(short.stacked.weights[0][0], long.stacked.weights[0][0])
    never = fitted(epochs=1)
    assert (never.epochs == -1).all()
    further = fitted(epochs=200, stop=False)
    assert further.epochs[0] == first
    assert further.train_loss[0] < short.train_loss[0]


def test_scores_are_those_of_the_networks():
    result = fitted(epochs=2)
    member = choose(result.stacked, [0])
    hidden = np.maximum(IMAGES @ np.asarray(member.weights[0][0]).T, 0)
    logits = hidden @ np.asarray(member.weights[1][0]).T
    assert result.train_accuracy[0] == pytest.approx((logits.argmax(axis=1) == LABELS).mean())
    log_p = logits - np.log(np.exp(logits).sum(axis=1, keepdims=True))
    assert result.train_loss[0] == pytest.approx(-log_p[np.arange(60), LABELS].mean(), rel=1e-4)


def test_full_batch_lbfgs_reaches_the_optimum_of_a_convex_problem():
    """A network of two layers whose activation never bends is logistic regression."""
    generator = np.random.default_rng(1)
    x = generator.normal(size=(80, 3)).astype(np.float32)
    y = (x @ [1.0, -1.0, 0.5] + generator.normal(0, 1.5, 80) > 0).astype(np.int32)
    shape = Shape(3, (3,), 2, "relu")
    initial = stack(shape, [0])
    eye = jnp.eye(3)[None]

    def convex(w):
        logits = np.maximum(x, 0) @ w.reshape(2, 3).T
        log_p = logits - np.logaddexp(logits[:, :1], logits[:, 1:])
        return -log_p[np.arange(80), y].mean()

    best = minimize(convex, np.zeros(6)).fun
    # The first layer is held: its optimum is then that of the second layer alone.
    from lowcap.training.optimizers import OPTIMIZERS as known

    def value(w):
        logits = jax.nn.relu(x @ eye[0].T) @ w.T
        return optax.softmax_cross_entropy_with_integer_labels(logits, jnp.asarray(y)).mean()

    weights, state = jnp.zeros((2, 3)), known["l-bfgs"].init(jnp.zeros((2, 3)))
    for _ in range(30):
        found, gradient = optax.value_and_grad_from_state(value)(weights, state=state)
        step, state = known["l-bfgs"].update(
            gradient, state, weights, value=found, grad=gradient, value_fn=value
        )
        weights = weights + step
    assert float(value(weights)) == pytest.approx(best, abs=1e-5)
    # The whole network, both layers free, can only do better, and does.
    result = fit_stacked(initial, x, y[None], [1.0], optimizer="l-bfgs", batch_size=None,
                         epochs=200, stop=False)  # fmt: skip
    assert result.train_loss[0] < best + 1e-3


def test_translations_wrap_around():
    images = RNG.normal(size=(5, 12)).astype(np.float32)
    shifts = np.array([[0, 0], [1, 0], [0, -1], [-2, 3], [4, 4]], np.int8)
    moved = translated(jnp.asarray(images), jnp.asarray(shifts), (3, 4))
    for image, shift, result in zip(images, shifts, np.asarray(moved), strict=True):
        expected = np.roll(image.reshape(3, 4), tuple(int(s) for s in shift), axis=(0, 1))
        np.testing.assert_array_equal(result.reshape(3, 4), expected)


def test_augmentation_changes_what_is_seen_but_not_what_is_scored():
    plain, moved = fitted(epochs=3), fitted(epochs=3, shift=1, side=(3, 4))
    assert not np.allclose(plain.stacked.weights[0], moved.stacked.weights[0])
    assert moved.train_accuracy[0] < plain.train_accuracy[0]


def test_memory_decides_how_many_train_together():
    assert memory_here() > 1 << 20
    assert members_at_once(SHAPE, 100, memory=1) == 1
    small = members_at_once(Shape(784, (8,), 10), 100, memory=1 << 28)
    large = members_at_once(Shape(784, (512, 512), 10), 100, memory=1 << 28)
    assert small > 8 * large >= 8


@pytest.mark.parametrize(("members", "at_once", "sizes"), [
    (6, 6, [6]), (6, 4, [3, 3]), (10, 3, [2] * 5), (7, 3, [3, 2, 2]), (2, 1, [1, 1]),
])  # fmt: skip
def test_portions_are_of_one_size_where_a_divisor_is_near(members, at_once, sizes):
    dealt = portions(members, at_once)
    assert [len(portion) for portion in dealt] == sizes
    np.testing.assert_array_equal(np.concatenate(dealt), np.arange(members))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"optimizer": "sdg"}, "choose sgd"),
        ({"optimizer": "l-bfgs"}, "needs the full batch"),
        ({"epochs": 0}, "at least 1"),
        ({"batch_size": 0}, "at least 1"),
    ],
)
def test_impossible_settings_are_refused(options, message):
    with pytest.raises(SettingsError, match=message):
        fitted(**options)
    with pytest.raises(SettingsError, match="3 members"):
        fit_stacked(stack(SHAPE, [0, 1, 2]), IMAGES, LABELS[None], [0.1])
