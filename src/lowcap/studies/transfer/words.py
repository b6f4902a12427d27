"""What the page of this study says: how far claims travel, in words computed from verdicts."""

from collections.abc import Sequence

import pandas as pd

from lowcap.claims import Tables
from lowcap.data import task_in_words
from lowcap.report import Words, headlines
from lowcap.studies.low_capacity.claims.said import ARXIV
from lowcap.studies.transfer.architectures import looked_at
from lowcap.studies.transfer.settings import ARCHITECTURES, Settings

PAPER = "arXiv 2507.16278"

HEADLINES = {
    "95 % of the weights can go": "hard-task-pruning-travels",
    "More classes need larger networks": "classes-need-more",
    "Pruned networks see what dense ones see": "reasoning-preserved-travels",
}
"""What the paper says or leaves open, and the claim that settles each."""


def describe(
    tables: Tables, claims: pd.DataFrame, settings: Settings, datasets: Sequence[str]
) -> Words:
    """Title, first paragraph and notes of the page."""
    table = tables["capacity"] if "capacity" in tables else next(iter(tables.values()))
    return Words(
        title=f"Where claims travel: {', '.join(datasets)}",
        subtitle=f"The claims of {PAPER} about small networks, made of fully connected networks on "
        "pairs of digits, and the questions it leaves open, on other data and architectures.",
        answer=answer(claims),
        headlines=headlines(claims, HEADLINES),
        source=ARXIV,
        notes=_notes(settings),
        conditions={
            str(name): f"{_tasks(rows)}; {rows['seed'].nunique()} seeds"
            for name, rows in table.groupby("condition", sort=False)
        },
        facts={"networks scored on pairs": f"{len(table):,}"} if "test_f1" in table else {},
    )


def _tasks(rows: pd.DataFrame) -> str:
    """The tasks of one condition by their classes' names."""
    dataset = str(rows["dataset"].iloc[0])
    return ", ".join(task_in_words(task, dataset) for task in dict.fromkeys(rows["task"]))


def answer(claims: pd.DataFrame) -> str:
    """How many claims come out alike everywhere, and which change with data or architecture."""
    primary = claims[claims["primary"] & claims["verdict"].isin(["holds", "fails"])]
    by_claim = primary.groupby("claim", sort=False)["verdict"].agg(set)
    conditions = claims["condition"].nunique()
    alike = {
        verdict: [str(name) for name, found in by_claim.items() if found == {verdict}]
        for verdict in ("holds", "fails")
    }
    both = [str(name) for name, found in by_claim.items() if len(found) > 1]
    open_ones = claims["claim"].nunique() - len(by_claim)
    words = [
        f"Of {claims['claim'].nunique()} claims under {conditions} conditions, "
        f"{len(alike['holds'])} hold wherever they are decided, {len(alike['fails'])} fail "
        f"wherever they are, {len(both)} hold here and fail there, and {open_ones} are decided "
        "nowhere."
    ]
    statements = dict(zip(claims["claim"], claims["statement"], strict=True))
    if both:
        words.append(
            "What depends on data or architecture: " + " ".join(statements[name] for name in both)
        )
    return " ".join(words)


def _middle(settings: Settings) -> str:
    """The sizes that are looked into: "32 hidden units and 8 filters"."""
    sizes: dict[str, dict[int, None]] = {}
    for one in settings.architectures:
        kind = "hidden units" if one == ARCHITECTURES[0] else "filters"
        sizes.setdefault(kind, {})[looked_at(one, settings.sizes(one))] = None
    return " and ".join(f"{' or '.join(map(str, some))} {kind}" for kind, some in sizes.items())


def _notes(settings: Settings) -> list[str]:
    return [
        "A task's place from easy to hard was fixed beforehand; the last one is the hardest, on "
        f"which networks are looked into. Middle sizes are {_middle(settings)}. Each network keeps "
        "the weights of the epoch of its lowest validation loss.",
        "Where networks have learned next to nothing of the hardest task (AUC below 0.7 on "
        "validation images), it is not judged what pruning or more units change there.",
        "Convolutional networks hold far fewer weights than fully connected ones of similar "
        "scores, so that a share of them to be pruned leaves far fewer: the figures of capacity "
        "count parameters and multiply-adds.",
        "Five readings were changed after a first look at the built-in digits, each because it "
        "answered another question than its own, and three of their verdicts became less kind to "
        "the claim: small-vary-more (tasks at the ceiling of F1), classes-need-more (a size at "
        "which a curve crosses a level has no smooth error), reasoning-preserved-travels, "
        "pruning-unsteadies-maps and filters-steady-maps (maps that pruning left empty).",
        "Colour photographs are centred by the mean of each channel, and corrupted before that.",
    ]
