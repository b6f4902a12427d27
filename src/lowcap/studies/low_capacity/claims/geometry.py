"""The claim on hidden geometry (section 4.5)."""

from functools import partial

from lowcap.claims import (
    Above,
    AllOf,
    Below,
    Claim,
    Cube,
    Evidence,
    NotMeasured,
    Reading,
    Simulator,
    Student,
    Tables,
    World,
    cube,
    mean_worlds,
)
from lowcap.studies.low_capacity.claims.scores import DIGIT_PAIRS, percent, place_of, setting

NETWORK = ("4-9", 24)
"""The task and hidden size whose t-SNE pictures the paper shows."""

NEIGHBOURS, PROBE = "neighbours' accuracy lost", "probe's accuracy lost"

LOSS = 0.01
"""Accuracy of classifiers in hidden space that may go. Ours: the paper judges by eye."""

ALIKE = 0.9
"""Linear CKA from which on two geometries count as the same. Ours."""

BOUND = AllOf({name: Below(LOSS, ours=True) for name in (NEIGHBOURS, PROBE)})

QUANTITIES = ("cka", "knn", "probe")


def _cubes(tables: Tables) -> dict[str, Cube]:
    """CKA, neighbours and probe by state, of the paper's network."""
    task, hidden = NETWORK
    table = tables["geometry"]
    rows = table[(table["task"] == task) & (table["hidden"] == hidden)].fillna({"cka": 0.0})
    if rows.empty:
        raise NotMeasured(
            f"the hidden space of {hidden} units on {task} was not looked at; "
            f"{setting('tasks', [task])} {setting('hidden', [hidden])} does so"
        )
    held = tables.get("geometry_blocks")
    if held is None:
        return {name: cube(rows, ["state"], name) for name in QUANTITIES}
    held = held[(held["task"] == task) & (held["hidden"] == hidden)]
    cubes = {}
    for name in QUANTITIES:
        blocks = held.assign(f1=held[name].fillna(0.0))
        cubes[name] = cube(rows, ["state"], name, blocks)
    return cubes


def _difference(scores: Cube, state: str, other: str) -> Student:
    """Mean of one state less that of another."""
    one, two = place_of(scores, state), place_of(scores, other)
    return scores.estimate(lambda m: float(m[one] - m[two]))


def geometry_preserved(tables: Tables, *, rule: str) -> Evidence:
    """What classifiers in hidden space lose by pruning."""
    cubes, pruned = _cubes(tables), f"pruned: {rule}"
    estimates = {
        NEIGHBOURS: _difference(cubes["knn"], "dense", pruned),
        PROBE: _difference(cubes["probe"], "dense", pruned),
    }
    means = {name: one.means.to_numpy() for name, one in cubes.items()}

    def of(state: str, quantity: str) -> float:
        return float(means[quantity][place_of(cubes[quantity], state)])

    sentence = (
        f"Without 95 % of its weights (rule “{rule}”), {percent(of(pruned, 'knn'))} of images have "
        f"most of their five nearest neighbours in their own class ({percent(of('dense', 'knn'))} "
        f"before), a linear probe is right on {percent(of(pruned, 'probe'))} "
        f"({percent(of('dense', 'probe'))}), and the CKA with the dense network is "
        f"{of(pruned, 'cka'):.3f}; another seed's is {of('another seed', 'cka'):.3f}."
    )
    states = set(cubes["knn"].cases.get_level_values("state"))
    control = {
        f"{name} {state}": of(state, quantity)
        for state in ("untrained", "shuffled labels")
        if state in states
        for name, quantity in (("neighbours", "knn"), ("probe", "probe"))
    }
    return Evidence(estimates, sentence, control)


def alike(tables: Tables, *, rule: str) -> Evidence:
    """Linear CKA of the pruned network with the dense one."""
    scores, pruned = _cubes(tables)["cka"], f"pruned: {rule}"
    place = place_of(scores, pruned)
    estimate = scores.estimate(lambda m: float(m[place]))
    sentence = (
        f"The CKA of the network pruned by “{rule}” and the dense one is {estimate.value:.3f}."
    )
    return Evidence(estimate, sentence, _strangers(scores))


