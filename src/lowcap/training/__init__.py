"""How populations are trained and scored."""

from lowcap.training.arrays import ROW_CHUNK, Rows, as_floats, narrow, to_device
from lowcap.training.fitting import PLAIN, Fitted, History, fit
from lowcap.training.metrics import auc, best_threshold, f1, f1_score, loss

__all__ = [
    "PLAIN",
    "ROW_CHUNK",
    "Fitted",
    "History",
    "Rows",
    "as_floats",
    "auc",
    "best_threshold",
    "f1",
    "f1_score",
    "fit",
    "loss",
    "narrow",
    "to_device",
]
