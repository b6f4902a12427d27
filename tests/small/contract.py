"""scikit-learn's contract for estimators: how many of its checks apply, and which cannot pass."""

import sklearn
from sklearn.utils.estimator_checks import estimator_checks_generator

UNEQUAL = {
    "check_sample_weight_equivalence_on_dense_data": (
        "asks for 7 equal digits; training is in single precision, and a repeated row may fall "
        "into another batch"
    )
}
SEARCH = {
    "check_sample_weight_equivalence_on_dense_data": (
        "sets cv to a list of folds; the search draws its own, as it has an inner part in each"
    )
}
NOT_RUN = {"check_array_api_input"}
"""Skips itself unless SCIPY_ARRAY_API is set."""

CHECKS = {"classifier": 62, "regressor": 59}
"""In scikit-learn 1.9. A wrong tag would make fewer apply, and nobody would see."""


def expected_failures(estimator) -> dict[str, str]:
    return SEARCH if hasattr(estimator, "cv") else UNEQUAL


def names_of_checks(estimator) -> list[str]:
    """The names of all checks that apply, from the estimator's tags."""
    found = []
    for _, check in estimator_checks_generator(estimator, mark=None):
        function = getattr(check, "func", check)
        found.append(function.__name__)
    return found


def assert_all_apply(estimator, kind: str) -> None:
    names = names_of_checks(estimator)
    assert set(expected_failures(estimator)) <= set(names)
    assert set(names) >= NOT_RUN
    if sklearn.__version__.startswith("1.9."):
        assert len(names) == CHECKS[kind]
    else:
        assert len(names) >= 50
