"""What the page shows of a run of `lowcap small`: the user's columns, rows, and networks."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

import numpy as np
import pandas as pd

from lowcap.explorer.networks import Shown
from lowcap.explorer.page import Content
from lowcap.small.export.quantised import Quantised
from lowcap.small.frontier import cost
from lowcap.small.kept import Kept
from lowcap.small.model import Column, SmallModel
from lowcap.small.table.cells import as_numbers, as_words

ROWS = 200
"""Of the user's, to pick from."""

CELLS = 200_000
"""Of all rows together: of tables with many columns there are fewer rows."""


def row_content(kept: Kept) -> Content:
    """The page's content from what a run of `lowcap small` keeps."""
    columns = next(iter(kept.candidates.values())).columns
    rows = kept.vectors.iloc[: max(1, min(ROWS, CELLS // max(1, len(columns))))]
    answer = kept.answer
    model = next(iter(kept.candidates.values()))
    description = {
        "kind": "rows",
        "title": f"small on {answer['data']['name']}",
        "target": answer["data"]["target"],
        "task": answer["data"]["kind"],
        "sentence": answer["sentence"],
        "classes": [str(label) for label in model.classes],
        "target_mean": model.target_mean,
        "target_scale": model.target_scale,
        "bits": int(answer["bits"]),
        "kept": {name: answer["kept"][name] for name in ("hidden", "sparsity")},
        "columns": [_column(column, kept) for column in columns],
        "rows": cells(columns, rows),
    }
    chosen = answer["kept"]["hidden"], answer["kept"]["sparsity"]
    networks = [
        _shown(kept, kind[1], kept.candidates[kind])
        for kind in sorted(kept.candidates, key=lambda kind: (kind != chosen, kind))
    ]
    return Content(description, {}, networks)


def _column(column: Column, kept: Kept) -> dict[str, Any]:
    """A column and the range that its slider has."""
    found = asdict(column) | {"categories": list(column.categories)}
    if column.kind != "number":
        return found
    seen = [as_numbers(part[column.name]) for part in (kept.calibration, kept.vectors)]
    numbers = np.concatenate(seen)
    numbers = numbers[np.isfinite(numbers)]
    if not len(numbers):
        numbers = np.array([float(column.fill)])
    low, high = float(numbers.min()), float(numbers.max())
    whole = bool((numbers % 1 == 0).all())
    return found | {"low": low, "high": high, "whole": whole}


def cells(columns: Sequence[Column], rows: pd.DataFrame) -> list[list[float | str | None]]:
    """Rows as the page reads them: numbers, texts, and null where a value is missing."""
    parts = []
    for column in columns:
        values = rows[column.name]
        if column.kind == "number":
            numbers = as_numbers(values)
            parts.append([None if np.isnan(one) else float(one) for one in numbers])
        else:
            parts.append(list(as_words(values)))
    return [list(row) for row in zip(*parts, strict=True)]


def whole(network: Quantised) -> dict[str, Any]:
    """The network in whole numbers, as it is exported for chips; see `Quantised`."""
    coding = network.coding

    def plain(values: np.ndarray | None) -> list | None:
        return None if values is None else values.tolist()

    return {
        "form": coding.form,
        "codes": [
            {"origin": code.origin, "shift": code.shift, "fill": code.fill} for code in coding.codes
        ],
        "raises": list(coding.raises),
        "first": plain(network.first),
        "bias": plain(network.bias),
        "shifts": plain(network.shifts),
        "second": plain(network.second),
        "second_bias": plain(network.second_bias),
        "finish": None if network.finish is None else asdict(network.finish),
    }


def _shown(kept: Kept, sparsity: float, model: SmallModel) -> Shown:
    exported = kept.exported(model, 8)
    assert isinstance(exported, Quantised)
    keys = {
        "sparsity": sparsity,
        "whole": whole(exported),
        "bytes": cost(exported).flash_bytes,
    }
    return Shown(keys, model.network)
