"""Decision tables: cells become tests of their column, rows are tried by the hit policy."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext

from . import ir
from . import syntax as s
from .expressions import ExpressionResolver
from .lexicon import lexicon
from .operators import FAILED, Mistyped, as_percentage, comparison, is_ratio, unify
from .scope import Scope
from .sheets import ReadSheet, SheetProblem, SheetTable, no_sheets
from .table_options import policy_of, sheet_of
from .types import BOOLEAN, Type
from .unknown import suggest


def resolve_table(
    resolver: ExpressionResolver,
    table: s.TableDeclaration,
    type_: Type,
    choices: Sequence[ir.Choice],
    scope: Scope,
    read_sheet: ReadSheet = no_sheets,
) -> tuple[s.TableDeclaration, ir.Expression]:
    """The table with its rows, and its body as a :class:`~quand.dsl.ir.Decision`.

    Every cell that cannot be read is reported; the body is then of type ``error``.
    """
    before = len(resolver.sink.found)
    sheet: SheetTable | None = None
    named = sheet_of(resolver.language, table.options)
    if named is not None:
        try:
            sheet = SheetTable(table, read_sheet(resolver.sink.uri, named[0]), named[1], named[0])
        except SheetProblem as problem:
            resolver.sink.report(problem.code, named[1], **problem.args_)
            return table, FAILED
        table = sheet.filled(resolver.sink, resolver.language)
    _check_options(resolver, table, in_sheet=sheet is not None)
    body = _Rows(resolver, table, type_, choices, scope, sheet).decision()
    return table, body if len(resolver.sink.found) == before else FAILED


def _check_options(resolver: ExpressionResolver, table: s.TableDeclaration, *, in_sheet: bool) -> None:
    """Report options that mean nothing, a table without rows, and a last column that is not called the result.

    A sheet may call its last column as it likes.
    """
    forms = lexicon(resolver.language).tables["phrases"]["tables"]
    for option in table.options:
        if policy_of(resolver.language, [option]) is None and sheet_of(resolver.language, [option]) is None:
            written = resolver.source_of(option)
            policies = [forms[policy][0] for policy in ("first", "unique", "all", "sum")]
            suggestions = suggest(written, policies)
            resolver.sink.report(
                "QD239",
                option.span,
                phrase=written,
                suggestions=suggestions,
                fixes=[("replace_by", option.span, text) for text in suggestions[:1]],
            )
    if not table.rows:
        resolver.sink.report("QD241", table.names.span)
    last = table.columns[-1] if table.columns else None
    result = [tuple(resolver.tables.name_key_of(resolver.tables.split(form))) for form in forms["result"]]
    if last is not None and not in_sheet and not isinstance(last, s.InvalidSyntax):
        item = last.items[0] if isinstance(last, s.Run) and len(last.items) == 1 else None
        if not isinstance(item, s.Phrase) or resolver.tables.name_key(item) not in result:
            resolver.sink.report("QD240", last.span, name=forms["result"][0])


class _Rows:
    """The rows of one table, resolved cell by cell."""

    def __init__(
        self,
        resolver: ExpressionResolver,
        table: s.TableDeclaration,
        type_: Type,
        choices: Sequence[ir.Choice],
        scope: Scope,
        sheet: SheetTable | None,
    ) -> None:
        self.resolver = resolver
        self.table = table
        self.type = type_
        self.choices = choices
        self.scope = scope
        self.sheet = sheet

    def at(self, row: int, column: int) -> AbstractContextManager[None]:
        return self.sheet.at(self.resolver, row, column) if self.sheet is not None else nullcontext()

    def decision(self) -> ir.Expression:
        resolver, table = self.resolver, self.table
        policy = policy_of(resolver.language, table.options) or "first"
        inputs: list[ir.Expression] = []
        for number, column in enumerate(table.columns[:-1]):
            with self.at(0, number):
                value = resolver.expression(column, self.scope)
                if is_ratio(value) and any(_tests_percentages(row, number) for row in table.rows):
                    value = as_percentage(value)
                inputs.append(value)
        result_type = self.type.members[0] if self.type.kind == "list" and self.type.members else self.type
        rows: list[ir.DecisionRow] = []
        otherwise: ir.Expression | None = None
        for number, row in enumerate(table.rows, 1):
            if len(row.cells) != len(table.columns):
                with self.at(number, len(row.cells) - 1):
                    resolver.sink.report("QD230", row.span, expected=len(table.columns), found=len(row.cells))
                continue
            with self.at(number, len(row.cells) - 1):
                result = _result(resolver, row.cells[-1], result_type, self.choices, self.scope)
            if is_otherwise(row):
                if number != len(table.rows):
                    with self.at(number, 0):
                        resolver.sink.report("QD231", row.span)
                otherwise = result
                continue
            tests: list[ir.Expression | None] = []
            for column, (cell, value) in enumerate(zip(row.cells[:-1], inputs, strict=True)):
                with self.at(number, column):
                    tests.append(_test(resolver, cell, value, self.scope))
            rows.append(ir.DecisionRow(tuple(tests), result, span=row.span))
        if any(value.type.kind == "error" for value in inputs):
            return FAILED
        return ir.Decision(tuple(inputs), tuple(rows), policy, self.type, otherwise, span=table.span)


def _tests_percentages(row: s.TableRow, column: int) -> bool:
    """True where a cell of that column compares with a percentage."""
    tests = row.cells[column].tests if column < len(row.cells) - 1 else ()
    operands = [operand for test in tests if isinstance(test, s.CellTest) for operand in test.operands]
    items = [operand.items[0] for operand in operands if isinstance(operand, s.Run) and len(operand.items) == 1]
    return any(isinstance(item, s.Literal) and item.kind == "percentage" for item in items)


def is_otherwise(row: s.TableRow) -> bool:
    """True for the row whose first cell says so."""
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
        case "range" | "not_range":
            _, low = unify(value, operands[0], resolver.currency)
            _, high = unify(value, operands[1], resolver.currency)
            between = ir.Apply("between", (value, low, high), BOOLEAN)
            return between if test.kind == "range" else ir.Not(between)
        case "not":
            tests = [comparison("eq", value, operand, resolver.currency) for operand in operands]
            return ir.Not(tests[0] if len(tests) == 1 else ir.Or(tuple(tests)))
        case _:
            return comparison("eq", value, operands[0], resolver.currency)


def _operand(resolver: ExpressionResolver, node: s.Expression, column: ir.Expression, scope: Scope) -> ir.Expression:
    found = resolver.expression(node, scope, column.type)
    if column.type.kind == "choice" and found.type.kind == "text":
        return resolver.coerced(found, column.type, resolver.choices_of(column))
    return found
