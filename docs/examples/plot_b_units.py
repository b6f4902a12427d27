"""
Plots in one line: one network
==============================

Each hidden unit as a card, and which pixels of one image the decision hangs on.
"""

import matplotlib.pyplot as plt

import lowcap
from lowcap import plot

split = lowcap.pair_task("mnist-5k", 4, 9).split(seed=0)
fitted = lowcap.fit(lowcap.grid(hidden=[4], seed=[0]), split, optimizer="adam", epochs=30)
network = fitted.member(hidden=4, seed=0)

plot.unit_cards(network, split)
plt.show()

# %%
# How to read a card
# ------------------
#
# The weights come first: ink in the red excites the unit, ink in the blue quiets it, on one scale
# for all units. Beside them stand the images that it answers to most. The unit without which most
# test images would be wrong is at the top; one without which no more are wrong could go.

wrong = ((network(split.test.x) > 0.5) != split.test.y).nonzero()[0]
figure, axes = plt.subplots(1, 2, figsize=(9, 4), layout="constrained")
plot.saliency(network, split, image=0, ax=axes[0])
plot.saliency(network, split, image=int(wrong[0]), ax=axes[1])
plt.show()

# %%
# How to read a map
# -----------------
#
# The strokes of the image are outlined. More ink in the red would speak for the 9 (class 1), more
# in the blue for the 4. Left is the first test image, right the first that the network gets wrong:
# there the map says which strokes misled it.
