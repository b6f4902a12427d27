"""
What a unit sees
================

A hidden unit multiplies each pixel by a weight and adds up. Its weights therefore have the shape of
an image, and can be looked at as one.
"""

import matplotlib.pyplot as plt

import lowcap

split = lowcap.pair_task("mnist-5k", 4, 9).split(seed=0)
fitted = lowcap.fit(lowcap.grid(hidden=[4], seed=[0]), split, optimizer="adam", epochs=30)
network = fitted.population[0]

largest = abs(network.w1[:, split.active]).max()
figure, axes = plt.subplots(1, 4, figsize=(9, 2.8), layout="constrained")
for unit, ax in enumerate(axes):
    weights = (network.w1[unit] * split.active).reshape(split.image_shape)
    image = ax.imshow(weights, cmap="RdBu_r", vmin=-largest, vmax=largest)
    ax.set(title=f"unit {unit}: speaks for {'9' if network.w2[0, unit] > 0 else '4'}")
    ax.set_axis_off()
figure.colorbar(image, ax=axes, label="weight", shrink=0.8)
figure.suptitle("The four hidden units of one network that tells 4 from 9")
plt.show()

# %%
# How to read it
# --------------
#
# Ink on red pixels raises the unit's answer, ink on blue pixels lowers it; all four pictures share
# one scale. The title says which digit the unit then speaks for: the sign of its weight to the
# output. Pixels that are black in every image (``split.active`` is False there) are left out, since
# their weights are never trained and show nothing but the initial noise.
