"""What the page says in words, each number taken from the run."""

from collections.abc import Sequence

import pandas as pd

from lowcap.claims import Tables
from lowcap.report import Words, headlines, tally
from lowcap.studies.sensitivity.claims.said import ARXIV
from lowcap.studies.sensitivity.layout import fitted
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
) -> Words:
    """Title, first paragraph and notes of the page."""
    networks, scale = tables["networks"], settings.effective_scale
    return Words(
        title=f"Sensitivity and generalization on {' and '.join(datasets)}",
        subtitle="The findings of its abstract on multilayer networks, and three from its "
        f"sections, beside what happened: {PAPER}.",
        answer=_answer(claims),
        facts={
            "networks trained": f"{len(networks):,}",
            "that fit all their training images": f"{fitted(networks).sum():,}",
        },
        headlines=headlines(claims, HEADLINES),
        source=ARXIV,
        notes=_notes(tables, settings),
        conditions={
            name: f"{scale.samples} samples of {scale.images:,} training images, "
            f"{(networks['dataset'] == name).sum():,} networks"
            for name in datasets
        },
    )


def _answer(claims: pd.DataFrame) -> str:
    parts = []
    for condition, counts in tally(claims).items():
        judged = sum(counts.values()) - counts["not measured"]
        parts.append(f"on {condition} {counts['holds']} of {judged} hold")
    return f"Of the claims judged, {'; '.join(parts)}."


def _notes(tables: Tables, settings: Settings) -> list[str]:
    networks, scale = tables["networks"], settings.effective_scale
    plain = networks[networks["shift"] == 0]
    never = plain[~fitted(plain)]
    kinds = never.value_counts(["labels", "activation"]).reset_index()
    most = "; ".join(
        f"{row['count']} with {row['labels']} labels and {row['activation']}"
        for row in kinds.head(4).to_dict("records")
    )
    rates = "; ".join(f"{name} {', '.join(map(str, values))}" for name, values in RATES.items())
    return [
        "Covered: what the abstract says of the Jacobian norm near the data, of its correlation "
        "with generalization, of four factors of good and poor generalization, and of single test "
        "points. From the paper's sections, not its abstract: that the best gap is at the largest "
        "networks that fit, that transitions do not follow under full-batch training, the three "
        "ellipses, and that norm and loss are not monotone. CIFAR, and the paper's figures over "
        "hundreds of thousands of networks, are not.",
        f"An interval says what another training sample would give. Each of the {scale.samples} "
        f"samples of {scale.images:,} images has its own initial weights, order of batches, test "
        "images and ellipses; a statistic is taken on every sample, over kinds of network that fit "
        "on all of them, and Student's t over samples gives the interval. Samples are drawn from "
        "one data set and overlap as chance has it, which the intervals cannot know of.",
        "Networks that stop when they fit have trained for different times. So every claim about "
        "networks is judged first among networks with equally many weight updates, as far as they "
        "fit all their images at the end; until each fits is the second reading.",
        "Ours, not the paper's, because its text does not fix them or because a laptop is not a "
        "cluster: inputs standardised by the mean and deviation of all pixels; batches of "
        f"{BATCH}; equal length means {scale.epochs} passes over the data, {scale.updates} updates "
        "where full batches are compared with mini-batches; learning "
        f"rates {rates}; translations of up to {SHIFT} pixels drawn anew for every batch; hard "
        "sigmoid clip(z / 6 + 1 / 2, 0, 1).",
        f"{len(never):,} of {len(plain):,} networks trained without augmentation did not classify "
        "all their training images right at the end; as in the paper they do not count, except "
        f"where said. {f'They are: {most}.' if most else ''}",
    ]
