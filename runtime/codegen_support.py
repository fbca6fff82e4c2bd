"""What generated code calls: reading records, computed fields, collections, tables.

Generated code takes values to be of the types the IR says. Where an object turns out to be of another type than its
expression, :class:`Unexpected` leaves the code, and the interpreter decides instead.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from decimal import Decimal
from typing import Any

from ..dsl import ir
from ..dsl.fold import fold
from ..dsl.values import Duration, Money, Reference, Value
from . import aggregates, decisions
from .functions import FUNCTIONS, OF_PERCENTAGE, wildcard
from .interpret import MOST_NESTED, Scope, look_up, write_in_text
from .problems import Failure
from .stores.port import Record

Generated = Callable[..., Value]
"""A function made from an expression: the scope, the values of the names it sees, then its constants by default."""


class Unexpected(Exception):
    """A value is not of the type its expression has."""


class Lazy:
    """A function generated when it is first called."""

    __slots__ = ("_made", "_make")

    def __init__(self, make: Callable[[], Generated]) -> None:
        self._make = make
        self._made: Generated | None = None

    @property
    def function(self) -> Generated:
        """The function itself."""
        made = self._made
        if made is None:
            made = self._made = self._make()
        return made


def record_of(scope: Scope, reference: Any, kind: str) -> Record | None:
    """The record of an object of that type; ``None`` where there is none. Raises :class:`Unexpected`."""
    if reference.__class__ is not Reference:
        if reference is None:
            return None
        raise Unexpected
    if reference[0] != kind:
        raise Unexpected
    if scope.ghosts:
        ghost = scope.ghosts.get(reference)
        if ghost is not None:
            return ghost
    return scope.state.get(reference)


def computed(scope: Scope, body: Lazy, *subject: Value) -> Value:
    """The value of a definition or a default, one level deeper. Raises :class:`Failure` too deep."""
    scope.depth += 1
    try:
        if scope.depth > MOST_NESTED:
            raise Failure("QD511")
        return body.function(scope, *subject)
    finally:
        scope.depth -= 1


def call(body: Lazy, *arguments: Any) -> Value:
    """A part of an expression that has a function of its own."""
    return body.function(*arguments)


def aggregate(
    scope: Scope,
    expression: ir.Aggregate,
    owner: Value,
    since: Value,
    where: Lazy | None,
    read: Lazy | None,
    around: tuple[bool, tuple[str, ...]],
    *names: Value,
) -> Value:
    """An aggregate, its owner and its window being known.

    ``names`` are the values in scope around it, ``around`` what they are called, and whether there are no others.
    """
    place, questions = scope, scope.asking()
    if questions is not None or expression.collection.owner is None:
        closed, called = around
        known = dict(zip(called, names, strict=True))
        place = scope.with_variables(known if closed else {**scope.variables, **known})
    if questions is not None:
        asked = questions.aggregate(expression, place, owner, since)
        if asked is not aggregates.UNASKED:
            return asked
    rows = _rows(scope, expression.collection, owner, since, where, names, place)
    if read is None:
        return aggregates.of_rows(expression, scope, ((reference, reference[1]) for reference in rows))
    value = read.function
    return aggregates.of_rows(expression, scope, ((reference, value(scope, *names, reference)) for reference in rows))


def _rows(
    scope: Scope,
    collection: ir.Collection,
    owner: Value,
    since: Value,
    where: Lazy | None,
    names: tuple[Value, ...],
    place: Scope,
) -> Iterator[Reference]:
    if collection.since is not None and not isinstance(since, Duration):
        return iter(())
    found = aggregates.candidates(collection, scope, owner, since, place)
    if where is None:
        return found
    test = where.function
    return (reference for reference in found if test(scope, *names, reference) is True)


Rows = tuple[tuple[tuple[Lazy | None, ...], Lazy], ...]
"""The rows of a table: the tests of each, and its result."""


def decision(
    scope: Scope, table: ir.Decision, inputs: tuple[Value, ...], rows: Rows, otherwise: Lazy | None, *names: Value
) -> Value:
    """What a decision table says of these inputs; see :func:`~.decisions.decide`."""

    def fits(tests: tuple[Lazy | None, ...]) -> bool:
        return all(
            test is None or test.function(scope, *names, value) is True
            for test, value in zip(tests, inputs, strict=True)
        )

    fitting = (number for number, (tests, _) in enumerate(rows) if fits(tests))
    results = {id(row.result): result for row, (_, result) in zip(table.rows, rows, strict=True)}

    def read(result: ir.Expression) -> Value:
        body = otherwise if result is table.otherwise and id(result) not in results else results[id(result)]
        assert body is not None
        return body.function(scope, *names)

    return decisions.of_rows(table, scope, fitting, read)


def written(scope: Scope, value: Value, part: ir.Expression) -> str:
    """A value inside a text."""
    return write_in_text(value, part, scope, scope.model.settings)


GLOBALS: dict[str, Any] = {
    "__builtins__": {},
    **{f"f_{name}": body for name, body in FUNCTIONS.items()},
    **{f"p_{name}": body for name, body in OF_PERCENTAGE.items()},
    "aggregate": aggregate,
    "call": call,
    "computed": computed,
    "date": date,
    "decision": decision,
    "decimal": Decimal,
    "duration": Duration,
    "fold": fold,
    "look_up": look_up,
    "money": Money,
    "record_of": record_of,
    "reference": Reference,
    "text": str,
    "truth": bool,
    "wildcard": wildcard,
    "written": written,
}
"""All that generated code can name besides its constants and locals; there are no built-in functions among it."""
