"""The figures of arXiv 2507.16278, redrawn from our own networks."""

from lowcap.claims import Tables
from lowcap.report import Sketch
from lowcap.studies.low_capacity.claims.robustness import TASK
from lowcap.studies.low_capacity.figures import (
    capacity,
    geometry,
    neurons,
    pruning,
    robustness,
    saliency,
    steps,
)
from lowcap.studies.low_capacity.figures.common import by_protocol, few_tasks


def figures(tables: Tables) -> list[Sketch]:
    """Every figure that the run's tables allow, in the paper's order."""
    protocols = list(by_protocol(tables["capacity"]))
    few, remark = few_tasks(tables)
    plan = []
    if "learning_rate" in tables:
        plan.append(Sketch(capacity.learning_rate_figure, tables))
    plan.append(Sketch(capacity.capacity_figure, few, remark=remark))
    if "difficulty" in tables:
        plan.append(Sketch(capacity.difficulty_figure, tables))
    plan.append(Sketch(steps.steps_figure, few, remark=remark))
    for draw in (capacity.training_figure, pruning.pruning_figure):
        plan += [Sketch(draw, few, (name,), remark) for name in protocols]
    plan.append(Sketch(pruning.dead_neurons_figure, tables))
    if "embedding" in tables:
        plan.append(Sketch(geometry.hidden_space_figure, tables))
    if "robustness" in tables:
        if TASK in set(tables["robustness"]["task"]):
            plan.append(Sketch(robustness.noise_figure, tables))
        if "corrupted_examples" in tables:
            plan.append(Sketch(robustness.examples_figure, tables))
        plan.append(Sketch(robustness.corruptions_figure, tables))
        plan.append(Sketch(robustness.pruned_robustness_figure, tables))
    if "saliency_maps" in tables:
        plan += [Sketch(saliency.maps_figure, tables, (name,)) for name in protocols]
        plan.append(Sketch(saliency.shares_figure, tables))
    if "neurons" in tables:
        plan.append(Sketch(neurons.neurons_figure, tables))
    return plan
