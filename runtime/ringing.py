"""Timers and ticks that are due before an event: each rings in a transaction of its own, at its own instant."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Mapping
from datetime import datetime
from functools import partial
from hashlib import sha256
from time import monotonic_ns, sleep
from typing import Any, TypeVar

import attrs

from ..dsl import ir
from ..dsl.values import Reference
from .aggregates import members
from .budgets import Budgets
from .clock import RUNG, last_rung
from .interpret import evaluate, holds
from .ledger import Setting
from .outcome import Appointment, Change, Firing
from .problems import Failure, Problem, Refusal, problem
from .results import instant, json_text
from .stores.port import Batch, Effect, Store, StoreBusy, StoreRefused, Timer, Transaction
from .ticks import DEFAULT_TOLERANCE, NextTicks, latest_tick
from .timers import Followed, followed, new_followed, wait_numbered, waits_signature, wanted
from .tracing import TraceEntry
from .turn import Turn, blamed_on

_R = TypeVar("_R")
_ATTEMPTS = 5
FIRST = "first"
"""The note of the first instant ever, left with the first event for a crash before calendars count from it."""


class Rung:
    """What the timers that rang before an event came to, all transactions together."""

    def __init__(self) -> None:
        self.fired: list[Firing] = []
        self.changes: list[Change] = []
        self.effects: list[Effect] = []
        self.timers: list[Appointment] = []
        self.problems: list[Problem] = []
        self.trace: list[TraceEntry] = []
        self.stopped = False
        """Whether more was due than the budget allows: what remains waits for the next event."""

    @classmethod
    def of(cls, turn: Turn) -> Rung:
        """What one transaction came to; it can be told only before the commit."""
        rung = cls()
        rung.fired = turn.fired
        rung.changes = list(turn.changes())
        rung.effects = turn.effects
        rung.timers = list(turn.appointments())
        rung.problems = turn.problems
        rung.trace = turn.trace
        return rung

    def add(self, other: Rung) -> None:
        """All of another one after all of this."""
        self.fired += other.fired
        self.changes += other.changes
        self.effects += other.effects
        self.timers += other.timers
        self.problems += other.problems
        self.trace += other.trace


@attrs.frozen(order=True)
class Due:
    """The order in which timers ring: due instant, descending priority, rule, object."""

    due: datetime
    priority: int
    rule: str
    object: str
    key: str
    timer: Timer | None = attrs.field(order=False, eq=False)


class Ringing:
    """Rings what is due. Of what happened it keeps nothing between events: that is in the store."""

    def __init__(self, setting: Setting) -> None:
        self._setting = setting
        self._prepared = False
        self._next_ticks = NextTicks(setting.index.ticking, setting.clockwork)

    @property
    def prepared(self) -> bool:
        """Whether :meth:`prepare` has been done for good."""
        return self._prepared

    def due(self, transaction: Transaction, now: datetime, clock: datetime) -> list[Due]:
        """What is due at or before ``now``, in no order; ``clock`` is the instant processed last."""
        stored = [self._due(timer) for timer in transaction.due_timers(now)]
        return stored + self._ticks(transaction, clock, now)

    def ring(self, store: Store, connection: Any, event: str, now: datetime, due: list[Due], rung: Rung) -> None:
        """Ring what is due in its order, and what is set meanwhile and due too; what it comes to joins ``rung``."""
        queue = list(due)
        heapq.heapify(queue)
        limit = Budgets(self._setting.model.settings.budgets).limits["firings"]
        count = 0
        while queue:
            first = heapq.heappop(queue)
            count += 1
            if count > limit:
                facts = {"limit": limit, "rules": [first.rule]}
                rung.problems.append(problem("QD521", self._language, args=facts, titles=self._titles))
                rung.stopped = True
                break
            for timer in self._rung(store, connection, event, first, rung):
                if timer.due <= now:
                    heapq.heappush(queue, self._due(timer))

    @property
    def _language(self) -> str:
        return self._setting.model.settings.language

    @property
    def _titles(self) -> Mapping[str, str]:
        return self._setting.model.rule_titles

    def _due(self, timer: Timer) -> Due:
        rule = self._setting.model.rules.get(timer.rule)
        name = timer.object.id if timer.object is not None else ""
        return Due(timer.due, -rule.priority if rule else 0, timer.rule, name, timer.key, timer)

    # --- one timer or tick ----------------------------------------------------------------------------------------

    def _rung(self, store: Store, connection: Any, event: str, due: Due, rung: Rung) -> tuple[Timer, ...]:
        """As :meth:`_ring`; what the data cannot hold is a failure of this timer alone."""
        try:
            return retried(partial(self._ring, store, connection, event, due, rung), connection)
        except StoreRefused as refused:
            name = due.timer.object.id if due.timer is not None and due.timer.object is not None else None
            failure = Failure("QD561", rule=due.rule, object_id=name, reason=refused.text(self._language))
            with store.transaction(connection) as transaction:
                transaction.write(_noted(_consumed(due, due.timer, failure), due, transaction))
            rung.problems.append(failure.problem(self._language, self._titles))
            return ()

    def _ring(self, store: Store, connection: Any, event: str, due: Due, rung: Rung) -> tuple[Timer, ...]:
        """One transaction; the timers it set. What it came to is added to ``rung`` once it is committed."""
        told = Rung()
        timers: tuple[Timer, ...] = ()
        with store.transaction(connection) as transaction:
            timer = due.timer
            if timer is not None:
                timer = transaction.timer(due.key)
                if timer is None or timer.state != "pending" or timer.due != due.due:
                    return ()
                timer = self.judged(timer)
            elif self._has_rung(transaction, due):
                return ()
            if timer is not None and timer.state != "pending":
                told.problems.append(self._told("QD554", timer))
                batch = Batch(timers=(timer,))
            else:
                turn = Turn(self._setting, transaction, now=due.due, event=event, key=due.key, at=due.due)
                try:
                    self._run(turn, due, timer)
                    batch = turn.batch(None, None, _log(due, turn))
                    timers, told = batch.timers, Rung.of(turn)
                except Failure as failure:
                    told.problems.append(failure.problem(self._language, self._titles))
                    batch = _consumed(due, timer, failure)
            transaction.write(_noted(batch, due, transaction))
        rung.add(told)
        return timers

    def _has_rung(self, transaction: Transaction, due: Due) -> bool:
        """Whether another process has let a tick ring meanwhile."""
        seen = transaction.recall(_seen(due.rule))
        return seen is not None and datetime.fromisoformat(seen) >= due.due

    def _run(self, turn: Turn, due: Due, timer: Timer | None) -> None:
        rule = self._setting.model.rules[due.rule]
        with blamed_on(rule):
            self._fire(turn, rule, timer)
        turn.settle_timers()
        if timer is None:
            turn.remember(_seen(rule.name), due.due.isoformat())
        else:
            turn.drop_timers([timer])

    def _fire(self, turn: Turn, rule: ir.Rule, timer: Timer | None) -> None:
        if timer is None:
            self._tick(turn, rule)
        elif timer.slot.startswith("wait:"):
            self._resume(turn, rule, timer)
        elif timer.object is not None and turn.state.get(timer.object) is not None:
            scope = turn.scope().with_variable("subject", timer.object)
            trigger = _trigger(rule, timer.slot)
            if not isinstance(trigger, ir.Stays) or holds(trigger.condition, scope) is True:
                turn.ring(rule, [timer.object])

    def _resume(self, turn: Turn, rule: ir.Rule, timer: Timer) -> None:
        """A wait is over: unless its subject is gone, its rule no longer holds, or its *unless* does, go on."""
        wait = wait_numbered(rule, int(timer.slot.partition(":")[2]))
        if wait is None or (timer.object is not None and turn.state.get(timer.object) is None):
            return
        scope = turn.scope().with_variables(
            {**timer.variables, **({"subject": timer.object} if timer.object is not None else {})}
        )
        held = holds(rule.condition, scope) is True
        given_up = wait.unless is not None and holds(wait.unless, scope) is True
        if held is (timer.branch is None) and not given_up:
            turn.resume(rule, timer.object, wait.then, timer)

    def _tick(self, turn: Turn, rule: ir.Rule) -> None:
        chosen: list[Reference | None] = []
        for trigger in rule.triggers:
            if not isinstance(trigger, ir.Tick):
                continue
            if trigger.for_each is None:
                chosen.append(None)
            else:
                chosen += [reference for reference, _ in members(trigger.for_each, turn.scope(), evaluate)]
        turn.ring(rule, list(dict.fromkeys(chosen)))

    def judged(self, timer: Timer) -> Timer:
        """The timer, orphaned where the rule that made it is gone or disabled, or its waits have changed."""
        rule = self._setting.model.rules.get(timer.rule)
        if timer.state != "pending":
            return timer
        served = rule is not None and not rule.disabled
        if served and rule is not None and timer.slot.startswith("wait:"):
            served = timer.signature == waits_signature(rule)
        elif served and rule is not None:
            served = _trigger(rule, timer.slot) is not None
        return timer if served else attrs.evolve(timer, state="orphaned")

    def _told(self, code: str, timer: Timer) -> Problem:
        name = timer.object.id if timer.object is not None else None
        facts = {"due": instant(timer.due)}
        return problem(code, self._language, rule=timer.rule, object_id=name, args=facts, titles=self._titles)

    def next_tick(self, clock: datetime) -> datetime | None:
        """The first tick of any rule after ``clock``, the instant processed last."""
        return self._next_ticks.after(clock)

    # --- the calendar ---------------------------------------------------------------------------------------------

    def _ticks(self, transaction: Transaction, clock: datetime, now: datetime) -> list[Due]:
        """The latest tick of each calendar rule since the clock, unless it is older than the rule tolerates."""
        found: list[Due] = []
        clockwork = self._setting.clockwork
        for rule in self._next_ticks.passed(clock, now):
            seen = transaction.recall(_seen(rule.name))
            after = max(clock, datetime.fromisoformat(seen)) if seen else clock
            ticks = [latest_tick(t, after, now, clockwork) for t in rule.triggers if isinstance(t, ir.Tick)]
            latest = max((tick for tick in ticks if tick is not None), default=None)
            tolerance = rule.tolerance or DEFAULT_TOLERANCE
            if latest is not None and now <= clockwork.add_to_instant(latest, tolerance):
                key = f"{rule.name}/{instant(latest)}"
                found.append(Due(latest, -rule.priority, rule.name, "", key, None))
        return found

    # --- rules seen for the first time ----------------------------------------------------------------------------

    def prepare(self, store: Store, connection: Any, event: str, start: datetime, now: datetime) -> None:
        """Note since when calendar rules are there, and set the timers of dates that a new rule follows.

        A rule new to a store counts from ``now``, in a store never used from ``start``: it never fires on the past.
        """
        if self._prepared:
            return
        with store.transaction(connection) as transaction:
            first = transaction.recall(FIRST)
            since = start if transaction.recall("clock") is None else now
            since = since if first is None else datetime.fromisoformat(first)
            turn = Turn(self._setting, transaction, now=since, event=event, key=event)
            turn.remember(FIRST, None)
            for rule in self._setting.index.ticking:
                if transaction.recall(_seen(rule.name)) is None:
                    turn.remember(_seen(rule.name), since.isoformat())
            for rule in self._setting.model.listening_rules():
                triggers = followed(rule)
                signature = sha256(repr(triggers).encode()).hexdigest()[:16]
                if triggers and transaction.recall(f"follows:{rule.name}") != signature:
                    turn.remember(f"follows:{rule.name}", signature)
                    self._follow(turn, rule, triggers)
            turn.keep_timers()
            transaction.write(turn.batch(None, None, None))
        self._prepared = connection is None

    def _follow(self, turn: Turn, rule: ir.Rule, triggers: list[tuple[str, Followed]]) -> None:
        for slot, trigger in triggers:
            for name in turn.state.identifiers(trigger.object):
                subject = Reference(trigger.object, name)
                nowhere = turn.scope().without_data().with_variable("subject", subject)
                due = wanted(trigger, subject, nowhere, turn.scope().with_variable("subject", subject))
                pending = turn.transaction.timer_at(rule.name, subject, slot)
                if pending is not None and isinstance(due, datetime) and pending.due == due:
                    continue
                if pending is not None and isinstance(trigger, ir.Stays) and due:
                    continue
                turn.drop_timers([pending] if pending is not None else [])
                if isinstance(due, datetime):
                    turn.add_timer(new_followed(rule.name, slot, subject, due, turn.event))


def _consumed(due: Due, timer: Timer | None, failure: Failure) -> Batch:
    """What is written of what rang in vain: refused, it is over; a timer that failed is kept for people to see."""
    if timer is None:
        return Batch(memory={_seen(due.rule): due.due.isoformat()})
    if isinstance(failure, Refusal):
        return Batch(dropped=(timer.key,))
    return Batch(timers=(attrs.evolve(timer, state="failed"),))


def _noted(batch: Batch, due: Due, transaction: Transaction) -> Batch:
    """The batch with the note of the instant at which this rang."""
    latest = last_rung(transaction)
    instant = due.due if latest is None else max(latest, due.due)
    return attrs.evolve(batch, memory={**batch.memory, RUNG: instant.isoformat()})


def _seen(rule: str) -> str:
    """The note of the instant from which the ticks of a calendar rule count."""
    return f"seen:{rule}"


def retried(step: Callable[[], _R], connection: Any) -> _R:
    """A step that is one transaction, done again when it met another one; inside the caller's own it is his to do."""
    for attempt in range(_ATTEMPTS - 1):
        try:
            return step()
        except StoreBusy:
            if connection is not None:
                raise
            # of several that met, not all come back at once
            sleep(2**attempt * (monotonic_ns() % 10) / 1000)
    return step()


def _trigger(rule: ir.Rule, slot: str) -> Followed | None:
    return next((trigger for name, trigger in followed(rule) if name == slot), None)


def _log(due: Due, turn: Turn) -> str:
    fired: list[dict[str, Any]] = [{"rule": firing.rule, "object": firing.object} for firing in turn.fired]
    return json_text({"timer": due.key, "due": instant(due.due), "fired": fired})
