import numpy as np
import pytest
from scipy import ndimage

from lowcap.data.corruptions import (
    CORRUPTIONS,
    affine,
    gaussian_noise,
    impulse_noise,
    line,
    occlusion,
    shot_noise,
    stripe,
)
from lowcap.errors import DataError

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


def test_impulses_are_black_and_white_in_equal_shares():
    grey = np.full((200, 28, 28), 0.5)
    noisy = impulse_noise(grey, np.random.default_rng(0), 0.2)
    assert set(np.unique(noisy)) == {0, 0.5, 1}
    assert (noisy == 0).mean() == pytest.approx(0.1, rel=0.03)
    assert (noisy == 1).mean() == pytest.approx(0.1, rel=0.03)


def test_images_turn_and_lean_to_either_side():
    dots = np.zeros((20, 29, 29))
    dots[:, 14, 20] = 1
    turned = affine(dots, np.random.default_rng(0), degrees=90.0)
    places = {np.unravel_index(image.argmax(), image.shape) for image in turned}
    assert places == {(8, 14), (20, 14)}
    upright = np.zeros((20, 29, 29))
    upright[:, :, 14] = 1
    leaning = affine(upright, np.random.default_rng(0), shear=0.5).argmax(axis=2)
    assert {tuple(rows[[0, 14, 28]]) for rows in leaning} == {(7, 14, 21), (21, 14, 7)}


def test_a_stripe_inverts_the_middle_columns():
    striped = stripe(np.zeros((1, 8, 10)), np.random.default_rng(0), 4)[0]
    np.testing.assert_array_equal(striped, np.tile(np.isin(np.arange(10), [3, 4, 5, 6]), (8, 1)))


def test_lines_are_dotted_or_zigzag_about_a_straight_one():
    black, width = np.zeros((5, 30, 20)), np.arange(20)
    ends = np.random.default_rng(0).uniform(0.2, 0.8, (5, 2)) * 29
    straight = np.array([np.interp(width, [0, 19], pair) for pair in ends])
    dotted = line(black, np.random.default_rng(0), period=4, amplitude=0.0)
    np.testing.assert_array_equal(dotted.any(axis=1), np.tile(width % 4 < 2, (5, 1)))
    assert (np.abs(dotted.argmax(axis=1) - straight)[:, width % 4 < 2] <= 0.5).all()
    zigzag = line(black, np.random.default_rng(0), period=8, amplitude=3.0)
    assert (zigzag.sum(axis=1) == 1).all()
    beside = np.interp(width % 8, [0, 4, 8], [3, -3, 3])
    assert (np.abs(zigzag.argmax(axis=1) - straight - beside) <= 0.5).all()


def test_images_that_are_no_squares_turn_about_their_middle():
    wide = np.zeros((1, 21, 29))
    wide[0, 10, 14] = 1
    for how in ({"degrees": 90.0}, {"shear": 0.5}, {"scale": 2.0}):
        turned = affine(wide, np.random.default_rng(0), **how)[0]
        assert np.unravel_index(turned.argmax(), turned.shape) == (10, 14)


COLOUR = np.stack([IMAGES, IMAGES[::-1], IMAGES**2], axis=-1)
NOISES = ("gaussian noise", "shot noise", "impulse noise")


@pytest.mark.parametrize("key", CORRUPTIONS, ids=lambda key: f"{key[0]} {key[1]}")
def test_colour_images_are_corrupted_in_every_channel(key):
    """What is no noise does to each channel what it does to the same image in grey."""
    before = COLOUR.copy()
    found = CORRUPTIONS[key](COLOUR, np.random.default_rng(1))
    np.testing.assert_array_equal(COLOUR, before)
    assert found.shape == COLOUR.shape
    assert 0 <= found.min() < found.max() <= 1
    if key[0] in NOISES:
        noise = (found - COLOUR).reshape(-1, 3)
        assert np.abs(np.corrcoef(noise.T) - np.eye(3)).max() < 0.5
        return
    for channel in range(3):
        alone = np.ascontiguousarray(COLOUR[..., channel])
        grey = CORRUPTIONS[key](alone, np.random.default_rng(1))
        np.testing.assert_array_equal(found[..., channel], grey)


def test_noise_of_colours_has_the_spread_it_says():
    grey = np.full((60, 28, 28, 3), 0.5)
    noise = gaussian_noise(grey, np.random.default_rng(0), 0.1) - 0.5
    assert noise.std() == pytest.approx(0.1, rel=0.01)
    together = np.corrcoef(noise.reshape(-1, 3).T)
    np.testing.assert_allclose(together, np.eye(3), atol=0.02)


def test_a_patch_that_does_not_fit_is_one_line():
    for shape in ((2, 28, 6), (2, 6, 28, 3)):
        with pytest.raises(DataError, match="patch of 7 x 7 does not fit images of"):
            occlusion(np.ones(shape), np.random.default_rng(0), 7)
    assert not occlusion(np.ones((2, 7, 7)), np.random.default_rng(0), 7).any()


@pytest.mark.parametrize("key", CORRUPTIONS, ids=lambda key: f"{key[0]} {key[1]}")
def test_every_corruption_is_as_severe_as_its_name_says(key):
    assert key[1] in CORRUPTIONS[key].keywords.values()
