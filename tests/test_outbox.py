"""Delivering: when to try again, when to give up, and what becomes of an effect whatever happens to it."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

import quand
from quand.runtime.connectors.port import Postponed, Rate, Reader, Rejected, Unsure
from quand.runtime.outbox import MARGIN_SECONDS, Outbox, Policy, free_at, worker_name
from quand.runtime.stores.memory import MemoryStore
from quand.runtime.stores.port import Batch, Effect, Store, StoreError, StoreRefused

NOW = datetime(2026, 11, 23, 10, tzinfo=UTC)
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
SMS = "send SMS"


class Clock:
    """Stands still until it is moved."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now


@attrs.define
class Fake:
    """A connector that does what it is told: raises, or calls, or delivers."""

    answers: list[Any] = attrs.field(factory=list[Any])
    at_most_once: bool = False
    rates: tuple[Rate, ...] = ()
    seconds: float = 5.0
    sent: list[str] = attrs.field(factory=list[str])

    def recipient(self, effect: Effect, read: Reader) -> str:
        return str(effect.arguments.get("to", ""))

    def send(self, effect: Effect, recipient: str, read: Reader) -> None:
        answer = self.answers.pop(0) if self.answers else None
        if isinstance(answer, BaseException):
            raise answer
        if callable(answer):
            answer()
        self.sent.append(effect.key)


class Desk:
    """A store in memory with effects ``k1``, ``k2``... and what delivers them."""

    def __init__(
        self, connector: Fake, count: int = 1, policy: Policy | None = None, store: Store | None = None
    ) -> None:
        self.clock = Clock()
        self.store = store or MemoryStore()
        self.connector = connector
        self.outbox = self.another(policy)
        with self.store.transaction() as transaction:
            effects = (Effect(f"k{n}", SMS, {"to": "A"}, "R", None, "e", NOW) for n in range(1, count + 1))
            transaction.write(Batch(effects=tuple(effects)))

    def another(self, policy: Policy | None = None) -> Outbox:
        """What another process delivers with."""
        return Outbox(self.store, {SMS: self.connector}, self.clock, policy or Policy(jitter=0), "en")

    def effect(self, key: str = "k1") -> Effect:
        found = self.store.effect(key)
        assert found is not None
        return found

    def states(self) -> list[str]:
        return [effect.state for effect in self.store.effects()]


# --- the policy ---------------------------------------------------------------------------------------------------


def test_each_wait_is_twice_the_one_before_up_to_the_longest() -> None:
    policy = Policy(first=timedelta(seconds=10), longest=HOUR)
    seconds = [policy.wait(attempt, 0.5).total_seconds() for attempt in range(1, 12)]
    assert seconds == [10, 20, 40, 80, 160, 320, 640, 1280, 2560, 3600, 3600]


@given(attempt=st.integers(1, 10**6), chance=st.floats(0, 1))
def test_chance_changes_a_wait_by_a_quarter_at_most(attempt: int, chance: float) -> None:
    middle = Policy().wait(attempt, 0.5)
    assert 0.749 * middle <= Policy().wait(attempt, chance) <= 1.251 * middle


def test_a_gateway_gets_the_rest_it_asks_for_within_reason() -> None:
    policy = Policy()
    assert policy.wait(1, 0.5, HOUR) == HOUR
    assert policy.wait(9, 0.5, timedelta(seconds=1)) == policy.wait(9, 0.5)
    assert policy.wait(1, 0.5, timedelta(days=365)) == policy.patience


def test_what_a_recipient_may_still_get() -> None:
    taken = [NOW - 50 * MINUTE, NOW - 10 * MINUTE]
    assert free_at(taken, (Rate(3, HOUR),), NOW) is None
    assert free_at(taken, (Rate(2, HOUR),), NOW) == NOW + 10 * MINUTE
    assert free_at(taken, (Rate(1, HOUR),), NOW) == NOW + 50 * MINUTE
    assert free_at(taken, (Rate(2, HOUR), Rate(2, 24 * HOUR)), NOW) == NOW + 24 * HOUR - 50 * MINUTE
    assert free_at([NOW - HOUR], (Rate(1, HOUR),), NOW) is None


# --- one effect ---------------------------------------------------------------------------------------------------


def test_what_is_delivered_is_sent_once() -> None:
    desk = Desk(Fake(), count=3)
    done = desk.outbox.deliver()
    assert (done.sent, done.tried, done.next) == (3, 3, None)
    assert desk.connector.sent == ["k1", "k2", "k3"]
    assert desk.outbox.deliver().tried == 0


