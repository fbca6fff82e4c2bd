"""A DuckDB file is read as any store, asked as any database, and never written."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from random import Random
from typing import Any

import duckdb
import pytest
from sql_conditions import IDENTIFIERS, NOW, STORED, program, rows
from sql_places import DuckPlace
from store_contract import EXAMPLES, PROGRAM, THING

import quand
from quand.dsl.values import Money, Reference, Value
from quand.project.stores import open_store
from quand.runtime.aggregates import UNASKED
from quand.runtime.engine import Engine
from quand.runtime.questions import Questions
from quand.runtime.stores.overlay import OverlayStore
from quand.runtime.stores.port import Batch, RecordWrite, Store, StoreError


def kept(path: Path, model: Any, rows_: Any) -> Store:
    """A store over a new file with these objects, their numbers with four decimals."""
    place = DuckPlace(model, str(path))
    place.put(rows_)
    place.close()
    return open_store(f"duckdb:///{path}")


DATA = rows(Random(7))


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Any:
    made = kept(tmp_path_factory.mktemp("duck") / "crm.duckdb", program().model, DATA)
    made.prepare(program().ir)
    yield made
    made.close()


def test_objects_come_back_as_they_are_kept(store: Store) -> None:
    with store.transaction(reading=True) as transaction:
        for reference, record in DATA.items():
            assert transaction.get(reference) == record
        assert transaction.get(Reference("deal", "gone")) is None


def test_identifiers_ascend(store: Store) -> None:
    with store.transaction(reading=True) as transaction:
        for kind, names in IDENTIFIERS.items():
            assert list(transaction.identifiers(kind)) == sorted(names)
        assert list(transaction.identifiers("nothing")) == []


def test_objects_are_found_by_the_value_of_a_field(store: Store) -> None:
    with store.transaction(reading=True) as transaction:
        for kind, fields in STORED.items():
            for field in fields:
                for value in {record[field] for record in DATA.values() if field in record}:
                    expected = [
                        reference.id
                        for reference, record in sorted(DATA.items())
                        if reference.object == kind and record.get(field) == value
                    ]
                    assert list(transaction.find(kind, field, value)) == expected, (field, value)


CASES: list[tuple[str, Value]] = [
    (field, value)
    for field, values in EXAMPLES.items()
    for value in values
    if not (isinstance(value, Decimal) and (value.adjusted() > 19 or value.as_tuple().exponent < -4))  # pyright: ignore[reportOperatorIssue]
    and value != Decimal("1.333333333333333333333333333333333")
]


def test_values_come_back_equal(tmp_path: Path) -> None:
    """The values of the contract that a column of 24 digits can hold."""
    data = {Reference("thing", f"T-{number}"): {field: value} for number, (field, value) in enumerate(CASES)}
    store = kept(tmp_path / "values.duckdb", PROGRAM.model, data)
    store.prepare(PROGRAM.ir, dry=True)
    with store.transaction(reading=True) as transaction:
        for number, (field, value) in enumerate(CASES):
            assert transaction.get(Reference("thing", f"T-{number}")) == {field: value}
    store.close()


def test_nothing_is_written(store: Store) -> None:
    with pytest.raises(StoreError) as raised, store.transaction() as transaction:
        transaction.write(Batch(records=(RecordWrite(THING, {}),)))
    assert raised.value.key == "store_only_read"
    event = {"event": "deal.created", "data": {"id": "new"}}
    with pytest.raises(StoreError):
        Engine(program(), store, now=NOW).process(event)


def test_a_connection_of_somebody_else_is_none(store: Store) -> None:
    with pytest.raises(ValueError, match="only read"), store.transaction(object()):
        pass


def test_there_are_no_timers_nor_effects(store: Store) -> None:
    assert (list(store.timers()), list(store.effects()), list(store.log())) == ([], [], [])
    assert store.next_timer() is None
    assert store.next_delivery(["log"]) is None
    with pytest.raises(KeyError):
        store.settle("k", "sent")


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    store = open_store(f"duckdb:///{tmp_path}/none.duckdb")
    with pytest.raises(StoreError) as raised:
        store.prepare(program().ir)
    assert raised.value.key == "store_cannot_open"
    assert not (tmp_path / "none.duckdb").exists()


@pytest.mark.parametrize("content", [b"", b"no database at all" * 100])
def test_a_file_that_is_none_of_duckdb(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "text.duckdb"
    path.write_bytes(content)
    with pytest.raises(StoreError):
        open_store(f"duckdb:///{path}").prepare(program().ir)


@pytest.mark.parametrize("address", ["duckdb://", "duckdb:///", "duckdb:///:memory:"])
def test_an_address_without_a_file(address: str) -> None:
    with pytest.raises(StoreError) as raised:
        open_store(address)
    assert raised.value.key == "store_url"


def test_tables_of_others_are_used_where_they_are(tmp_path: Path) -> None:
    path = tmp_path / "shop.duckdb"
    with duckdb.connect(str(path)) as connection:
        connection.execute(
            "CREATE TABLE Customers (CustomerID INTEGER PRIMARY KEY, CompanyName VARCHAR, Since TIMESTAMP, Debt DOUBLE)"
        )
        connection.execute("INSERT INTO Customers VALUES (7, 'Épicerie', TIMESTAMP '2026-03-29 01:00:00', 12.5)")
        connection.execute("INSERT INTO Customers VALUES (12, NULL, NULL, NULL)")
    rules = "vocabulary: none\nobject a customer\n  a company name: text\n  a since: date and time\n  a debt: money"
    store = open_store(f"duckdb:///{path}")
    store.prepare(quand.compile_text(rules, language="en").ir)
    with store.transaction(reading=True) as transaction:
        assert list(transaction.identifiers("customer")) == ["12", "7"]
        assert transaction.get(Reference("customer", "7")) == {
            "company name": "Épicerie",
            "since": datetime(2026, 3, 29, 1, tzinfo=UTC),
            "debt": Money(Decimal("12.5"), "EUR"),
        }
    store.close()


RULES = """
rule "Many"
when a deal is saved and number of deals whose length ≥ 0 > 1
  and sum of the amounts of the deals whose amount ≥ 0 € > 3 €
then name = 'many'
rule "Each"
when a deal is deleted
then for each deal whose length ≥ 0: count = 5
"""


def test_rules_run_over_it_without_writing(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is changed on the way lies over the file, which is asked about the rest."""
    from sql_conditions import VOCABULARY

    answers: list[Value] = []
    whole = Questions.aggregate

    def noted(questions: Questions, *arguments: Any) -> Value:
        answers.append(whole(questions, *arguments))
        return answers[-1]

    monkeypatch.setattr(Questions, "aggregate", noted)
    compiled = quand.compile_text(VOCABULARY + RULES, language="en")
    over, memory = OverlayStore(store), Engine(compiled, now=NOW)
    for reference, record in DATA.items():
        if reference.object == "deal":
            with memory.store.transaction() as transaction:
                transaction.write(Batch(records=(RecordWrite(reference, record),)))
    events = [
        {"id": "1", "event": "deal.updated", "data": {"id": "D-1", "length": "3.5", "amount": 1000}},
        {"id": "2", "event": "deal.created", "data": {"id": "new", "length": "1"}},
        {"id": "3", "event": "deal.deleted", "data": {"id": "D-2"}},
    ]
    engine = Engine(compiled, over, now=NOW)
    for event in events:
        assert engine.process(event).to_json() == memory.process(event).to_json()
    assert answers
    assert UNASKED not in answers[:2]
    with store.transaction(reading=True) as transaction:
        assert transaction.get(Reference("deal", "new")) is None