def closer(tables: Tables, *, rule: str) -> Evidence:
    """By how much the pruned network's CKA with the dense one exceeds another seed's."""
    scores, pruned = _cubes(tables)["cka"], f"pruned: {rule}"
    estimate = _difference(scores, pruned, "another seed")
    means = scores.means.to_numpy()
    sentence = (
        f"The CKA with the dense network is {means[place_of(scores, pruned)]:.3f} for the network "
        f"pruned by “{rule}” and {means[place_of(scores, 'another seed')]:.3f} for a network "
        "trained from other weights."
    )
    return Evidence(estimate, sentence, _strangers(scores))


def _strangers(scores: Cube) -> dict[str, float]:
    states = list(scores.cases.get_level_values("state"))
    means = scores.means.to_numpy()
    return {
        state: float(means[states.index(state)])
        for state in ("another seed", "untrained", "shuffled labels")
        if state in states
    }


def _simulator(tables: Tables) -> Simulator:
    task, hidden = NETWORK
    table = tables["geometry"]
    rows = table[(table["task"] == task) & (table["hidden"] == hidden)]
    rows = rows[[c for c in rows.columns if c != "silhouette"]].fillna({"cka": 0.0})
    held = tables.get("geometry_blocks")
    blocks = None
    if held is not None:
        held = held[(held["task"] == task) & (held["hidden"] == hidden)].fillna({"cka": 0.0})
        blocks = ("geometry_blocks", held)
    return Simulator("geometry", rows, ["state"], QUANTITIES, blocks)


def _worlds(tables: Tables, *, rule: str) -> list[World]:
    simulator, pruned = _simulator(tables), f"pruned: {rule}"
    moved = {
        NEIGHBOURS: simulator.where("knn", state=pruned),
        PROBE: simulator.where("probe", state=pruned),
    }
    limits, clear = dict.fromkeys(moved, LOSS), dict.fromkeys(moved, -0.1)
    judge = partial(geometry_preserved, rule=rule)
    return mean_worlds(judge, simulator, {}, moved, limits, clear)


def _alike_worlds(tables: Tables, *, rule: str) -> list[World]:
    simulator = _simulator(tables)
    moved = {"": simulator.where("cka", state=f"pruned: {rule}")}
    return mean_worlds(partial(alike, rule=rule), simulator, {}, moved, {"": ALIKE}, {"": 0.09})


_RULES = {"listing C.1": ("published", "replicated"), "global": ("corrected",)}

CLAIMS = (
    Claim(
        "geometry-preserved",
        "4.5",
        "The geometry of hidden space survives 95 % pruning.",
        tuple(
            reading
            for rule, primary in _RULES.items()
            for reading in (
                Reading(
                    rule,
                    "of the 24 hidden units of 4-9: accuracy lost by a 5-nearest-neighbour and by "
                    f"a linear classifier in hidden space when 95 % is pruned by “{rule}”; "
                    "jackknife over seeds and, where one test set is looked at, blocks of its "
                    "images",
                    BOUND,
                    partial(geometry_preserved, rule=rule),
                    ("geometry", "geometry_blocks?"),
                    tasks=("4-9",),
                    grows=False,
                    primary=primary,
                    worlds=partial(_worlds, rule=rule),
                ),
                Reading(
                    f"{rule}, CKA alone",
                    f"linear CKA between dense and pruned activations (rule “{rule}”) of the 24 "
                    "units of 4-9, which for two classes is mostly the distance of their means",
                    Above(ALIKE, ours=True),
                    partial(alike, rule=rule),
                    ("geometry", "geometry_blocks?"),
                    worlds=partial(_alike_worlds, rule=rule),
                ),
                Reading(
                    f"{rule}, CKA against another seed's",
                    f"linear CKA between dense and pruned activations (rule “{rule}”) less that "
                    "between the dense network and one trained from other weights",
                    Above(0),
                    partial(closer, rule=rule),
                    ("geometry", "geometry_blocks?"),
                ),
            )
        ),
        figure="hidden-space",
        subject=DIGIT_PAIRS,
    ),
)
