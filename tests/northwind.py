"""The public Northwind database: made from its script as a SQLite file, and copied from there to PostgreSQL."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

SCRIPT = Path(__file__).parent.parent.parent / "shared" / "data" / "northwind.sql"
"""The script is no part of the project: it is looked for beside its folder."""

_BATCH = 500
_TYPES: list[tuple[type[Any], sa.types.TypeEngine[Any]]] = [
    (sa.LargeBinary, sa.LargeBinary()),
    (sa.DateTime, sa.DateTime()),
    (sa.Date, sa.Date()),
    (sa.Float, sa.Double()),
    (sa.Numeric, sa.Numeric()),
]


def sqlite_file(folder: Path) -> Path:
    """A SQLite file made from the script. Skips the test where the script is not there."""
    if not SCRIPT.exists():
        pytest.skip(f"the public database is not here: {SCRIPT}")
    path = folder / "northwind.db"
    with closing(sqlite3.connect(":memory:")) as made, closing(sqlite3.connect(path)) as connection:
        # each of the thousands of statements of the script is a transaction
        made.executescript(SCRIPT.read_text(encoding="utf-8"))
        made.backup(connection)
    return path


def copy(source: str, target: str) -> None:
    """Copy the tables of one database with their rows, keys, references and conditions to another one, which is empty.

    Keys that the source makes are made by the target too, going on where the rows end.
    """
    read, write = sa.create_engine(source), sa.create_engine(target)
    try:
        tables = sa.MetaData()
        tables.reflect(read)
        for table in tables.tables.values():
            _adapt(table)
        tables.create_all(write)
        with read.connect() as old, write.begin() as new:
            # rows refer to others of the same table that come later
            new.exec_driver_sql("SET LOCAL session_replication_role = replica")
            for table in tables.sorted_tables:
                for rows in _rows(old, table):
                    new.execute(sa.insert(table), rows)
            for table in tables.sorted_tables:
                _go_on(new, table)
    finally:
        read.dispose()
        write.dispose()


def _adapt(table: sa.Table) -> None:
    """Types that every database has; a key of one whole number is made by the database."""
    for column in table.columns:
        column.type = next((made for kind, made in _TYPES if isinstance(column.type, kind)), column.type)
    key = list(table.primary_key.columns)
    if len(key) == 1 and isinstance(key[0].type, sa.Integer):
        table.append_column(
            sa.Column(key[0].name, sa.Integer(), sa.Identity(), primary_key=True), replace_existing=True
        )
    for condition in table.constraints:
        if isinstance(condition, sa.CheckConstraint):
            condition.sqltext = sa.text(str(condition.sqltext).replace("[", '"').replace("]", '"'))


def _rows(connection: sa.Connection, table: sa.Table) -> Iterator[list[dict[str, Any]]]:
    result = connection.execute(sa.select(table)).mappings()
    while rows := result.fetchmany(_BATCH):
        yield [{name: _exact(value) for name, value in row.items()} for row in rows]


def _exact(value: Any) -> Any:
    """A decimal without the zeros that were never written."""
    return value.normalize() if isinstance(value, Decimal) else value


def _go_on(connection: sa.Connection, table: sa.Table) -> None:
    key = next((column for column in table.primary_key.columns if column.identity is not None), None)
    if key is not None:
        sequence = sa.func.pg_get_serial_sequence(f'"{table.name}"', key.name)
        highest = connection.execute(sa.select(sa.func.max(key))).scalar()
        connection.execute(sa.select(sa.func.setval(sequence, highest or 1)))
