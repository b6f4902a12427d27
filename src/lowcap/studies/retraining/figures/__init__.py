"""The figures of this study, one of each kind for every data set."""

from collections.abc import Callable

from lowcap.claims import Tables
from lowcap.report import Figure
from lowcap.report.sketch import Sketch
from lowcap.studies.retraining.claims.neurons import FEWEST_UNITS
from lowcap.studies.retraining.figures.mechanisms import (
    attention_figure,
    neurons_figure,
    overfitting_figure,
    removed_figure,
    survivors_figure,
)
from lowcap.studies.retraining.figures.pruning import (
    critical_figure,
    gains_figure,
    methods_figure,
    weights_figure,
)

FIGURES: dict[Callable[..., Figure], tuple[str, ...]] = {
    methods_figure: ("retraining",),
    weights_figure: ("retraining",),
    gains_figure: ("retraining",),
    critical_figure: ("retraining", "retraining_blocks", "difficulty"),
    survivors_figure: ("retraining", "survivor_maps"),
    removed_figure: ("retraining", "removed"),
    overfitting_figure: ("retraining", "dense"),
    attention_figure: ("retraining", "attention"),
    neurons_figure: ("retraining", "units"),
}
"""By figure, the tables that it draws."""


def figures(tables: Tables) -> list[Sketch]:
    """The figures that the tables allow, data set by data set."""
    if "retraining" not in tables:
        return []
    if "units" in tables:
        units = tables["units"]
        tables = {**tables, "units": units[units["hidden"] >= FEWEST_UNITS]}
    return [
        Sketch(draw, {name: tables[name] for name in needs}, (dataset,))
        for dataset in tables["retraining"]["dataset"].unique()
        for draw, needs in FIGURES.items()
        if all(name in tables and (tables[name]["dataset"] == dataset).any() for name in needs)
    ]
