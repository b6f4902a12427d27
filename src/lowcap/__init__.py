"""lowcap: a laboratory for small neural networks.

    task = lowcap.pair_task("mnist-5k", 4, 9)
    split = task.split(seed=0)
    fitted = lowcap.fit(lowcap.grid(hidden=[2, 8, 32], seed=range(3)), split, epochs=100)
    lowcap.capacity(fitted, split)

Names are imported when first used, so that ``lowcap --help`` need not wait for JAX.
"""

from importlib import import_module, metadata
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from lowcap.data import Dataset as Dataset
    from lowcap.data import Split as Split
    from lowcap.data import Task as Task
    from lowcap.data import array_task as array_task
    from lowcap.data import cross_validation as cross_validation
    from lowcap.data import load_dataset as load_dataset
    from lowcap.data import load_task as load_task
    from lowcap.data import pair_task as pair_task
    from lowcap.data import table_task as table_task
    from lowcap.errors import LowcapError as LowcapError
    from lowcap.measures import capacity as capacity
    from lowcap.measures import history as history
    from lowcap.measures import prune as prune
    from lowcap.networks import Member as Member
    from lowcap.networks import OneHiddenLayer as OneHiddenLayer
    from lowcap.networks import grid as grid
    from lowcap.training import Fitted as Fitted
    from lowcap.training import fit as fit

__version__ = metadata.version("lowcap")

_HOMES = {
    "data": (
        "Dataset",
        "Split",
        "Task",
        "array_task",
        "cross_validation",
        "load_dataset",
        "load_task",
        "pair_task",
        "table_task",
    ),
    "errors": ("LowcapError",),
    "measures": ("capacity", "history", "prune"),
    "networks": ("Member", "OneHiddenLayer", "grid"),
    "training": ("Fitted", "fit"),
}
_HOME_OF = {name: home for home, names in _HOMES.items() for name in names}

__all__ = [
    "Dataset",
    "Fitted",
    "LowcapError",
    "Member",
    "OneHiddenLayer",
    "Split",
    "Task",
    "array_task",
    "capacity",
    "cross_validation",
    "fit",
    "grid",
    "history",
    "load_dataset",
    "load_task",
    "pair_task",
    "prune",
    "table_task",
]


def __getattr__(name: str) -> Any:
    if name not in _HOME_OF:
        raise AttributeError(f"module 'lowcap' has no attribute '{name}'")
    return getattr(import_module(f"lowcap.{_HOME_OF[name]}"), name)


def __dir__() -> list[str]:
    return [*globals(), *__all__]
