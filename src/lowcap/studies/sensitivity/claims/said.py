"""What the abstract of arXiv 1802.08760 says about each claim, letter by letter."""

from lowcap.claims import Said

ARXIV = "https://arxiv.org/abs/1802.08760"

NEAR_DATA = (
    "trained neural networks are more robust to input perturbations in the vicinity of the "
    "training data manifold, as measured by the norm of the input-output Jacobian of the network, "
    "and that it correlates well with generalization"
)
POOR = (
    "factors associated with poor generalization – such as full-batch training or using random "
    "labels – correspond to lower robustness"
)
GOOD = (
    "factors associated with good generalization – such as data augmentation and ReLU "
    "non-linearities – give rise to more robust functions"
)

SAID = {
    "larger-generalize-better": Said(
        "In practice it is often found that large over-parameterized neural networks generalize "
        "better than their smaller counterparts"
    ),
    "norm-predicts-gap": Said(NEAR_DATA),
    "robust-near-data": Said(NEAR_DATA),
    "random-labels": Said(POOR),
    "full-batch": Said(POOR),
    "augmentation": Said(GOOD),
    "relu-vs-saturating": Said(GOOD),
    "pointwise": Said(
        "the input-output Jacobian norm can be predictive of generalization at the level of "
        "individual test points"
    ),
}
