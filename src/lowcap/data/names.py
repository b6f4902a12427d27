"""What the classes of the known data sets are called."""

_DIGITS = tuple("0123456789")

_CLOTHES = (
    "T-shirt",
    "trouser",
    "pullover",
    "dress",
    "coat",
    "sandal",
    "shirt",
    "sneaker",
    "bag",
    "boot",
)

_CIFAR_10 = (
    "airplane",
    "automobile",
    "bird",
    "cat",
    "deer",
    "dog",
    "frog",
    "horse",
    "ship",
    "truck",
)

CLASS_NAMES: dict[str, tuple[str, ...]] = {
    "mnist-5k": _DIGITS,
    "mnist": _DIGITS,
    "fashion-mnist": _CLOTHES,
    "cifar-10": _CIFAR_10,
    "cifar-10-small": _CIFAR_10,
}
"""The name of each class, in the order of their labels, by the name of the data set."""
