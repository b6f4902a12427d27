"""
Training curves
===============

How the loss falls with every gradient step, for three sizes; and what one sees after 100 steps.
"""

import matplotlib.pyplot as plt
import numpy as np

import lowcap

split = lowcap.pair_task("mnist-5k", 4, 9).split(seed=0)
members = lowcap.grid([2, 8, 64], [0.03], range(5), ["normal_01"])
fitted = lowcap.fit(members, split, epochs=2000, batch_size=None)  # one step an epoch
loss, hidden = fitted.history.validation_loss, fitted.population.keys["hidden"]

figure, ax = plt.subplots(figsize=(7, 4), layout="constrained")
steps = np.arange(1, len(loss) + 1)
for number, size in enumerate(sorted(set(hidden))):
    curves = loss[:, hidden == size]
    ax.fill_between(steps, curves.min(axis=1), curves.max(axis=1), color=f"C{number}", alpha=0.2)
    ax.plot(steps, curves.mean(axis=1), color=f"C{number}", label=f"{size} units")
ax.axvline(100, color="0.4", linestyle=":")
ax.annotate("here the paper stopped ", (100, ax.get_ylim()[1]), ha="right", va="top")
ax.set(xscale="log", xlabel="gradient steps", ylabel="validation loss (nats)")
ax.legend(title="mean and range of 5 seeds")
ax.set_title("4 against 9, full batch, learning rate 0.03")
plt.show()

# %%
# How to read it
# --------------
#
# At the dotted line large networks are ahead, and it looks as if small ones could not do it. Follow
# the curves to the right: they can, later. A statement about *capacity* must wait until the curves
# are flat.
