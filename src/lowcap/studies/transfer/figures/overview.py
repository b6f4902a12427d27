"""The figure of where claims travel: every verdict of a run at a glance."""

from collections.abc import Mapping

import pandas as pd

from lowcap.report import Figure
from lowcap.report.summary import Draw


def overview(claims: pd.DataFrame, replicates: Mapping[str, int], draw: Draw) -> Figure:
    """Claims by data sets and architectures."""
    return draw(
        claims,
        "Where claims travel",
        "n: seeds, each of which trains networks of every size on every task. Each verdict is that "
        "of a claim's primary reading, fixed beforehand but for those that say what was changed "
        "after a first look at mnist-5k; the number is its effect, in the unit of its finding.",
        "The first paper's claims, made of fully connected networks on digits, on other data and "
        "with convolutional networks.",
        replicates,
    )
