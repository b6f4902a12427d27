"""Networks that differ in one factor and are equal in everything else."""

from typing import NamedTuple

import numpy as np
import pandas as pd

from lowcap.claims import NotMeasured

KEYS = ("dataset", "width", "depth", "activation", "optimizer", "batch", "labels", "shift", "stop",
        "learning_rate", "seed")  # fmt: skip
"""What tells networks apart."""

USUAL = {"activation": "relu", "labels": "true", "shift": 0, "stop": True}
"""The values of the factors that are not being compared; the batch may be either."""


class Factor(NamedTuple):
    """One factor of a paired design."""

    column: str
    treated: str | int
    reference: str | int
    title: str
    everyone: bool = False
    """Whether networks count that did not fit all training images."""
    stops: tuple[bool, bool] = (True, True)
    """Whether the treated and the reference networks were finished when they fitted."""


FACTORS = {
    "random-labels": Factor("labels", "random", "true", "random labels"),
    "full-batch": Factor("batch", "full", "100", "full batch"),
    "augmentation": Factor("shift", 4, 0, "translations", everyone=True, stops=(False, False)),
    "relu-vs-saturating": Factor(
        "activation", "hard sigmoid", "relu", "hard sigmoid", stops=(False, False)
    ),
}


def fitted(networks: pd.DataFrame) -> pd.DataFrame:
    """Networks that classify every training image right, as the paper filters them."""
    return networks[networks["epochs"] > 0]


def usual(networks: pd.DataFrame) -> pd.DataFrame:
    """ReLU networks on true labels without augmentation."""
    for column, value in USUAL.items():
        networks = networks[networks[column] == value]
    return networks


def paired(networks: pd.DataFrame, factor: Factor) -> pd.DataFrame:
    """One row a configuration (means over seeds): each quantity treated and as reference.

    Columns: the configuration's keys, and `gap, jacobian_norm, transitions` with the endings
    `_treated` and `_reference`.

    Raises:
        NotMeasured: no two networks differ in this factor alone.
    """
    if not factor.everyone:
        networks = fitted(networks)
    for column, value in USUAL.items():
        if column not in (factor.column, "stop"):
            networks = networks[networks[column] == value]
    if factor.column != "batch":
        networks = networks[networks["batch"] != "full"]
    keys = [key for key in KEYS if key not in (factor.column, "stop")]
    measured = ["gap", "jacobian_norm", "transitions"]
    sides = {
        name: networks[(networks[factor.column] == value) & (networks["stop"] == stop)][
            [*keys, *measured]
        ]
        for name, value, stop in (
            ("treated", factor.treated, factor.stops[0]),
            ("reference", factor.reference, factor.stops[1]),
        )
    }
    both = sides["treated"].merge(sides["reference"], on=keys, suffixes=("_treated", "_reference"))
    if both.empty:
        raise NotMeasured(f"no two networks that fit their data differ by {factor.title} alone")
    by = [key for key in keys if key != "seed"]
    columns = [f"{name}_{side}" for name in measured for side in ("treated", "reference")]
    return both.groupby(by, sort=False, as_index=False)[columns].mean()


def log_ratio(pairs: pd.DataFrame, quantity: str) -> np.ndarray:
    """Natural logarithm of treated over reference, by configuration."""
    treated, reference = pairs[f"{quantity}_treated"], pairs[f"{quantity}_reference"]
    return np.log(treated.to_numpy() / reference.to_numpy())


def configurations(networks: pd.DataFrame, columns: list[str]) -> pd.DataFrame:
    """Means over seeds: one row a configuration."""
    keys = [key for key in KEYS if key != "seed"]
    return networks.groupby(keys, sort=False, as_index=False)[columns].mean()
