"""The claim on hidden geometry (section 4.5)."""

from lowcap.claims import NotMeasured, Tables, Verdict
from lowcap.claims.legacy import Finding
from lowcap.claims.legacy import claim as Claim
from lowcap.claims.statistics import mean_interval
from lowcap.studies.low_capacity.claims.common import RELEASED, REQUESTED, RULES, percent

NETWORK = ("4-9", 24)
"""The task and hidden size whose t-SNE pictures the paper shows."""


def geometry_preserved(tables: Tables, variant: str) -> Finding:
    """CKA before and after pruning, and the accuracy of neighbours in hidden space."""
    table = tables["geometry"]
    task, hidden = NETWORK
    rows = table[
        (table["task"] == task) & (table["hidden"] == hidden) & (table["rule"] == RULES[variant])
    ]
    if rows.empty:
        raise NotMeasured(f"it has no network of {hidden} units on {task}")
    cka = mean_interval(rows["cka"].fillna(0.0).to_numpy())  # no variation left: nothing preserved
    drop = mean_interval((rows["knn_dense"] - rows["knn_pruned"]).to_numpy())
    if cka.low >= 0.9 and drop.high <= 0.01:
        verdict = Verdict.HOLDS
    elif cka.high < 0.9 or drop.low > 0.01:
        verdict = Verdict.FAILS
    else:
        verdict = Verdict.UNDECIDED
    sentence = (
        f"After asking for 95 % sparsity, the CKA of {task}'s {hidden} hidden units with the dense "
        f"ones is {cka.estimate:.3f}; neighbours in hidden space classify "
        f"{percent(rows['knn_dense'].mean())} of images right when dense and "
        f"{percent(rows['knn_pruned'].mean())} when pruned."
    )
    return Finding(*cka, verdict, sentence)


CLAIMS = (
    Claim(
        "geometry-preserved",
        "4.5",
        "The geometry of hidden space survives 95 % pruning.",
        "linear CKA between dense and pruned activations of the 24 units of 4-9 (the effect), and "
        "the accuracy of 5 nearest neighbours in hidden space, t intervals over seeds",
        "holds when CKA is at least 0.9 and the accuracy drop at most 0.01, by their intervals; "
        "fails when either interval lies beyond its bound",
        ("geometry",),
        geometry_preserved,
        variants=(REQUESTED, RELEASED),
        figure="hidden-space",
    ),
)
