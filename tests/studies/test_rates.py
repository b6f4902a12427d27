"""The tables of rates that ship with the package."""

import numpy as np
import pytest

from lowcap.claims.calibrate import RATES
from lowcap.studies import NAMES
from lowcap.studies.rates import shipped_rates


@pytest.mark.parametrize("study", NAMES)
def test_shipped_rates_are_shares_or_missing(study):
    """A page formats them as numbers, so that an empty entry must not make a column text."""
    table = shipped_rates(study)
    assert len(table)
    assert table["reading"].map(lambda value: isinstance(value, str)).all()
    for name in RATES:
        values = table[name].to_numpy(float)
        assert np.issubdtype(table[name].dtype, np.number), name
        known = values[np.isfinite(values)]
        assert len(known)
        assert (known >= 0).all()
        assert name == "simulations" or (known <= 1).all()
