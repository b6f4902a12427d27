"""Closed paths through input space (1802.08760, sec. 4.1 and appendix)."""

import numpy as np
from jaxtyping import Float

Path = Float[np.ndarray, "steps inputs"]
Points = Float[np.ndarray, "3 inputs"]

ANGLES = np.pi * np.array([1, 3, 5]) / 3
"""Where an ellipse meets the three points it is drawn through."""


def angles(steps: int) -> Float[np.ndarray, " steps"]:
    """Equidistant angles of a closed path, from 0 on."""
    return 2 * np.pi * np.arange(steps) / steps


def ellipse(points: Points, steps: int) -> Path:
    """The ellipse that meets the three points at pi/3, pi and 5 pi/3."""
    centre = points.mean(axis=0)
    across = 2 / 3 * (np.cos(ANGLES) @ points)
    up = 2 / 3 * (np.sin(ANGLES) @ points)
    t = angles(steps)[:, None]
    return (centre + np.cos(t) * across + np.sin(t) * up).astype(np.float32)


def random_ellipse(inputs: int, steps: int, generator: np.random.Generator) -> Path:
    """cos(t) a + sin(t) b, both N(0, 1) in every input."""
    across, up = generator.normal(size=(2, inputs))
    t = angles(steps)[:, None]
    return (np.cos(t) * across + np.sin(t) * up).astype(np.float32)


def translation(
    image: Float[np.ndarray, " inputs"], side: tuple[int, int], between: int = 4
) -> Path:
    """The image moved through its whole width, what leaves on the right enters on the left.

    Each step of one pixel is divided into `between` by linear interpolation.
    """
    height, width = side
    square = image.reshape(height, width)
    whole = np.stack([np.roll(square, shift, axis=1).ravel() for shift in range(width)])
    following = np.roll(whole, -1, axis=0)
    share = (np.arange(between) / between)[:, None]
    path = whole[:, None] * (1 - share) + following[:, None] * share
    return path.reshape(width * between, -1).astype(np.float32)


def nearness(t: Float[np.ndarray, " steps"]) -> Float[np.ndarray, " steps"]:
    """The angle from each place of an ellipse to the nearest of its three points."""
    apart = np.abs(t[:, None] - ANGLES)
    return np.minimum(apart, 2 * np.pi - apart).min(axis=1)
