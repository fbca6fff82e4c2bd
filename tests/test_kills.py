"""``kill -9``: processes that end at any moment, and others that go on where they were."""

from __future__ import annotations

import json
import sys
import time
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from random import Random
from typing import Any

import pytest
from postgres_server import GROUP, new_database
from real_processes import Life, Told, gateway
from sqlalchemy import Engine, event

import quand
from quand.dsl.values import Money, Reference
from quand.project.stores import open_store
from quand.runtime import outbox
from quand.runtime.deliveries import FunctionConnector
from quand.runtime.stores.port import Effect
from quand.runtime.worker import SteadyClock, Worker

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="processes are forked")

RULES = """\
règle "Suivi" / "Follow-up"
quand une affaire est créée alors
  créer une tâche "Relancer {numéro}"
  augmenter le bonus du contact de 1 €

règle "Message" / "Message"
quand une affaire est créée et montant > 8 € alors
  envoyer un SMS à '+33612345678', texte = "{numéro}"
  attendre 10 minutes puis augmenter le bonus du contact de 100 €
"""
PROGRAM = quand.compile_text(RULES, language="fr")
START = datetime(2026, 11, 23, 8, tzinfo=UTC)
AGAIN = 40
"""Events read again after a crash, quickly; in the long run all of them are."""


def write_events(file: Path, count: int) -> None:
    """A contact, deals a minute apart of which one in ten is worth a message, and the end of the day."""
    lines = [line("e0", "contact.created", 0, {"id": "C-1"})]
    for n in range(1, count + 1):
        deal = {"id": f"A-{n}", "numéro": str(n), "montant": n % 10, "contact": "C-1"}
        lines.append(line(f"e{n}", "deal.created", n, deal))
    lines.append(line("end", "time", count + 10, None))
    file.write_text("".join(text + "\n" for text in lines), encoding="utf-8")


def line(identity: str, name: str, minutes: int, data: dict[str, Any] | None) -> str:
    at = (START + timedelta(minutes=minutes)).isoformat()
    return json.dumps({"id": identity, "event": name, "at": at} | ({} if data is None else {"data": data}))


def unsynchronised(connection: Any, record: Any) -> None:
    """Programs end here, never the machine."""
    if hasattr(connection, "iterdump"):
        connection.execute("PRAGMA synchronous = OFF")


def writer(
    address: str, file: Path, life: int, first: int = 0, send: Callable[[Effect], None] | None = None
) -> Callable[[Told], None]:
    """A process that reads events from the ``first`` and tells ``a`` for one applied, ``d`` for a duplicate.

    Lives follow one another at five minutes for deliveries, longer than a claim of one that was killed lasts.
    """

    def work(tell: Told) -> None:
        event.listen(Engine, "connect", unsynchronised)
        with closing(open_store(address)) as store:
            engine = quand.Engine(
                PROGRAM, store, clock=lambda: datetime.now(UTC) + timedelta(minutes=5 * life), dry=True
            )
            if send is not None:
                engine.action("send SMS")(send)
            for number, text in enumerate(file.read_text(encoding="utf-8").splitlines()[first:], first):
                tell(engine.process_line(text, file.name, number).status[:1].encode())
            assert engine.deliver() == []

    return work


def kill_again_and_again(
    address: str, file: Path, count: int, kills: int, again: int, send: Callable[[Effect], None] | None = None
) -> None:
    """Kill the writer so often, about as many new events apart; then let it come to its end."""
    random = Random(kills)
    applied = 0
    for life in range(kills):
        wanted = max(1, round((count - applied) / (kills - life + 1) * random.uniform(0.2, 1.5)))
        process = Life(writer(address, file, life, max(0, applied - again), send))
        ended = process.run_until(lambda told: told.count(b"a") >= wanted, random.random() / 500)  # noqa: B023 (at once)
        assert not ended or life >= kills * 0.9, "killed so often before the end"
        if ended:
            break
        applied += process.told.count(b"a")
    assert Life(writer(address, file, kills, 0, send)).run_until(lambda told: False)


def check(address: str, count: int) -> list[Effect]:
    """Nothing lost, nothing done twice; the effects."""
    with closing(open_store(address)) as store:
        store.prepare(PROGRAM.ir)
        with store.transaction(reading=True) as transaction:
            contact = transaction.get(Reference("contact", "C-1")) or {}
            deals = list(transaction.identifiers("deal"))
            tasks = [transaction.get(Reference("task", name)) or {} for name in transaction.identifiers("task")]
        decided = [json.loads(entry) for entry in store.log()]
        assert list(store.timers()) == []
        effects = list(store.effects())
    messages = count // 10
    assert (len(deals), len(tasks), len({task["title"] for task in tasks})) == (count, count, count)
    assert contact["bonus"] == Money(Decimal(count + 100 * messages), "EUR")
    told = Counter(entry["timer"] if "timer" in entry else entry["result"]["event"] for entry in decided)
    assert (len(told), set(told.values())) == (count + 2 + messages, {1})
    assert len({effect.key for effect in effects}) == len(effects) == messages
    return effects


