"""Whatever call of the store is the last one before a crash: nothing is lost, and nothing is done twice.

A run over some events is broken off at one call, begun anew with a fresh engine on the same data, as often as it takes;
what is stored at the end is what an unbroken run stores.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from postgres_server import GROUP, new_database

import quand
from quand.dsl import ir
from quand.project.stores import open_store
from quand.runtime.stores.port import Batch, Store, Transaction

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
    {"id": "e3", "event": "time", "at": AT.format("13")},
    {
        "id": "e4",
        "event": "deal.created",
        "at": AT.format("13"),
        "data": {"id": "A-2", "numéro": "2", "montant": 900, "contact": "C-1"},
    },
    {"id": "e5", "event": "time", "at": "2026-11-24T09:00:00Z"},
]
PROGRAM = quand.compile_text(RULES, language="fr")
Place = Callable[[], Store]


class Crash(BaseException):
    """The end of the process: nothing below may catch it."""


class CrashingStore:
    """A store whose process ends at its ``last`` call, before it has an effect, or after."""

    def __init__(self, store: Store, last: int) -> None:
        self._store = store
        self.calls = 0
        self._last = last

    def call(self) -> None:
        self.calls += 1
        if self.calls == self._last:
            raise Crash

    def prepare(self, program: ir.Program, *, dry: bool = False) -> None:
        self.call()
        self._store.prepare(program, dry=dry)
        self.call()

    @contextmanager
    def transaction(self, connection: Any = None, *, reading: bool = False) -> Generator[Any]:
        self.call()
        with self._store.transaction(connection, reading=reading) as transaction:
            yield CrashingTransaction(transaction, self.call)
            self.call()
        self.call()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)


class CrashingTransaction:
    def __init__(self, transaction: Transaction, call: Callable[[], None]) -> None:
        self._transaction = transaction
        self._call = call

    def write(self, batch: Batch) -> None:
        self._call()
        self._transaction.write(batch)
        self._call()

    def __getattr__(self, name: str) -> Any:
        self._call()
        return getattr(self._transaction, name)


def process(store: Any) -> None:
    """One process's life: all events from the first, as a file of events is read anew."""
    engine = quand.Engine(PROGRAM, store, now=datetime.fromisoformat(AT.format("05")))
    for event in EVENTS:
        assert engine.process(event).status in {"applied", "duplicate"}


def end_state(store: Store) -> dict[str, Any]:
    """All that is stored; of the log what was decided, since who decided again may tell the due timers apart."""
    with store.transaction(reading=True) as transaction:
        records = {
            (kind, name): transaction.get(quand_reference(kind, name))
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
        "effects": [(effect.key, effect.arguments, effect.state) for effect in store.effects()],
        "entries": len(list(store.log())),
    }


def quand_reference(kind: str, name: str) -> Any:
    from quand.dsl.values import Reference

    return Reference(kind, name)


def crashed(place: Place, *lasts: int) -> bool:
    """A process for each number of calls after which it ends, then one that goes on to the end. Whether any ended."""
    ended = False
    for last in lasts:
        store = place()
        try:
            process(CrashingStore(store, last))
        except Crash:
            ended = True
        store.close()
    store = place()
    process(store)
    store.close()
    return ended


def unbroken(place: Place) -> tuple[dict[str, Any], int]:
    """What is stored without a crash, and how many calls that takes."""
    store = place()
    counting = CrashingStore(store, -1)
    process(counting)
    state = end_state(store)
    store.close()
    return state, counting.calls


def check(new_place: Callable[[], Place], stride: int, offset: int, *, twice: bool) -> None:
    expected, calls = unbroken(new_place())
    assert expected["records"]["contact", "C-1"]["bonus"].amount == 122
    points = range(1 + offset % stride, calls + 1, stride)
    for number, point in enumerate(points):
        place = new_place()
        again = (1 + 7 * number % calls,) if twice else ()
        assert crashed(place, point, *again)
        store = place()
        store.prepare(PROGRAM.ir)
        obtained = end_state(store)
        store.close()
        assert obtained == expected, (point, again)


@pytest.fixture
def sqlite_places(tmp_path: Path) -> Callable[[], Place]:
    numbers = iter(range(1_000_000))

    def new_place() -> Place:
        file = tmp_path / f"{next(numbers)}.db"
        return lambda: open_store(f"sqlite:///{file}")

    return new_place


def postgres_places() -> Place:
    address = new_database()
    return lambda: open_store(address)


@pytest.mark.parametrize("twice", [False, True], ids=["once", "twice in a row"])
def test_a_crash_loses_and_doubles_nothing(sqlite_places: Callable[[], Place], twice: bool) -> None:
    check(sqlite_places, 47, 0 if twice else 20, twice=twice)


@GROUP
def test_nor_on_postgres() -> None:
    check(postgres_places, 100, 0, twice=True)


@pytest.mark.long
@pytest.mark.parametrize("offset", range(4))
@pytest.mark.parametrize("twice", [False, True], ids=["once", "twice in a row"])
def test_no_crash_does(sqlite_places: Callable[[], Place], offset: int, twice: bool) -> None:
    check(sqlite_places, 4, offset, twice=twice)


@GROUP
@pytest.mark.long
@pytest.mark.parametrize("offset", range(4))
def test_no_crash_does_on_postgres(offset: int) -> None:
    check(postgres_places, 4, offset, twice=offset % 2 == 0)
