"""Which network is kept, and the sentence that says why."""

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from lowcap.small.frontier import beside_reference, dispensable, within
from lowcap.small.search.answer import Answer, Verdict, beyond
from lowcap.small.search.search import Searched
from lowcap.small.search.wording import claim_of, left_open, number, units


@dataclass(frozen=True)
class Settled:
    """The network that is kept, and what is known of it."""

    hidden: int
    sparsity: float
    bits: int
    verdict: Verdict
    """Whether it is shown to be good enough in the form that is exported."""
    reason: str
    """Why the verdict is not "holds"."""
    score: float
    low: float
    high: float
    sentence: str


def settle(
    told: Answer,
    table: pd.DataFrame,
    scores: pd.DataFrame,
    searched: Searched,
    bits: int,
    budget: Mapping[str, int],
) -> Settled:
    """Choose the network to keep.

    It is the smallest size that suffices without the weights that can go; where no size is shown to
    suffice, the largest. A budget that this does not meet is filled with the best of those that do.

    Args:
        told: the answer of dense networks in floating point.
        table: the frontier.
        scores: of the folds behind it.
        searched: the search.
        bits: in which the network is exported.
        budget: bytes of "flash" and "ram"; may be empty.

    Raises:
        SettingsError: nothing meets the budget.
    """
    own = scores[scores["bits"] == bits]
    if told.hidden is None:
        flash = _flash(table, told.reference, 0.0, bits)
        sentence = _joined(claim_of(told), f"The largest is kept: {flash}", left_open(told))
        kept = _settled(told, told.reference, 0.0, bits, told.verdict, told.reason, sentence)
    else:
        kept = _smallest(told, told.hidden, table, own, searched, bits)
    if not budget:
        return kept
    return _within(kept, told, within(table, bits, budget), own, searched, budget)


def _smallest(
    told: Answer,
    hidden: int,
    table: pd.DataFrame,
    scores: pd.DataFrame,
    searched: Searched,
    bits: int,
) -> Settled:
    """The size that suffices in floating point, as it is exported and without what can go."""
    spare = dispensable(scores[scores["hidden"] == hidden], searched, told)
    sparsity = _there(table, hidden, spare.sparsity)
    flash = _flash(table, hidden, sparsity, bits)
    start, still_open = claim_of(told).removesuffix("."), left_open(told)
    if bits == 8 and spare.dense != "holds":
        shown = "shown not to be" if spare.dense == "not reached" else "not shown to be"
        reason = f"in whole numbers the network is {shown} good enough"
        sentence = (
            f"{spare.dense.capitalize()}: {reason}. In floating point "
            f"{start[0].lower()}{start[1:]}; {flash}"
        )
        sentence = _joined(sentence, still_open)
        return _settled(told, hidden, sparsity, bits, spare.dense, reason, sentence)
    words = f"{100 * sparsity:.3g} % of its weights can go"
    if not sparsity:
        words = "none of its weights is shown to be spare"
    sentence = _joined(f"{start}; {words}; {flash}", still_open)
    return _settled(told, hidden, sparsity, bits, "holds", "", sentence)


def _joined(*sentences: str) -> str:
    """Those that there are, beside one another."""
    return " ".join(one for one in sentences if one)


def _settled(
    told: Answer,
    hidden: int,
    sparsity: float,
    bits: int,
    verdict: Verdict,
    reason: str,
    sentence: str,
) -> Settled:
    """A network of the answer's size, with the answer's score."""
    return Settled(
        hidden, sparsity, bits, verdict, reason, told.score, told.low, told.high, sentence
    )


def _flash(table: pd.DataFrame, hidden: int, sparsity: float, bits: int) -> str:
    """What it takes on a chip, in words."""
    same = (table["hidden"] == hidden) & (table["sparsity"] == sparsity) & (table["bits"] == bits)
    flash = int(table[same].iloc[0]["flash_bytes"])
    return f"{flash:,} bytes of flash as {'int8' if bits == 8 else 'float32'}."


def _there(table: pd.DataFrame, hidden: int, sparsity: float) -> float:
    """The sparsity, or the largest below it that a small network can have."""
    own = table[(table["hidden"] == hidden) & (table["sparsity"] <= sparsity)]
    return float(own["sparsity"].max())


def _within(
    kept: Settled,
    told: Answer,
    fits: pd.DataFrame,
    scores: pd.DataFrame,
    searched: Searched,
    budget: Mapping[str, int],
) -> Settled:
    """The same if it fits the budget; else the best network that does."""
    asked = " and ".join(f"{most:,} bytes of {name}" for name, most in budget.items())
    asked = asked.replace("ram", "RAM")
    if ((fits["hidden"] == kept.hidden) & (fits["sparsity"] == kept.sparsity)).any():
        return kept
    ordered = fits.sort_values(["score", "flash_bytes"], ascending=[False, True], kind="stable")
    best = ordered.iloc[0]
    hidden, sparsity = int(best["hidden"]), float(best["sparsity"])
    own = scores[(scores["hidden"] == hidden) & (scores["sparsity"] == sparsity)]
    values, reference = beside_reference(own, searched, told)
    low, high = beyond(
        values[0], reference, searched.ratio, told.tolerance, told.at_least, searched.metric,
        searched.rows,
    )  # fmt: skip
    verdict: Verdict = "holds" if low >= 0 else "not reached" if high < 0 else "undecided"
    if not told.useful and verdict != "not reached":
        verdict = told.verdict  # to be as good as the largest is then to be good at nothing
    thin = f" without {100 * sparsity:.3g} % of the weights" if sparsity else ""
    shown = {
        "holds": "which is shown to be good enough",
        "undecided": "which is not shown to be good enough",
        "not reached": "which is shown not to be good enough",
    }[verdict]
    sentence = (
        f"Within {asked}: {units(hidden)}{thin}, the best of {len(fits)} that fit, scoring "
        f"{number(best['score'])} [{number(best['low'])}, {number(best['high'])}] against "
        f"{number(told.reference_score)} for {units(told.reference)}, {shown}; "
        f"{int(best['flash_bytes']):,} bytes of flash, {int(best['ram_bytes']):,} of RAM."
    )
    score, below, above = (float(best[name]) for name in ("score", "low", "high"))
    reason = "" if verdict == "holds" else f"the best that fits the budget, {shown}"
    return Settled(hidden, sparsity, kept.bits, verdict, reason, score, below, above, sentence)
