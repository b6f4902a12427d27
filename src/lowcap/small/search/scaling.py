"""What is learned of a fold's training rows before a network is: scales, and how often classes are.

Everything here can be folded into a network's weights, so that it costs nothing once exported.
"""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float, Int

from lowcap.data import Labelled, Task
from lowcap.data.tasks import as_floats
from lowcap.networks import Network


@dataclass(frozen=True, eq=False)
class Scaling:
    """Inputs and targets on a scale that networks learn well from.

    Inputs become (x - mean) / scale. Of a regression the target does likewise. Where classes are to
    count the same, each logit loses the logarithm of its class's share of the rows: a network that
    learned probabilities then answers as if all classes were equally frequent. Training with class
    weights aims at the same; this needs no weights, also not where the inner loss is measured.
    """

    mean: Float[np.ndarray, " inputs"]
    scale: Float[np.ndarray, " inputs"]
    target_mean: float
    target_scale: float
    offset: Float[np.ndarray, " outputs"]
    """What is taken off the logits."""

    def rows(self, task: Task, rows: Int[np.ndarray, " some"]) -> Labelled:
        """Some rows of the task as networks see them."""
        x = (as_floats(task.x[rows]) - self.mean) / self.scale
        y = task.y[rows]
        if task.target.kind == "regression":
            y = ((y - self.target_mean) / self.target_scale).astype(np.float32)
        return Labelled(x.astype(np.float32), y)

    def said(
        self, logits: Float[np.ndarray, "members rows outputs"]
    ) -> Float[np.ndarray, "members rows outputs"]:
        """What networks say, on the scale of the task."""
        return (logits - self.offset) * self.target_scale + self.target_mean

    def folded(self, network: Network) -> Network:
        """A network that takes the task's inputs and answers on the task's scale by itself."""
        params = {name: np.asarray(values, float) for name, values in network.params.items()}
        params["w1"] = params["w1"] / self.scale
        params["b1"] = params["b1"] - params["w1"] @ self.mean
        last = "2" if "w2" in params else "1"
        bias = (params["b" + last] - self.offset) * self.target_scale + self.target_mean
        params |= {"w" + last: params["w" + last] * self.target_scale, "b" + last: bias}
        single = {name: values.astype(np.float32) for name, values in params.items()}
        return Network(network.architecture, single, network.kind)


def learn_scaling(
    task: Task,
    rows: Int[np.ndarray, " some"],
    standardise: Bool[np.ndarray, " inputs"] | None,
    classes_equal: bool,
) -> Scaling:
    """Learn from some rows, and from no others.

    Args:
        task: of whose rows.
        rows: their numbers.
        standardise: which inputs get mean 0 and deviation 1; none unless given. That makes no
            difference to a column that was standardised over all rows before, other than that
            held-out rows have no part in it any more.
        classes_equal: see `Metric`.
    """
    mean, scale = np.zeros(task.inputs), np.ones(task.inputs)
    if standardise is not None:
        x = as_floats(task.x[rows])[:, standardise].astype(float)
        mean[standardise], scale[standardise] = x.mean(axis=0), x.std(axis=0)
        scale[scale == 0] = 1.0
    kind, y = task.target.kind, task.y[rows]
    weights = np.ones(len(rows)) if task.weights is None else task.weights[rows]
    offset = np.zeros(task.target.outputs)
    target_mean, target_scale = 0.0, 1.0
    if kind == "regression":
        target_mean, target_scale = float(y.mean()), float(y.std()) or 1.0
    elif classes_equal:
        classes = max(task.target.outputs, 2)
        share = np.bincount(y.astype(int), weights, classes) + 1e-3  # a class may be missing
        logs = np.log(share / share.sum())
        offset = logs if kind == "classes" else logs[1:] - logs[:1]
    return Scaling(mean, scale, target_mean, target_scale, offset)
