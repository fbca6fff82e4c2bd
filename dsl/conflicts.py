"""Rules that cannot both have their way: assignments of different values to one field in one wave.

Certain conflicts are errors, possible ones warnings; a higher priority settles either.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import attrs

from . import ir
from .conditions import Facts, conjuncts

COMPARED = 16
"""With how many rules before it that write the same field a rule is compared for possible conflicts."""


class Weighed:
    """A rule, and what is found out about it for comparing it with others: once for each rule.

    ``writes`` are the fields of the subject that it assigns to or changes, each with the values, ``None`` for a
    difference; ``never`` is true where its condition is never true.
    """

    __slots__ = ("facts", "firing", "never", "rule", "writes")

    def __init__(self, rule: ir.Rule, never: bool = False) -> None:
        self.rule = rule
        self.never = never
        self.facts = Facts(rule.condition, *_state(rule))
        self.firing = Firing(rule)
        self.writes: list[Write] = [] if rule.disabled else [Write(self, *each) for each in _written(rule)]


class Write:
    """An assignment or difference to a field of the subject; ``value`` is ``None`` for a difference."""

    __slots__ = ("by", "compared", "field", "possible", "value")

    def __init__(self, by: Weighed, field: str, value: ir.Expression | None) -> None:
        self.by = by
        self.field = field
        self.value = value
        self.compared: tuple[Write, ...] | None = None
        """The writes it was last compared with, and the first of them that it may conflict with."""
        self.possible: Write | None = None

    @property
    def rule(self) -> ir.Rule:
        return self.by.rule

    @property
    def facts(self) -> Facts:
        return self.by.facts


class Conflict(NamedTuple):
    """Two rules that write one field of one object; ``certain`` when every event that fires one fires the other."""

    first: Weighed
    second: Weighed
    object: str
    field: str
    certain: bool


def find_conflicts(rules: Sequence[Weighed]) -> list[Conflict]:
    """The conflicts among rules of equal priority, for each rule and field the first one found, certain ones before.

    Certain conflicts are found among all rules, possible ones among neighbours, so that the time stays linear.
    """
    by_field: dict[tuple[str, str], list[Write]] = {}
    for rule in rules:
        for write in rule.writes:
            by_field.setdefault((rule.rule.subject or "", write.field), []).append(write)
    found: list[Conflict] = []
    for (object_name, field), writes in by_field.items():
        alike: dict[Firing, Write] = {}
        for position, write in enumerate(writes):
            same = alike.setdefault(write.by.firing, write)
            if _certainly(same, write):
                write.compared = None
                found.append(Conflict(same.by, write.by, object_name, field, certain=True))
                continue
            other = _first_possible(write, tuple(writes[max(0, position - COMPARED) : position]))
            if other is not None:
                found.append(Conflict(other.by, write.by, object_name, field, certain=False))
    return found


def _first_possible(write: Write, others: tuple[Write, ...]) -> Write | None:
    """The first of some writes that one may conflict with; the answer is remembered."""
    if write.compared != others:
        write.compared = others
        write.possible = next((other for other in others if _possibly(other, write)), None)
    return write.possible


class Firing:
    """All that decides when a rule fires: equal for two rules that always fire together."""

    __slots__ = ("_hash", "key")

    def __init__(self, rule: ir.Rule) -> None:
        parts = frozenset(conjuncts(rule.condition))
        remembers = rule.remembers is not None
        self.key = (rule.triggers, parts, rule.priority, rule.valid_from, rule.valid_to, remembers)
        self._hash = hash(self.key)

    def __hash__(self) -> int:
        return self._hash

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Firing) and (self is other or self.key == other.key)


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
    # a creation that is counted
    pair = (first, second) if isinstance(first, ir.Repeated) else (second, first)
    return isinstance(pair[0], ir.Repeated) and isinstance(pair[1], creations) and pair[0].event == pair[1].object


def _state(rule: ir.Rule) -> list[ir.Expression]:
    """What a single trigger says about the states after the change and before."""
    if len(rule.triggers) != 1:
        return []
    trigger = rule.triggers[0]
    if isinstance(trigger, ir.Edge):
        return [trigger.condition, *_not_before(trigger.condition)]
    if isinstance(trigger, ir.GoesFrom):
        before = ir.Previous(trigger.value, trigger.value.type)
        return [
            ir.Apply("equal", (trigger.value, trigger.target), ir.BOOLEAN),
            ir.Apply("equal", (before, trigger.origin), ir.BOOLEAN),
        ]
    return []


def _not_before(condition: ir.Expression) -> list[ir.Expression]:
    """What an edge says of the value before: ``devient 'A'``, it was not that."""
    if not isinstance(condition, ir.Apply) or condition.function not in _BEFORE:
        return []
    value, *others = condition.arguments
    before = attrs.evolve(condition, arguments=(ir.Previous(value, value.type), *others))
    return [ir.Not(before)]


_BEFORE = frozenset({"equal", "one_of", "less", "less_or_equal", "greater", "greater_or_equal"})


def _apart(first: ir.Rule, second: ir.Rule) -> bool:
    """True when the two are never valid on one day."""
    for a, b in ((first, second), (second, first)):
        if a.valid_to is not None and b.valid_from is not None and a.valid_to < b.valid_from:
            return True
    return False


_TIMED = (ir.DateReached, ir.Stays, ir.Tick)
