"""One folder a paper: settings, protocols, plan, claims, figures."""

from importlib import import_module
from typing import TYPE_CHECKING

from lowcap.errors import SettingsError

if TYPE_CHECKING:
    from lowcap.studies.study import Study

NAMES = {
    "low-capacity": "lowcap.studies.low_capacity.study",
    "sensitivity": "lowcap.studies.sensitivity.study",
    "xor": "lowcap.studies.xor.study",
}
"""Each study's name and the module that puts it together, imported when it is asked for."""


def find(name: str) -> "Study":
    """The study of that name.

    Raises:
        SettingsError: there is none.
    """
    if name not in NAMES:
        raise SettingsError(f"unknown study '{name}': choose {', '.join(NAMES)}")
    return import_module(NAMES[name]).STUDY
