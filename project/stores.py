"""From the address of data to a store."""

from __future__ import annotations

from collections.abc import Callable
from typing import cast

from ..runtime.stores.memory import MemoryStore
from ..runtime.stores.port import Store, StoreError
from .errors import ProjectError

GROUP = "quand.stores"
"""The entry-point group of stores: the name is the scheme of the address, the object a function of the address."""


def _open_sql(url: str) -> Store:
    # SQLAlchemy costs start-up time and is an extra
    try:
        from ..runtime.stores.sql import open_sql

        return open_sql(url)
    except ImportError as error:
        raise StoreError("store_extra", value=url.partition("://")[0], extra="sql") from error


_BUILT_IN: dict[str, Callable[[str], Store]] = {
    "memory": lambda url: MemoryStore(),
    "sqlite": _open_sql,
    "postgresql": _open_sql,
    "postgres": _open_sql,
}

_TOLD = ["memory://", "postgresql://", "sqlite://"]
"""The schemes that a message names."""


def open_store(url: str) -> Store:
    """The store at an address: ``memory://``, ``sqlite:///crm.db``, ``postgresql://user@host/crm``.

    Nothing is opened before an engine uses it. Raises :class:`~.errors.ProjectError` for a kind of store that is
    neither built in nor installed, :class:`~..runtime.stores.port.StoreError` for an address that is none.
    """
    scheme = url.partition(":")[0]
    opener = _BUILT_IN.get(scheme) or _installed(scheme)
    if opener is None:
        raise ProjectError("unknown_store", value=url, names=_TOLD)
    return opener(url)


def _installed(scheme: str) -> Callable[[str], Store] | None:
    # importlib.metadata costs start-up time and is needed only for stores that are not built in
    from importlib.metadata import entry_points

    for point in entry_points(group=GROUP, name=scheme):
        return cast("Callable[[str], Store]", point.load())
    return None
