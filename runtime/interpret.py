"""The reference interpreter: what every expression means, as shortly as it can be said.

Logic is Kleene's: a condition is ``True``, ``False`` or ``None``, unknown. A value is missing when it is ``None``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from ..dsl import ir
from ..dsl.lexicon import lexicon
from ..dsl.values import Reference, Value
from ..dsl.writing import write_value
from .aggregates import aggregate
from .budgets import Budgets
from .dates import Clockwork
from .decisions import decide
from .functions import FUNCTIONS, LENIENT, OF_PERCENTAGE
from .model import Model
from .problems import Failure
from .state import EMPTY, State
from .stores.port import Record

if TYPE_CHECKING:
    from .questions import Questions

Variables = Mapping[str, Value]

MOST_NESTED = 100
"""How deep computed fields may read one another; the front end refuses circles, data may still hold long chains."""


class Scope:
    """Where an expression is read: two snapshots, the instant, and what names stand for.

    ``state`` is the snapshot after the change, ``before`` the one before the wave, ``now`` an instant in UTC.
    ``ghosts`` are records read in place of the snapshot's: a deleted subject, objects the same actions create.
    """

    __slots__ = (
        "before",
        "budgets",
        "clockwork",
        "depth",
        "evaluator",
        "ghosts",
        "model",
        "now",
        "questions",
        "state",
        "variables",
    )

    def __init__(
        self,
        model: Model,
        clockwork: Clockwork,
        state: State,
        before: State,
        now: datetime,
        variables: Variables | None = None,
        ghosts: Mapping[Reference, Record] | None = None,
        budgets: Budgets | None = None,
        evaluator: Evaluator | None = None,
        questions: Questions | None = None,
    ) -> None:
        """``evaluator`` gives the values of expressions: the interpreter, unless it is generated code.

        ``questions`` are put to the store where they can be; the interpreter looks at every row itself.
        """
        self.questions = questions
        self.evaluator: Evaluator = evaluator or interpret
        self.model = model
        self.clockwork = clockwork
        self.state = state
        self.before = before
        self.now = now
        self.variables: Variables = variables or {}
        self.ghosts: Mapping[Reference, Record] = ghosts or {}
        self.budgets = budgets or Budgets(model.settings.budgets)
        self.depth = 0

    def _copy(self) -> Scope:
        copy = Scope.__new__(Scope)
        copy.before = self.before
        copy.budgets = self.budgets
        copy.clockwork = self.clockwork
        copy.depth = self.depth
        copy.evaluator = self.evaluator
        copy.ghosts = self.ghosts
        copy.model = self.model
        copy.now = self.now
        copy.questions = self.questions
        copy.state = self.state
        copy.variables = self.variables
        return copy

    def with_variables(self, variables: Variables) -> Scope:
        """The same place with other names in scope."""
        copy = self._copy()
        copy.variables = variables
        return copy

    def with_variable(self, name: str, value: Value) -> Scope:
        """The same place with one more name in scope."""
        return self.with_variables({**self.variables, name: value})

    def with_ghost(self, reference: Reference, record: Record) -> Scope:
        """The same place with a record read in place of the snapshot's."""
        return self.with_ghosts({reference: record})

    def with_ghosts(self, ghosts: Mapping[Reference, Record]) -> Scope:
        """The same place with records read in place of the snapshot's."""
        copy = self._copy()
        copy.ghosts = {**self.ghosts, **ghosts}
        return copy

    def with_clockwork(self, clockwork: Clockwork) -> Scope:
        """The same place with other arithmetic over dates, or other comparisons."""
        copy = self._copy()
        copy.clockwork = clockwork
        return copy

    def in_the_past(self) -> Scope:
        """The same place in the state before the wave."""
        copy = self._copy()
        copy.state = self.before
        return copy

    def without_data(self) -> Scope:
        """The same place where nothing is stored."""
        copy = self._copy()
        copy.state = copy.before = EMPTY
        return copy

    def asking(self) -> Questions | None:
        """What to put to the store, where it can be asked."""
        return self.questions if self.questions is not None and self.state.can_ask else None

    def record(self, reference: Reference) -> Record | None:
        """The record of an object as this scope sees it."""
        ghost = self.ghosts.get(reference)
        return self.state.get(reference) if ghost is None else ghost

    def read(self, reference: Value, name: str) -> Value:
        """A field of an object: stored, with its default, or computed; missing when the object is not there."""
        if not isinstance(reference, Reference):
            return None
        record = self.record(reference)
        field = self.model.field(reference.object, name)
        if record is None or field is None:
            return None
        if field.definition is not None:
            return self._computed(field.definition, reference)
        if self.model.is_identifier(reference.object, name):
            return reference.id
        value = record.get(name)
        if value is not None:
            return value
        if field.default is not None:
            return self._computed(field.default, reference)
        return False if field.type.kind == "boolean" else None

    def _computed(self, expression: ir.Expression, subject: Reference) -> Value:
        inner = self.with_variables({"subject": subject})
        inner.depth = self.depth + 1
        if inner.depth > MOST_NESTED:
            raise Failure("QD511")
        return evaluate(expression, inner)

    def checked_text(self, text: str) -> str:
        """The text itself. Raises :class:`Failure` where it is longer than the budget allows."""
        self.budgets.check_text(text)
        return text


Evaluator = Callable[[ir.Expression, Scope], Value]


def evaluate(expression: ir.Expression, scope: Scope) -> Value:
    """The value of an expression, ``None`` when it is missing or unknown, by the scope's evaluator.

    Raises :class:`Failure` for what no value can express: two currencies added, a number out of bounds.
    """
    return scope.evaluator(expression, scope)


