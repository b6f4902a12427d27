"""What the page says in words, each number taken from the run."""

from collections.abc import Mapping, Sequence

import pandas as pd

from lowcap.claims import Tables
from lowcap.report import Words, headlines, tally
from lowcap.runs import Cell
from lowcap.studies.xor.claims.said import ARXIV
from lowcap.studies.xor.plan import (
    ADAM_EPOCHS,
    ADAM_RATE,
    FITTED_EPOCHS,
    FITTED_IMAGES,
    FITTED_SEEDS,
    Simulation,
)
from lowcap.studies.xor.settings import SMALL, Settings

PAPER = (
    "Brutzkus and Globerson, “Why do Larger Models Generalize Better? A Theoretical Perspective "
    "via the XOR Problem”, ICML 2019, arXiv 1810.03037"
)

HEADLINES = {
    "Small networks fit and fail": "small-fails",
    "Large networks generalize": "large-generalizes",
    "Clusters compress": "mnist-compress",
}
"""The paper's headline findings, and the claim that settles each."""


def describe(
    tables: Tables, claims: pd.DataFrame, settings: Settings, datasets: Sequence[str]
) -> Words:
    """Title, first paragraph and notes of the page."""
    frequencies = tables.get("frequencies", pd.DataFrame({"runs": [0], "converged": [0]}))
    runs, stuck = frequencies["runs"].sum(), (frequencies["runs"] - frequencies["converged"]).sum()
    parts = [
        f"{counts['holds']} of {sum(counts.values()) - counts['not measured']} hold by {condition}"
        if condition == "exact simulation"
        else f"{counts['holds']} of {sum(counts.values()) - counts['not measured']} on {condition}"
        for condition, counts in tally(claims).items()
    ]
    return Words(
        title=f"Larger models and the XOR problem, exactly and on {' and '.join(datasets)}",
        subtitle=f"Eight claims of {PAPER}, beside what happened. From the abstract: that "
        "exploration at the start and clustering in training work together, and that at global "
        "minima larger networks generalize better. The theorems, the sample complexity and the "
        "compression are from sections 3 to 7; each claim names its own.",
        answer=f"Of the claims judged, {' and '.join(parts)}.",
        facts={"networks simulated": f"{runs:,}"},
        headlines=headlines(claims, HEADLINES),
        source=ARXIV,
        notes=[
            "The network sees only which of four patterns an input holds. So there are 15 "
            "inputs, a training set is a weighting of them and the test error a sum, whatever "
            "the dimension d is; the sequence of gradient steps is followed exactly, many equal "
            "steps at a time. The tests check this against explicit vectors.",
            f"{stuck:,} of {runs:,} runs did not reach zero loss: they stand still at a higher "
            "loss, swing between two states, or were still learning when their steps ran out. They "
            "count in every share, as not having reached it.",
            "The theorem's bound for k = 2 is met with equality. Loss never reaches zero where "
            "both positive filters start nearest to (1, -1) or (-1, 1): 1 in 4. Test error is zero "
            "where one starts nearest to (1, 1), the other to (-1, -1), and the negative ones lean "
            "to either side: 1 in 16. The other 11 in 16 = 33/48 fit and err. So a sample of "
            "random starts can neither exceed the bound nor fall short of it but by chance.",
            "Ours, not the paper's: the distribution of inputs that are not diverse (uniform "
            "over the label's others), the step c = 1/410 and the largest initial scale that "
            "the theorems allow, c / (16 k^1.5), and c = 0.1 where training sets are sampled; "
            "of the convolutional network the filters, pools and initial scales (four choices, "
            f"stride 2), Adam at {ADAM_RATE:g} for {ADAM_EPOCHS} epochs or until no training image "
            f"is wrong (at most {FITTED_EPOCHS} epochs, on {FITTED_IMAGES:,} images, which 4 "
            "channels can fit), and k-means on the filters as they are. An output of exactly 0 "
            "counts as wrong for either label.",
        ],
        conditions={
            "exact simulation": "gradient descent on the XORD problem, followed exactly",
            **{
                name: f"convolution, max-pool, dense layer; up to {settings.images:,} training "
                f"images, {settings.seeds} seeds; to zero training error on "
                f"{min(FITTED_IMAGES, settings.images):,} images, "
                f"{FITTED_SEEDS * settings.seeds} seeds"
                for name in datasets
            },
        },
    )


def facts(held: Sequence[tuple[Cell, float]]) -> Mapping[str, str]:
    """What simulating costs, from the seconds that the cells took."""
    small = [
        (cell.config.runs, seconds)
        for cell, seconds in held
        if isinstance(cell.config, Simulation) and cell.config.k == SMALL and not cell.config.points
    ]
    if not small:
        return {}
    runs, seconds = (sum(each) for each in zip(*small, strict=True))
    return {"a million runs at k = 2, any d": f"{1e6 * seconds / runs:,.0f} core-seconds"}
