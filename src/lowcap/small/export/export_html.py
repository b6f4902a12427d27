"""A small model as one page on which to change the columns and see what it says.

The page holds the numbers of ``model.h`` and test vectors, computes in plain JavaScript, and asks
nothing of any network.
"""

import math
import re
from importlib.resources import files
from typing import Any

import jinja2
import numpy as np
import pandas as pd

from lowcap.report.palette import DARK_PAGE, LIGHT_PAGE
from lowcap.small.export.c_parts import Exported, Parts, expected, parts_of
from lowcap.small.export.coding import MISSING, ONE
from lowcap.small.export.packing import Packed, unpack
from lowcap.small.export.quantised import Quantised
from lowcap.small.model import Column, SmallModel
from lowcap.small.search.wording import units
from lowcap.small.table.cells import as_numbers, as_words

EXAMPLES = 20
"""Rows that can be chosen."""
_VECTORS = 200
_PIXEL = re.compile(r"pixel_(\d+)_(\d+)")


def html_page(exported: Exported, rows: pd.DataFrame) -> str:
    """The text of ``model.html``.

    Args:
        exported: a model, or one in whole numbers.
        rows: in the user's units: examples, the range of each column, and test vectors.

    Raises:
        SettingsError: the network cannot be exported.
    """
    parts = parts_of(exported)
    loader = jinja2.ChoiceLoader(
        [jinja2.PackageLoader("lowcap.small"), jinja2.PackageLoader("lowcap.report")]
    )
    env = jinja2.Environment(loader=loader, autoescape=True, trim_blocks=True, lstrip_blocks=True)
    env.policies["json.dumps_kwargs"] = {"allow_nan": False, "separators": (",", ":")}
    scripts = files("lowcap.small.export") / "page"
    return env.get_template("model.html.j2").render(
        title="What does it say?",
        units=units(parts.units if "second" in parts.arrays else 0),
        integer=parts.integer,
        flash=parts.flash,
        classes=[str(label) for label in parts.model.classes],
        given={
            "model": described(parts, exported),
            "shown": _shown(parts.model, rows),
            "vectors": _vectors(exported, parts, rows),
        },
        network=(scripts / "network.js").read_text(encoding="utf-8"),
        form=(scripts / "form.js").read_text(encoding="utf-8"),
        light=LIGHT_PAGE,
        dark=DARK_PAGE,
    )


def described(parts: Parts, exported: Exported) -> dict[str, Any]:
    """All that the page's code knows of the network, in values that JSON knows."""
    arrays, coding = parts.arrays, parts.coding
    packed = Packed(arrays["first"], *(arrays.get(name) for name in ("map", "gaps", "counts")))
    found: dict[str, Any] = {
        "form": coding.form,
        "integer": parts.integer,
        "missing": MISSING if parts.integer else None,
        "one": ONE if parts.integer else 1,
        "raises": list(coding.raises),
        "classes": [str(label) for label in parts.model.classes],
        "scale": exported.scale if isinstance(exported, Quantised) else 1.0,
        "columns": [
            {
                "name": code.column.name,
                "categories": list(code.column.categories) if code.values else None,
                "origin": code.origin,
                "shift": code.shift,
                "fill": code.fill,
                "flagged": code.column.flagged,
            }
            for code in coding.codes
        ],
        "first": _plain(unpack(packed, parts.units, len(coding.step))),
        "bias": _plain(arrays["first_bias"]),
    }
    if "second" in arrays:
        found["second"] = _plain(arrays["second"].reshape(parts.units, parts.outputs).T)
        found["secondBias"] = _plain(arrays["second_bias"])
        found["shifts"] = _plain(arrays.get("shifts", np.full(parts.units, parts.shift)))
    if parts.finish is not None:
        finish = parts.finish
        found["finish"] = {
            "firstShift": finish.first_shift,
            "factor": finish.factor,
            "secondShift": finish.second_shift,
            "offset": finish.offset,
            "digits": finish.digits,
        }
    return found


def _plain(values: np.ndarray) -> list[Any]:
    """Whole numbers as they are; floats in double precision, which holds single precision."""
    return values.tolist() if values.dtype.kind in "iu" else values.astype(float).tolist()


def _shown(model: SmallModel, rows: pd.DataFrame) -> dict[str, Any]:
    """Where the controls begin and how far they reach."""
    columns = [_values(column, rows) for column in model.columns]
    places = [_PIXEL.fullmatch(column.name) for column in model.columns]
    image = None
    if all(places):
        height, width = (1 + max(int(one[side]) for one in places if one) for side in (1, 2))
        if height * width == len(places) and min(height, width) > 1:
            image = {"height": height, "width": width}
    return {
        "rows": [list(row) for row in zip(*columns, strict=True)][:EXAMPLES],
        "start": columns and [values[0] if values else None for values in columns],
        "ranges": [_range(column, values) for column, values in zip(model.columns, columns,
                                                                    strict=True)],
        "image": image,
        "most": 1 if max(_largest(values) for values in columns) <= 1 else 255,
    }  # fmt: skip


def _values(column: Column, rows: pd.DataFrame) -> list[Any]:
    """A column's values in the rows; None where one is missing, or is infinite."""
    values = rows[column.name]
    if column.kind == "category":
        return as_words(values).tolist()
    return [value if math.isfinite(value) else None for value in as_numbers(values).tolist()]


def _largest(values: list[Any]) -> float:
    return max((value for value in values if isinstance(value, float)), default=0.0)


def _range(column: Column, values: list[Any]) -> dict[str, float] | None:
    """From the smallest to the largest number of a column, in about a hundred steps."""
    if column.kind == "category":
        return None
    known = [value for value in values if value is not None] or [float(column.fill)]
    low, high = min(known), max(known)
    if low == high:
        low, high = low - column.scale, high + column.scale
    step = 10.0 ** math.floor(math.log10((high - low) / 50)) if high > low else 1.0
    if all(value == round(value) for value in known):
        step = max(1.0, step)
    # Steps are counted from the lower end.
    return {"low": math.floor(low / step) * step, "high": math.ceil(high / step) * step,
            "step": step}  # fmt: skip


def _vectors(exported: Exported, parts: Parts, rows: pd.DataFrame) -> dict[str, Any]:
    """Rows as they are sent, and what must come of them."""
    right = expected(exported, rows.iloc[:_VECTORS])
    sent = right.codes.astype(float)
    return {
        "inputs": [[None if math.isnan(one) else one for one in row] for row in sent.tolist()],
        "outputs": right.outputs.astype(float).tolist(),
        "predictions": right.predictions.astype(float).tolist(),
        "tolerance": right.tolerance,
    }
