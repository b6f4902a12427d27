"""Members of a population by their keys: which ones were meant, or what could have been."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from jaxtyping import Int

from lowcap.errors import SettingsError
from lowcap.given import several
from lowcap.shown import counted, listed


def chosen(keys: pd.DataFrame, wanted: Mapping[str, Any]) -> Int[np.ndarray, " some"]:
    """The numbers of all members that have the wanted keys.

    Args:
        keys: the members' key columns.
        wanted: by column, one value or several.

    Raises:
        SettingsError: a key is unknown, or no member has such a value; it names those there are.
    """
    left = np.ones(len(keys), bool)
    for name, value in wanted.items():
        if name not in keys.columns:
            raise SettingsError(f"members have no '{name}': choose by {', '.join(keys.columns)}")
        column = keys[name].tolist()
        for one in several(value):
            if not any(_same(one, held) for held in column):
                raise SettingsError(f"no member has {name}={one!r}: there is {listed(column)}")
        of_key = [any(_same(one, held) for one in several(value)) for held in column]
        left &= np.asarray(of_key, bool)
    if not left.any():
        raise SettingsError(
            f"no member has {spoken(wanted)} together; each is there with other values"
        )
    return np.flatnonzero(left)


def one_chosen(keys: pd.DataFrame, wanted: Mapping[str, Any]) -> int:
    """The number of the only member that has the wanted keys.

    Raises:
        SettingsError: there is none, or there are several; it names the keys that tell them apart.
    """
    found = chosen(keys, wanted)
    if len(found) == 1:
        return int(found[0])
    some = keys.iloc[found]
    differing = {
        name: listed(some[name].tolist())
        for name in keys.columns
        if name not in wanted and len(set(map(str, some[name]))) > 1
    }
    which = f"have {spoken(wanted)}" if wanted else "are here"
    told = "; ".join(f"{name}: {values}" for name, values in differing.items())
    advice = f"say which by {told}" if told else "take one by its number, such as population[0]"
    raise SettingsError(f"{counted(len(found), 'member')} {which}; {advice}")


def spoken(wanted: Mapping[str, Any]) -> str:
    """Keys as they are written: "hidden=8, seed=3"."""
    return ", ".join(f"{name}={value!r}" for name, value in wanted.items())


def _same(wanted: Any, held: Any) -> bool:
    """Equal, numbers but for rounding; None is what has no value."""
    if wanted is None or held is None:
        return pd.isna(wanted) and pd.isna(held)
    numbers = (int, float, np.integer, np.floating)
    if isinstance(wanted, numbers) and isinstance(held, numbers):
        return bool(np.isclose(float(wanted), float(held), rtol=1e-6, atol=0, equal_nan=True))
    return str(wanted) == str(held)
