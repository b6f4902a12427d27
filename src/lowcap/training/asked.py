"""What `fit` says to those who call it as other libraries' `fit` is called."""

from collections.abc import Sequence
from typing import Any

from lowcap.data import Dataset, Split, Task
from lowcap.errors import SettingsError
from lowcap.networks import Member, Population
from lowcap.training.fitted import Fitted

EXAMPLE = "fit(grid(hidden=8), array_task(x, y).split(seed=0))"


def check_given(networks: Any, split: Any) -> None:
    """Refuse what is no networks and no split, in a sentence that says what to do.

    Raises:
        SettingsError: it says how to make them.
    """
    if isinstance(networks, Fitted):
        raise SettingsError("these networks are trained; to go on, fit(fitted.population, split)")
    if not isinstance(networks, Population):
        if isinstance(networks, int | Member):
            raise SettingsError(f"fit takes a list of networks, made by grid: {EXAMPLE}")
        alike = isinstance(networks, Sequence) and not isinstance(networks, str | bytes)
        if not alike or not all(isinstance(one, Member) for one in networks):
            raise SettingsError(
                "fit takes networks and a split, not x and y; make a task of arrays first: "
                f"{EXAMPLE}"
            )
        if not networks:
            raise SettingsError(f"there are no networks to fit; make some by grid: {EXAMPLE}")
    if isinstance(split, Task):
        raise SettingsError("fit takes a split, not the task: fit(..., task.split(seed=0))")
    if isinstance(split, Dataset):
        raise SettingsError(
            "fit takes a split, not a data set: fit(..., pair_task(dataset, 0, 1).split(seed=0))"
        )
    if not isinstance(split, Split):
        raise SettingsError(
            f"fit takes a split, not a {type(split).__name__}; make a task of arrays first: "
            f"{EXAMPLE}"
        )
