"""What a decision table leaves out, says twice, or never says, each with a concrete case.

Every column is cut at the values its cells name; one representative of each piece is enough, since a test is constant
on a piece. The cases are the combinations of representatives, up to a limit.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import product
from typing import TypeAlias

from . import ir
from . import syntax as s
from .conditions import comparable
from .expressions import ExpressionResolver
from .lexicon import Lexicon, lexicon
from .tables import is_otherwise
from .types import Type
from .values import Duration, Money, Reference, Value
from .vocabulary import display
from .writing import write_literal

CASE_LIMIT = 20_000
"""Combinations looked at; a larger table is not analysed."""

Case: TypeAlias = tuple[Value, ...]


class _NotConstantError(Exception):
    """A cell compares with something that is known only when rules run."""


def analyse_table(resolver: ExpressionResolver, table: s.TableDeclaration, decision: ir.Decision) -> None:
    """Report gaps, overlaps of ``unique`` tables and rows that never decide."""
    try:
        pieces = [list(_representatives(decision, column)) for column in range(len(decision.inputs))]
        size = 1
        for piece in pieces:
            size *= len(piece)
        if not decision.rows or size > CASE_LIMIT:
            return
        _report(resolver, table, decision, pieces)
    except _NotConstantError:
        return


def _report(
    resolver: ExpressionResolver, table: s.TableDeclaration, decision: ir.Decision, pieces: Sequence[Sequence[Value]]
) -> None:
    decided: set[int] = set()
    gap: Case | None = None
    overlaps: dict[tuple[int, int], Case] = {}
    for case in product(*pieces):
        fitting = [n for n, row in enumerate(decision.rows) if _fits(row, case)]
        if not fitting:
            gap = gap or case
            continue
        decided.add(fitting[0])
        if decision.policy != "first":
            decided.update(fitting)
        if decision.policy == "unique" and len(fitting) > 1:
            overlaps.setdefault((fitting[0], fitting[1]), case)
    rows = [row for row in table.rows if not is_otherwise(row)]
    if gap is not None and decision.otherwise is None and decision.policy in {"first", "unique"}:
        resolver.sink.report("QD320", table.names.span, severity="warning", case=_words(resolver, decision, gap))
    for (first, second), case in overlaps.items():
        resolver.sink.report(
            "QD321", rows[second].span, first=first + 1, second=second + 1, case=_words(resolver, decision, case)
        )
    for number, row in enumerate(rows):
        if number not in decided:
            resolver.sink.report("QD322", row.span, severity="warning", row=number + 1)


def _words(resolver: ExpressionResolver, decision: ir.Decision, case: Case) -> list[str]:
    words: list[str] = []
    lexicon_ = lexicon(resolver.language)
    for column, value in zip(decision.inputs, case, strict=True):
        name = "?"
        if isinstance(column, ir.FieldOf) and column.object.type.object is not None:
            symbol = resolver.vocabulary.field(column.object.type.object, column.field)
            name = display(symbol.names, resolver.language) if symbol is not None else column.field
        names = {c.name: c.names.get(resolver.language, c.name) for c in resolver.choices_of(column)}
        shown = names.get(value, value) if isinstance(value, str) else value
        words.append(f"{name} = {_literal(shown, column.type, lexicon_)}")
    return words


def _literal(value: Value, type_: Type, lexicon_: Lexicon) -> str:
    """A value as it is written in a cell."""
    match value:
        case str():
            return f"'{value}'"
        case Reference():
            return f"'{value.id}'"
        case None:
            return ""
        case Money() | Duration():
            return write_literal(value, type_, lexicon_)
        case tuple():
            return ""
        case _:
            return write_literal(value, type_, lexicon_)


# --- representatives ----------------------------------------------------------------------------------------------


def _representatives(decision: ir.Decision, column: int) -> Iterator[Value]:
    """A value of each piece of a column's domain."""
    type_ = decision.inputs[column].type
    constants: list[Value] = []
    for row in decision.rows:
        test = row.tests[column]
        if test is not None:
            constants.extend(_constants(test))
    if type_.kind == "boolean":
        yield from (True, False)
    elif type_.kind == "choice":
        yield from type_.options
    elif not constants:
        yield _any_value(type_)
    elif type_.kind in {"text", "reference"}:
        yield from dict.fromkeys(constants)
        yield _other(type_)
    else:
        step = Decimal("0.01") if type_.kind == "percentage" else Decimal(1)
        yield from _around(sorted(set(constants), key=_key), step)


