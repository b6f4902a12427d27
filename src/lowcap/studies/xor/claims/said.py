"""What arXiv 1810.03037 says about each claim: its abstract's words and its theorems' numbers."""

from lowcap.claims import Said

ARXIV = "https://arxiv.org/abs/1810.03037"

INTERPLAY = (
    "overparameterized convolutional networks generalize better than small networks because of an "
    "interplay between weight clustering and feature exploration at initialization"
)
MINIMA = (
    "with overparamterization, gradient descent converges to global minima with better "
    "generalization performance compared to global minima of small networks"
)
"""From the abstract, letter by letter, misspelling included."""

EXACT_SAID = {
    "small-can-express": Said(value="no input is classified wrong", effect=0.0),
    "small-fails": Said(MINIMA, value="at least 33 of 48 starts, 68.75 %"),
    "large-generalizes": Said(MINIMA, value="at least 99.46 % of runs"),
    "exploration": Said(INTERPLAY),
    "clustering": Said(INTERPLAY),
}
IMAGE_SAID = {"mnist-larger-better": Said(MINIMA)}
