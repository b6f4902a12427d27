"""One cell: simulate many runs exactly, or train one seed of the convolutional networks."""

from lowcap.runs import Cell, CellResult
from lowcap.studies.xor.convolve import convolve
from lowcap.studies.xor.plan import Enumeration, Simulation
from lowcap.studies.xor.simulate import enumerate_starts, simulate


def compute(cell: Cell) -> CellResult:
    """Simulate or train, and measure."""
    key = {"study": cell.study, "problem": "exact simulation"}
    if isinstance(cell.config, Simulation):
        tables = simulate(cell.config)
    elif isinstance(cell.config, Enumeration):
        tables = enumerate_starts(cell.config)
    else:
        tables = convolve(cell)
        key["problem"] = cell.config.dataset
    for table in tables.values():
        for position, (name, value) in enumerate(key.items()):
            table.insert(position, name, value)
    return CellResult(tables)
