"""The figures of this study, one of each kind for every data set, and the one of all verdicts."""

from collections.abc import Callable

from lowcap.claims import Tables
from lowcap.report import Figure
from lowcap.report.sketch import Sketch
from lowcap.studies.transfer.figures.attention import attention_figure
from lowcap.studies.transfer.figures.capacity import capacity_figure
from lowcap.studies.transfer.figures.classes import classes_figure
from lowcap.studies.transfer.figures.inside import inside_figure
from lowcap.studies.transfer.figures.overview import overview
from lowcap.studies.transfer.figures.pruning import pruning_figure

__all__ = ["FIGURES", "figures", "overview"]

FIGURES: dict[Callable[..., Figure], tuple[str, ...]] = {
    capacity_figure: ("capacity",),
    classes_figure: ("classes",),
    pruning_figure: ("capacity", "pruning", "whole_units"),
    inside_figure: ("geometry", "saliency"),
    attention_figure: ("attention",),
}
"""By figure, the tables that it draws."""


def figures(tables: Tables) -> list[Sketch]:
    """The figures that the tables allow, data set by data set."""
    datasets = dict.fromkeys(
        name
        for table in ("capacity", "classes")
        if table in tables
        for name in tables[table]["dataset"]
    )
    return [
        Sketch(draw, {name: tables[name] for name in needs}, (dataset,))
        for dataset in datasets
        for draw, needs in FIGURES.items()
        if all(name in tables and (tables[name]["dataset"] == dataset).any() for name in needs)
    ]
