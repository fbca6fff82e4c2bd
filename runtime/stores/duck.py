"""The store over a DuckDB file: read only, for simulations and batches over data that others keep there."""

from __future__ import annotations

import re
from collections.abc import Collection, Generator, Iterable, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any, cast

import duckdb
import sqlalchemy as sa
from sqlalchemy.engine.interfaces import ReflectedColumn

from ...dsl import ir
from ...dsl.values import Reference, Value
from ..model import Model
from .mapping import Tables
from .port import Batch, Effect, Record, StoreError, Timer
from .sql_own import OWN_TABLES
from .sql_schema import Schema
from .sql_storage import Storage
from .sql_tables import KindTable
from .sql_values import Unfit

_TYPES: Mapping[str, sa.types.TypeEngine[Any]] = {
    "BOOLEAN": sa.Boolean(),
    "DATE": sa.Date(),
    "TIME": sa.Time(),
    "TIMESTAMP": sa.DateTime(),
    "TIMESTAMP WITH TIME ZONE": sa.DateTime(timezone=True),
    "DOUBLE": sa.Float(),
    "FLOAT": sa.Float(),
    "UUID": sa.Uuid(),
    **dict.fromkeys(("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT"), sa.Integer()),
    **dict.fromkeys(("UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT"), sa.Integer()),
}
_DECIMAL = re.compile(r"DECIMAL\((\d+),\s*(\d+)\)")


def open_duck(url: str, tables: Tables | None = None) -> DuckStore:
    """The store at ``duckdb:///file``; nothing is opened before a program is prepared.

    Raises :class:`~.port.StoreError` for an address that names no file.
    """
    path = url.removeprefix("duckdb:///") if url.startswith("duckdb:///") else ""
    if not path or path == ":memory:":
        raise StoreError("store_url", value=url, example="duckdb:///crm.duckdb")
    return DuckStore(path, tables)


class DuckStore:
    """Implements :class:`~.port.Store` over a file that is there; whatever would write raises :class:`StoreError`."""

    def __init__(self, path: str, tables: Tables | None = None) -> None:
        self._place = path
        self._mapping = tables
        self._connection: duckdb.DuckDBPyConnection | None = None
        self._kinds: dict[str, KindTable] = {}
        self._program: ir.Program | None = None

    def prepare(self, program: ir.Program, *, dry: bool = False) -> None:
        if program is self._program and self._connection is not None:
            return
        with _told(self._place):
            connection = self._opened() if self._connection is not None else self._open()
            schema = _Schema(connection, self._mapping)
            schema.add(Model(program))
        self._kinds = {**self._kinds, **schema.kinds}
        self._program = program

    @property
    def kinds(self) -> Mapping[str, KindTable]:
        """The tables found for the objects of the programs prepared."""
        return self._kinds

    def _open(self) -> duckdb.DuckDBPyConnection:
        if not Path(self._place).is_file():
            raise StoreError("store_cannot_open", place=self._place)
        connection = duckdb.connect(self._place, read_only=True)
        # instants are read as texts, and texts are in the zone of the session
        connection.execute("SET TimeZone = 'UTC'")
        self._connection = connection
        return connection

    def _opened(self) -> duckdb.DuckDBPyConnection:
        if self._connection is None:
            raise StoreError("store_unprepared", place=self._place)
        return self._connection

    @contextmanager
    def transaction(self, connection: Any = None, *, reading: bool = False) -> Generator[DuckTransaction]:
        if connection is not None:
            raise ValueError("a file that is only read has no transactions of others")
        with _told(self._place):
            yield DuckTransaction(self._opened().cursor(), self._kinds, self._place)

    # --- what is kept elsewhere -----------------------------------------------------------------------------------

    def timers(self) -> list[Timer]:
        return []

    def next_timer(self) -> datetime | None:
        return None

    def effects(self, state: str | None = None) -> list[Effect]:
        return []

    def effect(self, key: str) -> Effect | None:
        return None

    def claim(
        self,
        worker: str,
        now: datetime,
        until: datetime,
        *,
        actions: Collection[str],
        limit: int = 1,
        key: str | None = None,
    ) -> list[Effect]:
        return []

    def settle(
        self,
        key: str,
        state: str,
        *,
        error: str = "",
        due: datetime | None = None,
        attempts: int | None = None,
        worker: str | None = None,
    ) -> bool:
        raise KeyError(key)

    def next_delivery(self, actions: Collection[str]) -> datetime | None:
        return None

    def log(self) -> list[str]:
        return []

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None


