"""Emitters of arithmetic where the database has exact decimals.

The interpreter keeps 34 digits and rounds half to even. SQL adds and multiplies without rounding at all, so results
agree as long as they have no more digits; where they might have more, the interpreter decides.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import TYPE_CHECKING

from sqlglot import exp

from ...dsl import ir
from ...dsl.values import Money
from ..values import CONTEXT
from .comparing import doubt_currencies, in_order, is_bare, met
from .dialects import EMITTERS, Emitter, plain_number
from .terms import Sql, Term, Unsupported, binary, call, case, literal, wrapped

if TYPE_CHECKING:
    from .compiler import Compiler

_Tree = Callable[[Sql, Sql], Sql]


def _plus(left: Sql, right: Sql) -> Sql:
    return binary(exp.Add, left, right)


def _minus(left: Sql, right: Sql) -> Sql:
    return binary(exp.Sub, left, right)


def _times(left: Sql, right: Sql) -> Sql:
    return binary(exp.Mul, left, right)


def _more(left: Sql, right: Sql) -> Sql:
    """So many per cent more."""
    return _times(left, _plus(exp.Literal.number(1), right))


def _less(left: Sql, right: Sql) -> Sql:
    return _times(left, _minus(exp.Literal.number(1), right))


def exactly(compiler: Compiler, sql: Sql) -> Sql:
    """A number worked out; the interpreter decides where it may have rounded."""
    if compiler.strict:
        doubt = compiler.dialect.digits(sql)
        if doubt is not None:
            compiler.doubt(doubt)
    return sql


def _number(tree: _Tree) -> Emitter:
    def emit(compiler: Compiler, expression: ir.Apply, terms: list[Term]) -> Term:
        left, right = (compiler.settled(term) for term in terms)
        return Term(exactly(compiler, tree(left.copy(), right.copy())), expression.type.kind)

    return emit


def _amount(tree: _Tree) -> Emitter:
    """Of an amount and a number, in either order."""

    def emit(compiler: Compiler, expression: ir.Apply, terms: list[Term]) -> Term:
        left, right = (compiler.settled(term) for term in terms)
        money = left if left.kind == "money" else right
        return Term(exactly(compiler, tree(left.copy(), right.copy())), "money", money.currency)

    return emit


def _amounts(tree: _Tree) -> Emitter:
    def emit(compiler: Compiler, expression: ir.Apply, terms: list[Term]) -> Term:
        left, right = (compiler.settled(term) for term in terms)
        doubt_currencies(compiler, left, right)
        currency = right.currency if is_bare(left) else left.currency
        return Term(exactly(compiler, tree(left.copy(), right.copy())), "money", currency)

    return emit


def _negate(compiler: Compiler, expression: ir.Apply, terms: list[Term]) -> Term:
    value = compiler.settled(terms[0])
    return value._replace(sql=exp.Neg(this=wrapped(value.copy())), constant=_unknown(), present=False)


def _unknown() -> object:
    return Term(exp.Null(), "").constant


def _divide(compiler: Compiler, expression: ir.Apply, terms: list[Term]) -> Term:
    """By a constant whose inverse is a decimal: databases round other quotients in ways of their own."""
    value = compiler.settled(terms[0])
    divisor = terms[1].constant
    if not isinstance(divisor, Decimal) or not divisor:
        raise Unsupported(expression.function)
    inverse = CONTEXT.divide(Decimal(1), divisor)
    if CONTEXT.multiply(inverse, divisor) != 1 or len(inverse.as_tuple().digits) > 12:
        raise Unsupported(expression.function)
    quotient = _times(value.copy(), plain_number(inverse))
    return Term(exactly(compiler, quotient), expression.type.kind, value.currency)


def _round(compiler: Compiler, expression: ir.Apply, terms: list[Term]) -> Term:
    value = compiler.settled(terms[0])
    decimals = terms[1].constant if len(terms) > 1 else Decimal(0)
    if not isinstance(decimals, Decimal) or not 0 <= int(decimals) <= 6:
        raise Unsupported("round")
    places = int(decimals) + (2 if expression.arguments[0].type.kind == "percentage" else 0)
    rounded = call("ROUND", value.copy(), exp.Literal.number(places))
    return Term(rounded, value.kind, value.currency)


def _whole(name: str) -> Emitter:
    def emit(compiler: Compiler, expression: ir.Apply, terms: list[Term]) -> Term:
        value = compiler.settled(terms[0])
        if expression.arguments[0].type.kind == "percentage":
            hundredths = call(name, _times(value.copy(), exp.Literal.number("100.0")))
            return Term(_times(hundredths, exp.Literal.number("0.01")), value.kind)
        number = value.copy()
        if not isinstance(number, exp.Column) or value.storage != "number":
            # of a whole number databases give a binary float
            number = _times(number, exp.Literal.number("1.0"))
        return Term(call(name, number), value.kind, value.currency)

    return emit


def _absolute(compiler: Compiler, expression: ir.Apply, terms: list[Term]) -> Term:
    value = compiler.settled(terms[0])
    if value.kind == "duration":
        raise Unsupported("duration")
    return Term(call("ABS", value.copy()), value.kind, value.currency)


def extreme(node: type[exp.Binary]) -> Emitter:
    """The smaller or the larger of two; missing where one is."""

    def emit(compiler: Compiler, expression: ir.Apply, terms: list[Term]) -> Term:
        left, right = met(compiler, terms)
        if left.kind == "duration":
            raise Unsupported("duration")
        first = in_order(compiler, node, left, right)
        second = in_order(compiler, exp.GT if node is exp.LTE else exp.LT, left, right)
        currency = None
        if left.currency is not None and right.currency is not None:
            currency = case((first.copy(), left.currency.copy()), (second.copy(), right.currency.copy()))
        chosen = case((first, left.copy()), (second, right.copy()))
        return Term(chosen, left.kind, currency)

    return emit


def _to_money(compiler: Compiler, expression: ir.Apply, terms: list[Term]) -> Term:
    currency = compiler.model.settings.currency
    if isinstance(terms[0].constant, Decimal):
        return compiler.constant(Money(terms[0].constant, currency), expression.type)
    value = compiler.settled(terms[0])
    return Term(value.copy(), "money", literal(currency))


def number_of(sql: Sql) -> Term:
    """A whole number that a function of the database gives."""
    return Term(sql, "number")


SHARED = {
    "minimum_of_two": extreme(exp.LTE),
    "maximum_of_two": extreme(exp.GTE),
    "to_money": _to_money,
}

NATIVE = {
    **SHARED,
    "add": _number(_plus),
    "subtract": _number(_minus),
    "multiply": _number(_times),
    "divide": _divide,
    "negate": _negate,
    "add_money": _amounts(_plus),
    "subtract_money": _amounts(_minus),
    "multiply_money": _amount(_times),
    "divide_money": _divide,
    "negate_money": _negate,
    "percent_on": _number(_more),
    "percent_off": _number(_less),
    "percent_of": _number(_times),
    "percent_on_money": _amount(_more),
    "percent_off_money": _amount(_less),
    "percent_of_money": _amount(_times),
    "add_percentage": _number(_plus),
    "subtract_percentage": _number(_minus),
    "multiply_percentage": _number(_times),
    "divide_percentage": _divide,
    "negate_percentage": _negate,
    "round": _round,
    "round_up": _whole("CEIL"),
    "round_down": _whole("FLOOR"),
    "absolute": _absolute,
}

for _name in ("postgres", "duckdb", "spark"):
    EMITTERS.setdefault(_name, {}).update(NATIVE)
EMITTERS.setdefault("sqlite", {}).update(SHARED)
