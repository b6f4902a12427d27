"""
Plots in one line: claims
=========================

Claims of your own, judged and drawn: what was found, and on which side of its bound it lies.
"""

import matplotlib.pyplot as plt
import pandas as pd

import lowcap
from lowcap import plot
from lowcap.claims import Above, Below, Claim, Evidence, Reading, evaluate, mean_of

tables = []
for low, high in [(3, 8), (4, 9)]:
    split = lowcap.pair_task("mnist-5k", low, high).split(seed=0)
    members = lowcap.grid(hidden=[2, 8, 32], learning_rate=[0.1], seed=range(8))
    fitted = lowcap.fit(members, split, epochs=60, batch_size=32)
    table = lowcap.capacity(fitted.population, split)
    tables.append(table.assign(task=f"{low}-{high}"))


def gain(large, small):
    """What more units gain in test F1, paired by seed, with its interval over seeds."""

    def judge(tables):
        f1 = tables["capacity"].pivot_table("test_f1", "seed", "hidden")
        estimate = mean_of((f1[large] - f1[small]).to_numpy())
        return Evidence(estimate, f"{large} units score {estimate.value:+.3f} against {small}.")

    return judge


def claim(name, statement, bound, judge):
    return Claim(name, "ours", statement, (
        Reading("paired by seed", "difference of test F1", bound, judge, ("capacity",), ("*",)),
    ))  # fmt: skip


claims = [
    claim("eight", "Eight units beat two.", Above(0), gain(8, 2)),
    claim("point", "Eight units beat two by a point of F1.", Above(0.01), gain(8, 2)),
    claim("enough", "32 units gain less than a point over eight.", Below(0.01), gain(32, 8)),
]
judged = evaluate(claims, {"capacity": pd.concat(tables)}, ["3-8", "4-9"], by="task")

figure, axes = plt.subplots(2, 1, figsize=(9, 4.6), layout="constrained")
for ax, task in zip(axes, ["3-8", "4-9"], strict=True):
    plot.forest(judged, condition=task, ax=ax)
plt.show()

# %%
# How to read it
# --------------
#
# Right of the dashed line a claim holds, left of it it fails, and across it is undecided: there the
# data allow both. Claims are measured in different units, so distances are in half-widths of each
# interval; the effect itself stands at the right. ``lowcap.open(RUN).claims`` is such a table too.
