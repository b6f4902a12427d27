import numpy as np
import pytest

from lowcap.data import Dataset, sample

RNG = np.random.default_rng(0)
IMAGES = RNG.integers(0, 256, (60, 9), np.uint8)
LABELS = np.arange(60) % 3
DATA = Dataset("made", IMAGES, LABELS, IMAGES[:30], LABELS[:30], (3, 3))


def test_places_say_which_test_image_each_one_is():
    """Under another seed the images come in another order, and are found again by place."""
    one, other = (sample(DATA, 15, 30, seed=seed) for seed in (0, 1))
    assert one.test_places.tolist() != other.test_places.tolist()
    for drawn in (one, other):
        np.testing.assert_array_equal(drawn.test.y, LABELS[drawn.test_places])
        pixels = IMAGES[drawn.test_places].astype(float)
        taught = np.corrcoef(drawn.test.x.ravel(), pixels.ravel())[0, 1]
        assert taught > 0.999999  # the same pixels but for shift and scale


def test_few_test_images_are_a_part_of_them():
    few = sample(DATA, 15, 10, seed=3)
    assert len(set(few.test_places.tolist())) == len(few.test.y) == 10


def test_training_and_test_pixels_are_standardised_alike():
    drawn = sample(DATA, 15, 30)
    assert drawn.train.x.mean() == pytest.approx(0, abs=1e-6)
    assert drawn.train.x.std() == pytest.approx(1, rel=1e-6)
    by_place = {tuple(row) for row in drawn.train.x.round(4).tolist()}
    both = [tuple(row) for row in drawn.test.x.round(4).tolist() if tuple(row) in by_place]
    assert both  # an image that is in both samples looks the same in both
