"""The store in a database: SQLite files and PostgreSQL, through SQLAlchemy Core."""

from __future__ import annotations

from collections.abc import Generator, Iterable, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from ...dsl import ir
from ...dsl.values import Reference, Value
from ..model import Model
from .port import Batch, Effect, Record, RecordWrite, StoreError, StoreRefused, Timer
from .sql_connect import READING, Database, PostgresServer, SqliteFile, joined
from .sql_errors import told
from .sql_own import (
    EFFECTS,
    EVENTS,
    LOG,
    METADATA,
    NOTES,
    TIMERS,
    bare,
    effect_of,
    effect_row,
    instant_raw,
    timer_of,
    timer_row,
)
from .sql_schema import KindTable, Schema
from .sql_values import Unfit, guarded, safe_json, unguarded

_EVENTS, _NOTES, _TIMERS, _EFFECTS, _LOG = (bare(table) for table in (EVENTS, NOTES, TIMERS, EFFECTS, LOG))
_Row = Sequence[Any]


def open_sql(url: str) -> SqlStore:
    """The store at ``sqlite:///file`` or ``postgresql://...``; nothing is opened before a program is prepared.

    Raises :class:`~.port.StoreError` for an address that is none.
    """
    return SqlStore(SqliteFile(url) if url.startswith("sqlite:") else PostgresServer(url))


