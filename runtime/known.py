"""Objects that a database has given a key of its own: events may go on calling them as they were called before."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeGuard

import attrs

from ..dsl.values import Reference, Value
from .events import Event
from .stores.port import Transaction

Known = Callable[[Reference], Reference]


def as_known(event: Event, transaction: Transaction) -> Event:
    """The event about the objects as the store knows them; the same event for a store that keeps all names."""
    known: Known | None = getattr(transaction, "known_as", None)
    if known is None:
        return event
    identifier = event.identifier
    if identifier is not None:
        identifier = known(Reference(event.kind, identifier)).id
    data = _known(event.data, known)
    before = None if event.before is None else _known(event.before, known)
    if identifier == event.identifier and data is event.data and before is event.before:
        return event
    return attrs.evolve(event, identifier=identifier, data=data, before=before)


def _known(values: Mapping[str, Value], known: Known) -> Mapping[str, Value]:
    changed: dict[str, Value] = {}
    for name, value in values.items():
        new = _value(value, known)
        if new is not value:
            changed[name] = new
    return {**values, **changed} if changed else values


def _value(value: Value, known: Known) -> Value:
    if isinstance(value, Reference):
        found = known(value)
        return value if found == value else found
    if _is_list(value):
        members = tuple(_value(member, known) for member in value)
        return value if members == value else members
    return value


def _is_list(value: Value) -> TypeGuard[tuple[Value, ...]]:
    """Whether a value is a list: amounts and references are tuples too."""
    return type(value) is tuple
