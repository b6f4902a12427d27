"""Pairs of networks equal but for one factor: labels, batch, augmentation, activation."""

import numpy as np

from lowcap.claims import Above, AllOf, Below, Bound, Claim
from lowcap.studies.sensitivity.claims.correlations import EQUAL, OVER_SAMPLES, UNTIL_FIT
from lowcap.studies.sensitivity.claims.instrument import (
    Estimates,
    Instrument,
    Part,
    counted,
    difference,
    everywhere,
    log_ratio,
    spoken,
)
from lowcap.studies.sensitivity.layout import FACTORS, Layout, pairs

FOLLOW = 1.1
"""Transitions that become more by less than this do not follow the norm."""

_PARTS = {
    "gap": Part(difference("gap"), False, ("gap", "treated"), everywhere, 0.02),
    "norm": Part(log_ratio("jacobian_norm"), True, ("jacobian_norm", "treated"), everywhere, 1.3),
    "transitions": Part(
        log_ratio("transitions"), True, ("transitions", "treated"), everywhere, 1.3
    ),
}


def _say(layout: Layout, found: Estimates) -> str:
    if set(found) == {""}:
        changes = [f"the Jacobian norm to {spoken(found[''], '.2f')} times"]
    else:
        changes = [f"the gap by {spoken(found['gap'], '+.4f')}",
                   f"the norm to {spoken(found['norm'], '.2f')} times"]  # fmt: skip
    if "transitions" in found:
        changes.append(f"the number of transitions to {spoken(found['transitions'], '.2f')} times")
    *before, last = changes
    listed = f"{', '.join(before)} and {last}" if before else last
    return f"In pairs of {counted(layout)} that differ in this factor alone, it changes {listed}."


def _untrained(layout: Layout) -> dict[str, float]:
    """The same ratio of norms between the two sides before any training."""
    return {"untrained ratio of norms": float(np.exp(log_ratio("untrained_norm")(layout).mean()))}


def _instrument(name: str, equal: bool, parts: tuple[str, ...]) -> Instrument:
    held = {"": _PARTS["norm"]} if parts == ("norm",) else {part: _PARTS[part] for part in parts}
    return Instrument(
        "networks", lambda tables: pairs(tables["networks"], FACTORS[name], equal), held, _say,
        _untrained,
    )  # fmt: skip


def _claim(
    name: str, statement: str, parts: tuple[str, ...], bound: Bound, measured: str, who: str
) -> Claim:
    lengths = {
        EQUAL: "after equally many updates",
        UNTIL_FIT: "each trained until it fits" if not FACTORS[name].everyone else
        "the twin trained until it fits, which translated images seldom do",
    }  # fmt: skip
    readings = tuple(
        _instrument(name, length == EQUAL, parts).reading(
            length,
            f"{measured}, mean over kinds of network {words}, {who}; {OVER_SAMPLES}",
            bound,
            primary=length == EQUAL,
        )
        for length, words in lengths.items()
    )
    # The abstract names the four factors; that transitions do not follow is said in section 4.3.
    section = "abstract; transitions 4.3" if "transitions" in parts else "abstract"
    return Claim(name, section, statement, readings, "factors")


_FIT = "both fitting all their images at the end"

CLAIMS = (
    _claim(
        "random-labels",
        "Training on random labels raises the norm.",
        ("norm",),
        Above(1),
        "ratio of Jacobian norms, random over true labels",
        _FIT,
    ),
    _claim(
        "full-batch",
        "Full-batch training raises gap and norm, but not the number of transitions.",
        ("gap", "norm", "transitions"),
        AllOf({"gap": Above(0), "norm": Above(1), "transitions": Below(FOLLOW, ours=True)}),
        "difference of gaps and ratios of norms and of transitions, full batch over mini-batches",
        _FIT,
    ),
    _claim(
        "augmentation",
        "Augmentation by translations lowers gap and norm.",
        ("gap", "norm"),
        AllOf({"gap": Below(0), "norm": Below(1)}),
        "difference of gaps and ratio of norms, translated (up to 4 pixels, wrapped) over not",
        "whether or not they fit all images",
    ),
    _claim(
        "relu-vs-saturating",
        "ReLU gives a lower gap and norm than the hard sigmoid.",
        ("gap", "norm"),
        AllOf({"gap": Above(0), "norm": Above(1)}),
        "difference of gaps and ratio of norms, hard sigmoid over ReLU",
        _FIT,
    ),
)
