"""Data in a SQLite file: tables that people can read, tables that were there, and what is told on bad days."""

from __future__ import annotations

import json
import sqlite3
import sys
from collections.abc import Callable, Generator, Iterable
from contextlib import closing, contextmanager
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

import quand
from quand.cli.main import main
from quand.dsl.messages import languages
from quand.dsl.values import Money, Reference, Value
from quand.runtime.outcome import Outcome
from quand.runtime.stores import sql_connect
from quand.runtime.stores.port import StoreBusy, StoreError
from quand.runtime.stores.sql import SqlStore, open_sql

RULES = """\
règle "Relance" / "Reminder" (une seule fois)
quand une affaire est créée ou modifiée et montant > 100 € alors
  créer une tâche "Relancer {numéro}", échéance = dans 2 heures
  envoyer un SMS à '+33612345678', texte = "Bonjour"
  attendre 2 heures puis journaliser "deux heures"
"""
CREATED = {
    "id": "e1",
    "event": "deal.created",
    "at": "2026-11-23T10:00:00Z",
    "data": {"id": "A-1", "numéro": "N°1", "montant": "1250.10", "échéance": "2026-12-01", "contact": "C-1"},
}
LATER = {"id": "e2", "event": "time", "at": "2026-11-23T13:00:00Z"}


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "crm.db"


def rows(file: Path, query: str) -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(file)) as connection:
        return connection.execute(query).fetchall()


def run(file: Path, *statements: str) -> None:
    with closing(sqlite3.connect(file)) as connection:
        for statement in statements:
            connection.execute(statement)
        connection.commit()


def processed(file: Path, rules: str, *events: dict[str, Any]) -> list[Outcome]:
    """What the events come to in a run of their own."""
    store = quand.open_store(f"sqlite:///{file}")
    with closing(store):
        engine = quand.Engine(quand.compile_text(rules, language="fr"), store)
        return [engine.process(event) for event in events]


@contextmanager
def opened(file: Path, rules: str) -> Generator[SqlStore]:
    with closing(open_sql(f"sqlite:///{file}")) as store:
        store.prepare(quand.compile_text(rules, language="fr").ir)
        yield store


def record(store: SqlStore, kind: str, identifier: str) -> dict[str, Value]:
    with store.transaction(reading=True) as transaction:
        found = transaction.get(Reference(kind, identifier))
        return {} if found is None else dict(found)


# --- tables -------------------------------------------------------------------------------------------------------


def test_people_can_read_the_tables(file: Path) -> None:
    processed(file, RULES, CREATED)
    deals = "SELECT id, number, amount, amount_currency, due_date, contact, created_at FROM deal"
    assert rows(file, deals) == [
        ("A-1", "N°1", "1250.1", "EUR", "2026-12-01", "C-1", "2026-11-23T10:00:00.000000Z"),
    ]
    assert rows(file, "SELECT title, subject FROM task") == [("Relancer N°1", '{"object": "deal", "id": "A-1"}')]
    assert rows(file, "SELECT action, arguments, state FROM quand_effect") == [
        ("send SMS", '{"recipient": "+33612345678", "text": "Bonjour"}', "waiting"),
    ]
    assert rows(file, "SELECT rule, object_id, due FROM quand_timer") == [
        ("Reminder", "A-1", "2026-11-23T12:00:00.000000Z"),
    ]
    ((entry,),) = rows(file, "SELECT entry FROM quand_log")
    assert json.loads(entry)["result"]["event"] == "e1"


def test_a_second_run_goes_on_where_the_first_stopped(file: Path) -> None:
    processed(file, RULES, CREATED)
    again, later, changed = processed(
        file, RULES, CREATED, LATER, {"event": "deal.updated", "data": {"id": "A-1", "montant": 500}}
    )
    assert (again.status, changed.fired) == ("duplicate", ())
    assert [firing.rule for firing in later.fired] == ["Reminder"]
    assert rows(file, "SELECT amount FROM deal") == [("500",)]
    assert rows(file, "SELECT count(*) FROM quand_timer") == [(0,)]


def test_columns_are_added_when_the_vocabulary_grows(file: Path) -> None:
    processed(file, RULES, CREATED)
    more = (
        RULES + "\nobjet affaire\n  un acompte / deposit : argent\nobjet un chantier / site\n  un nom / name : texte\n"
    )
    processed(file, more, {"event": "deal.updated", "data": {"id": "A-1", "acompte": "0.10"}})
    assert rows(file, "SELECT deposit, deposit_currency, amount FROM deal") == [("0.1", "EUR", "1250.1")]
    assert rows(file, "SELECT * FROM site") == []
    (back,) = processed(file, RULES, {"event": "deal.updated", "data": {"id": "A-1", "montant": 5}})
    assert back.status == "applied"
    assert rows(file, "SELECT deposit, amount FROM deal") == [("0.1", "5")]


