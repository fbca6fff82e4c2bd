"""What rules would do to the data as they are: each rule on each object, as if its trigger had just happened.

Every trial starts from the data as they are and leaves no trace, so that none depends on another. What counts as
having just happened:

* something created, updated, saved or changed: every object;
* an edge: the objects for which its condition is true now; a passage to a value: those that have it;
* a date or a state that lasts: the objects for which it will ring, each at its instant, with what the data say now;
* the calendar: now, for each object it names.

Deletions and declared events are not tried: nothing in the data says which would come.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from ..dsl import ir
from ..dsl.node import Node, node
from ..dsl.values import Reference
from .aggregates import members
from .interpret import Scope, evaluate, holds
from .ledger import Setting
from .outcome import Appointment, Change, Firing
from .problems import Failure, Problem, Refusal
from .stores.port import Transaction
from .timers import due_of, state_lasts
from .turn import Turn
from .values import equal

KEY = "simulation"
"""What stands for the identity of an event."""

UNTRIED = (ir.Deleted, ir.Occurred, ir.Repeated)
"""Triggers that nothing in the data can set off."""


@node
class Trial(Node):
    """What one rule would do to one object, and what would follow from it.

    ``at`` is the instant at which it would ring, ``None`` for now. ``status``: ``applied refused failed``.
    """

    rule: str
    subject: Reference | None
    at: datetime | None
    status: str
    fired: tuple[Firing, ...] = ()
    changes: tuple[Change, ...] = ()
    timers: tuple[Appointment, ...] = ()
    problems: tuple[Problem, ...] = ()


Chance = tuple[Reference | None, "datetime | None"]


class Trials:
    """Trials over the data of one transaction, which is only read, at one instant."""

    def __init__(self, setting: Setting, transaction: Transaction, now: datetime) -> None:
        self._setting = setting
        self._transaction = transaction
        self._now = now
        self._scope = self._turn(now).scope()

    def chances(self, rule: ir.Rule) -> list[Chance]:
        """The objects to which a trigger of the rule may be said to have happened, each once, with its instant."""
        found: dict[Reference | None, datetime | None] = {}
        for trigger in rule.triggers:
            for subject, at in self._chances(trigger):
                found.setdefault(subject, at)
        return sorted(found.items(), key=lambda chance: (chance[0] is not None, chance[0]))

    def _chances(self, trigger: ir.Trigger) -> Iterator[Chance]:
        scope = self._scope
        if isinstance(trigger, ir.Tick):
            if trigger.for_each is None:
                yield None, None
            else:
                yield from ((subject, None) for subject, _ in members(trigger.for_each, scope, evaluate))
            return
        if isinstance(trigger, UNTRIED):
            return
        for identifier in self._transaction.identifiers(trigger.object):
            subject = Reference(trigger.object, identifier)
            inner = scope.with_variable("subject", subject)
            at = self._instant(trigger, subject, inner)
            if at is not None:
                yield subject, at if at > self._now else None

    def _instant(self, trigger: ir.Trigger, subject: Reference, scope: Scope) -> datetime | None:
        """When the trigger would happen to the subject; ``None`` where it would not."""
        match trigger:
            case ir.Created() | ir.Updated() | ir.Saved() | ir.Changed():
                return self._now
            case ir.Edge():
                return self._now if holds(trigger.condition, scope) is True else None
            case ir.GoesFrom():
                reached = equal(evaluate(trigger.value, scope), evaluate(trigger.target, scope))
                return self._now if reached else None
            case ir.DateReached():
                due = due_of(trigger, scope)
                return due if due is not None and due >= self._now else None
            case ir.Stays():
                if not state_lasts(trigger, scope, subject):
                    return None
                return scope.clockwork.add_to_instant(self._now, trigger.duration)
            case _:
                return None

    def trial(self, rule: ir.Rule, chance: Chance) -> Trial | None:
        """What the rule would do; ``None`` where its condition does not hold and it says nothing for that case."""
        subject, at = chance
        turn = self._turn(at or self._now)
        try:
            turn.ring(rule, [subject])
            turn.settle_timers()
        except Failure as failure:
            told = failure.problem(turn.language, self._setting.model.rule_titles)
            status = "refused" if isinstance(failure, Refusal) else "failed"
            return Trial(rule.name, subject, at, status, tuple(turn.fired), problems=(*turn.problems, told))
        except RecursionError:
            told = Failure("QD511").problem(turn.language)
            return Trial(rule.name, subject, at, "failed", problems=(told,))
        if not turn.fired and not turn.problems:
            return None
        return Trial(
            rule.name,
            subject,
            at,
            "applied",
            tuple(turn.fired),
            turn.changes(),
            turn.appointments(),
            tuple(turn.problems),
        )

    def _turn(self, now: datetime) -> Turn:
        return Turn(self._setting, self._transaction, now=now, event=KEY, key=KEY)
