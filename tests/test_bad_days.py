"""Days on which PostgreSQL goes away, is read-only or has other tables; and a hundred thousand events at once.

What happens to SQLite files is in ``test_store_sqlite.py``, what gateways do in the tests of the outbox.
"""

from __future__ import annotations

import json
import random
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import Any

import psycopg
import pytest
from postgres_server import GROUP, new_database
from psycopg.conninfo import conninfo_to_dict

import quand
from quand.dsl.messages import languages
from quand.project.stores import open_store
from quand.runtime.stores.port import StoreError

RULES = 'règle "R"\nquand une affaire est créée alors créer une tâche "Relancer {numéro}"\n'
PROGRAM = quand.compile_text(RULES, language="fr")


def deal(number: int) -> dict[str, Any]:
    data = {"id": f"A-{number}", "numéro": str(number)}
    return {"id": f"e{number}", "event": "deal.created", "at": "2026-11-23T10:00:00Z", "data": data}


def execute(address: str, *statements: str) -> None:
    with psycopg.connect(address, autocommit=True) as connection:
        for statement in statements:
            connection.execute(statement)  # pyright: ignore[reportArgumentType, reportCallIssue]


def disconnect(address: str) -> None:
    """What a restart of the server does to those at work."""
    others = "datname = current_database() AND pid <> pg_backend_pid()"
    execute(address, f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE {others}")


def only_reading(address: str, *, only: bool) -> None:
    """What becomes of a server that turns into a stand-by."""
    name = conninfo_to_dict(address)["dbname"]
    state = "on" if only else "off"
    execute(
        address,
        "SET default_transaction_read_only = off",
        f"ALTER DATABASE {name} SET default_transaction_read_only = {state}",
    )
    disconnect(address)


def refused(engine: quand.Engine, key: str) -> None:
    """The next event is not processed, which is told in one line of each language."""
    with pytest.raises(StoreError, match=key) as raised:
        engine.process(deal(2))
    for language in languages():
        assert len(raised.value.text(language).splitlines()) == 1


@pytest.fixture
def address() -> str:
    return new_database()


@pytest.fixture
def engine(address: str) -> Iterator[quand.Engine]:
    """With one event processed; in the end another two are, by a new engine, and nothing is lost or there twice."""
    with closing(open_store(address)) as store:
        engine = quand.Engine(PROGRAM, store)
        assert engine.process(deal(1)).status == "applied"
        yield engine
    with closing(open_store(address)) as store:
        engine = quand.Engine(PROGRAM, store)
        statuses = [engine.process(deal(number)).status for number in (1, 2, 3)]
        assert (statuses[0], statuses[2]) == ("duplicate", "applied")
        with store.transaction(reading=True) as transaction:
            assert len(list(transaction.identifiers("task"))) == 3


@GROUP
def test_a_connection_that_broke_is_told_and_made_anew(address: str, engine: quand.Engine) -> None:
    disconnect(address)
    refused(engine, "store_down")
    assert engine.process(deal(2)).status == "applied"


@GROUP
def test_a_server_that_only_reads_is_told(address: str, engine: quand.Engine) -> None:
    only_reading(address, only=True)
    refused(engine, "store_down")
    refused(engine, "store_read_only")
    only_reading(address, only=False)
    refused(engine, "store_down")
    assert engine.process(deal(2)).status == "applied"


@GROUP
def test_tables_that_changed_are_told_until_they_are_looked_at_anew(address: str, engine: quand.Engine) -> None:
    execute(address, "ALTER TABLE deal DROP COLUMN number")
    refused(engine, "store_changed")
    refused(engine, "store_changed")


@GROUP
def test_what_is_too_long_for_an_index_fails_alone(engine: quand.Engine) -> None:
    long = "".join(random.Random(1).choices("abcdefghijklmnopqrstuvwxyz0123456789", k=20_000))
    outcome = engine.process({**deal(9), "id": long})
    assert (outcome.status, outcome.problems[0].code) == ("failed", "QD561")


@GROUP
def test_programs_that_start_together_make_the_tables_once(address: str) -> None:
    with ThreadPoolExecutor(4) as threads:
        for done in [threads.submit(started, address) for _ in range(4)]:
            done.result()


def started(address: str) -> None:
    with closing(open_store(address)) as store:
        store.prepare(PROGRAM.ir)


@pytest.mark.long
@pytest.mark.parametrize("data", ["sqlite", pytest.param("postgresql", marks=GROUP)])
def test_the_memory_of_a_run_does_not_grow_with_its_events(tmp_path: Path, data: str) -> None:
    """A hundred thousand events at once; how long they take is printed."""
    (tmp_path / "a.rules").write_text(RULES, encoding="utf-8")
    peaks: list[int] = []
    for count in (10_000, 100_000):
        file = tmp_path / f"{count}.jsonl"
        file.write_text("".join(json.dumps(deal(n)) + "\n" for n in range(count)), encoding="utf-8")
        address = f"sqlite:///{tmp_path}/{count}.db" if data == "sqlite" else new_database()
        arguments = ["run", str(tmp_path / "a.rules"), "--events", str(file), "--data", address]
        done = subprocess.run([sys.executable, "-c", RUN, *arguments], capture_output=True, text=True, check=True)
        assert done.stdout.count('"status": "applied"') == count
        peak, seconds = json.loads(done.stderr.splitlines()[-1])
        print(f"{data}: {count} events in {seconds:.0f} s, {count / seconds:.0f} a second, {peak} MB")
        peaks.append(peak)
    assert peaks[1] - peaks[0] < 20


RUN = """
import atexit, json, resource, sys, time
start = time.monotonic()
def tell():
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(json.dumps([peak, time.monotonic() - start]), file=sys.stderr)
atexit.register(tell)
from quand.cli.main import main
main()
"""