class DuckTransaction:
    """Implements :class:`~.port.Transaction` and :class:`~.port.Asking`: nobody writes while the file is open."""

    dialect = "duckdb"

    def __init__(self, cursor: duckdb.DuckDBPyConnection, tables: Mapping[str, KindTable], place: str) -> None:
        self.tables = tables
        self._cursor = cursor
        self._place = place
        self._records: dict[Reference, Record | None] = {}

    # --- objects --------------------------------------------------------------------------------------------------

    def get(self, reference: Reference) -> Record | None:
        if reference not in self._records:
            self._records[reference] = self._read(reference)
        return self._records[reference]

    def _read(self, reference: Reference) -> Record | None:
        kind = self.tables.get(reference.object)
        key = kind.key.encoded(reference.id) if kind is not None and kind.there else None
        if kind is None or key is None:
            return None
        instants = {field.name for field in kind.fields.values() if field.storage == "instant"}
        columns = [
            f"CAST({_quoted(name)} AS VARCHAR)" if name in instants else _quoted(name) for name in kind.columns()
        ]
        found = self._rows(kind, ", ".join([*columns, "1"]), key)
        return kind.record(found[0]) if found else None

    def identifiers(self, kind: str) -> Iterable[str]:
        return self._keys(kind, {})

    def find(self, kind: str, field: str, value: Value) -> Iterable[str]:
        table = self.tables.get(kind)
        column = table.fields.get(field) if table is not None else None
        if table is None or column is None:
            return ()
        try:
            wanted = column.encoded(value)
        except Unfit:
            return ()
        found = self._keys(kind, wanted)
        if column.currency is None or wanted[column.currency] != table.currency:
            return found
        unsaid = self._keys(kind, {**wanted, column.currency: None})
        return sorted({*found, *unsaid})

    def _keys(self, name: str, wanted: Mapping[str, Any]) -> Sequence[str]:
        kind = self.tables.get(name)
        if kind is None or not kind.there:
            return ()
        rows = self._rows(kind, ", ".join(map(_quoted, kind.key.names)), wanted)
        return sorted(kind.key.decoded(row) for row in rows)

    def _rows(self, kind: KindTable, columns: str, wanted: Mapping[str, Any]) -> list[Sequence[Any]]:
        conditions = [
            f"{_quoted(name)} IS NULL" if raw is None else f"{_quoted(name)} = ?" for name, raw in wanted.items()
        ]
        where = f" WHERE {' AND '.join(conditions)}" if conditions else ""
        given = [_given(raw) for raw in wanted.values() if raw is not None]
        statement = f"SELECT {columns} FROM {_quoted(kind.name)}{where}"  # noqa: S608 - names are quoted
        return cast("list[Sequence[Any]]", self._cursor.execute(statement, given).fetchall())

    # --- questions ------------------------------------------------------------------------------------------------

    def select(self, statement: str, parameters: Mapping[str, Any], functions: Any) -> Sequence[Sequence[Any]] | None:
        """As :class:`~.port.Asking` says; a number too long for DuckDB's decimals is the interpreter's to deal with."""
        try:
            return cast("Any", self._cursor.execute(statement, dict(parameters)).fetchall())
        except duckdb.Error:
            return None

    # --- what is kept elsewhere -----------------------------------------------------------------------------------

    def timer(self, key: str) -> Timer | None:
        return None

    def timer_at(self, rule: str, reference: Reference, slot: str) -> Timer | None:
        return None

    def timers_of(self, reference: Reference) -> Iterable[Timer]:
        return ()

    def timers_of_rule(self, rule: str) -> Iterable[Timer]:
        return ()

    def due_timers(self, instant: datetime) -> Iterable[Timer]:
        return ()

    def event_digest(self, event: str) -> str | None:
        return None

    def recall(self, key: str) -> str | None:
        return None

    def write(self, batch: Batch) -> None:
        """Raises :class:`StoreError`, always."""
        raise StoreError("store_only_read", place=self._place)


