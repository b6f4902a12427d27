"""
How good is each size?
======================

Test error against hidden size, with what seeds differ by, beside a linear model and a constant.
"""

import matplotlib.pyplot as plt
import numpy as np

import lowcap

split = lowcap.pair_task("mnist-5k", 4, 9).split(seed=0)
sizes = [1, 2, 4, 8, 16, 32, 64]
members = lowcap.grid(hidden=sizes, learning_rate=[0.1], seed=range(8))
fitted = lowcap.fit(members, split, epochs=100, batch_size=32)
table = lowcap.capacity(fitted.population, split)
table["error"] = 1 - table["test_f1"]

figure, ax = plt.subplots(figsize=(7, 4), layout="constrained")
by_size = table.groupby("hidden")["error"]
mean, spread = by_size.mean(), by_size.std() * 2.36 / np.sqrt(8)  # t interval of 8 seeds
ax.errorbar(sizes, mean, spread, marker="o", capsize=3, label="mean of 8 seeds, 95 % interval")
ax.plot(table["hidden"], table["error"], ".", color="0.6", zorder=0, label="one network")
linear = 1 - lowcap.difficulty(split)["linear_f1"].item()
ax.axhline(linear, color="C1", linestyle="--")
ax.annotate("a linear model", (64, linear), ha="right", va="bottom", color="C1")
ax.set(xscale="log", yscale="log", xlabel="hidden units", ylabel="1 − test F1")
ax.set_xticks(sizes, map(str, sizes))
ax.legend()
ax.set_title("4 against 9, 640 training and 200 test images")
plt.show()

# %%
# How to read it
# --------------
#
# Lower is better; both axes are logarithmic, so that halving the error is the same distance
# everywhere. Where the intervals of two sizes overlap widely, nothing says that the larger one is
# better. With 200 test images one image is 0.005: differences below that are not worth a word here.
