"""
Plots in one line: score and size
=================================

What networks of every size score on rows that they have not seen, against what they cost.
"""

import matplotlib.pyplot as plt
from sklearn.datasets import make_moons

import lowcap
from lowcap import plot

x, y = make_moons(400, noise=0.15, random_state=0)
search = lowcap.SmallestNetworkCV(sizes=(0, 1, 2, 4, 8, 16), repeats=1, seeds=2, starts=1)
search.fit(x, y)

axes = plot.frontier(search)
axes.set_ylabel("balanced accuracy on held-out rows")
plt.show()

print(search.answer_.sentence)

# %%
# How to read it
# --------------
#
# Numbers beside the dots are hidden sizes; 0 is a linear model, which has no hidden units. Bars are
# 95 % intervals over folds, the line is the best score for so many parameters or fewer, and the
# circle is the answer: the smallest size that is shown to be good enough. ``plot.frontier`` also
# draws the ``frontier.parquet`` of a folder that ``lowcap small`` wrote, by bytes of flash.