def test_a_table_that_is_there_is_used_where_it_is(file: Path) -> None:
    run(
        file,
        "CREATE TABLE Deal (DealNo INTEGER PRIMARY KEY, [Due Date] DATE, Amount NUMERIC(10, 2), note TEXT NOT NULL)",
        "INSERT INTO Deal VALUES (7, '2026-12-01', 12.5, 'kept'), (8, NULL, 0.1, '')",
    )
    with opened(file, RULES) as store:
        assert record(store, "deal", "7")["amount"] == Money(Decimal("12.5"), "EUR")
        with store.transaction(reading=True) as transaction:
            assert list(transaction.identifiers("deal")) == ["7", "8"]
            assert list(transaction.find("deal", "amount", Money(Decimal("0.10"), "EUR"))) == ["8"]
    (outcome,) = processed(
        file, RULES, {"event": "deal.updated", "data": {"id": "7", "numéro": "7", "montant": "1250.10"}}
    )
    assert [change.id for change in outcome.changes] == [f"{outcome.event}.1"]
    assert rows(file, 'SELECT DealNo, "Due Date", Amount, note FROM Deal') == [
        (7, "2026-12-01", 1250.1, "kept"),
        (8, None, 0.1, ""),
    ]
    assert rows(file, "SELECT name FROM sqlite_master WHERE lower(name) = 'deal' AND type = 'table'") == [("Deal",)]


def test_a_key_of_several_columns_is_their_canonical_json(file: Path) -> None:
    run(
        file,
        "CREATE TABLE payment (year INTEGER, no TEXT, amount TEXT, PRIMARY KEY (year, no))",
        "INSERT INTO payment VALUES (2026, 'é', '5')",
    )
    with opened(file, RULES) as store:
        identifier = '{"no":"é","year":2026}'
        with store.transaction(reading=True) as transaction:
            assert list(transaction.identifiers("payment")) == [identifier]
        assert record(store, "payment", identifier)["amount"] == Money(Decimal(5), "EUR")
        assert record(store, "payment", "5") == {}


def test_a_key_that_is_a_number_takes_numbers_only(file: Path) -> None:
    run(file, "CREATE TABLE deal (id INT PRIMARY KEY)")
    wrong, right = processed(
        file, RULES, {"event": "deal.created", "data": {"id": "A-1"}}, {"event": "deal.created", "data": {"id": "12"}}
    )
    assert [problem.code for problem in wrong.problems] == ["QD561"]
    assert (wrong.status, right.status) == ("failed", "applied")
    assert rows(file, "SELECT id FROM deal") == [(12,)]


def test_a_constraint_of_a_table_fails_its_event_alone(file: Path) -> None:
    run(file, "CREATE TABLE item (id TEXT PRIMARY KEY, stock TEXT CHECK (stock >= '0'))")
    bad, good = processed(
        file,
        RULES,
        {"id": "e1", "event": "item.created", "data": {"id": "P-1", "stock": -1}},
        {"id": "e2", "event": "item.created", "data": {"id": "P-2", "stock": 1}},
    )
    assert (bad.status, good.status) == ("failed", "applied")
    assert "CHECK constraint failed" in bad.problems[0].message
    assert rows(file, "SELECT id FROM item") == [("P-2",)]
    assert rows(file, "SELECT event FROM quand_event") == [("e2",)]


def test_a_value_that_is_none_of_its_field_fails_its_event_alone(file: Path) -> None:
    processed(file, RULES, CREATED, {"event": "deal.created", "data": {"id": "A-2"}})
    run(file, "UPDATE deal SET amount = 'beaucoup' WHERE id = 'A-1'")
    bad, good = processed(
        file,
        RULES,
        {"event": "deal.updated", "data": {"id": "A-1", "nom": "x"}},
        {"event": "deal.updated", "data": {"id": "A-2", "nom": "x"}},
    )
    assert (bad.status, good.status) == ("failed", "applied")
    assert "« beaucoup », qui n'est pas" in bad.problems[0].message


def test_a_table_without_a_key_is_told(file: Path) -> None:
    run(file, "CREATE TABLE deal (amount TEXT)")
    with pytest.raises(StoreError, match="store_no_key"):
        processed(file, RULES, CREATED)


def test_names_that_would_be_one_column_are_told(file: Path) -> None:
    with pytest.raises(StoreError, match="store_same_name"):
        processed(file, "objet une visite / visit\n  a_b : texte\n  a b : texte\n")
    with pytest.raises(StoreError, match="store_same_name"):
        processed(file, "objet un quand_event / quand_event\n  a : texte\n")


