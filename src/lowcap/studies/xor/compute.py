"""One cell: simulate many runs exactly, or train one seed of the convolutional networks."""

import numpy as np
import pandas as pd

from lowcap.data import load_referenced, sample
from lowcap.data.xor import PATTERNS, distribution, diverse_training_set, training_sets
from lowcap.measures.clustering import angles_to_centres, cluster_centres
from lowcap.measures.xor import angles_to, outputs, wrong
from lowcap.networks.convolutional import ConvShape, fresh
from lowcap.networks.filters import covered, draw_filters
from lowcap.runs import Cell, CellResult
from lowcap.streams import stream
from lowcap.studies.xor.plan import CHANNELS, Convolution, Simulation
from lowcap.training.convolutional import error_rate, fit_convolutional
from lowcap.training.filters import descend, deviation

SHOWN = 3
"""Runs whose filters are kept to be drawn."""

ANGLED = 200
"""Runs whose filters' angles are kept."""

TESTED = 0.9
"""p+ and p- of the test distribution; zero test error does not depend on it."""


def compute(cell: Cell) -> CellResult:
    """Simulate or train, and measure."""
    if isinstance(cell.config, Simulation):
        tables = simulate(cell.config)
        key = {"study": cell.study, "problem": "exact simulation"}
    else:
        tables = convolve(cell)
        key = {"study": cell.study, "problem": cell.config.dataset}
    for table in tables.values():
        for position, (name, value) in enumerate(key.items()):
            table.insert(position, name, value)
    return CellResult(tables)


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
        errs = mistakes.any(axis=1)
        rows.append(
            keys
            | {
                "points": points,
                "runs": config.runs,
                "converged": int(ended.converged.sum()),
                "perfect": int((~errs).sum()),
                "fit_and_wrong": int((ended.converged & errs).sum()),
                "test_error": float((mistakes @ probabilities).mean()),
                "steps": float(np.median(ended.steps[ended.converged]))
                if ended.converged.any()
                else np.nan,
                "covered": int(covered(w).sum()),
            }
        )
        if not points:
            tables["angles"] = _angles(w, ended.w, keys)
            tables["filters"] = _filters(w, u, ended, keys)
    return {"frequencies": pd.DataFrame(rows)} | tables


def _angles(before: np.ndarray, after: np.ndarray, keys: dict) -> pd.DataFrame:
    """Mean angle of the positive filters to the nearest pattern, run by run.

    Filters that training did not move beyond their initial scale say nothing and do not count.
    """
    moved = np.linalg.norm(after[:ANGLED], axis=2) > 10 * np.linalg.norm(before[:ANGLED], axis=2)
    parts = []
    for state, filters in (("before", before[:ANGLED]), ("after", after[:ANGLED])):
        apart = np.where(moved, angles_to(filters, PATTERNS), np.nan)
        some = moved.any(axis=1)
        means = np.full(len(filters), np.nan)
        means[some] = np.nanmean(apart[some], axis=1)
        parts.append(pd.DataFrame(keys | {"state": state, "run": range(len(filters)),
                                          "angle": means}))  # fmt: skip
    return pd.concat(parts, ignore_index=True)


def _filters(w, u, ended, keys: dict) -> pd.DataFrame:
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


def convolve(cell: Cell) -> dict[str, pd.DataFrame]:
    """Test errors of the three networks, and angles of the large one's filters to centres."""
    config: Convolution = cell.config
    data = load_referenced(cell.source, cell.data_sha256)
    images = min(config.images, len(data.labels) - len(data.classes))
    drawn = sample(data, images, len(data.test_labels), seed=config.seed)
    few, many = CHANNELS

    def shape(channels: int) -> ConvShape:
        return ConvShape(channels, config.filter, config.pool, side=drawn.shape[0],
                         classes=drawn.classes)  # fmt: skip

    def trained(initial):
        return fit_convolutional(
            initial, drawn.images, drawn.labels, epochs=config.epochs, seed=config.seed
        )

    start = fresh(shape(many), config.seed, scale=config.scale)
    large = trained(start)
    centres = cluster_centres(np.asarray(large.filters, np.float64), few, config.seed)
    networks = {
        "small": trained(fresh(shape(few), config.seed, scale=config.scale)),
        "small from clusters": trained(fresh(shape(few), config.seed, centres)),
        "large": large,
    }
    keys = {"filter": config.filter, "pool": config.pool, "scale": config.scale,
            "seed": config.seed}  # fmt: skip
    errors = [
        keys
        | {
            "network": name,
            "images": images,
            "train_error": error_rate(network, drawn.images, drawn.labels),
            "test_error": error_rate(network, drawn.test_images, drawn.test_labels),
        }
        for name, network in networks.items()
    ]
    angles = [
        pd.DataFrame(
            keys
            | {"state": state,
               "angle": angles_to_centres(np.asarray(net.filters, np.float64), few, config.seed)}
        )
        for state, net in (("random", start), ("trained", large))
    ]  # fmt: skip
    tables = {
        "compression": pd.DataFrame(errors),
        "conv_angles": pd.concat(angles, ignore_index=True),
    }
    if config.seed == 0:
        tables["conv_filters"] = pd.concat(
            [
                pd.DataFrame(
                    keys
                    | {"kind": kind, "number": np.repeat(range(len(each)), each.shape[1]),
                       "pixel": np.tile(range(each.shape[1]), len(each)), "value": each.ravel()}
                )
                for kind, each in (("centre", centres),
                                   ("filter", np.asarray(large.filters, np.float64)[:24]))
            ],
            ignore_index=True,
        )  # fmt: skip
    return tables
