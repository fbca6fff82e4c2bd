"""Emitters for SQLite: functions of ours, which are the interpreter's own, over the texts that columns hold."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlglot import exp

from ...dsl import ir
from . import texts
from .comparing import doubt_currencies, is_bare
from .dialects import EMITTERS, Emitter
from .terms import Term, Unsupported, call

if TYPE_CHECKING:
    from .compiler import Compiler


def _called(function: str, result: str = "") -> Emitter:
    """A function over texts that stand for values."""

    def emit(compiler: Compiler, expression: ir.Apply, terms: list[Term]) -> Term:
        settled = [compiler.settled(term) for term in terms]
        if any(term.kind not in _KINDS for term in settled):
            raise Unsupported("value")
        kinds = tuple(term.kind for term in settled)
        name = compiler.functions.name(function, kinds)
        return Term(call(name, *(term.copy() for term in settled)), result or expression.type.kind)

    return emit


def _money(function: str) -> Emitter:
    """A function over amounts of one currency, or an amount and a number."""
    inner = _called(function, "money")

    def emit(compiler: Compiler, expression: ir.Apply, terms: list[Term]) -> Term:
        settled = [compiler.settled(term) for term in terms]
        amounts = [term for term in settled if term.kind == "money"]
        if len(amounts) == 2:
            doubt_currencies(compiler, *amounts)
        said = next((term for term in amounts if not is_bare(term)), amounts[0])
        return inner(compiler, expression, settled)._replace(currency=said.currency)

    return emit


def _ratio(compiler: Compiler, expression: ir.Apply, terms: list[Term]) -> Term:
    settled = [compiler.settled(term) for term in terms]
    doubt_currencies(compiler, *settled)
    return _called("divide", "number")(compiler, expression, settled)


def _either(plain: Emitter, money: Emitter) -> Emitter:
    def emit(compiler: Compiler, expression: ir.Apply, terms: list[Term]) -> Term:
        return (money if terms[0].kind == "money" else plain)(compiler, expression, terms)

    return emit


def _from_now(function: str) -> Emitter:
    def emit(compiler: Compiler, expression: ir.Apply, terms: list[Term]) -> Term:
        now = Term(exp.Null(), "datetime", free=ir.Apply("now", (), expression.type))
        return _called(function)(compiler, expression, [now, terms[0]])

    return emit


_KINDS = frozenset("text choice number integer percentage money date datetime time duration".split())
_SAME = (
    "contains starts_with ends_with matches length uppercase lowercase add subtract multiply divide power negate "
    "percent_on percent_off percent_of add_percentage subtract_percentage multiply_percentage divide_percentage "
    "negate_percentage ratio add_duration subtract_duration add_duration_instant subtract_duration_instant "
    "add_durations subtract_durations multiply_duration negate_duration days_between time_elapsed number_of_days "
    "time_of_day to_datetime to_date date_at year month day weekday"
).split()
_OF_AMOUNTS = {
    "add_money": "add",
    "subtract_money": "subtract",
    "multiply_money": "multiply",
    "divide_money": "divide",
    "negate_money": "negate",
    "percent_on_money": "percent_on",
    "percent_off_money": "percent_off",
    "percent_of_money": "percent_of",
}

EMITTERS.setdefault("sqlite", {}).update(
    {
        **{name: _called(name) for name in _SAME},
        **{name: _money(inner) for name, inner in _OF_AMOUNTS.items()},
        **{name: _either(_called(name), _money(name)) for name in ("round", "round_up", "round_down", "absolute")},
        "ratio_money": _ratio,
        "in_duration": _from_now("add_duration_instant"),
        "ago": _from_now("subtract_duration_instant"),
        "digits": texts.NATIVE["digits"],
    }
)
