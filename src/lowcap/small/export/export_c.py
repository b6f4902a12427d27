"""A small model as C99: one header, no library, no heap, constant weights.

`model_header` writes what goes on the chip, `vectors_header` rows to test it with there.
"""

import numpy as np
import pandas as pd

from lowcap.errors import SettingsError
from lowcap.small.export import c_code
from lowcap.small.export.c_parts import Exported, Parts, expected, parts_of
from lowcap.small.export.c_text import array, comment, flash_macros, literal, quoted, read
from lowcap.small.export.coding import Code

VECTOR_BYTES = 12_000
"""The test vectors must fit beside the model into a small chip's flash."""


_NAN = [
    "#if defined(__GNUC__)",
    '#define MODEL_MISSING (__builtin_nanf(""))',
    "#else",
    "#define MODEL_MISSING (0.0f / 0.0f)",
    "#endif",
]


def model_header(exported: Exported) -> str:
    """The text of ``model.h``.

    Raises:
        SettingsError: the network cannot be exported.
    """
    parts = parts_of(exported)
    if max(len(parts.coding.step), parts.units) >= 65_535:
        raise SettingsError("the network is too large for a micro-controller")
    pieces = [
        comment(_about(parts)),
        "#ifndef MODEL_H\n#define MODEL_H\n\n#include <stdint.h>\n",
        flash_macros(parts.arrays.values()),
        _names(parts),
        *(array(f"model_{name}", values) for name, values in parts.arrays.items()),
        *([c_code.prepare(parts)] if parts.coding.form == "prepared" else []),
        c_code.outputs(parts),
        c_code.predict(parts),
        "#endif\n",
    ]
    return "\n".join(pieces)


def _names(parts: Parts) -> str:
    """Sizes and types."""
    sent = {"bytes": "uint8_t"}.get(parts.coding.form, "int16_t")
    whole = "int32_t" if parts.integer else "float"
    few = "uint8_t" if len(parts.model.classes) <= 256 else "uint16_t"
    lines = [
        f"#define MODEL_COLUMNS {len(parts.coding.codes)}",
        f"#define MODEL_INPUTS {len(parts.coding.step)}",
        f"#define MODEL_UNITS {parts.units}",
        f"#define MODEL_OUTPUTS {parts.outputs}",
        f"#define MODEL_FLASH_BYTES {parts.flash}",
    ]
    if parts.coding.form == "prepared":
        lines += ["#define MODEL_MISSING (-32767 - 1)"] if parts.integer else _NAN
    if parts.finish is not None:
        lines.append(f"#define MODEL_DIGITS ({parts.finish.digits})")
    lines += [
        f"typedef {sent if parts.integer else 'float'} model_input;",
        f"typedef {whole} model_output;",
        f"typedef {few if parts.model.classes else whole} model_prediction;",
    ]
    return "\n".join(lines) + "\n"


def _about(parts: Parts) -> list[str]:
    """What a reader of the header must know to use it."""
    model = parts.model
    arithmetic = "whole numbers" if parts.integer else "32-bit floating point"
    lines = [
        f"A small network in {arithmetic}, written by lowcap. Include it in one C file and call",
        "    model_predict(x)",
        f"with {len(parts.coding.codes)} values, the columns in this order:",
        "",
        *(_column(parts, place, code) for place, code in enumerate(parts.coding.codes)),
        "",
        *_missing(parts),
    ]
    if model.classes:
        lines += ["It returns the class's number:", ""]
        lines += [f"    {number} = {quoted(label)}" for number, label in enumerate(model.classes)]
    elif parts.finish is not None:
        lines += [
            f"It returns the prediction times 2^{parts.finish.digits}, rounded (MODEL_DIGITS is",
            f"{parts.finish.digits}).",
        ]
    else:
        lines.append("It returns the prediction.")
    return [
        *lines,
        "",
        "Weights and tables take MODEL_FLASH_BYTES bytes; instructions come on top.",
    ]


def _missing(parts: Parts) -> list[str]:
    if parts.coding.form != "prepared":
        return ["For a missing value send what stands behind it as such.", ""]
    if parts.integer:
        return ["A missing value is sent as MODEL_MISSING, which is -32768.", ""]
    return ["A missing value is sent as MODEL_MISSING, a NaN: do not compile with -ffast-math.", ""]


