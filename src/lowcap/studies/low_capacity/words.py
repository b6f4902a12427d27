"""What the page says in words, each number taken from the run."""

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from lowcap.claims import Tables
from lowcap.report import headlines, tally
from lowcap.studies.low_capacity.figures.common import percent
from lowcap.studies.low_capacity.protocols import PROTOCOLS
from lowcap.studies.low_capacity.settings import Settings

PAPER = (
    "Yash Kumar, “Understanding Generalization, Robustness, and Interpretability in "
    "Low-Capacity Neural Networks”, 2025, arXiv 2507.16278"
)


def describe(
    tables: Tables, claims: pd.DataFrame, settings: Settings, datasets: Sequence[str]
) -> Mapping[str, Any]:
    """Title, first paragraph and notes of the page."""
    networks = sum(len(tables.get(name, ())) for name in ("capacity", "learning_rate"))
    if "batch_size" in tables:
        networks += len(tables["batch_size"].drop_duplicates(["task", "hidden", "seed", "batch"]))
    return {
        "title": f"Low-capacity networks on {datasets[0]}",
        "subtitle": f"Every claim of {PAPER}, beside what happened.",
        "answer": _answer(claims),
        "facts": {"networks trained": f"{networks:,}"},
        "headlines": headlines(claims, HEADLINES),
        "notes": _notes(tables, settings),
        "conditions": {name: PROTOCOLS[name].summary for name in settings.protocol},
    }


def _answer(claims: pd.DataFrame) -> str:
    parts = []
    for condition, counts in tally(claims).items():
        judged = sum(counts.values()) - counts["not measured"]
        parts.append(f"under the {condition} protocol {counts['holds']} of {judged} hold")
    sentence = "; ".join(parts) + "."
    return "Of the claims judged as the paper states them, " + sentence


HEADLINES = {
    "Harder pairs need more units, 4 to 24": "minimum-capacity",
    "95 % of the weights can go": "hard-task-pruning",
    "Larger networks resist noise better": "noise-robustness",
}
"""The paper's headline findings, and the claim that settles each."""


def _notes(tables: Tables, settings: Settings) -> list[str]:
    notes = []
    if settings.precision != "float32":
        notes.append(
            f"Networks were trained with products of {settings.precision} factors, summed in "
            "float32; they are measured in float32."
        )
    pruned = tables["pruning"]
    at_95 = pruned[pruned["requested_sparsity"].round(4) == 0.95]
    if not at_95.empty:
        exact, released = (
            at_95[(at_95["rule"] == rule) & (at_95["scope"] == "layer")]["achieved_sparsity"].mean()
            for rule in ("exact", "released")
        )
        notes.append(
            "Pruning claims are judged twice, because the paper's text and its released code "
            "differ: the code divides the percentage by 100 twice. Asked for 95 %, the text's "
            f"rule removes {percent(exact)} of the weights here, the code's {percent(released)}."
        )
    if "published" in tables["capacity"]["protocol"].unique():
        notes.append(
            "The paper's text says SGD; its released code takes one full-batch step an epoch, "
            "100 steps in all, and reports the best training score of any epoch. The published "
            "protocol repeats that; the corrected one trains on mini-batches to the end and "
            "reports test data."
        )
    return notes
