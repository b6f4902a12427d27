"""
How good is each size?
======================

Test error against hidden size, network by network, beside a linear model.
"""

import matplotlib.pyplot as plt

import lowcap

split = lowcap.pair_task("mnist-5k", 4, 9).split(seed=0)
sizes = [1, 2, 4, 8, 16, 32, 64]
members = lowcap.grid(hidden=sizes, learning_rate=[0.1], seed=range(8))
fitted = lowcap.fit(members, split, epochs=100, batch_size=32)
table = lowcap.capacity(fitted.population, split)
table["error"] = 1 - table["test_f1"]

figure, ax = plt.subplots(figsize=(7, 4), layout="constrained")
ax.plot(sizes, table.groupby("hidden")["error"].median(), "o-", label="median of 8 seeds")
shifted = table["hidden"] * 1.02 ** (table["seed"] - 3.5)  # so that dots do not hide each other
ax.plot(shifted, table["error"], ".", color="0.5", zorder=0, label="one network")
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
# everywhere. A dot at 1 is a network that learned nothing: its only unit says 0 to every image, and
# no gradient can wake it. Where the dots of two sizes lie among one another, nothing says that the
# larger one is better. With 200 test images one image is 0.005: less is not worth a word here.