def _column(parts: Parts, place: int, code: Code) -> str:
    """How one column's value is sent."""
    start = f"    x[{place}]  {quoted(code.column.name)}"
    if code.values:
        named = [f"{n} = {quoted(word)}" for n, word in enumerate(code.column.categories)]
        return f"{start}: {', '.join(named)}, {code.values} = any other"
    if not parts.integer:
        how = "a number"
    elif parts.coding.form == "bytes":
        how = "0 to 255"
    else:
        value = f"(value - {code.origin!r})" if code.origin else "value"
        how = f"{value} * 2^{code.shift}, rounded, held within -32767 to 32767"
    if parts.coding.form != "prepared":
        how += (
            f"; missing: {literal(np.float32(code.fill)) if not parts.integer else int(code.fill)}"
        )
    return f"{start}: {how}"


def vectors_header(exported: Exported, rows: pd.DataFrame, limit: int = VECTOR_BYTES) -> str:
    """The text of ``test_vectors.h``: rows, and what ``model.h`` must say of them.

    Args:
        exported: the model that ``model.h`` was written of.
        rows: in the user's units; as many as fit are taken, from the first on.
        limit: bytes that the vectors may take.

    Raises:
        SettingsError: no row fits.
    """
    parts, right = parts_of(exported), expected(exported, rows)
    inputs, outputs, said = _typed(parts, right.codes, right.outputs, right.predictions)
    each = inputs[:1].nbytes + outputs[:1].nbytes + said[:1].nbytes
    count = min(len(inputs), limit // max(each, 1))
    if count < 1:
        raise SettingsError("no row can serve as a test vector")
    arrays = {
        "model_vector_inputs": inputs[:count],
        "model_vector_outputs": outputs[:count],
        "model_vector_predictions": said[:count],
    }
    return "\n".join(
        [
            comment(
                [
                    "Rows to test model.h with, written by lowcap: model_mismatches() counts those",
                    "of which it says something else than the reference. It must return 0.",
                ]
            ),
            "#ifndef MODEL_TEST_VECTORS_H\n#define MODEL_TEST_VECTORS_H\n",
            '#include "model.h"\n',
            f"#define MODEL_VECTORS {count}\n",
            *(array(name, values) for name, values in arrays.items()),
            _mismatches(parts, arrays, right.tolerance),
            "#endif\n",
        ]
    )


def _typed(parts: Parts, codes: np.ndarray, outputs: np.ndarray, said: np.ndarray) -> tuple:
    whole = np.int32 if parts.integer else np.float32
    few = np.uint8 if len(parts.model.classes) <= 256 else np.uint16
    return codes, outputs.astype(whole), said.astype(few if parts.model.classes else whole)


def _mismatches(parts: Parts, arrays: dict[str, np.ndarray], tolerance: float) -> str:
    inputs, outputs, said = arrays.values()
    macros = {"MODEL_" + v.dtype.name.upper(): v for v in arrays.values()}
    known = {"MODEL_" + v.dtype.name.upper() for v in parts.arrays.values()}
    extra = [values for name, values in macros.items() if name not in known]
    off = f"{literal(np.float32(tolerance))}"
    differ = "outputs[each] != right"
    wrong = f"model_predict(x) != {read(said, '&model_vector_predictions[row]')}"
    if not parts.integer:
        differ = f"!(outputs[each] - right <= {off} && right - outputs[each] <= {off})"
    if not parts.integer and not parts.model.classes:
        wrong = "model_predict(x) != outputs[0]"
    reads = _extra(extra) if extra else ""
    return f"""\
{reads}#define MODEL_VECTOR_INPUT(place) {read(inputs, "&model_vector_inputs[place]")}

static inline uint16_t model_mismatches(void)
{{
    model_input x[MODEL_COLUMNS];
    model_output outputs[MODEL_OUTPUTS];
    uint16_t row, each, mismatches = 0;
    for (row = 0; row < MODEL_VECTORS; row++) {{
        uint8_t wrong = 0;
        for (each = 0; each < MODEL_COLUMNS; each++)
            x[each] = MODEL_VECTOR_INPUT(row * MODEL_COLUMNS + each);
        model_outputs(x, outputs);
        for (each = 0; each < MODEL_OUTPUTS; each++) {{
            const model_output right =
                {read(outputs, "&model_vector_outputs[row * MODEL_OUTPUTS + each]")};
            if ({differ})
                wrong = 1;
        }}
        if ({wrong})
            wrong = 1;
        mismatches += wrong;
    }}
    return mismatches;
}}
"""


def _extra(arrays: list[np.ndarray]) -> str:
    """The reading macros that model.h had no need of."""
    both = flash_macros(arrays).splitlines()
    kept = [line for line in both if "MODEL_FLASH" not in line and "#include" not in line]
    return "\n".join(kept) + "\n\n"
