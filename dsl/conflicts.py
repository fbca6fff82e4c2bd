"""Rules that cannot both have their way: assignments of different values to one field in one wave.

Certain conflicts are errors, possible ones warnings; a higher priority settles either.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import combinations
from typing import NamedTuple

from . import ir
from .conditions import conjuncts, never_true


class Write(NamedTuple):
    """An assignment or difference to a field of the subject, with what must hold for it to happen."""

    rule: ir.Rule
    object: str
    field: str
    value: ir.Expression | None
    otherwise: bool


class Conflict(NamedTuple):
    """Two rules that write one field of one object; ``certain`` when every event that fires one fires the other."""

    first: ir.Rule
    second: ir.Rule
    object: str
    field: str
    certain: bool


def find_conflicts(rules: Sequence[ir.Rule]) -> list[Conflict]:
    """The conflicts among rules of equal priority, each pair of rules and field once."""
    by_field: dict[tuple[str, str], list[Write]] = {}
    for rule in rules:
        if not rule.disabled:
            for write in _writes(rule):
                by_field.setdefault((write.object, write.field), []).append(write)
    found: dict[tuple[str, str, str], Conflict] = {}
    for (object_name, field), writes in by_field.items():
        for first, second in combinations(writes, 2):
            conflict = _conflict(first, second, object_name, field)
            if conflict is not None:
                found.setdefault((first.rule.name, second.rule.name, field), conflict)
    return list(found.values())


def _writes(rule: ir.Rule) -> Iterator[Write]:
    for otherwise, actions in ((False, rule.actions), (True, rule.otherwise)):
        for action in actions:
            if isinstance(action, (ir.Assign, ir.Adjust)) and action.target == _subject(rule):
                value = action.value if isinstance(action, ir.Assign) else None
                yield Write(rule, rule.subject or "", action.field, value, otherwise)


def _subject(rule: ir.Rule) -> ir.Expression:
    return ir.Variable("subject", ir.Type("reference", object=rule.subject))


def _conflict(first: Write, second: Write, object_name: str, field: str) -> Conflict | None:
    if first.rule is second.rule or first.rule.priority != second.rule.priority:
        return None
    if first.value is None and second.value is None:
        return None
    if first.value is not None and first.value == second.value:
        return None
    constants = isinstance(first.value, ir.Constant) and isinstance(second.value, ir.Constant)
    shared = [t for t in first.rule.triggers if any(_together(t, u) for u in second.rule.triggers)]
    if not shared or _apart(first.rule, second.rule) or first.otherwise or second.otherwise:
        return None
    if never_true(first.rule.condition, second.rule.condition, *_states(first.rule, second.rule)):
        return None
    certain = (
        constants
        and first.rule.triggers == second.rule.triggers
        and _same_condition(first.rule.condition, second.rule.condition)
        and first.rule.remembers is None
        and second.rule.remembers is None
        and (first.rule.valid_from, first.rule.valid_to) == (second.rule.valid_from, second.rule.valid_to)
    )
    return Conflict(first.rule, second.rule, object_name, field, certain)


def _same_condition(first: ir.Expression | None, second: ir.Expression | None) -> bool:
    return set(conjuncts(first)) == set(conjuncts(second))


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


def _states(first: ir.Rule, second: ir.Rule) -> list[ir.Expression]:
    """What single triggers say about the state after the change."""
    states: list[ir.Expression] = []
    for rule in (first, second):
        if len(rule.triggers) != 1:
            continue
        trigger = rule.triggers[0]
        if isinstance(trigger, ir.Edge):
            states.append(trigger.condition)
        elif isinstance(trigger, ir.GoesFrom):
            states.append(ir.Apply("equal", (trigger.value, trigger.target), ir.BOOLEAN))
    return states


def _apart(first: ir.Rule, second: ir.Rule) -> bool:
    """True when the two are never valid on one day."""
    for a, b in ((first, second), (second, first)):
        if a.valid_to is not None and b.valid_from is not None and a.valid_to < b.valid_from:
            return True
    return False


_TIMED = (ir.DateReached, ir.Stays, ir.Tick)
