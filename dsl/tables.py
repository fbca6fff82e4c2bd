"""Decision tables: cells become tests of their column, rows are tried by the hit policy."""

from __future__ import annotations

from collections.abc import Sequence

from . import ir
from . import syntax as s
from .expressions import FAILED, ExpressionResolver
from .lexicon import lexicon
from .operators import Mistyped, coerce, comparison, unify
from .scope import Scope
from .types import BOOLEAN, Type


def policy_of(language: str, options: Sequence[s.Run]) -> str | None:
    """The hit policy among a table's options (``first``, ``unique``, ``all``, ``sum``), ``None`` where none is said."""
    from .words import word_tables

    tables = word_tables(language)
    forms = lexicon(language).tables["phrases"]["tables"]
    for option in options:
        if len(option.items) != 1 or not isinstance(option.items[0], s.Phrase):
            continue
        key = tables.name_key_of(option.items[0].words)
        for policy in ("first", "unique", "all", "sum"):
            if any(key == tables.name_key_of(tables.split(form)) for form in forms[policy]):
                return policy
    return None


def resolve_table(
    resolver: ExpressionResolver,
    table: s.TableDeclaration,
    type_: Type,
    choices: Sequence[ir.Choice],
    scope: Scope,
) -> ir.Expression:
    """The body of a table as a :class:`~quand.dsl.ir.Decision`; every cell that cannot be read is reported."""
    before = len(resolver.sink.found)
    policy = policy_of(resolver.language, table.options) or "first"
    columns = table.columns[:-1]
    inputs = tuple(resolver.expression(column, scope) for column in columns)
    result_type = type_.members[0] if type_.kind == "list" and type_.members else type_
    rows: list[ir.DecisionRow] = []
    otherwise: ir.Expression | None = None
    for number, row in enumerate(table.rows):
        if len(row.cells) != len(table.columns):
            resolver.sink.report("QD230", row.span, expected=len(table.columns), found=len(row.cells))
            continue
        result = _result(resolver, row.cells[-1], result_type, choices, scope)
        if _is_otherwise(row):
            if number != len(table.rows) - 1:
                resolver.sink.report("QD231", row.span)
            otherwise = result
            continue
        tests = tuple(_test(resolver, cell, value, scope) for cell, value in zip(row.cells[:-1], inputs, strict=True))
        rows.append(ir.DecisionRow(tests, result, span=row.span))
    if len(resolver.sink.found) > before or any(value.type.kind == "error" for value in inputs):
        return FAILED
    return ir.Decision(inputs, tuple(rows), policy, type_, otherwise, span=table.span)


def _is_otherwise(row: s.TableRow) -> bool:
    tests = row.cells[0].tests
    return bool(tests) and isinstance(tests[0], s.CellTest) and tests[0].kind == "otherwise"


def _result(
    resolver: ExpressionResolver, cell: s.Cell, type_: Type, choices: Sequence[ir.Choice], scope: Scope
) -> ir.Expression:
    if len(cell.tests) != 1 or not isinstance(cell.tests[0], s.CellTest) or cell.tests[0].kind != "value":
        if not any(isinstance(test, s.InvalidSyntax) for test in cell.tests):
            resolver.sink.report("QD232", cell.span)
        return FAILED
    return resolver.value(cell.tests[0].operands[0], scope, type_, choices)


def _test(resolver: ExpressionResolver, cell: s.Cell, column: ir.Expression, scope: Scope) -> ir.Expression | None:
    """A cell as a test of ``Variable("input")``; ``None`` where anything fits."""
    if not cell.tests:
        return None
    value = ir.Variable("input", column.type)
    made: list[ir.Expression] = []
    for test in cell.tests:
        if isinstance(test, s.InvalidSyntax):
            return FAILED
        try:
            made.append(_one(resolver, test, value, column, scope))
        except Mistyped as problem:
            resolver.mistyped(problem, test.span)
            return FAILED
    if len(made) == 1:
        return made[0]
    if all(isinstance(m, ir.Not) for m in made):
        return ir.And(tuple(made), span=cell.span)
    return ir.Or(tuple(made), span=cell.span)


def _one(
    resolver: ExpressionResolver, test: s.CellTest, value: ir.Variable, column: ir.Expression, scope: Scope
) -> ir.Expression:
    operands = [_operand(resolver, operand, column, scope) for operand in test.operands]
    if any(operand.type.kind == "error" for operand in operands):
        return FAILED
    match test.kind:
        case "compare":
            return comparison(test.operator, value, operands[0], resolver.currency)
        case "range":
            _, low = unify(value, operands[0], resolver.currency)
            _, high = unify(value, operands[1], resolver.currency)
            return ir.Apply("between", (value, low, high), BOOLEAN)
        case "not":
            tests = [comparison("eq", value, operand, resolver.currency) for operand in operands]
            return ir.Not(tests[0] if len(tests) == 1 else ir.Or(tuple(tests)))
        case _:
            return comparison("eq", value, operands[0], resolver.currency)


def _operand(resolver: ExpressionResolver, node: s.Expression, column: ir.Expression, scope: Scope) -> ir.Expression:
    found = resolver.expression(node, scope, column.type)
    if column.type.kind == "choice" and found.type.kind == "text":
        return coerce(found, column.type, resolver.currency, resolver.choices_of(column))
    return found
