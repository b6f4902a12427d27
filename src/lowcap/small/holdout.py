"""Test rows: put aside before anything is learned, and scored once when all is done."""

import warnings
from dataclasses import replace

import numpy as np
import pandas as pd
from jaxtyping import Shaped

from lowcap.errors import DataError
from lowcap.small.table.reading import Source
from lowcap.small.table.target import TargetColumn
from lowcap.streams import state_of

PARTS = 5
"""One row in so many is put aside."""


def put_aside(source: Source, target: TargetColumn) -> tuple[Source, Source]:
    """Training rows and test rows: a fifth, with each class's share of it, or of whole groups.

    Raises:
        DataError: there are too few rows or groups.
    """
    from sklearn.model_selection import GroupKFold, KFold, StratifiedGroupKFold, StratifiedKFold

    by_class, grouped = target.kind != "regression", source.groups is not None
    seed, rows = state_of("test rows"), np.zeros((len(source.target), 1))
    if grouped:
        kind = StratifiedGroupKFold if by_class else GroupKFold
    else:
        kind = StratifiedKFold if by_class else KFold
    labels = target.encode(source.target)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)  # rare classes are judged by the caller
            folds = kind(PARTS, shuffle=True, random_state=seed)
            groups = None if source.groups is None else pd.factorize(source.groups)[0]
            train, test = next(iter(folds.split(rows, labels, groups)))
    except ValueError as error:
        raise DataError(f"{source.path}: too few rows to put some aside ({error})") from error
    return _some(source, train), _some(source, test)


def _some(source: Source, rows: Shaped[np.ndarray, " some"]) -> Source:
    return replace(
        source,
        table=source.table.iloc[rows],
        target=source.target.iloc[rows],
        groups=None if source.groups is None else source.groups.iloc[rows],
        test=None,
    )
