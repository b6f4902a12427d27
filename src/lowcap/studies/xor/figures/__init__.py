"""Figures: frequencies against the bounds, filters as the points they are, real filters."""

from lowcap.claims import Tables
from lowcap.report import Sketch
from lowcap.studies.xor.figures.exact import (
    bounds_figure,
    coverage_figure,
    filters_figure,
    gamma_figure,
    samples_figure,
)
from lowcap.studies.xor.figures.images import compression_figure, images_figure

__all__ = ["figures"]


def figures(tables: Tables) -> list[Sketch]:
    """Every figure that the run's tables allow."""
    draw = []
    if "frequencies" in tables:
        draw += [bounds_figure, coverage_figure, filters_figure]
        if (tables["frequencies"]["points"] > 0).any():
            draw.append(samples_figure)
        if len(tables["frequencies"]["gamma"].unique()) > 1:
            draw.append(gamma_figure)
    if "compression" in tables:
        draw += [compression_figure, images_figure]
    return [Sketch(one, tables) for one in draw]
