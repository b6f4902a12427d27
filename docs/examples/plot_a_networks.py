"""
Plots in one line: networks
===========================

``lowcap.plot`` draws what is asked most often, on axes of yours or its own: scores by size, how
training went, and what a network makes of its rows.
"""

import matplotlib.pyplot as plt

import lowcap
from lowcap import plot

split = lowcap.pair_task("mnist-5k", 4, 9).split(seed=0)
members = lowcap.grid(hidden=[1, 2, 4, 8, 16], learning_rate=[0.1], seed=range(5))
fitted = lowcap.fit(members, split, epochs=60, batch_size=32)

figure, axes = plt.subplots(1, 3, figsize=(14, 4.2), layout="constrained")
plot.capacity(fitted, split, ax=axes[0])
plot.training_curves(fitted, ax=axes[1])
plot.hidden_space(fitted.member(hidden=2, seed=3), split, ax=axes[2])
plt.show()

# %%
# How to read it
# --------------
#
# Left, every dot is a network; the dashed line is the F1 of whoever always answers "9". In the
# middle, the band goes from the least to the most of five seeds: a network whose one unit is dead
# from the start stays at 0.69, which is guessing. Right, each dot is a test image, its place the
# answers of both hidden units: what one straight line divides there, the output can tell apart, and
# images at the corner wake neither unit.
#
# Every plot returns the axes that it drew on, so that titles, limits and scales can be changed.
