"""The store that lives in memory and dies with it."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Collection, Generator, Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from itertools import islice
from threading import RLock
from typing import Any

import attrs

from ...dsl import ir
from ...dsl.values import Reference, Value
from .port import AT_ONCE, OPEN_STATES, Batch, Effect, Record, Timer


class _Tables:
    """The data itself, shared by the store and its transactions."""

    __slots__ = (
        "_of_object",
        "_pending",
        "effects",
        "events",
        "indexes",
        "log",
        "memory",
        "open_effects",
        "order",
        "records",
        "timers",
    )

    def __init__(self) -> None:
        self.records: dict[str, dict[str, Record]] = {}
        self.order: dict[str, list[str]] = {}
        self.indexes: dict[str, dict[str, dict[Value, list[str]]]] = {}
        self.timers: dict[str, Timer] = {}
        self._of_object: dict[Reference | None, dict[str, Timer]] = {}
        self._pending: list[tuple[datetime, str]] = []
        self.events: dict[str, str] = {}
        self.memory: dict[str, str] = {}
        self.effects: dict[str, Effect] = {}
        self.open_effects: dict[str, Effect] = {}
        self.log: list[str] = []

    def apply(self, batch: Batch) -> None:
        """Write a batch; nothing in it can fail half-way."""
        for write in batch.records:
            self._put(write.object, write.record)
        for key in batch.dropped:
            self._drop(key)
        for timer in batch.timers:
            self._drop(timer.key)
            self.timers[timer.key] = timer
            if timer.state == "pending":
                insort(self._pending, (timer.due, timer.key))
                self._of_object.setdefault(timer.object, {})[timer.key] = timer
        for effect in batch.effects:
            self.put_effect(effect)
        if batch.event:
            self.events[batch.event[0]] = batch.event[1]
        for key, note in batch.memory.items():
            if note is None:
                self.memory.pop(key, None)
            else:
                self.memory[key] = note
        self.log.extend(batch.log)

    def put_effect(self, effect: Effect) -> None:
        """Write an effect; one that is open again stands where it was."""
        known = self.effects.get(effect.key)
        self.effects[effect.key] = effect
        if effect.state not in OPEN_STATES:
            self.open_effects.pop(effect.key, None)
        elif known is None or effect.key in self.open_effects:
            self.open_effects[effect.key] = effect
        else:
            self.open_effects = {each.key: each for each in self.effects.values() if each.state in OPEN_STATES}

    def claimable(self, actions: Collection[str]) -> Iterator[Effect]:
        """The open effects of some actions that no earlier one of their lane holds back, oldest first."""
        lanes: set[str] = set()
        for effect in self.open_effects.values():
            if effect.lane not in lanes and effect.action in actions:
                yield effect
            if effect.lane:
                lanes.add(effect.lane)

    def _drop(self, key: str) -> None:
        timer = self.timers.pop(key, None)
        if timer is not None and timer.state == "pending":
            del self._pending[bisect_left(self._pending, (timer.due, key))]
            of_object = self._of_object[timer.object]
            del of_object[key]
            if not of_object:
                del self._of_object[timer.object]

    def pending_of(self, reference: Reference) -> list[Timer]:
        """The pending timers of an object, in order of key."""
        return sorted(self._of_object.get(reference, {}).values(), key=_by_key)

    def next_due(self) -> datetime | None:
        """The due instant of the first pending timer."""
        return self._pending[0][0] if self._pending else None

    def due(self, instant: datetime) -> list[Timer]:
        """The pending timers due at or before an instant, in order."""
        found: list[Timer] = []
        for due, key in self._pending:
            if due > instant:
                break
            found.append(self.timers[key])
        return found

    def _put(self, reference: Reference, record: Record | None) -> None:
        kind, identifier = reference
        records, order = self.records.setdefault(kind, {}), self.order.setdefault(kind, [])
        before = records.get(identifier)
        if before is None and record is not None:
            insort(order, identifier)
        elif before is not None and record is None:
            del order[bisect_left(order, identifier)]
        if record is None:
            records.pop(identifier, None)
        else:
            records[identifier] = record
        for field, index in self.indexes.get(kind, {}).items():
            old, new = (before or {}).get(field), (record or {}).get(field)
            if old == new:
                continue
            if old is not None:
                index[old].remove(identifier)
            if new is not None:
                insort(index.setdefault(new, []), identifier)

    def index(self, kind: str, field: str) -> dict[Value, list[str]]:
        """The identifiers of the objects of a type by the value of a field; made on first use."""
        indexes = self.indexes.setdefault(kind, {})
        index = indexes.get(field)
        if index is None:
            index = indexes[field] = {}
            records = self.records.get(kind, {})
            for identifier in self.order.get(kind, ()):
                value = records[identifier].get(field)
                if value is not None:
                    index.setdefault(value, []).append(identifier)
        return index


class MemoryStore:
    """Implements :class:`~.port.Store` over dictionaries. One transaction at a time; others wait."""

    def __init__(self) -> None:
        self._lock = RLock()
        self._tables = _Tables()

    def prepare(self, program: ir.Program, *, dry: bool = False) -> None:
        """Dictionaries need no room made."""

    @contextmanager
    def transaction(self, connection: Any = None, *, reading: bool = False) -> Generator[_MemoryTransaction]:
        """As the port says. A connection means nothing here: ``ValueError``."""
        if connection is not None:
            raise ValueError("the memory store has no connections")
        with self._lock:
            transaction = _MemoryTransaction(self._tables)
            yield transaction
            for batch in transaction.batches:
                self._tables.apply(batch)

    def timers(self) -> list[Timer]:
        with self._lock:
            return sorted(self._tables.timers.values(), key=_by_due)

    def next_timer(self) -> datetime | None:
        with self._lock:
            return self._tables.next_due()

    def effects(self, state: str | None = None) -> list[Effect]:
        with self._lock:
            return [effect for effect in self._tables.effects.values() if state is None or effect.state == state]

    def effect(self, key: str) -> Effect | None:
        return self._tables.effects.get(key)

    def claim(
        self,
        worker: str,
        now: datetime,
        until: datetime,
        *,
        actions: Collection[str],
        limit: int = 1,
        key: str | None = None,
    ) -> list[Effect]:
        with self._lock:
            if key is None:
                found = self._tables.claimable(actions)
            else:
                effect = self._tables.open_effects.get(key)
                found = [effect] if effect is not None and effect.action in actions else []
            ready = (effect for effect in found if _ready_at(effect) <= now)
            claimed = [_claimed(effect, worker, now, until) for effect in islice(ready, limit)]
            for effect in claimed:
                self._tables.put_effect(effect)
            return claimed

    def settle(
        self,
        key: str,
        state: str,
        *,
        error: str = "",
        due: datetime | None = None,
        attempts: int | None = None,
        worker: str | None = None,
    ) -> bool:
        with self._lock:
            effect = self._tables.effects[key]
            if worker is not None and effect.worker != worker:
                return False
            settled_now = settled(effect, state, error=error, due=due, attempts=attempts, worker=worker)
            self._tables.put_effect(settled_now)
            return True

    def next_delivery(self, actions: Collection[str]) -> datetime | None:
        with self._lock:
            return min((_ready_at(effect) for effect in self._tables.claimable(actions)), default=None)

    def log(self) -> list[str]:
        with self._lock:
            return list(self._tables.log)

    def close(self) -> None:
        """Nothing to let go of."""


class _MemoryTransaction:
    """Reads the dictionaries; what it writes is applied when its block ends well."""

    def __init__(self, tables: _Tables) -> None:
        self._tables = tables
        self.batches: list[Batch] = []

    def get(self, reference: Reference) -> Record | None:
        return self._tables.records.get(reference.object, {}).get(reference.id)

    def identifiers(self, kind: str) -> Iterable[str]:
        return tuple(self._tables.order.get(kind, ()))

    def find(self, kind: str, field: str, value: Value) -> Iterable[str]:
        return tuple(self._tables.index(kind, field).get(value, ()))

    def timer(self, key: str) -> Timer | None:
        return self._tables.timers.get(key)

    def timer_at(self, rule: str, reference: Reference, slot: str) -> Timer | None:
        found = (timer for timer in self.timers_of(reference) if timer.rule == rule and timer.slot == slot)
        return next(found, None)

    def timers_of(self, reference: Reference) -> Iterable[Timer]:
        return self._tables.pending_of(reference)

    def timers_of_rule(self, rule: str) -> Iterable[Timer]:
        return sorted((timer for timer in self._tables.timers.values() if timer.rule == rule), key=_by_key)

    def due_timers(self, instant: datetime) -> Iterable[Timer]:
        return self._tables.due(instant)

    def event_digest(self, event: str) -> str | None:
        return self._tables.events.get(event)

    def recall(self, key: str) -> str | None:
        return self._tables.memory.get(key)

    def write(self, batch: Batch) -> None:
        self.batches.append(batch)


def _by_key(timer: Timer) -> str:
    return timer.key


def _by_due(timer: Timer) -> tuple[datetime, str]:
    return timer.due, timer.key


def _ready_at(effect: Effect) -> datetime:
    """When an open effect can be claimed."""
    return (effect.until if effect.state == "claimed" else effect.due) or AT_ONCE


def _claimed(effect: Effect, worker: str, now: datetime, until: datetime) -> Effect:
    return attrs.evolve(
        effect,
        state="claimed",
        attempts=effect.attempts + 1,
        first=effect.first or now,
        last=now,
        worker=worker,
        until=until,
    )


def settled(
    effect: Effect,
    state: str,
    *,
    error: str,
    due: datetime | None,
    attempts: int | None,
    worker: str | None,
) -> Effect:
    """What :meth:`~.port.Store.settle` makes of an effect."""
    return attrs.evolve(
        effect,
        state=state,
        error=error,
        due=due,
        attempts=effect.attempts if attempts is None else attempts,
        first=None if attempts == 0 else effect.first,
        worker=worker or "",
        until=None,
    )