def test_hostile_values_are_values(file: Path) -> None:
    hostile = "'; DROP TABLE deal; -- {{7*7}} %s ?"
    (outcome,) = processed(file, RULES, {"event": "deal.created", "data": {"id": hostile, "nom": hostile}})
    assert outcome.status == "applied"
    assert rows(file, "SELECT id, name FROM deal") == [(hostile, hostile)]


# --- several at once ----------------------------------------------------------------------------------------------


def test_a_dry_run_changes_no_byte(file: Path, command: Command) -> None:
    processed(file, RULES, CREATED)
    before = file.read_bytes()
    done = command(RULES, [LATER], "--data", f"sqlite:///{file}", "--dry-run")
    assert [firing["rule"] for firing in done.results[0]["fired"]] == ["Reminder"]
    more = RULES + "\nobjet un chantier / site\n  un nom / name : texte\n"
    assert command(more, [LATER], "--data", f"sqlite:///{file}", "--dry-run").status == 0
    assert file.read_bytes() == before
    assert command(RULES, [LATER], "--data", f"sqlite:///{file}").results == done.results


def test_a_dry_run_makes_no_file(file: Path, command: Command) -> None:
    done = command(RULES, [CREATED], "--data", f"sqlite:///{file}", "--dry-run")
    assert [result["status"] for result in done.results] == ["applied"]
    assert not file.exists()


def test_who_only_reads_waits_for_nobody(file: Path) -> None:
    with opened(file, RULES) as writer, opened(file, RULES) as reader, writer.transaction():
        assert list(reader.timers()) == []
        with reader.transaction(reading=True) as transaction:
            assert transaction.get(Reference("deal", "A-1")) is None


def test_one_writes_at_a_time(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sql_connect, "BUSY_SECONDS", 0.05)
    with opened(file, RULES) as first, opened(file, RULES) as second, first.transaction(), pytest.raises(StoreBusy):
        second.settle("e1#1", "sent")


# --- bad days -----------------------------------------------------------------------------------------------------


class Done:
    def __init__(self, status: object, out: str, err: str) -> None:
        self.status = status
        self.results: list[dict[str, Any]] = [json.loads(line) for line in out.splitlines()]
        self.err = err


Command = Callable[..., Done]


@pytest.fixture
def command(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Command:
    """``quand run`` in a folder, with rules and events."""
    monkeypatch.chdir(tmp_path)

    def command(rules: str, events: Iterable[dict[str, Any]], *options: str, language: str = "fr") -> Done:
        (tmp_path / "a.rules").write_text(rules, encoding="utf-8")
        (tmp_path / "events.jsonl").write_text("".join(json.dumps(event) + "\n" for event in events), encoding="utf-8")
        with pytest.raises(SystemExit) as left:
            main(["run", "a.rules", "--events", "events.jsonl", "--lang", language, *options])
        out, err = capsys.readouterr()
        return Done(left.value.code, out, err)

    return command


def not_a_database(folder: Path) -> str:
    (folder / "x.db").write_text("# not a database, whatever its name says\n" * 50, encoding="utf-8")
    return "sqlite:///x.db"


def locked(folder: Path) -> str:
    processed(folder / "x.db", RULES)
    holder = sqlite3.connect(folder / "x.db")
    holder.execute("BEGIN IMMEDIATE")
    HELD.append(holder)
    return "sqlite:///x.db"


HELD: list[sqlite3.Connection] = []


@pytest.mark.parametrize("language", languages())
@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("sqlite:///no/x.db", "store_no_folder"),
        ("sqlite:///.", "store_is_folder"),
        ("sqlite://x.db", "store_url"),
        ("sqlite:x.db", "store_url"),
        (not_a_database, "store_not_sqlite"),
        (locked, "store_busy"),
    ],
)
def test_one_line_says_what_is_wrong(
    address: Callable[[Path], str] | str,
    said: str,
    language: str,
    command: Command,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sql_connect, "BUSY_SECONDS", 0.02)
    done = command(
        RULES, [CREATED], "--data", address if isinstance(address, str) else address(tmp_path), language=language
    )
    while HELD:
        HELD.pop().close()
    assert (done.status, done.results) == (2, [])
    assert len(done.err.splitlines()) == 1
    assert done.err.rstrip().endswith(tail(said, language))


def tail(key: str, language: str) -> str:
    """The end of a message, which has no placeholder."""
    text = StoreError(key, place="", reason="", folder="", value="", example="sqlite:///x.db").text(language)
    return text[-25:]


