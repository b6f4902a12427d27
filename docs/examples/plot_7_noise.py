"""
Noise and occlusion
===================

How F1 falls as images get worse, for small and large networks on the same damaged copies.
"""

import matplotlib.pyplot as plt

import lowcap
from lowcap.data.corruptions import gaussian_noise, occlusion

split = lowcap.pair_task("mnist-5k", 4, 9).split(seed=0)
members = lowcap.grid(hidden=[4, 24, 64], learning_rate=[0.1], seed=range(5))
population = lowcap.fit(members, split, epochs=100, batch_size=32).population

noise = {
    ("noise", level): lambda images, rng, level=level: gaussian_noise(images, rng, level)
    for level in (0.1, 0.2, 0.3, 0.4, 0.5)
}
patches = {
    ("patch", side): lambda images, rng, side=side: occlusion(images, rng, side)
    for side in (4, 7, 10, 13)
}
table = lowcap.robustness(population, split.test, split.image_shape, noise | patches)

figure, axes = plt.subplots(1, 2, figsize=(9, 4), sharey=True, layout="constrained")
axis = {"noise": "standard deviation of the noise (pixels: 0 to 1)", "patch": "side of the patch"}
for ax, (kind, label) in zip(axes, axis.items(), strict=True):
    for size, part in table[table["corruption"].isin([kind, "none"])].groupby("hidden"):
        by_level = part.groupby(["severity", "seed"])["f1"].mean().groupby("severity")
        ax.errorbar(by_level.mean().index, by_level.mean(), by_level.std(), marker="o", capsize=3,
                    label=f"{size} units")  # fmt: skip
    ax.set(xlabel=label, ylabel="test F1")
axes[0].legend(title="mean and deviation of 5 seeds")
figure.suptitle("4 against 9: three copies of 200 test images for each level")
plt.show()

# %%
# How to read it
# --------------
#
# Left, noise is added to every pixel; right, one black square is put at a random place. All
# networks see the same copies, so that their differences are not the noise's. If the bars of two
# sizes overlap, compare seed by seed before saying that one is more robust.
