"""What the IR guarantees, and a check of it: run over every program that tests compile, and over every one loaded.

- Names of objects and events, of the fields of one of them, of actions, definitions and rules are unique.
- Whatever a node names is there: objects, events, fields, actions, parameters, definitions, functions.
- Every variable is bound where it stands: the subject, the rows of the collections around it, objects created earlier.
- Functions have as many arguments as their signature; conditions are yes or no.
- A field never has a default and a definition both. A decision table has as many tests in a row as inputs.
- The waits of a rule have different numbers, from 1.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

from . import ir
from .signatures import SIGNATURES

_NOTHING: frozenset[str] = frozenset()
_STANDARD = frozenset({"id", "created at", "updated at", "origin"})
_AGGREGATES = frozenset("count sum average minimum maximum exists none all first last".split())
_POLICIES = frozenset({"first", "unique", "all", "sum"})


def check(program: ir.Program) -> list[str]:
    """What is broken in a program, in English, one sentence each; an empty list when all holds."""
    return list(_Checker(program).run())


class _Checker:
    def __init__(self, program: ir.Program) -> None:
        self._program = program
        self._kinds: dict[str, frozenset[str]] = {
            kind.name: _STANDARD | {field.name for field in kind.fields} for kind in (*program.objects, *program.events)
        }
        self._actions = {action.name for action in program.actions}
        self._definitions = {definition.name for definition in program.definitions}

    def run(self) -> Iterator[str]:
        program = self._program
        yield from _doubles("type", (kind.name for kind in (*program.objects, *program.events)))
        yield from _doubles("action", (action.name for action in program.actions))
        yield from _doubles("definition", (definition.name for definition in program.definitions))
        yield from _doubles("rule", (rule.name for rule in program.rules))
        for kind in (*program.objects, *program.events):
            yield from self._fields(kind.name, kind.fields, frozenset({"subject"}))
        for action in program.actions:
            yield from self._fields(action.name, action.parameters, _NOTHING)
        for definition in program.definitions:
            yield from self._expression(definition.value, _NOTHING, definition.name)
        for rule in program.rules:
            yield from self._rule(rule)

    def _fields(self, owner: str, fields: tuple[ir.Field, ...], bound: frozenset[str]) -> Iterator[str]:
        yield from _doubles(f"field of {owner}", (field.name for field in fields))
        for field in fields:
            where = f"{owner}.{field.name}"
            if field.default is not None and field.definition is not None:
                yield f"{where}: a default and a definition"
            if field.type.kind == "choice" and not field.choices:
                yield f"{where}: a choice without choices"
            for expression in (field.default, field.definition):
                if expression is not None:
                    yield from self._expression(expression, bound, where)

    # --- rules ----------------------------------------------------------------------------------------------------

    def _rule(self, rule: ir.Rule) -> Iterator[str]:
        bound = frozenset({"subject"}) if ir.subject_kinds(rule) else _NOTHING
        if rule.subject is not None and rule.subject not in self._kinds:
            yield f"{rule.name}: no type {rule.subject}"
        if not rule.triggers:
            yield f"{rule.name}: no trigger"
        for trigger in rule.triggers:
            yield from self._trigger(trigger, rule.name)
        if rule.condition is not None:
            yield from self._condition(rule.condition, bound, rule.name)
        numbers: list[int] = []
        for actions in (rule.actions, rule.otherwise):
            yield from self._actions_of(actions, bound, rule.name, numbers)
        if sorted(numbers) != list(range(1, len(numbers) + 1)):
            yield f"{rule.name}: waits numbered {sorted(numbers)}"

    def _trigger(self, trigger: ir.Trigger, where: str) -> Iterator[str]:
        subject = frozenset({"subject"})
        match trigger:
            case ir.Occurred() | ir.Repeated():
                kind = trigger.event
            case ir.Tick():
                kind = None
                if trigger.for_each is not None:
                    yield from self._collection(trigger.for_each, _NOTHING, where)
            case _:
                kind = trigger.object
        if kind is not None and kind not in self._kinds:
            yield f"{where}: no type {kind}"
        match trigger:
            case ir.Edge() | ir.Stays():
                yield from self._condition(trigger.condition, subject, where)
            case ir.Changed():
                yield from self._expression(trigger.value, subject, where)
            case ir.GoesFrom():
                for each in (trigger.value, trigger.origin, trigger.target):
                    yield from self._expression(each, subject, where)
            case ir.DateReached():
                yield from self._expression(trigger.date, subject, where)
            case ir.Repeated() if trigger.same is not None:
                yield from self._has(trigger.event, trigger.same, where)
            case _:
                pass

    def _actions_of(
        self, actions: Iterable[ir.Action], bound: frozenset[str], where: str, numbers: list[int]
    ) -> Iterator[str]:
        for action in actions:
            match action:
                case ir.Call():
                    if action.action not in self._actions:
                        yield f"{where}: no action {action.action}"
                    yield from _doubles(f"argument in {where}", (argument.name for argument in action.arguments))
                case ir.Create():
                    for argument in action.fields:
                        yield from self._has(action.object, argument.name, where)
                case ir.Assign() | ir.Adjust() | ir.AddToList():
                    yield from self._has(action.target.type.object, action.field, where)
                case ir.ForEach():
                    yield from self._collection(action.collection, bound, where)
                    yield from self._actions_of(action.body, bound | {action.collection.variable}, where, numbers)
                case ir.Wait():
                    numbers.append(action.number)
                    if action.unless is not None:
                        yield from self._condition(action.unless, bound, where)
                    yield from self._actions_of(action.then, bound, where, numbers)
                case _:
                    pass
            for expression in _read_by(action):
                yield from self._expression(expression, bound, where)
            bound |= _created_by(action)

    # --- expressions ----------------------------------------------------------------------------------------------

    def _has(self, kind: str | None, field: str, where: str) -> Iterator[str]:
        if kind is not None and field not in self._kinds.get(kind, _NOTHING):
            yield f"{where}: {kind} has no field {field}"

    def _condition(self, expression: ir.Expression, bound: frozenset[str], where: str) -> Iterator[str]:
        if expression.type.kind not in {"boolean", "empty"}:
            yield f"{where}: a condition of type {expression.type}"
        yield from self._expression(expression, bound, where)

    def _collection(self, collection: ir.Collection, bound: frozenset[str], where: str) -> Iterator[str]:
        if collection.object not in self._kinds:
            yield f"{where}: no type {collection.object}"
        elif collection.via is not None:
            yield from self._has(collection.object, collection.via, where)
        for each in (collection.owner, collection.since):
            if each is not None:
                yield from self._expression(each, bound, where)
        if collection.where is not None:
            yield from self._condition(collection.where, bound | {collection.variable}, where)

    def _expression(self, expression: ir.Expression, bound: frozenset[str], where: str) -> Iterator[str]:
        match expression:
            case ir.Variable():
                if expression.name not in bound and not expression.name.startswith("created:"):
                    yield f"{where}: {expression.name} is not bound"
            case ir.FieldOf():
                yield from self._has(expression.object.type.object, expression.field, where)
                yield from self._expression(expression.object, bound, where)
            case ir.Global():
                if expression.name not in self._definitions:
                    yield f"{where}: no definition {expression.name}"
            case ir.Apply():
                yield from _arguments(expression, where)
                yield from self._all(expression.arguments, bound, where)
            case ir.And() | ir.Or():
                if len(expression.parts) < 2:
                    yield f"{where}: {type(expression).__name__} of {len(expression.parts)}"
                for part in expression.parts:
                    yield from self._condition(part, bound, where)
            case ir.Not():
                yield from self._condition(expression.operand, bound, where)
            case ir.If():
                yield from self._condition(expression.condition, bound, where)
                yield from self._all((expression.then, expression.otherwise), bound, where)
            case ir.Aggregate():
                yield from self._aggregate(expression, bound, where)
            case ir.Decision():
                yield from self._decision(expression, bound, where)
            case _:
                yield from self._all(_parts(expression), bound, where)

    def _all(self, expressions: Iterable[ir.Expression], bound: frozenset[str], where: str) -> Iterator[str]:
        for expression in expressions:
            yield from self._expression(expression, bound, where)

    def _aggregate(self, expression: ir.Aggregate, bound: frozenset[str], where: str) -> Iterator[str]:
        if expression.kind not in _AGGREGATES:
            yield f"{where}: no aggregate {expression.kind}"
        yield from self._collection(expression.collection, bound, where)
        inner = bound | {expression.collection.variable}
        for each in (expression.value, expression.order_by):
            if each is not None:
                yield from self._expression(each, inner, where)
        if (expression.value is None) is (expression.kind in {"sum", "average", "minimum", "maximum", "all"}):
            yield f"{where}: {expression.kind} {'without' if expression.value is None else 'with'} a value"

    def _decision(self, expression: ir.Decision, bound: frozenset[str], where: str) -> Iterator[str]:
        if expression.policy not in _POLICIES:
            yield f"{where}: no policy {expression.policy}"
        yield from self._all(expression.inputs, bound, where)
        for number, row in enumerate(expression.rows, 1):
            if len(row.tests) != len(expression.inputs):
                yield f"{where}: row {number} has {len(row.tests)} tests for {len(expression.inputs)} inputs"
            yield from self._all((test for test in row.tests if test is not None), bound | {"input"}, where)
            yield from self._expression(row.result, bound, where)
        if expression.otherwise is not None:
            yield from self._expression(expression.otherwise, bound, where)


def _doubles(what: str, names: Iterable[str]) -> Iterator[str]:
    return (f"two {what}: {name}" for name, count in Counter(names).items() if count > 1)


def _arguments(expression: ir.Apply, where: str) -> Iterator[str]:
    signature = SIGNATURES.get(expression.function)
    if signature is None:
        yield f"{where}: no function {expression.function}"
        return
    wanted, given = len(signature.arguments), len(expression.arguments)
    many = bool(signature.arguments) and signature.arguments[-1].endswith("...")
    if given < wanted - (expression.function == "round") or (given > wanted and not many):
        yield f"{where}: {expression.function} takes {wanted} arguments, not {given}"


def _parts(expression: ir.Expression) -> tuple[ir.Expression, ...]:
    match expression:
        case ir.Previous():
            return (expression.value,)
        case ir.Interpolate():
            return expression.parts
        case ir.OrElse():
            return (expression.value, expression.otherwise)
        case ir.Lookup():
            return (expression.key,)
        case _:
            return ()


def _read_by(action: ir.Action) -> tuple[ir.Expression, ...]:
    """The expressions that an action itself reads, those of the actions in it left out."""
    match action:
        case ir.Call():
            return tuple(argument.value for argument in action.arguments)
        case ir.Create():
            return tuple(argument.value for argument in action.fields)
        case ir.Delete() | ir.CancelReminders():
            return (action.target,)
        case ir.Assign() | ir.AddToList():
            return (action.target, action.value)
        case ir.Adjust():
            return (action.target, action.amount)
        case ir.Refuse():
            return (action.reason,)
        case ir.Wait():
            return (action.duration,)
        case ir.ForEach():
            return ()


def _created_by(action: ir.Action) -> frozenset[str]:
    return frozenset({f"created:{action.object}"}) if isinstance(action, ir.Create) else _NOTHING
