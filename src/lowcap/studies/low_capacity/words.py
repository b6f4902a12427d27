"""What the page says in words, each number taken from the run."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from lowcap.claims import Tables
from lowcap.claims.claim import real_minus
from lowcap.report import Words, headlines, tally
from lowcap.studies.low_capacity.claims.costs import costs, scored_rows
from lowcap.studies.low_capacity.claims.said import ARXIV
from lowcap.studies.low_capacity.claims.scores import of_digits, percent
from lowcap.studies.low_capacity.claims.tolerances import choices, smallest_within
from lowcap.studies.low_capacity.protocols import (
    FIRST_LAYER,
    GLOBAL,
    LISTING,
    PROTOCOLS,
    RELEASED,
    by_protocol,
)
from lowcap.studies.low_capacity.settings import PAIRS, Settings

PAPER = (
    "Yash Kumar, “Understanding Generalization, Robustness, and Interpretability in "
    "Low-Capacity Neural Networks”, 2025, arXiv 2507.16278"
)

HEADLINES = {
    "Harder pairs need more units": "capacity-tracks-difficulty",
    "95 % of the weights can go": "hard-task-pruning",
    "Larger networks resist noise better": "noise-robustness",
}
"""The paper's headline findings, and the claim that settles each."""

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
    present = by_protocol(tables["capacity"])
    return Words(
        title=f"Low-capacity networks on {datasets[0]}",
        subtitle=f"The claims of {PAPER}, beside what happened.",
        answer=_answer(tables, claims),
        facts={"networks trained": f"{networks:,}"},
        headlines=headlines(claims, HEADLINES),
        source=ARXIV,
        notes=_notes(tables, claims, settings),
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
    return words + "."


def _answer(tables: Tables, claims: pd.DataFrame) -> str:
    parts = []
    for condition, counts in tally(claims).items():
        judged = sum(counts.values()) - counts["not measured"]
        parts.append(
            f"under the {condition} protocol {counts['holds']} of {judged} hold and "
            f"{counts['fails']} fail"
        )
    sentences = [_capacity_in_words(tables), _pruned_in_words(tables)]
    verdicts = f"Of the claims judged, each by one reading fixed in advance, {'; '.join(parts)}."
    return " ".join(filter(None, [verdicts, *sentences]))


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
    return (
        f"To come within {MARGIN:g} of the best size's F1 it takes, {over}, {_by_protocol(parts)}."
    )


def _range(low: int, high: int) -> str:
    if low == high:
        return "1 unit" if low == 1 else f"{low} units"
    return f"{low} to {high} units"


def hardest(tables: Tables) -> str:
    """The last of the paper's pairs that is there, or else the task with most linear errors."""
    tasks = [str(task) for task in tables["pruning"]["task"].unique()]
    pairs = [task for task in PAIRS if task in tasks]
    if pairs and of_digits(tables["pruning"]):
        return pairs[-1]
    if "difficulty" in tables:
        errors = tables["difficulty"].groupby("task")["linear_error"].mean()
        errors = errors[errors.index.isin(tasks)]
        if len(errors):
            return str(errors.idxmax())
    return tasks[-1]


def _lost(tables: Tables, protocol: str, task: str, rule: str) -> float | None:
    """F1 lost at 95 %, the mean over sizes above critical capacity; None where not measured."""
    found = costs(tables, protocol)
    rows = found.above_critical(task)
    rows = rows[(rows["rule"] == rule) & (rows["sparsity"] == 0.95)]
    return float(rows["lost"].mean()) if len(rows) else None


def _lost_by(tables: Tables, task: str, rule: str) -> str:
    """The same under every protocol, as one enumeration."""
    found = {
        protocol: _lost(tables, protocol, task, rule) for protocol in by_protocol(tables["pruning"])
    }
    words = {name: f"{lost:.3f}" for name, lost in found.items() if lost is not None}
    return _by_protocol(words) if words else ""


def _by_protocol(words: Mapping[str, str]) -> str:
    """Words for each protocol as one enumeration; only once where all are the same."""
    if len(words) == 1:
        return next(iter(words.values()))
    if len(set(words.values())) == 1:
        return f"{next(iter(words.values()))} (under every protocol)"
    *most, last = (f"{text} ({name})" for name, text in words.items())
    return f"{', '.join(most)} and {last}"


def _pruned_in_words(tables: Tables) -> str:
    """One sentence on pruning for the first paragraph."""
    task = hardest(tables)
    alone, together = (_lost_by(tables, task, rule.name) for rule in (LISTING, GLOBAL))
    if not (alone and together):
        return ""
    return real_minus(
        f"Without 95 % of their weights, networks on {task} lose {alone} of F1 if each layer is "
        f"pruned by itself, as the paper's listing C.1 says, and {together} if the smallest "
        "weights of both layers go."
    )


def _notes(tables: Tables, claims: pd.DataFrame, settings: Settings) -> list[str]:
    notes = [*_pruning_notes(tables), *_training_notes(tables)]
    if not of_digits(tables["capacity"]):
        notes.append(
            "These data are not handwritten digits. What the paper says of pairs of digits (which "
            "are hard, how many units each needs, where its strokes are) is not judged here; only "
            "what it says of small networks in general is."
        )
    ours = claims[claims["primary"] & claims["bound"].str.contains("our threshold")]["claim"]
    if len(ours):
        counted = claims[claims["primary"]]["claim"].nunique()
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


def _pruning_notes(tables: Tables) -> list[str]:
    """The whole story of pruning: what the code did, what the text says, what networks tolerate."""
    task = hardest(tables)
    notes = []
    code = _released_in_words(tables)
    if code:
        notes.append(code)
    text = _listing_in_words(tables, task)
    if text:
        notes.append(text)
    together = _lost_by(tables, task, GLOBAL.name)
    if together:
        first = _lost_by(tables, task, FIRST_LAYER.name)
        words = (
            "“Remove the smallest 95 %” can also be done with the weights of both layers ranked "
            "together, which mostly spares the output layer of trained networks. Then networks on "
            f"{task} lose {together} of F1; {_cut(tables, GLOBAL.name)}."
        )
        if first:
            words += f" If only the first layer is pruned, they lose {first}."
        words += (
            " Nothing is trained again after pruning. The protocols' own rules, by which claims "
            "are judged first, are listing C.1 for the released procedure and both layers together "
            "for the corrected one; every reading stands beside the others in the figures."
        )
        notes.append(words)
    return [real_minus(note) for note in notes]


def _released_in_words(tables: Tables) -> str:
    """What the released code removes when it is asked for 95 %."""
    removed, most = [], 0.0
    for protocol in by_protocol(tables["pruning"]):
        rows = scored_rows(tables, protocol)
        rows = rows[(rows["rule"] == RELEASED.name) & (rows["sparsity"] == 0.95)]
        if len(rows):
            removed.append(rows["achieved_sparsity"].mean())
            table = costs(tables, protocol).table
            table = table[(table["rule"] == RELEASED.name) & (table["sparsity"] == 0.95)]
            most = max(most, float(table["lost"].abs().max()))
    if not removed:
        return ""
    return (
        "The released code divides the percentage of weights to prune by 100 twice. Asked for "
        f"95 %, it removes {percent(float(np.mean(removed)))} of the weights here, and no mean F1 "
        f"changes by more than {most:.4f}: 95 % was never tested, and the paper's flat curves are "
        "those of networks that were hardly pruned. That is a diagnosis, not a claim that holds."
    )


def _listing_in_words(tables: Tables, task: str) -> str:
    """What the paper's text describes, and how little of a network it leaves connected."""
    lost = _lost_by(tables, task, LISTING.name)
    if not lost:
        return ""
    left = {}
    for protocol in by_protocol(tables["pruning"]):
        rows = scored_rows(tables, protocol)
        rows = rows[(rows["rule"] == LISTING.name) & (rows["sparsity"] == 0.95)]
        if len(rows):
            middle = rows["live_units"].median()
            left[protocol] = f"{middle:g} of {rows['hidden'].median():g}"
    return (
        "The paper's listing C.1 takes the percentage of each layer by itself, so also of the few "
        f"output weights. At 95 %, networks on {task} above critical capacity lose {lost} of F1 "
        f"(absolute, mean over sizes); {_cut(tables, LISTING.name)}; hidden units that still "
        f"take part in the median network: {_by_protocol(left)}."
    )


def _cut(tables: Tables, rule: str) -> str:
    """How many networks a rule cuts in two at 95 %, over all tasks."""
    parts = {}
    for protocol in by_protocol(tables["pruning"]):
        rows = scored_rows(tables, protocol)
        rows = rows[(rows["rule"] == rule) & (rows["sparsity"] == 0.95)]
        if len(rows):
            count = int((~rows["connected"].astype(bool)).sum())
            parts[protocol] = f"{count} of {len(rows):,}" if count else "none"
    return (
        "networks of all tasks in which no path leads from the pixels to the answer any more: "
        f"{_by_protocol(parts)}"
    )


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
