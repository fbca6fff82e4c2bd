"""A store laid over another: what is written stays above, so that nothing of a trial run remains."""

from __future__ import annotations

from collections.abc import Callable, Collection, Generator, Iterable
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from ...dsl import ir
from ...dsl.values import Reference, Value
from ..state import State
from .memory import settled
from .port import Batch, Effect, Notice, Record, Store, Timer, Transaction


class OverlayStore:
    """Implements :class:`~.port.Store`: reads from ``store``, keeps in memory what is written, never writes to it.

    Everything processed over it sees what was written before, as if it were stored.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self.rows: dict[str, dict[str, Record | None]] = {}
        self.changed_timers: dict[str, Timer | None] = {}
        self.events: dict[str, str] = {}
        """Digests by identity; an empty one is forgotten."""
        self.memory: dict[str, str | None] = {}
        self._effects: dict[str, Effect] = {}
        self._log: list[str] = []

    def prepare(self, program: ir.Program, *, dry: bool = False) -> None:
        """Nothing is made in the store below."""
        self._store.prepare(program, dry=True)

    @property
    def notices(self) -> tuple[Notice, ...]:
        """What there is to say about the data of the store below."""
        return tuple(getattr(self._store, "notices", ()))

    @contextmanager
    def transaction(self, connection: Any = None, *, reading: bool = False) -> Generator[_OverlayTransaction]:
        """As the port says; the transaction of the store below only reads."""
        with self._store.transaction(connection, reading=True) as below:
            transaction = _OverlayTransaction(self, below)
            yield transaction
            for batch in transaction.batches:
                self._apply(batch)

    def _apply(self, batch: Batch) -> None:
        for write in batch.records:
            self.rows.setdefault(write.object.object, {})[write.object.id] = write.record
        self.changed_timers.update(dict.fromkeys(batch.dropped))
        self.changed_timers.update({timer.key: timer for timer in batch.timers})
        self._effects.update({effect.key: effect for effect in batch.effects})
        if batch.event:
            self.events[batch.event[0]] = batch.event[1]
        self.memory.update(batch.memory)
        self._log.extend(batch.log)

    def forget_event(self, event: str) -> None:
        """Let an event whose identity was consumed be processed again."""
        self.events[event] = ""

    def timers(self) -> list[Timer]:
        return self.laid_over(self._store.timers(), lambda _: True, lambda timer: (timer.due, timer.key))

    def next_timer(self) -> datetime | None:
        return next((timer.due for timer in self.timers() if timer.state == "pending"), None)

    def laid_over(
        self, below: Iterable[Timer], wanted: Callable[[Timer], bool], order: Callable[[Timer], Any]
    ) -> list[Timer]:
        """The timers of the store below, those changed replaced by those wanted."""
        kept = [timer for timer in below if timer.key not in self.changed_timers]
        kept += [timer for timer in self.changed_timers.values() if timer is not None and wanted(timer)]
        return sorted(kept, key=order)

    def effects(self, state: str | None = None) -> list[Effect]:
        below = {effect.key: effect for effect in self._store.effects()}
        return [effect for effect in {**below, **self._effects}.values() if state is None or effect.state == state]

    def effect(self, key: str) -> Effect | None:
        return self._effects.get(key) or self._store.effect(key)

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
        """Nothing: a trial run never sends."""
        return []

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
        effect = self.effect(key)
        if effect is None:
            raise KeyError(key)
        if worker is not None and effect.worker != worker:
            return False
        self._effects[key] = settled(effect, state, error=error, due=due, attempts=attempts, worker=worker)
        return True

    def next_delivery(self, actions: Collection[str]) -> datetime | None:
        """Never."""
        return None

    def log(self) -> list[str]:
        return [*self._store.log(), *self._log]

    def close(self) -> None:
        """Let go of the store below."""
        self._store.close()


class _OverlayTransaction:
    """Reads what was written before, then the store below."""

    def __init__(self, over: OverlayStore, below: Transaction) -> None:
        self._over = over
        self._below = below
        self._state = State(below, over.rows)
        self.batches: list[Batch] = []

    def known_as(self, reference: Reference) -> Reference:
        """As the store below knows the object, unless it is one made above it."""
        known: Callable[[Reference], Reference] | None = getattr(self._below, "known_as", None)
        rows = self._over.rows.get(reference.object, {})
        return reference if known is None or reference.id in rows else known(reference)

    @property
    def snapshot(self) -> State:
        """What this transaction reads: what is below can be asked, and this tells what lies over it."""
        return self._state

    def get(self, reference: Reference) -> Record | None:
        return self._state.get(reference)

    def identifiers(self, kind: str) -> Iterable[str]:
        return self._state.identifiers(kind)

    def find(self, kind: str, field: str, value: Value) -> Iterable[str]:
        return self._state.find(kind, field, value)

    def timer(self, key: str) -> Timer | None:
        changed = self._over.changed_timers
        return changed[key] if key in changed else self._below.timer(key)

    def timer_at(self, rule: str, reference: Reference, slot: str) -> Timer | None:
        return next((t for t in self.timers_of(reference) if t.rule == rule and t.slot == slot), None)

    def timers_of(self, reference: Reference) -> Iterable[Timer]:
        return self._laid_over(
            self._below.timers_of(reference), lambda timer: timer.object == reference and timer.state == "pending"
        )

    def timers_of_rule(self, rule: str) -> Iterable[Timer]:
        return self._laid_over(self._below.timers_of_rule(rule), lambda timer: timer.rule == rule)

    def due_timers(self, instant: datetime) -> Iterable[Timer]:
        found = self._laid_over(
            self._below.due_timers(instant), lambda timer: timer.state == "pending" and timer.due <= instant
        )
        return sorted(found, key=lambda timer: (timer.due, timer.key))

    def _laid_over(self, below: Iterable[Timer], wanted: Callable[[Timer], bool]) -> list[Timer]:
        return self._over.laid_over(below, wanted, lambda timer: timer.key)

    def event_digest(self, event: str) -> str | None:
        known = self._over.events.get(event)
        return self._below.event_digest(event) if known is None else known or None

    def recall(self, key: str) -> str | None:
        return self._over.memory[key] if key in self._over.memory else self._below.recall(key)

    def write(self, batch: Batch) -> None:
        self.batches.append(batch)
