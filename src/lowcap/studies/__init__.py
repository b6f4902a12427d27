"""One folder a paper: settings, protocols, plan, claims, figures, words."""

from importlib import import_module
from typing import TYPE_CHECKING

from lowcap.errors import SettingsError

if TYPE_CHECKING:
    from lowcap.studies.settings import StudySettings
    from lowcap.studies.study import Study

FOLDERS = ("low_capacity", "sensitivity", "xor", "pairs", "retraining", "transfer")
"""The folder of every study: its `study.py` holds `STUDY`, and its `settings.py` the class
`Settings`, from whose fields and docstring the study's command is made."""

NAMES = {folder.replace("_", "-"): f"lowcap.studies.{folder}.study" for folder in FOLDERS}
"""Each study's name and the module that puts it together, imported when it is asked for."""


def find(name: str) -> "Study":
    """The study of that name.

    Raises:
        SettingsError: there is none.
    """
    if name not in NAMES:
        raise SettingsError(f"unknown study '{name}': choose {', '.join(NAMES)}")
    return import_module(NAMES[name]).STUDY


def settings_of(name: str) -> "type[StudySettings]":
    """The settings of the study of that name, without the rest of it, which is slow to import."""
    package = NAMES[name].rpartition(".")[0]
    return import_module(f"{package}.settings").Settings
