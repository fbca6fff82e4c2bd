"""From the address of a database to connections whose transactions are what the port wants."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Generator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, cast
from urllib.parse import quote

import sqlalchemy as sa
from sqlalchemy import event, exc
from sqlalchemy.pool import Pool, QueuePool, StaticPool

from .port import StoreError

BUSY_SECONDS = 5.0
"""How long a transaction waits for another one."""

_SECRET = ("password", "sslpassword")
"""Parts of an address that PostgreSQL also takes behind the question mark."""

_MAKING = 7_182_818_284
"""What those who make tables in PostgreSQL lock: a number that no other program is likely to use."""

READING = "quand_reading"
"""The execution option of a transaction that only reads."""

_IN_MEMORY = ":memory:"
_FUNCTIONS = "quand_functions"
_FILE = "quand_file"


class Database:
    """One database. Connections are made when they are needed.

    ``place`` names it in messages, without password.
    """

    place: str

    def engine(self, *, dry: bool) -> sa.Engine:
        """Where connections come from; with ``dry`` nothing can be written. Raises :class:`StoreError`."""
        raise NotImplementedError

    def begin(self, connection: sa.Connection, *, making: bool) -> None:
        """At the start of a transaction that writes; ``making`` tables."""


class SqliteFile(Database):
    """``sqlite:///crm.db``, ``sqlite:////absolute/crm.db``, or ``sqlite://`` in memory.

    One writer at a time: a transaction that writes begins ``IMMEDIATE``. A file that is new gets a write-ahead log, so
    that nobody who reads waits; one that is there stays as it is.
    """

    def __init__(self, url: str) -> None:
        """Raises :class:`StoreError` for an address that names no file."""
        path = url.removeprefix("sqlite:///") if url.startswith("sqlite:///") else None
        if url in {"sqlite://", "sqlite:///"}:
            path = _IN_MEMORY
        if path is None:
            name = url.partition(":")[2].lstrip("/")
            raise StoreError("store_url", value=url, example=f"sqlite:///{name or 'crm.db'}")
        self.place = path
        self._path = None if path == _IN_MEMORY else Path(path)

    def engine(self, *, dry: bool) -> sa.Engine:
        path = self._path
        if path is not None and path.is_dir():
            raise StoreError("store_is_folder", place=self.place)
        if path is not None and not dry and not path.absolute().parent.is_dir():
            raise StoreError("store_no_folder", place=self.place, folder=str(path.parent))
        if path is None or (dry and not path.exists()):
            path = None

        making = not dry

        def connect() -> sqlite3.Connection:
            nonlocal making
            made = _connect(path, dry=dry, make=making)
            # a file that was there and is gone is not made anew in silence
            making = False
            return made

        def note(connection: sqlite3.Connection, record: Any) -> None:
            record.info[_FILE] = _identity(path)

        def check(connection: sqlite3.Connection, record: Any, proxy: Any) -> None:
            if record.info[_FILE] != _identity(path):
                # restored from a copy, say: what is open has no name any more
                raise exc.DisconnectionError

        pool: type[Pool] = StaticPool if path is None else QueuePool
        engine = sa.create_engine("sqlite://", creator=connect, poolclass=pool)
        event.listen(engine, "begin", _begin)
        if path is not None:
            event.listen(engine, "connect", note)
            event.listen(engine, "checkout", check)
        return engine


def _identity(path: Path | None) -> tuple[int, int] | None:
    """What tells a file from another that has its name; ``None`` where there is none."""
    if path is None:
        return None
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino


def _connect(path: Path | None, *, dry: bool, make: bool) -> sqlite3.Connection:
    mode = "rwc" if make else "rw" if not dry else "ro" if path is not None and _has_log(path) else "rw"
    name = _IN_MEMORY if path is None else f"file:{quote(str(path.absolute()))}?mode={mode}"
    if dry and path is not None and _is_still(path):
        name += "&immutable=1"
    connection = sqlite3.connect(
        name, uri=path is not None, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False
    )
    connection.execute("PRAGMA synchronous = FULL")
    if dry and path is not None:
        connection.execute("PRAGMA query_only = ON")
    elif connection.execute("SELECT count(*) FROM sqlite_master").fetchone() == (0,):
        # another process that is making the same file does this too
        with suppress(sqlite3.OperationalError):
            connection.execute("PRAGMA journal_mode = WAL")
    return connection


def _has_log(path: Path) -> bool:
    """Whether what a program that died has written is still in the log beside the file, where closing would move it."""
    log = path.with_name(path.name + "-wal")
    return log.exists() and log.stat().st_size > 0


def _is_still(path: Path) -> bool:
    """Whether nobody writes to a file, and we may not: a write-ahead log could then not even be read."""
    if os.access(path, os.W_OK) and os.access(path.parent, os.W_OK):
        return False
    return not any(path.with_name(path.name + ending).exists() for ending in ("-wal", "-journal"))


def _begin(connection: sa.Connection) -> None:
    reading = connection.get_execution_options().get(READING)
    connection.exec_driver_sql("BEGIN" if reading else "BEGIN IMMEDIATE")


def give_functions(connection: sa.Connection, functions: Any) -> None:
    """Let a SQLite connection know the functions that conditions use, and nothing be doubtful yet."""
    functions.doubted = False
    given = connection.info.get(_FUNCTIONS)
    if given is None or given[0] is not functions:
        given = connection.info[_FUNCTIONS] = functions, set[str]()
    functions.give(connection.connection.dbapi_connection, given[1])


class PostgresServer(Database):
    """``postgresql://user:password@host/database``.

    Transactions are ``SERIALIZABLE``. Every event moves the clock, which is one row, so that two at once could never
    both end well: those that write take their turn by a lock instead of failing at their end.
    """

    def __init__(self, url: str) -> None:
        """Raises :class:`StoreError` for what is no address."""
        scheme, _, rest = url.partition("://")
        try:
            self._url = sa.make_url(f"postgresql+psycopg://{rest}")
        except (exc.ArgumentError, ValueError) as error:
            raise StoreError("store_url", value=scheme, example="postgresql://user@host/crm") from error
        shown = self._url.set(drivername="postgresql").difference_update_query(_SECRET)
        self.place = shown.render_as_string(hide_password=True)

    def engine(self, *, dry: bool) -> sa.Engine:
        milliseconds = int(BUSY_SECONDS * 1000)
        options = f"-c timezone=UTC -c lock_timeout={milliseconds}" + (" -c default_transaction_read_only=on" * dry)
        return sa.create_engine(
            self._url,
            isolation_level="SERIALIZABLE",
            connect_args={"options": options, "connect_timeout": int(BUSY_SECONDS)},
            use_native_hstore=False,
        )

    def begin(self, connection: sa.Connection, *, making: bool) -> None:
        # what is read afterwards is what the one before has committed
        if making:
            # processes that start together would each make the same tables
            connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_MAKING})")
        else:
            connection.exec_driver_sql("LOCK TABLE quand_note IN SHARE ROW EXCLUSIVE MODE")


@contextmanager
def joined(connection: Any, dialect: str) -> Generator[sa.Connection]:
    """The caller's own connection, of SQLAlchemy or of the driver, inside his transaction, undone by an exception.

    Raises ``ValueError`` for anything else, or for a connection to another kind of database.
    """
    if not isinstance(connection, sa.Connection):
        with _wrapped(connection, dialect) as wrapped, joined(wrapped, dialect) as inside:
            yield inside
        return
    if connection.dialect.name != dialect:
        raise ValueError(connection.dialect.name)
    if not connection.in_transaction():
        connection.begin()
    driver = cast("Any", connection.connection.dbapi_connection)
    if dialect == "sqlite" and not driver.in_transaction:
        # a savepoint alone would commit at its end
        connection.exec_driver_sql("BEGIN IMMEDIATE")
    with connection.begin_nested():
        yield connection


class _Borrowed:
    """A connection of a driver that somebody else commits and closes."""

    def __init__(self, connection: Any) -> None:
        self._connection = connection

    def __getattr__(self, name: str) -> Any:
        return getattr(self._connection, name)

    def commit(self) -> None:
        """Not ours to do."""

    rollback = close = commit


@contextmanager
def _wrapped(connection: Any, dialect: str) -> Generator[sa.Connection]:
    if not callable(getattr(connection, "cursor", None)):
        raise ValueError(type(connection).__name__)
    name = "sqlite://" if dialect == "sqlite" else "postgresql+psycopg://"
    options = {} if dialect == "sqlite" else {"use_native_hstore": False}
    engine = sa.create_engine(name, creator=lambda: _Borrowed(connection), poolclass=StaticPool, **options)
    with engine.connect() as made:
        yield made


def database_at(url: str) -> Database | None:
    """The database at an address; ``None`` for an address of something else. Raises :class:`StoreError`."""
    scheme = url.partition(":")[0]
    if scheme == "sqlite":
        return SqliteFile(url)
    return PostgresServer(url) if scheme in {"postgresql", "postgres"} else None
