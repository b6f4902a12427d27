"""The four factors: what each does to gap, norm and transitions of otherwise equal networks."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.lines import Line2D

from lowcap.claims import NotMeasured, Tables, mean_of
from lowcap.report import QUIET, Figure, panels
from lowcap.report.palette import categories
from lowcap.studies.sensitivity.claims.instrument import difference, log_ratio, spoken
from lowcap.studies.sensitivity.figures.networks import log_axis
from lowcap.studies.sensitivity.layout import FACTORS, Layout, pairs

_QUANTITIES = {
    "jacobian_norm": ("Jacobian norm, times", log_ratio),
    "gap": ("generalization gap, change", difference),
    "transitions": ("transitions, times", log_ratio),
}
"""Each with the name of its axis, and how the two sides of a pair are compared."""


def factors_figure(tables: Tables) -> Figure:
    """Each factor's effect in pairs of networks, with intervals over training samples."""
    networks = tables["networks"]
    datasets = list(networks["dataset"].unique())
    colours = categories(datasets)
    drawing, grid = panels(1, len(_QUANTITIES), (11, 0.9 + 0.5 * len(FACTORS) * len(datasets)),
                           sharey=True)  # fmt: skip
    lines, sentences = [], []
    for factor in FACTORS.values():
        for dataset in datasets:
            height = -len(lines)
            lines.append(factor.title if dataset == datasets[0] else "")
            try:
                layout = pairs(networks[networks["dataset"] == dataset], factor)
            except NotMeasured as reason:
                sentences.append(f"{factor.title.capitalize()}, {dataset}: {reason}.")
                continue
            for axes, quantity in zip(grid[0], _QUANTITIES, strict=True):
                if quantity == "gap" and factor.column == "labels":
                    continue  # nothing can be learned of random labels: the gap is all there is
                _row(axes, layout, quantity, height, colours[dataset])
            ratio = mean_of(log_ratio("jacobian_norm")(layout)).transformed(np.exp)
            sentences.append(
                f"{factor.title.capitalize()} on {dataset}: the norm becomes "
                f"{spoken(ratio, '.2f')} times, {len(layout.kinds)} kinds."
            )
    for axes, (quantity, (label, _)) in zip(grid[0], _QUANTITIES.items(), strict=True):
        axes.set_xlabel(label)
        axes.grid(visible=False, axis="y")
        if quantity != "gap":
            log_axis(axes.xaxis)
        axes.axvline(0 if quantity == "gap" else 1, color=QUIET, lw=0.9, ls=(0, (4, 3)), zorder=0)
    grid[0][0].set_yticks([-place for place in range(len(lines))], lines)
    grid[0][0].set_ylim(0.6 - len(lines), 0.6)
    handles = [Line2D([], [], marker="o", color=c, label=name) for name, c in colours.items()]
    drawing.legend(handles=handles, loc="outside lower center", ncols=len(datasets))
    caption = (
        "What each factor changes in pairs of networks equal but for it, trained for equally many "
        "updates: large dots, means with 95 % intervals over training samples; small ones, single "
        "kinds of network. The gap of random labels, off the scale, is left out. "
        + " ".join(sentences)
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
    axes.scatter(kinds, np.full(len(kinds), height - 0.22), s=7, color=colour, alpha=0.5, lw=0)
    axes.plot(interval[1:], [height, height], color=colour, lw=2.2)
    axes.scatter([interval.estimate], [height], s=34, color=colour, zorder=3)
