"""The store in a database: SQLite files and PostgreSQL, through SQLAlchemy Core."""

from __future__ import annotations

from collections.abc import Callable, Collection, Generator, Iterable, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from datetime import datetime
from threading import RLock
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy import exc
from sqlalchemy.engine.default import DefaultDialect
from sqlalchemy.pool import StaticPool

from ...dsl import ir
from ...dsl.values import Reference, Value
from ..model import Model
from . import sql_keys, sql_outbox
from .mapping import Tables
from .port import Batch, Effect, Notice, Record, RecordWrite, StoreBusy, StoreError, StoreRefused, Timer, Unanswered
from .sql_connect import READING, Database, PostgresServer, SqliteFile, give_functions, joined
from .sql_errors import store_error, told
from .sql_keys import contents_of
from .sql_own import (
    EFFECTS,
    LOG,
    METADATA,
    TIMERS,
    bare,
    effect_of,
    effect_row,
    instant_raw,
    optional_instant,
    timer_of,
    timer_row,
)
from .sql_schema import Schema, make_table
from .sql_statements import Prepared, Ran, Statements, filled_by, run, run_many
from .sql_tables import KindTable
from .sql_values import Unfit, guarded, safe_json, unguarded

_TIMERS, _LOG = (bare(table) for table in (TIMERS, LOG))
_Row = Sequence[Any]
_Own = TypeVar("_Own", Timer, Effect)
_UNANSWERED = frozenset({"store_failed", "store_changed", "store_constraint", "store_too_big"})
"""What a database says where the statement is to blame."""
_TOGETHER = ("clock", "rung")
"""The notes that every event asks for: read at once."""


def open_sql(url: str, tables: Tables | None = None) -> SqlStore:
    """The store at ``sqlite:///file`` or ``postgresql://...``; nothing is opened before a program is prepared.

    ``tables`` say where objects are kept whose tables and columns have other names. Raises
    :class:`~.port.StoreError` for an address that is none.
    """
    return SqlStore(SqliteFile(url) if url.startswith("sqlite:") else PostgresServer(url), tables)


