"""Decision tables: which row fits."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from ..dsl import ir
from ..dsl.values import Value
from .aggregates import total
from .problems import Failure

if TYPE_CHECKING:
    from .interpret import Scope

Evaluate = Callable[[ir.Expression, "Scope"], Value]


def fits(row: ir.DecisionRow, inputs: list[Value], scope: Scope, evaluate: Evaluate) -> bool:
    """Whether every test of a row is true of its column; an unknown test is not."""
    for test, value in zip(row.tests, inputs, strict=True):
        if test is not None and evaluate(test, scope.with_variable("input", value)) is not True:
            return False
    return True


def decide(expression: ir.Decision, scope: Scope, evaluate: Evaluate) -> Value:
    """The result of a decision table by its hit policy; missing when no row fits and none says *otherwise*.

    Raises :class:`Failure` when two rows of a table ``unique`` fit.
    """
    inputs = [evaluate(value, scope) for value in expression.inputs]
    fitting = (number for number, row in enumerate(expression.rows) if fits(row, inputs, scope, evaluate))
    return of_rows(expression, scope, fitting, lambda result: evaluate(result, scope))


def of_rows(
    expression: ir.Decision, scope: Scope, fitting: Iterator[int], read: Callable[[ir.Expression], Value]
) -> Value:
    """What a table says, ``fitting`` being the numbers from 0 of the rows that fit; ``read`` gives a result's value."""
    if expression.policy == "first":
        hits = [number for number in (next(fitting, None),) if number is not None]
    else:
        hits = list(fitting)
    if expression.policy == "unique" and len(hits) > 1:
        raise Failure("QD507", first=hits[0] + 1, second=hits[1] + 1)
    results = [read(expression.rows[number].result) for number in hits]
    if not hits and expression.otherwise is not None:
        results = [read(expression.otherwise)]
    if expression.policy == "all":
        return tuple(results)
    if expression.policy == "sum":
        return total([result for result in results if result is not None], expression.type.kind, scope)
    return results[0] if results else None
