"""The instants that a store remembers: how far it has been processed, and what rang last."""

from __future__ import annotations

from datetime import datetime

import attrs

from .stores.port import Transaction

RUNG = "rung"
"""The note of the latest instant at which anything rang: no event is processed before it, even after a crash."""


@attrs.frozen
class Upcoming:
    """What is next: ``clock`` is the instant processed last (``None``: none yet), ``due`` the next timer's or tick's.

    A tick may turn out to have rung already, or to be older than its rule tolerates.
    """

    clock: datetime | None
    due: datetime | None


def stored_clock(transaction: Transaction) -> datetime | None:
    """The latest instant processed over this store."""
    note = transaction.recall("clock")
    return None if note is None else datetime.fromisoformat(note)


def last_rung(transaction: Transaction) -> datetime | None:
    """The latest instant at which anything rang."""
    note = transaction.recall(RUNG)
    return None if note is None else datetime.fromisoformat(note)
