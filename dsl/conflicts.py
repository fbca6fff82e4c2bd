"""Rules that cannot both have their way: assignments of different values to one field in one wave.

Certain conflicts are errors, possible ones warnings; a higher priority settles either.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple, TypeAlias

from . import ir
from .conditions import Facts, conjuncts

COMPARED = 16
"""With how many rules before it that write the same field a rule is compared for possible conflicts."""


class Write(NamedTuple):
    """An assignment or difference to a field of the subject, with what must hold for it to happen.

    ``value`` is ``None`` for a difference.
    """

    rule: ir.Rule
    value: ir.Expression | None
    facts: Facts


class Conflict(NamedTuple):
    """Two rules that write one field of one object; ``certain`` when every event that fires one fires the other."""

    first: ir.Rule
    second: ir.Rule
    object: str
    field: str
    certain: bool


def find_conflicts(rules: Sequence[ir.Rule]) -> list[Conflict]:
    """The conflicts among rules of equal priority, for each rule and field the first one found, certain ones before.

    Certain conflicts are found among all rules, possible ones among neighbours, so that the time stays linear.
    """
    by_field: dict[tuple[str, str], list[Write]] = {}
    for rule in rules:
        if not rule.disabled:
            facts = Facts(rule.condition, *_state(rule))
            for field, value in _written(rule):
                by_field.setdefault((rule.subject or "", field), []).append(Write(rule, value, facts))
    found: list[Conflict] = []
    for (object_name, field), writes in by_field.items():
        alike: dict[_Firing, Write] = {}
        for position, write in enumerate(writes):
            same = alike.setdefault(_firing(write.rule), write)
            if _certainly(same, write):
                found.append(Conflict(same.rule, write.rule, object_name, field, certain=True))
                continue
            for other in writes[max(0, position - COMPARED) : position]:
                if _possibly(other, write):
                    found.append(Conflict(other.rule, write.rule, object_name, field, certain=False))
                    break
    return found


_Firing: TypeAlias = tuple[tuple[ir.Trigger, ...], frozenset[ir.Expression], int, str | None, str | None, bool]


def _firing(rule: ir.Rule) -> _Firing:
    """All that decides when a rule fires: equal for two rules that always fire together."""
    parts = frozenset(conjuncts(rule.condition))
    remembers = rule.remembers is not None
    return rule.triggers, parts, rule.priority, rule.valid_from, rule.valid_to, remembers


def _written(rule: ir.Rule) -> Iterator[tuple[str, ir.Expression | None]]:
    subject = ir.Variable("subject", ir.Type("reference", object=rule.subject))
    for action in rule.actions:
        if isinstance(action, (ir.Assign, ir.Adjust)) and action.target == subject:
            yield action.field, action.value if isinstance(action, ir.Assign) else None


def _differ(first: Write, second: Write) -> bool:
    """True for two values, or a value and a difference; two differences add up."""
    if first.rule is second.rule or (first.value is None and second.value is None):
        return False
    return first.value is None or first.value != second.value


def _certainly(first: Write, second: Write) -> bool:
    constants = isinstance(first.value, ir.Constant) and isinstance(second.value, ir.Constant)
    return constants and first.rule.remembers is None and _differ(first, second)


def _possibly(first: Write, second: Write) -> bool:
    if first.rule.priority != second.rule.priority or not _differ(first, second):
        return False
    if not any(_together(t, u) for t in first.rule.triggers for u in second.rule.triggers):
        return False
    return not _apart(first.rule, second.rule) and not first.facts.excludes(second.facts)


def _together(first: ir.Trigger, second: ir.Trigger) -> bool:
    """True where one change may set off both; triggers of time set off alone."""
    if isinstance(first, _TIMED) or isinstance(second, _TIMED):
        return first == second
    creations = (ir.Created, ir.Saved, ir.Edge)
    changes = (ir.Updated, ir.Saved, ir.Changed, ir.Edge, ir.GoesFrom)
    for group in (creations, changes, (ir.Deleted,)):
        if isinstance(first, group) and isinstance(second, group):
            return True
    if isinstance(first, (ir.Occurred, ir.Repeated)) and isinstance(second, (ir.Occurred, ir.Repeated)):
        return first.event == second.event
    return False


def _state(rule: ir.Rule) -> list[ir.Expression]:
    """What a single trigger says about the state after the change."""
    if len(rule.triggers) != 1:
        return []
    trigger = rule.triggers[0]
    if isinstance(trigger, ir.Edge):
        return [trigger.condition]
    if isinstance(trigger, ir.GoesFrom):
        return [ir.Apply("equal", (trigger.value, trigger.target), ir.BOOLEAN)]
    return []


def _apart(first: ir.Rule, second: ir.Rule) -> bool:
    """True when the two are never valid on one day."""
    for a, b in ((first, second), (second, first)):
        if a.valid_to is not None and b.valid_from is not None and a.valid_to < b.valid_from:
            return True
    return False


_TIMED = (ir.DateReached, ir.Stays, ir.Tick)
