"""Which table and columns keep the objects of each type: those that are there already, else new ones.

A table is called as the English name of its type, a column as the English name of its field, with underscores for
spaces: ``product line`` is ``product_line``. What is there already is found by its words (``sql_names.py``) or by the
mapping of the project. Money has a second column for its currency. The primary key of a table that is there is the
identifier, whatever it is called; one of several columns is the canonical JSON of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from typing import Any

import attrs
import sqlalchemy as sa
from sqlalchemy.engine.interfaces import ReflectedColumn
from sqlalchemy.engine.reflection import Inspector

from ...dsl import ir
from ...dsl.suggest import closest
from ..model import KEPT_BY_ENGINE, Model
from .mapping import TableMapping, Tables
from .port import Notice, StoreError
from .spoken import Spoken
from .sql_names import SURE, column_name, plain, table_rank
from .sql_own import OWN_TABLES
from .sql_storage import Storage
from .sql_tables import FieldColumn, Key, KindTable
from .sql_used import UsedTable

__all__ = ["FieldColumn", "Key", "KindTable", "Schema", "column_name"]

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

_COUNTED = frozenset({"integer", "number", "real", "boolean", "time"})
"""Columns in which the engine's own instants cannot be kept."""

_FLOAT_SCALE = 4
"""Decimals of amounts in a column of binary floats that says no number of them."""

_UNMAPPED = TableMapping()


