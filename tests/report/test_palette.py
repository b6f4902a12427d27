from itertools import combinations

import numpy as np
import pytest

from lowcap.report import palette

# Machado, Oliveira and Fernandes (2009): linear RGB as seen without red, and without green cones.
SEEN = {
    "protanopia": [
        [0.152286, 1.052583, -0.204868],
        [0.114503, 0.786281, 0.099216],
        [-0.003882, -0.048116, 1.051998],
    ],
    "deuteranopia": [
        [0.367322, 0.860646, -0.227968],
        [0.280085, 0.672501, 0.047413],
        [-0.011820, 0.042940, 0.968881],
    ],
    "usual": np.eye(3),
}
# Ottosson (2020): linear RGB to cone responses, and their cube roots to Oklab.
CONES = [
    [0.4122214708, 0.5363325363, 0.0514459929],
    [0.2119034982, 0.6806995451, 0.1073969566],
    [0.0883024619, 0.2817188376, 0.6299787005],
]
OKLAB = [
    [0.2104542553, 0.7936177850, -0.0040720468],
    [1.9779984951, -2.4285922050, 0.4505937099],
    [0.0259040371, 0.7827717662, -0.8086757660],
]


def linear(colour: str) -> np.ndarray:
    channels = np.array([int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)])
    return np.where(channels <= 0.04045, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4)


def contrast(one: str, other: str) -> float:
    """The contrast of two colours as WCAG 2 defines it."""
    low, high = sorted(float(linear(c) @ [0.2126, 0.7152, 0.0722]) for c in (one, other))
    return (high + 0.05) / (low + 0.05)


def test_lines_are_seen_on_a_light_and_on_a_dark_page():
    sizes = palette.ordered(np.arange(1, 65)).values()
    pages = "#ffffff", palette.DARK_PAGE["card"]
    for colour in {*palette.CATEGORIES, palette.GREY, *sizes}:
        assert min(contrast(colour, page) for page in pages) >= 3, colour


@pytest.mark.parametrize("eyes", SEEN)
def test_categories_are_told_apart_by_any_eyes(eyes):
    def place(colour: str) -> np.ndarray:
        seen = np.clip(np.array(SEEN[eyes]) @ linear(colour), 0, 1)
        return np.array(OKLAB) @ np.cbrt(np.array(CONES) @ seen)

    for one, other in combinations(palette.CATEGORIES, 2):
        assert np.linalg.norm(place(one) - place(other)) > 0.11, (one, other)


def test_categories_repeat_and_both_themes_are_whole():
    found = palette.categories(f"task {i}" for i in range(8))
    assert found["task 0"] == found["task 6"] != found["task 1"]
    assert set(palette.LIGHT_PAGE) == set(palette.DARK_PAGE)


def test_letters_are_read_on_every_page_and_card():
    for theme in (palette.LIGHT_PAGE, palette.DARK_PAGE):
        for name in ("ink", "quiet", "accent"):
            for ground in ("page", "card"):
                assert contrast(theme[name], theme[ground]) >= 4.5, (name, ground)
        for name in ("holds", "fails", "undecided", "none"):
            for ground in (f"{name}-bg", "card"):
                assert contrast(theme[name], theme[ground]) >= 4.5, (name, ground)


def test_dots_and_bars_of_verdicts_are_seen_on_either_side_of_a_bound():
    for theme in (palette.LIGHT_PAGE, palette.DARK_PAGE):
        for name in ("holds", "fails", "undecided", "none", "ink"):
            for ground in ("holds-bg", "fails-bg"):
                assert contrast(theme[name], theme[ground]) >= 3, (name, ground)
