"""The functions of the exported C code, put together for one model."""

from lowcap.small.export.c_parts import Parts
from lowcap.small.export.c_text import read
from lowcap.small.export.coding import LARGEST, ONE


def prepare(parts: Parts) -> str:
    """Columns into inputs: missing values filled, categories and flags as inputs of their own."""
    kinds, fill = parts.arrays["kinds"], parts.arrays["fill"]
    flag, one = (32768, 32767) if kinds.itemsize == 2 else (128, 127)
    missing = "value == MODEL_MISSING" if parts.integer else "value != value"
    applies, zero = (str(ONE), "0") if parts.integer else ("1.0f", "0.0f")
    here = "value == (int16_t)each" if parts.integer else "value == (float)each"
    return f"""\
static inline void model_prepare(const model_input *x, model_input *inputs)
{{
    uint16_t column, each;
    for (column = 0; column < MODEL_COLUMNS; column++) {{
        const uint16_t kind = {read(kinds, "&model_kinds[column]")};
        const uint16_t categories = kind & {one}u;
        model_input value = x[column];
        const uint8_t missing = {missing};
        if (missing)
            value = {read(fill, "&model_fill[column]")};
        if (categories == 0)
            *inputs++ = value;
        for (each = 0; each < categories; each++)
            *inputs++ = {here} ? {applies} : {zero};
        if (kind & {flag}u)
            *inputs++ = missing ? {applies} : {zero};
    }}
}}
"""


def outputs(parts: Parts) -> str:
    """The network: each hidden unit's value is used up as soon as it is known."""
    prepared = parts.coding.form == "prepared"
    first, hidden = parts.arrays["first"], "second" in parts.arrays
    first_bias = read(parts.arrays["first_bias"], "&model_first_bias[unit]")
    weight = f"const {'int8_t' if parts.integer else 'float'} *"
    sparse, mapped = "gaps" in parts.arrays, "map" in parts.arrays
    lines = [
        "static inline void model_outputs(const model_input *x, model_output *outputs)",
        "{",
        f"    {weight}weight = model_first;",
        *(["    const uint8_t *gap = model_gaps;"] if sparse else []),
        *(["    const uint8_t *map = model_map;", "    uint8_t bits = 0;"] if mapped else []),
        *([f"    {weight}behind = model_second;"] if hidden else []),
        f"    uint16_t unit, place{', left' if sparse else ''}{', output' if hidden else ''};",
    ]
    if prepared:
        lines += ["    model_input inputs[MODEL_INPUTS];", "    model_prepare(x, inputs);"]
    if hidden:
        bias = read(parts.arrays["second_bias"], "&model_second_bias[output]")
        lines += [
            "    for (output = 0; output < MODEL_OUTPUTS; output++)",
            f"        outputs[output] = {bias};",
        ]
    lines += [
        "    for (unit = 0; unit < MODEL_UNITS; unit++) {",
        f"        model_output sum = {first_bias};",
        *_sum(parts, "inputs" if prepared else "x", read(first, "weight")),
        *(_behind(parts) if hidden else ["        outputs[unit] = sum;"]),
        "    }",
        "}",
    ]
    return "\n".join(lines) + "\n"


