"""The figures of arXiv 2507.16278, redrawn from our own networks."""

from lowcap.claims import Tables
from lowcap.report import Sketch
from lowcap.studies.low_capacity.figures import neurons, steps
from lowcap.studies.low_capacity.figures.common import few_tasks


def figures(tables: Tables) -> list[Sketch]:
    """Every figure that the run's tables allow, in the paper's order."""
    few, remark = few_tasks(tables)
    plan = []
    if "history" in tables:
        plan.append(Sketch(steps.steps_figure, few, remark=remark))
    if "neurons" in tables:
        plan.append(Sketch(neurons.neurons_figure, tables))
    return plan
