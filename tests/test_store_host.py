"""Processing inside the caller's own transaction: everything is his to commit or to roll back."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
import sqlalchemy as sa
from postgres_server import GROUP, new_database

import quand
from quand.runtime.stores.port import Store

RULES = """\
quand une affaire est créée et montant > 5 € alors
  créer une tâche "Relancer"
  envoyer un SMS à '+33612345678', texte = "x"

règle "Refus"
quand une affaire est créée et nom = 'non' alors refuser "non"
"""


class Host:
    """A program of somebody else over the same data."""

    def __init__(self, address: str) -> None:
        self.address = address
        self.store: Store = quand.open_store(address)
        self.sent: list[Any] = []
        self.engine = quand.Engine(quand.compile_text(RULES, language="fr"), self.store)
        self.engine.action("send SMS")(self.sent.append)
        self.process("W-0")

    def process(self, identifier: str, connection: Any = None, **data: Any) -> str:
        event = {"event": "deal.created", "data": {"id": identifier, "montant": 9, **data}}
        return self.engine.process(event, connection=connection).status

    def deals(self) -> list[str]:
        with self.store.transaction(reading=True) as transaction:
            return list(transaction.identifiers("deal"))

    def tasks(self) -> int:
        with self.store.transaction(reading=True) as transaction:
            return len(list(transaction.identifiers("task")))


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=GROUP)])
def host(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Host]:
    host = Host(f"sqlite:///{tmp_path}/crm.db" if request.param == "sqlite" else new_database())
    yield host
    host.store.close()


def driver_connection(host: Host) -> Any:
    """A connection of the driver itself."""
    if host.address.startswith("sqlite"):
        return sqlite3.connect(host.address.removeprefix("sqlite:///"))
    return psycopg.connect(host.address)


def test_the_callers_commit_is_the_commit(host: Host) -> None:
    connection = driver_connection(host)
    connection.execute("INSERT INTO contact (id) VALUES ('C-1')")
    assert host.process("A-1", connection) == "applied"
    assert (host.deals(), host.tasks()) == (["W-0"], 1)
    connection.commit()
    assert (host.deals(), host.tasks()) == (["A-1", "W-0"], 2)
    assert len(host.sent) == 1, "only what was processed in a transaction of its own is sent at once"
    assert [effect.state for effect in host.store.effects()] == ["sent", "waiting"]
    connection.close()


def test_the_callers_rollback_undoes_everything(host: Host) -> None:
    connection = driver_connection(host)
    assert host.process("A-1", connection) == "applied"
    connection.rollback()
    connection.close()
    assert (host.deals(), host.tasks(), len(list(host.store.effects()))) == (["W-0"], 1, 1)
    assert host.process("A-1") == "applied"


def test_several_events_and_one_that_fails(host: Host) -> None:
    connection = driver_connection(host)
    statuses = [
        host.process("A-1", connection),
        host.process("A-1", connection),
        host.process("A-2", connection, nom="non"),
        host.process("A-3", connection),
    ]
    assert statuses == ["applied", "failed", "refused", "applied"]
    connection.commit()
    connection.close()
    assert host.deals() == ["A-1", "A-3", "W-0"]


def test_a_connection_of_sqlalchemy(host: Host) -> None:
    engine = sa.create_engine(host.address.replace("postgresql://", "postgresql+psycopg://"))
    with engine.begin() as connection:
        assert host.process("A-1", connection) == "applied"
        assert host.deals() == ["W-0"]
    with engine.connect() as connection:
        assert host.process("A-2", connection) == "applied"
    engine.dispose()
    assert host.deals() == ["A-1", "W-0"]


def test_what_is_no_connection_is_refused(host: Host) -> None:
    with pytest.raises(ValueError, match="str"):
        host.process("A-1", "sqlite:///crm.db")
