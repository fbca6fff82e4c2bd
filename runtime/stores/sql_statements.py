"""The statements of a store, each written once.

SQLAlchemy takes ten times as long to put a statement together as an embedded database to run it. So statements are made
and written down the first time that one of their shape is needed; later only what fills them is new.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple, cast

import sqlalchemy as sa
from sqlalchemy import exc
from sqlalchemy.dialects import postgresql, sqlite

from .sql_own import EFFECTS, EVENTS, LOG, NOTES, TIMERS, bare
from .sql_tables import KindTable

_EVENTS, _NOTES, _TIMERS, _EFFECTS, _LOG = (bare(table) for table in (EVENTS, NOTES, TIMERS, EFFECTS, LOG))
OWN: Mapping[str, tuple[sa.TableClause, str]] = {
    "event": (_EVENTS, "event"),
    "note": (_NOTES, "key"),
    "timer": (_TIMERS, "key"),
    "effect": (_EFFECTS, "key"),
}
"""The tables of the engine that have a key, with it."""


class Written(NamedTuple):
    """A statement as the driver takes it; ``order`` are the names of its parameters where they have only places."""

    text: str
    order: tuple[str, ...] | None

    def filled(self, given: Mapping[str, Any]) -> Any:
        """The parameters as the driver takes them."""
        return given if self.order is None else tuple([given[name] for name in self.order])


Prepared = tuple[Any, dict[str, Any]]
"""A statement and what fills it."""


class Ran:
    """What a statement came to."""

    __slots__ = ("rowcount", "rows")

    def __init__(self, rows: list[Any], rowcount: int) -> None:
        self.rows = rows
        self.rowcount = rowcount

    def first(self) -> Any:
        """The first row, ``None`` where there is none."""
        return self.rows[0] if self.rows else None


def run(connection: sa.Connection, prepared: Prepared) -> Ran:
    """Run a statement: one made here, or one that SQLAlchemy has yet to write."""
    statement, given = prepared
    if isinstance(statement, Written):
        return _run(connection, statement.text, statement.filled(given), many=False)
    return _ran(connection.execute(statement, given))


def run_many(connection: sa.Connection, statement: Written, given: Sequence[Mapping[str, Any]]) -> None:
    """Run a statement once for each of what fills it; one alone is quicker by itself."""
    filled = [statement.filled(each) for each in given]
    if len(filled) == 1:
        _run(connection, statement.text, filled[0], many=False)
    else:
        _run(connection, statement.text, filled, many=True)


def _run(connection: sa.Connection, text: str, filled: Any, *, many: bool) -> Ran:
    """The driver is asked directly, unless somebody listens to what SQLAlchemy is asked.

    Raises what SQLAlchemy would.
    """
    listened: Any = connection.dispatch
    if listened.before_cursor_execute:
        return _ran(connection.exec_driver_sql(text, filled))
    driver: Any = connection.connection.dbapi_connection
    dialect = connection.dialect
    cursor = driver.cursor()
    try:
        (cursor.executemany if many else cursor.execute)(text, filled)
        ran = Ran(cursor.fetchall() if cursor.description else [], cursor.rowcount)
        cursor.close()
    except dialect.loaded_dbapi.Error as error:
        gone = dialect.is_disconnect(error, driver, cursor)
        if gone:
            # the others of the pool are gone with it
            connection.invalidate(error)
            connection.engine.dispose()
        base = dialect.loaded_dbapi.Error
        raise exc.DBAPIError.instance(
            text, filled, error, base, connection_invalidated=gone, dialect=dialect
        ) from error
    return ran


def _ran(result: sa.CursorResult[Any]) -> Ran:
    return Ran(list(result.all()) if result.returns_rows else [], result.rowcount)


class Statements:
    """The statements over some tables in one dialect, by their shape; made anew when tables are."""

    def __init__(self, kinds: Mapping[str, KindTable], dialect: sa.Dialect) -> None:
        self.kinds = kinds
        self._dialect = dialect
        self._insert: Callable[[sa.TableClause], Any] = sqlite.insert if dialect.name == "sqlite" else postgresql.insert
        self._made: dict[tuple[Any, ...], Written] = {}
        self._tables: dict[str, sa.TableClause] = {}

    def _table(self, kind: KindTable) -> sa.TableClause:
        if kind.kind not in self._tables:
            self._tables[kind.kind] = kind.table
        return self._tables[kind.kind]

    # --- objects --------------------------------------------------------------------------------------------------

    def row(self, kind: KindTable, key: Mapping[str, Any]) -> Prepared:
        """The columns of one object, and a last one that is always there."""
        shape, filled = _where(key)

        def make() -> Any:
            table = self._table(kind)
            wanted = sa.select(*(table.c[name] for name in kind.columns()), sa.literal_column("1"))
            return wanted.where(*_conditions(table, shape))

        return self._kept(("row", kind.kind, shape), make), filled

    def keys(self, kind: KindTable, wanted: Mapping[str, Any]) -> Prepared:
        """The key columns of all objects whose columns hold that."""
        shape, filled = _where(wanted)

        def make() -> Any:
            table = self._table(kind)
            return sa.select(*(table.c[name] for name in kind.key.names)).where(*_conditions(table, shape))

        return self._kept(("keys", kind.kind, shape), make), filled

    def change(self, kind: KindTable, key: Mapping[str, Any], contents: Mapping[str, Any]) -> Prepared:
        """Give columns of one object other contents."""
        shape, filled = _where(key)

        def make() -> Any:
            table = self._table(kind)
            return sa.update(table).where(*_conditions(table, shape)).values(_values(contents))

        made = self._kept(("change", kind.kind, shape, *contents), make)
        return made, filled | filled_by(contents)

    def put(self, kind: KindTable, key: Mapping[str, Any], contents: Mapping[str, Any]) -> Prepared:
        """Make an object, or replace it."""
        row = {**key, **contents}
        made = self._kept(("put", kind.kind, *row), lambda: self._upsert(self._table(kind), [*key], row))
        return made, filled_by(row)

    def add(self, kind: KindTable, contents: Mapping[str, Any]) -> Prepared:
        """Make an object that is not there; gives back the columns of its key."""

        def make() -> Any:
            table = self._table(kind)
            added = sa.insert(table).values(_values(contents))
            return added.returning(*(table.c[name] for name in kind.key.names))

        return self._kept(("add", kind.kind, *contents), make), filled_by(contents)

    def delete(self, kind: KindTable, key: Mapping[str, Any]) -> Prepared:
        """Delete one object."""
        shape, filled = _where(key)

        def make() -> Any:
            table = self._table(kind)
            return sa.delete(table).where(*_conditions(table, shape))

        return self._kept(("delete", kind.kind, shape), make), filled

    # --- the engine's own tables ----------------------------------------------------------------------------------

    def own_rows(self, name: str, wanted: Mapping[str, Any], *, until: bool = False) -> Prepared:
        """The rows of a table of the engine whose columns hold that; with ``until`` the last one at most."""
        shape, filled = _where(wanted)

        def make() -> Any:
            table, _ = OWN[name]
            conditions = _conditions(table, shape)
            if until:
                last = len(shape) - 1
                conditions[last] = table.c[shape[last][0]] <= sa.bindparam(f"w{last}")
            return sa.select(*table.c).where(*conditions)

        return self._kept(("own", name, until, shape), make), filled

    def notes(self, keys: Sequence[str]) -> Prepared:
        """The notes of some keys, with their keys."""

        def make() -> Any:
            wanted = (_NOTES.c.key == sa.bindparam(f"w{place}") for place in range(len(keys)))
            return sa.select(_NOTES.c.key, _NOTES.c.note).where(sa.or_(*wanted))

        return self._kept(("notes", len(keys)), make), {f"w{place}": key for place, key in enumerate(keys)}

    def own_put(self, name: str, row: Mapping[str, Any]) -> Written:
        """Insert rows like this one into a table of the engine, or replace those of the same key."""
        table, key = OWN[name]
        return self._kept(("own put", name), lambda: self._upsert(table, [key], row))

    def own_delete(self, name: str) -> Written:
        """Delete the row whose key is ``w0``."""
        table, key = OWN[name]
        return self._kept(("own delete", name), lambda: sa.delete(table).where(table.c[key] == sa.bindparam("w0")))

    def log(self) -> Written:
        """Add the entry ``entry`` to the decision log."""
        return self._kept(("log",), lambda: sa.insert(_LOG).values(entry=sa.bindparam("entry")))

    def _upsert(self, table: sa.TableClause, key: Sequence[str], row: Mapping[str, Any]) -> Any:
        put = self._insert(table).values(_values(row))
        others = {name: put.excluded[name] for name in row if name not in key}
        if others:
            return put.on_conflict_do_update(index_elements=key, set_=others)
        return put.on_conflict_do_nothing(index_elements=key)

    def _kept(self, shape: tuple[Any, ...], make: Callable[[], sa.Executable]) -> Written:
        made = self._made.get(shape)
        if made is None:
            compiled: Any = cast("Any", make()).compile(dialect=self._dialect)
            order = tuple(compiled.positiontup) if compiled.positional else None
            made = self._made[shape] = Written(str(compiled), order)
        return made


Shape = tuple[tuple[str, bool], ...]


def _where(wanted: Mapping[str, Any]) -> tuple[Shape, dict[str, Any]]:
    """Which columns are asked for, and whether for nothing; what fills the question."""
    shape = tuple((name, raw is None) for name, raw in wanted.items())
    return shape, {f"w{place}": raw for place, raw in enumerate(wanted.values()) if raw is not None}


def _conditions(table: sa.TableClause, shape: Shape) -> list[sa.ColumnElement[bool]]:
    return [
        table.c[name].is_(None) if empty else table.c[name] == sa.bindparam(f"w{place}")
        for place, (name, empty) in enumerate(shape)
    ]


def _values(contents: Mapping[str, Any]) -> dict[str, Any]:
    """Parameters are numbered: columns of tables that are there have any names."""
    return {name: sa.bindparam(f"v{place}") for place, name in enumerate(contents)}


def filled_by(row: Mapping[str, Any]) -> dict[str, Any]:
    """What fills a statement that writes those columns."""
    return {f"v{place}": raw for place, raw in enumerate(row.values())}