class Schema:
    """The tables of a program in one database; made anew for each program."""

    def __init__(self, connection: sa.Connection, *, dry: bool, tables: Tables | None = None) -> None:
        """``connection`` is inside the transaction in which missing tables and columns are made, unless ``dry``."""
        self._connection = connection
        self._dry = dry
        self._given: Tables = tables or {}
        self._inspector: Inspector = sa.inspect(connection)
        self._exact = connection.dialect.name != "sqlite"
        self._storage = Storage(connection)
        self._names = [name for name in self._inspector.get_table_names() if name not in OWN_TABLES]
        self._own = frozenset(self._inspector.get_table_names()) & frozenset(OWN_TABLES)
        self.kinds: dict[str, KindTable] = {}
        self.inexact: list[Notice] = []
        self.notices: tuple[Notice, ...] = ()
        """What is to be told about the tables found."""

    def has(self, table: str) -> bool:
        """Whether a table of the engine's own was there."""
        return table in self._own

    def columns(self, table: str) -> frozenset[str]:
        """The columns of a table that was there."""
        return frozenset(column["name"] for column in self._inspector.get_columns(table))

    def add(self, model: Model) -> None:
        """Find or make the tables of all objects and declared events. Raises :class:`StoreError`."""
        mapped = self._mapped(model)
        found = self._found(model, mapped)
        taken = {plain(name): kind for kind, (name, _) in found.items()}
        self._unambiguous([*OWN_TABLES, *(mapped[kind].table or column_name(kind) for kind in model.kinds)])
        names = list({name for name, _ in found.values()})
        columns = self._inspector.get_multi_columns(filter_names=names) if names else {}
        keys = self._inspector.get_multi_pk_constraint(filter_names=names) if names else {}
        reading = _Reading(model)
        for kind in model.kinds:
            if kind not in found:
                continue
            name, rank = found[kind]
            key = keys.get((None, name))
            primary = list[str]() if key is None else key["constrained_columns"]
            try:
                self.kinds[kind] = self._used(reading, kind, name, columns[None, name], primary, mapped[kind])
            except StoreError:
                # a table that only resembles an object which no rule speaks of is none of theirs
                if rank <= SURE or kind in reading.spoken.kinds:
                    raise
        self.notices = tuple(each for each in self.inexact if (each.object, each.field) in reading.spoken.fields)
        guest = any(table.foreign for table in self.kinds.values())
        for kind in model.kinds:
            name = mapped[kind].table or column_name(kind)
            if kind not in found and plain(name) not in taken:
                # the database of others is not filled with tables for what no rule speaks of
                later = guest and kind not in reading.spoken.kinds
                self.kinds[kind] = self._made(model, kind, name, mapped[kind], later=later)

    def _unambiguous(self, names: Iterable[str]) -> None:
        """Raises :class:`StoreError` where two names would be one to the database."""
        seen: set[str] = set()
        for name in names:
            if plain(name) in seen:
                raise StoreError("store_same_name", name=name)
            seen.add(plain(name))

    # --- which tables ---------------------------------------------------------------------------------------------

    def _mapped(self, model: Model) -> dict[str, TableMapping]:
        """The mapping of every object, its fields by their English names."""
        mapped = dict.fromkeys(model.kinds, _UNMAPPED)
        for name, given in self._given.items():
            kind = model.kind_named(name)
            if kind is None:
                raise StoreError("mapping_object", name=name, near=closest(name, list(model.kind_names)) or [name])
            mapped[kind] = attrs.evolve(
                given, columns=_by_field(model, kind, given.columns), scales=_by_field(model, kind, given.scales)
            )
        return mapped

    def _found(self, model: Model, mapped: Mapping[str, TableMapping]) -> dict[str, tuple[str, int]]:
        """The table that is there for each object, and how well its name fits; the best fit has it."""
        fitting: list[tuple[int, str, str]] = []
        for kind, given in mapped.items():
            if given.table is not None:
                names = [name for name in self._names if name == given.table]
                names = names or [name for name in self._names if plain(name) == plain(given.table)]
                fitting += [(-1, kind, name) for name in names[:1]]
                continue
            names = model.kinds[kind].names
            ranks = ((table_rank(name, kind, names), kind, name) for name in self._names)
            fitting += [(rank, kind, name) for rank, kind, name in ranks if rank is not None]
        found: dict[str, tuple[str, int]] = {}
        owners: dict[str, tuple[str, int]] = {}
        for rank, kind, name in sorted(fitting):
            if kind in found:
                if found[kind][1] == rank > SURE and owners.get(name, ("", rank))[1] >= rank:
                    raise StoreError("store_ambiguous", name=kind, names=[found[kind][0], name])
            elif name not in owners:
                found[kind] = name, rank
                owners[name] = kind, rank
            elif rank == -1:
                raise StoreError("mapping_twice", table=name, names=[owners[name][0], kind])
        return found

    # --- new tables -----------------------------------------------------------------------------------------------

    def _made(self, model: Model, kind: str, name: str, mapping: TableMapping, *, later: bool) -> KindTable:
        identifier = model.identifier(kind)
        key = mapping.columns.get(identifier) or column_name(identifier)
        fields = {field.name: self._new_column(field, mapping.columns.get(field.name)) for field in stored(model, kind)}
        there = not self._dry and not later
        table = KindTable(
            kind, name, Key(((key, "text"),)), fields, model.settings.currency, there, later=later and not self._dry
        )
        self._unambiguous([key, *table.columns()])
        if there:
            make_table(self._connection, table)
        return table

    def _new_column(self, field: ir.Field, name: str | None = None) -> FieldColumn:
        storage = _STORAGE.get(field.type.kind, "text")
        if not self._exact and storage in _INEXACT:
            storage = "text"
        currency = column_name(f"{field.name} currency") if field.type.kind == "money" else None
        return FieldColumn(field.name, field.type, name or column_name(field.name), storage, None, currency)

    # --- tables that are there ------------------------------------------------------------------------------------

    def _used(
        self,
        reading: _Reading,
        kind: str,
        name: str,
        columns: Sequence[ReflectedColumn],
        primary: Sequence[str],
        mapping: TableMapping,
    ) -> KindTable:
        model = reading.model
        used = UsedTable(model, kind, name, columns, primary, mapping)
        key = Key(
            tuple((each, self._storage.of_key(used.column(each))) for each in used.key),
            generated=self._storage.is_generated(name, used.columns, used.key),
        )
        fields: dict[str, FieldColumn] = {}
        for field in stored(model, kind):
            column = used.found.get(field.name)
            if column is not None:
                found = self._there(used, field, column, model.settings.currency)
                if field.name not in KEPT_BY_ENGINE or found.storage not in _COUNTED:
                    fields[field.name] = found
            elif not used.foreign or (kind, field.name) in reading.spoken.fields:
                # what a dry run may not add holds nothing
                if not self._dry:
                    fields[field.name] = self._added(used, field)
            elif field.name not in KEPT_BY_ENGINE:
                used.mute.add(field.name)
        if used.foreign and not self._dry:
            for field in fields.values():
                _index(self._connection, name, field)
        table = KindTable(kind, name, key, fields, model.settings.currency, foreign=used.foreign)
        return attrs.evolve(table, mute=frozenset(used.mute), needs=used.needs(table))

    def _there(self, used: UsedTable, field: ir.Field, column: ReflectedColumn, money: str) -> FieldColumn:
        """The column of a field in a table that is there."""
        storage, scale, truths = self._storage.of_field(used.name, column, field.type, sampled=used.foreign)
        scale = used.mapping.scales.get(field.name, scale)
        if field.type.kind == "money" and storage == "real":
            scale = _FLOAT_SCALE if scale is None else scale
            facts = {"table": used.name, "column": column["name"], "scale": scale}
            self.inexact.append(Notice("QD562", used.kind, field.name, facts))
        found = attrs.evolve(
            self._new_column(field, column["name"]),
            storage=storage,
            scale=scale,
            truths=truths,
            fills=column.get("default") is not None or bool(column.get("computed")),
            computed=bool(column.get("computed")),
            needed=not column["nullable"],
        )
        if found.currency is None:
            return found
        known = used.mapping.columns.get(f"{field.name} currency") or used.named(found.currency)
        if known is None and not used.foreign and not self._dry:
            self._extend(used.name, [sa.Column(found.currency, sa.Text())])
            known = found.currency
        return attrs.evolve(found, currency=known, only=money if known is None else None)

    def _added(self, used: UsedTable, field: ir.Field) -> FieldColumn:
        """A new column in a table that is there."""
        made = self._new_column(field)
        if used.named(made.name) is not None:
            raise StoreError("store_same_name", name=made.name)
        self._extend(used.name, [column for column in _declared(made) if used.named(column.name) is None])
        return made

    def _extend(self, table: str, columns: Iterable[sa.Column[Any]]) -> None:
        dialect = self._connection.dialect
        for column in columns:
            declared = column.type.compile(dialect)
            quote = dialect.identifier_preparer.quote
            _run(self._connection, f"ALTER TABLE {quote(table)} ADD COLUMN {quote(column.name)} {declared}")


