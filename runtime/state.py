"""Snapshots: what the data looks like at one point of the processing of an event."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Protocol, cast

from ..dsl.values import Reference, Value
from .model import KEPT_BY_ENGINE
from .stores.port import Asking, Record
from .values import equal


class Source(Protocol):
    """The reads a snapshot is built on; a :class:`~.stores.port.Transaction` is one."""

    def get(self, reference: Reference) -> Record | None: ...
    def identifiers(self, kind: str) -> Iterable[str]: ...
    def find(self, kind: str, field: str, value: Value) -> Iterable[str]: ...


Changes = Mapping[Reference, "Record | None"]
"""New records by object; ``None`` deletes."""


class State:
    """An immutable snapshot: stored data with changes laid over it."""

    __slots__ = ("_base", "_rows")

    def __init__(self, base: Source, rows: Mapping[str, Mapping[str, Record | None]] | None = None) -> None:
        self._base = base
        self._rows = rows or {}

    def get(self, reference: Reference) -> Record | None:
        """The record of an object, ``None`` when it is not there."""
        rows = self._rows.get(reference.object)
        if rows is not None and reference.id in rows:
            return rows[reference.id]
        return self._base.get(reference)

    def identifiers(self, kind: str) -> list[str]:
        """The identifiers of all objects of a type, ascending."""
        rows = self._rows.get(kind)
        stored = self._base.identifiers(kind)
        if not rows:
            return list(stored)
        kept = {identifier for identifier in stored if identifier not in rows}
        kept.update(identifier for identifier, record in rows.items() if record is not None)
        return sorted(kept)

    def find(self, kind: str, field: str, value: Value) -> list[str]:
        """The identifiers of the objects whose stored field equals ``value``, ascending."""
        rows = self._rows.get(kind)
        stored = self._base.find(kind, field, value)
        if not rows:
            return list(stored)
        kept = {identifier for identifier in stored if identifier not in rows}
        kept.update(
            identifier for identifier, record in rows.items() if record is not None and record.get(field) == value
        )
        return sorted(kept)

    @property
    def can_ask(self) -> bool:
        """Whether the store below can be asked whole questions."""
        below = getattr(self._base, "snapshot", None)
        return below.can_ask if isinstance(below, State) else hasattr(self._base, "select")

    def asking(self) -> tuple[Asking | None, dict[str, set[str]]]:
        """The store below where it can be asked whole questions, and what was touched since, by type."""
        base = self._base
        below = getattr(base, "snapshot", None)
        if isinstance(below, State):
            store, changed = below.asking()
        else:
            store, changed = (cast("Asking", base) if hasattr(base, "select") else None), dict[str, set[str]]()
        if store is not None:
            for kind, rows in self._rows.items():
                changed.setdefault(kind, set()).update(rows)
        return store, changed

    def with_changes(self, changes: Changes) -> State:
        """The snapshot after some changes; this one stays as it is."""
        rows = dict(self._rows)
        copied: dict[str, dict[str, Record | None]] = {}
        for reference, record in changes.items():
            kind = reference.object
            if kind not in copied:
                rows[kind] = copied[kind] = dict(self._rows.get(kind, {}))
            copied[kind][reference.id] = record
        return State(self._base, rows)


class _Nothing:
    """The source of a snapshot in which nothing is stored."""

    def get(self, reference: Reference) -> Record | None:
        return None

    def identifiers(self, kind: str) -> Iterable[str]:
        return ()

    def find(self, kind: str, field: str, value: Value) -> Iterable[str]:
        return ()


EMPTY = State(_Nothing())


def differ(before: Record, after: Record) -> bool:
    """Whether a field that the engine does not keep itself differs."""
    return any(not equal(before.get(name), after.get(name)) for name in {*before, *after} if name not in KEPT_BY_ENGINE)


def laid_over(record: Record, data: Mapping[str, Value]) -> dict[str, Value]:
    """A record with an event's delta: ``None`` empties."""
    result = {**record, **data}
    return {name: value for name, value in result.items() if value is not None}
