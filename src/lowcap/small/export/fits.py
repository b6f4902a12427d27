"""Whether exported code, as it was compiled and run, fits the bytes that the user has."""

from collections.abc import Mapping

from lowcap.small.export.checking import Checked


def measured(one: Checked) -> dict[str, int]:
    """All that a prediction takes on a chip, by the names of a budget."""
    return {
        "flash": one.flash_bytes + one.library_bytes,
        "ram": one.ram_bytes + one.input_bytes,
    }


def beside_budget(one: Checked, budget: Mapping[str, int]) -> str:
    """What was measured of one chip beside a budget, in a line; empty without either.

    Args:
        one: from `check`.
        budget: bytes of "flash" and "ram", or of one of them.
    """
    if one.trouble or not budget:
        return ""
    whole = {"flash": "bytes of flash with the code", "ram": "bytes of RAM with stack and inputs"}
    parts = []
    for name, taken in measured(one).items():
        if name in budget:
            said = "fits" if taken <= budget[name] else "does not fit"
            parts.append(f"{taken:,} of {budget[name]:,} {whole[name]} ({said})")
    here = " as compiled for this machine" if one.chip == "host" else ""
    return f"{one.chip}: the budget{here}: {', '.join(parts)}"
