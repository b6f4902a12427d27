"""Open questions on saliency under corruption: whose map is it, and what does an error do to it?"""

from collections.abc import Sequence
from functools import partial

import numpy as np
import pandas as pd

from lowcap.claims import (
    Above,
    BlockSimulator,
    Claim,
    Cube,
    Evidence,
    NotMeasured,
    Reading,
    Tables,
    World,
    block_cube,
    mean_worlds,
)
from lowcap.studies.low_capacity.claims.scores import percent
from lowcap.studies.transfer.claims.common import SHOWN, mean_of_state
from lowcap.studies.transfer.claims.saliency import PARTNER, PRUNED
from lowcap.studies.transfer.training import DENSE, UNTRAINED

NOISE, PATCH = ("gaussian noise", 0.5), ("occlusion", 7.0)
"""The strongest corruptions."""

OWN, OTHER, ROOM = "top_overlap", "stranger_overlap", "attainable"


def _rows(tables: Tables, kind: tuple[str, float]) -> pd.DataFrame:
    """Means over all copies of a block's images under one corruption, by state, seed and block.

    Raises:
        NotMeasured: the images were not corrupted like this.
    """
    table = tables["attention"]
    rows = table[(table["corruption"] == kind[0]) & (table["severity"].round(4) == kind[1])]
    if rows.empty:
        raise NotMeasured(f"its images were not corrupted by {kind[0]} {kind[1]:g}")
    keys = ["state", "seed", "block"]
    values = [OWN, OTHER, ROOM]
    weighted = rows[values].mul(rows["images"], axis=0).assign(images=rows["images"])
    sums = weighted.groupby([rows[key] for key in keys]).sum()
    means = sums[values].div(sums["images"], axis=0)
    return means.reset_index().assign(
        images=1, corruption=kind[0], severity=kind[1], condition=table["condition"].iloc[0]
    )


def _of(scores: Cube, state: str):
    return mean_of_state(scores, state)


def _overlaps(tables: Tables, kind: tuple[str, float]) -> Cube:
    """Overlaps and the most there can be, by state and which, such as "dense/attainable"."""
    values = [OWN, OTHER, ROOM]
    long = _rows(tables, kind).melt(["state", "seed", "block"], values, "which", "overlap")
    return block_cube(long.assign(state=long["state"] + "/" + long["which"]), ["state"], "overlap")


def stays_own(tables: Tables, *, kind: tuple[str, float]) -> Evidence:
    """By how much a map of corrupted images is more the network's own than a stranger's."""
    scores = _overlaps(tables, kind)
    own, other = (_of(scores, f"{DENSE}/{whose}") for whose in (OWN, OTHER))
    estimate = scores.estimate(lambda m: own(m) - other(m))
    means = scores.means.to_numpy()
    sentence = (
        f"Under {_words(kind)}, a map's strongest twentieth of the pixels shares "
        f"{percent(own(means))} with the network's own map of the clean image and "
        f"{percent(other(means))} with that of a network of another seed."
    )
    control = {UNTRAINED: _of(scores, f"{UNTRAINED}/{OWN}")(means)}
    return Evidence(estimate, sentence, control)


def _words(kind: tuple[str, float]) -> str:
    name, severity = kind
    if name == PATCH[0]:
        return f"a patch of {severity:g} x {severity:g}"
    return f"Gaussian noise of sigma {severity:g}"


def _simulator(tables: Tables, kind: tuple[str, float]) -> BlockSimulator:
    return BlockSimulator("attention", _rows(tables, kind), ["state"], [ROOM, OTHER, OWN])


def _own_worlds(tables: Tables, *, kind: tuple[str, float]) -> list[World]:
    simulated = _simulator(tables, kind)
    moved = {"": simulated.where(OWN, state=DENSE)}
    judge = partial(stays_own, kind=kind)
    return mean_worlds(judge, simulated, {}, moved, {"": 0.0}, {"": 0.3})


LEAST = 0.05
"""Of overlap that must be attainable for maps to be compared."""


def steadier(tables: Tables, *, kind: tuple[str, float], than: str) -> Evidence:
    """By how much the dense network's map keeps more of its pixels than another's own map does.

    As shares of what maps with so few non-zero pixels can keep: empty maps count for nothing.
    """
    scores = _overlaps(tables, kind)
    if than == PARTNER and f"{PARTNER}/{OWN}" not in scores.cases.get_level_values("state"):
        raise NotMeasured("a fully connected network is what others are compared with")

    def kept(state: str):
        own, room = (_of(scores, f"{state}/{which}") for which in (OWN, ROOM))
        return lambda m: own(m) / max(room(m), 1e-9)

    dense, other, untrained = kept(DENSE), kept(than), kept(UNTRAINED)
    means = scores.means.to_numpy()
    if _of(scores, f"{than}/{ROOM}")(means) < LEAST:
        raise NotMeasured("nearly all maps that are compared are empty")
    estimate = scores.estimate(lambda m: dense(m) - other(m))
    sentence = (
        f"Under {_words(kind)}, maps keep {percent(dense(means))} of the strongest pixels that "
        f"they could; those of the {than} network keep {percent(other(means))}."
    )
    return Evidence(estimate, sentence, {UNTRAINED: untrained(means)})


