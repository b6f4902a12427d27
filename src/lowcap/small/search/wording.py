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


def listed(sizes: tuple[int, ...], last: str = "and") -> str:
    """Sizes in words: "0 (a linear model), 1 and 2"."""
    each = ["0 (a linear model)" if size == 0 else str(size) for size in sorted(sizes)]
    return each[0] if len(each) == 1 else f"{', '.join(each[:-1])} {last} {each[-1]}"


def sentence_of(told: "Answer") -> str:
    """The answer in a sentence, and what it leaves open in another."""
    return f"{claim_of(told)} {left_open(told)}".strip()


def claim_of(told: "Answer") -> str:
    """What is shown, in a sentence; in two where that is nothing yet."""
    interval = f"{number(told.score)} [{number(told.low)}, {number(told.high)}]"
    scored = f"{told.words} {interval}"
    if told.verdict == "holds":
        assert told.hidden is not None
        words = units(told.hidden)
        suffice = "suffices" if told.hidden < 2 else "suffice"
        start = words[0].upper() + words[1:] + f" {suffice}"
        against = f" against {number(told.reference_score)} for {units(told.reference)}"
        if told.at_least is not None:
            against = f", at least {number(told.at_least)}"
        return f"{start}: {scored}{against}."
    largest = units(told.reference)
    score = "scores" if told.reference < 2 else "score"
    beside = f"a constant {number(told.constant_score)}"
    scored = f"{largest[0].upper()}{largest[1:]} {score} {scored}, {beside}"
    return f"{told.verdict.capitalize()}: {told.reason}. {scored}."


def left_open(told: "Answer") -> str:
    """Which smaller sizes may be good enough as well, in a sentence; empty where none may.

    Sizes are smaller by their weights: a linear model of many classes has more of them than a few
    hidden units have.
    """
    sizes = told.not_excluded
    if not sizes or not told.useful:
        return ""
    if told.verdict != "holds":
        return f"As far as these rows tell, smaller sizes may do too: {listed(sizes)}."
    one = len(sizes) == 1
    networks = "a smaller network" if one else "smaller networks"
    if sizes == (0,):
        networks = "a linear model"
    else:
        networks += f", of {listed(sizes, 'or')} hidden unit{'' if sizes == (1,) else 's'},"
    more = " with fewer weights than a linear model has" if told.hidden == 0 else ""
    return f"These rows are too few to tell whether {networks} would do too{more}."
