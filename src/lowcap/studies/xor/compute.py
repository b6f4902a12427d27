"""One cell: simulate many runs exactly, or train one seed of the convolutional networks."""

from collections.abc import Mapping
from typing import Any

import pandas as pd

from lowcap.runs import Cell, Files
from lowcap.studies.measure import Measure
from lowcap.studies.xor import convolve
from lowcap.studies.xor.plan import Convolution, Enumeration, Simulation
from lowcap.studies.xor.simulate import enumerate_starts, simulate


def train(cell: Cell) -> dict[str, bytes]:
    """Train the convolutional networks of a cell; a simulation leaves nothing but its tables."""
    return convolve.train(cell) if isinstance(cell.config, Convolution) else {}


def read(cell: Cell, files: Files) -> convolve.Trained | None:
    """The networks that `train` kept, with their data; None of a simulation."""
    return convolve.read(cell, files) if isinstance(cell.config, Convolution) else None


def wanted(config: Simulation | Enumeration | Convolution) -> list[str]:
    """The measures that a cell is there for."""
    if isinstance(config, Convolution):
        return ["errors", "clusters"]
    return ["starts" if isinstance(config, Enumeration) else "simulation"]


def keyed(cell: Cell, table: pd.DataFrame) -> pd.DataFrame:
    """With the study's and the problem's name in front."""
    convolutional = isinstance(cell.config, Convolution)
    problem = cell.config.dataset if convolutional else "exact simulation"
    key = pd.DataFrame({"study": cell.study, "problem": problem}, index=table.index)
    return pd.concat([key, table], axis=1)


def _simulated(cell: Cell, trained: Any) -> Mapping[str, pd.DataFrame]:
    return simulate(cell.config)


def _enumerated(cell: Cell, trained: Any) -> Mapping[str, pd.DataFrame]:
    return enumerate_starts(cell.config)


MEASURES = {
    "simulation": Measure(_simulated, ("frequencies", "angles", "filters")),
    "starts": Measure(_enumerated, ("starts",)),
    "errors": Measure(convolve.errors, ("compression", "compression_blocks")),
    "clusters": Measure(convolve.clusters, ("conv_angles", "conv_filters")),
}