def _steadier_worlds(tables: Tables, *, kind: tuple[str, float], than: str) -> list[World]:
    simulated = _simulator(tables, kind)
    if not simulated.where(state=than).any():
        return []
    simulated.means[simulated.where(ROOM)] = 0.9
    simulated.means[simulated.where(OWN)] = 0.5
    moved = {"": simulated.where(OWN, state=DENSE)}
    judge = partial(steadier, kind=kind, than=than)
    return mean_worlds(judge, simulated, {}, moved, {"": 0.0}, {"": 0.3})


# Wrong answers -----------------------------------------------------------------------------------

FEWEST = 40
"""Copies that corruption made a network get wrong, of each class; with fewer nothing is said."""

PARTS = ["label", "answer", "part"]
SUM, COUNT = "sum", "count"


def _turned(tables: Tables, kinds: Sequence[tuple[str, float]]) -> pd.DataFrame:
    """Copies of images that the dense network gets right when clean, under some corruptions."""
    table = tables["attention"]
    rows = table[(table["state"] == DENSE) & (table["before"] == "right")]
    wanted = pd.MultiIndex.from_tuples([(name, float(severity)) for name, severity in kinds])
    here = pd.MultiIndex.from_arrays([rows["corruption"], rows["severity"].round(4)])
    rows = rows[here.isin(wanted)]
    counts = rows.groupby(["label", "answer"])["images"].sum()
    labels = table["label"].unique()
    fewest = min((counts.get((label, "wrong"), 0) for label in labels), default=0)
    if fewest < FEWEST:
        raise NotMeasured(
            f"corruption made networks get {fewest} copies of one class wrong, and {FEWEST} are "
            "needed"
        )
    return rows


def _cells(rows: pd.DataFrame) -> pd.DataFrame:
    """Sums of overlaps and numbers of copies by seed, block, class and answer."""
    keys = ["seed", "block", "label", "answer"]
    weighted = rows[keys].assign(
        **{SUM: rows[OWN] * rows["images"], COUNT: rows["images"].astype(float)}
    )
    return weighted.groupby(keys, as_index=False)[[SUM, COUNT]].sum()


def _sums(rows: pd.DataFrame) -> Cube:
    """The same as scores of cases, 0 where a seed's block has no such copy."""
    keys = ["seed", "block", "label", "answer"]
    cells = _cells(rows).set_index(keys)
    names = list(cells.index.names)
    full = pd.MultiIndex.from_product([cells.index.unique(name) for name in names], names=names)
    long = cells.reindex(full, fill_value=0.0).reset_index()
    return block_cube(long.melt(keys, [SUM, COUNT], "part", "value"), PARTS, "value")


def _difference(scores: Cube, means: np.ndarray) -> float:
    """Mean overlap of right less that of wrong copies, mean over classes."""
    of = dict(zip(scores.cases, means, strict=True))
    labels = scores.cases.get_level_values("label").unique()

    def mean(label: int, answer: str) -> float:
        return of[label, answer, SUM] / max(of[label, answer, COUNT], 1e-9)

    return float(np.mean([mean(label, "right") - mean(label, "wrong") for label in labels]))


def errors_move_maps(tables: Tables, *, kinds: Sequence[tuple[str, float]]) -> Evidence:
    """Whether maps of copies that corruption made wrong agree less with those of the clean ones."""
    rows = _turned(tables, kinds)
    scores = _sums(rows)
    estimate = scores.estimate(lambda means: _difference(scores, means))
    counts = rows.groupby("answer")["images"].sum()
    mean = (rows[OWN] * rows["images"]).groupby(rows["answer"]).sum() / counts
    sentence = (
        f"Of images that are right when clean, maps keep {percent(mean['right'])} of their "
        f"strongest pixels where the answer stays right and {percent(mean['wrong'])} where "
        f"{' or '.join(dict.fromkeys(name for name, _ in kinds))} turns it wrong "
        f"({percent(counts['wrong'] / counts.sum())} of copies); within classes "
        f"{estimate.value:+.4f} more where it stays right."
    )
    return Evidence(estimate, sentence)