class SqlStore:
    """Implements :class:`~.port.Store` over a database. Threads may share it."""

    def __init__(self, database: Database, tables: Tables | None = None) -> None:
        self._database = database
        self._tables: Tables = tables or {}
        self.notices: tuple[Notice, ...] = ()
        self._engine: sa.Engine | None = None
        self._dry = True
        self._program: ir.Program | None = None
        self._kinds: dict[str, KindTable] = {}
        self._statements = Statements({}, DefaultDialect())
        self._missing: frozenset[str] = frozenset()
        self._effect_columns: frozenset[str] | None = None
        self._turn = RLock()
        """Threads share the one connection to a database in memory."""

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
            schema = Schema(connection, dry=dry, tables=self._tables)
            schema.add(Model(program))
            self.notices = schema.notices
            missing = [table for table in METADATA.sorted_tables if not schema.has(table.name)]
            for table in () if dry else missing:
                table.create(connection, checkfirst=False)
            self._effect_columns = None if EFFECTS in missing else schema.columns(EFFECTS.name)
            if self._effect_columns is not None and not dry:
                sql_outbox.upgrade(connection, self._effect_columns)
                self._effect_columns = None
        self._missing = frozenset(table.name for table in missing) if dry else frozenset()
        self._kinds = {**self._kinds, **schema.kinds}
        self._statements = Statements(self._kinds, self._engine.dialect)
        self._program = program

    @contextmanager
    def _begun(
        self, engine: sa.Engine, *, reading: bool = False, making: bool = False, alone: bool = False
    ) -> Generator[sa.Connection]:
        with self._turn if isinstance(engine.pool, StaticPool) else nullcontext(), engine.connect() as plain:
            options: dict[str, Any] = {READING: reading}
            if engine.dialect.name == "postgresql" and (reading or making or alone):
                options |= {"isolation_level": "REPEATABLE READ" if reading else "READ COMMITTED"}
                options |= {"postgresql_readonly": reading}
            connection = plain.execution_options(**options)
            with connection.begin():
                if not reading and not alone:
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
                    yield SqlTransaction(own, self._statements, self._missing, place)
            else:
                with joined(connection, engine.dialect.name) as theirs:
                    yield SqlTransaction(theirs, self._statements, self._missing, place)

    def _opened(self) -> sa.Engine:
        if self._engine is None:
            raise StoreError("store_unprepared", place=self._database.place)
        return self._engine

    # --- outside transactions -------------------------------------------------------------------------------------

    def timers(self) -> list[Timer]:
        return sorted(self._made(timer_of, sa.select(*_TIMERS.c), TIMERS), key=_by_due)

    def next_timer(self) -> datetime | None:
        first = sa.select(sa.func.min(_TIMERS.c.due)).where(_TIMERS.c.state == "pending")
        rows = self._rows(first, TIMERS)
        return optional_instant(rows[0][0]) if rows else None

    def effects(self, state: str | None = None) -> list[Effect]:
        wanted = sql_outbox.selected(self._effect_columns)
        if state is not None:
            wanted = wanted.where(sql_outbox.TABLE.c.state == state)
        return self._made(effect_of, wanted, EFFECTS)

    def effect_counts(self) -> dict[str, int]:
        """How many effects there are in each state, without reading them."""
        column = sql_outbox.TABLE.c.state
        rows = self._rows(sa.select(column, sa.func.count()).select_from(sql_outbox.TABLE).group_by(column), EFFECTS)
        return {str(state): int(count) for state, count in rows}

    def effect(self, key: str) -> Effect | None:
        wanted = sql_outbox.selected(self._effect_columns).where(sql_outbox.TABLE.c.key == guarded(key))
        return next(iter(self._made(effect_of, wanted, EFFECTS)), None)

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
        if self._dry:
            return []
        with self._delivering() as connection:
            return sql_outbox.claim(connection, worker, now, until, actions, limit, key)

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
        with self._delivering() as connection:
            return sql_outbox.settle(connection, key, state, error, due, attempts, worker)

    def next_delivery(self, actions: Collection[str]) -> datetime | None:
        if self._dry:
            return None
        with self._delivering(reading=True) as connection:
            return sql_outbox.next_delivery(connection, actions)

    @contextmanager
    def _delivering(self, *, reading: bool = False) -> Generator[sa.Connection]:
        """A transaction about the outbox alone: it takes no turn with those of events."""
        engine = self._opened()
        with told(self._database.place), self._begun(engine, reading=reading, alone=True) as connection:
            yield connection

    def log(self) -> list[str]:
        return [row[0] for row in self._rows(sa.select(_LOG.c.entry).order_by(_LOG.c.number), LOG)]

    def _made(self, make: Callable[[_Row], _Own], statement: sa.Select[Any], table: sa.Table) -> list[_Own]:
        with told(self._database.place):
            return [make(row) for row in self._rows(statement, table)]

    def _rows(self, statement: sa.Executable, table: sa.Table) -> list[_Row]:
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

    def __init__(self, connection: sa.Connection, statements: Statements, missing: frozenset[str], place: str) -> None:
        self._connection = connection
        self._statements = statements
        self._kinds = statements.kinds
        self._missing = missing
        self._place = place
        self._has_instants = connection.dialect.name != "sqlite"
        self._records: dict[Reference, Record | None] = {}
        self._identifiers: dict[str, tuple[str, ...]] = {}
        self._notes: dict[str, str | None] = {}
        self._answers: dict[tuple[str, tuple[Any, ...]], Sequence[_Row] | None] = {}
        self._later: dict[str, bool] = {}

    def _run(self, prepared: Prepared) -> Ran:
        return run(self._connection, prepared)

    # --- objects --------------------------------------------------------------------------------------------------

    def get(self, reference: Reference) -> Record | None:
        if reference not in self._records:
            self._records[reference] = self._read(reference)
        return self._records[reference]

    def _read(self, reference: Reference) -> Record | None:
        kind = self._kinds.get(reference.object)
        key = kind.key.encoded(reference.id) if kind is not None and self._is_there(kind) else None
        if kind is not None and kind.foreign and key is None:
            key = kind.key.encoded(self.known_as(reference).id)
        if kind is None or key is None:
            return None
        row = self._run(self._statements.row(kind, key)).first()
        return None if row is None else kind.record(row)

    def known_as(self, reference: Reference) -> Reference:
        """The object itself, where the identifier is the one it had before a database gave it a key."""
        kind = self._kinds.get(reference.object)
        if kind is None or not kind.foreign or "quand_key" in self._missing or kind.key.encoded(reference.id):
            return reference
        return sql_keys.known_as(self._run, reference) or reference

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
        if kind is None or not self._is_there(kind):
            return ()
        rows = self._run(self._statements.keys(kind, wanted)).rows
        return tuple(sorted(kind.key.decoded(row) for row in rows))

    @property
    def dialect(self) -> str:
        """The language of the database, for :class:`~.port.Asking`."""
        return "postgres" if self._has_instants else "sqlite"

    @property
    def tables(self) -> Mapping[str, KindTable]:
        """Where objects are kept, for :class:`~.port.Asking`."""
        return self._kinds

    def select(self, statement: str, parameters: Mapping[str, Any], functions: Any) -> Sequence[_Row] | None:
        """As :class:`~.port.Asking` says; asked again, it is not read again."""
        asked = (statement, tuple((name, str(value)) for name, value in parameters.items()))
        if asked not in self._answers:
            if not self._has_instants:
                give_functions(self._connection, functions)
            rows = self._answered(statement, parameters)
            self._answers[asked] = None if functions.doubted else rows
        return self._answers[asked]

    def _answered(self, statement: str, parameters: Mapping[str, Any]) -> Sequence[_Row] | None:
        """The rows, ``None`` where SQLite gives up; PostgreSQL has then given up the transaction too."""
        try:
            return self._connection.exec_driver_sql(statement, dict(parameters)).all()
        except exc.DBAPIError as error:
            found = store_error(error, self._place)
            if not self._has_instants and not isinstance(found, StoreBusy):
                return None
            if found.key not in _UNANSWERED:
                raise found from error
            raise Unanswered(place=self._place, reason=found.args_by_name["reason"]) from error

    # --- timers, identities, notes --------------------------------------------------------------------------------

    def timer(self, key: str) -> Timer | None:
        return next(iter(self._timers({"key": guarded(key)})), None)

    def timer_at(self, rule: str, reference: Reference, slot: str) -> Timer | None:
        wanted = {**_about(reference), "rule": guarded(rule), "slot": guarded(slot)}
        return next(iter(self._timers(wanted)), None)

    def timers_of(self, reference: Reference) -> Iterable[Timer]:
        return self._timers(_about(reference))

    def timers_of_rule(self, rule: str) -> Iterable[Timer]:
        return self._timers({"rule": guarded(rule)})

    def due_timers(self, instant: datetime) -> Iterable[Timer]:
        latest = instant_raw(instant, exact=self._has_instants)
        return sorted(self._timers({"state": "pending", "due": latest}, until=True), key=_by_due)

    def _timers(self, wanted: Mapping[str, Any], *, until: bool = False) -> list[Timer]:
        rows = self._own("timer", wanted, until=until)
        return sorted((timer_of(row) for row in rows), key=_by_key)

    def event_digest(self, event: str) -> str | None:
        rows = self._own("event", {"event": guarded(event)})
        return rows[0][1] if rows else None

    def recall(self, key: str) -> str | None:
        if key not in self._notes:
            asked = _TOGETHER if key in _TOGETHER else (key,)
            self._notes.update(dict.fromkeys(asked))
            if "quand_note" not in self._missing:
                rows = self._run(self._statements.notes([guarded(each) for each in asked])).rows
                self._notes.update((unguarded(name), unguarded(note)) for name, note in rows)
        return self._notes[key]

    def _own(self, table: str, wanted: Mapping[str, Any], *, until: bool = False) -> Sequence[_Row]:
        if f"quand_{table}" in self._missing:
            return []
        return self._run(self._statements.own_rows(table, wanted, until=until)).rows

    # --- the write ------------------------------------------------------------------------------------------------

    def write(self, batch: Batch) -> None:
        if any(self._is_foreign(write.object) for write in batch.records):
            foreign = sql_keys.ForeignWriter(self._run, self._statements, self.get, named=not self._missing)
            batch = foreign.written(batch, self._write)
        for write in batch.records:
            self._write(write)
        self._delete("timer", batch.dropped)
        exact = self._has_instants
        self._put("timer", [timer_row(timer, exact=exact) for timer in batch.timers])
        self._put("effect", [effect_row(effect, exact=exact) for effect in batch.effects])
        if batch.event is not None:
            event, digest = batch.event
            self._put("event", [{"event": guarded(event), "digest": digest}])
        notes = batch.memory.items()
        self._put("note", [{"key": guarded(key), "note": guarded(note)} for key, note in notes if note is not None])
        self._delete("note", [key for key, note in notes if note is None])
        if batch.log:
            run_many(self._connection, self._statements.log(), [{"entry": safe_json(entry)} for entry in batch.log])

    def _is_there(self, kind: KindTable) -> bool:
        """Whether the table is there; one that is made with the first object may have been made by anyone."""
        if not kind.later:
            return kind.there
        if kind.kind not in self._later:
            self._later[kind.kind] = sa.inspect(self._connection).has_table(kind.name)
        return self._later[kind.kind]

    def _is_foreign(self, reference: Reference) -> bool:
        kind = self._kinds.get(reference.object)
        return kind is not None and kind.foreign

    def _write(self, write: RecordWrite) -> None:
        reference, record = write.object, write.record
        kind = self._kinds.get(reference.object)
        if kind is None:
            raise StoreError("store_unprepared", place=self._place)
        key = kind.key.encoded(reference.id)
        if record is None:
            if key is not None and self._is_there(kind):
                self._run(self._statements.delete(kind, key))
            return
        if not self._is_there(kind):
            make_table(self._connection, kind)
            self._later[kind.kind] = True
        if key is None:
            raise StoreRefused("store_bad_key", place=self._place, table=kind.name, value=reference.id[:80])
        if write.fields is not None:
            contents = contents_of(kind, record, sorted(write.fields), reference)
            if not contents or self._run(self._statements.change(kind, key, contents)).rowcount == 1:
                return
        self._run(self._statements.put(kind, key, contents_of(kind, record, kind.fields, reference)))

    def _put(self, table: str, rows: Sequence[Mapping[str, Any]]) -> None:
        """Insert rows, or replace those of the same key; all have the same columns."""
        if rows:
            run_many(self._connection, self._statements.own_put(table, rows[0]), [filled_by(row) for row in rows])

    def _delete(self, table: str, keys: Iterable[str]) -> None:
        gone = [{"w0": guarded(key)} for key in keys]
        if gone:
            run_many(self._connection, self._statements.own_delete(table), gone)


def _about(reference: Reference) -> dict[str, Any]:
    """What the pending timers of an object have."""
    return {"object": guarded(reference.object), "object_id": guarded(reference.id), "state": "pending"}


def _by_key(timer: Timer) -> str:
    return timer.key


def _by_due(timer: Timer) -> tuple[datetime, str]:
    return timer.due, timer.key
