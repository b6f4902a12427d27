"""Networks are robust near their training points."""

import numpy as np
from jaxtyping import Float

from lowcap.claims import AllOf, Below, Claim, Tables, Within
from lowcap.measures.sensitivity import KINDS
from lowcap.studies.sensitivity.claims.correlations import OVER_SAMPLES
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
from lowcap.studies.sensitivity.layout import Layout, lay

RANDOM, DIFFERENT, SAME = KINDS
STATES = ("trained", "untrained")
FLAT = (0.8, 1.25)
"""Ratios that we call flat."""

NEAR, CLASS, FLATNESS = "near the points", "within one class", "on the random ellipse"


def _side(kind: str, state: str = "trained") -> str:
    return f"{kind}, {state}"


def _lay(tables: Tables, quantity: str) -> Layout:
    """The networks that were followed, on all three ellipses, before training and after.

    Means over a sample's ellipses of each kind.
    """
    sides = {
        _side(kind, state): {"ellipse": kind, "state": state} for kind in KINDS for state in STATES
    }
    columns = [quantity, f"{quantity}_near", f"{quantity}_far"]
    return lay(tables["ellipses"], sides, columns, everyone=True)


def dip(quantity: str, kind: str, state: str = "trained") -> Statistic:
    """Logarithm of near over far from the training points of one ellipse, mean over networks."""

    def of_samples(layout: Layout) -> PerSample:
        side = _side(kind, state)
        return _log(layout[f"{quantity}_near", side], layout[f"{quantity}_far", side])

    return of_samples


def same_class(quantity: str, state: str = "trained") -> Statistic:
    """Logarithm of the whole one-class ellipse over the one through three, mean over networks."""

    def of_samples(layout: Layout) -> PerSample:
        return _log(layout[quantity, _side(SAME, state)], layout[quantity, _side(DIFFERENT, state)])

    return of_samples


def _log(
    one: Float[np.ndarray, "*runs samples kinds"], other: Float[np.ndarray, "*runs samples kinds"]
) -> PerSample:
    return np.log(one / other).mean(axis=-1)


def _beyond_untrained(statistic, *arguments: str) -> Statistic:
    return lambda layout: (
        statistic(*arguments, "trained")(layout) - statistic(*arguments, "untrained")(layout)
    )


def _instrument(quantity: str, compared: bool) -> Instrument:
    near = f"{quantity}_near"
    if compared:
        parts = {
            NEAR: Part(_beyond_untrained(dip, quantity, DIFFERENT), True,
                       (near, _side(DIFFERENT)), everywhere, 2),
            CLASS: Part(_beyond_untrained(same_class, quantity), True,
                        (quantity, _side(SAME)), everywhere, 2),
        }  # fmt: skip
    else:
        parts = {
            NEAR: Part(dip(quantity, DIFFERENT), True, (near, _side(DIFFERENT)), everywhere, 2),
            CLASS: Part(same_class(quantity), True, (quantity, _side(SAME)), everywhere, 2),
            FLATNESS: Part(dip(quantity, RANDOM), True, (near, _side(RANDOM)), everywhere, 1.5),
        }  # fmt: skip

    def say(layout: Layout, found: Estimates) -> str:
        name = "the Jacobian norm" if quantity == "norm" else "the rate of transitions"
        relative = ", relative to the same before training," if compared else ""
        text = (
            f"Over {counted(layout)}, {name} near the training points of an ellipse through three "
            f"classes{relative} is {spoken(found[NEAR], '.2f')} times that far from them; along "
            f"the ellipse within one class it is {spoken(found[CLASS], '.2f')} times that along "
            f"the one through three"
        )
        if FLATNESS in found:
            text += f"; at the same places of a random ellipse {spoken(found[FLATNESS], '.2f')}"
        return f"{text}."

    def control(layout: Layout) -> dict[str, float]:
        return {
            "untrained, near": _mean(dip(quantity, DIFFERENT, "untrained"), layout),
            "untrained, one class": _mean(same_class(quantity, "untrained"), layout),
            "random ellipse": _mean(dip(quantity, RANDOM), layout),
        }

    return Instrument("ellipses", lambda tables: _lay(tables, quantity), parts, say, control)


def _mean(statistic: Statistic, layout: Layout) -> float:
    return float(np.exp(statistic(layout).mean()))


NORM, TRANSITIONS = "Jacobian norm", "transitions"
COMPARED = {NORM: "Jacobian norm, against untrained", TRANSITIONS: "transitions, against untrained"}

_STATISTIC = (
    "ratio of means within pi/12 of the three training points to at least pi/4 from them on the "
    "ellipse through three classes; ratio of the whole one-class ellipse to it"
)
_FLATNESS = "; the first ratio at the same angles of a random ellipse"

CLAIMS = (
    Claim(
        "robust-near-data",
        "abstract; ellipses 4.2",
        "A trained network is robust near training points: sensitivity dips there, is flat on a "
        "random ellipse, and lower along an ellipse within one class than through three.",
        tuple(
            _instrument(quantity, compared=False).reading(
                name,
                f"{_STATISTIC}{_FLATNESS}; {OVER_SAMPLES}, each with its own ellipses",
                AllOf({NEAR: Below(1), CLASS: Below(1), FLATNESS: Within(*FLAT, ours=True)}),
                primary=name == NORM,
            )
            for name, quantity in ((NORM, "norm"), (TRANSITIONS, "transitions"))
        )
        + tuple(
            _instrument(quantity, compared=True).reading(
                COMPARED[name],
                f"{_STATISTIC}, each divided by the same network's ratio before training; "
                f"{OVER_SAMPLES}",
                AllOf({NEAR: Below(1), CLASS: Below(1)}),
            )
            for name, quantity in ((NORM, "norm"), (TRANSITIONS, "transitions"))
        ),
        "ellipses",
    ),
)