def _errors_worlds(tables: Tables, *, kinds: Sequence[tuple[str, float]]) -> list[World]:
    """Overlaps around one mean, with what seeds, blocks and single cells really add to it."""
    rows = _turned(tables, kinds)
    cells = _cells(rows)
    cells = cells.assign(**{OWN: cells[SUM] / cells[COUNT], "images": cells[COUNT]})
    deviation = cells[OWN] - cells.groupby(["label", "answer"])[OWN].transform("mean")
    of_seed = deviation.groupby(cells["seed"]).mean()
    of_block = deviation.groupby(cells["block"]).mean()
    rest = deviation - cells["seed"].map(of_seed) - cells["block"].map(of_block)
    scale = float(np.sqrt((rest**2 * cells["images"]).mean()))
    constant = {
        "state": DENSE, "before": "right", "corruption": kinds[0][0], "severity": kinds[0][1]
    }  # fmt: skip
    right = (cells["answer"] == "right").to_numpy()

    def make(shift: float):
        def draw(g: np.random.Generator) -> Tables:
            seeds = dict(zip(of_seed.index, g.choice(of_seed, len(of_seed)), strict=True))
            blocks = dict(zip(of_block.index, g.choice(of_block, len(of_block)), strict=True))
            noise = scale * g.standard_normal(len(cells)) / np.sqrt(cells["images"])
            values = 0.6 + cells["seed"].map(seeds) + cells["block"].map(blocks) + noise
            table = cells.assign(**constant, **{OWN: values + shift * right})
            return {"attention": table}

        return draw

    clear = 4 * float(deviation.std())
    return [
        World("errors move no map", None, make(0.0)),
        World("errors move maps", True, make(clear)),
        World("errors hold maps", False, make(-clear)),
    ]


STRONG_NOISE = tuple(("gaussian noise", sigma) for sigma in (0.3, 0.4, 0.5))

CLAIMS = (
    Claim(
        "maps-stay-own",
        "open question",
        "Under corruption a network's saliency map stays its own.",
        tuple(
            Reading(
                f"{kind[0]} {kind[1]:g}",
                "overlap of the strongest twentieth of the pixels of the gradient of a corrupted "
                "image with the network's own of the clean image, less that with the clean map of "
                f"a network of another seed; {_words(kind)}; hardest task, middle size; {SHOWN}",
                Above(0),
                partial(stays_own, kind=kind),
                ("attention",),
                primary,
                worlds=partial(_own_worlds, kind=kind),
            )
            for kind, primary in ((NOISE, ("*",)), (PATCH, ()))
        ),
        figure="attention-{dataset}",
    ),
    Claim(
        "errors-move-maps",
        "open question",
        "Where corruption makes a network err, its saliency map has moved.",
        tuple(
            Reading(
                name,
                "overlap of the strongest twentieth of the pixels of the gradient of a corrupted "
                "image with that of the clean one, copies that stay right less copies that turn "
                "wrong, within each class of the images that are right when clean; hardest task, "
                f"middle size; {SHOWN}",
                Above(0),
                partial(errors_move_maps, kinds=kinds),
                ("attention",),
                primary,
                worlds=partial(_errors_worlds, kinds=kinds),
            )
            for name, kinds, primary in (
                ("noise of sigma 0.3 to 0.5", STRONG_NOISE, ("*",)),
                ("occlusion", (PATCH,), ()),
            )
        ),
        figure="attention-{dataset}",
    ),
    Claim(
        "pruning-unsteadies-maps",
        "open question",
        "Under noise, saliency maps of pruned networks move more than those of dense ones.",
        (
            Reading(
                "Gaussian noise 0.5",
                "overlap of the strongest twentieth of the pixels of the gradient with that of the "
                "clean image, as a share of what maps with so few non-zero pixels can have: dense "
                "less pruned to 95 % without retraining, each with its own map; hardest task, "
                f"middle size; {SHOWN}",
                Above(0),
                partial(steadier, kind=NOISE, than=PRUNED),
                ("attention",),
                ("*",),
                worlds=partial(_steadier_worlds, kind=NOISE, than=PRUNED),
            ),
        ),
        figure="attention-{dataset}",
    ),
    Claim(
        "filters-steady-maps",
        "open question",
        "Under noise, saliency maps of convolutional networks move less than those of fully "
        "connected ones.",
        (
            Reading(
                "Gaussian noise 0.5",
                "overlap of the strongest twentieth of the pixels of the gradient with that of the "
                "clean image, as a share of what maps with so few non-zero pixels can have: of "
                "convolutional less of fully connected networks of the same seeds; hardest task, "
                f"middle sizes; {SHOWN}",
                Above(0),
                partial(steadier, kind=NOISE, than=PARTNER),
                ("attention",),
                ("*",),
                worlds=partial(_steadier_worlds, kind=NOISE, than=PARTNER),
            ),
        ),
        figure="attention-{dataset}",
    ),
)
