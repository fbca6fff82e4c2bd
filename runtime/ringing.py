"""Timers and ticks that are due before an event: each rings in a transaction of its own, at its own instant."""

from __future__ import annotations

import heapq
from collections.abc import Iterable
from datetime import datetime
from hashlib import sha256
from typing import Any

import attrs

from ..dsl import ir
from ..dsl.values import Reference
from .aggregates import members
from .interpret import evaluate, holds
from .ledger import Setting
from .outcome import Appointment, Change, Firing
from .problems import Failure, Problem, Refusal, problem
from .results import instant, json_text
from .stores.port import Batch, Effect, Store, Timer
from .ticks import DEFAULT_TOLERANCE, latest_tick
from .timers import Followed, followed, new_followed, wait_numbered, waits_signature, wanted
from .tracing import TraceEntry
from .turn import Turn, blamed_on


class Rung:
    """What the timers that rang before an event came to, all transactions together."""

    def __init__(self) -> None:
        self.fired: list[Firing] = []
        self.changes: list[Change] = []
        self.effects: list[Effect] = []
        self.timers: list[Appointment] = []
        self.problems: list[Problem] = []
        self.trace: list[TraceEntry] = []

    def add(self, turn: Turn) -> None:
        self.fired += turn.fired
        self.changes += turn.changes()
        self.effects += turn.effects
        self.timers += turn.appointments()
        self.problems += turn.problems
        self.trace += turn.trace


@attrs.frozen(order=True)
class _Due:
    """The order in which timers ring: due instant, descending priority, rule, object."""

    due: datetime
    priority: int
    rule: str
    object: str
    key: str
    timer: Timer | None = attrs.field(order=False, eq=False)


class Ringing:
    """Rings what is due. Keeps nothing between events but what the store holds."""

    def __init__(self, setting: Setting) -> None:
        self._setting = setting
        self._prepared = False

    def ring_until(self, store: Store, connection: Any, event: str, now: datetime, clock: datetime) -> Rung:
        """Ring everything due at or before ``now``; ``clock`` is the instant processed last."""
        rung = Rung()
        with store.transaction(connection) as transaction:
            first = transaction.recall("clock") is None
        self.prepare(store, connection, event, clock if first else now)
        queue = [self._due(timer) for timer in self._stored(store, connection, now)]
        queue += self._ticks(store, connection, clock, now)
        heapq.heapify(queue)
        limit = self._setting.model.settings.budgets.get("firings", 10_000)
        count = 0
        while queue:
            due = heapq.heappop(queue)
            count += 1
            if count > limit:
                rung.problems.append(problem("QD521", self._language, args={"limit": limit, "rules": [due.rule]}))
                break
            for timer in self._ring(store, connection, event, due, rung):
                if timer.due <= now:
                    heapq.heappush(queue, self._due(timer))
        return rung

    @property
    def _language(self) -> str:
        return self._setting.model.settings.language

    def _due(self, timer: Timer) -> _Due:
        rule = self._setting.model.rules.get(timer.rule)
        name = timer.object.id if timer.object is not None else ""
        return _Due(timer.due, -rule.priority if rule else 0, timer.rule, name, timer.key, timer)

    def _stored(self, store: Store, connection: Any, now: datetime) -> list[Timer]:
        with store.transaction(connection) as transaction:
            return list(transaction.due_timers(now))

    # --- one timer or tick ----------------------------------------------------------------------------------------

    def _ring(self, store: Store, connection: Any, event: str, due: _Due, rung: Rung) -> Iterable[Timer]:
        with store.transaction(connection) as transaction:
            timer = due.timer
            if timer is not None:
                timer = transaction.timer(due.key)
                if timer is None or timer.state != "pending" or timer.due != due.due:
                    return ()
                judged = self.judged(timer)
                if judged.state != "pending":
                    transaction.write(Batch(timers=(judged,), memory={"clock": due.due.isoformat()}))
                    rung.problems.append(self._told("QD554", judged))
                    return ()
            turn = Turn(self._setting, transaction, now=due.due, event=event, key=due.key, at=due.due)
            rule = self._setting.model.rules[due.rule]
            try:
                with blamed_on(rule):
                    self._fire(turn, rule, timer)
                turn.settle_timers()
            except Failure as failure:
                rung.problems.append(failure.problem(self._language))
                transaction.write(_consumed(timer, failure, due.due))
                return ()
            if timer is not None:
                turn.drop_timers([timer])
            rung.add(turn)
            batch = turn.batch(None, due.due, _log(due, turn))
            transaction.write(batch)
            return batch.timers

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
        return problem(code, self._language, rule=timer.rule, object_id=name, args={"due": instant(timer.due)})

    # --- the calendar ---------------------------------------------------------------------------------------------

    def _ticks(self, store: Store, connection: Any, clock: datetime, now: datetime) -> list[_Due]:
        found: list[_Due] = []
        clockwork = self._setting.clockwork
        with store.transaction(connection) as transaction:
            for rule in self._setting.index.ticking:
                seen = transaction.recall(f"seen:{rule.name}")
                after = max(clock, datetime.fromisoformat(seen)) if seen else clock
                ticks = [latest_tick(t, after, now, clockwork) for t in rule.triggers if isinstance(t, ir.Tick)]
                latest = max((tick for tick in ticks if tick is not None), default=None)
                tolerance = rule.tolerance or DEFAULT_TOLERANCE
                if latest is not None and now <= clockwork.add_to_instant(latest, tolerance):
                    key = f"{rule.name}/{instant(latest)}"
                    found.append(_Due(latest, -rule.priority, rule.name, "", key, None))
        return found

    # --- rules seen for the first time ----------------------------------------------------------------------------

    def prepare(self, store: Store, connection: Any, event: str, clock: datetime) -> None:
        """Note since when calendar rules are there, and set the timers of dates that a new rule follows.

        ``clock`` is the instant from which a rule new to the store counts: it never fires on the past.
        """
        if self._prepared:
            return
        with store.transaction(connection) as transaction:
            turn = Turn(self._setting, transaction, now=clock, event=event, key=event)
            for rule in self._setting.index.ticking:
                if transaction.recall(f"seen:{rule.name}") is None:
                    turn.remember(f"seen:{rule.name}", clock.isoformat())
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


def _consumed(timer: Timer | None, failure: Failure, clock: datetime) -> Batch:
    """What is written of a timer that rang in vain: refused, it is over; failed, it is kept for people to see."""
    refused = isinstance(failure, Refusal)
    failed = () if timer is None or refused else (attrs.evolve(timer, state="failed"),)
    dropped = (timer.key,) if timer is not None and refused else ()
    return Batch(timers=failed, dropped=dropped, memory={"clock": clock.isoformat()})


def _trigger(rule: ir.Rule, slot: str) -> Followed | None:
    return next((trigger for name, trigger in followed(rule) if name == slot), None)


def _log(due: _Due, turn: Turn) -> str:
    fired: list[dict[str, Any]] = [{"rule": firing.rule, "object": firing.object} for firing in turn.fired]
    return json_text({"timer": due.key, "due": instant(due.due), "fired": fired})
