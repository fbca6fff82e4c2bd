"""Processes that end at one call of the store or of a gateway, and what is left of them.

A process is an engine that reads the same events from the first one; a crash is an exception that nothing catches.
What it had under way in the store is undone, as a database does when its client dies.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Generator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import quand
from quand.dsl import ir
from quand.dsl.values import Reference
from quand.runtime.stores.port import Batch, Effect, Store, Transaction

RULES = """\
règle "Suivi" / "Follow-up" (une seule fois)
quand une affaire est créée et montant > 100 € alors
  créer une tâche "Relancer {numéro}"
  augmenter le bonus du contact de 10 €
  attendre 2 heures puis augmenter le bonus du contact de 1 €; envoyer un SMS à '+33612345678', texte = "{numéro}"

règle "Échéance" / "Due"
quand 1 jour avant l'échéance d'une affaire alors augmenter le bonus du contact de 100 €

règle "Matin" / "Morning"
quand chaque jour à 8h pour chaque affaire dont étape = 'Gagnée' alors journaliser "{numéro}"
"""
AT = "2026-11-23T{}:00:00Z"
EVENTS: list[dict[str, Any]] = [
    {"id": "e0", "event": "contact.created", "at": AT.format("06"), "data": {"id": "C-1"}},
    {
        "id": "e1",
        "event": "deal.created",
        "at": AT.format("10"),
        "data": {"id": "A-1", "numéro": "1", "montant": 500, "échéance": "2026-11-25", "contact": "C-1"},
    },
    {"id": "e2", "event": "deal.updated", "at": AT.format("11"), "data": {"id": "A-1", "étape": "Gagnée"}},
    {
        "id": "e3",
        "event": "deal.created",
        "at": AT.format("13"),
        "data": {"id": "A-2", "numéro": "2", "montant": 900, "contact": "C-1"},
    },
    {"id": "e4", "event": "time", "at": "2026-11-24T09:00:00Z"},
]
PROGRAM = quand.compile_text(RULES, language="fr")
TABLES = ("contact", "deal", "task", "quand_event", "quand_timer", "quand_effect", "quand_note", "quand_log")
"""Those that these rules write."""


class Crash(BaseException):
    """The end of the process: nothing below may catch it."""


class Calls:
    """Counts calls; the ``last`` one is the end of the process, before it has an effect, or after."""

    def __init__(self, last: int) -> None:
        self.count = 0
        self._last = last

    def __call__(self) -> None:
        self.count += 1
        if self.count == self._last:
            raise Crash


class CrashingStore:
    """A store whose calls are counted."""

    def __init__(self, store: Store, call: Calls) -> None:
        self._store = store
        self._call = call

    def prepare(self, program: ir.Program, *, dry: bool = False) -> None:
        self._call()
        self._store.prepare(program, dry=dry)
        self._call()

    @contextmanager
    def transaction(self, connection: Any = None, *, reading: bool = False) -> Generator[Any]:
        self._call()
        with self._store.transaction(connection, reading=reading) as transaction:
            yield CrashingTransaction(transaction, self._call)
            self._call()
        self._call()

    def claim(self, *args: Any, **named: Any) -> Any:
        self._call()
        found = self._store.claim(*args, **named)
        self._call()
        return found

    def settle(self, *args: Any, **named: Any) -> Any:
        self._call()
        done = self._store.settle(*args, **named)
        self._call()
        return done

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)


class CrashingTransaction:
    """A transaction whose calls are counted."""

    def __init__(self, transaction: Transaction, call: Calls) -> None:
        self._transaction = transaction
        self._call = call

    def write(self, batch: Batch) -> None:
        self._call()
        self._transaction.write(batch)
        self._call()

    def __getattr__(self, name: str) -> Any:
        self._call()
        return getattr(self._transaction, name)


class Gateway:
    """Honours keys: what comes again under the same key is not delivered again."""

    def __init__(self) -> None:
        self.calls = 0
        self.delivered: dict[str, Any] = {}

    def send(self, effect: Effect) -> None:
        self.calls += 1
        known = self.delivered.setdefault(effect.key, dict(effect.arguments))
        assert known == effect.arguments, "one key, one content"


def process(store: Any, gateway: Gateway, call: Calls, life: int = 0) -> None:
    """One process's life: all events from the first, as a file of events is read anew, then what waits to be sent.

    Lives follow one another at five minutes, longer than a claim of one that ended lasts.
    """

    def send(effect: Effect) -> None:
        call()
        gateway.send(effect)
        call()

    machine = datetime(2026, 11, 25, tzinfo=UTC) + timedelta(minutes=5 * life)
    start = datetime.fromisoformat(AT.format("05"))
    # looking for installed actions would take as long as the events
    engine = quand.Engine(PROGRAM, store, clock=lambda: machine, now=start, dry=True)
    for action in ("send SMS", "log"):
        engine.action(action)(send)
    for event in EVENTS:
        assert engine.process(event).status in {"applied", "duplicate"}
    assert engine.deliver() == []


def end_state(store: Store, gateway: Gateway) -> dict[str, Any]:
    """All that is stored, and what arrived; of the log what was decided, since who decided again may tell more."""
    with store.transaction(reading=True) as transaction:
        records = {
            (kind, name): transaction.get(Reference(kind, name))
            for kind in ("contact", "deal", "task")
            for name in transaction.identifiers(kind)
        }
        digests = [transaction.event_digest(event["id"]) for event in EVENTS]
        notes = [transaction.recall(key) for key in ("clock", "seen:Morning", "first")]
    return {
        "records": records,
        "digests": digests,
        "notes": notes,
        "timers": list(store.timers()),
        "effects": sorted((effect.key, str(effect.arguments), effect.state) for effect in store.effects()),
        "decided": Counter(_decided(entry) for entry in store.log()),
        "delivered": gateway.delivered,
    }


def _decided(entry: str) -> str:
    """What an entry of the decision log is about: a timer or an event."""
    plain = json.loads(entry)
    return plain["timer"] if "timer" in plain else plain["result"]["event"]


def unbroken(store: Store) -> tuple[dict[str, Any], int]:
    """What comes of no crash, and how many calls that takes."""
    gateway, calls = Gateway(), Calls(-1)
    process(CrashingStore(store, calls), gateway, calls)
    return end_state(store, gateway), calls.count


def crashed(store: Store, lasts: tuple[int, ...]) -> tuple[dict[str, Any], int]:
    """What comes of a process for each number of calls after which it ends, then one that goes on to the end.

    And how many of them ended.
    """
    gateway, ended = Gateway(), 0
    for life, last in enumerate(lasts):
        calls = Calls(last)
        try:
            process(CrashingStore(store, calls), gateway, calls, life)
        except Crash:
            ended += 1
    process(store, gateway, Calls(-1), len(lasts))
    return end_state(store, gateway), ended


def check(store: Store, empty: Callable[[], None], cases: list[tuple[int, ...]], expected: dict[str, Any]) -> None:
    """Each case begins with no data and ends with what no crash would have left."""
    for lasts in cases:
        empty()
        obtained, ended = crashed(store, lasts)
        assert ended, lasts
        assert obtained == expected, lasts