def interpret(expression: ir.Expression, scope: Scope) -> Value:
    """What :func:`evaluate` means, by the definition of the language."""
    return _EVALUATE[type(expression)](expression, scope)


def holds(condition: ir.Expression | None, scope: Scope) -> bool | None:
    """The truth of a condition; no condition holds."""
    if condition is None:
        return True
    value = evaluate(condition, scope)
    return value if isinstance(value, bool) else None


def _constant(expression: ir.Constant, scope: Scope) -> Value:
    value = expression.value
    if isinstance(value, datetime) and value.tzinfo is None:
        return scope.clockwork.instant(value)
    return value


def _variable(expression: ir.Variable, scope: Scope) -> Value:
    return scope.variables.get(expression.name)


def _field(expression: ir.FieldOf, scope: Scope) -> Value:
    return scope.read(interpret(expression.object, scope), expression.field)


def _global(expression: ir.Global, scope: Scope) -> Value:
    inner = scope.with_variables({})
    inner.depth = scope.depth + 1
    if inner.depth > MOST_NESTED:
        raise Failure("QD511")
    return interpret(scope.model.definitions[expression.name].value, inner)


def _previous(expression: ir.Previous, scope: Scope) -> Value:
    return interpret(expression.value, scope.in_the_past())


def _apply(expression: ir.Apply, scope: Scope) -> Value:
    name = expression.function
    arguments = [interpret(argument, scope) for argument in expression.arguments]
    if name not in LENIENT and None in arguments:
        return None
    body = FUNCTIONS[name]
    if name in OF_PERCENTAGE and expression.arguments[0].type.kind == "percentage":
        body = OF_PERCENTAGE[name]
    return body(scope, *arguments)


def _truth(condition: ir.Expression, scope: Scope) -> bool | None:
    value = interpret(condition, scope)
    return value if isinstance(value, bool) else None


def _and(expression: ir.And, scope: Scope) -> Value:
    result: bool | None = True
    for part in expression.parts:
        value = _truth(part, scope)
        if value is False:
            return False
        if value is None:
            result = None
    return result


def _or(expression: ir.Or, scope: Scope) -> Value:
    result: bool | None = False
    for part in expression.parts:
        value = _truth(part, scope)
        if value is True:
            return True
        if value is None:
            result = None
    return result


def _not(expression: ir.Not, scope: Scope) -> Value:
    value = _truth(expression.operand, scope)
    return None if value is None else not value


def _if(expression: ir.If, scope: Scope) -> Value:
    chosen = expression.then if interpret(expression.condition, scope) is True else expression.otherwise
    return interpret(chosen, scope)


def _interpolate(expression: ir.Interpolate, scope: Scope) -> Value:
    settings = scope.model.settings
    written: list[str] = []
    for part in expression.parts:
        value = interpret(part, scope)
        if value is None:
            return None
        written.append(
            value
            if isinstance(value, str) and part.type.kind == "text"
            else write_in_text(value, part, scope, settings)
        )
    return scope.checked_text("".join(written))


def write_in_text(value: Value, part: ir.Expression, scope: Scope, settings: ir.Settings) -> str:
    """A value as a customer reads it, in the project's language and time zone; written as its source is."""
    while isinstance(part, (ir.OrElse, ir.If)):
        if isinstance(part, ir.If):
            part = part.then if holds(part.condition, scope) is True else part.otherwise
        else:
            part = part.otherwise if evaluate(part.value, scope) is None else part.value
    if isinstance(value, datetime):
        value = value.astimezone(scope.clockwork.timezone)
    elif isinstance(value, str) and part.type.kind == "choice":
        owner = evaluate(part.object, scope) if isinstance(part, ir.FieldOf) else None
        kind = owner.object if isinstance(owner, Reference) else ""
        return scope.model.choice_name(kind, part.field if isinstance(part, ir.FieldOf) else "", value)
    return write_value(value, part.type, lexicon(settings.language), settings.currency)


def _or_else(expression: ir.OrElse, scope: Scope) -> Value:
    value = interpret(expression.value, scope)
    return interpret(expression.otherwise, scope) if value is None else value


def _aggregate(expression: ir.Aggregate, scope: Scope) -> Value:
    return aggregate(expression, scope, interpret)


def _decision(expression: ir.Decision, scope: Scope) -> Value:
    return decide(expression, scope, interpret)


def _lookup(expression: ir.Lookup, scope: Scope) -> Value:
    return look_up(expression.object, interpret(expression.key, scope), scope)


def look_up(kind: str, key: Value, scope: Scope) -> Reference | None:
    """The object of a type with that identifier, else the one with that unique name."""
    if not isinstance(key, str):
        return None
    reference = Reference(kind, key)
    if scope.record(reference) is not None:
        return reference
    for name, field in scope.model.fields(kind).items():
        if (field.unique or name == "name") and scope.model.is_stored(kind, name):
            found = scope.state.find(kind, name, key)
            if len(found) == 1:
                return Reference(kind, found[0])
    return None


_EVALUATE: dict[type, Callable[[Any, Scope], Value]] = {
    ir.Constant: _constant,
    ir.Variable: _variable,
    ir.FieldOf: _field,
    ir.Global: _global,
    ir.Previous: _previous,
    ir.Apply: _apply,
    ir.And: _and,
    ir.Or: _or,
    ir.Not: _not,
    ir.If: _if,
    ir.Interpolate: _interpolate,
    ir.OrElse: _or_else,
    ir.Aggregate: _aggregate,
    ir.Lookup: _lookup,
    ir.Decision: _decision,
}