def _sum(parts: Parts, inputs: str, weight: str) -> list[str]:
    """The first layer's sum of one unit."""
    value = f"{inputs}[place]"
    if not parts.integer:
        product = f"{weight} * {value}"
    elif parts.coding.raises:
        pair = read(parts.arrays["raises"], "&model_raises[place >> 1]")
        raised = f"(({pair} >> ((place & 1) << 2)) & 15)"
        product = f"(int32_t){weight} * ((int32_t){value} << {raised})"
    elif parts.coding.form == "bytes":
        product = f"(int16_t)({weight} * {value})"  # 127 x 255 is below 2^15
    else:
        product = f"(int32_t){weight} * {value}"
    if "map" in parts.arrays:
        return [
            "        for (place = 0; place < MODEL_INPUTS; place++) {",
            "            if ((place & 7) == 0) {",
            f"                bits = {read(parts.arrays['map'], 'map')};",
            "                map++;",
            "            }",
            "            if (bits & 1) {",
            f"                sum += {product};",
            "                weight++;",
            "            }",
            "            bits >>= 1;",
            "        }",
        ]
    if "gaps" not in parts.arrays:
        return [
            "        for (place = 0; place < MODEL_INPUTS; place++) {",
            f"            sum += {product};",
            "            weight++;",
            "        }",
        ]
    return [
        "        place = 0;",
        f"        left = {read(parts.arrays['counts'], '&model_counts[unit]')};",
        "        for (; left > 0; left--) {",
        f"            place = (uint16_t)(place + {read(parts.arrays['gaps'], 'gap')});",
        f"            sum += {product};",
        "            place++;",
        "            weight++;",
        "            gap++;",
        "        }",
    ]


def _behind(parts: Parts) -> list[str]:
    """The hidden unit's value, and what it adds to each output."""
    weight = read(parts.arrays["second"], "behind")
    product = f"(int32_t){weight} * (int16_t)sum" if parts.integer else f"{weight} * sum"
    return [
        "        if (sum > 0) {",
        *(_rescale(parts) if parts.integer else []),
        "            for (output = 0; output < MODEL_OUTPUTS; output++) {",
        f"                outputs[output] += {product};",
        "                behind++;",
        "            }",
        "        } else {",
        "            behind += MODEL_OUTPUTS;",
        "        }",
    ]


def _rescale(parts: Parts) -> list[str]:
    """A sum becomes a hidden value of 16 bits."""
    lines = []
    if "shifts" in parts.arrays:
        own = read(parts.arrays["shifts"], "&model_shifts[unit]")
        lines += [
            f"            const uint8_t shift = {own};",
            "            sum = (sum + (((int32_t)1 << shift) >> 1)) >> shift;",
        ]
    elif parts.shift:
        lines.append(f"            sum = (sum + {1 << parts.shift >> 1}) >> {parts.shift};")
    if parts.saturates:
        lines += [f"            if (sum > {LARGEST})", f"                sum = {LARGEST};"]
    return lines


def predict(parts: Parts) -> str:
    """What the caller wants to know: a class's number, or a number."""
    if parts.finish is not None:
        return _finish(parts)
    if not parts.model.classes:
        said = "    return outputs[0];"
    elif len(parts.model.classes) == 2:
        said = "    return outputs[0] >= 0;"
    else:
        said = """\
    model_prediction best = 0;
    uint16_t output;
    model_outputs(x, outputs);
    for (output = 1; output < MODEL_OUTPUTS; output++)
        if (outputs[output] > outputs[best])
            best = (model_prediction)output;
    return best;"""
    call = "" if "model_outputs(" in said else "    model_outputs(x, outputs);\n"
    return _predict(f"{call}{said}\n")


def _predict(body: str) -> str:
    return (
        "static inline model_prediction model_predict(const model_input *x)\n{\n"
        f"    model_output outputs[MODEL_OUTPUTS];\n{body}}}\n"
    )


def _finish(parts: Parts) -> str:
    finish = parts.finish
    assert finish is not None
    narrowed = f"""\
    int32_t value;
    model_outputs(x, outputs);
    value = model_shifted(outputs[0], {finish.first_shift});
    if (value > {LARGEST})
        value = {LARGEST};
    if (value < -{LARGEST})
        value = -{LARGEST};
    return model_shifted(value * {finish.factor}, {finish.second_shift}) + ({finish.offset});
"""
    return f"""\
/* Divided by 2^shift and rounded, halves away from 0. */
static inline int32_t model_shifted(int32_t value, uint8_t shift)
{{
    const int32_t half = ((int32_t)1 << shift) >> 1;
    return value < 0 ? -((half - value) >> shift) : (value + half) >> shift;
}}

{_predict(narrowed)}"""
