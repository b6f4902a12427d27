"""
What pruning costs
==================

F1 and AUC against the share of weights that is left, under two ways to say "95 %".
"""

import matplotlib.pyplot as plt

import lowcap
from lowcap.networks import GLOBAL, PruningRule

split = lowcap.pair_task("mnist-5k", 4, 9).split(seed=0)
members = lowcap.grid(hidden=[24], learning_rate=[0.1], seed=range(8))
population = lowcap.fit(members, split, epochs=100, batch_size=32).population

levels = [0, 0.5, 0.8, 0.9, 0.95, 0.98, 0.99]
rules = {"all weights together": GLOBAL, "each layer alone": PruningRule("layer", "each layer")}
figure, axes = plt.subplots(1, 2, figsize=(9, 4), sharey=True, layout="constrained")
for ax, score in zip(axes, ["f1", "auc"], strict=True):
    for name, rule in rules.items():
        table = lowcap.prune(population, split, levels, rule).query("split == 'test'")
        by_level = table.groupby("requested_sparsity")[score]
        left = [1 - level for level in levels]
        line = ax.plot(left, by_level.mean(), "o-", label=name)[0]
        ax.fill_between(left, by_level.min(), by_level.max(), color=line.get_color(), alpha=0.15)
    ax.set(xscale="log", xlabel="share of weights left", title=score.upper())
    ax.set_xticks([1, 0.5, 0.2, 0.1, 0.05, 0.01], ["100 %", "50 %", "20 %", "10 %", "5 %", "1 %"])
    ax.invert_xaxis()
axes[0].legend(title="the smallest go, of", loc="lower left")
figure.suptitle("24 units, 4 against 9: mean and range of 8 seeds, without retraining")
plt.show()

# %%
# How to read it
# --------------
#
# From left to right more weights go. Where F1 falls and AUC does not, the network still ranks the
# images rightly and only its threshold is off: nothing was forgotten. The two rules remove equally
# many weights; the second takes nearly all of the 24 weights to the output.
