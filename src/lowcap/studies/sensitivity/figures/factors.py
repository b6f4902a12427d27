"""The four factors: what each does to gap, norm and transitions of otherwise equal networks."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from lowcap.claims import NotMeasured, Tables, mean_of
from lowcap.report import Figure, panels
from lowcap.report.grid import entry, framed
from lowcap.report.marks import level
from lowcap.report.palette import categories
from lowcap.report.scales import decades
from lowcap.studies.sensitivity.claims.instrument import difference, log_ratio
from lowcap.studies.sensitivity.layout import FACTORS, Layout, pairs

_QUANTITIES = {
    "jacobian_norm": ("Jacobian norm (ratio)", log_ratio),
    "gap": ("generalization gap (difference)", difference),
    "transitions": ("transitions (ratio)", log_ratio),
}
"""Each with the name of its axis, and how the two sides of a pair are compared."""


def factors_figure(tables: Tables) -> Figure:
    """Each factor's effect in pairs of networks, with intervals over training samples."""
    networks = tables["networks"]
    colours = categories(networks["dataset"].unique())
    rows = [(factor, dataset) for factor in FACTORS.values() for dataset in colours]
    drawing, grid = panels(1, len(_QUANTITIES), (11, 0.9 + 0.5 * len(rows)), sharey=True)
    for height, (factor, dataset) in enumerate(rows):
        try:
            layout = pairs(networks[networks["dataset"] == dataset], factor)
        except NotMeasured:
            continue
        for axes, quantity in zip(grid[0], _QUANTITIES, strict=True):
            if quantity == "gap" and factor.column == "labels":
                continue  # nothing can be learned of random labels: the gap is all there is
            _row(axes, layout, quantity, height, colours[dataset])
    for axes, (quantity, (label, _)) in zip(grid[0], _QUANTITIES.items(), strict=True):
        axes.set_xlabel(label)
        axes.grid(visible=False, axis="y")
        if quantity == "gap":
            axes.xaxis.set_major_locator(MaxNLocator(5))
        else:
            decades(axes.xaxis)
        level(axes, x=0 if quantity == "gap" else 1)
    first = next(iter(colours))
    names = [factor.title if dataset == first else "" for factor, dataset in rows]
    grid[0][0].set_yticks(range(len(rows)), names)
    grid[0][0].set_ylim(len(rows) - 0.4, -0.6)
    entries = [entry(name, colour, "-", "o") for name, colour in colours.items()]
    samples = networks["sample"].nunique()
    note = (
        "With the factor over, or less, without it. Large dots and bars: means and 95 % intervals "
        f"over n = {samples} samples of training images; small dots: kinds of network."
    )
    framed(drawing, "What raises sensitivity?", note, entries, above=True)
    caption = (
        "What each factor changes: pairs of networks differ in it alone, trained for equally many "
        "updates: large dots, means with 95 % intervals over training samples; small ones, single "
        "kinds of network. The gap of random labels, off the scale, is left out; so is a factor "
        "of which too few pairs fit their images."
    )
    return Figure("factors", "What raises sensitivity?", caption, drawing, "paper's Fig. 4")


def _row(axes: Axes, layout: Layout, quantity: str, height: float, colour: str) -> None:
    treated, reference = layout[quantity, "treated"], layout[quantity, "reference"]
    if quantity == "gap":
        kinds = (treated - reference).mean(axis=0)
    elif (treated > 0).all() and (reference > 0).all():
        kinds = np.exp(np.log(treated / reference).mean(axis=0))
    else:
        return
    estimate = mean_of(_QUANTITIES[quantity][1](quantity)(layout))
    interval = estimate.interval()
    if quantity != "gap":
        interval = type(interval)(*np.exp(interval))
    axes.scatter(kinds, np.full(len(kinds), height + 0.22), s=7, color=colour, alpha=0.5, lw=0)
    axes.plot(interval[1:], [height, height], color=colour, lw=2.2)
    axes.scatter([interval.estimate], [height], s=34, color=colour, zorder=3)