def test_what_failed_is_tried_again_when_it_is_due() -> None:
    desk = Desk(Fake([Postponed("http_busy", host="h", status=500)]))
    done = desk.outbox.deliver()
    assert (done.postponed, done.next) == (1, NOW + timedelta(seconds=10))
    kept = desk.effect()
    assert (kept.state, kept.error, kept.attempts) == ("waiting", "h answers 500", 1)
    assert desk.outbox.deliver().tried == 0
    desk.clock.now += timedelta(seconds=10)
    assert desk.outbox.deliver().sent == 1
    assert (desk.effect().attempts, desk.effect().error) == (2, "")


def test_a_gateway_that_asks_for_time_gets_it() -> None:
    desk = Desk(Fake([Postponed("http_busy", after=HOUR, host="h", status=429)]))
    assert desk.outbox.deliver().next == NOW + HOUR


def test_what_can_never_arrive_is_dead_at_once() -> None:
    desk = Desk(Fake([Rejected("sms_bad_number", value="x")]))
    assert desk.outbox.deliver().dead == 1
    assert (desk.effect().state, desk.effect().error) == ("dead", "“x” is not a phone number")


def test_after_so_many_attempts_it_is_given_up() -> None:
    desk = Desk(Fake([Unsure("http_no_answer", host="h", reason="timeout")] * 9), policy=Policy(attempts=3))
    for state in ("waiting", "waiting", "dead"):
        desk.outbox.deliver()
        assert desk.effect().state == state
        desk.clock.now += HOUR
    assert desk.outbox.deliver().tried == 0
    assert desk.store.settle("k1", "waiting", attempts=0)
    assert desk.outbox.deliver().postponed == 1


def test_after_so_much_time_it_is_given_up() -> None:
    desk = Desk(Fake([Postponed("http_busy", host="h", status=503)] * 9), policy=Policy(age=3 * HOUR))
    desk.outbox.deliver()
    desk.clock.now += 2 * HOUR
    assert desk.outbox.deliver().postponed == 1
    desk.clock.now += HOUR
    assert desk.outbox.deliver().dead == 1


def test_an_action_without_a_connector_waits() -> None:
    desk = Desk(Fake())
    assert Outbox(desk.store, {"log": Fake()}, desk.clock).deliver().next is None
    assert Outbox(desk.store, {}, desk.clock).deliver().next is None
    assert desk.states() == ["waiting"]


def test_a_defect_of_a_connector_counts_as_a_broken_line() -> None:
    desk = Desk(Fake([ValueError("oops"), ValueError("oops")]))
    assert desk.outbox.deliver().postponed == 1
    assert desk.effect().error == "the sending broke off: ValueError: oops"
    careful = Desk(Fake([ValueError("oops")], at_most_once=True))
    assert careful.outbox.deliver().uncertain == 1


def test_a_round_can_be_limited_and_stopped() -> None:
    desk = Desk(Fake(), count=5)
    assert desk.outbox.deliver(limit=2).sent == 2
    stopping = iter([False, True])
    assert desk.outbox.deliver(stop=lambda: next(stopping)).sent == 1
    told: list[str] = []

    def note(effect: Effect) -> None:
        told.append(effect.key)

    attrs.evolve(desk.outbox, told=note).deliver()
    assert told == ["k4", "k5"]


def test_no_two_processes_have_one_name() -> None:
    assert worker_name() != worker_name()


class Lost(Fake):
    """Cannot find out whom an effect is for."""

    def recipient(self, effect: Effect, read: Reader) -> str:
        raise self.answers.pop(0)


@pytest.mark.parametrize(
    ("failure", "state"),
    [
        (ValueError("oops"), "waiting"),
        (StoreRefused("store_bad_value", table="t", column="c", value="v", type="t"), "dead"),
        (Rejected("recipient_missing"), "dead"),
    ],
)
@pytest.mark.parametrize("at_most_once", [False, True])
def test_before_anybody_is_written_to_nothing_is_uncertain(failure: Any, state: str, at_most_once: bool) -> None:
    desk = Desk(Lost([failure], at_most_once=at_most_once))
    desk.outbox.deliver()
    assert desk.effect().state == state


# --- processes that end -------------------------------------------------------------------------------------------


class Crash(BaseException):
    """The process ends here."""


def crash() -> None:
    raise Crash


def test_what_a_process_had_under_way_is_taken_over_and_sent_with_the_same_key() -> None:
    desk = Desk(Fake([Crash()]))
    with pytest.raises(Crash):
        desk.outbox.deliver()
    assert desk.effect().state == "claimed"
    other = desk.another()
    assert other.deliver().next == NOW + timedelta(seconds=5 + MARGIN_SECONDS)
    desk.clock.now += timedelta(seconds=5 + MARGIN_SECONDS)
    assert other.deliver().sent == 1
    assert desk.effect().attempts == 2


