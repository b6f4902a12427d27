"""What the settings of all studies share: limits that stand with each field and are checked.

Light to import, since the command line is made from the settings of every study.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, fields
from types import UnionType
from typing import Annotated, Any, ClassVar, Literal, Union, get_args, get_origin, get_type_hints

import tyro

from lowcap.errors import SettingsError
from lowcap.given import in_a_line


@dataclass(frozen=True)
class AtLeast:
    """The smallest value that a field may have: ``epochs: Annotated[int, AtLeast(1)]``."""

    limit: float


def otherwise(words: str, metavar: str | None = None) -> Any:
    """What help says of an option that may be left out: what happens then.

    Args:
        words: after "default:", such as "one a core".
        metavar: what the option takes, if not what its type says.
    """
    return tyro.conf.arg(metavar=metavar, help_behavior_hint=f"(default: {words})")


@dataclass(frozen=True)
class AtMost:
    """The largest value that a field may have; beyond, it is a mistake or would never end."""

    limit: float


Positive = Annotated[int, AtLeast(1), AtMost(10**9)]
"""A whole number from 1 on."""

HiddenSize = Annotated[int, AtLeast(1), AtMost(2**20)]
"""Hidden units or filters."""

MOST_SEEDS = 10_000

Seeds = Annotated[int, AtLeast(1), AtMost(MOST_SEEDS)]
"""Networks of each kind: each is a cell of its own, with a file."""

Epochs = Annotated[int, AtLeast(1), AtMost(10**6)]
"""Passes over the data."""


@dataclass(frozen=True)
class StudySettings:
    """What a user may set in one study: a frozen dataclass whose fields become options.

    Each field's type says what it may hold: a `Literal` its choices, `Positive` a number from 1
    on, a tuple at least one value (unless it is empty by default). Making an instance checks them.
    The docstring of a study's settings is the help of its command.

    Example:
        >>> @dataclass(frozen=True)
        ... class Settings(StudySettings):
        ...     study: ClassVar[str] = "toy"
        ...     seeds: Positive = 10
        >>> Settings(seeds=0)
        lowcap.errors.SettingsError: --seeds 0: must be at least 1
    """

    study: ClassVar[str] = ""
    """The study's name, as on the command line and in the first column of its tables."""
    grows: ClassVar[bool] = False
    """Whether seeds can be added where verdicts are undecided (`Study.extend`)."""

    @property
    def datasets(self) -> tuple[str, ...]:
        """The names or paths of the data sets that a run needs."""
        value = getattr(self, "dataset", ())
        return (value,) if isinstance(value, str) else tuple(value)

    def __post_init__(self) -> None:
        hints = get_type_hints(type(self), include_extras=True)
        for field in fields(self):
            option = f"--{field.name.replace('_', '-')}"
            value = getattr(self, field.name)
            if isinstance(value, list):
                value = tuple(value)
                self.replaced(**{field.name: value})
            if value != field.default:
                _check(option, value, hints[field.name])

    def replaced(self, **values: Any) -> None:
        """Set fields to their tidied values, such as sorted ones, while an instance is made."""
        for name, value in values.items():
            object.__setattr__(self, name, value)


def _check(option: str, value: Any, hint: Any) -> None:
    """Refuse a value that its type does not allow.

    Raises:
        SettingsError: it names the option, the value and what is allowed.
    """
    origin, parts = get_origin(hint), get_args(hint)
    if origin is Annotated:
        kind, *marks = parts
        _check(option, value, kind)
        for mark in marks:
            if isinstance(mark, AtLeast) and value < mark.limit:
                raise SettingsError(f"{option} {value}: must be at least {mark.limit}")
            if isinstance(mark, AtMost) and value > mark.limit:
                told = in_a_line(value, 40)
                raise SettingsError(f"{option} {told}: must be at most {mark.limit:,}")
    elif origin is Literal:
        if value not in parts:
            raise SettingsError(f"{option} {value}: choose {_listed(parts)}")
    elif origin in (Union, UnionType):
        if not (value is None and type(None) in parts):
            (kind,) = (part for part in parts if part is not type(None))
            _check(option, value, kind)
    elif origin is tuple:
        if not isinstance(value, tuple):
            raise SettingsError(f"{option} {value!r}: must be a tuple of values")
        if not value:
            raise SettingsError(f"{option}: give at least one value")
        for one in value:
            _check(option, one, parts[0])
            if value.count(one) > 1:
                raise SettingsError(f"{option}: {one} stands in it twice")
    elif not isinstance(value, (int, float) if hint is float else hint) or value is True:
        name = {int: "a whole number", float: "a number", str: "text"}.get(hint, hint.__name__)
        raise SettingsError(f"{option} {value!r}: must be {name}")
    elif isinstance(value, float) and not math.isfinite(value):
        raise SettingsError(f"{option} {value}: must be a finite number")


def _listed(choices: Sequence[Any]) -> str:
    *most, last = map(str, choices)
    return f"{', '.join(most)} or {last}" if most else last
