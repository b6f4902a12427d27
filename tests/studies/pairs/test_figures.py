"""Names of points do not cover one another."""

import numpy as np
import pandas as pd

from lowcap.studies.pairs.figures import ROOM, _named


def test_points_that_lie_together_have_one_name_the_highest():
    places = {"0-1": (1, 0), "0-2": (1.1, 0.1), "0-3": (1, 3), "0-4": (9, 0.1), "1-2": (10, 10)}
    points = pd.DataFrame.from_dict(places, orient="index", columns=["x", "y"], dtype=float)
    assert list(_named(points).index) == ["1-2", "0-3", "0-4", "0-2"]


def test_named_points_are_apart_and_every_other_is_near_one():
    points = pd.DataFrame(np.random.default_rng(0).random((60, 2)), columns=["x", "y"])
    shares = (points - points.min()) / (points.max() - points.min())
    named = shares.loc[_named(points).index].to_numpy()
    near = (np.abs(shares.to_numpy()[:, None] - named) <= ROOM).all(axis=2)
    assert near.any(axis=1).all()
    assert near[_named(points).index].sum() == len(named)
