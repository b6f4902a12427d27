"""Corruptions of images: the noise and occlusion of arXiv 2507.16278, and kin of MNIST-C.

The wider set follows Mu and Gilmer, "MNIST-C: A Robustness Benchmark for Computer Vision" (2019),
in kind; the parameters are ours and stand in `CORRUPTIONS`. Every corruption takes images
[n, height, width] or [n, height, width, channels] in [0, 1] and a generator, and gives images of
the same shape in [0, 1]. Noise is drawn for each channel of a pixel; whatever moves or covers
pixels does so to all their channels alike.
"""

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
from jaxtyping import Float
from scipy import ndimage

from lowcap.errors import DataError

Images = Float[np.ndarray, "images height width *channels"]
Corruption = Callable[[Images, np.random.Generator], Images]


def gaussian_noise(images: Images, rng: np.random.Generator, sigma: float) -> Images:
    """Add N(0, sigma) to every value, then clip (2507.16278, sec. 4.6)."""
    return np.clip(images + rng.normal(0, sigma, images.shape), 0, 1)


def occlusion(images: Images, rng: np.random.Generator, size: int) -> Images:
    """Set one size x size patch an image to 0, its place uniform where it fits (sec. 4.6).

    Raises:
        DataError: the patch is larger than the images.
    """
    count, height, width = images.shape[:3]
    if size > min(height, width):
        raise DataError(
            f"occlusion: a patch of {size} x {size} does not fit images of {height} x {width}"
        )
    top = rng.integers(0, height - size + 1, count)[:, None, None]
    left = rng.integers(0, width - size + 1, count)[:, None, None]
    row, column = np.arange(height)[:, None], np.arange(width)
    inside = (row >= top) & (row < top + size) & (column >= left) & (column < left + size)
    return np.where(inside.reshape(images.shape[:3] + (1,) * (images.ndim - 3)), 0, images)


def shot_noise(images: Images, rng: np.random.Generator, photons: float) -> Images:
    """Poisson noise of so many photons at full brightness."""
    return np.clip(rng.poisson(images * photons) / photons, 0, 1)


def impulse_noise(images: Images, rng: np.random.Generator, share: float) -> Images:
    """Set a share of the values to 0 or 1, half each."""
    uniform = rng.random(images.shape)
    return np.where(uniform < share / 2, 0, np.where(uniform > 1 - share / 2, 1, images))


def blur(images: Images, rng: np.random.Generator, sigma: float) -> Images:
    """Gaussian blur of so many pixels."""
    return ndimage.gaussian_filter(images, (0, sigma, sigma, 0)[: images.ndim])


def brightness(images: Images, rng: np.random.Generator, added: float) -> Images:
    """Add a constant, then clip."""
    return np.clip(images + added, 0, 1)


def affine(
    images: Images,
    rng: np.random.Generator,
    *,
    degrees: float = 0.0,
    shear: float = 0.0,
    scale: float = 1.0,
    shift: float = 0.0,
) -> Images:
    """Rotate and shear to either side at random, scale, and shift in a random direction.

    Args:
        images: the images.
        rng: draws the sides and directions, one for each image.
        degrees: angle of rotation.
        shear: pixels sideways a pixel down.
        scale: size of the result relative to the original.
        shift: length of the translation in pixels.
    """
    out = np.empty_like(images)
    centre = (np.array(images.shape[1:3]) - 1) / 2
    for index, image in enumerate(images):
        angle = np.deg2rad(degrees) * rng.choice([-1, 1])
        cos, sin = np.cos(angle), np.sin(angle)
        matrix = np.array([[cos, -sin], [sin, cos]]) / scale
        matrix = matrix @ np.array([[1, 0], [shear * rng.choice([-1, 1]), 1]])
        direction = rng.uniform(0, 2 * np.pi)
        moved = centre + shift * np.array([np.sin(direction), np.cos(direction)])
        offset: Any = centre - matrix @ moved  # one number for each axis
        for channel in np.ndindex(image.shape[2:]):
            place = (slice(None), slice(None), *channel)
            out[index][place] = ndimage.affine_transform(image[place], matrix, offset, order=1)
    return np.clip(out, 0, 1)


def stripe(images: Images, rng: np.random.Generator, width: int) -> Images:
    """Invert a vertical band in the middle."""
    middle = images.shape[2] // 2
    out = images.copy()
    band = slice(middle - width // 2, middle - width // 2 + width)
    out[:, :, band] = 1 - out[:, :, band]
    return out


def line(images: Images, rng: np.random.Generator, *, period: int, amplitude: float) -> Images:
    """Draw a white line across each image at a random slope.

    Args:
        images: the images.
        rng: draws the line's ends.
        period: dots so many pixels apart, or zigzags of that length.
        amplitude: height of the zigzag in pixels; 0 gives a dotted straight line.
    """
    count, height, width = images.shape[:3]
    column = np.arange(width)
    ends = rng.uniform(0.2, 0.8, (count, 2)) * (height - 1)
    place = ends[:, :1] + (ends[:, 1:] - ends[:, :1]) * column / (width - 1)
    phase = (column % period) / period
    place = place + amplitude * (2 * np.abs(2 * phase - 1) - 1)
    dark = np.ones(width, bool) if amplitude else column % period < (period + 1) // 2
    rows = np.clip(np.rint(place), 0, height - 1).astype(int)
    out = images.copy()
    out[np.arange(count)[:, None], rows[:, dark], column[dark]] = 1
    return out


CORRUPTIONS: dict[tuple[str, float], Corruption] = {
    **{("gaussian noise", s): partial(gaussian_noise, sigma=s) for s in (0.1, 0.2, 0.3, 0.4, 0.5)},
    ("occlusion", 7): partial(occlusion, size=7),
    ("shot noise", 8): partial(shot_noise, photons=8),
    ("impulse noise", 0.2): partial(impulse_noise, share=0.2),
    ("blur", 1.5): partial(blur, sigma=1.5),
    ("brightness", 0.4): partial(brightness, added=0.4),
    ("rotate", 25): partial(affine, degrees=25.0),
    ("shear", 0.4): partial(affine, shear=0.4),
    ("scale", 0.7): partial(affine, scale=0.7),
    ("translate", 3): partial(affine, shift=3.0),
    ("stripe", 4): partial(stripe, width=4),
    ("dotted line", 2): partial(line, period=2, amplitude=0.0),
    ("zigzag", 8): partial(line, period=8, amplitude=3.0),
}
"""Every corruption by kind and severity (sigma, patch size, photons, share, pixels, degrees...)."""

PAPERS = ("gaussian noise", "occlusion")
"""The kinds that arXiv 2507.16278 uses."""
