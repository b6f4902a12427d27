"""What the page says in words, each number taken from the run."""

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from lowcap.claims import Tables
from lowcap.report import headlines, tally
from lowcap.studies.sensitivity.pairs import fitted
from lowcap.studies.sensitivity.plan import BATCH, RATES, SHIFT
from lowcap.studies.sensitivity.settings import Settings

PAPER = (
    "Novak, Bahri, Abolafia, Pennington and Sohl-Dickstein, “Sensitivity and Generalization in "
    "Neural Networks: an Empirical Study”, ICLR 2018, arXiv 1802.08760"
)

HEADLINES = {
    "Larger networks generalize better": "larger-generalize-better",
    "The Jacobian norm predicts generalization": "norm-predicts-gap",
    "Networks are robust near their data": "robust-near-data",
}
"""The paper's headline findings, and the claim that settles each."""


def describe(
    tables: Tables, claims: pd.DataFrame, settings: Settings, datasets: Sequence[str]
) -> Mapping[str, Any]:
    """Title, first paragraph and notes of the page."""
    networks = tables["networks"]
    return {
        "title": f"Sensitivity and generalization on {' and '.join(datasets)}",
        "subtitle": f"Every claim of {PAPER}, beside what happened.",
        "answer": _answer(claims),
        "facts": {
            "networks trained": f"{len(networks):,}",
            "that fit all their training images": f"{len(fitted(networks)):,}",
        },
        "headlines": headlines(claims, HEADLINES),
        "notes": _notes(tables, settings),
        "conditions": {
            name: f"{settings.chosen.images:,} training images, "
            f"{(networks['dataset'] == name).sum():,} networks"
            for name in datasets
        },
    }


def _answer(claims: pd.DataFrame) -> str:
    parts = []
    for condition, counts in tally(claims).items():
        judged = sum(counts.values()) - counts["not measured"]
        parts.append(f"on {condition} {counts['holds']} of {judged} hold")
    return f"Of the claims judged, {'; '.join(parts)}."


def _notes(tables: Tables, settings: Settings) -> list[str]:
    networks, scale = tables["networks"], settings.chosen
    never = networks[(networks["epochs"] < 0) & (networks["shift"] == 0)]
    kinds = never.value_counts(["labels", "activation"]).reset_index()
    most = "; ".join(
        f"{row['count']} with {row['labels']} labels and {row['activation']}"
        for row in kinds.head(4).to_dict("records")
    )
    rates = "; ".join(f"{name} {', '.join(map(str, values))}" for name, values in RATES.items())
    return [
        "Ours, not the paper's, because its text does not fix them or because a laptop is not a "
        f"cluster: {scale.images:,} training images a data set, so that networks can fit them all; "
        "inputs standardised by the mean and deviation of all pixels; batches of "
        f"{BATCH}; training stops when a network classifies every training image right, or after "
        f"{scale.epochs} epochs ({scale.full_batch_steps} steps with the full batch); learning "
        f"rates {rates}; translations of up to {SHIFT} pixels drawn anew for every batch; hard "
        "sigmoid clip(z / 6 + 1 / 2, 0, 1).",
        f"{len(never):,} of {(networks['shift'] == 0).sum():,} networks trained without "
        "augmentation never classified all their training images right; as in the paper they do "
        f"not count, except where said. {f'They are: {most}.' if most else ''}",
    ]