class SqlStore:
    """Implements :class:`~.port.Store` over a database. Threads may share it."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._engine: sa.Engine | None = None
        self._dry = True
        self._program: ir.Program | None = None
        self._kinds: dict[str, KindTable] = {}
        self._missing: frozenset[str] = frozenset()

    # --- tables ---------------------------------------------------------------------------------------------------

    def prepare(self, program: ir.Program, *, dry: bool = False) -> None:
        dry = dry and (self._engine is None or self._dry)
        if self._engine is not None and program is self._program and dry is self._dry:
            return
        if self._engine is None or dry is not self._dry:
            self.close()
            self._engine = self._database.engine(dry=dry)
        self._dry = dry
        with told(self._database.place), self._begun(self._engine, reading=dry, making=not dry) as connection:
            schema = Schema(connection, dry=dry)
            schema.add(Model(program))
            missing = [table for table in METADATA.sorted_tables if not schema.has(table.name)]
            for table in () if dry else missing:
                table.create(connection, checkfirst=False)
        self._missing = frozenset(table.name for table in missing) if dry else frozenset()
        self._kinds |= schema.kinds
        self._program = program

    @contextmanager
    def _begun(self, engine: sa.Engine, *, reading: bool = False, making: bool = False) -> Generator[sa.Connection]:
        with engine.connect() as plain:
            options: dict[str, Any] = {READING: reading}
            if engine.dialect.name == "postgresql" and (reading or making):
                options |= {"isolation_level": "REPEATABLE READ" if reading else "READ COMMITTED"}
                options |= {"postgresql_readonly": reading}
            connection = plain.execution_options(**options)
            with connection.begin():
                if not reading:
                    self._database.begin(connection, making=making)
                yield connection

    # --- transactions ---------------------------------------------------------------------------------------------

    @contextmanager
    def transaction(self, connection: Any = None, *, reading: bool = False) -> Generator[SqlTransaction]:
        engine = self._opened()
        place = self._database.place
        with told(place):
            if connection is None:
                with self._begun(engine, reading=reading) as own:
                    yield SqlTransaction(own, self._kinds, self._missing, place)
            else:
                with joined(connection, engine.dialect.name) as theirs:
                    yield SqlTransaction(theirs, self._kinds, self._missing, place)

    def _opened(self) -> sa.Engine:
        if self._engine is None:
            raise StoreError("store_unprepared", place=self._database.place)
        return self._engine

    # --- outside transactions -------------------------------------------------------------------------------------

    def timers(self) -> list[Timer]:
        found = [timer_of(row) for row in self._rows(sa.select(*_TIMERS.c), TIMERS)]
        return sorted(found, key=_by_due)

    def effects(self, state: str | None = None) -> list[Effect]:
        wanted = sa.select(*_EFFECTS.c).order_by(_EFFECTS.c.number)
        if state is not None:
            wanted = wanted.where(_EFFECTS.c.state == state)
        return [effect_of(row) for row in self._rows(wanted, EFFECTS)]

    def settle(self, key: str, state: str) -> None:
        settled = sa.update(_EFFECTS).where(_EFFECTS.c.key == guarded(key)).values(state=state)
        with told(self._database.place), self._begun(self._opened()) as connection:
            if connection.execute(settled).rowcount != 1:
                raise KeyError(key)

    def log(self) -> list[str]:
        return [row[0] for row in self._rows(sa.select(_LOG.c.entry).order_by(_LOG.c.number), LOG)]

    def _rows(self, statement: sa.Select[Any], table: sa.Table) -> list[_Row]:
        engine = self._opened()
        if table.name in self._missing:
            return []
        with told(self._database.place), self._begun(engine, reading=True) as connection:
            return [*connection.execute(statement)]

    def close(self) -> None:
        if self._engine is not None:
            self._engine.dispose()
            self._engine = None


class SqlTransaction:
    """Implements :class:`~.port.Transaction`. What was read is remembered: nobody else can change it meanwhile."""

    def __init__(
        self, connection: sa.Connection, kinds: Mapping[str, KindTable], missing: frozenset[str], place: str
    ) -> None:
        self._connection = connection
        self._kinds = kinds
        self._missing = missing
        self._place = place
        self._has_instants = connection.dialect.name != "sqlite"
        self._insert = sqlite.insert if connection.dialect.name == "sqlite" else postgresql.insert
        self._records: dict[Reference, Record | None] = {}
        self._identifiers: dict[str, tuple[str, ...]] = {}

    # --- objects --------------------------------------------------------------------------------------------------

    def get(self, reference: Reference) -> Record | None:
        if reference not in self._records:
            self._records[reference] = self._read(reference)
        return self._records[reference]

    def _read(self, reference: Reference) -> Record | None:
        kind = self._kinds.get(reference.object)
        key = kind.key.encoded(reference.id) if kind is not None and kind.there else None
        if kind is None or key is None:
            return None
        table = kind.table
        wanted = sa.select(*(table.c[name] for name in kind.columns()), sa.literal_column("1"))
        row = self._connection.execute(wanted.where(*_equal(table, key))).first()
        return None if row is None else kind.record(row)

    def identifiers(self, kind: str) -> Iterable[str]:
        found = self._identifiers.get(kind)
        if found is None:
            found = self._identifiers[kind] = self._keys(kind, {})
        return found

    def find(self, kind: str, field: str, value: Value) -> Iterable[str]:
        table = self._kinds.get(kind)
        column = table.fields.get(field) if table is not None else None
        if column is None:
            return ()
        try:
            wanted = column.encoded(value)
        except Unfit:
            return ()
        if column.currency is not None and table is not None and wanted[column.currency] == table.currency:
            return self._amounts(table, wanted)
        return self._keys(kind, wanted)

    def _amounts(self, kind: KindTable, wanted: Mapping[str, Any]) -> tuple[str, ...]:
        """The objects with an amount in the project's currency, which a column may leave unsaid."""
        (amount, raw), (currency, code) = wanted.items()
        found = self._keys(kind.kind, {amount: raw, currency: code})
        unsaid = self._keys(kind.kind, {amount: raw, currency: None})
        return tuple(sorted({*found, *unsaid})) if unsaid else found

    def _keys(self, name: str, wanted: Mapping[str, Any]) -> tuple[str, ...]:
        kind = self._kinds.get(name)
        if kind is None or not kind.there:
            return ()
        table = kind.table
        statement = sa.select(*(table.c[name] for name in kind.key.names)).where(*_equal(table, wanted))
        return tuple(sorted(kind.key.decoded(row) for row in self._connection.execute(statement)))

    # --- timers, identities, notes --------------------------------------------------------------------------------

    def timer(self, key: str) -> Timer | None:
        return next(iter(self._timers(_TIMERS.c.key == guarded(key))), None)

    def timer_at(self, rule: str, reference: Reference, slot: str) -> Timer | None:
        wanted = (_TIMERS.c.rule == guarded(rule), _TIMERS.c.slot == guarded(slot))
        return next(iter(self._timers(*_about(reference), *wanted)), None)

    def timers_of(self, reference: Reference) -> Iterable[Timer]:
        return self._timers(*_about(reference))

    def timers_of_rule(self, rule: str) -> Iterable[Timer]:
        return self._timers(_TIMERS.c.rule == guarded(rule))

    def due_timers(self, instant: datetime) -> Iterable[Timer]:
        latest = instant_raw(instant, exact=self._has_instants)
        return sorted(self._timers(_TIMERS.c.state == "pending", _TIMERS.c.due <= latest), key=_by_due)

    def _timers(self, *conditions: sa.ColumnElement[bool]) -> list[Timer]:
        rows = self._rows(sa.select(*_TIMERS.c).where(*conditions), TIMERS)
        return sorted((timer_of(row) for row in rows), key=_by_key)

    def event_digest(self, event: str) -> str | None:
        rows = self._rows(sa.select(_EVENTS.c.digest).where(_EVENTS.c.event == guarded(event)), EVENTS)
        return rows[0][0] if rows else None

    def recall(self, key: str) -> str | None:
        rows = self._rows(sa.select(_NOTES.c.note).where(_NOTES.c.key == guarded(key)), NOTES)
        return unguarded(rows[0][0]) if rows else None

    def _rows(self, statement: sa.Select[Any], table: sa.Table) -> list[_Row]:
        return [] if table.name in self._missing else [*self._connection.execute(statement)]

    # --- the write ------------------------------------------------------------------------------------------------

    def write(self, batch: Batch) -> None:
        for write in batch.records:
            self._write(write)
        if batch.dropped:
            gone = [guarded(key) for key in batch.dropped]
            self._connection.execute(sa.delete(_TIMERS).where(_TIMERS.c.key.in_(gone)))
        exact = self._has_instants
        self._put(_TIMERS, ["key"], [timer_row(timer, exact=exact) for timer in batch.timers])
        self._put(_EFFECTS, ["key"], [effect_row(effect, exact=exact) for effect in batch.effects])
        if batch.event is not None:
            event, digest = batch.event
            self._put(_EVENTS, ["event"], [{"event": guarded(event), "digest": digest}])
        kept = {guarded(key): note for key, note in batch.memory.items()}
        self._put(_NOTES, ["key"], [{"key": key, "note": guarded(n)} for key, n in kept.items() if n is not None])
        forgotten = [key for key, note in kept.items() if note is None]
        if forgotten:
            self._connection.execute(sa.delete(_NOTES).where(_NOTES.c.key.in_(forgotten)))
        if batch.log:
            self._connection.execute(sa.insert(_LOG), [{"entry": safe_json(entry)} for entry in batch.log])

    def _write(self, write: RecordWrite) -> None:
        reference, record = write.object, write.record
        kind = self._kinds.get(reference.object)
        if kind is None:
            raise StoreError("store_unprepared", place=self._place)
        table = kind.table
        key = kind.key.encoded(reference.id)
        if record is None:
            if key is not None:
                self._connection.execute(sa.delete(table).where(*_equal(table, key)))
            return
        if key is None:
            raise StoreRefused("store_bad_key", place=self._place, table=kind.name, value=reference.id[:80])
        if write.fields is not None:
            contents = _contents(kind, record, write.fields, reference)
            if not contents or self._changed(table, key, contents):
                return
        self._put(table, [*key], [key | _contents(kind, record, kind.fields, reference)])

    def _changed(self, table: sa.TableClause, key: Mapping[str, Any], contents: Mapping[str, Any]) -> bool:
        """Whether there was a row to change."""
        change = sa.update(table).where(*_equal(table, key)).values(dict(contents))
        return self._connection.execute(change).rowcount == 1

    def _put(self, table: sa.TableClause, key: list[str], rows: Sequence[Mapping[str, Any]]) -> None:
        """Insert rows, or replace those of the same key; all have the same columns."""
        if not rows:
            return
        put = self._insert(table)
        others = {name: put.excluded[name] for name in rows[0] if name not in key}
        if others:
            put = put.on_conflict_do_update(index_elements=key, set_=others)
        else:
            put = put.on_conflict_do_nothing(index_elements=key)
        self._connection.execute(put, [dict(row) for row in rows])


def _contents(kind: KindTable, record: Record, names: Iterable[str], reference: Reference) -> dict[str, Any]:
    """The contents of the columns of some fields; a field that the table does not know is left out."""
    contents: dict[str, Any] = {}
    for name in names:
        field = kind.fields.get(name)
        if field is None:
            continue
        value = record.get(name)
        try:
            contents |= field.encoded(value)
        except Unfit as error:
            facts = {"table": kind.name, "column": field.name, "type": field.type, "object": reference.id}
            raise StoreRefused("store_unfit", value=str(value)[:80], **facts) from error
    return contents


def _equal(table: sa.TableClause, wanted: Mapping[str, Any]) -> list[sa.ColumnElement[bool]]:
    return [table.c[name].is_(None) if raw is None else table.c[name] == raw for name, raw in wanted.items()]


def _about(reference: Reference) -> tuple[sa.ColumnElement[bool], ...]:
    """The pending timers of an object."""
    return (
        _TIMERS.c.object == guarded(reference.object),
        _TIMERS.c.object_id == guarded(reference.id),
        _TIMERS.c.state == "pending",
    )


def _by_key(timer: Timer) -> str:
    return timer.key


def _by_due(timer: Timer) -> tuple[datetime, str]:
    return timer.due, timer.key
