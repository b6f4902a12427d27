"""The claim on hidden space (section 4.5), on the hardest task."""

from lowcap.claims import (
    AllOf,
    Below,
    Claim,
    Cube,
    Evidence,
    Reading,
    Simulator,
    Tables,
    World,
    cube,
    mean_worlds,
)
from lowcap.studies.low_capacity.claims.geometry import LOSS, NEIGHBOURS, PROBE
from lowcap.studies.low_capacity.claims.scores import percent
from lowcap.studies.transfer.claims.common import SHOWN, mean_of_state
from lowcap.studies.transfer.training import DENSE, SHUFFLED, UNTRAINED

PRUNED = "pruned"

PARTNER = "fully connected"
"""The fully connected network beside convolutional ones."""

QUANTITIES = {NEIGHBOURS: "knn", PROBE: "probe"}


def _space(tables: Tables, value: str) -> Cube:
    table = tables["geometry"].fillna({"cka": 0.0})
    blocks = tables["geometry_blocks"].drop(columns="f1", errors="ignore")
    blocks = blocks.rename(columns={value: "f1"}).fillna({"f1": 0.0})
    return cube(table, ["state"], value, blocks)


def geometry_preserved(tables: Tables) -> Evidence:
    """What classifiers in hidden space lose by pruning."""
    estimates, words, control = {}, [], {}
    for name, value in QUANTITIES.items():
        scores = _space(tables, value)
        dense, pruned = (mean_of_state(scores, state) for state in (DENSE, PRUNED))
        estimates[name] = scores.estimate(lambda m, one=dense, two=pruned: one(m) - two(m))
        means = scores.means.to_numpy()
        words.append(f"{percent(pruned(means))} ({percent(dense(means))} before)")
        for state in (UNTRAINED, SHUFFLED):
            control[f"{value} {state}"] = mean_of_state(scores, state)(means)
    sentence = (
        "Without 95 % of its weights, five nearest neighbours in hidden space are right on "
        f"{words[0]} of images and a linear probe on {words[1]}."
    )
    return Evidence(estimates, sentence, control)


def _geometry_worlds(tables: Tables) -> list[World]:
    values = list(QUANTITIES.values())
    rows = tables["geometry"][["state", "seed", *values]]
    blocks = tables["geometry_blocks"][["state", "seed", "block", *values]]
    simulated = Simulator("geometry", rows, ["state"], values, ("geometry_blocks", blocks))
    moved = {name: simulated.where(value, state=PRUNED) for name, value in QUANTITIES.items()}
    limits, clear = dict.fromkeys(moved, LOSS), dict.fromkeys(moved, -0.15)
    return mean_worlds(geometry_preserved, simulated, {}, moved, limits, clear)


CLAIMS = (
    Claim(
        "geometry-preserved-travels",
        "4.5",
        "The geometry of hidden space survives 95 % pruning.",
        (
            Reading(
                "global, without retraining",
                "accuracy lost by a 5-nearest-neighbour and by a linear classifier in hidden space "
                f"when 95 % of all weights go; hardest task, middle size; {SHOWN}",
                AllOf({name: Below(LOSS, ours=True) for name in QUANTITIES}),
                geometry_preserved,
                ("geometry", "geometry_blocks"),
                ("*",),
                worlds=_geometry_worlds,
            ),
        ),
        figure="inside-{dataset}",
    ),
)
