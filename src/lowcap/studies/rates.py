"""The rates at which judges err: those that ship with the package, and those of a run's own."""

from collections.abc import Sequence
from importlib.resources import files
from pathlib import Path
from typing import IO

import pandas as pd
from pyarrow import ArrowException

from lowcap.claims import rates
from lowcap.claims.calibrate import COLUMNS, RATE_COLUMNS, RATES
from lowcap.errors import RunError
from lowcap.runs import write_whole
from lowcap.studies import NAMES

CALIBRATION = "calibration.parquet"
"""A run's own calibration, in its directory."""

KEYS = ["claim", "condition", "reading", "looks", "data", "replicates"]


def known_rates(study: str, data: Sequence[str], run: Path) -> pd.DataFrame:
    """The rates known for a run's design; its own calibration comes before the package's.

    Raises:
        RunError: the run's calibration is damaged.
    """
    shipped = shipped_rates(study)
    of_data = shipped.loc[shipped["data"] == data_key(data), RATE_COLUMNS]
    own = read_calibration(run)
    return of_data if own is None else pd.concat([rates(own), of_data], ignore_index=True)


def data_key(data: Sequence[str]) -> str:
    """How the package's table of rates names what a run was made on."""
    return " ".join(data)


def shipped_rates(study: str) -> pd.DataFrame:
    """The rates that ship with the package: `rates()` of designs, and the `data` they are for.

    None of a study that is not in the list of `lowcap.studies`, such as one of your own.
    """
    columns = [*RATE_COLUMNS, "data"]
    if study not in NAMES:
        return pd.DataFrame(columns=columns)
    path = files(NAMES[study].rpartition(".")[0]) / "rates.csv"
    if not path.is_file():
        return pd.DataFrame(columns=columns)
    with path.open(encoding="utf-8") as stream:
        return _read_rates(stream)[columns]


def _read_rates(source: Path | IO[str]) -> pd.DataFrame:
    """A table of rates: an empty reading is a name, an empty rate a missing number."""
    missing = {name: ["", "nan"] for name in RATES}
    return pd.read_csv(source, keep_default_na=False, na_values=missing)


def read_calibration(run: Path) -> pd.DataFrame | None:
    """A run's own calibration, if it has one.

    Raises:
        RunError: the file is damaged.
    """
    path = run / CALIBRATION
    if not path.exists():
        return None
    try:
        with path.open("rb") as stream:
            return pd.read_parquet(stream)[COLUMNS]
    except (OSError, ValueError, KeyError, ArrowException) as error:
        reason = str(error).splitlines()[0]
        raise RunError(
            f"{path}: damaged ({reason}); remove it, or run 'lowcap calibrate' again"
        ) from error


def keep_calibration(run: Path, calibration: pd.DataFrame) -> pd.DataFrame:
    """Store a calibration, beside what an earlier one of other readings holds; returns both."""
    try:
        earlier = read_calibration(run)
    except RunError:
        earlier = None  # it is written anew
    kept = _replaced(earlier, calibration, ["claim", "condition", "reading", "looks"])
    write_whole(run / CALIBRATION, kept.to_parquet(index=False))
    return kept


def write_rates(path: Path, found: pd.DataFrame, data: Sequence[str]) -> None:
    """Add a design's rates to a table such as the package's, instead of older ones of the same.

    Raises:
        RunError: what is there is no such table.
    """
    found = found.assign(data=data_key(data)).round(4)
    earlier = None
    if path.exists():
        try:
            earlier = _read_rates(path)[[*RATE_COLUMNS, "data"]]
        except (OSError, ValueError, KeyError) as error:
            raise RunError(f"{path}: not a table of rates; give another file") from error
    write_whole(path, _replaced(earlier, found, KEYS).to_csv(index=False, na_rep="nan"))


def _replaced(earlier: pd.DataFrame | None, found: pd.DataFrame, keys: list[str]) -> pd.DataFrame:
    """Earlier rows but for those whose keys were found again, then the found ones."""
    if earlier is None or earlier.empty:
        return found
    again = pd.MultiIndex.from_frame(earlier[keys]).isin(pd.MultiIndex.from_frame(found[keys]))
    return pd.concat([earlier[~again], found], ignore_index=True)
