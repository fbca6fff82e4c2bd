"""From the address of data to a store."""

from __future__ import annotations

from collections.abc import Callable
from typing import cast

from ..runtime.stores.memory import MemoryStore
from ..runtime.stores.port import Store
from .errors import ProjectError

GROUP = "quand.stores"
"""The entry-point group of stores: the name is the scheme of the address, the object a function of the address."""

_BUILT_IN: dict[str, Callable[[str], Store]] = {"memory": lambda url: MemoryStore()}


def open_store(url: str) -> Store:
    """The store at an address, such as ``memory://``.

    Raises :class:`~.errors.ProjectError` for a kind of store that is neither built in nor installed.
    """
    scheme = url.partition(":")[0]
    opener = _BUILT_IN.get(scheme) or _installed(scheme)
    if opener is None:
        raise ProjectError("unknown_store", value=url, names=[f"{name}://" for name in sorted(_BUILT_IN)])
    return opener(url)


def _installed(scheme: str) -> Callable[[str], Store] | None:
    # importlib.metadata costs start-up time and is needed only for stores that are not built in
    from importlib.metadata import entry_points

    for point in entry_points(group=GROUP, name=scheme):
        return cast("Callable[[str], Store]", point.load())
    return None
