"""A store as it is at one instant: one transaction that only reads, for a whole run."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import ExitStack, contextmanager
from typing import Any

from ...dsl import ir
from .port import Notice, Store, Transaction


class PinnedStore:
    """Gives out the same transaction of the store below again and again; nothing can be written.

    What others write meanwhile is not seen. Only what a trial run asks of a store is there: it is made to lie under an
    :class:`~.overlay.OverlayStore`.
    """

    def __init__(self, store: Store) -> None:
        self.store = store
        self._held = ExitStack()
        self._transaction: Transaction | None = None

    @property
    def notices(self) -> tuple[Notice, ...]:
        """What there is to say about the data."""
        return tuple(getattr(self.store, "notices", ()))

    def prepare(self, program: ir.Program, *, dry: bool = False) -> None:
        """Nothing is made in the store below."""
        self.store.prepare(program, dry=True)

    @contextmanager
    def transaction(self, connection: Any = None, *, reading: bool = False) -> Generator[Transaction]:
        """The transaction that everything is read in, begun with the first one asked for."""
        if self._transaction is None:
            self._transaction = self._held.enter_context(self.store.transaction(connection, reading=True))
        yield self._transaction

    def __getattr__(self, name: str) -> Any:
        return getattr(self.store, name)

    def close(self) -> None:
        """End the transaction and let go of the store."""
        self._held.close()
        self.store.close()
