"""Which table and columns keep the objects of each type: those that are there already, else new ones.

A table is called as the English name of its type, a column as the English name of its field, with underscores for
spaces: ``product line`` is ``product_line``. Case, underscores and hyphens make no difference to a table or column that
is there already. Money has a second column for its currency. The primary key of a table that is there is the
identifier, whatever it is called; one of several columns is the canonical JSON of them.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from hashlib import sha256
from typing import Any, cast

import attrs
import sqlalchemy as sa
from sqlalchemy.engine.interfaces import ReflectedColumn
from sqlalchemy.engine.reflection import Inspector

from ...dsl import ir
from ...dsl.types import Type, reference_to
from ...dsl.values import Money, Reference, Value
from ..model import Model
from .port import Record, StoreError, StoreRefused
from .sql_own import OWN_TABLES, raw_table
from .sql_values import Unfit, decode, encode, guarded, unguarded

_KEY = reference_to("")
_LONGEST = 60
"""Bytes of a name: PostgreSQL cuts those above 63."""

_STORAGE = {
    "number": "number",
    "integer": "number",
    "percentage": "number",
    "money": "number",
    "boolean": "boolean",
    "date": "date",
    "time": "time",
    "datetime": "instant",
}
"""How a new column keeps the values of a type, where the database has a type of its own for it."""

_DECLARED: Mapping[str, sa.types.TypeEngine[Any]] = {
    "text": sa.Text(),
    "number": sa.Numeric(),
    "boolean": sa.Boolean(),
    "date": sa.Date(),
    "time": sa.Time(),
    "instant": sa.DateTime(timezone=True),
}

_INEXACT = frozenset({"number", "date", "time", "instant"})
"""What SQLite would keep as binary floats or without a type: texts there."""


@attrs.frozen
class FieldColumn:
    """Where a field is kept. ``currency`` is the column of an amount's currency."""

    field: str
    type: Type
    name: str
    storage: str
    scale: int | None = None
    currency: str | None = None

    def encoded(self, value: Value) -> dict[str, Any]:
        """The contents of the columns for a value. Raises :class:`Unfit`."""
        raw = None if value is None else encode(value, self.type, self.storage, self.scale)
        if self.currency is None:
            return {self.name: raw}
        return {self.name: raw, self.currency: value.currency if isinstance(value, Money) else None}


@attrs.frozen
class Key:
    """The columns of the primary key, with their storage."""

    columns: tuple[tuple[str, str], ...]

    @property
    def names(self) -> list[str]:
        return [name for name, _ in self.columns]

    def encoded(self, identifier: str) -> dict[str, Any] | None:
        """The contents of the key's columns; ``None`` for what can be no identifier of this table."""
        try:
            if len(self.columns) == 1:
                ((name, storage),) = self.columns
                return {name: _encoded_key(identifier, storage)}
            parts = json.loads(identifier)
            if identifier != _canonical(parts) or set(parts) != set(self.names):
                return None
            return {name: _encoded_key(str(parts[name]), storage) for name, storage in self.columns}
        except (ValueError, TypeError, Unfit):
            return None

    def decoded(self, row: Sequence[Any]) -> str:
        """The identifier that the contents of the key's columns make."""
        if len(self.columns) == 1:
            return unguarded(row[0]) if isinstance(row[0], str) else str(row[0])
        pairs = zip(self.names, row, strict=True)
        return _canonical({name: raw if isinstance(raw, int) else str(raw) for name, raw in pairs})


@attrs.frozen
class KindTable:
    """The table of a type of objects. ``there`` is false for one that a dry run may not make."""

    kind: str
    name: str
    key: Key
    fields: Mapping[str, FieldColumn]
    currency: str
    """That of amounts without one."""
    there: bool = True

    @property
    def table(self) -> sa.TableClause:
        """The table as statements name it; contents go to and from the driver as they are."""
        return raw_table(self.name, dict.fromkeys([*self.key.names, *self.columns()]))

    def columns(self) -> list[str]:
        """The columns of the fields, in the order of :meth:`record`."""
        names: list[str] = []
        for field in self.fields.values():
            names += [field.name] if field.currency is None else [field.name, field.currency]
        return names

    def record(self, row: Sequence[Any]) -> Record:
        """The record that the contents of :meth:`columns` make. Raises :class:`StoreRefused`."""
        record: dict[str, Value] = {}
        position = 0
        for name, field in self.fields.items():
            raw = row[position]
            position += 1
            if field.currency is not None:
                currency = row[position]
                position += 1
            else:
                currency = None
            if raw is None:
                continue
            try:
                value = decode(raw, field.type, field.scale)
            except Unfit as error:
                facts = {"table": self.name, "column": field.name, "value": str(raw)[:80], "type": field.type}
                raise StoreRefused("store_bad_value", **facts) from error
            if field.type.kind == "money" and value is not None and not isinstance(value, Money):
                value = Money(cast("Any", value), currency or self.currency)
            if value is not None:
                record[name] = value
        return record


