"""Rules on a real public database, on SQLite and copied to PostgreSQL: imported, run, simulated."""

from __future__ import annotations

import hashlib
import json
import shutil
import sqlite3
from contextlib import closing
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import northwind
import postgres_server
import psycopg
import pytest

from quand.dsl.lexicon import languages
from quand.project.compile import Project, load, load_text
from quand.project.engine import make_engine
from quand.project.importing_database import import_database
from quand.project.simulating import simulate

FOLDER = Path(__file__).parent.parent / "examples" / "northwind"
EVENTS = (FOLDER / "events.jsonl").read_text(encoding="utf-8").splitlines()
EXPECTED = [json.loads(line) for line in (FOLDER / "expected.jsonl").read_text(encoding="utf-8").splitlines()]

PENDING = """
    SELECT SUM("Quantity") FROM "Order Details" JOIN "Orders" USING ("OrderID")
    WHERE "ProductID" = 3 AND "ShippedDate" IS NULL
"""


@cache
def project(language: str) -> Project:
    return load([str(FOLDER / language)])


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The database as it is, which no test writes to."""
    return northwind.sqlite_file(tmp_path_factory.mktemp("northwind"))


@pytest.fixture
def file(made: Path, tmp_path: Path) -> Path:
    return Path(shutil.copy(made, tmp_path / "northwind.db"))


@pytest.fixture
def server(made: Path) -> str:
    """The address of a copy on PostgreSQL."""
    address = postgres_server.new_database()
    northwind.copy(f"sqlite:///{made}", address.replace("postgresql:", "postgresql+psycopg:"))
    return address


def results(address: str, language: str) -> list[dict[str, Any]]:
    """The results of the events, without what SQLite says about its amounts."""
    engine = make_engine(project(language).checked(), project(language).config, address)
    with closing(engine.store):
        lines = [json.loads(engine.process_line(line, "events", n).to_json()) for n, line in enumerate(EVENTS, 1)]
    told = {problem["code"] for problem in lines[0]["problems"]}
    assert told == ({"QD562"} if address.startswith("sqlite") else set())
    lines[0]["problems"] = []
    return lines


# --- the vocabulary -----------------------------------------------------------------------------------------------


def test_the_imported_vocabulary_is_the_one_written_down(made: Path) -> None:
    written = import_database(f"sqlite:///{made}", "en")
    golden = (FOLDER / "imported.rules").read_text(encoding="utf-8")
    assert written.text.replace(str(made), "northwind.db") == golden
    assert written.mapping == {}
    assert load_text(written.text, "en").findings() == []


def test_the_rules_speak_of_what_was_imported() -> None:
    imported = load_text((FOLDER / "imported.rules").read_text(encoding="utf-8"), "en").checked()
    for language in languages():
        objects = {kind.name: kind for kind in project(language).checked().objects}
        for kind in imported.objects:
            fields = {field.name: field.type for field in objects[kind.name].fields}
            assert {field.name: field.type for field in kind.fields}.items() <= fields.items()


# --- the rules ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", languages())
def test_the_events_give_the_expected_results_on_sqlite(language: str, file: Path) -> None:
    assert results(f"sqlite:///{file}", language) == EXPECTED
    with closing(sqlite3.connect(file)) as connection:
        made = connection.execute('SELECT * FROM "Orders" WHERE "OrderID" > 11077').fetchall()
        tables = {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    assert made[0][:8] == (
        *(11078, "ALFKI", 4),
        *("1998-05-07 00:00:00.000", "1998-06-04 00:00:00.000", "1998-05-11 00:00:00.000"),
        *(2, 12.5),
    )
    assert {name for name in tables if name.islower() and not name.startswith(("quand_", "sqlite_"))} == {
        "payment",
        "task",
    }


@postgres_server.GROUP
def test_a_copy_on_postgresql_gives_the_same_vocabulary_and_the_same_results(server: str) -> None:
    written = import_database(server, "en")
    golden = (FOLDER / "imported.rules").read_text(encoding="utf-8")
    assert written.text.splitlines()[2:] == golden.splitlines()[2:]
    assert written.mapping == {}
    assert results(server, "en") == EXPECTED
    with psycopg.connect(server) as connection:
        found = connection.execute(
            'SELECT "OrderID", "ProductID", "UnitPrice" FROM "Order Details" WHERE "OrderID" > 11077'
        )
        assert found.fetchall() == [(11078, 3, Decimal(10)), (11078, 65, Decimal("21.05"))]


def test_what_the_rules_count_is_what_sql_counts(file: Path) -> None:
    with closing(sqlite3.connect(file)) as connection:
        before = connection.execute(PENDING).fetchone()[0]
    assert f"{before + 60} pending" in EXPECTED[1]["changes"][0]["set"]["instruction"]


def test_a_simulation_of_real_data_changes_no_byte(file: Path) -> None:
    before = hashlib.sha256(file.read_bytes()).hexdigest()
    tried = simulate(project("fr"), f"sqlite:///{file}", None, "", None).simulation
    replayed = simulate(project("fr"), f"sqlite:///{file}", EVENTS, "events", None, project("en"))
    assert {name: counts.fired for name, counts in tried.rules.items()} == {
        "Customer in debt": 3,
        "Debt paid": 90,
        "No more on credit": 55,
        "Stock alert": 16,
        "Stock is back": 57,
    }
    assert (replayed.simulation.statuses["applied"], replayed.differences) == (6, [])
    assert hashlib.sha256(file.read_bytes()).hexdigest() == before
    assert [path.name for path in file.parent.iterdir()] == ["northwind.db"]
