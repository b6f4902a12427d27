import numpy as np
from sklearn.model_selection import train_test_split

from lowcap.data import Dataset, pair_task
from lowcap.networks import grid
from lowcap.studies.low_capacity.protocols import (
    LISTING,
    PROTOCOLS,
    RELEASED,
    balanced_split,
    published_initial,
)
from lowcap.studies.low_capacity.settings import PAPER_HIDDEN

RNG = np.random.default_rng(0)
LABELS = RNG.permutation(np.repeat([4, 9, 7], [70, 50, 20]))
IMAGES = RNG.integers(0, 256, (140, 9), np.uint8)
DATA = Dataset("made", IMAGES, LABELS, IMAGES[:40], LABELS[:40], (3, 3))


def test_balanced_split_is_the_released_scripts():
    """Written as a script would write it, on the arrays themselves."""
    rng = np.random.default_rng(42)
    count = min((LABELS == 4).sum(), (LABELS == 9).sum())
    rows = [rng.choice(np.where(digit == LABELS)[0], size=count, replace=False) for digit in (4, 9)]
    x = np.concatenate([IMAGES[r] for r in rows]) / 255.0
    y = np.concatenate([np.zeros(count), np.ones(count)])
    order = rng.permutation(len(y))
    x, y = x[order], y[order]
    expected = train_test_split(x, y, test_size=0.2, stratify=y, random_state=42)
    split = balanced_split(pair_task(DATA, 4, 9), 42)
    ours = split.train.x, split.validation.x, split.train.y, split.validation.y
    for one, other in zip(ours, expected, strict=True):
        np.testing.assert_allclose(one, other, atol=1e-7)


def test_published_weights_are_the_released_scripts():
    np.random.seed(78)  # noqa: NPY002
    drawn = {}
    for hidden in PAPER_HIDDEN:
        for pair in ("0-1", "1-7", "4-9", "3-8", "5-6"):
            w1 = np.random.normal(0, 0.1, (9, hidden))  # noqa: NPY002
            drawn[hidden, pair] = w1, np.random.normal(0, 0.1, (hidden, 1))  # noqa: NPY002
    members = grid(PAPER_HIDDEN, seed=[78], initialiser=["normal_01"])
    population = published_initial(pair_task(DATA, 4, 9), members)
    for index, hidden in enumerate(PAPER_HIDDEN):
        net = population[index]
        np.testing.assert_allclose(net.w1, drawn[hidden, "4-9"][0].T, rtol=1e-6)
        np.testing.assert_allclose(net.w2[0], drawn[hidden, "4-9"][1][:, 0], rtol=1e-6)


def test_sizes_and_pairs_it_never_drew_are_seeded_too():
    members = grid([3, 4], seed=[0], initialiser=["normal_01"])
    one, two = (published_initial(pair_task(DATA, 4, 7), members) for _ in range(2))
    np.testing.assert_array_equal(one.w1, two.w1)
    assert 0.05 < np.std(one.w1) < 0.15


def test_protocols_are_the_papers():
    published, replicated, corrected = (
        PROTOCOLS[name] for name in ("published", "replicated", "corrected")
    )
    assert (published.seeds(3), published.batch_size) == ((0, 42, 78), None)
    assert (corrected.seeds(10), corrected.batch_size) == (tuple(range(10)), 128)
    assert published.initial is replicated.initial
    assert published.split is replicated.split


def test_seeds_have_no_last_one_and_no_protocol_repeats_anothers():
    for protocol in PROTOCOLS.values():
        many = protocol.seeds(500)
        assert len(set(many)) == 500
        assert protocol.seeds(7) == many[:7]
    published, replicated = PROTOCOLS["published"].seeds(500), PROTOCOLS["replicated"].seeds(500)
    assert not set(published) & set(replicated)


def test_the_paper_rule_of_pruning_truncates_and_the_released_one_divides_twice():
    assert LISTING.count(10, 0.95) == 9
    assert RELEASED.count(784 * 24, 0.95) == int(784 * 24 * 0.0095)
