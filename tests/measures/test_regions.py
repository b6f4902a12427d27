import numpy as np
import pytest

from lowcap.measures.regions import picture_axes, region_map, transitions
from lowcap.measures.trajectories import (
    ANGLES,
    angles,
    ellipse,
    nearness,
    random_ellipse,
    translation,
)
from lowcap.networks import Dense, joined, stack

RNG = np.random.default_rng(0)


def unit(activation, weight=(1.0, 0.0), scale=1.0):
    """One hidden unit that looks along `weight`."""
    params = {"w1": scale * np.array([weight]), "w2": np.ones((2, 1))}
    return joined(Dense(2, (1,), 2, activation, bias=False), [params], [0])


def test_transitions_of_one_unit_are_counted_by_hand():
    t = angles(360)
    circle = np.stack([np.cos(t), np.sin(t)], axis=1).astype(np.float32)
    # cos changes sign twice a turn; clipped at -1 and 1 of 2 cos it passes four kinks.
    assert transitions(unit("relu"), circle[None]).sum() == 2
    assert transitions(unit("hard tanh", scale=2.0), circle[None]).sum() == 4
    assert transitions(unit("hard tanh", scale=0.5), circle[None]).sum() == 0
    assert transitions(unit("tanh"), circle[None]).sum() == 0
    # 9 cos falls from above 6 to below 0 through two kinks, and rises back through them.
    assert transitions(unit("relu6", scale=9.0), circle[None]).sum() == 4


def test_the_way_back_to_the_start_counts():
    path = np.array([[[1.0, 0], [1, 1], [-1, 0]]], np.float32)
    assert transitions(unit("relu"), path)[0, 0].tolist() == [0, 1, 1]


def test_a_jump_over_a_piece_counts_twice():
    path = np.array([[[-5.0, 0], [5, 0]]], np.float32)
    assert transitions(unit("hard tanh"), path)[0, 0].tolist() == [2, 2]


def test_batched_equals_unbatched_and_layers_add_up():
    stacked = stack(Dense(6, (9, 8), 3), [0, 1])
    moved = {name: RNG.normal(0, 0.5, stacked.arrays[name].shape) for name in ("b1", "b2")}
    stacked = stacked.with_arrays(stacked.arrays | moved)
    paths = RNG.normal(size=(4, 20, 6)).astype(np.float32)
    together = transitions(stacked, paths)
    assert together.shape == (2, 4, 20)
    for member in range(2):
        w1, b1, w2, b2 = (stacked[member].params[name] for name in ("w1", "b1", "w2", "b2"))
        for number, path in enumerate(paths):
            first = path @ w1.T + b1
            second = np.maximum(first, 0) @ w2.T + b2
            codes = np.concatenate([first > 0, second > 0], axis=1)
            expected = (codes != np.roll(codes, -1, axis=0)).sum(axis=1)
            np.testing.assert_array_equal(together[member, number], expected)


def test_a_network_without_a_hidden_layer_crosses_nothing():
    paths = RNG.normal(size=(2, 5, 6)).astype(np.float32)
    crossed = transitions(stack(Dense(6, (), 3), [0]), paths)
    np.testing.assert_array_equal(crossed, np.zeros((1, 2, 5)))


def test_ellipses_meet_their_points_where_the_paper_says():
    points = RNG.normal(size=(3, 10))
    path = ellipse(points, 360)
    for place, point in zip(np.rint(ANGLES * 180 / np.pi).astype(int), points, strict=True):
        np.testing.assert_allclose(path[place], point, atol=1e-5)
    assert nearness(ANGLES).max() == pytest.approx(0)
    assert nearness(angles(360)).max() == pytest.approx(np.pi / 3)
    random = random_ellipse(400, 8, np.random.default_rng(0))
    np.testing.assert_allclose(random[0], -random[4], atol=1e-5)
    assert random.std() == pytest.approx(1, rel=0.1)


def test_translation_goes_round_in_steps_of_a_fraction_of_a_pixel():
    image = RNG.normal(size=12)
    path = translation(image, (3, 4), between=2)
    assert path.shape == (8, 12)
    square = image.reshape(3, 4)
    np.testing.assert_allclose(path[2].reshape(3, 4), np.roll(square, 1, axis=1), rtol=1e-6)
    half = (square + np.roll(square, 1, axis=1)) / 2
    np.testing.assert_allclose(path[1].reshape(3, 4), half, rtol=1e-5, atol=1e-6)
    last = (np.roll(square, 3, axis=1) + square) / 2
    np.testing.assert_allclose(path[-1].reshape(3, 4), last, rtol=1e-5, atol=1e-6)


def test_a_region_map_of_one_unit_has_two_halves():
    corners = np.array([[-1.0, -1], [1, -1], [0, 1]], np.float32)
    regions, classes = region_map(unit("relu")[0], corners, 40)
    assert regions.max() == 1
    borders = (regions[:, 1:] != regions[:, :-1]).sum(axis=1)
    assert (borders == 1).all()
    assert classes.shape == (40, 40)


def test_a_region_map_shows_the_plane_as_its_axes_say():
    """The corners are a triangle of side 1 in the inputs, so that the picture is the inputs."""
    corners = np.array([[0, 0], [1, 0], [0.5, np.sin(np.pi / 3)]])
    x, y = picture_axes(30)
    np.testing.assert_allclose(x, np.linspace(-0.5, 1.5, 30))
    np.testing.assert_allclose(y, np.linspace(-0.5, np.sqrt(0.75) + 0.5, 30))
    network = unit("relu", weight=(1.0, 0.7))[0]
    regions, _ = region_map(network, corners, 30)
    np.testing.assert_array_equal(regions, x + 0.7 * y[:, None] > 0)
