"""Simulated tables of this study's own form; see `lowcap.claims.simulate`."""

from collections.abc import Sequence

from lowcap.claims import Simulator, Tables
from lowcap.studies.low_capacity.claims.scores import protocol_of


def capacity_simulator(
    tables: Tables, tasks: Sequence[str] | None, hidden: Sequence[int]
) -> Simulator:
    """Of the protocol's own score by task and size; of all tasks, or of some."""
    table = tables["capacity"]
    column = protocol_of(table).score
    rows = table[table["hidden"].isin(list(hidden))]
    if tasks is not None:
        rows = rows[rows["task"].isin(list(tasks))]
    blocks = None
    if "pruning_blocks" in tables and column == "test_f1":
        held = tables["pruning_blocks"]
        held = held[(held["requested_sparsity"] == 0) & held["task"].isin(rows["task"].unique())]
        blocks = ("pruning_blocks", held[held["hidden"].isin(list(hidden))])
    return Simulator("capacity", rows, ["task", "hidden"], [column], blocks)
