"""Whatever call of the store or of a gateway is the last one before a crash: nothing is lost, nothing is done twice.

A run over some events is broken off at one call, begun anew with a fresh engine on the same data, as often as it takes;
what is stored and delivered at the end is what an unbroken run comes to: no event lost, no change doubled, each timer
once, each delivery once at a gateway that honours keys.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from random import Random
from typing import Any

import pytest
import sqlalchemy as sa
from crash_points import PROGRAM, TABLES, Crash, check, crashed, unbroken
from postgres_server import GROUP, new_database
from sqlalchemy import event

from quand.project.stores import open_store
from quand.runtime.stores.port import Store

POSTGRES = 60
"""How many of the thousand points of the quick suite are PostgreSQL's."""

Emptied = tuple[Store, Callable[[], None]]
"""A store and what empties it."""


def emptied(address: str) -> Iterator[Emptied]:
    """A store whose tables are made once: emptying them costs less than making them."""
    with closing(open_store(address)) as store:
        store.prepare(PROGRAM.ir)
        database: sa.Engine = sa.create_engine(address.replace("postgresql:", "postgresql+psycopg:"))
        with database.connect() as connection:

            def empty() -> None:
                for table in TABLES:
                    connection.exec_driver_sql(f"DELETE FROM {table}")
                connection.commit()

            yield store, empty
        database.dispose()


def _unsynchronised(connection: Any, record: Any) -> None:
    connection.execute("PRAGMA synchronous = OFF")


@pytest.fixture
def sqlite(tmp_path: Path) -> Iterator[Emptied]:
    """Programs end here, never the machine, so nothing has to wait for the disk."""
    event.listen(sa.Engine, "connect", _unsynchronised)
    try:
        yield from emptied(f"sqlite:///{tmp_path}/crm.db")
    finally:
        event.remove(sa.Engine, "connect", _unsynchronised)


@pytest.fixture
def postgres() -> Iterator[Emptied]:
    yield from emptied(new_database())


def test_the_unbroken_run_does_what_the_rules_say(sqlite: Emptied) -> None:
    state, _ = unbroken(sqlite[0])
    assert state["records"]["contact", "C-1"]["bonus"].amount == 122
    assert [kind for kind, _ in state["records"]].count("task") == 2
    assert len(state["delivered"]) == 3, "two text messages and a morning"
    assert set(state["decided"].values()) == {1}
    assert state["timers"] == []


def every_call(store: Store) -> tuple[dict[str, Any], list[tuple[int, ...]]]:
    """What no crash comes to, and a case for each call."""
    expected, calls = unbroken(store)
    return expected, [(call,) for call in range(1, calls + 1)]


def twice(calls: int, count: int, seed: int) -> list[tuple[int, ...]]:
    """Cases of two crashes in a row, by chance."""
    random = Random(seed)
    return [(random.randint(1, calls), random.randint(1, calls)) for _ in range(count)]


def test_a_crash_at_any_call_loses_and_doubles_nothing(sqlite: Emptied) -> None:
    expected, cases = every_call(sqlite[0])
    check(*sqlite, cases, expected)


def test_nor_do_two_in_a_row(sqlite: Emptied) -> None:
    expected, cases = every_call(sqlite[0])
    check(*sqlite, twice(len(cases), 1000 - len(cases) - POSTGRES, seed=1), expected)


@GROUP
def test_nor_on_postgres(postgres: Emptied) -> None:
    expected, cases = every_call(postgres[0])
    check(*postgres, Random(2).sample(cases, POSTGRES // 2) + twice(len(cases), POSTGRES // 2, seed=2), expected)


@pytest.mark.long
@pytest.mark.parametrize("seed", range(10))
def test_no_crash_does(sqlite: Emptied, seed: int) -> None:
    expected, cases = every_call(sqlite[0])
    check(*sqlite, twice(len(cases), 800, seed=100 + seed), expected)


@GROUP
@pytest.mark.long
@pytest.mark.parametrize("seed", range(4))
def test_no_crash_does_on_postgres(postgres: Emptied, seed: int) -> None:
    expected, cases = every_call(postgres[0])
    check(*postgres, cases[seed::4] + twice(len(cases), 500 - len(cases) // 4, seed=200 + seed), expected)


@pytest.mark.parametrize("statement", [1, 2, 7, 30, 60])
def test_a_crash_while_tables_are_made_leaves_none(tmp_path: Path, statement: int) -> None:
    def end(*_: Any) -> None:
        nonlocal statement
        statement -= 1
        if not statement:
            raise Crash

    address = f"sqlite:///{tmp_path}/crm.db"
    event.listen(sa.Engine, "before_cursor_execute", end)
    try:
        with closing(open_store(address)) as store, pytest.raises(Crash):
            store.prepare(PROGRAM.ir)
    finally:
        event.remove(sa.Engine, "before_cursor_execute", end)
    with closing(open_store(address)) as store:
        store.prepare(PROGRAM.ir)
        expected, _ = unbroken(store)
    with closing(open_store(f"sqlite:///{tmp_path}/other.db")) as store:
        store.prepare(PROGRAM.ir)
        assert crashed(store, ())[0] == expected
