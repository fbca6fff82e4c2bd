"""Databases made by an earlier version: they open, and what they lack is added."""

from __future__ import annotations

from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg
import sqlalchemy as sa
from postgres_server import GROUP, new_database

import quand
from quand.runtime.stores.overlay import OverlayStore
from quand.runtime.stores.port import Batch, Effect, Store

NOW = datetime(2026, 11, 23, 10, tzinfo=UTC)
PROGRAM = quand.compile_text("objet une affaire / deal\n  un nom / name : texte", language="fr")
SEND: dict[str, Any] = {"actions": ["send SMS"], "limit": 9}
LATER_COLUMNS = ("lane", "attempts", "first", "last", "due", "error", "worker", "until")


def with_effects(address: str) -> None:
    """Data in which one effect waits and one failed."""
    with closing(quand.open_store(address)) as store:
        store.prepare(PROGRAM.ir)
        with store.transaction() as transaction:
            effects = (Effect(key, "send SMS", {"text": "é"}, "R", None, "e1", NOW) for key in ("a", "b"))
            transaction.write(Batch(effects=tuple(effects)))


def made_earlier(engine: sa.Engine) -> None:
    """Take away what later versions brought."""
    with engine.begin() as connection:
        for index in ("open", "lane"):
            connection.exec_driver_sql(f"DROP INDEX quand_effect_{index}")
        for column in LATER_COLUMNS:
            connection.exec_driver_sql(f'ALTER TABLE quand_effect DROP COLUMN "{column}"')
        connection.exec_driver_sql("UPDATE quand_effect SET state = 'failed' WHERE key = 'b'")
    engine.dispose()


def check(address: str) -> None:
    with closing(OverlayStore(quand.open_store(address))) as dry:
        dry.prepare(PROGRAM.ir)
        assert [(each.key, each.state, each.attempts, each.due) for each in dry.effects()] == [
            ("a", "waiting", 0, None),
            ("b", "failed", 0, None),
        ]
    with closing(quand.open_store(address)) as store:
        store.prepare(PROGRAM.ir)
        assert [(each.key, each.state) for each in store.effects()] == [("a", "waiting"), ("b", "dead")]
        assert [each.attempts for each in store.claim("w", NOW, NOW, **SEND)] == [1]
        assert store.settle("a", "sent")
    with closing(quand.open_store(address)) as again:
        again.prepare(PROGRAM.ir)
        assert [each.state for each in again.effects()] == ["sent", "dead"]


def test_an_outbox_of_an_earlier_version_opens(tmp_path: Path) -> None:
    address = f"sqlite:///{tmp_path}/crm.db"
    with_effects(address)
    made_earlier(sa.create_engine(address))
    check(address)


@GROUP
def test_so_it_does_on_postgres() -> None:
    address = new_database()
    with_effects(address)
    made_earlier(sa.create_engine("postgresql+psycopg://", creator=lambda: psycopg.connect(address)))
    check(address)


def test_a_store_made_for_another_program_still_claims(tmp_path: Path) -> None:
    address = f"sqlite:///{tmp_path}/crm.db"
    with_effects(address)
    store: Store = quand.open_store(address)
    store.prepare(quand.compile_text("objet un chien / dog\n  un nom / name : texte", language="fr").ir)
    assert [each.key for each in store.claim("w", NOW, NOW, **SEND)] == ["a", "b"]
    store.close()
