import numpy as np
import pytest
from scipy import ndimage

from lowcap.data.corruptions import CORRUPTIONS, affine, gaussian_noise, occlusion, shot_noise

IMAGES = ndimage.gaussian_filter(np.random.default_rng(0).random((50, 28, 28)), (0, 2, 2))
IMAGES = (IMAGES - IMAGES.min()) / np.ptp(IMAGES)


@pytest.mark.parametrize("key", CORRUPTIONS, ids=lambda key: f"{key[0]} {key[1]}")
def test_every_corruption_is_seeded_stays_in_range_and_changes_something(key):
    before = IMAGES.copy()
    one, two = (CORRUPTIONS[key](IMAGES, np.random.default_rng(1)) for _ in range(2))
    np.testing.assert_array_equal(one, two)
    np.testing.assert_array_equal(IMAGES, before)
    assert one.shape == IMAGES.shape
    assert one.min() >= 0
    assert one.max() <= 1
    assert (np.abs(one - IMAGES).max(axis=(1, 2)) > 0.01).all()


def test_noise_has_the_spread_it_says():
    grey = np.full((200, 28, 28), 0.5)
    noisy = gaussian_noise(grey, np.random.default_rng(0), 0.1)
    assert noisy.std() == pytest.approx(0.1, rel=0.01)
    shot = shot_noise(grey, np.random.default_rng(0), 20)
    assert shot.std() == pytest.approx(np.sqrt(0.5 / 20), rel=0.05)


def test_occlusion_is_one_patch_anywhere_it_fits():
    white = np.ones((4000, 28, 28))
    covered = occlusion(white, np.random.default_rng(0), 7) == 0
    assert (covered.sum(axis=(1, 2)) == 49).all()
    tops = covered.any(axis=2).argmax(axis=1)
    lefts = covered.any(axis=1).argmax(axis=1)
    for places in (tops, lefts):
        assert set(places) == set(range(22))
        assert places.mean() == pytest.approx(10.5, abs=0.4)


def test_affine_does_what_it_says():
    rng = np.random.default_rng(0)
    dot = np.zeros((1, 29, 29))
    dot[0, 14, 20] = 1
    np.testing.assert_allclose(affine(IMAGES, rng), IMAGES, atol=1e-12)
    turned = affine(dot, rng, degrees=90.0)[0]
    assert np.unravel_index(turned.argmax(), turned.shape) in {(8, 14), (20, 14)}
    moved = affine(dot, rng, shift=5.0)[0]
    centre = np.array(ndimage.center_of_mass(moved))
    assert np.linalg.norm(centre - [14, 20]) == pytest.approx(5, abs=0.1)
    small = np.zeros((1, 29, 29))
    small[0, 14 - 6 : 14 + 7, 14 - 6 : 14 + 7] = 1
    assert affine(small, rng, scale=0.5)[0].sum() == pytest.approx(13**2 / 4, rel=0.2)
