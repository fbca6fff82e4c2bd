"""Decision tables: which row fits."""

from __future__ import annotations

from collections.abc import Callable
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
    fitting = (row for row in expression.rows if fits(row, inputs, scope, evaluate))
    if expression.policy == "first":
        hits = [row for row in (next(fitting, None),) if row is not None]
    else:
        hits = list(fitting)
    if expression.policy == "unique" and len(hits) > 1:
        numbers = [number for number, row in enumerate(expression.rows, 1) if row in hits]
        raise Failure("QD507", first=numbers[0], second=numbers[1])
    results = [evaluate(row.result, scope) for row in hits]
    if not hits and expression.otherwise is not None:
        results = [evaluate(expression.otherwise, scope)]
    if expression.policy == "all":
        return tuple(results)
    if expression.policy == "sum":
        return total([result for result in results if result is not None], expression.type.kind, scope)
    return results[0] if results else None
