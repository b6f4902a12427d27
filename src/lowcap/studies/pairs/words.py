"""What the page says in words, each number taken from the run."""

from collections.abc import Sequence

import pandas as pd

from lowcap.claims import Tables
from lowcap.report import Words, headlines
from lowcap.report.page import counted
from lowcap.studies.low_capacity.claims.said import ARXIV
from lowcap.studies.pairs.settings import Settings

HEADLINES = {
    "Harder pairs need more hidden units": "capacity-follows-difficulty",
    "No pair needs more than 24": "sufficient-everywhere",
    "Need grows along a line": "capacity-linear-in-difficulty",
}
"""What the paper says and leaves open, and the claim that settles each."""


def describe(
    tables: Tables, claims: pd.DataFrame, settings: Settings, datasets: Sequence[str]
) -> Words:
    """Title, first paragraph and notes of the page."""
    errors = tables["errors"]
    count = settings.classes * (settings.classes - 1) // 2
    networks = errors.drop_duplicates(["dataset", "task", "hidden", "seed"])
    return Words(
        title=f"Do harder pairs need larger networks? All pairs of {' and '.join(datasets)}",
        subtitle="arXiv 2507.16278 says so of five pairs of digits. Here they are held against "
        f"all {count} pairs of {settings.classes} classes.",
        answer=_answer(claims),
        headlines=headlines(claims, HEADLINES),
        source=ARXIV,
        notes=[
            "Pairs that share a class are alike. So the rank correlation is tested by exchanging "
            "whole classes, and what a curve gains over a line is held against simulated runs in "
            "which classes keep their scatter.",
            f"Ours, not the paper's: Adam for {settings.steps:,} steps, equally many images of "
            "both classes, and the margins: one point of test error for a sufficient size, five "
            "points of variance for a line.",
        ],
        conditions={
            str(name): f"{rows['task'].nunique()} pairs of classes, hidden sizes "
            f"{', '.join(map(str, sorted(rows['hidden'].unique())))}; "
            f"{rows['seed'].nunique()} seeds"
            for name, rows in errors.groupby("dataset", sort=False)
        },
        facts={"networks trained": f"{len(networks):,}"},
    )


def _answer(claims: pd.DataFrame) -> str:
    """How the claims came out, on each data set."""
    primary = claims[claims["primary"]]
    parts = [
        f"on {condition} {counted(rows['verdict'])}"
        for condition, rows in primary.groupby("condition", sort=False)
    ]
    return f"Of the claims judged, {'; '.join(parts)}."
