"""Collections of objects and what is asked of them: how many, the sum, the first..."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from ..dsl import ir
from ..dsl.values import Duration, Money, Reference, Value
from .functions import FUNCTIONS
from .values import CONTEXT, ZERO, compare, equal, kind_of, multiply_duration, negate_duration

if TYPE_CHECKING:
    from .interpret import Scope
    from .model import Model

Evaluate = Callable[[ir.Expression, "Scope"], Value]

UNASKED: Any = object()
"""What a store answers that cannot be asked: the rows have to be looked at."""


def members(collection: ir.Collection, scope: Scope, evaluate: Evaluate) -> Iterator[tuple[Reference, Scope]]:
    """The objects of a collection by identifier, each with the scope in which its variable is bound."""
    since = None if collection.since is None else evaluate(collection.since, scope)
    if collection.since is not None and not isinstance(since, Duration):
        return
    owner = None if collection.owner is None else evaluate(collection.owner, scope)
    questions = scope.asking()
    if questions is not None:
        asked = questions.members(collection, scope, owner, since)
        if asked is not None:
            yield from ((reference, scope.with_variable(collection.variable, reference)) for reference in asked)
            return
    for reference in candidates(collection, scope, owner, since):
        inner = scope.with_variable(collection.variable, reference)
        if collection.where is None or evaluate(collection.where, inner) is True:
            yield reference, inner


def candidates(
    collection: ir.Collection, scope: Scope, owner: Value, since: Value, place: Scope | None = None
) -> Iterator[Reference]:
    """The objects of a collection before its filter, by identifier, its owner and its window being known.

    Those that its filter is seen to leave out may be missing. ``place`` is where the names around it are known, if
    not in ``scope``.
    """
    start: Any = None
    if isinstance(since, Duration):
        start = scope.clockwork.add_to_instant(scope.now, negate_duration(since))
    for reference in _owned(collection, scope, owner, place or scope):
        scope.budgets.check_time()
        if start is not None:
            created: Any = scope.read(reference, "created at")
            if created is None or created <= start:
                continue
        yield reference


def accepted(collection: ir.Collection, scope: Scope, owner: Value, since: Value, reference: Reference) -> bool:
    """Whether an object is a member of a collection that is no list, its owner and its window being known."""
    record = scope.state.get(reference)
    if record is None or (
        collection.owner is not None and (owner is None or record.get(collection.via or "") != owner)
    ):
        return False
    inner = scope.with_variable(collection.variable, reference)
    if collection.since is not None:
        if not isinstance(since, Duration):
            return False
        created: Any = scope.read(reference, "created at")
        if created is None or created <= scope.clockwork.add_to_instant(scope.now, negate_duration(since)):
            return False
    return collection.where is None or scope.evaluator(collection.where, inner) is True


def _owned(collection: ir.Collection, scope: Scope, owner: Value, place: Scope) -> list[Reference]:
    if collection.owner is None:
        link = linked(collection, scope.model)
        other = None if link is None else place.evaluator(link[1], place)
        if link is not None and isinstance(other, Reference):
            return referring(scope, collection.object, link[0], other)
        return [Reference(collection.object, name) for name in scope.state.identifiers(collection.object)]
    if owner is None:
        return []
    if collection.list_field is not None:
        listed = scope.read(owner, collection.list_field)
        found = [member for member in listed if isinstance(member, Reference)] if isinstance(listed, tuple) else []
        return sorted({member for member in found if scope.record(member) is not None})
    return referring(scope, collection.object, collection.via or "", owner)


def linked(collection: ir.Collection, model: Model) -> tuple[str, ir.Expression] | None:
    """What ``commandes dont client = le contact`` says before anything else: the field, and whom it refers to.

    ``None`` for collections that have an owner or whose filter begins with something else.
    """
    first = collection.where.parts[0] if isinstance(collection.where, ir.And) else collection.where
    if collection.owner is not None or not isinstance(first, ir.Apply) or first.function != "equal":
        return None
    for own, other in (first.arguments, first.arguments[::-1]):
        if (
            isinstance(own, ir.FieldOf)
            and own.object == ir.Variable(collection.variable, own.object.type)
            and own.type.kind == "reference"
            and model.is_stored(collection.object, own.field)
            and other.type.kind == "reference"
            and _is_plain(other, collection.variable, model)
        ):
            return own.field, other
    return None


def _is_plain(expression: ir.Expression, variable: str, model: Model) -> bool:
    """Whether it is a reference read from what is around the collection, without a calculation that might fail."""
    while isinstance(expression, ir.FieldOf):
        if not model.is_stored(expression.object.type.object or "", expression.field):
            return False
        expression = expression.object
    return isinstance(expression, ir.Variable) and expression.name != variable


def referring(scope: Scope, kind: str, via: str, owner: Value) -> list[Reference]:
    """The objects of a type whose field ``via`` is ``owner``, by identifier."""
    if scope.model.is_stored(kind, via):
        return [Reference(kind, name) for name in scope.state.find(kind, via, owner)]
    everyone = (Reference(kind, name) for name in scope.state.identifiers(kind))
    return [reference for reference in everyone if equal(scope.read(reference, via), owner)]


def aggregate(expression: ir.Aggregate, scope: Scope, evaluate: Evaluate) -> Value:
    """The value of an aggregate; see :class:`~..dsl.ir.Aggregate`."""
    collection = expression.collection
    questions = scope.asking()
    if questions is not None:
        since = None if collection.since is None else evaluate(collection.since, scope)
        owner = None if collection.owner is None else evaluate(collection.owner, scope)
        asked = questions.aggregate(expression, scope, owner, since)
        if asked is not UNASKED:
            return asked
    read = expression.order_by if expression.kind in {"first", "last"} else expression.value
    rows = members(expression.collection, scope, evaluate)
    if read is None:
        return of_rows(expression, scope, ((reference, reference.id) for reference, _ in rows))
    return of_rows(expression, scope, ((reference, evaluate(read, inner)) for reference, inner in rows))


def of_rows(expression: ir.Aggregate, scope: Scope, rows: Iterator[tuple[Reference, Value]]) -> Value:
    """What an aggregate asks of its rows, each with the value it is about: what is summed, ordered by, to be true."""
    kind = expression.kind
    if kind == "count":
        return Decimal(sum(1 for _ in rows))
    if kind in {"exists", "none"}:
        return (next(rows, None) is not None) is (kind == "exists")
    if kind == "all":
        return _all(value for _, value in rows)
    if kind in {"first", "last"}:
        return _extreme_row(expression, rows, scope)
    values: list[Value] = [value for _, value in rows if value is not None]
    if kind == "sum":
        return total(values, expression.type.kind, scope)
    if not values:
        return None
    if kind == "average":
        return average(total(values, expression.type.kind, scope), len(values), scope)
    smaller = FUNCTIONS["minimum_of_two" if kind == "minimum" else "maximum_of_two"]
    return functools.reduce(lambda a, b: smaller(scope, a, b), values)


def _all(values: Iterator[Value]) -> bool | None:
    result: bool | None = True
    for value in values:
        if value is False:
            return False
        if value is None:
            result = None
    return result


def _extreme_row(expression: ir.Aggregate, rows: Iterator[tuple[Reference, Value]], scope: Scope) -> Value:
    """The first row in the order asked for, which ``last`` turns; ties go by identifier."""
    descending = expression.descending is (expression.kind == "first")
    best: Reference | None = None
    best_value: Value = None
    for reference, value in rows:
        if value is None:
            continue
        sign = 1 if best is None else compare(*scope.clockwork.comparable(best_value, value))
        if best is None or (sign < 0 if descending else sign > 0):
            best, best_value = reference, value
    return best


def total(values: Sequence[Value], kind: str, scope: Scope) -> Value:
    """The sum of values of one kind; of none, zero of that kind. Raises :class:`Failure` for two currencies."""
    if not values:
        zero: dict[str, Value] = {"money": Money(ZERO, scope.model.settings.currency), "duration": Duration()}
        return zero.get(kind, ZERO)
    kinds = {"money": "add_money", "duration": "add_durations"}
    body = FUNCTIONS[kinds.get(kind_of(values[0]), "add")]
    return functools.reduce(lambda a, b: body(scope, a, b), values)


def average(value: Value, count: int, scope: Scope) -> Value:
    """A sum divided by how many values it is made of."""
    if isinstance(value, Duration):
        return multiply_duration(value, CONTEXT.divide(Decimal(1), Decimal(count)))
    return FUNCTIONS["divide_money" if isinstance(value, Money) else "divide"](scope, value, Decimal(count))