def test_an_effect_that_ends_each_process_is_given_up() -> None:
    desk = Desk(Fake([Crash()] * 9), policy=Policy(attempts=2))
    for _ in range(2):
        with pytest.raises(Crash):
            desk.outbox.deliver()
        desk.clock.now += HOUR
    assert desk.outbox.deliver().dead == 1
    assert "2 times" in desk.effect().error


@pytest.mark.parametrize("failure", [Crash(), Unsure("http_no_answer", host="h", reason="timeout"), OSError()])
def test_at_most_once_ends_uncertain_and_is_never_sent_again(failure: BaseException) -> None:
    desk = Desk(Fake([failure], at_most_once=True))
    with suppress(Crash):
        desk.outbox.deliver()
    assert desk.effect().state == "uncertain"
    desk.clock.now += timedelta(days=9)
    assert desk.another().deliver().tried == 0
    assert desk.connector.sent == []


@pytest.mark.parametrize(
    ("failure", "state"),
    [(Postponed("http_busy", host="h", status=429), "waiting"), (Rejected("http_private"), "dead"), (None, "sent")],
)
def test_at_most_once_knows_what_was_certainly_not_delivered(failure: Any, state: str) -> None:
    desk = Desk(Fake([failure], at_most_once=True))
    desk.outbox.deliver()
    assert desk.effect().state == state


def test_a_slow_process_that_was_taken_over_does_not_undo_what_the_other_did() -> None:
    desk = Desk(Fake())

    def meanwhile() -> None:
        desk.clock.now += HOUR
        assert desk.another().deliver().sent == 1
        raise Postponed("http_busy", host="h", status=500)

    desk.connector.answers.append(meanwhile)
    desk.outbox.deliver()
    assert desk.effect().state == "sent"


def test_a_store_that_fails_after_the_delivery_does_not_lose_the_effect(monkeypatch: pytest.MonkeyPatch) -> None:
    desk = Desk(Fake())

    def broken(*_: Any, **__: Any) -> bool:
        raise StoreError("store_down", place="x", reason="y")

    with monkeypatch.context() as patched:
        patched.setattr(desk.store, "settle", broken)
        with pytest.raises(StoreError):
            desk.outbox.deliver()
    desk.clock.now += HOUR
    assert desk.outbox.deliver().sent == 1
    assert desk.connector.sent == ["k1", "k1"]


class Gateway(Fake):
    """Notes what arrives, and behaves as told: what it answers, and what becomes of the process meanwhile."""

    def send(self, effect: Effect, recipient: str, read: Reader) -> None:
        fate = self.answers.pop(0) if self.answers else "ok"
        if fate in ("crash before", "lost"):
            raise Crash if fate == "crash before" else Unsure("http_no_answer", host="h", reason="timeout")
        if fate == "busy":
            raise Postponed("http_busy", host="h", status=503)
        if fate == "refused":
            raise Rejected("http_redirect", host="h", status=301)
        self.sent.append(effect.key)
        if fate == "crash after":
            raise Crash
        if fate == "drop":
            raise Unsure("http_no_answer", host="h", reason="reset")


FATES = ["ok", "ok", "busy", "refused", "lost", "drop", "crash before", "crash after"]


@given(
    fates=st.lists(st.sampled_from(FATES), max_size=30),
    count=st.integers(1, 5),
    at_most_once=st.booleans(),
    waits=st.lists(st.sampled_from([timedelta(), MINUTE, HOUR]), max_size=10),
)
def test_whatever_happens_nothing_is_lost_and_nothing_is_doubled(
    fates: list[str], count: int, at_most_once: bool, waits: list[timedelta]
) -> None:
    """With keys each effect arrives, perhaps several times under one key; at most once means just that."""
    gateway = Gateway(list(fates), at_most_once=at_most_once)
    desk = Desk(gateway, count, Policy(jitter=0, attempts=50))
    for _ in range(500):
        with suppress(Crash):
            if desk.another(Policy(jitter=0, attempts=50)).deliver().next is None:
                break
        desk.clock.now += waits.pop() if waits else HOUR
    states = {effect.key: effect.state for effect in desk.store.effects()}
    assert set(states.values()) <= ({"sent", "dead", "uncertain"} if at_most_once else {"sent", "dead"})
    for key, state in states.items():
        arrived = gateway.sent.count(key)
        if at_most_once:
            assert arrived <= 1
        assert arrived >= (state == "sent")
        if state == "dead" and at_most_once:
            assert arrived == 0


