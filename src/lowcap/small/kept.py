"""What a run keeps for later: its candidates, and rows to set ranges by and to test with."""

import io
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import safetensors
from safetensors.numpy import load, save

from lowcap.errors import LowcapError, RunError, SettingsError
from lowcap.given import in_a_line
from lowcap.json_files import read_json
from lowcap.small.candidates import Candidates
from lowcap.small.export.c_parts import Exported
from lowcap.small.export.export_safetensors import DESCRIPTION, model_of, safetensors_files
from lowcap.small.export.manifest import MANIFEST, verify
from lowcap.small.export.quantise import quantise
from lowcap.small.model import SmallModel

ANSWER = "answer.json"
_NETWORKS, _COLUMNS = "networks.safetensors", "columns.json"
_CALIBRATION, _VECTORS = "calibration.parquet", "vectors.parquet"


class Kept(NamedTuple):
    """A run, read back."""

    answer: dict
    candidates: Candidates
    calibration: pd.DataFrame
    vectors: pd.DataFrame
    data: str
    """The digest of the user's file."""

    def chosen(self, hidden: int | None, sparsity: float | None) -> SmallModel:
        """A candidate; the answer's, as far as nothing else is asked for.

        Raises:
            SettingsError: there is no such candidate.
        """
        kept = self.answer["kept"]
        size = kept["hidden"] if hidden is None else hidden
        usual = kept["sparsity"] if size == kept["hidden"] else 0.0
        share = usual if sparsity is None else sparsity
        sizes = sorted({one for one, _ in self.candidates})
        if size not in sizes:
            known = ", ".join(map(str, sizes))
            raise SettingsError(f"size {size}: the run holds {known}")
        shares = sorted(one for known, one in self.candidates if known == size)
        near = [one for one in shares if abs(one - share) < 1e-9]
        if not near:
            known = ", ".join(f"{one:g}" for one in shares)
            raise SettingsError(f"sparsity {share:g}: of size {size} the run holds {known}")
        return self.candidates[size, near[0]]

    def exported(self, model: SmallModel, bits: int) -> Exported:
        """A candidate as it is exported."""
        return quantise(model, self.calibration) if bits == 8 else model


def kept_files(
    candidates: Candidates, calibration: pd.DataFrame, vectors: pd.DataFrame
) -> dict[str, bytes]:
    """Contents of files by name; `read_kept` reads them."""
    arrays = {
        f"{hidden}/{sparsity:g}/{name}": np.ascontiguousarray(values)
        for (hidden, sparsity), model in candidates.items()
        for name, values in model.network.params.items()
    }
    described = safetensors_files(next(iter(candidates.values())))[DESCRIPTION]
    return {
        _NETWORKS: save(arrays),
        _COLUMNS: described,
        _CALIBRATION: calibration.to_parquet(index=False),
        _VECTORS: vectors.to_parquet(index=False),
    }


def read_kept(folder: Path) -> Kept:
    """A run, each of its files held against its digest.

    Raises:
        RunError: there is no run, or a file is missing or damaged.
    """
    if not (folder / ANSWER).is_file():
        raise RunError(f"{folder}: no run of lowcap small here (it has no {ANSWER})")
    verify(folder)
    try:
        answer = _sensible(read_json(folder / ANSWER))
        data = read_json(folder / MANIFEST)["data"]
        if not isinstance(data, str):
            raise ValueError(f"{MANIFEST} names no data")
        said = read_json(folder / _COLUMNS)
        params: dict[tuple[int, float], dict[str, np.ndarray]] = {}
        for name, values in load((folder / _NETWORKS).read_bytes()).items():
            hidden, sparsity, part = name.split("/")
            params.setdefault((int(hidden), float(sparsity)), {})[part] = values
        models = {kind: _model(said, kind[0], own) for kind, own in sorted(params.items())}
        rows = [
            pd.read_parquet(io.BytesIO((folder / name).read_bytes()))
            for name in (_CALIBRATION, _VECTORS)
        ]
        for table in rows:  # they must be what the networks take
            next(iter(models.values())).inputs(table)
    except _STRANGE as error:
        raise RunError(f"{folder}: the run cannot be read ({in_a_line(error)})") from error
    return Kept(answer, models, rows[0], rows[1], data)


_STRANGE = (
    OSError,
    ValueError,
    LookupError,
    TypeError,
    AttributeError,
    OverflowError,
    RuntimeError,
    LowcapError,
    safetensors.SafetensorError,
)
"""What files may raise that are whole by their digests, and yet not what lowcap writes."""


def _sensible(answer: dict[str, Any]) -> dict[str, Any]:
    """The answer, if it tells what a page and an export are made of.

    Raises:
        ValueError: it does not.
        KeyError: it lacks a part.
    """
    data, kept = answer["data"], answer["kept"]
    texts = (answer["sentence"], data["name"], data["target"], data["kind"])
    numbers = (kept["hidden"], kept["sparsity"])
    whole = (
        all(isinstance(one, str) for one in texts)
        and all(isinstance(one, int | float) for one in numbers)
        and answer["bits"] in (8, 32)
    )
    if not whole:
        raise ValueError(f"{ANSWER} is not what lowcap writes")
    return answer


def _model(said: dict, hidden: int, params: dict[str, np.ndarray]) -> SmallModel:
    network = {**said["network"], "hidden": [hidden] if hidden else []}
    return model_of({**said, "network": network}, params)
