"""The rows that a judge sees: those of one condition, of the tables that its reading needs."""

from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property

import pandas as pd

from lowcap.claims.verdict import NotMeasured

Tables = Mapping[str, pd.DataFrame]
"""The tables of a run by name; a judge sees the rows of one condition."""


def datasets_of(tables: Tables) -> set[str]:
    """The data sets of a run, as its first table that names them tells."""
    if isinstance(tables, Divided):
        return tables.datasets
    columns = (tables[name].get("dataset") for name in tables)
    return next((set(map(str, found.unique())) for found in columns if found is not None), set())


def of_condition(
    tables: Tables,
    needs: Iterable[str],
    by: str,
    condition: str,
    lacks: Mapping[str, str] | None = None,
) -> Tables:
    """The rows of one condition of the tables that a judge needs.

    Args:
        tables: of the whole run.
        needs: their names, as in `Reading.needs`.
        by: the column that tells conditions apart.
        condition: the one whose rows are wanted.
        lacks: by table, what it means in words that the run has none; see `Claim.lacks`.

    Raises:
        NotMeasured: the run lacks one of them.
    """
    divided = tables if isinstance(tables, Divided) else Divided(tables, by)
    parts = {}
    for name in needs:
        required, name = not name.endswith("?"), name.removesuffix("?")
        rows = divided.rows(name, condition)
        if len(rows):
            parts[name] = rows
        elif required:
            unknown = f"it is judged by results of “{name}”, and none were computed here"
            raise NotMeasured((lacks or {}).get(name, unknown))
    return parts


class Divided(Mapping[str, pd.DataFrame]):
    """Tables whose rows of one condition are cut out once for all judges that read them."""

    def __init__(self, tables: Tables, by: str) -> None:
        self._tables, self._by = tables, by
        self._rows: dict[tuple[str, str], pd.DataFrame] = {}

    def __getitem__(self, name: str) -> pd.DataFrame:
        return self._tables[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._tables)

    def __len__(self) -> int:
        return len(self._tables)

    @cached_property
    def datasets(self) -> set[str]:
        """The data sets of the run, found once."""
        return datasets_of(self._tables)

    def rows(self, name: str, condition: str) -> pd.DataFrame:
        """The rows of a condition; none if there is no such table."""
        if (name, condition) not in self._rows:
            table = self._tables.get(name)
            found = pd.DataFrame() if table is None else table[table[self._by] == condition]
            self._rows[name, condition] = found
        return self._rows[name, condition]