# --- the cap of a recipient ---------------------------------------------------------------------------------------


def test_a_recipient_gets_no_more_than_allowed() -> None:
    desk = Desk(Fake(rates=(Rate(2, HOUR),)), count=3)
    done = desk.outbox.deliver()
    assert (done.sent, done.postponed, done.next) == (2, 1, NOW + HOUR)
    held = desk.effect("k3")
    assert (held.attempts, held.error) == (0, "this recipient has had as many messages as allowed for now")
    desk.clock.now += HOUR
    assert desk.outbox.deliver().sent == 1


def test_what_was_not_delivered_takes_nobody_s_place() -> None:
    busy = Postponed("http_busy", host="h", status=500)
    desk = Desk(Fake([busy, None], rates=(Rate(1, HOUR),)), count=2)
    assert (desk.outbox.deliver().sent, desk.states()) == (1, ["waiting", "sent"])


def test_an_effect_tried_again_takes_its_own_place_only() -> None:
    lost = Unsure("http_no_answer", host="h", reason="timeout")
    desk = Desk(Fake([lost], rates=(Rate(1, HOUR),)))
    desk.outbox.deliver()
    desk.clock.now += MINUTE
    assert desk.outbox.deliver().sent == 1


# --- functions of a host ------------------------------------------------------------------------------------------

RULES = 'quand une affaire est créée alors envoyer un SMS à "06", texte = "x" puis envoyer un SMS à "07", texte = "y"'


def engine(send: Callable[[Any], object], clock: Clock) -> quand.Engine:
    made = quand.Engine(quand.compile_text(RULES, language="fr"), clock=clock)
    made.action(SMS)(send)
    return made


def test_a_function_that_failed_is_called_again_by_deliver_once_it_is_due() -> None:
    clock, seen, broken = Clock(), list[tuple[str, int]](), [True]

    def send(effect: Any) -> None:
        seen.append((effect.key, effect.attempts))
        if broken[0]:
            raise OSError("no line")

    host = engine(send, clock)
    outcome = host.process({"id": "e1", "event": "deal.created", "data": {"id": "A"}})
    assert [problem.code for problem in outcome.problems] == ["QD553", "QD553"]
    assert host.deliver() == []
    clock.now += MINUTE
    assert [problem.code for problem in host.deliver()] == ["QD553", "QD553"]
    broken[0] = False
    clock.now += HOUR
    assert host.deliver() == []
    assert [effect.state for effect in host.store.effects()] == ["sent", "sent"]
    assert seen == [(key, attempt) for attempt in (1, 2, 3) for key in ("e1#1", "e1#2")]


def test_what_another_process_has_claimed_is_not_delivered_twice() -> None:
    clock, seen = Clock(), list[str]()

    def send(effect: Any) -> None:
        seen.append(effect.key)
        other = Outbox(host.store, {SMS: Fake()}, clock)
        other.deliver()

    host = engine(send, clock)
    host.process({"id": "e1", "event": "deal.created", "data": {"id": "A"}})
    assert seen == ["e1#1"]
    assert [effect.state for effect in host.store.effects()] == ["sent", "sent"]


def test_data_that_fail_after_the_commit_do_not_fail_the_event(monkeypatch: pytest.MonkeyPatch) -> None:
    host = engine(lambda effect: None, Clock())

    def broken(*_: Any, **__: Any) -> list[Effect]:
        raise StoreError("store_busy", place="x")

    with monkeypatch.context() as patched:
        patched.setattr(host.store, "claim", broken)
        outcome = host.process({"id": "e1", "event": "deal.created", "data": {"id": "A"}})
    assert (outcome.status, [problem.code for problem in outcome.problems]) == ("applied", ["QD553", "QD553"])
    assert host.deliver() == []
    assert [effect.state for effect in host.store.effects()] == ["sent", "sent"]


def test_an_outbox_that_is_emptied_meanwhile_stops_nobody() -> None:
    desk = Desk(Fake(answers=[lambda: desk.store.__init__()]))
    assert desk.outbox.deliver().tried == 1
    assert desk.states() == []


def test_data_that_cannot_be_read_while_something_is_made_are_told_in_words() -> None:
    desk = Desk(Fake(answers=[StoreError("store_full", place="crm.db", reason="")]))
    assert desk.outbox.deliver().postponed == 1
    assert StoreError("store_full", place="crm.db", reason="").text("en") in desk.effect().error
