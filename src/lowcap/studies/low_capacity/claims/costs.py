"""What pruning costs under every rule: F1 lost, units left, networks cut in two."""

from typing import NamedTuple

import numpy as np
import pandas as pd

from lowcap.claims import Tables
from lowcap.studies.low_capacity.claims.scores import critical_sizes
from lowcap.studies.low_capacity.protocols import PROTOCOLS, of_protocol
from lowcap.studies.low_capacity.settings import PAPER_HIDDEN


class Costs(NamedTuple):
    """What pruning costs by task, rule, sparsity and size, means over seeds."""

    table: pd.DataFrame
    """`task, rule, sparsity, hidden, lost` (F1, dense less pruned), `live` (share of units that
    still take part), `cut` and `networks` (how many networks were cut in two, of how many)."""
    above: dict[str, list[int]]
    """By task, the sizes above its critical capacity."""

    def above_critical(self, task: str) -> pd.DataFrame:
        """The task's rows of sizes above its critical capacity; of all sizes if none is."""
        rows = self.table[self.table["task"] == task]
        return rows[rows["hidden"].isin(self.above[task])] if self.above.get(task) else rows


def scored_rows(tables: Tables, protocol: str) -> pd.DataFrame:
    """The pruning table of one protocol on the split that it scores, the paper's sizes if any."""
    table = of_protocol(tables["pruning"], protocol)
    table = table[table["split"] == PROTOCOLS[protocol].scored_split]
    papers = table[table["hidden"].isin(PAPER_HIDDEN)]
    table = papers if len(papers) else table
    return table.assign(sparsity=table["requested_sparsity"].round(4))


def costs(tables: Tables, protocol: str) -> Costs:
    """Dense less pruned F1, case by case, and which sizes lie above critical capacity."""
    rows = scored_rows(tables, protocol)
    keys = ["task", "hidden", "seed"]
    dense = rows[rows["sparsity"] == 0].drop_duplicates(keys)
    pruned = rows[rows["sparsity"] > 0].merge(
        dense[[*keys, "f1"]], on=keys, suffixes=("", "_dense")
    )
    pruned = pruned.assign(
        lost=pruned["f1_dense"] - pruned["f1"],
        live=pruned["live_units"] / pruned["hidden"],
        cut=~pruned["connected"].astype(bool),
    )
    cases = pruned.groupby(["task", "rule", "sparsity", "hidden"], sort=False)
    table = cases.agg(
        lost=("lost", "mean"), live=("live", "mean"), cut=("cut", "sum"), networks=("cut", "size")
    )
    critical = critical_sizes({"capacity": of_protocol(tables["capacity"], protocol)})
    above = {
        str(task): [int(h) for h in np.sort(sizes.unique()) if h > critical.get(str(task), np.inf)]
        for task, sizes in rows.groupby("task", sort=False)["hidden"]
    }
    return Costs(table.reset_index(), above)
