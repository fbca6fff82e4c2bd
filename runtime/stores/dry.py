"""A store over another one, of which nothing is ever written: dry runs and simulations."""

from __future__ import annotations

from collections.abc import Generator, Iterable
from contextlib import contextmanager
from datetime import datetime
from threading import RLock
from typing import Any

import attrs

from ...dsl.values import Reference, Value
from ..state import State
from .port import Batch, Effect, Record, Store, Timer, Transaction


class DryStore:
    """Implements :class:`~.port.Store`: reads go to the store below, writes stay here and are lost with it."""

    def __init__(self, below: Store) -> None:
        self._below = below
        self._lock = RLock()
        self._laid = _Laid()

    @contextmanager
    def transaction(self, connection: Any = None) -> Generator[_DryTransaction]:
        with self._lock, self._below.transaction(connection) as below:
            transaction = _DryTransaction(below, self._laid)
            yield transaction
            for batch in transaction.batches:
                self._laid.apply(batch)

    def timers(self) -> list[Timer]:
        with self._lock:
            found = [timer for timer in self._below.timers() if timer.key not in self._laid.timers]
            found += [timer for timer in self._laid.timers.values() if timer is not None]
            return sorted(found, key=_by_due)

    def effects(self, state: str | None = None) -> list[Effect]:
        with self._lock:
            return [effect for effect in self._laid.effects.values() if state is None or effect.state == state]

    def settle(self, key: str, state: str) -> None:
        with self._lock:
            self._laid.effects[key] = attrs.evolve(self._laid.effects[key], state=state)

    def log(self) -> list[str]:
        with self._lock:
            return [*self._below.log(), *self._laid.log]

    def close(self) -> None:
        self._below.close()


class _Laid:
    """What was written, over the store below; ``None`` stands for what is deleted."""

    def __init__(self) -> None:
        self.rows: dict[str, dict[str, Record | None]] = {}
        self.timers: dict[str, Timer | None] = {}
        self.events: dict[str, str] = {}
        self.memory: dict[str, str | None] = {}
        self.effects: dict[str, Effect] = {}
        self.log: list[str] = []

    def apply(self, batch: Batch) -> None:
        for write in batch.records:
            self.rows.setdefault(write.object.object, {})[write.object.id] = write.record
        self.timers.update(dict.fromkeys(batch.dropped))
        self.timers.update({timer.key: timer for timer in batch.timers})
        self.effects.update({effect.key: effect for effect in batch.effects})
        if batch.event:
            self.events[batch.event[0]] = batch.event[1]
        self.memory.update(batch.memory)
        self.log.extend(batch.log)


class _DryTransaction:
    def __init__(self, below: Transaction, laid: _Laid) -> None:
        self._below = below
        self._laid = laid
        self._state = State(below, laid.rows)
        self.batches: list[Batch] = []

    def get(self, reference: Reference) -> Record | None:
        return self._state.get(reference)

    def identifiers(self, kind: str) -> Iterable[str]:
        return self._state.identifiers(kind)

    def find(self, kind: str, field: str, value: Value) -> Iterable[str]:
        return self._state.find(kind, field, value)

    def timer(self, key: str) -> Timer | None:
        return self._laid.timers[key] if key in self._laid.timers else self._below.timer(key)

    def timer_at(self, rule: str, reference: Reference, slot: str) -> Timer | None:
        found = (timer for timer in self.timers_of(reference) if timer.rule == rule and timer.slot == slot)
        return next(found, None)

    def timers_of(self, reference: Reference) -> Iterable[Timer]:
        found = self._over(self._below.timers_of(reference))
        return [timer for timer in found if timer.object == reference and timer.state == "pending"]

    def timers_of_rule(self, rule: str) -> Iterable[Timer]:
        return [timer for timer in self._over(self._below.timers_of_rule(rule)) if timer.rule == rule]

    def due_timers(self, instant: datetime) -> Iterable[Timer]:
        found = self._over(self._below.due_timers(instant))
        return sorted((timer for timer in found if timer.state == "pending" and timer.due <= instant), key=_by_due)

    def _over(self, stored: Iterable[Timer]) -> list[Timer]:
        kept = [timer for timer in stored if timer.key not in self._laid.timers]
        kept += [timer for timer in self._laid.timers.values() if timer is not None]
        return sorted(kept, key=lambda timer: timer.key)

    def event_digest(self, event: str) -> str | None:
        return self._laid.events.get(event) or self._below.event_digest(event)

    def recall(self, key: str) -> str | None:
        return self._laid.memory[key] if key in self._laid.memory else self._below.recall(key)

    def write(self, batch: Batch) -> None:
        self.batches.append(batch)


def _by_due(timer: Timer) -> tuple[datetime, str]:
    return timer.due, timer.key
