"""How the values of a table's columns are handed to the exported code, and what it makes of them.

There are three forms. "bytes": every column is a whole number from 0 to 255. "numbers": every
column is a number. "prepared": some column is a category or has a flag for missing values; the code
then first turns the values into the network's inputs. Only in that form may a value be missing;
in the others `fill` is sent in its place.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np
import pandas as pd
from jaxtyping import Float, Shaped

from lowcap.errors import SettingsError
from lowcap.small.model import Column, SmallModel
from lowcap.small.table.cells import as_numbers, as_words

Form = Literal["bytes", "numbers", "prepared"]
MISSING = -32768
"""Stands for a missing value among integers; among floats it is NaN."""
LARGEST = 32767
ONE = 256
"""What a category or a flag that applies is among integer inputs."""

_HIGHEST = 10
"""Bytes are multiplied by 2^10 at most."""

Codes = Shaped[np.ndarray, "rows columns"]


@dataclass(frozen=True)
class Code:
    """How one column's value is sent.

    A number is sent as (number - origin) * 2^shift, rounded to the nearest whole number (halves to
    the even one) and held within -32767..32767; a byte and a float are sent as they are. A category
    is sent as its place among the column's categories, counted from 0; one that is not among them
    as their number.
    """

    column: Column
    origin: float = 0.0
    shift: int = 0
    fill: float = 0.0
    """What the code takes a missing value for, as it would be sent."""

    @property
    def values(self) -> int:
        """How many categories there are; 0 for a number."""
        return len(self.column.categories) if self.column.kind == "category" else 0


@dataclass(frozen=True)
class Coding:
    """How all columns are sent, and the inputs that follow from what was sent."""

    form: Form
    codes: tuple[Code, ...]
    integer: bool
    raises: tuple[int, ...] = ()
    """Of bytes: the power of two that each is multiplied by; empty where that is 1 throughout."""

    def encode(self, table: pd.DataFrame) -> Codes:
        """What is sent of each row: integers, or float32."""
        columns = [self._encode(code, table[code.column.name]) for code in self.codes]
        found = np.stack(columns, axis=1)
        if not self.integer:
            return found.astype(np.float32)
        return found.astype(np.uint8 if self.form == "bytes" else np.int16)

    def _encode(self, code: Code, values: pd.Series) -> Float[np.ndarray, " rows"]:
        missing = values.isna().to_numpy()
        gone = (MISSING if self.integer else np.nan) if self.form == "prepared" else code.fill
        if code.column.kind == "number":
            numbers = np.where(missing, 0, as_numbers(values))
            sent = self._sent(code, numbers)
        else:
            sent = _places(code.column, values)
        return np.where(missing, gone, sent)

    def _sent(self, code: Code, numbers: Float[np.ndarray, " rows"]) -> Float[np.ndarray, " rows"]:
        if not self.integer:
            with np.errstate(over="ignore"):  # infinite, as it is on the chip
                return numbers.astype(np.float32).astype(float)
        if self.form == "bytes":
            return np.clip(np.rint(numbers), 0, 255)
        scaled = np.ldexp(numbers - code.origin, code.shift)
        return np.clip(np.rint(scaled), -LARGEST, LARGEST)

    def inputs(self, codes: Codes) -> Float[np.ndarray, "rows inputs"]:
        """What the code makes of what was sent; whole numbers, if integers were sent."""
        sent = codes.astype(float)
        if self.form != "prepared":
            return sent * np.exp2(self.raises) if self.raises else sent
        one = float(ONE if self.integer else 1)
        found = []
        for code, values in zip(self.codes, sent.T, strict=True):
            missing = values == MISSING if self.integer else np.isnan(values)
            filled = np.where(missing, code.fill, values)[:, None]
            if code.values:
                filled = one * (filled == np.arange(code.values))
            found.append(filled)
            if code.column.flagged:
                found.append(one * missing[:, None])
        return np.hstack(found)

    @cached_property
    def step(self) -> Float[np.ndarray, " inputs"]:
        """What 1 more of each of those inputs is to the network as it was trained."""
        found = []
        for place, code in enumerate(self.codes):
            raised = self.raises[place] if self.raises else 0
            number = code.column.kind == "number"
            flags = [1 / ONE if self.integer else 1.0]
            own = [np.ldexp(1 / code.column.scale, -code.shift - raised)]
            found += (own if number else flags * code.values) + flags * code.column.flagged
        return np.array(found)

    @cached_property
    def centre(self) -> Float[np.ndarray, " inputs"]:
        """What those inputs are where the network as it was trained sees 0."""
        found = []
        for place, code in enumerate(self.codes):
            raised = self.raises[place] if self.raises else 0
            own = [float(np.ldexp(code.column.mean - code.origin, code.shift + raised))]
            number = code.column.kind == "number"
            found += (own if number else [0.0] * code.values) + [0.0] * code.column.flagged
        return np.array(found)

    @cached_property
    def most(self) -> Float[np.ndarray, " inputs"]:
        """The largest size of each of those inputs, whatever is sent; of integers only."""
        if self.form == "bytes":
            raises = self.raises or (0,) * len(self.codes)
            return np.array([255.0 * 2**raised for raised in raises])
        found = []
        for code in self.codes:
            number = code.column.kind == "number"
            own = [-float(MISSING)] if number else [float(ONE)] * code.values
            found += own + [float(ONE)] * code.column.flagged
        return np.array(found)


def _places(column: Column, values: pd.Series) -> Float[np.ndarray, " rows"]:
    """Each value's place among the categories; their number for one that is not among them."""
    place = {name: float(number) for number, name in enumerate(column.categories)}
    return np.array([place.get(word, len(place)) for word in as_words(values)], float)


