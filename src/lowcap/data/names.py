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


def task_in_words(task: str, dataset: str) -> str:
    """A pair of classes by their names, where the data set is known and they are more than digits.

    For example, "3-5" is "cat / dog" on CIFAR-10, and stays "3-5" on MNIST.
    """
    names = CLASS_NAMES.get(dataset, _DIGITS)
    labels = task.split("-")
    if names is _DIGITS or not all(label.isdecimal() for label in labels):
        return task
    if any(int(label) >= len(names) for label in labels):
        return task
    return " / ".join(names[int(label)] for label in labels)
