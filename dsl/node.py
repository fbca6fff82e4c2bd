"""The base of every value class of the front end.

Syntax nodes, IR nodes and symbols are frozen, slotted ``attrs`` classes. Start-up time is dominated by the
creation of such classes, and generating ``__eq__``, ``__hash__`` and ``__repr__`` is most of that cost, so those
three are written once here, over the fields that take part in comparison.
"""

from __future__ import annotations

from typing import Any, TypeVar, dataclass_transform

import attrs

_C = TypeVar("_C", bound=type)


@dataclass_transform(frozen_default=True, eq_default=False, field_specifiers=(attrs.field,))
def node(cls: _C) -> _C:
    """Make ``cls`` a frozen, slotted attrs class whose comparison and display come from :class:`Node`."""
    return attrs.define(cls, frozen=True, slots=True, eq=False, repr=False, weakref_slot=False, auto_attribs=True)


class Node:
    """Equality, hash and display over the fields that take part in comparison (spans never do)."""

    __slots__ = ()

    def __eq__(self, other: object) -> bool:
        if other.__class__ is not self.__class__:
            return NotImplemented
        return all(getattr(self, name) == getattr(other, name) for name in compared_fields(self.__class__))

    def __hash__(self) -> int:
        return hash((self.__class__, *(getattr(self, name) for name in compared_fields(self.__class__))))

    def __repr__(self) -> str:
        shown = ", ".join(f"{name}={getattr(self, name)!r}" for name in compared_fields(self.__class__))
        return f"{self.__class__.__name__}({shown})"


_COMPARED: dict[type, tuple[str, ...]] = {}


def compared_fields(cls: type[Any]) -> tuple[str, ...]:
    """The names of the fields of an attrs class that take part in comparison, in order of declaration."""
    names = _COMPARED.get(cls)
    if names is None:
        names = _COMPARED[cls] = tuple(f.name for f in attrs.fields(cls) if f.eq)
    return names
