"""Options that may be left out, in words that need no Python: `--out PATH`, not `{None}|PATH`."""

from types import NoneType, UnionType
from typing import Any, Union, get_args, get_origin

from tyro.constructors import (
    ConstructorRegistry,
    PrimitiveConstructorSpec,
    PrimitiveTypeInfo,
    UnsupportedTypeAnnotationError,
)

UNSET = "unset"
"""What help says of the default of such an option that does not say what happens without it, as
those made by `lowcap.studies.settings.otherwise` do."""


def optional_values() -> ConstructorRegistry:
    """How tyro reads a value that may be None: as the value, since to leave it out is None."""
    registry = ConstructorRegistry()
    registry.primitive_rule(_of_the_value)
    return registry


def _of_the_value(info: PrimitiveTypeInfo) -> PrimitiveConstructorSpec[Any] | None:
    """For ``X | None`` what tyro does for X; nothing for other types."""
    if get_origin(info.type) not in (Union, UnionType):
        return None
    kinds = [kind for kind in get_args(info.type) if kind is not NoneType]
    if len(kinds) != 1 or len(get_args(info.type)) != 2:
        return None
    made = PrimitiveTypeInfo.make(kinds[0], info.markers)
    inner = ConstructorRegistry.get_primitive_spec(made)
    if isinstance(inner, UnsupportedTypeAnnotationError):
        return None
    return PrimitiveConstructorSpec(
        nargs=inner.nargs,
        metavar=inner.metavar,
        instance_from_str=inner.instance_from_str,
        is_instance=lambda value: value is None or inner.is_instance(value),
        str_from_instance=lambda value: (
            [UNSET] if value is None else inner.str_from_instance(value)
        ),
        choices=inner.choices,
    )
