"""Cells of the exact problem: many runs of gradient descent, and what they know at the end."""

import numpy as np
import pandas as pd

from lowcap.streams import stream
from lowcap.studies.xor.descent import Descended, descend, deviation
from lowcap.studies.xor.exact import aligned, angles_to, outputs, wrong
from lowcap.studies.xor.filters import OCTANTS, covered, draw_filters, draw_in_octants, found
from lowcap.studies.xor.plan import Enumeration, Simulation
from lowcap.studies.xor.problem import PATTERNS, distribution, diverse_training_set, training_sets
from lowcap.studies.xor.settings import SMALL

SHOWN = 3
"""Runs whose filters are kept to be drawn."""

ANGLED = 200
"""Runs whose filters' angles are kept."""

TESTED = 0.9
"""p+ and p- of the test distribution; zero test error does not depend on it."""


def simulate(config: Simulation) -> dict[str, pd.DataFrame]:
    """Frequencies over runs; angles and pictures of filters of a few of them."""
    rows, tables = [], {}
    probabilities = distribution(TESTED, TESTED)
    keys = {"k": config.k, "gamma": config.gamma, "diversity": config.diversity}
    for points in config.points or (0,):
        generator = stream("xor", config.seed, config.k, points)
        w, u = draw_filters(config.runs, config.k, deviation(config.k, config.rate), generator)
        if points:
            weights = training_sets(
                config.runs, points, config.diversity, config.diversity, generator
            )
        else:
            weights = np.tile(diverse_training_set(), (config.runs, 1))
        ended = descend(
            w, u, weights, gamma=config.gamma, rate=config.rate, max_steps=config.max_steps
        )
        mistakes = wrong(outputs(ended.w, ended.u))
        perfect = ~mistakes.any(axis=1)
        sees, finds = covered(w), found(w, u)
        rows.append(
            keys
            | {
                "points": points,
                "runs": config.runs,
                "converged": int(ended.converged.sum()),
                "perfect": int(perfect.sum()),
                "fit_and_wrong": int((ended.converged & ~perfect).sum()),
                "test_error": float((mistakes @ probabilities).mean()),
                "steps": float(np.median(ended.steps[ended.converged]))
                if ended.converged.any()
                else np.nan,
                "covered": int(sees.sum()),
                "covered_perfect": int((sees & perfect).sum()),
                "found": int(finds.sum()),
                "found_perfect": int((finds & perfect).sum()),
            }
        )
        if not points:
            tables["angles"] = _angles(w, u, ended, keys)
            tables["filters"] = _filters(w, u, ended, keys)
    return {"frequencies": pd.DataFrame(rows)} | tables


def enumerate_starts(config: Enumeration) -> dict[str, pd.DataFrame]:
    """What becomes of k = 2 from each of its starts, all training points diverse.

    In units of a step, every product of a filter with a pattern is a whole number plus what it
    began with, which is below half a step (but with probability c', equal to the theorem's). So
    which pattern a filter answers to depends on whole numbers and on the octants that the filters
    began in, not on how far they were from 0. There are 8^4 such starts, equally likely, and the
    share of runs is a share of starts. Beginnings matter to the loss alone: it may reach its
    goal a step sooner. Runs with lengths and angles of their own check that this changes nothing.

    The shares can be told from the starts, too: loss never reaches zero where both positive
    filters are nearest to p2 or p4 (1/4), test error is zero where `found` (1/8 times 1/2), and
    the other 11/16 = 33/48 fit and err.
    """
    starts = np.repeat(np.arange(OCTANTS**4), config.repeats)
    generator = stream("xor starts", config.seed)
    w, u = draw_in_octants(starts, deviation(SMALL, config.rate), generator)
    weights = np.tile(diverse_training_set(), (len(starts), 1))
    ended = descend(w, u, weights, gamma=config.gamma, rate=config.rate, max_steps=config.max_steps)
    perfect = ~wrong(outputs(ended.w, ended.u)).any(axis=1)
    runs = pd.DataFrame(
        {
            "start": starts,
            "runs": 1,
            "perfect": perfect.astype(int),
            "fit_and_wrong": (ended.converged & ~perfect).astype(int),
        }
    )
    table = runs.groupby("start", as_index=False).sum()
    table.insert(0, "gamma", config.gamma)
    table.insert(0, "k", SMALL)
    return {"starts": table}


def _angles(w: np.ndarray, u: np.ndarray, ended: Descended, keys: dict) -> pd.DataFrame:
    """Run by run, how the filters of both signs lie to the patterns, before and after.

    `near` is the share of filters within `NEAR` degrees of a pattern, `near_by_norm` the same
    weighed by norm, `angle` the mean in degrees to the nearest pattern of the positive filters
    that training moved beyond their initial scale.
    """
    before, after = (np.concatenate(each, axis=1)[:ANGLED] for each in ((w, u), ended[:2]))
    k = w.shape[1]
    moved = np.linalg.norm(after, axis=2) > 10 * np.linalg.norm(before, axis=2)
    parts = []
    for state, filters in (("before", before), ("after", after)):
        apart = np.where(moved, angles_to(filters, PATTERNS), np.nan)[:, :k]
        some = moved[:, :k].any(axis=1)
        means = np.full(len(filters), np.nan)
        means[some] = np.nanmean(apart[some], axis=1)
        near, by_norm = aligned(filters)
        parts.append(
            pd.DataFrame(
                keys
                | {"state": state, "run": range(len(filters)), "angle": means, "near": near,
                   "near_by_norm": by_norm}
            )
        )  # fmt: skip
    return pd.concat(parts, ignore_index=True)


def _filters(w: np.ndarray, u: np.ndarray, ended: Descended, keys: dict) -> pd.DataFrame:
    parts = []
    for state, positive, negative in (("before", w, u), ("after", ended.w, ended.u)):
        for sign, filters in (("+", positive), ("-", negative)):
            shown = filters[:SHOWN]
            run, number = np.indices(shown.shape[:2]).reshape(2, -1)
            parts.append(
                pd.DataFrame(
                    keys
                    | {"state": state, "sign": sign, "run": run, "filter": number,
                       "x": shown[..., 0].ravel(), "y": shown[..., 1].ravel()}
                )
            )  # fmt: skip
    return pd.concat(parts, ignore_index=True)
