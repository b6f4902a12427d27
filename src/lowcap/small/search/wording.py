"""The answer in a sentence."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lowcap.small.search.answer import Answer


def number(value: float) -> str:
    """A score in three decimals, .962; larger numbers in four significant digits."""
    if abs(value) >= 10:
        return f"{value:.4g}"
    text = f"{value:.3f}"
    return text.replace("0.", ".", 1) if text.lstrip("-").startswith("0.") else text


def units(hidden: int) -> str:
    """A size in words."""
    if hidden == 0:
        return "a linear model"
    return "1 hidden unit" if hidden == 1 else f"{hidden} hidden units"


def listed(sizes: tuple[int, ...]) -> str:
    """Sizes in words: "0 (a linear model), 1 and 2"."""
    each = ["0 (a linear model)" if size == 0 else str(size) for size in sizes]
    return each[0] if len(each) == 1 else ", ".join(each[:-1]) + " and " + each[-1]


def sentence_of(told: "Answer") -> str:
    """The answer in a sentence, or in two where there is none yet."""
    open_sizes = f"{listed(told.not_excluded)} cannot be excluded" if told.not_excluded else ""
    interval = f"{number(told.score)} [{number(told.low)}, {number(told.high)}]"
    scored = f"{told.words} {interval}"
    if told.verdict == "holds":
        assert told.hidden is not None
        words = units(told.hidden)
        suffice = "suffices" if told.hidden < 2 else "suffice"
        start = words[0].upper() + words[1:] + f" {suffice}"
        beside = f" ({open_sizes})" if open_sizes else ""
        against = f" against {number(told.reference_score)} for {units(told.reference)}"
        if told.at_least is not None:
            against = f", at least {number(told.at_least)}"
        return f"{start}{beside}: {scored}{against}."
    largest = units(told.reference)
    score = "scores" if told.reference < 2 else "score"
    beside = f"a constant {number(told.constant_score)}"
    scored = f"{largest[0].upper()}{largest[1:]} {score} {scored}, {beside}"
    if told.verdict == "not reached":
        return f"Not reached: {told.reason}. {scored}."
    beside = f" Of the smaller sizes {open_sizes}." if open_sizes else ""
    return f"Undecided: {told.reason}. {scored}.{beside}"