class _Schema(Schema):
    """The tables of a file, by what DuckDB says of itself."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, tables: Tables | None) -> None:
        self._prepare(_Catalogue(connection), tables)

    def _prepare(self, catalogue: _Catalogue, tables: Tables | None) -> None:
        self._connection = cast("Any", None)
        self._dry = True
        self._given = tables or {}
        self._inspector = cast("Any", catalogue)
        self._exact = True
        self._storage = _Storage(catalogue)
        self._names = [name for name in catalogue.names if name not in OWN_TABLES]
        self._own = frozenset[str]()
        self.kinds = {}
        self.inexact = []
        self.notices = ()


class _Catalogue:
    """Tables, columns and primary keys, as an inspector of SQLAlchemy gives them."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self.connection = connection
        columns = connection.execute(
            "SELECT table_name, column_name, data_type, is_nullable FROM duckdb_columns() "
            "WHERE database_name = current_database() AND schema_name = 'main' AND NOT internal "
            "ORDER BY table_name, column_index"
        ).fetchall()
        keys = connection.execute(
            "SELECT table_name, constraint_column_names FROM duckdb_constraints() "
            "WHERE database_name = current_database() AND schema_name = 'main' AND constraint_type = 'PRIMARY KEY'"
        ).fetchall()
        self._columns: dict[str, list[ReflectedColumn]] = {}
        for table, name, type_, nullable in columns:
            column = {"name": name, "type": _type(type_), "nullable": bool(nullable), "default": None}
            self._columns.setdefault(table, []).append(cast("Any", column))
        self._keys = {table: list(names) for table, names in keys}
        self.names = list(self._columns)

    def get_multi_columns(self, *, filter_names: Sequence[str]) -> Mapping[tuple[None, str], list[ReflectedColumn]]:
        """The columns of some tables."""
        return {(None, name): self._columns[name] for name in filter_names}

    def get_multi_pk_constraint(self, *, filter_names: Sequence[str]) -> Mapping[tuple[None, str], Any]:
        """Their primary keys."""
        return {(None, name): {"constrained_columns": self._keys.get(name, [])} for name in filter_names}


class _Storage(Storage):
    def __init__(self, catalogue: _Catalogue) -> None:
        self._exact = True
        self._catalogue = catalogue

    def is_generated(self, table: str, columns: Mapping[str, ReflectedColumn], key: Sequence[str]) -> bool:
        return False

    def _sample(self, table: str, column: str) -> Any:
        name = _quoted(column)
        statement = f"SELECT {name} FROM {_quoted(table)} WHERE {name} IS NOT NULL LIMIT 1"  # noqa: S608 - quoted
        found = self._catalogue.connection.execute(statement).fetchone()
        return None if found is None else found[0]

    def _checked(self, table: str, column: str) -> list[str]:
        return []


def _type(declared: str) -> sa.types.TypeEngine[Any]:
    decimal = _DECIMAL.fullmatch(declared)
    if decimal is not None:
        return sa.Numeric(int(decimal[1]), int(decimal[2]))
    return _TYPES.get(declared) or sa.TEXT()


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _given(raw: Any) -> Any:
    """A value as DuckDB takes it; an instant as a text, for want of a library of zones."""
    return raw.isoformat() if isinstance(raw, datetime) else raw


@contextmanager
def _told(place: str) -> Generator[None]:
    try:
        yield
    except duckdb.IOException as error:
        raise StoreError("store_cannot_open", place=place) from error
    except duckdb.Error as error:
        reason = str(error).strip().partition("\n")[0][:200]
        raise StoreError("store_failed", place=place, reason=reason) from error
