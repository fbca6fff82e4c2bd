"""The store that lives in memory and dies with it."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from threading import RLock
from typing import Any

import attrs

from ...dsl.values import Reference, Value
from .port import Batch, Effect, Record, Timer


class MemoryStore:
    """Implements :class:`~.port.Store` over dictionaries. One transaction at a time; others wait."""

    def __init__(self) -> None:
        self._lock = RLock()
        self._records: dict[str, dict[str, Record]] = {}
        self._order: dict[str, list[str]] = {}
        self._indexes: dict[str, dict[str, dict[Value, list[str]]]] = {}
        self._timers: dict[str, Timer] = {}
        self._events: dict[str, str] = {}
        self._memory: dict[str, str] = {}
        self._effects: dict[str, Effect] = {}
        self._log: list[str] = []

    @contextmanager
    def transaction(self, connection: Any = None) -> Iterator[_MemoryTransaction]:
        """As the port says. A connection means nothing here: ``ValueError``."""
        if connection is not None:
            raise ValueError("the memory store has no connections")
        with self._lock:
            transaction = _MemoryTransaction(self)
            yield transaction
            for batch in transaction.batches:
                self._apply(batch)

    def _apply(self, batch: Batch) -> None:
        for write in batch.records:
            self._put(write.object, write.record)
        for key in batch.dropped:
            self._timers.pop(key, None)
        for timer in batch.timers:
            self._timers[timer.key] = timer
        for effect in batch.effects:
            self._effects[effect.key] = effect
        if batch.event:
            self._events[batch.event[0]] = batch.event[1]
        for key, note in batch.memory.items():
            if note is None:
                self._memory.pop(key, None)
            else:
                self._memory[key] = note
        self._log.extend(batch.log)

    def _put(self, reference: Reference, record: Record | None) -> None:
        kind, identifier = reference
        records, order = self._records.setdefault(kind, {}), self._order.setdefault(kind, [])
        before = records.get(identifier)
        if before is None and record is not None:
            insort(order, identifier)
        elif before is not None and record is None:
            del order[bisect_left(order, identifier)]
        if record is None:
            records.pop(identifier, None)
        else:
            records[identifier] = record
        for field, index in self._indexes.get(kind, {}).items():
            old, new = (before or {}).get(field), (record or {}).get(field)
            if old == new:
                continue
            if old is not None:
                index[old].remove(identifier)
            if new is not None:
                insort(index.setdefault(new, []), identifier)

    def index(self, kind: str, field: str) -> dict[Value, list[str]]:
        """The identifiers of the objects of a type by the value of a field; made on first use."""
        indexes = self._indexes.setdefault(kind, {})
        index = indexes.get(field)
        if index is None:
            index = indexes[field] = {}
            records = self._records.get(kind, {})
            for identifier in self._order.get(kind, ()):
                value = records[identifier].get(field)
                if value is not None:
                    index.setdefault(value, []).append(identifier)
        return index

    def timers(self) -> list[Timer]:
        with self._lock:
            return sorted(self._timers.values(), key=lambda timer: (timer.due, timer.key))

    def effects(self, state: str | None = None) -> list[Effect]:
        with self._lock:
            return [effect for effect in self._effects.values() if state is None or effect.state == state]

    def settle(self, key: str, state: str) -> None:
        with self._lock:
            self._effects[key] = attrs.evolve(self._effects[key], state=state)

    def log(self) -> list[str]:
        with self._lock:
            return list(self._log)

    def close(self) -> None:
        """Nothing to let go of."""


class _MemoryTransaction:
    """Reads the dictionaries; what it writes is applied when its block ends well."""

    def __init__(self, store: MemoryStore) -> None:
        self._store = store
        self.batches: list[Batch] = []

    def get(self, reference: Reference) -> Record | None:
        return self._store._records.get(reference.object, {}).get(reference.id)

    def identifiers(self, kind: str) -> Iterable[str]:
        return tuple(self._store._order.get(kind, ()))

    def find(self, kind: str, field: str, value: Value) -> Iterable[str]:
        return tuple(self._store.index(kind, field).get(value, ()))

    def timer(self, key: str) -> Timer | None:
        return self._store._timers.get(key)

    def timer_at(self, rule: str, reference: Reference, slot: str) -> Timer | None:
        for timer in self.timers_of(reference):
            if timer.rule == rule and timer.slot == slot:
                return timer
        return None

    def timers_of(self, reference: Reference) -> Iterable[Timer]:
        return self._chosen(lambda timer: timer.object == reference and timer.state == "pending")

    def timers_of_rule(self, rule: str) -> Iterable[Timer]:
        return self._chosen(lambda timer: timer.rule == rule)

    def _chosen(self, test: Any) -> list[Timer]:
        return sorted(filter(test, self._store._timers.values()), key=lambda timer: timer.key)

    def due_timers(self, instant: datetime) -> Iterable[Timer]:
        due = [t for t in self._store._timers.values() if t.state == "pending" and t.due <= instant]
        return sorted(due, key=lambda timer: (timer.due, timer.key))

    def event_digest(self, event: str) -> str | None:
        return self._store._events.get(event)

    def recall(self, key: str) -> str | None:
        return self._store._memory.get(key)

    def write(self, batch: Batch) -> None:
        self.batches.append(batch)
