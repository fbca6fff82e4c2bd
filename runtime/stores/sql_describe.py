"""Looks at a live database: its tables, keys, conditions and comments, and the first rows of each table."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine.interfaces import ReflectedColumn
from sqlalchemy.engine.reflection import Inspector

from .described import ROWS, Column, ForeignKey, Table
from .sql_connect import Database
from .sql_errors import told
from .sql_own import OWN_TABLES, raw_table

_KINDS: Sequence[tuple[type[sa.types.TypeEngine[Any]], str]] = (
    (sa.Boolean, "boolean"),
    (sa.Integer, "integer"),
    (sa.Float, "real"),
    (sa.Numeric, "number"),
    (sa.DateTime, "datetime"),
    (sa.Date, "date"),
    (sa.Time, "time"),
    (sa.LargeBinary, "binary"),
    (sa.ARRAY, "binary"),
    (sa.JSON, "text"),
)


def describe(database: Database) -> list[Table]:
    """The tables of a database, by name, those of the engine itself left out; nothing is written.

    Raises :class:`~.port.StoreError` for a database that cannot be read.
    """
    engine = database.engine(dry=True)
    try:
        with told(database.place), engine.connect() as plain:
            reading = {"postgresql_readonly": True} if engine.dialect.name == "postgresql" else {}
            connection = plain.execution_options(quand_reading=True, **reading)
            with connection.begin():
                return _Describer(connection).tables()
    finally:
        engine.dispose()


class _Describer:
    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection
        self._inspector: Inspector = sa.inspect(connection)
        self._comments = connection.dialect.supports_comments
        self._indexes: dict[str, Any] = {}
        if connection.dialect.name == "sqlite":
            self._indexes["include_auto_indexes"] = True

    def tables(self) -> list[Table]:
        names = [name for name in self._inspector.get_table_names() if name not in OWN_TABLES]
        return [self._table(name) for name in sorted(names)]

    def _table(self, name: str) -> Table:
        inspector = self._inspector
        columns = inspector.get_columns(name)
        unique = {tuple(each["column_names"]) for each in inspector.get_unique_constraints(name)}
        unique |= {
            tuple(column for column in each["column_names"] if column is not None)
            for each in inspector.get_indexes(name, **self._indexes)
            if each["unique"] and not each.get("dialect_options", {}).get("postgresql_where")
        }
        key = tuple(inspector.get_pk_constraint(name)["constrained_columns"])
        values = self._values(name, columns)
        return Table(
            name,
            tuple(_column(column, values.get(column["name"], ())) for column in columns),
            key,
            tuple(
                ForeignKey(tuple(each["constrained_columns"]), each["referred_table"], tuple(each["referred_columns"]))
                for each in inspector.get_foreign_keys(name)
            ),
            frozenset(columns[0] for columns in unique if len(columns) == 1),
            tuple(each["sqltext"] for each in inspector.get_check_constraints(name)),
            (inspector.get_table_comment(name)["text"] or "") if self._comments else "",
        )

    def _values(self, name: str, columns: Sequence[ReflectedColumn]) -> dict[str, tuple[Any, ...]]:
        """The values of the first rows, by column."""
        wanted = [column["name"] for column in columns if kind_of(column["type"]) != "binary"]
        if not wanted:
            return {}
        table = raw_table(name, wanted)
        rows = self._connection.execute(sa.select(*table.c).limit(ROWS)).all()
        by_column = zip(*rows, strict=True) if rows else [()] * len(wanted)
        return {
            column: tuple(value for value in values if value is not None)
            for column, values in zip(wanted, by_column, strict=True)
        }


def _column(column: ReflectedColumn, values: tuple[Any, ...]) -> Column:
    type_ = column["type"]
    default = column.get("default")
    return Column(
        column["name"],
        kind_of(type_),
        getattr(type_, "scale", None),
        getattr(type_, "length", None),
        column["nullable"],
        default if isinstance(default, str) else None,
        default is not None or bool(column.get("identity")) or bool(column.get("computed")),
        column.get("comment") or "",
        tuple(getattr(type_, "enums", ())),
        values,
    )


def kind_of(type_: sa.types.TypeEngine[Any]) -> str:
    """What a type of a column declares, in the words of :class:`~.described.Column`."""
    name = type(type_).__name__
    if name in {"BYTEA", "BLOB"}:
        return "binary"
    if name in {"BIT", "BOOL"}:
        return "boolean"
    return next((kind for class_, kind in _KINDS if isinstance(type_, class_)), "text")
