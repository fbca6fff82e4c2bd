"""Data in PostgreSQL: several processes on the same data, and what is told on bad days."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest
import sqlalchemy as sa
from postgres_server import GROUP, new_database, server

import quand
from quand.dsl.messages import languages
from quand.runtime.stores.port import StoreError
from quand.runtime.stores.sql_connect import PostgresServer

pytestmark = GROUP
RULES = """\
règle "Réserver" / "Reserve"
quand une affaire est créée alors réserver 1 de l'article 'P-1'

règle "Jour" / "Day"
quand chaque jour à 8h alors journaliser "bonjour"

règle "Suite" / "Next"
quand une affaire est créée alors attendre 1 heure puis créer une tâche "Après {numéro}"
"""
STOCK = 20


def rows(address: str, query: str) -> list[tuple[Any, ...]]:
    engine = sa.create_engine(address.replace("postgresql:", "postgresql+psycopg:"))
    with engine.connect() as connection:
        found = [tuple(row) for row in connection.execute(sa.text(query))]
    engine.dispose()
    return found


def write_events(file: Path, events: list[dict[str, Any]]) -> None:
    file.write_text("".join(json.dumps(event, ensure_ascii=False) + "\n" for event in events), encoding="utf-8")


def started(folder: Path, events: Path, address: str) -> subprocess.Popen[str]:
    command = [
        sys.executable,
        "-m",
        "quand",
        "run",
        str(folder / "a.rules"),
        "--events",
        str(events),
        "--data",
        address,
    ]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, encoding="utf-8")


def instant(number: int) -> str:
    """Five instants a day."""
    return (datetime(2026, 11, 23, 10, tzinfo=UTC) + timedelta(days=number // 5, hours=number % 5)).isoformat()


def contest(folder: Path, address: str, each: int) -> list[dict[str, Any]]:
    """Four processes with deals of their own that all want one item; the results of all."""
    (folder / "a.rules").write_text(RULES, encoding="utf-8")
    item = {"id": "P-1", "nom": "Parquet", "stock": STOCK}
    first = folder / "first.jsonl"
    write_events(first, [{"id": "e0", "event": "item.created", "at": "2026-11-23T09:00:00Z", "data": item}])
    out, err = started(folder, first, address).communicate(timeout=120)
    assert (json.loads(out)["status"], err) == ("applied", "")
    running: list[subprocess.Popen[str]] = []
    for process in range(4):
        events = [
            {
                "id": f"p{process}.{n}",
                "event": "deal.created",
                "at": instant(n),
                "data": {"id": f"A-{process}-{n}", "numéro": f"{process}/{n}"},
            }
            for n in range(each)
        ]
        file = folder / f"{process}.jsonl"
        write_events(file, events)
        running.append(started(folder, file, address))
    ends = [process.communicate(timeout=500) for process in running]
    assert [err for _, err in ends] == [""] * 4
    return [json.loads(line) for out, _ in ends for line in out.splitlines()]


@pytest.mark.parametrize("each", [50, pytest.param(250, marks=pytest.mark.long)])
def test_four_processes_never_reserve_more_than_the_stock(each: int, tmp_path: Path) -> None:
    address = new_database()
    results = contest(tmp_path, address, each)
    total = 4 * each
    statuses = [result["status"] for result in results]
    assert (len(statuses), statuses.count("applied"), statuses.count("refused")) == (total, STOCK, total - STOCK)
    assert rows(address, "SELECT sum(quantity) FROM reservation") == [(STOCK,)]
    assert rows(address, "SELECT count(*) FROM deal") == [(STOCK,)]
    assert rows(address, "SELECT count(*) FROM quand_event") == [(total + 1,)]
    assert rows(address, "SELECT count(*), count(DISTINCT key) FROM quand_effect") == [
        rows(address, "SELECT count(DISTINCT at), count(DISTINCT at) FROM quand_effect")[0]
    ], "a tick rings once"
    ends = rows(address, "SELECT note FROM quand_note WHERE key = 'clock'")
    assert ends == [(instant(each - 1),)]
    tasks = rows(address, "SELECT count(*), count(DISTINCT title) FROM task")
    assert tasks[0][0] == tasks[0][1]


def test_columns_are_of_the_types_of_the_database() -> None:
    address = new_database()
    store = quand.open_store(address)
    engine = quand.Engine(quand.compile_text(RULES, language="fr"), store)
    data = {"id": "A-1", "montant": "1250.10", "échéance": "2026-12-01", "longueur": "0.1"}
    engine.process({"event": "item.created", "at": "2026-11-20T09:00:00Z", "data": {"id": "P-1", "stock": 1}})
    engine.process({"event": "deal.created", "at": "2026-11-20T09:00:00Z", "data": data})
    store.close()
    types = "SELECT pg_typeof(amount)::text, amount::text, pg_typeof(due_date)::text, pg_typeof(created_at)::text"
    assert rows(address, types + " FROM deal") == [("numeric", "1250.10", "date", "timestamp with time zone")]


def test_an_existing_table_is_used_where_it_is() -> None:
    address = new_database()
    with psycopg.connect(address) as connection:
        connection.execute(
            'CREATE TABLE "Deal" '
            '("Deal No" integer PRIMARY KEY, amount numeric(10, 2), "Due-Date" date, stage varchar(5))'
        )
        connection.execute("INSERT INTO \"Deal\" VALUES (7, 12.50, '2026-12-01', 'Won')")
    store = quand.open_store(address)
    rules = "quand l'étape d'une affaire change alors montant = montant + 0,10 €"
    engine = quand.Engine(quand.compile_text(rules, language="fr"), store)
    good = engine.process({"event": "deal.updated", "data": {"id": "7", "étape": "Lost"}})
    long = engine.process({"event": "deal.updated", "data": {"id": "7", "étape": "Much too long"}})
    fine = engine.process({"event": "deal.updated", "data": {"id": "7", "montant": "0.001"}})
    store.close()
    assert good.problems == ()
    assert [outcome.status for outcome in (good, long, fine)] == ["applied", "failed", "failed"]
    assert [problem.code for problem in (*long.problems, *fine.problems)] == ["QD561", "QD561"]
    assert rows(address, 'SELECT "Deal No", amount, stage FROM "Deal"')[0][0::2] == (7, "Lost")
    assert str(rows(address, 'SELECT amount FROM "Deal"')[0][0]) == "12.60"


@pytest.mark.parametrize("language", languages())
def test_bad_days_are_told_in_one_line(language: str) -> None:
    nowhere = "postgresql://nobody:secret@127.0.0.1:1/crm"
    for address, key in (
        (nowhere, "store_down"),
        (server().replace("/postgres?", "/nothing?"), "store_down"),
    ):
        store = quand.open_store(address)
        with pytest.raises(StoreError, match=key) as raised:
            store.prepare(quand.compile_text(RULES, language="fr").ir)
        line = raised.value.text(language)
        assert len(line.splitlines()) == 1
        assert "secret" not in line
        assert "127.0.0.1" in line or '"nothing"' in line


def test_a_wrong_address_is_told() -> None:
    with pytest.raises(StoreError, match="store_url"):
        PostgresServer("postgresql://host:port/x")
