"""What every store answers, and a dry run of which nothing is written."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

import quand
from quand.dsl.values import Reference, Value
from quand.runtime.stores.memory import MemoryStore
from quand.runtime.stores.overlay import OverlayStore
from quand.runtime.stores.port import Batch, Effect, Record, RecordWrite, Store, Timer

T = datetime(2026, 11, 23, 10, tzinfo=UTC)
DEAL = Reference("deal", "A-1")


def write(store: Store, batch: Batch) -> None:
    with store.transaction() as transaction:
        transaction.write(batch)


def put(*records: tuple[Reference, dict[str, Value] | None]) -> Batch:
    return Batch(records=tuple(RecordWrite(reference, record) for reference, record in records))


@pytest.fixture(params=[MemoryStore, lambda: OverlayStore(MemoryStore())], ids=["memory", "overlay"])
def store(request: pytest.FixtureRequest) -> Store:
    make: Callable[[], Store] = request.param
    return make()


def test_records_are_found_by_identifier_and_by_the_value_of_a_field(store: Store) -> None:
    contact = Reference("contact", "C-1")
    made = [(Reference("deal", name), {"contact": contact, "size": Decimal(1)}) for name in ("A-2", "A-10", "A-1")]
    write(store, put(*((reference, dict[str, Value](record)) for reference, record in made)))
    write(store, put((Reference("deal", "A-2"), {"size": Decimal("1.0")}), (Reference("deal", "A-10"), None)))
    with store.transaction() as transaction:
        assert list(transaction.identifiers("deal")) == ["A-1", "A-2"]
        assert list(transaction.find("deal", "contact", contact)) == ["A-1"]
        assert list(transaction.find("deal", "size", Decimal(1))) == ["A-1", "A-2"]
        assert transaction.get(Reference("deal", "A-10")) is None


def test_an_exception_rolls_back(store: Store) -> None:
    def fail() -> None:
        with store.transaction() as transaction:
            transaction.write(put((DEAL, {})))
            raise KeyError

    with pytest.raises(KeyError):
        fail()
    with store.transaction() as transaction:
        assert transaction.get(DEAL) is None


def test_timers_are_found_by_key_object_rule_and_instant(store: Store) -> None:
    first = Timer("k1", "R", DEAL, "date:end", T)
    second = Timer("k2", "R", None, "wait:1", T + timedelta(hours=1))
    orphan = Timer("k3", "S", DEAL, "wait:1", T, state="orphaned")
    write(store, Batch(timers=(second, first, orphan)))
    with store.transaction() as transaction:
        assert transaction.timer("k1") == first
        assert transaction.timer_at("R", DEAL, "date:end") == first
        assert list(transaction.timers_of(DEAL)) == [first]
        assert list(transaction.timers_of_rule("R")) == [first, second]
        assert list(transaction.due_timers(T)) == [first]
    assert [timer.key for timer in store.timers()] == ["k1", "k3", "k2"]
    write(store, Batch(dropped=("k1",)))
    with store.transaction() as transaction:
        assert list(transaction.due_timers(T + timedelta(days=1))) == [second]


def test_identities_notes_effects_and_the_log(store: Store) -> None:
    effect = Effect("e1#1", "log", {"text": "x"}, "R", DEAL, "e1", T)
    write(store, Batch(effects=(effect,), event=("e1", "abc"), memory={"a": "1", "b": "2"}, log=("{}",)))
    write(store, Batch(memory={"a": None}))
    with store.transaction() as transaction:
        assert (transaction.event_digest("e1"), transaction.event_digest("e2")) == ("abc", None)
        assert (transaction.recall("a"), transaction.recall("b")) == (None, "2")
    assert list(store.effects("waiting")) == [effect]
    store.settle("e1#1", "sent")
    assert list(store.effects("waiting")) == []
    assert list(store.log()) == ["{}"]


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
