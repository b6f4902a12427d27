"""What the page says in words, each number taken from the run."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from lowcap.claims import Tables
from lowcap.report import Words, about_others, headlines, judged_here, tally, told_first
from lowcap.studies.low_capacity.claims.said import ARXIV
from lowcap.studies.low_capacity.claims.tolerances import choices, smallest_within
from lowcap.studies.low_capacity.other_data import other_data
from lowcap.studies.low_capacity.protocols import PROTOCOLS, by_protocol
from lowcap.studies.low_capacity.pruned_words import Pruned, enumerated
from lowcap.studies.low_capacity.settings import PAIRS, Settings

PAPER = (
    "Yash Kumar, “Understanding Generalization, Robustness, and Interpretability in "
    "Low-Capacity Neural Networks”, 2025, arXiv 2507.16278"
)

HEADLINES = {
    "Harder pairs need more units": "capacity-tracks-difficulty",
    "95 % of the weights can go": "hard-task-pruning",
    "Larger networks resist noise better": "noise-robustness",
    "Losing weights seldom costs much": "graceful",
    "Simpler tasks tolerate more pruning": "simpler-tolerate-more",
    "Small networks vary more": "critical-instability",
}
"""The paper's headline findings, and the claim that settles each; the first three that the run
judges are told."""

MARGIN = 0.01
"""F1: what the first paragraph is ready to lose. Ours."""

FALLING = 0.005
"""Nats: by more than this in the last quarter of training, validation loss still falls. Ours."""

MANY = 0.05
"""A larger share of networks that still learn is said on the page. Ours."""


def describe(
    tables: Tables, claims: pd.DataFrame, settings: Settings, datasets: Sequence[str]
) -> Words:
    """Title, first paragraph and notes of the page."""
    networks = sum(len(tables[n]) for n in ("capacity", "learning_rate", "factors") if n in tables)
    if "batch_size" in tables:
        networks += len(tables["batch_size"].drop_duplicates(["task", "hidden", "seed", "batch"]))
    present, pruned = by_protocol(tables["capacity"]), Pruned(tables)
    return Words(
        title=f"Low-capacity networks on {datasets[0]}",
        subtitle=f"The claims of {PAPER}, beside what happened.",
        answer=_answer(tables, claims, pruned),
        facts={"networks trained": f"{networks:,}"},
        headlines=headlines(claims, told_first(claims, HEADLINES)),
        source=ARXIV,
        notes=[*other_data(tables, settings), *pruned.notes(), *_notes(tables, claims, settings)],
        conditions={
            name: _condition(name, present[name]) if name in present else PROTOCOLS[name].summary
            for name in settings.protocol
        },
    )


def _condition(name: str, table: pd.DataFrame) -> str:
    """What a protocol is, with the numbers of seeds that this run really has."""
    counts = table.groupby("task")["seed"].nunique()
    low, high = int(counts.min()), int(counts.max())
    seeds = f"{low}" if low == high else f"{low} to {high}"
    summary = PROTOCOLS[name].summary
    words = f"{summary[:1].upper()}{summary[1:]}. Here: {seeds} seed{'s' * (high > 1)} a task"
    if "epochs" in table:
        least, most = int(table["epochs"].min()), int(table["epochs"].max())
        epochs = f"{least:,}" if least == most else f"{least:,} to {most:,}"
        words += f", {epochs} epoch{'s' * (most > 1)}"
    if name == "published" and not set(table["task"]) <= set(PAIRS):
        words += ". Pairs that its code never trained start from weights drawn anew"
    return words + "."


def _answer(tables: Tables, claims: pd.DataFrame, pruned: Pruned) -> str:
    parts = []
    for condition, counts in tally(claims).items():
        judged = sum(counts.values()) - counts["not measured"]
        parts.append(
            f"under the {condition} protocol {counts['holds']} of {judged} hold and "
            f"{counts['fails']} fail"
            if judged
            else f"under the {condition} protocol none could be judged"
        )
    others = [f"{others}." for others in about_others(claims)]
    sentences = [_capacity_in_words(tables), pruned.sentence()]
    verdicts = f"Of the claims judged, each by one reading fixed in advance, {'; '.join(parts)}."
    return " ".join(filter(None, [verdicts, *others, *sentences]))


def _capacity_in_words(tables: Tables) -> str:
    """The smallest sufficient sizes over tasks, protocol by protocol."""
    parts = {}
    for name, table in by_protocol(tables["capacity"]).items():
        found = choices(table).values()
        sizes = [int(smallest_within(choice, np.array([MARGIN]))[0]) for choice in found]
        if sizes:
            low, high = min(sizes), max(sizes)
            parts[name] = _range(low, high)
    if not parts:
        return ""
    tasks = tables["capacity"]["task"].nunique()
    over = f"depending on which of the {tasks} tasks" if tasks > 1 else "on the one task"
    return f"To come within {MARGIN:g} of the best size's F1 it takes, {over}, {enumerated(parts)}."


def _range(low: int, high: int) -> str:
    if low == high:
        return "1 unit" if low == 1 else f"{low} units"
    return f"{low} to {high} units"


def _notes(tables: Tables, claims: pd.DataFrame, settings: Settings) -> list[str]:
    notes = _training_notes(tables)
    listed = judged_here(claims)
    ours = listed[listed["primary"] & listed["bound"].str.contains("our threshold")]["claim"]
    if len(ours):
        counted = listed[listed["primary"]]["claim"].nunique()
        notes.append(
            "The paper seldom says how much is much. A bound marked “our threshold” is ours, for "
            f"{ours.nunique()} of {counted} claims; so are the published rule's limit of 0.02 on "
            "the standard deviation over seeds (the paper says “stable”) and the margin of "
            f"{MARGIN:g} of F1 in the first paragraph. The figure of tolerances shows what other "
            "margins would give."
        )
    if settings.precision != "float32":
        notes.append(
            f"Networks were trained with products of {settings.precision} factors, summed in "
            "float32; they are measured in float32."
        )
    return notes


def _training_notes(tables: Tables) -> list[str]:
    present = by_protocol(tables["capacity"])
    notes = []
    if {"published", "replicated"} & set(present):
        words = (
            "The paper's text says SGD; its released code takes one full-batch step an epoch, and "
            "reports the best training score of any epoch. The published protocol repeats that "
            "with the author's own seeds"
        )
        if "replicated" in present:
            seeds = int(present["replicated"].groupby("task")["seed"].nunique().max())
            words += (
                f", the replicated one with {seeds} fresh seed{'s' * (seeds > 1)}, which "
                "carry the verdict on the procedure"
            )
        if "corrected" in present:
            words += "; the corrected one trains on mini-batches to the end and reports test data"
        notes.append(words + ".")
    for name, table in present.items():
        if "val_loss_fall" in table and table["val_loss_fall"].notna().any():
            falls = table["val_loss_fall"].dropna()
            still = int((falls > FALLING).sum())
            if still > MANY * len(falls):
                notes.append(
                    f"Under the {name} protocol the validation loss of {still:,} of {len(falls):,} "
                    f"networks still falls at the end, by more than {FALLING} nats in the last "
                    "quarter of training: they are not done learning, and longer training would "
                    "change their scores."
                )
    return notes
