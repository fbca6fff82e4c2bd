"""What every store that sends does with its outbox: the contract of ``runtime/stores/port.py`` as tests.

A store derives a class from :class:`OutboxContract` (or :class:`LastingOutboxContract`) beside the one of
``store_contract.py``, which brings the fixture ``store``. A trial run (``stores/overlay.py``) has none: it never sends.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from store_contract import PROGRAM, THING, Place, T, write

from quand.runtime.stores.port import Batch, Effect, Store

LEASE = timedelta(minutes=1)
SMS, MAIL = "send SMS", "send email"


def effect(key: str, lane: str = "", action: str = SMS, **others: Any) -> Effect:
    return Effect(key, action, {"text": "x"}, "R", THING, "e1", T, lane=lane, **others)


def put(store: Store, *effects: Effect) -> None:
    write(store, Batch(effects=effects))


def claim(store: Store, worker: str = "w1", after: timedelta = timedelta(), **options: Any) -> list[str]:
    """The keys of what ``worker`` claims at an instant; ten at most, of both actions, unless said."""
    options = {"actions": (SMS, MAIL), "limit": 10, **options}
    return [each.key for each in store.claim(worker, T + after, T + after + LEASE, **options)]


class OutboxContract:
    """The tests of claiming and settling."""

    def test_what_is_claimed_is_nobody_else_s(self, store: Store) -> None:
        put(store, effect("a"), effect("b", action=MAIL), effect("c", action="log"), effect("d"))
        assert claim(store, "w1", limit=1) == ["a"]
        assert claim(store, "w2", actions=[MAIL]) == ["b"]
        assert claim(store, "w3") == ["d"]
        assert claim(store, "w4") == []
        assert claim(store, "w4", actions=[]) == []
        found = store.effect("b")
        assert found is not None
        assert (found.state, found.worker, found.until, found.attempts) == ("claimed", "w2", T + LEASE, 1)
        assert (found.first, found.last) == (T, T)
        assert store.effect("no such key") is None
        assert [each.key for each in store.effects("claimed")] == ["a", "b", "d"]

    def test_a_process_that_died_is_taken_over_when_its_lease_ends(self, store: Store) -> None:
        put(store, effect("a"))
        assert claim(store, "w1") == ["a"]
        assert claim(store, "w2", LEASE - timedelta(microseconds=1)) == []
        (taken,) = store.claim("w2", T + LEASE, T + 2 * LEASE, actions=[SMS])
        assert (taken.attempts, taken.first, taken.last, taken.worker) == (2, T, T + LEASE, "w2")
        assert store.effect("a") == taken
        assert not store.settle("a", "waiting", worker="w1")
        assert store.effect("a") == taken
        assert store.settle("a", "sent")

    def test_a_failed_attempt_waits_until_it_is_due(self, store: Store) -> None:
        put(store, effect("a"))
        claim(store)
        later = timedelta(hours=1, microseconds=1)
        assert store.settle("a", "waiting", error="é\x00\r\n", due=T + later, worker="w1")
        found = store.effect("a")
        assert found is not None
        assert (found.state, found.error, found.due, found.until) == ("waiting", "é\x00\r\n", T + later, None)
        assert claim(store, after=later - timedelta(microseconds=1)) == []
        (again,) = store.claim("w1", T + later, T + later + LEASE, actions=[SMS])
        assert (again.attempts, again.error, again.first, again.last) == (2, "é\x00\r\n", T, T + later)

    def test_what_is_settled_is_over_until_somebody_starts_it_anew(self, store: Store) -> None:
        states = ("sent", "dead", "uncertain", "dropped")
        put(store, *(effect(state) for state in states))
        claim(store)
        for state in states:
            assert store.settle(state, state, error="why", worker="w1")
        assert claim(store, after=timedelta(days=1)) == []
        assert [(each.key, each.state, each.error) for each in store.effects()] == [(s, s, "why") for s in states]
        assert store.settle("dead", "waiting", attempts=0)
        found = store.effect("dead")
        assert found is not None
        assert (found.attempts, found.first, found.error, found.worker, found.due) == (0, None, "", "", None)
        assert claim(store, after=timedelta(days=1)) == ["dead"]
        with pytest.raises(KeyError):
            store.settle("no such key", "sent")
        with pytest.raises(KeyError):
            store.settle("no such key", "sent", worker="w1")

    def test_the_number_of_attempts_can_be_corrected(self, store: Store) -> None:
        put(store, effect("a"))
        claim(store)
        store.settle("a", "waiting", attempts=3, worker="w1")
        found = store.effect("a")
        assert found is not None
        assert (found.attempts, found.first) == (3, T)

    def test_a_lane_keeps_its_order(self, store: Store) -> None:
        put(store, effect("a1", "A"), effect("a2", "A"), effect("b1", "B"), effect("x1"), effect("x2"))
        assert claim(store) == ["a1", "b1", "x1", "x2"]
        assert claim(store) == []
        store.settle("a1", "waiting", due=T + LEASE)
        assert claim(store) == []
        assert claim(store, key="a2") == ["a2"]
        store.settle("a2", "waiting")
        store.settle("a1", "dead")
        assert claim(store) == ["a2"]

    def test_an_effect_that_starts_anew_stands_where_it_was(self, store: Store) -> None:
        put(store, effect("a1", "A"), effect("a2", "A"))
        claim(store)
        store.settle("a1", "dead")
        store.settle("a1", "waiting", attempts=0)
        assert claim(store) == ["a1"]

    def test_one_effect_is_claimed_by_its_key_on_the_same_conditions(self, store: Store) -> None:
        put(store, effect("a"), effect("b"))
        assert claim(store, key="b") == ["b"]
        assert claim(store, key="b") == []
        assert claim(store, key="a", actions=[MAIL]) == []
        assert claim(store, key="no such key") == []
        store.settle("b", "sent")
        assert claim(store, key="b", after=LEASE) == []

    def test_the_next_delivery_is_told(self, store: Store) -> None:
        assert store.next_delivery([SMS, MAIL]) is None
        put(store, effect("a1", "A"), effect("a2", "A"), effect("m", action=MAIL))
        told = store.next_delivery([SMS])
        assert told is not None and told <= T
        claim(store)
        assert store.next_delivery([SMS, MAIL]) == T + LEASE
        store.settle("a1", "waiting", due=T + LEASE / 2)
        assert store.next_delivery([SMS, MAIL]) == T + LEASE / 2
        assert store.next_delivery([MAIL]) == T + LEASE
        store.settle("m", "sent")
        assert (store.next_delivery([MAIL]), store.next_delivery([])) == (None, None)

    def test_no_two_that_ask_at_once_get_the_same(self, store: Store) -> None:
        put(store, *(effect(f"{n:02}", f"L{n % 7}") for n in range(40)))

        def deliver(worker: int) -> list[str]:
            got: list[str] = []
            while keys := claim(store, f"w{worker}", limit=3):
                got += keys
                for key in keys:
                    store.settle(key, "sent", worker=f"w{worker}")
            return got

        with ThreadPoolExecutor(4) as pool:
            shares = list(pool.map(deliver, range(4)))
        # a worker may stop while another one holds the rest of the lanes
        shares.append(deliver(9))
        assert sorted(key for share in shares for key in share) == [f"{n:02}" for n in range(40)]


class LastingOutboxContract(OutboxContract):
    """The tests of a store whose outbox outlives it."""

    def test_what_was_noted_is_there_when_the_data_are_opened_again(self, store: Store, place: Place) -> None:
        put(store, effect("a", "A"), effect("b"))
        claim(store, limit=1)
        store.settle("b", "dead", error="why")
        before = list(store.effects())
        store.close()
        again = place()
        again.prepare(PROGRAM.ir)
        assert list(again.effects()) == before
        assert claim(again, "w2", LEASE) == ["a"]
        again.close()
