"""How populations are trained and scored."""

from lowcap.training.arrays import ROW_CHUNK, Rows, as_floats, narrow, to_device
from lowcap.training.fitting import PLAIN, Fitted, History, fit
from lowcap.training.metrics import auc, f1, loss

__all__ = [
    "PLAIN",
    "ROW_CHUNK",
    "Fitted",
    "History",
    "Rows",
    "as_floats",
    "auc",
    "f1",
    "fit",
    "loss",
    "narrow",
    "to_device",
]
