"""What an example expects, looked for in what happened."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal

import attrs

from ..dsl import ir
from ..dsl.example_model import ExpectAction, ExpectCondition
from ..dsl.node import Node, node
from ..dsl.values import Duration, Money, Reference, Value
from .aggregates import members
from .dates import Clockwork
from .interpret import Scope, evaluate
from .model import Model
from .outcome import Outcome
from .problems import Failure, Problem
from .stores.port import Record
from .tracing import Explained, explain
from .values import CONTEXT, ZERO, equal, negate_duration
from .writes import added

ASSIGNED = "assign"
REFUSED = "refuse"


@node
class Happening(Node):
    """Something that rules did: an action by the name results carry, ``assign`` for fields written, ``refuse``.

    ``object`` is the object made, deleted or written, where it is known. ``told`` is false for what repeats, as a
    change of the data, what an action of another entry may have told.
    """

    action: str
    args: Mapping[str, Value]
    object: Reference | None = None
    rule: str | None = None
    told: bool = True


@node
class Check(Node):
    """An expectation and what was found.

    ``wanted`` are the arguments expected, evaluated; ``happened`` what was done under the action's name, the closest
    first; ``others`` everything that was done, in order; ``field`` the field that was to change, ``before`` and
    ``after`` its values; ``explained`` the parts of a condition; ``problem`` why the expectation itself could not be
    evaluated.
    """

    expectation: ExpectAction | ExpectCondition
    passed: bool
    wanted: Mapping[str, Value] = attrs.field(factory=dict[str, "Value"])
    happened: tuple[Happening, ...] = ()
    others: tuple[Happening, ...] = ()
    field: tuple[Reference, str] | None = None
    before: Value = None
    after: Value = None
    explained: Explained | None = None
    problem: Problem | None = None


_NONE = ExpectCondition(ir.Constant(None, ir.Type("empty")), False, "")
"""Stands for the expectation in a check that is still being made."""


class History:
    """What happened since the first event of an example, and the objects as they were before any rule wrote them."""

    def __init__(self) -> None:
        self.happenings: list[Happening] = []
        self.initial: dict[Reference, Record] = {}

    def begin(self, reference: Reference, record: Record) -> None:
        """Note an object as it was given, or a change of it that an event carries."""
        self.initial[reference] = {**self.initial.get(reference, {}), **record}

    def extend(self, happenings: Iterable[Happening]) -> None:
        self.happenings.extend(happenings)

    def named(self, action: str) -> list[Happening]:
        """What was done under that name."""
        return [happening for happening in self.happenings if happening.action == action]


def happenings(outcome: Outcome, model: Model) -> Iterator[Happening]:
    """What an event's rules did, its timers' included."""
    for firing in outcome.fired:
        for done in firing.effects:
            yield Happening(done.action, done.args, rule=firing.rule)
    for change in outcome.changes:
        reference = Reference(change.object, change.id)
        if change.created:
            yield Happening(f"create {change.object}", change.set, reference, told=False)
        elif change.deleted:
            yield Happening("delete", {"object": reference}, reference, told=False)
        else:
            yield Happening(ASSIGNED, change.set, reference)
    if outcome.status == "refused" and outcome.problems:
        told = outcome.problems[-1]
        yield Happening(REFUSED, {"reason": told.message}, rule=told.rule)


class _AsSeen(Clockwork):
    """Compares texts as people see them: nobody can type the spaces that do not break, or tell them from others."""

    __slots__ = ()

    def comparable(self, left: Value, right: Value) -> tuple[Value, Value]:
        left, right = super().comparable(left, right)
        return _plainly_spaced(left), _plainly_spaced(right)


_SPACES = str.maketrans({"\u00a0": " ", "\u202f": " ", "\u2007": " ", "\u2009": " "})


def _plainly_spaced(value: Value) -> Value:
    return value.translate(_SPACES) if isinstance(value, str) else value


def checked(expectation: ExpectAction | ExpectCondition, scope: Scope, history: History) -> Check:
    """Look for what is expected; ``scope`` is the data as it is now. Texts may differ in the kind of their spaces.

    Never raises :class:`Failure`.
    """
    try:
        scope = scope.with_clockwork(_AsSeen(scope.model.settings.timezone, scope.clockwork.calendar))
        if isinstance(expectation, ExpectCondition):
            explained = explain(expectation.condition, scope)
            return Check(expectation, (explained.value is True) is not expectation.never, explained=explained)
        for reference, record in history.initial.items():
            if scope.state.get(reference) is None:
                scope = scope.with_ghost(reference, record)
        found = _Search(scope, history).action(expectation.action)
        others = tuple(happening for happening in history.happenings if happening.told)
        passed = found.passed is not expectation.never
        return attrs.evolve(found, expectation=expectation, passed=passed, others=others)
    except Failure as failure:
        return Check(expectation, False, problem=failure.problem(scope.model.settings.language))


class _Search:
    """Looks for one action."""

    def __init__(self, scope: Scope, history: History) -> None:
        self.scope = scope
        self.history = history

    def action(self, action: ir.Action) -> Check:
        match action:
            case ir.Call():
                return self._done(action.action, self._values(action.arguments))
            case ir.Create():
                return self._done(f"create {action.object}", self._values(action.fields))
            case ir.Delete():
                return self._done("delete", {"object": evaluate(action.target, self.scope)})
            case ir.Refuse():
                reason = evaluate(action.reason, self.scope)
                return self._done(REFUSED, {} if reason is None else {"reason": reason})
            case ir.Assign():
                return self._assigned(action)
            case ir.Adjust():
                return self._adjusted(action)
            case ir.AddToList():
                return self._added(action)
            case ir.ForEach():
                rows = list(members(action.collection, self.scope, evaluate))
                found = [_Search(inner, self.history).action(each) for _, inner in rows for each in action.body]
                failed = next((check for check in found if not check.passed), None)
                return failed or _check(True)
            case _:
                return _check(False)

    def _values(self, arguments: tuple[ir.Argument, ...]) -> dict[str, Value]:
        return {argument.name: evaluate(argument.value, self.scope) for argument in arguments}

    def _done(self, name: str, wanted: Mapping[str, Value]) -> Check:
        done = self.history.named(name)
        ranked = sorted(done, key=lambda happening: (-self._matching(happening, wanted), not happening.told))
        best = self._matching(ranked[0], wanted) if ranked else -1
        shown = [happening for happening in ranked if happening.told] or ranked
        return _check(best == len(wanted), wanted, tuple(shown))

    def _matching(self, happening: Happening, wanted: Mapping[str, Value]) -> int:
        """How many of the arguments are as expected."""
        return sum(self._same(value, self._argument(happening, name)) for name, value in wanted.items())

    def _argument(self, happening: Happening, name: str) -> Value:
        value = happening.args.get(name)
        if value is None and happening.object is not None and happening.action.startswith("create "):
            return self.scope.read(happening.object, name)
        return value

    def _same(self, left: Value, right: Value) -> bool:
        left, right = self.scope.clockwork.comparable(left, right)
        if isinstance(left, Decimal) and isinstance(right, Money):
            left = Money(left, self.scope.model.settings.currency)
        elif isinstance(right, Decimal) and isinstance(left, Money):
            right = Money(right, self.scope.model.settings.currency)
        return equal(left, right)

    # --- fields ---------------------------------------------------------------------------------------------------

    def _field(self, action: ir.Assign | ir.Adjust | ir.AddToList) -> tuple[Reference | None, Value, Value]:
        """The object of a field, and the field's value before the rules and now."""
        reference = evaluate(action.target, self.scope)
        if not isinstance(reference, Reference):
            return None, None, None
        record = self.history.initial.get(reference)
        before = None if record is None else self.scope.with_ghost(reference, record).read(reference, action.field)
        return reference, before, self.scope.read(reference, action.field)

    def _assigned(self, action: ir.Assign) -> Check:
        reference, before, after = self._field(action)
        wanted = evaluate(action.value, self.scope)
        written = [each for each in self.history.named(ASSIGNED) if each.object == reference]
        found = any(action.field in each.args and self._same(wanted, each.args[action.field]) for each in written)
        return _field_check(action, reference, found, wanted, before, after)

    def _adjusted(self, action: ir.Adjust) -> Check:
        reference, before, after = self._field(action)
        amount = evaluate(action.amount, self.scope)
        wanted: Value = None
        if reference is not None and before is not None and amount is not None:
            found = self.scope.model.field(reference.object, action.field)
            of_value = action.amount.type.kind == "percentage" and (found is None or found.type.kind != "percentage")
            difference = _difference(before, amount, of_value)
            wanted = added(
                before,
                _negated(difference) if action.direction == "decrease" else difference,
                self.scope.clockwork,
            )
        matched = wanted is not None and equal(wanted, after)
        return _field_check(action, reference, matched, wanted, before, after)

    def _added(self, action: ir.AddToList) -> Check:
        reference, before, after = self._field(action)
        value = evaluate(action.value, self.scope)
        there = value in after if type(after) is tuple else False
        matched = there and not (type(before) is tuple and value in before)
        return _field_check(action, reference, matched, value, before, after)


def _check(passed: bool, wanted: Mapping[str, Value] | None = None, happened: tuple[Happening, ...] = ()) -> Check:
    return Check(_NONE, passed, wanted or {}, happened)


def _field_check(
    action: ir.Assign | ir.Adjust | ir.AddToList,
    reference: Reference | None,
    passed: bool,
    wanted: Value,
    before: Value,
    after: Value,
) -> Check:
    field = None if reference is None else (reference, action.field)
    return Check(_NONE, passed, {action.field: wanted}, field=field, before=before, after=after)


def _difference(current: Value, amount: Value, of_value: bool) -> Value:
    """What is added to a value: a percentage is of the value, a bare number takes its currency."""
    if not isinstance(amount, Decimal):
        return amount
    if isinstance(current, Money):
        return Money(CONTEXT.multiply(current.amount, amount) if of_value else amount, current.currency)
    return CONTEXT.multiply(current, amount) if of_value and isinstance(current, Decimal) else amount


def _negated(amount: Value) -> Value:
    match amount:
        case Money():
            return Money(CONTEXT.minus(amount.amount), amount.currency)
        case Decimal():
            return CONTEXT.minus(amount) if amount else ZERO
        case Duration():
            return negate_duration(amount)
        case _:
            return amount
