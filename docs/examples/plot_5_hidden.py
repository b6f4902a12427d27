"""
Hidden space before and after pruning
=====================================

Where each image lies in hidden space, and where pruning moves it.
"""

import matplotlib.pyplot as plt
import numpy as np
from scipy.linalg import orthogonal_procrustes

import lowcap

split = lowcap.pair_task("mnist-5k", 4, 9).split(seed=0)
members = lowcap.grid(hidden=[12], learning_rate=[0.1], seed=[0])
dense = lowcap.fit(members, split, epochs=100, batch_size=32).population
labels = split.test.y.astype(int)

levels = [0.8, 0.95, 0.99]
figure, axes = plt.subplots(1, 3, figsize=(11, 4), sharex=True, sharey=True, layout="constrained")
before = dense[0].hidden(split.test.x)
before = before - before.mean(axis=0)
plane = np.linalg.svd(before, full_matrices=False)[2][:2].T  # the two widest directions
for ax, level in zip(axes, levels, strict=True):
    sparse = dense.pruned(level)
    after = sparse[0].hidden(split.test.x)
    after = after - after.mean(axis=0)
    turn, size = orthogonal_procrustes(after, before)  # the best rotation of one onto the other
    moved = after @ turn * size / (after**2).sum()
    start, end = before @ plane, moved @ plane
    for label, colour in ((0, "C0"), (1, "C1")):
        of = labels == label
        step = end[of] - start[of]
        ax.quiver(*start[of].T, *step.T, color=colour, alpha=0.6, width=0.004,
                  angles="xy", scale_units="xy", scale=1, label="49"[label])  # fmt: skip
    cka = lowcap.geometry(sparse, split, split.test, reference=dense)["cka"].item()
    ax.set_title(f"{100 * level:.0f} % of the weights gone: CKA {cka:.2f}")
axes[0].legend(title="digit")
figure.suptitle("200 test images; arrows from the dense network to the pruned one, laid over it")
plt.show()

# %%
# How to read it
# --------------
#
# Each arrow is one image: its tail is where the dense network puts it, its head where the pruned
# network does, after the best rotation and scale (which no later layer could tell from the
# original). Short arrows mean that the arrangement survived. Arrows that cross between the colours
# are images whose neighbours changed. CKA is the same in one number.
