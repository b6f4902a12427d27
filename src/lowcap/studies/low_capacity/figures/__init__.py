"""The figures of arXiv 2507.16278, redrawn from our own networks."""

from dataclasses import replace

from lowcap.claims import Tables
from lowcap.report import Figure, styled
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


def figures(tables: Tables) -> list[Figure]:
    """Every figure that the run's tables allow, in the paper's order."""
    with styled():
        protocols = list(by_protocol(tables["capacity"]))
        few, remark = few_tasks(tables)

        def remarked(figure: Figure) -> Figure:
            return replace(figure, caption=figure.caption + remark)

        drawn = []
        if "learning_rate" in tables:
            drawn.append(capacity.learning_rate_figure(tables))
        drawn.append(remarked(capacity.capacity_figure(few)))
        if "difficulty" in tables:
            drawn.append(capacity.difficulty_figure(tables))
        drawn.append(remarked(steps.steps_figure(few)))
        drawn += [remarked(capacity.training_figure(few, name)) for name in protocols]
        drawn += [remarked(pruning.pruning_figure(few, name)) for name in protocols]
        drawn.append(pruning.dead_neurons_figure(tables))
        if "embedding" in tables:
            drawn.append(geometry.hidden_space_figure(tables))
        if "robustness" in tables:
            if TASK in set(tables["robustness"]["task"]):
                drawn.append(robustness.noise_figure(tables))
            if "corrupted_examples" in tables:
                drawn.append(robustness.examples_figure(tables))
            drawn.append(robustness.corruptions_figure(tables))
            drawn.append(robustness.pruned_robustness_figure(tables))
        if "saliency_maps" in tables:
            drawn += [saliency.maps_figure(tables, name) for name in protocols]
            drawn.append(saliency.shares_figure(tables))
        if "neurons" in tables:
            drawn.append(neurons.neurons_figure(tables))
    return drawn
