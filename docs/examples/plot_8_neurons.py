"""
What units know
===============

How much each hidden unit's answers tell about the digit, in bits, beside what chance gives.
"""

import matplotlib.pyplot as plt

import lowcap

split = lowcap.pair_task("mnist-5k", 4, 9).split(seed=0)
members = lowcap.grid(hidden=[2, 8, 32], learning_rate=[0.1], seed=range(3))
population = lowcap.fit(members, split, epochs=100, batch_size=32).population
table = lowcap.neurons(population, split.test)

figure, axes = plt.subplots(1, 3, figsize=(10, 3.6), sharey=True, layout="constrained")
for ax, (size, part) in zip(axes, table.groupby("hidden"), strict=True):
    for seed, units in part.groupby("seed"):
        ranked = units["information"].sort_values(ascending=False)
        ax.plot(range(1, size + 1), ranked, "o-", markersize=4, label=f"seed {seed}")
    ax.axhline(part["null_information"].mean(), color="0.4", linestyle=":")
    ax.set(title=f"{size} units", xlabel="unit, by what it knows", ylim=(0, 1))
axes[0].set_ylabel("information on the digit (bits)")
axes[0].annotate("shuffled labels", (1, part["null_information"].mean()), va="bottom")
axes[2].legend()
figure.suptitle("4 against 9, 200 test images; 1 bit is all there is to know")
plt.show()

# %%
# How to read it
# --------------
#
# A unit at 1 bit would name the digit by itself; one on the dotted line knows nothing that shuffled
# labels do not also seem to give. In a network of two units one may carry everything and the other
# nothing. In large networks many units know much, and much the same; the last third knows nothing.
