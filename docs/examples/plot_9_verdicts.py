"""
Verdicts as a forest
====================

Intervals against the bound that they are held against: what decides each verdict.
"""

import matplotlib.pyplot as plt
import numpy as np

import lowcap
from lowcap.claims import Above, mean_of

pairs, gains = [(0, 1), (1, 7), (3, 8), (4, 9)], {}
for low, high in pairs:
    split = lowcap.pair_task("mnist-5k", low, high).split(seed=0)
    members = lowcap.grid([2, 64], [0.03], range(8), ["normal_01"])
    fitted = lowcap.fit(members, split, epochs=2000, batch_size=None)  # one step an epoch
    large = fitted.population.keys["hidden"] == 64
    for steps in (100, 2000):
        f1 = fitted.history.validation_score[steps - 1]
        gains[steps, f"{low}-{high}"] = f1[large] - f1[~large]  # paired by seed

rows = [
    (f"{pair} after {steps:,} steps", Above(0.01).decide(mean_of(gain)))
    for (steps, pair), gain in sorted(gains.items())
]
colours = {"holds": "C2", "fails": "C3", "undecided": "0.5"}
figure, ax = plt.subplots(figsize=(8, 4), layout="constrained")
for place, (_, decision) in enumerate(rows):
    estimate, low, high = decision.interval
    colour = colours[decision.verdict]
    ax.plot([low, high], [place, place], color=colour, linewidth=2)
    ax.plot(estimate, place, "o", color=colour)
    ax.annotate(f" {decision.verdict}", (high, place), va="center", color=colour)
ax.axvline(0.01, color="0.2", linestyle="--")
ax.set_yticks(np.arange(len(rows)), [name for name, _ in rows])
ax.invert_yaxis()
ax.set(xlabel="gain in validation F1, paired by seed, 95 % interval")
ax.set_title("Are 64 units more than a point better than 2? 8 seeds")
ax.margins(x=0.2)
plt.show()

# %%
# How to read it
# --------------
#
# A verdict looks at the whole interval. To the right of the dashed bound (one point of F1) the
# claim *holds*, to the left it *fails*, across it is *undecided*: there the data allow both, which
# is no evidence against the claim. More seeds make the bars shorter. The same claim is judged under
# two conditions here: after 100 gradient steps, and after 2,000.
