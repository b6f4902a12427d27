"""The figures of arXiv 1802.08760, redrawn from our own networks."""

from lowcap.claims import Tables
from lowcap.report import Figure, styled
from lowcap.studies.sensitivity.figures import networks, paths


def figures(tables: Tables) -> list[Figure]:
    """Every figure that the run's tables allow, in the paper's order."""
    with styled():
        drawn = [networks.capacity_figure(tables)]
        if "curves" in tables:
            drawn.append(paths.ellipses_figure(tables))
            drawn.append(paths.regions_figure(tables))
        drawn.append(networks.factors_figure(tables))
        drawn.append(networks.norm_gap_figure(tables))
        if "points" in tables:
            drawn.append(networks.points_figure(tables))
    return drawn
