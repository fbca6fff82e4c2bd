"""From the address of data to a store."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import cast

from ..runtime.stores.mapping import Tables
from ..runtime.stores.memory import MemoryStore
from ..runtime.stores.port import Store, StoreError
from .config import Config
from .errors import ProjectError

GROUP = "quand.stores"
"""The entry-point group of stores: the name is the scheme of the address, the object a function of the address."""


def _open_sql(url: str, tables: Tables | None) -> Store:
    # SQLAlchemy costs start-up time and is an extra
    try:
        from ..runtime.stores.sql import open_sql

        return open_sql(url, tables)
    except ImportError as error:
        raise StoreError("store_extra", value=url.partition("://")[0], extra="sql") from error


def _open_duck(url: str, tables: Tables | None) -> Store:
    # DuckDB costs start-up time and is an extra
    try:
        from ..runtime.stores.duck import open_duck

        return open_duck(url, tables)
    except ImportError as error:
        raise StoreError("store_extra", value=url.partition("://")[0], extra="duckdb") from error


_BUILT_IN: dict[str, Callable[[str, Tables | None], Store]] = {
    "memory": lambda url, tables: MemoryStore(),
    "sqlite": _open_sql,
    "postgresql": _open_sql,
    "postgres": _open_sql,
    "duckdb": _open_duck,
}

_TOLD = ["duckdb://", "memory://", "postgresql://", "sqlite://"]
"""The schemes that a message names."""


def open_store(url: str, tables: Tables | None = None) -> Store:
    """The store at an address: ``memory://``, ``sqlite:///crm.db``, ``postgresql://user@host/crm``, or to be read only
    ``duckdb:///crm.duckdb``.

    ``tables`` say which tables of a database that was there hold which objects, where their names do not.
    Nothing is opened before an engine uses it. Raises :class:`~.errors.ProjectError` for a kind of store that is
    neither built in nor installed, :class:`~..runtime.stores.port.StoreError` for an address that is none.
    """
    scheme = url.partition(":")[0]
    built_in = _BUILT_IN.get(scheme)
    if built_in is not None:
        return built_in(url, tables)
    installed = _installed(scheme)
    if installed is None:
        raise ProjectError("unknown_store", value=url, names=_TOLD)
    return installed(url)


def project_store(config: Config, data: str | None = None) -> Store | None:
    """The store of a project, ``data`` standing before the address its configuration says; ``None`` without either.

    Raises as :func:`open_store`.
    """
    url = data or config.data
    return open_store(url, config.tables) if url else None


def must_exist(url: str) -> None:
    """Raises :class:`~.errors.ProjectError` for the address of a file that is not there."""
    path = url.partition(":///")[2]
    is_file = url.partition(":")[0] in {"sqlite", "duckdb"} and path not in {"", ":memory:"}
    if is_file and not Path(path).exists():
        raise ProjectError("no_such_file", file=path)


def _installed(scheme: str) -> Callable[[str], Store] | None:
    # importlib.metadata costs start-up time and is needed only for stores that are not built in
    from importlib.metadata import entry_points

    for point in entry_points(group=GROUP, name=scheme):
        return cast("Callable[[str], Store]", point.load())
    return None