@pytest.mark.parametrize(
    ("count", "kills", "again"), [(1000, 20, AGAIN), pytest.param(3000, 500, 3000, marks=pytest.mark.long)]
)
def test_a_writer_that_is_killed_loses_and_doubles_nothing(tmp_path: Path, count: int, kills: int, again: int) -> None:
    file, address = tmp_path / "events.jsonl", f"sqlite:///{tmp_path}/crm.db"
    write_events(file, count)
    kill_again_and_again(address, file, count, kills, again)
    check(address, count)


@pytest.mark.parametrize(
    ("count", "kills", "again"), [(100, 20, AGAIN), pytest.param(1000, 200, 1000, marks=pytest.mark.long)]
)
def test_nor_does_one_that_sends(tmp_path: Path, count: int, kills: int, again: int) -> None:
    """At a gateway that honours keys each message arrives once."""
    file, address = tmp_path / "events.jsonl", f"sqlite:///{tmp_path}/crm.db"
    write_events(file, count)
    with gateway() as (counting, send):
        kill_again_and_again(address, file, count, kills, again, send)
    effects = check(address, count)
    assert {effect.state for effect in effects} == {"sent"}
    assert set(counting.contents) == {effect.key for effect in effects}


# --- several workers ----------------------------------------------------------------------------------------------

WORKERS_RULES = """\
règle "Message"
quand une affaire est créée alors attendre 1 seconde puis envoyer un SMS à '+33612345678', texte = "{numéro}"
"""
WORKERS = quand.compile_text(WORKERS_RULES, language="fr")


def worker(address: str, send: Callable[[Effect], None]) -> Callable[[Told], None]:
    """A worker that tells ``t`` before each delivery and goes on for ever; a claim of its lasts one second."""

    def work(tell: Told) -> None:
        outbox.MARGIN_SECONDS = 0.5

        def told(effect: Effect) -> None:
            tell(b"t")
            send(effect)

        with closing(open_store(address)) as store:
            working = Worker(quand.Engine(WORKERS, store, dry=True), SteadyClock())
            connectors = {"send SMS": FunctionConnector(told, seconds=0.5)}
            delivering = outbox.Outbox(store, connectors, lambda: datetime.now(UTC))
            while True:
                working.round()
                delivering.deliver()
                time.sleep(0.02)

    return work


def stuck(effect: Effect) -> None:
    time.sleep(600)


def waited_for(true: Callable[[], bool], seconds: float) -> float:
    """How long it took until something was so."""
    start = time.monotonic()
    while not true():
        assert time.monotonic() - start < seconds
        time.sleep(0.05)
    return time.monotonic() - start


@GROUP
def test_what_a_worker_held_when_it_was_killed_is_taken_over() -> None:
    """Three workers share timers and deliveries; the lease of real connectors is told by the test below."""
    address, count = new_database(), 30
    with closing(open_store(address)) as store:
        engine = quand.Engine(WORKERS, store, dry=True)
        for n in range(count):
            at = datetime.now(UTC).isoformat()
            deal = {"event": "deal.created", "at": at, "data": {"id": f"A-{n}", "numéro": str(n)}}
            assert engine.process(deal).status == "applied"
        # forked processes must not share the connections of this one
        store.close()
        with gateway() as (counting, send):
            doomed = Life(worker(address, stuck))
            assert doomed.read(30) == b"t", "it holds a claim and is at it"
            others = [Life(worker(address, send)) for _ in range(2)]
            try:
                waited_for(lambda: len(counting.contents) >= count - 1, 60)
                doomed.kill()
                waited_for(lambda: len(counting.contents) == count, 60)
                store.prepare(WORKERS.ir)
                waited_for(lambda: not list(store.effects("claimed")), 30)
            finally:
                for life in (doomed, *others):
                    if life.status is None:
                        life.kill()
        assert [effect.state for effect in store.effects()] == ["sent"] * count
        decided = Counter(json.loads(entry).get("timer") for entry in store.log())
        del decided[None]
        assert (len(decided), set(decided.values())) == (count, {1})


def test_a_claim_lasts_less_than_a_minute() -> None:
    assert FunctionConnector(stuck).seconds + outbox.MARGIN_SECONDS <= 60
