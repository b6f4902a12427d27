"""
Verdicts as a forest
====================

Intervals against the bound that they are held against: what decides each verdict.
"""

import matplotlib.pyplot as plt
import numpy as np

import lowcap
from lowcap.claims import Above, mean_of

sizes, pairs = [2, 8, 64], [(0, 1), (1, 7), (3, 8), (4, 9)]
rows = []
for pair in pairs:
    split = lowcap.pair_task("mnist-5k", *pair).split(seed=0)
    members = lowcap.grid(sizes, [0.1], range(8))
    population = lowcap.fit(members, split, epochs=50, batch_size=32).population
    table = lowcap.capacity(population, split)
    f1 = table.pivot_table("test_f1", "seed", "hidden")
    for size in (2, 8):
        gain = mean_of((f1[64] - f1[size]).to_numpy())  # paired by seed
        rows.append((f"{pair[0]}-{pair[1]}: 64 units against {size}", Above(0).decide(gain)))

colours = {"holds": "C2", "fails": "C3", "undecided": "0.5"}
figure, ax = plt.subplots(figsize=(8, 4), layout="constrained")
for place, (_, decision) in enumerate(rows):
    estimate, low, high = decision.interval
    colour = colours[decision.verdict]
    ax.plot([low, high], [place, place], color=colour, linewidth=2)
    ax.plot(estimate, place, "o", color=colour)
    ax.annotate(f" {decision.verdict}", (high, place), va="center", color=colour)
ax.axvline(0, color="0.2", linestyle="--")
ax.set_yticks(np.arange(len(rows)), [name for name, _ in rows])
ax.invert_yaxis()
ax.set(xlabel="gain in test F1, paired by seed, 95 % interval", title="Are 64 units better?")
ax.margins(x=0.15)
plt.show()

# %%
# How to read it
# --------------
#
# A verdict looks at the whole interval. To the right of the dashed bound the claim *holds*, to the
# left it *fails*, across it is *undecided*: there the data allow both, which is no evidence
# against the claim. More seeds make the bars shorter.
