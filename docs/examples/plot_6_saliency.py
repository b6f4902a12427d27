"""
Saliency maps
=============

Which pixels a decision hangs on, for a trained and an untrained network, on one scale.
"""

import matplotlib.pyplot as plt

import lowcap
from lowcap.measures.saliency import METHODS
from lowcap.networks import initialise

split = lowcap.pair_task("mnist-5k", 4, 9).split(seed=0)
members = lowcap.grid(hidden=[16], learning_rate=[0.1], seed=[0])
trained = lowcap.fit(members, split, epochs=100, batch_size=32).population[0]
untrained = initialise(members, 784)[0]

image = split.test.x[:1]
names = ["finite differences", "gradient", "gradient x input", "integrated gradients"]
figure, axes = plt.subplots(2, 5, figsize=(11, 4.6), layout="constrained")
for row, (state, network) in enumerate({"trained": trained, "untrained": untrained}.items()):
    axes[row, 0].imshow(image.reshape(28, 28), cmap="gray_r")
    axes[row, 0].set_ylabel(state)
    for ax, name in zip(axes[row, 1:], names, strict=True):
        values = METHODS[name](network, image).reshape(28, 28)
        largest = abs(values).max()
        shown = ax.imshow(values / largest, cmap="RdBu_r", vmin=-1, vmax=1)
        ax.set_xlabel(f"largest: {largest:.2g}")
        ax.set_title(name if row == 0 else "", fontsize=10)
for ax in axes.flat:
    ax.set(xticks=[], yticks=[])
figure.colorbar(shown, ax=axes, label="share of the map's largest value", shrink=0.7)
figure.suptitle("One test image, four kinds of map")
plt.show()

# %%
# How to read it
# --------------
#
# Red pixels speak for the 9, blue ones for the 4; finite differences have no sign. Each map is
# divided by its largest value, written below it: compare *where*, and by these numbers *how much*.
# The lower row is the control. Whatever an untrained network shows as well was not learned: the
# even noise of the first two maps in the border, where no image ever has ink, is the weights'
# initial noise.
