"""The figures of arXiv 2507.16278, redrawn from our own networks."""

from lowcap.claims import Tables
from lowcap.report import Sketch
from lowcap.studies.low_capacity.claims.factors import all_mixtures
from lowcap.studies.low_capacity.figures import (
    capacity,
    corrupted,
    dead,
    difficulty,
    factors,
    geometry,
    misclassified,
    neurons,
    pruning,
    rates,
    robustness,
    saliency,
    steps,
    tolerance,
    training,
)
from lowcap.studies.low_capacity.figures.common import few_tasks
from lowcap.studies.low_capacity.protocols import protocols_of


def figures(tables: Tables) -> list[Sketch]:
    """Every figure that the run's tables allow, in the paper's order."""
    few, remark = few_tasks(tables)
    plan = [
        Sketch(capacity.capacity_figure, few, remark=remark),
        Sketch(tolerance.tolerance_figure, few, remark=remark),
    ]
    if difficulty.drawable(tables):
        plan.append(Sketch(difficulty.difficulty_figure, tables))
    if "learning_rate" in tables:
        plan.insert(0, Sketch(rates.learning_rate_figure, tables))
    if all_mixtures(tables):
        plan.append(Sketch(factors.factors_figure, tables))
    names = protocols_of(tables["pruning"])
    plan += [Sketch(pruning.rules_figure, few, (name,), remark) for name in names]
    plan += [Sketch(pruning.pruning_figure, few, (name,), remark) for name in names]
    plan.append(Sketch(dead.dead_neurons_figure, few, remark=remark))
    if "history" in tables:
        plan.append(Sketch(steps.steps_figure, few, remark=remark))
        shown = protocols_of(few["history"])
        plan += [Sketch(training.training_figure, few, (name,), remark) for name in shown]
    if "geometry" in tables:
        plan.append(Sketch(geometry.hidden_space_figure, tables))
    if "robustness" in tables:
        plan += _robustness(tables)
    if "saliency_maps" in tables and corrupted.side_of(tables["saliency_maps"]):
        shown = protocols_of(tables["saliency_maps"])
        plan += [Sketch(saliency.maps_figure, tables, (name,)) for name in shown]
    if "saliency" in tables:
        plan.append(Sketch(saliency.shares_figure, tables))
    if misclassified.drawable(tables):
        plan.append(Sketch(misclassified.misclassified_figure, tables))
    if "neurons" in tables:
        plan.append(Sketch(neurons.neurons_figure, tables))
    return plan


def _robustness(tables: Tables) -> list[Sketch]:
    plan = [Sketch(robustness.noise_figure, tables)]
    if "corrupted_examples" in tables and corrupted.side_of(tables["corrupted_examples"]):
        plan.append(Sketch(corrupted.examples_figure, tables))
    if robustness.wider(tables):
        plan.append(Sketch(robustness.corruptions_figure, tables))
    if corrupted.pruned(tables):
        plan.append(Sketch(corrupted.pruned_robustness_figure, tables))
    return plan
