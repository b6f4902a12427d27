"""How populations are trained and scored."""

from lowcap.training.fitted import POPULATION, SCORES, Fitted, History
from lowcap.training.fitting import fit
from lowcap.training.memory import check_memory
from lowcap.training.metrics import auc, best_threshold, f1, f1_score, loss
from lowcap.training.optimizers import OPTIMIZERS

__all__ = [
    "OPTIMIZERS",
    "POPULATION",
    "SCORES",
    "Fitted",
    "History",
    "auc",
    "best_threshold",
    "check_memory",
    "f1",
    "f1_score",
    "fit",
    "loss",
]
