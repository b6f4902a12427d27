import numpy as np
import pytest

from lowcap.data import Dataset, pair_task
from lowcap.measures import difficulty


def blobs(distance: float):
    rng = np.random.default_rng(0)
    labels = np.arange(400) % 2
    images = 0.5 + rng.normal(0, 0.05, (400, 4))
    images[:, 0] += distance * (labels - 0.5)
    images = np.clip(images, 0, 1).astype(np.float32)
    data = Dataset("blobs", images[:300], labels[:300], images[300:], labels[300:], (2, 2))
    return difficulty(pair_task(data, 0, 1).split(0)).iloc[0]


def test_far_apart_is_easy_and_near_is_hard():
    far, near = blobs(0.5), blobs(0.02)
    assert far["linear_error"] == far["neighbour_error"] == 0
    assert near["linear_error"] > 0.2
    assert near["neighbour_error"] > 0.2
    # 0.5 apart, 4 pixels of s.d. 0.05 each: the root mean square distance to the mean is 0.1
    assert far["class_distance"] == pytest.approx(5, rel=0.05)
