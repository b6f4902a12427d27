"""The figures of arXiv 1802.08760, redrawn from our own networks."""

from lowcap.claims import Tables
from lowcap.report import Sketch
from lowcap.studies.sensitivity.figures import factors, networks, paths


def figures(tables: Tables) -> list[Sketch]:
    """Every figure that the run's tables allow, in the paper's order."""
    draw = [networks.capacity_figure]
    if "curves" in tables:
        draw.append(paths.ellipses_figure)
    if "regions" in tables:
        draw.append(paths.regions_figure)
    draw += [factors.factors_figure, networks.norm_gap_figure]
    if "points" in tables:
        draw.append(networks.points_figure)
    return [Sketch(one, tables) for one in draw]