def test_a_missing_library_is_told(command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "sqlalchemy", None)
    for name in [name for name in sys.modules if name.startswith("quand.runtime.stores.sql")]:
        monkeypatch.delitem(sys.modules, name)
    done = command(RULES, [CREATED], "--data", "sqlite:///x.db")
    assert done.status == 2
    assert "pip install 'quand[sql]'" in done.err


def test_data_that_can_only_be_read(file: Path) -> None:
    processed(file, RULES, CREATED)
    with opened(file, RULES) as store:
        engine = quand.Engine(quand.compile_text(RULES, language="fr"), store)
        with store.transaction() as transaction:
            connection: Any = getattr(transaction, "_connection")  # noqa: B009 - what a read-only disk would do
            connection.exec_driver_sql("PRAGMA query_only = ON")
        with pytest.raises(StoreError, match="store_read_only"):
            engine.process(LATER)
    (later,) = processed(file, RULES, LATER)
    assert len(later.fired) == 1


def test_a_full_disk_loses_nothing(file: Path) -> None:
    processed(file, RULES, CREATED)
    events = [
        {"id": f"b{n}", "event": "deal.created", "data": {"id": f"B-{n}", "numéro": "x" * 9000, "montant": 500}}
        for n in range(40)
    ]
    done: list[str] = []
    with opened(file, RULES) as store:
        engine = quand.Engine(quand.compile_text(RULES, language="fr"), store)
        with store.transaction(reading=True) as transaction:
            connection: Any = getattr(transaction, "_connection")  # noqa: B009 - a disk with room for a few more pages
            pages = connection.exec_driver_sql("PRAGMA page_count").scalar()
            connection.exec_driver_sql(f"PRAGMA max_page_count = {pages + 40}")

        def all_of_them() -> None:
            for event in events:
                done.append(engine.process(event).status)

        with pytest.raises(StoreError, match="store_full"):
            all_of_them()
    assert 0 < len(done) < 40
    outcomes = processed(file, RULES, *events)
    assert [outcome.status for outcome in outcomes] == ["duplicate"] * len(done) + ["applied"] * (40 - len(done))
    assert rows(file, "SELECT count(*) FROM task") == [(41,)]


def test_tables_that_changed_under_the_rules_are_told(file: Path) -> None:
    with opened(file, RULES) as store:
        engine = quand.Engine(quand.compile_text(RULES, language="fr"), store)
        run(file, "ALTER TABLE deal DROP COLUMN amount")
        with pytest.raises(StoreError, match="store_changed"):
            engine.process(CREATED)
    (outcome,) = processed(file, RULES, CREATED)
    assert outcome.status == "applied"


def test_a_copy_that_is_put_back_under_a_running_program_is_taken_up(file: Path) -> None:
    """An open file that has lost its name still takes whatever is written, and nobody ever sees it."""
    second = {**CREATED, "id": "e9", "data": {"id": "A-9", "numéro": "9"}}
    with closing(quand.open_store(f"sqlite:///{file}")) as store:
        engine = quand.Engine(quand.compile_text(RULES, language="fr"), store)
        engine.process(CREATED)
        run(file, f"VACUUM INTO '{file}.copy'")
        assert engine.process(second).status == "applied"
        for ending in ("-wal", "-shm"):
            file.with_name(file.name + ending).unlink(missing_ok=True)
        file.with_name(file.name + ".copy").replace(file)
        assert engine.process(second).status == "applied"
        assert rows(file, "SELECT count(*) FROM deal") == [(2,)]
        file.unlink()
        with pytest.raises(StoreError, match="store_cannot_open"):
            engine.process({**CREATED, "id": "e10", "data": {"id": "A-10"}})
        assert not file.exists()


def test_a_file_that_nobody_may_write_can_be_read(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A copy on a disk for reading only: its write-ahead log cannot be made, and is not needed."""
    processed(file, RULES, CREATED)

    def access(path: Path, mode: int) -> bool:
        return False

    monkeypatch.setattr("os.access", access)
    with closing(open_sql(f"sqlite:///{file}")) as store:
        store.prepare(quand.compile_text(RULES, language="fr").ir, dry=True)
        assert len(store.effects()) == 1
    assert not file.with_name("crm.db-shm").exists()


def test_an_effect_that_somebody_damaged_is_named(file: Path) -> None:
    processed(file, RULES, CREATED)
    run(file, "UPDATE quand_effect SET arguments = '{'")
    with opened(file, RULES) as store:
        for read in (store.effects, lambda: store.effect("e1#1")):
            with pytest.raises(StoreError, match="store_damaged") as raised:
                read()
            assert "quand_effect e1#1" in raised.value.text("fr")
        assert store.effect_counts() == {"waiting": 1}