class _Reading:
    """A program, and what its rules speak of, which is looked up only where a table belongs to others."""

    def __init__(self, model: Model) -> None:
        self.model = model

    @cached_property
    def spoken(self) -> Spoken:
        return Spoken(self.model)


def make_table(connection: sa.Connection, table: KindTable) -> None:
    """Make the table of a type of objects, inside the transaction of the connection."""
    columns: list[sa.Column[Any]] = [sa.Column(name, sa.Text(), primary_key=True) for name in table.key.names]
    for field in table.fields.values():
        columns += _declared(field)
    sa.Table(table.name, sa.MetaData(), *columns).create(connection, checkfirst=False)
    for field in table.fields.values():
        _index(connection, table.name, field)


def _declared(field: FieldColumn) -> list[sa.Column[Any]]:
    columns: list[sa.Column[Any]] = [sa.Column(field.name, _DECLARED.get(field.storage, sa.Text()))]
    return columns if field.currency is None else [*columns, sa.Column(field.currency, sa.Text())]


def _index(connection: sa.Connection, table: str, field: FieldColumn) -> None:
    """References are followed backwards all the time."""
    if field.type.kind == "reference":
        quote = connection.dialect.identifier_preparer.quote
        name = column_name(f"quand {table} {field.name}")
        _run(connection, f"CREATE INDEX IF NOT EXISTS {quote(name)} ON {quote(table)} ({quote(field.name)})")


def _run(connection: sa.Connection, statement: str) -> None:
    is_format = connection.dialect.paramstyle in {"format", "pyformat"}
    connection.exec_driver_sql(statement.replace("%", "%%") if is_format else statement)


def stored(model: Model, kind: str) -> list[ir.Field]:
    """The fields that records of a type hold, those that every object has first."""
    identifier = model.identifier(kind)
    fields = model.fields(kind).values()
    return [field for field in fields if field.definition is None and field.name not in {"id", identifier}]


def _by_field(model: Model, kind: str, given: Mapping[str, Any]) -> dict[str, Any]:
    """What a mapping says, by the English names of the fields. Raises :class:`StoreError` for one that is not there."""
    made: dict[str, Any] = {}
    for name, said in given.items():
        field = model.field_named(kind, name)
        owner = model.field_named(kind, name.removesuffix(" currency")) if name.endswith(" currency") else None
        if field is None and owner is None:
            near = closest(name, list(model.field_names[kind])) or [name]
            raise StoreError("mapping_field", name=name, kind=model.kind_name(kind), near=near)
        made[field if field is not None else f"{owner} currency"] = said
    return made
