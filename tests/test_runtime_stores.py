"""A dry run, of which nothing is written."""

from __future__ import annotations

from datetime import UTC, datetime

import quand
from quand.dsl.values import Reference, Value
from quand.runtime.stores.memory import MemoryStore
from quand.runtime.stores.overlay import OverlayStore
from quand.runtime.stores.port import Batch, Record, RecordWrite, Store, Timer

T = datetime(2026, 11, 23, 10, tzinfo=UTC)
DEAL = Reference("deal", "A-1")


def write(store: Store, batch: Batch) -> None:
    with store.transaction() as transaction:
        transaction.write(batch)


def put(*records: tuple[Reference, dict[str, Value] | None]) -> Batch:
    return Batch(records=tuple(RecordWrite(reference, record) for reference, record in records))


def test_a_dry_store_reads_through_and_writes_nothing_below() -> None:
    below = MemoryStore()
    write(below, put((DEAL, {"name": "a"})))
    write(below, Batch(timers=(Timer("k", "R", DEAL, "wait:1", T),), event=("e1", "abc")))
    dry = OverlayStore(below)
    write(dry, put((DEAL, None), (Reference("deal", "A-2"), {"name": "b"})))
    write(dry, Batch(dropped=("k",)))
    with dry.transaction() as transaction:
        assert list(transaction.identifiers("deal")) == ["A-2"]
        assert list(transaction.find("deal", "name", "b")) == ["A-2"]
        assert list(transaction.due_timers(T)) == []
        assert transaction.event_digest("e1") == "abc"
    with below.transaction() as transaction:
        record: Record | None = transaction.get(DEAL)
        assert record == {"name": "a"}
        assert len(list(transaction.due_timers(T))) == 1


def test_a_dry_run_says_what_the_real_one_does() -> None:
    program = quand.compile_text(
        'règle "R"\nquand une affaire est créée alors attendre 1 heure puis créer une tâche "T"'
    )
    real = MemoryStore()
    events = [
        {"id": "e1", "event": "deal.created", "at": "2026-11-23T10:00:00Z", "data": {"id": "A-1"}},
        {"id": "e2", "event": "time", "at": "2026-11-23T11:00:00Z"},
    ]
    dry = [quand.Engine(program, OverlayStore(real)).process(events[0]).to_json()]
    assert list(real.timers()) == []
    engine = quand.Engine(program, OverlayStore(real))
    assert [engine.process(event).to_json() for event in events][:1] == dry
    engine = quand.Engine(program, real)
    assert [engine.process(event).to_json() for event in events][:1] == dry
    with real.transaction() as transaction:
        assert len(list(transaction.identifiers("task"))) == 1
