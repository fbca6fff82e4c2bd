"""A store that is busy: the transaction is done again, a few times, and nothing happens twice."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from typing import Any

import pytest

import quand
from quand.runtime.stores.memory import MemoryStore
from quand.runtime.stores.port import StoreBusy

RULES = """
règle "Relance"
quand une affaire est créée alors
  notifier l'utilisateur 'U', message = "créée"
  attendre 1 heure puis augmenter montant de 1 €
"""
EVENTS: list[dict[str, Any]] = [
    {"id": "e0", "event": "user.created", "at": "2026-11-23T08:00:00Z", "data": {"id": "U"}},
    {"id": "e1", "event": "deal.created", "at": "2026-11-23T09:00:00Z", "data": {"id": "A-1", "montant": 5}},
    {"id": "e2", "event": "time", "at": "2026-11-23T12:00:00Z"},
]


class BusyStore(MemoryStore):
    """Meets another transaction the first ``times`` times that one which numbers ``at`` is to be committed."""

    def __init__(self, at: int, times: int) -> None:
        super().__init__()
        self.at = at
        self.times = times
        self.opened = 0

    @contextmanager
    def transaction(self, connection: Any = None, *, reading: bool = False) -> Generator[Any]:
        self.opened += 1
        with super().transaction(connection, reading=reading) as transaction:
            yield transaction
            if self.opened >= self.at and self.times:
                self.times -= 1
                raise StoreBusy


def outcomes(store: MemoryStore) -> list[str]:
    engine = quand.Engine(quand.compile_text(RULES), store=store)
    return [engine.process(event).to_json() for event in EVENTS]


@pytest.mark.parametrize("at", range(1, 7))
def test_a_busy_transaction_is_done_again_wherever_it_stands(at: int) -> None:
    store = BusyStore(at, times=4)
    assert outcomes(store) == outcomes(MemoryStore())
    assert store.times == 0
    assert len(store.effects()) == 1


def test_after_a_few_times_the_host_is_told() -> None:
    store = BusyStore(1, times=5)
    with pytest.raises(StoreBusy):
        outcomes(store)
    assert store.times == 0
