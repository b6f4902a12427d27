"""Agreement of maps under corruption, beside a plain loop over images."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import spearmanr

from lowcap.data import array_task
from lowcap.data.corruptions import gaussian_noise, occlusion
from lowcap.errors import DataError, SettingsError
from lowcap.measures import attention_under
from lowcap.measures.attention import pixel_maps
from lowcap.measures.geometry import balanced
from lowcap.measures.saliency import METHODS
from lowcap.networks import Fused
from lowcap.streams import stream
from tests.measures.single import rows_of, stacked_twin
from tests.networks.made import fused as made

KINDS = {
    ("noise", 0.4): lambda images, rng: gaussian_noise(images, rng, 0.4),
    ("cover", 2.0): lambda images, rng: occlusion(images, rng, 2),
}
COVER = {("cover", 2.0): KINDS["cover", 2.0]}
GROUP = ["corruption", "severity", "block", "label", "answer", "before"]
MEANS = ["top_overlap", "rank_correlation", "attainable", "empty", "stranger_overlap"]
COLOURED = (6, 4, 3)


@pytest.fixture(scope="module")
def coloured():
    """Images of three classes, each with a bright pixel of its own colour; one column is black."""
    y = np.arange(90) % 3
    images = np.random.default_rng(0).random((90, *COLOURED)).astype(np.float32) * 0.6
    images[np.arange(90), 3, 2, y] = 1
    images[:, :, 0] = 0
    images[:, 0, 0, 1] = 0.5  # but one channel of one of its pixels
    return array_task(images, y, images[:45], y[:45]).split(0)


def magnitudes(network, image, split, method):
    """The map of one image, pixel by pixel, where any image of the task is not black."""
    values, channels = METHODS[method](network, image[None])[0], split.target.shape[2:]
    count = int(np.prod(channels))
    found = []
    for pixel in range(len(values) // count):
        own = range(pixel * count, (pixel + 1) * count)
        if any(split.active[place] for place in own):
            found.append(sum(abs(float(values[place])) for place in own))
    return np.array(found)


def strongest(values):
    count = max(1, round(0.05 * len(values)))
    order = sorted(range(len(values)), key=lambda pixel: -values[pixel])[:count]
    return {pixel for pixel in order if values[pixel] > 0}, count


def named(network, image):
    logits = network.logits(image[None])[0]
    return logits.argmax() if len(logits) > 1 else float(logits[0] >= 0)


def by_hand(network, other, split, rows, draws, seed, method="gradient"):
    """One image and one copy after the other; every comparison by its own definition."""
    data = balanced(split.test, rows)
    block, turn = [], {}
    for label in data.y:
        block.append(turn.get(label, 0) % 20)
        turn[label] = turn.get(label, 0) + 1
    found = []
    for number, kind in enumerate([("none", 0.0), *KINDS]):
        for draw in range(draws if number else 1):
            x = data.x.reshape(-1, *split.target.shape)
            if number:
                x = KINDS[kind](x, stream("corruption", seed, number, draw))
            x = x.reshape(len(x), -1).astype(np.float32)
            for row, label in enumerate(data.y):
                answers = ["right" if named(network, each[row]) == label else "wrong"
                           for each in (x, data.x)]  # fmt: skip
                one = magnitudes(network, x[row], split, method)
                clean = magnitudes(network, data.x[row], split, method)
                foreign = magnitudes(other, data.x[row], split, method)
                top, count = strongest(one)
                own, theirs = strongest(clean)[0], strongest(foreign)[0]
                varies = np.ptp(one) > 0 and np.ptp(clean) > 0
                found.append(
                    (
                        *kind,
                        block[row],
                        int(label),
                        *answers,
                        len(top & own) / count,
                        spearmanr(one, clean).statistic if varies else 0.0,
                        min(len(top), len(own)) / count,
                        float(one.max() == 0),
                        len(top & theirs) / count,
                    )
                )
    table = pd.DataFrame(found, columns=[*GROUP, *MEANS]).groupby(GROUP)
    return table.mean().assign(images=table.size())


@pytest.mark.parametrize("form", ["fused", "deep", "convolutional", "pruned", "coloured"])
def test_table_is_a_loop_over_images(request, split, form):
    if form == "coloured":
        split = request.getfixturevalue("coloured")
        population, other = (made((3, 4), 72, "classes", (0.1, 0.1), seed) for seed in (0, 1))
    else:
        population = request.getfixturevalue("fused" if form == "pruned" else form)
        if form == "pruned":
            population = population.pruned(0.9)
        rolled = {name: np.roll(array, 1, axis=-1) for name, array in population.arrays.items()}
        other = population.with_arrays(rolled)
    options = {"rows": 16, "draws": 2, "seed": 3}
    table = attention_under(population, split, KINDS, stranger=other, **options)
    for member, keys in enumerate(population.keys.to_dict("records")):
        rows = rows_of(table, keys).set_index(GROUP)
        expected = by_hand(population[member], other[member], split, **options)
        assert set(rows.index) == set(expected.index)
        expected = expected.loc[rows.index]
        assert (rows["images"] == expected["images"]).all()
        np.testing.assert_allclose(rows[MEANS], expected[MEANS], atol=1e-6)


def test_a_clean_image_agrees_with_itself(convolutional, split):
    table = attention_under(convolutional, split, KINDS, rows=16)
    clean, empty = table.query("corruption == 'none'"), table["empty"]
    assert empty[clean.index].max() == 0
    assert (clean["severity"] == 0).all()
    for name in ("top_overlap", "rank_correlation", "attainable"):
        np.testing.assert_allclose(clean[name], 1)
    assert table.drop(clean.index)["top_overlap"].min() < 0.9


@pytest.mark.parametrize("method", ["gradient", "finite differences", "SmoothGrad"])
def test_linear_networks_look_the_same_way_whatever_they_see(split, method):
    table = attention_under(made((0, 0), 36), split, KINDS, rows=16, methods=[method])
    for name in ("top_overlap", "rank_correlation"):
        np.testing.assert_allclose(table[name], 1, atol=1e-3)


def test_gradient_times_input_of_linear_networks_follows_the_noise(split):
    table = attention_under(made((0, 0), 36), split, KINDS, methods=["gradient x input"])
    assert table.query("corruption == 'noise'")["top_overlap"].mean() < 0.9


def test_whoever_is_its_own_stranger_agrees_with_it_as_with_itself(population, split):
    table = attention_under(population, split, KINDS, stranger=population, rows=16)
    np.testing.assert_array_equal(table["stranger_overlap"], table["top_overlap"])
    alone = attention_under(population, split, KINDS, rows=16)
    pd.testing.assert_frame_equal(alone, table.drop(columns="stranger_overlap"))


def test_every_copy_counts_once_and_as_it_is_classified(population, split):
    table = attention_under(population, split, KINDS, rows=16, draws=3)
    data = balanced(split.test, 16)
    for network, keys in zip(population, population.keys.to_dict("records"), strict=True):
        rows = rows_of(table, keys)
        copies = rows.groupby("corruption")["images"].sum()
        assert copies.to_dict() == {"none": 16, "noise": 3 * 16, "cover": 3 * 16}
        clean = rows.query("corruption == 'none' and answer == 'right'")
        right = (network.logits(data.x)[:, 0] >= 0) == data.y
        assert clean["images"].sum() == right.sum()


def test_blocks_weigh_to_the_mean_over_all_copies(split):
    """More images than blocks, which do not divide into them evenly."""
    population, larger = made((5,), 36), replace(split, test=split.train)
    data, network = balanced(larger.test, 46), population[0]
    x = occlusion(data.x.reshape(-1, 6, 6), stream("corruption", 0, 1, 0), 2)
    overlaps = []
    for one, clean in zip(x.reshape(data.x.shape), data.x, strict=True):
        maps = [magnitudes(network, image, split, "gradient") for image in (one, clean)]
        (top, count), (own, _) = map(strongest, maps)
        overlaps.append(len(top & own) / count)
    table = attention_under(population, larger, COVER, rows=46, draws=1).query("severity > 0")
    assert set(table.groupby("block")["images"].sum()) == {2, 4}
    weighted = np.average(table["top_overlap"], weights=table["images"])
    assert weighted == pytest.approx(np.mean(overlaps))
    assert table["top_overlap"].mean() != pytest.approx(weighted)


def test_pixels_that_no_image_uses_are_not_compared_unless_asked_for(split):
    """Occlusion lights nothing up, so that weights of black pixels change maps and no answer."""
    population = made((5, 6), 36)
    louder = population.arrays["w1"].copy()
    axis = louder.shape.index(36)
    black = np.expand_dims(~split.active, 1 - axis)
    louder = np.where(black, 9 * louder, louder).astype(np.float32)
    moved = population.with_arrays(population.arrays | {"w1": louder})
    for data, same in ((split, True), (replace(split, active=np.ones(36, bool)), False)):
        one, other = (attention_under(each, data, COVER, rows=16) for each in (population, moved))
        assert np.allclose(one["top_overlap"], other["top_overlap"]) == same


def test_both_forms_of_population_have_one_table(split):
    population = made((4, 4), 36)
    assert isinstance(population, Fused)
    one, other = (
        attention_under(each, split, KINDS, stranger=each, rows=16)
        for each in (population, stacked_twin(population))
    )
    pd.testing.assert_frame_equal(one, other, check_dtype=False)


def test_methods_stand_one_after_the_other_in_a_members_rows(split):
    population, methods = made((2, 3), 36), ("gradient x input", "gradient")
    both = attention_under(population, split, COVER, rows=16, methods=methods)
    for method in methods:
        alone = attention_under(population, split, COVER, rows=16, methods=[method])
        found = both[both["method"] == method].reset_index(drop=True)
        pd.testing.assert_frame_equal(alone, found)
    assert both.columns.tolist() == [*population.keys, "method", *GROUP, "images", *MEANS[:-1]]


@given(st.permutations(range(3)), st.integers(0, 99))
def test_a_pixels_map_knows_no_order_of_channels(order, seed):
    maps = np.random.default_rng(seed).normal(size=(2, *COLOURED))
    found = pixel_maps(maps.reshape(2, -1), COLOURED)
    assert found.shape == (2, 24)
    np.testing.assert_allclose(pixel_maps(maps[..., order].reshape(2, -1), COLOURED), found)
    np.testing.assert_allclose(found.sum(axis=1), np.abs(maps).sum(axis=(1, 2, 3)))


@given(st.integers(0, 9), st.floats(0, 1))
def test_no_overlap_exceeds_what_is_attainable(split, seed, sparsity):
    population = made((2, 4), 36, seed=seed).pruned(sparsity)
    table = attention_under(population, split, KINDS, rows=12, draws=1)
    assert (table["top_overlap"] <= table["attainable"]).all()
    assert (table["attainable"] <= 1 - table["empty"]).all()
    assert table["rank_correlation"].abs().max() <= 1 + 1e-9


def test_networks_of_which_nothing_is_left_agree_with_nothing(split):
    table = attention_under(made((3,), 36).pruned(1.0), split, COVER, rows=12)
    assert (table["empty"] == 1).all()
    assert (table[["top_overlap", "rank_correlation", "attainable"]] == 0).all(axis=None)


def test_refusals_are_one_line(split):
    population = made((2, 3), 36)
    features = replace(split, target=replace(split.target, shape=None))
    with pytest.raises(DataError, match="needs images"):
        attention_under(population, features, KINDS)
    with pytest.raises(SettingsError, match="1 reference networks for 2 members"):
        attention_under(population, split, KINDS, stranger=population.take([0]))
    with pytest.raises(SettingsError, match="not regression"):
        attention_under(made((2,), 36, "regression"), split, KINDS)