def _constants(test: ir.Expression) -> Iterator[Value]:
    match test:
        case ir.Constant():
            yield test.value
        case ir.Variable():
            return
        case ir.Apply():
            for argument in test.arguments:
                yield from _constants(argument)
        case ir.And() | ir.Or():
            for part in test.parts:
                yield from _constants(part)
        case ir.Not():
            yield from _constants(test.operand)
        case _:
            raise _NotConstantError


def _any_value(type_: Type) -> Value:
    return _other(type_) if type_.kind in {"text", "reference"} else Decimal(0)


def _other(type_: Type) -> Value:
    return Reference(type_.object or "", "…") if type_.kind == "reference" else "…"


def _around(values: Sequence[Value], step: Decimal) -> Iterator[Value]:
    """Each value, one before all, one after all, and one between neighbours."""
    yield _moved(values[0], -step)
    for number, value in enumerate(values):
        yield value
        if number + 1 < len(values):
            yield from _between(value, values[number + 1])
    yield _moved(values[-1], step)


def _moved(value: Value, step: Decimal) -> Value:
    match value:
        case Decimal():
            return value + step
        case Money():
            return Money(value.amount + step, value.currency)
        case datetime():
            return value + timedelta(days=int(step))
        case date():
            return value + timedelta(days=int(step))
        case Duration():
            return value._replace(days=value.days + int(step))
        case _:
            raise _NotConstantError


def _between(low: Value, high: Value) -> Iterator[Value]:
    match low, high:
        case Decimal(), Decimal():
            yield (low + high) / 2
        case Money(), Money():
            yield Money((low.amount + high.amount) / 2, low.currency)
        case date(), date():
            if _key(high) - _key(low) > 1:
                yield low + timedelta(days=1)
        case _:
            raise _NotConstantError


def _key(value: Value) -> Decimal:
    found = comparable(value)
    if found is None:
        raise _NotConstantError
    return found


# --- tests --------------------------------------------------------------------------------------------------------


def _fits(row: ir.DecisionRow, case: Case) -> bool:
    return all(test is None or _holds(test, value) for test, value in zip(row.tests, case, strict=True))


def _holds(test: ir.Expression, value: Value) -> bool:
    match test:
        case ir.Or():
            return any(_holds(part, value) for part in test.parts)
        case ir.And():
            return all(_holds(part, value) for part in test.parts)
        case ir.Not():
            return not _holds(test.operand, value)
        case ir.Apply():
            others = [_constant(argument) for argument in test.arguments[1:]]
            return _compare(test.function, value, others)
        case ir.Variable():
            return value is True
        case _:
            raise _NotConstantError


def _constant(argument: ir.Expression) -> Value:
    if not isinstance(argument, ir.Constant):
        raise _NotConstantError
    return argument.value


def _compare(function: str, value: Value, others: Sequence[Value]) -> bool:
    match function:
        case "equal" | "one_of":
            return value in others
        case "not_equal":
            return value not in others
        case "between":
            return _key(others[0]) <= _key(value) <= _key(others[1])
        case "less" | "less_or_equal" | "greater" | "greater_or_equal":
            left, right = _key(value), _key(others[0])
            return {
                "less": left < right,
                "less_or_equal": left <= right,
                "greater": left > right,
                "greater_or_equal": left >= right,
            }[function]
        case _:
            raise _NotConstantError
