"""Databases that hold the rows of a test, and answer statements about them."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from quand.dsl.values import Reference, Value
from quand.runtime.model import Model
from quand.runtime.sql.dialects import DIALECTS, Dialect
from quand.runtime.sql.layout import planned_tables
from quand.runtime.sql.sqlite_functions import Functions
from quand.runtime.stores.sql_tables import KindTable

Rows = Mapping[Reference, Mapping[str, Value]]

_TYPES = {
    "number": "NUMERIC",
    "date": "DATE",
    "time": "TIME",
    "instant": "TIMESTAMPTZ",
    "boolean": "BOOLEAN",
    "text": "TEXT",
}


class Place:
    """One database in one dialect, empty until rows are put into it."""

    numbers = "NUMERIC"

    def __init__(self, dialect: str, model: Model) -> None:
        self.dialect: Dialect = DIALECTS[dialect]
        self.tables: dict[str, KindTable] = planned_tables(model, native=self.dialect.native)

    def put(self, rows: Rows) -> None:
        """These rows in place of all that were there."""
        for table in self.tables.values():
            self.run(f'DROP TABLE IF EXISTS "{table.name}"')
            self.run(f'CREATE TABLE "{table.name}" ({", ".join(self._columns(table))})')
        for reference, record in rows.items():
            table = self.tables[reference.object]
            contents = dict(table.key.encoded(reference.id) or {})
            for name, column in table.fields.items():
                contents |= column.encoded(record.get(name))
            names = ", ".join(f'"{name}"' for name in contents)
            marks = ", ".join(self.mark(number) for number in range(len(contents)))
            self.run(
                f'INSERT INTO "{table.name}" ({names}) VALUES ({marks})', [self.held(v) for v in contents.values()]
            )

    def _columns(self, table: KindTable) -> list[str]:
        columns = [f'"{name}" TEXT PRIMARY KEY' for name in table.key.names]
        for column in table.fields.values():
            type_ = self.numbers if column.storage == "number" else _TYPES[column.storage]
            columns.append(f'"{column.name}" {type_}')
            if column.currency is not None:
                columns.append(f'"{column.currency}" TEXT')
        return columns

    def mark(self, number: int) -> str:
        return "?"

    def held(self, value: Any) -> Any:
        """A value as the driver takes it."""
        return value

    def run(self, statement: str, parameters: Any = ()) -> list[Sequence[Any]]:
        """The rows of a statement. Raises what the driver raises."""
        raise NotImplementedError

    def ask(self, statement: str, parameters: Mapping[str, Any], functions: Functions) -> list[Sequence[Any]] | None:
        """The rows of a statement with named parameters; ``None`` where the interpreter has to decide."""
        raise NotImplementedError


class SqlitePlace(Place):
    def __init__(self, model: Model) -> None:
        super().__init__("sqlite", model)
        self._connection = sqlite3.connect(":memory:", isolation_level=None)

    def run(self, statement: str, parameters: Any = ()) -> list[Sequence[Any]]:
        return self._connection.execute(statement, parameters).fetchall()

    def ask(self, statement: str, parameters: Mapping[str, Any], functions: Functions) -> list[Sequence[Any]] | None:
        functions.give(self._connection, set())
        functions.doubted = False
        found = self.run(statement, dict(parameters))
        return None if functions.doubted else found


class PostgresPlace(Place):
    def __init__(self, model: Model, url: str) -> None:
        # the driver is an extra
        import psycopg

        super().__init__("postgres", model)
        self._connection: Any = psycopg.connect(url, autocommit=True, options="-c timezone=UTC")

    def mark(self, number: int) -> str:
        return "%s"

    def run(self, statement: str, parameters: Any = ()) -> list[Sequence[Any]]:
        cursor = self._connection.execute(statement, parameters)
        return cursor.fetchall() if cursor.description else []

    def ask(self, statement: str, parameters: Mapping[str, Any], functions: Functions) -> list[Sequence[Any]] | None:
        return self.run(statement, dict(parameters))


class DuckPlace(Place):
    numbers = "DECIMAL(24, 4)"

    def __init__(self, model: Model, path: str = ":memory:") -> None:
        # the driver is an extra
        import duckdb

        super().__init__("duckdb", model)
        self._errors: Any = duckdb.Error
        self._connection: Any = duckdb.connect(path)
        self._connection.execute("SET TimeZone = 'UTC'; SET threads = 1; PRAGMA disable_optimizer")

    def close(self) -> None:
        """Let go of the file."""
        self._connection.close()

    def held(self, value: Any) -> Any:
        if isinstance(value, datetime):
            return value.astimezone(UTC).isoformat()
        return str(value) if isinstance(value, Decimal) else value

    def run(self, statement: str, parameters: Any = ()) -> list[Sequence[Any]]:
        return self._connection.execute(statement, parameters or None).fetchall()

    def ask(self, statement: str, parameters: Mapping[str, Any], functions: Functions) -> list[Sequence[Any]] | None:
        try:
            return self.run(statement, dict(parameters))
        except self._errors as error:
            if type(error).__name__ in {"OutOfRangeException", "ConversionException", "BinderException"}:
                return None
            raise
