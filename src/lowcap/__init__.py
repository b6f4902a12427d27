"""lowcap: how small can a neural network be, and what is it like then?

What to do first, in a notebook or at the Python prompt:

    import lowcap
    task = lowcap.pair_task("mnist-5k", 4, 9)     # or lowcap.array_task(x, y) with your own data
    split = task.split(seed=0)
    fitted = lowcap.fit(lowcap.grid(hidden=[2, 8, 32], seed=range(3)), split)  # nine networks
    lowcap.plot.capacity(fitted.population, split)                 # how good is each size?
    lowcap.plot.unit_cards(fitted.member(hidden=2, seed=0), split)  # what does a unit look for?

Every measure takes a population and a split and gives a table: capacity, prune, robustness,
saliency, neurons. lowcap.open("runs/...") reads what `lowcap run` left. At a terminal begin with
`lowcap --help`; for the smallest network for a table of your own, `lowcap small data.csv`.
"""

# Names are imported when first used, so that `lowcap --help` need not wait for JAX.
from importlib import import_module as _import_module
from importlib import metadata as _metadata
from typing import TYPE_CHECKING
from typing import Any as _Any

if TYPE_CHECKING:
    from lowcap import plot as plot
    from lowcap.data import Dataset as Dataset
    from lowcap.data import Split as Split
    from lowcap.data import Task as Task
    from lowcap.data import array_task as array_task
    from lowcap.data import classes_task as classes_task
    from lowcap.data import cross_validation as cross_validation
    from lowcap.data import load_dataset as load_dataset
    from lowcap.data import load_task as load_task
    from lowcap.data import pair_task as pair_task
    from lowcap.data import table_task as table_task
    from lowcap.errors import LowcapError as LowcapError
    from lowcap.explorer import explore as explore
    from lowcap.measures import capacity as capacity
    from lowcap.measures import difficulty as difficulty
    from lowcap.measures import geometry as geometry
    from lowcap.measures import jacobian_norms as jacobian_norms
    from lowcap.measures import neurons as neurons
    from lowcap.measures import prune as prune
    from lowcap.measures import robustness as robustness
    from lowcap.measures import saliency as saliency
    from lowcap.measures import transitions as transitions
    from lowcap.networks import Convolutional as Convolutional
    from lowcap.networks import Dense as Dense
    from lowcap.networks import Fused as Fused
    from lowcap.networks import Member as Member
    from lowcap.networks import Network as Network
    from lowcap.networks import Population as Population
    from lowcap.networks import Stacked as Stacked
    from lowcap.networks import grid as grid
    from lowcap.networks import stack as stack
    from lowcap.small.estimators.single import SmallMLPClassifier as SmallMLPClassifier
    from lowcap.small.estimators.single import SmallMLPRegressor as SmallMLPRegressor
    from lowcap.small.estimators.smallest import SmallestNetworkCV as SmallestNetworkCV
    from lowcap.studies.opened import open as open
    from lowcap.training import Fitted as Fitted
    from lowcap.training import fit as fit

__version__ = _metadata.version("lowcap")

_HOMES = {
    "data": (
        "Dataset",
        "Split",
        "Task",
        "array_task",
        "classes_task",
        "cross_validation",
        "load_dataset",
        "load_task",
        "pair_task",
        "table_task",
    ),
    "errors": ("LowcapError",),
    "explorer": ("explore",),
    "measures": (
        "capacity",
        "difficulty",
        "geometry",
        "jacobian_norms",
        "neurons",
        "prune",
        "robustness",
        "saliency",
        "transitions",
    ),
    "networks": (
        "Convolutional",
        "Dense",
        "Fused",
        "Member",
        "Network",
        "Population",
        "Stacked",
        "grid",
        "stack",
    ),
    "small.estimators.single": ("SmallMLPClassifier", "SmallMLPRegressor"),
    "small.estimators.smallest": ("SmallestNetworkCV",),
    "studies.opened": ("open",),
    "training": (
        "Fitted",
        "fit",
    ),
}
_HOME_OF = {name: home for home, names in _HOMES.items() for name in names}

__all__ = [
    "Convolutional",
    "Dataset",
    "Dense",
    "Fitted",
    "Fused",
    "LowcapError",
    "Member",
    "Network",
    "Population",
    "SmallMLPClassifier",
    "SmallMLPRegressor",
    "SmallestNetworkCV",
    "Split",
    "Stacked",
    "Task",
    "array_task",
    "capacity",
    "classes_task",
    "cross_validation",
    "difficulty",
    "explore",
    "fit",
    "geometry",
    "grid",
    "jacobian_norms",
    "load_dataset",
    "load_task",
    "neurons",
    "open",
    "pair_task",
    "plot",
    "prune",
    "robustness",
    "saliency",
    "stack",
    "table_task",
    "transitions",
]


def __getattr__(name: str) -> _Any:
    if name not in __all__:
        raise AttributeError(f"module 'lowcap' has no attribute '{name}'")
    if name == "plot":
        return _import_module("lowcap.plot")
    return getattr(_import_module(f"lowcap.{_HOME_OF[name]}"), name)


def __dir__() -> list[str]:
    return sorted(__all__)
