"""Stored appointments: waits of a list of actions, dates reached, states that last."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import date, datetime, time
from typing import TYPE_CHECKING

from ..dsl import ir
from ..dsl.values import Duration, Reference
from .interpret import Scope, Variables, evaluate, holds
from .results import instant, iso_duration
from .stores.port import Timer
from .values import ZERO, negate_duration

if TYPE_CHECKING:
    from .perform import Performer


# --- waits --------------------------------------------------------------------------------------------------------


def waits(rule: ir.Rule) -> Iterator[tuple[str, ir.Wait]]:
    """The waits of a rule, each with where it stands: its branch and the waits and loops around it."""
    yield from _waits(rule.actions, "then")
    yield from _waits(rule.otherwise, "otherwise")


def _waits(actions: tuple[ir.Action, ...], place: str) -> Iterator[tuple[str, ir.Wait]]:
    for action in actions:
        if isinstance(action, ir.Wait):
            yield place, action
            yield from _waits(action.then, f"{place}/{action.number}")
        elif isinstance(action, ir.ForEach):
            yield from _waits(action.body, f"{place}/{action.collection.object}")


def waits_signature(rule: ir.Rule) -> str:
    """A digest of where a rule waits and how long; a pending wait of another signature is orphaned."""
    parts = [f"{place}:{wait.number}:{_duration_text(wait.duration)}" for place, wait in waits(rule)]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]


def _duration_text(duration: ir.Expression) -> str:
    if isinstance(duration, ir.Constant) and isinstance(duration.value, Duration):
        return iso_duration(duration.value)
    return repr(duration)


def wait_numbered(rule: ir.Rule, number: int) -> ir.Wait | None:
    """The wait of that number, if the rule has it."""
    return next((wait for _, wait in waits(rule) if wait.number == number), None)


def new_wait(performer: Performer, number: int, due: datetime, variables: Variables) -> Timer:
    """The timer of a wait. Its key names the event, the rule, the wait, the object and the firing."""
    turn, subject = performer.turn, performer.subject
    loops = [
        value.id
        for name, value in variables.items()
        if isinstance(value, Reference) and name != "subject" and not name.startswith("created:")
    ]
    parts = [turn.key, performer.rule.name, str(number), *([subject.id] if subject else []), *loops]
    return Timer(
        key="/".join(parts),
        rule=performer.rule.name,
        object=subject,
        slot=f"wait:{number}",
        due=due,
        event=turn.event,
        branch=performer.branch,
        variables={name: value for name, value in variables.items() if name != "subject"},
        signature=waits_signature(performer.rule),
    )


# --- dates and states ---------------------------------------------------------------------------------------------

Followed = ir.DateReached | ir.Stays


def followed(rule: ir.Rule) -> list[tuple[str, Followed]]:
    """The triggers of a rule that keep a timer for each object, with the slot of that timer.

    A slot is named after the date field; a second trigger on the same field has a number behind it.
    """
    found: list[tuple[str, Followed]] = []
    for trigger in rule.triggers:
        if isinstance(trigger, ir.DateReached):
            base = f"date:{trigger.field}"
        elif isinstance(trigger, ir.Stays):
            base = "stay"
        else:
            continue
        count = sum(1 for slot, _ in found if slot.partition("#")[0] == base)
        found.append((base if not count else f"{base}#{count + 1}", trigger))
    return found


def due_of(trigger: ir.DateReached, scope: Scope) -> datetime | None:
    """The instant at which a date trigger rings for the scope's subject; ``None`` while the date is empty."""
    value = evaluate(trigger.date, scope)
    clockwork = scope.clockwork
    offset = trigger.offset if trigger.direction == "after" else negate_duration(trigger.offset)
    if not isinstance(value, date):
        return None
    if trigger.at is None:
        return clockwork.instant(clockwork.add(value, offset))
    civil = offset._replace(seconds=ZERO, business_seconds=ZERO)
    elapsed = Duration(seconds=offset.seconds, business_seconds=offset.business_seconds)
    day = clockwork.day(clockwork.add_to_date(clockwork.day(value), civil))
    return clockwork.add_to_instant(clockwork.at(day, time.fromisoformat(trigger.at)), elapsed)


def state_lasts(trigger: ir.Stays, scope: Scope, subject: Reference) -> bool:
    """Whether the subject is there and in the state, in the scope's snapshot."""
    return scope.record(subject) is not None and holds(trigger.condition, scope) is True


def wanted(trigger: Followed, subject: Reference, old: Scope, new: Scope) -> datetime | bool | None:
    """What a transaction that led from one scope to the other asks of a timer.

    An instant: ring then (and then only). ``False``: do not ring. ``None``: nothing has changed.
    """
    if isinstance(trigger, ir.DateReached):
        before = due_of(trigger, old) if old.record(subject) is not None else None
        after = due_of(trigger, new) if new.record(subject) is not None else None
        if before == after:
            return None
        return after if after is not None and after >= new.now else False
    before, after = state_lasts(trigger, old, subject), state_lasts(trigger, new, subject)
    if before == after:
        return None
    return new.clockwork.add_to_instant(new.now, trigger.duration) if after else False


def new_followed(rule: str, slot: str, subject: Reference, due: datetime, event: str) -> Timer:
    """The timer of a date or a state. Its key names the rule, the object, the slot and the instant."""
    key = f"{rule}/{subject.id}/{slot.partition(':')[2] or slot}/{instant(due)}"
    return Timer(key=key, rule=rule, object=subject, slot=slot, due=due, event=event)
