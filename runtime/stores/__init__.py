"""Where the data is kept: one port, several stores."""

from __future__ import annotations

from .memory import MemoryStore
from .port import Store


def open_store(url: str = "memory://") -> Store:
    """The store of a URL. Raises ``ValueError`` for one that no store answers to.

    ``memory://`` is always there; others are announced under the entry-point group ``quand.stores`` by their scheme,
    as a function from the URL to the store.
    """
    scheme = url.partition(":")[0]
    if scheme == "memory":
        return MemoryStore()
    from importlib.metadata import entry_points  # looked up only when a store is not built in

    for point in entry_points(group="quand.stores", name=scheme):
        opened: Store = point.load()(url)
        return opened
    raise ValueError(f"no store for {url!r}")
