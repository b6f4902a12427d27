"""Single test points: the norm there against loss and errors."""

from collections.abc import Mapping

import numpy as np

from lowcap.claims import Above, AllOf, Below, Claim, Tables
from lowcap.measures.sensitivity import FEWEST, PEAK, TAIL
from lowcap.studies.sensitivity.claims.correlations import EQUAL, OVER_SAMPLES, UNTIL_FIT
from lowcap.studies.sensitivity.claims.instrument import (
    Estimates,
    Instrument,
    Part,
    PerSample,
    Statistic,
    counted,
    everywhere,
    spoken,
)
from lowcap.studies.sensitivity.layout import USUAL, Layout, lay
from lowcap.studies.sensitivity.plan import Length

ERRORS, LOSS, FALL = "detecting errors", "following the loss", "at high loss"

COLUMNS = ("error_auc", "doubt_auc", "untrained_auc", "loss_correlation", "peak_norm", "tail_norm")


def _lay(tables: Tables, length: Length) -> Layout:
    common = {**USUAL, "batch": "100"}
    return lay(tables["networks"], {"": {"length": length}}, COLUMNS, common)


def _mean(column: str) -> Statistic:
    return lambda layout: layout[column, ""].mean(axis=-1)


def fall(layout: Layout) -> PerSample:
    """Logarithm of the mean norm at high loss over that around a loss of ln 2."""
    return np.log(layout["tail_norm", ""] / layout["peak_norm", ""]).mean(axis=-1)


def _say(layout: Layout, found: Estimates) -> str:
    return (
        f"Over {counted(layout)}, the norm at a test point detects its being misclassified with an "
        f"area under the curve of {spoken(found[ERRORS], '.3f')}, where the network's own doubt "
        f"reaches {_mean('doubt_auc')(layout).mean():.3f}; its rank correlation with the loss is "
        f"{spoken(found[LOSS], '+.2f')}; where the loss exceeds {TAIL:g} nats the norm is "
        f"{spoken(found[FALL], '.2f')} times that around a loss of ln 2."
    )


def _control(layout: Layout) -> Mapping[str, float]:
    return {
        "AUC of the network's own doubt": float(_mean("doubt_auc")(layout).mean()),
        "AUC of the norm before training": float(_mean("untrained_auc")(layout).mean()),
    }


def _instrument(length: Length) -> Instrument:
    parts = {
        ERRORS: Part(_mean("error_auc"), False, ("error_auc", ""), everywhere, 0.1, (0.0, 1.0)),
        LOSS: Part(
            _mean("loss_correlation"), False, ("loss_correlation", ""), everywhere, 0.2, (-1.0, 1.0)
        ),
        FALL: Part(fall, True, ("tail_norm", ""), everywhere, 1.5),
    }
    return Instrument("networks", lambda tables: _lay(tables, length), parts, _say, _control)


def _reading(name: str, length: Length, words: str):
    return _instrument(length).reading(
        name,
        "area under the ROC curve of the norm as a detector of errors; rank correlation of norm "
        f"and loss; ratio of the mean norm at losses above {TAIL:g} nats to that at {PEAK[0]:g} to "
        f"{PEAK[1]:g} nats, where both have {FEWEST} points; mean over kinds of ReLU network "
        f"{words}, {OVER_SAMPLES}",
        AllOf({ERRORS: Above(0.5), LOSS: Above(0), FALL: Below(1)}),
        primary=name == EQUAL,
    )


CLAIMS = (
    Claim(
        "pointwise",
        "abstract; not monotone 4.4",
        "The norm at a test point predicts its loss and its being misclassified; the relation is "
        "not monotone.",
        (
            _reading(EQUAL, "long", "that fit all their images after equally many updates"),
            _reading(UNTIL_FIT, "until fit", "that train until they fit all their images"),
        ),
        "points",
    ),
)
