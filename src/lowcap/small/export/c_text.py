"""Pieces of C source: comments that no text can leave, literals, arrays."""

from collections.abc import Iterable

import numpy as np

TYPES = {
    "int8": "int8_t",
    "uint8": "uint8_t",
    "int16": "int16_t",
    "uint16": "uint16_t",
    "int32": "int32_t",
    "float32": "float",
}
READS = {
    "int8": "(int8_t)pgm_read_byte",
    "uint8": "pgm_read_byte",
    "int16": "(int16_t)pgm_read_word",
    "uint16": "pgm_read_word",
    "int32": "(int32_t)pgm_read_dword",
    "float32": "pgm_read_float",
}
_LONGEST = 80


def quoted(text: object) -> str:
    """Text of the user's, for a comment: no character of it ends the comment or the line.

    Letters and digits of all scripts stay, and ASCII punctuation but for the asterisk (ends a
    comment), the backslash (joins lines) and the question mark (begins trigraphs). All else, such
    as line ends and characters that turn the direction of writing, becomes its number.
    """
    words = str(text)
    shown = "".join(
        c if c.isalnum() or (" " <= c <= "~" and c not in "*\\?") else f"<U+{ord(c):04X}>"
        for c in words[:_LONGEST]
    )
    return f'"{shown}"' + ("..." if len(words) > _LONGEST else "")


def comment(lines: Iterable[str]) -> str:
    """A comment of several lines, whose user text went through `quoted`."""
    return "/*\n" + "".join(f" * {line}".rstrip() + "\n" for line in lines) + " */\n"


def literal(value: np.generic) -> str:
    """A number as C reads it back exactly."""
    if value.dtype.kind != "f":
        return str(int(value)) if int(value) != -32768 else "-32767 - 1"
    if np.isnan(value):
        return "MODEL_MISSING"
    text = format(float(value), ".9g")
    return (text if set(text) & set(".e") else text + ".0") + "f"


def array(name: str, values: np.ndarray) -> str:
    """A constant array, in flash where the compiler must be told so."""
    words = [literal(value) for value in values.ravel()]
    lines, line = [], ""
    for word in words:
        if line and len(line) + len(word) + 2 > 92:
            lines.append(line)
            line = ""
        line += (" " if line else "") + word + ","
    body = "".join(f"    {one}\n" for one in [*lines, line])
    kind = TYPES[values.dtype.name]
    return f"static const {kind} {name}[{values.size}] MODEL_FLASH = {{\n{body}}};\n"


def read(values: np.ndarray, where: str) -> str:
    """An expression that reads one number of an array."""
    return f"MODEL_{values.dtype.name.upper()}({where})"


def flash_macros(arrays: Iterable[np.ndarray]) -> str:
    """Where arrays lie and how they are read: on AVR, flash needs instructions of its own."""
    kinds = sorted({values.dtype.name for values in arrays})
    avr = "".join(f"#define MODEL_{k.upper()}(place) ({READS[k]}(place))\n" for k in kinds)
    plain = "".join(f"#define MODEL_{k.upper()}(place) (*(place))\n" for k in kinds)
    return (
        "#if defined(__AVR__)\n#include <avr/pgmspace.h>\n#define MODEL_FLASH PROGMEM\n"
        f"{avr}#else\n#define MODEL_FLASH\n{plain}#endif\n"
    )