def _coding(
    form: Form, columns: Sequence[Column], integer: bool, scaled: Callable[[Column], Code]
) -> Coding:
    """The coding of columns, once it is known how numbers are scaled; fills come of it."""
    plain = Coding(form, tuple(scaled(column) for column in columns), integer)
    codes = []
    for code in plain.codes:
        if code.column.kind == "category":
            fill = float(_places(code.column, pd.Series([str(code.column.fill)]))[0])
        else:
            fill = float(plain._sent(code, np.array([float(code.column.fill)]))[0])
        codes.append(Code(code.column, code.origin, code.shift, fill))
    return Coding(form, tuple(codes), integer)


def _form(columns: Sequence[Column]) -> Form:
    plain = all(column.kind == "number" and not column.flagged for column in columns)
    return "numbers" if plain else "prepared"


def float_coding(model: SmallModel) -> Coding:
    """Values are sent as they are, in single precision; categories as their places."""
    _check_categories(model)
    return _coding(_form(model.columns), model.columns, False, Code)


def integer_coding(model: SmallModel, calibration: pd.DataFrame) -> Coding:
    """Values are sent as bytes if they all are that in the rows given, else as 16-bit integers."""
    _check_categories(model)
    form = _form(model.columns)
    if form == "numbers" and all(_is_byte(calibration[c.name]) for c in model.columns):
        plain = _coding("bytes", model.columns, True, Code)
        return Coding("bytes", plain.codes, True, _raises(model.columns))
    return _coding(
        form, model.columns, True, lambda column: _fixed_point(column, calibration[column.name])
    )


def _check_categories(model: SmallModel) -> None:
    for column in model.columns:
        if column.kind == "category" and not 0 < len(column.categories) < LARGEST:
            raise SettingsError(
                f"column '{column.name}': {len(column.categories)} categories cannot be exported"
            )


def _is_byte(values: pd.Series) -> bool:
    numbers = as_numbers(values)
    return bool(((numbers >= 0) & (numbers <= 255) & (numbers % 1 == 0)).all())


def _raises(columns: Sequence[Column]) -> tuple[int, ...]:
    """Powers of two that bring bytes of very different spread to about the same.

    A pixel that is seldom above 0 has a small scale, and its weights, once they are divided by it,
    would be so large that 8 bits left nothing of the other pixels' weights.
    """
    scales = np.array([column.scale for column in columns])
    raises = np.clip(np.rint(np.log2(scales.max() / scales)), 0, _HIGHEST).astype(int)
    return tuple(map(int, raises)) if raises.max() > 1 else ()


def _fixed_point(column: Column, values: pd.Series) -> Code:
    """A power of two for which one scale of the column is 256 to 512 steps.

    Where values lie far out it is up to four times less; what lies farther is held at the end of
    the range. A column that lies far from 0 for its scale is counted from an origin of its own.
    """
    if column.kind == "category":
        return Code(column)
    step = 2.0 ** np.ceil(np.log2(column.scale))
    far = abs(column.mean) > 32 * column.scale
    origin = float(np.rint(column.mean / step) * step) if far else 0.0
    numbers = as_numbers(values)
    farthest = np.abs(numbers[np.isfinite(numbers)] - origin).max(initial=0.0)
    shift = int(np.floor(np.log2(2 * ONE / column.scale)))
    if farthest > 0:
        shift = min(shift, max(shift - 2, int(np.floor(np.log2(LARGEST / farthest)))))
    return Code(column, origin, shift)
