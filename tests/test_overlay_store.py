"""Trial runs: an overlay sees what is stored and what was written over it, and the store below never changes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

from quand.dsl.values import Money, Reference
from quand.project.engine import Engine
from quand.project.library import compile_text
from quand.runtime.stores.memory import MemoryStore
from quand.runtime.stores.overlay import OverlayStore
from quand.runtime.stores.port import Batch, Effect, RecordWrite, Store, Timer

START = datetime(2026, 1, 5, 8, tzinfo=UTC)
RULES = """\
règle "Suivi"
quand une affaire est modifiée
alors attendre 2 heures puis créer une tâche "Voir {nom}" puis envoyer un SMS à '0612', texte = "ok"
"""


def engine(store: Store) -> Engine:
    return Engine(compile_text(RULES, "fr"), store, now=START, dry=True)


def snapshot(store: Store) -> tuple[object, ...]:
    with store.transaction() as transaction:
        records = {
            kind: {name: transaction.get(Reference(kind, name)) for name in transaction.identifiers(kind)}
            for kind in ("deal", "task")
        }
        clock = transaction.recall("clock")
    return records, clock, list(store.timers()), list(store.effects()), list(store.log())


def stored() -> MemoryStore:
    """A store in which a deal waits for its follow-up."""
    store = MemoryStore()
    real = engine(store)
    real.process({"id": "e1", "event": "deal.created", "data": {"id": "A-1", "name": "X"}})
    real.process({"id": "e2", "event": "deal.updated", "data": {"id": "A-1", "amount": 5}})
    return store


def test_a_trial_run_comes_to_the_same_and_leaves_nothing() -> None:
    below, real = stored(), stored()
    before = snapshot(below)
    later = {"id": "e3", "event": "time", "at": "2026-01-05T20:00:00Z"}
    trial = engine(OverlayStore(below)).process(later)
    assert trial.to_json() == engine(real).process(later).to_json()
    assert [firing.rule for firing in trial.fired] == ["Suivi"]
    assert snapshot(below) == before


def test_what_is_written_over_the_store_is_seen_from_then_on() -> None:
    store = OverlayStore(stored())
    trial = engine(store)
    trial.process({"id": "e3", "event": "time", "at": "2026-01-05T20:00:00Z"})
    assert store.timers() == []
    assert [effect.action for effect in store.effects("waiting")] == ["send SMS"]
    assert trial.process({"id": "e4", "event": "deal.deleted", "data": {"id": "A-1"}}).status == "applied"
    assert trial.process({"id": "e4", "event": "deal.deleted", "data": {"id": "A-1"}}).status == "duplicate"
    assert (
        trial.process({"id": "e2", "event": "deal.updated", "data": {"id": "A-1", "amount": 5}}).status == "duplicate"
    )
    with store.transaction() as transaction:
        assert list(transaction.identifiers("deal")) == []
        assert len(list(transaction.identifiers("task"))) == 1


def test_a_consumed_event_can_be_tried_again() -> None:
    store = OverlayStore(stored())
    store.forget_event("e2")
    again = engine(store).process({"id": "e2", "event": "deal.updated", "data": {"id": "A-1", "amount": 6}})
    assert again.status == "applied"


def test_the_overlay_answers_as_a_store_does() -> None:
    store = OverlayStore(stored())
    deal = Reference("deal", "A-1")
    timer = Timer("k", "Suivi", deal, "wait:1", START)
    effect = Effect("x", "log", {}, "Suivi", deal, "e9", START)
    with store.transaction() as transaction:
        (waiting,) = transaction.timers_of(deal)
        transaction.write(
            Batch(
                records=(RecordWrite(Reference("deal", "A-2"), {"amount": Money(Decimal(5), "EUR")}),),
                timers=(timer,),
                dropped=(waiting.key,),
                effects=(effect,),
                memory={"note": "n", "clock": None},
                log=("entry",),
            )
        )
    with store.transaction() as transaction:
        assert list(transaction.identifiers("deal")) == ["A-1", "A-2"]
        assert list(transaction.find("deal", "amount", Money(Decimal(5), "EUR"))) == ["A-1", "A-2"]
        assert transaction.timer(waiting.key) is None
        assert transaction.timer("k") == transaction.timer_at("Suivi", deal, "wait:1") == timer
        assert list(transaction.timers_of_rule("Suivi")) == list(transaction.due_timers(START)) == [timer]
        assert (transaction.recall("note"), transaction.recall("clock")) == ("n", None)
    store.settle("x", "sent")
    assert [each.state for each in store.effects()] == ["sent"]
    assert store.log()[-1] == "entry"


def test_a_trial_run_never_sends() -> None:
    below = stored()
    store = OverlayStore(below)
    engine(store).process({"id": "e3", "event": "time", "at": "2026-01-05T20:00:00Z"})
    (waiting,) = store.effects("waiting")
    far = START + timedelta(days=999)
    assert store.effect(waiting.key) == waiting
    assert store.claim("w", far, far, actions=["send SMS"]) == []
    assert store.next_delivery(["send SMS"]) is None
