"""All that is exported of one model, in one folder."""

from collections.abc import Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path

import pandas as pd

from lowcap.errors import SettingsError
from lowcap.small.export.c_parts import Exported
from lowcap.small.export.export_c import model_header, vectors_header
from lowcap.small.export.export_html import html_page
from lowcap.small.export.export_onnx import onnx_bytes
from lowcap.small.export.export_safetensors import safetensors_files
from lowcap.small.export.manifest import write_folder
from lowcap.small.model import SmallModel

FORMATS = ("c", "onnx", "safetensors", "html")


def available() -> tuple[str, ...]:
    """The formats that can be written here: ONNX needs a package that does not come along."""
    return tuple(one for one in FORMATS if one != "onnx" or find_spec("onnx") is not None)


def export(
    exported: Exported,
    folder: Path,
    rows: pd.DataFrame,
    data: str,
    formats: Sequence[str] | None = None,
    budget: Mapping[str, int] | None = None,
) -> None:
    """Write a model for others to run; see `write_folder`.

    Args:
        exported: a model, or one in whole numbers. Those are what the C code and the page compute
            with; ONNX and safetensors always hold the model in floating point.
        folder: where the files go.
        rows: in the user's units, for the test vectors of the C code and the page's examples.
        data: the digest of the data that the model was trained on.
        formats: some of `FORMATS`; by default those that are `available`.
        budget: see `write_folder`.

    Raises:
        SettingsError: a format is unknown, or the model cannot be exported.
        RunError: the folder cannot be written.
    """
    formats = available() if formats is None else formats
    if unknown := set(formats) - set(FORMATS):
        raise SettingsError(f"format '{min(unknown)}': choose {', '.join(FORMATS)}")
    model = exported if isinstance(exported, SmallModel) else exported.model
    files: dict[str, str | bytes] = {}
    if "c" in formats:
        files |= {
            "model.h": model_header(exported),
            "test_vectors.h": vectors_header(exported, rows),
        }
    if "onnx" in formats:
        files["model.onnx"] = onnx_bytes(model)
    if "safetensors" in formats:
        files |= safetensors_files(model)
    if "html" in formats:
        files["model.html"] = html_page(exported, rows)
    write_folder(folder, files, data, budget)