class Schema:
    """The tables of a program in one database; made anew for each program."""

    def __init__(self, connection: sa.Connection, *, dry: bool) -> None:
        """``connection`` is inside the transaction in which missing tables and columns are made, unless ``dry``."""
        self._connection = connection
        self._dry = dry
        self._inspector: Inspector = sa.inspect(connection)
        self._exact = connection.dialect.name != "sqlite"
        self._tables = {_plain(name): name for name in reversed(self._inspector.get_table_names())}
        self.kinds: dict[str, KindTable] = {}

    def has(self, table: str) -> bool:
        """Whether a table of exactly that name was there."""
        return self._tables.get(_plain(table)) == table

    def add(self, model: Model) -> None:
        """Find or make the tables of all objects and declared events. Raises :class:`StoreError`."""
        found = {kind: self._tables.get(_plain(kind)) for kind in model.kinds}
        names = [name for name in found.values() if name is not None]
        self._unambiguous([*OWN_TABLES, *(column_name(kind) for kind in model.kinds)])
        columns = self._inspector.get_multi_columns(filter_names=names) if names else {}
        keys = self._inspector.get_multi_pk_constraint(filter_names=names) if names else {}
        for kind, name in found.items():
            if name is None:
                self.kinds[kind] = self._made(model, kind)
            else:
                key = keys.get((None, name))
                primary = list[str]() if key is None else key["constrained_columns"]
                self.kinds[kind] = self._used(model, kind, name, columns[None, name], primary)

    def _unambiguous(self, names: Iterable[str]) -> None:
        """Raises :class:`StoreError` where two names would be one to the database."""
        seen: set[str] = set()
        for name in names:
            if _plain(name) in seen:
                raise StoreError("store_same_name", name=name)
            seen.add(_plain(name))

    # --- new tables -----------------------------------------------------------------------------------------------

    def _made(self, model: Model, kind: str) -> KindTable:
        name = column_name(kind)
        key = column_name(model.identifier(kind))
        fields = {field.name: self._new_column(field) for field in _stored(model, kind)}
        table = KindTable(kind, name, Key(((key, "text"),)), fields, model.settings.currency, not self._dry)
        self._unambiguous([key, *table.columns()])
        if not self._dry:
            self._create(table, key)
        return table

    def _create(self, table: KindTable, key: str) -> None:
        columns: list[sa.Column[Any]] = [sa.Column(key, sa.Text(), primary_key=True)]
        for field in table.fields.values():
            columns += self._declared(field)
        made = sa.Table(table.name, sa.MetaData(), *columns)
        made.create(self._connection, checkfirst=False)
        for field in table.fields.values():
            self._index(table.name, field)

    def _new_column(self, field: ir.Field) -> FieldColumn:
        storage = _STORAGE.get(field.type.kind, "text")
        if not self._exact and storage in _INEXACT:
            storage = "text"
        name = column_name(field.name)
        currency = column_name(f"{field.name} currency") if field.type.kind == "money" else None
        return FieldColumn(field.name, field.type, name, storage, None, currency)

    def _declared(self, field: FieldColumn) -> list[sa.Column[Any]]:
        columns: list[sa.Column[Any]] = [sa.Column(field.name, _DECLARED.get(field.storage, sa.Text()))]
        return columns if field.currency is None else [*columns, sa.Column(field.currency, sa.Text())]

    def _index(self, table: str, field: FieldColumn) -> None:
        """References are followed backwards all the time."""
        if field.type.kind == "reference":
            quote = self._connection.dialect.identifier_preparer.quote
            name = column_name(f"quand {table} {field.name}")
            self._run(f"CREATE INDEX IF NOT EXISTS {quote(name)} ON {quote(table)} ({quote(field.name)})")

    # --- tables that are there ------------------------------------------------------------------------------------

    def _used(
        self, model: Model, kind: str, name: str, columns: Sequence[ReflectedColumn], primary: Sequence[str]
    ) -> KindTable:
        there = {_plain(column["name"]): column for column in reversed(columns)}
        identifier = there.get(_plain(model.identifier(kind)))
        names = list(primary) or ([identifier["name"]] if identifier is not None else [])
        if not names:
            raise StoreError("store_no_key", table=name)
        key = Key(tuple((each, self._storage(there[_plain(each)])[0]) for each in names))
        fields: dict[str, FieldColumn] = {}
        for field in _stored(model, kind):
            column = there.get(_plain(field.name))
            if column is not None and len(names) == 1 and column["name"] == names[0]:
                raise StoreError("store_key_taken", table=name, column=names[0], name=field.name)
            found = self._found(name, field, column, there)
            if found is not None:
                fields[field.name] = found
        table = KindTable(kind, name, key, fields, model.settings.currency)
        self._unambiguous(table.columns())
        return table

    def _found(
        self, table: str, field: ir.Field, column: ReflectedColumn | None, there: Mapping[str, ReflectedColumn]
    ) -> FieldColumn | None:
        """The column of a field in a table that is there; ``None`` where a dry run may not add it."""
        found = self._new_column(field)
        if column is None and self._dry:
            return None
        if column is not None:
            storage, scale = self._storage(column)
            found = attrs.evolve(found, name=column["name"], storage=storage, scale=scale)
        if found.currency is not None:
            known = there.get(_plain(found.currency))
            name = known["name"] if known is not None else None if self._dry else found.currency
            found = attrs.evolve(found, currency=name)
        if not self._dry:
            self._extend(table, [made for made in self._declared(found) if _plain(made.name) not in there])
            self._index(table, found)
        return found

    def _extend(self, table: str, columns: Iterable[sa.Column[Any]]) -> None:
        dialect = self._connection.dialect
        for column in columns:
            declared = column.type.compile(dialect)
            quote = dialect.identifier_preparer.quote
            self._run(f"ALTER TABLE {quote(table)} ADD COLUMN {quote(column.name)} {declared}")

    def _storage(self, column: ReflectedColumn) -> tuple[str, int | None]:
        """How a column keeps values, and its scale."""
        type_ = column["type"]
        scale = getattr(type_, "scale", None)
        if isinstance(type_, sa.Boolean):
            return "boolean", None
        if isinstance(type_, sa.Integer):
            return "integer", None
        if isinstance(type_, sa.Float) or (isinstance(type_, sa.Numeric) and not self._exact):
            return "real", scale
        if isinstance(type_, sa.Numeric):
            return "number", scale
        if not self._exact:
            return "text", None
        if isinstance(type_, sa.DateTime):
            return ("instant" if type_.timezone else "local"), None
        return ("date" if isinstance(type_, sa.Date) else "time" if isinstance(type_, sa.Time) else "text"), None

    def _run(self, statement: str) -> None:
        self._connection.exec_driver_sql(statement.replace("%", "%%") if self._exact else statement)


def column_name(name: str) -> str:
    """The name of a new table or column."""
    made = re.sub(r"\s+", "_", name)
    if len(made.encode()) <= _LONGEST:
        return made
    digest = sha256(name.encode()).hexdigest()[:8]
    return made.encode()[: _LONGEST - 9].decode("utf-8", "ignore") + "_" + digest


def _plain(name: str) -> str:
    """What tells names of tables and columns apart."""
    return re.sub(r"[\s_-]+", "_", name).casefold()


def _stored(model: Model, kind: str) -> list[ir.Field]:
    """The fields that records of a type hold, those that every object has first."""
    identifier = model.identifier(kind)
    fields = model.fields(kind).values()
    return [field for field in fields if field.definition is None and field.name not in {"id", identifier}]


def _encoded_key(text: str, storage: str) -> Any:
    return guarded(text) if storage == "text" else encode(Reference("", text), _KEY, storage)


def _canonical(parts: Any) -> str:
    return json.dumps(parts, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
