"""Emitters of comparisons, alike in all dialects."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from typing import TYPE_CHECKING

from sqlglot import exp

from ...dsl import ir
from ...dsl.types import ANY_OBJECT, DATETIME
from ...dsl.values import ANY_CURRENCY, Duration
from ..values import length_of
from .dialects import EMITTERS, plain_number
from .terms import (
    DATES,
    NUMBERS,
    TEXTS,
    Sql,
    Term,
    Unsupported,
    binary,
    case,
    coalesce,
    conjunction,
    disjunction,
    false,
    is_null,
    is_there,
    literal,
    negated,
    true,
    wrapped,
)

if TYPE_CHECKING:
    from .compiler import Compiler

LENIENT = frozenset({"equal", "not_equal", "one_of"})
_OPEN = frozenset({"any", "union"})
_ORDERS: dict[str, type[exp.Binary]] = {
    "less": exp.LT,
    "less_or_equal": exp.LTE,
    "greater": exp.GT,
    "greater_or_equal": exp.GTE,
}


# --- terms that meet ----------------------------------------------------------------------------------------------


def met(compiler: Compiler, terms: list[Term]) -> list[Term]:
    """Terms as they can be compared: with SQL, and of one kind. Raises :class:`Unsupported`."""
    said = [term for term in terms if not term.is_missing]
    opened = any(term.kind in _OPEN for term in said)
    storage = next(
        (term.storage for term in said if term.kind == "reference" and term.free is None and not term.is_constant), ""
    )
    made: list[Term] = []
    for term in terms:
        if term.free is not None and opened:
            term = compiler.settled(term, ANY_OBJECT)
        elif term.free is not None:
            term = compiler.settled(term, None, storage if term.kind == "reference" else "")
        elif opened and term.kind not in _OPEN and not term.is_missing:
            term = term._replace(sql=compiler.open_reference(term), kind="any")
        elif term.kind == "reference" and term.is_constant and storage not in {"", "text"} and not term.is_missing:
            raise Unsupported("storage")
        made.append(term)
    kinds = {_family(term) for term in made if not term.is_missing}
    if kinds == set(DATES):
        made = [as_instant(compiler, term) if term.kind == "date" else term for term in made]
        kinds = {"datetime"}
    if len(kinds) > 1 or kinds & {"list", "error", "empty"}:
        raise Unsupported("mixture")
    return made


def _family(term: Term) -> str:
    kind = term.kind
    return "number" if kind in NUMBERS else "text" if kind in TEXTS else "any" if kind in _OPEN else kind


def as_instant(compiler: Compiler, term: Term) -> Term:
    """A date as the instant of its local midnight."""
    if term.is_missing:
        return term._replace(kind="datetime", sql=compiler.dialect.constant(None, "datetime"))
    if isinstance(term.constant, date) and not isinstance(term.constant, datetime):
        return compiler.constant(compiler.clockwork.instant(term.constant), DATETIME)
    node = ir.Apply("to_datetime", (ir.Constant(None, DATETIME),), DATETIME)
    return EMITTERS[compiler.dialect.name]["to_datetime"](compiler, node, [term])


# --- equality -----------------------------------------------------------------------------------------------------


def _equality(compiler: Compiler, left: Term, right: Term, *, exact: bool) -> Sql:
    """Whether two terms are equal, a missing value being one; never unknown if ``exact``."""
    left, right = met(compiler, [left, right])
    if left.is_missing and right.is_missing:
        return true()
    if left.is_missing or right.is_missing:
        other = right if left.is_missing else left
        return false() if other.is_constant else is_null(other.copy())
    if left.is_constant and not right.is_constant:
        left, right = right, left
    if left.kind == "money":
        return _equal_amounts(compiler, left, right, exact=exact)
    if left.kind == "reference" and left.target != right.target and None not in {left.target, right.target}:
        return conjunction([is_null(left.copy()), is_null(right.copy())])
    if left.kind == "reference" and left.storage != right.storage:
        raise Unsupported("storage")
    if left.kind == "duration" and compiler.dialect.native:
        pair = lengths(left, right)
    elif left.kind in TEXTS:
        pair = left.copy(), right.copy()
    else:
        # SQLite compares numbers by the collation of the left side
        pair = compiler.dialect.ordered(left), right.copy()
        if left.kind == "duration":
            pair = pair[0], compiler.dialect.ordered(right)
    sure = (left.present and right.present) or (not exact and (left.present or right.present))
    return binary(exp.EQ if sure else exp.NullSafeEQ, *pair)


def _equal_amounts(compiler: Compiler, left: Term, right: Term, *, exact: bool) -> Sql:
    amounts = binary(exp.EQ, compiler.dialect.ordered(left), right.copy())
    alike = _alike(left, right)
    both = amounts if alike is None else conjunction([amounts, alike])
    if right.present:
        return coalesce(both, false()) if exact else both
    missing = exp.Or(this=is_null(left.copy()), expression=is_null(right.copy()))
    nothing = conjunction([is_null(left.copy()), is_null(right.copy())])
    return case((missing, nothing), otherwise=both)


def _equal(compiler: Compiler, expression: ir.Apply, terms: list[Term]) -> Term:
    return Term(_equality(compiler, *terms, exact=True), "boolean", present=True)


def _equal_truth(compiler: Compiler, expression: ir.Apply, terms: list[Term]) -> Term:
    return Term(_equality(compiler, *terms, exact=False), "boolean")


def _not_equal(compiler: Compiler, expression: ir.Apply, terms: list[Term]) -> Term:
    same = _equality(compiler, *terms, exact=True)
    if isinstance(same, exp.NullSafeEQ):
        return Term(exp.NullSafeNEQ(this=same.this, expression=same.expression), "boolean", present=True)
    return Term(negated(same), "boolean", present=True)


def _membership(compiler: Compiler, terms: list[Term], *, exact: bool) -> Sql:
    value, *others = terms
    listed = [other for other in others if other.is_constant and not other.is_missing]
    plain = len(listed) == len([other for other in others if not other.is_missing])
    if (
        value.is_constant
        or value.kind in {"money", "duration", "reference", "any", "union"}
        or not plain
        or len(listed) < 2
    ):
        return disjunction([_equality(compiler, value, other, exact=exact) for other in others])
    value, *listed = met(compiler, [value, *listed])
    left = value.copy() if value.kind in TEXTS else compiler.dialect.ordered(value)
    found: Sql = exp.In(this=wrapped(left), expressions=[other.copy() for other in listed])
    if len(listed) < len(others):
        return disjunction([is_null(value.copy()), found])
    return coalesce(found, false()) if exact and not value.present else found


def _one_of(compiler: Compiler, expression: ir.Apply, terms: list[Term]) -> Term:
    return Term(_membership(compiler, terms, exact=True), "boolean", present=True)


def _one_of_truth(compiler: Compiler, expression: ir.Apply, terms: list[Term]) -> Term:
    return Term(_membership(compiler, terms, exact=False), "boolean")


# --- order --------------------------------------------------------------------------------------------------------


def in_order(compiler: Compiler, node: type[exp.Binary], left: Term, right: Term) -> Sql:
    """``left < right`` and the like, of terms that have met; unknown where one is missing."""
    if left.kind in {"boolean", "reference", "any"}:
        raise Unsupported("mixture")
    if left.kind == "money":
        doubt_currencies(compiler, left, right)
    if left.kind == "duration" and compiler.dialect.native:
        return binary(node, *lengths(left, right))
    both = left.kind in {"duration", *TEXTS}
    return binary(node, compiler.dialect.ordered(left), compiler.dialect.ordered(right) if both else right.copy())


def doubt_currencies(compiler: Compiler, left: Term, right: Term) -> None:
    """Two amounts of different currencies make the interpreter fail."""
    alike = _alike(left, right)
    if alike is None or left.currency == right.currency:
        return
    said = [is_there(term.copy()) for term in (left, right) if not term.present]
    differ = exp.NEQ(**alike.args) if isinstance(alike, exp.EQ) else exp.Not(this=exp.Paren(this=alike))
    compiler.doubt(conjunction([*said, differ]))


def _alike(left: Term, right: Term) -> Sql | None:
    """Whether two amounts are of one currency; ``None`` where a bare number takes that of the other."""
    assert left.currency is not None
    assert right.currency is not None
    if is_bare(left) or is_bare(right):
        return None
    alike = binary(exp.EQ, left.currency.copy(), right.currency.copy())
    for currency in (left.currency, right.currency):
        if any(_is_any(each) for each in currency.find_all(exp.Literal)):
            alike = exp.Or(this=alike, expression=binary(exp.EQ, currency.copy(), literal(ANY_CURRENCY)))
    return alike


def is_bare(term: Term) -> bool:
    """Whether an amount is a number without a currency of its own, which takes that of the amount beside it."""
    return term.currency is not None and _is_any(term.currency)


def _is_any(sql: Sql) -> bool:
    return isinstance(sql, exp.Literal) and sql.is_string and sql.this == ANY_CURRENCY


def lengths(left: Term, right: Term) -> tuple[Sql, Sql]:
    """Two durations that SQL works out, in days where both are, else in seconds. Raises :class:`Unsupported`."""
    units = {unit for term in (left, right) for unit in _units(term)}
    if units <= {"days"}:
        return _in_days(left), _in_days(right)
    return _in_seconds(left), _in_seconds(right)


_SECONDS = {"days": 86_400, "seconds": 1}


def _units(term: Term) -> set[str]:
    if isinstance(term.constant, Duration):
        return {"days"} if term.constant == Duration(days=term.constant.days) else {"seconds"}
    if not term.parts:
        raise Unsupported("duration")
    return {unit for unit, _ in term.parts}


def _in_days(term: Term) -> Sql:
    if isinstance(term.constant, Duration):
        return plain_number(length_of(term.constant) / 86_400)
    ((_, days),) = term.parts
    return days.copy()


def _in_seconds(term: Term) -> Sql:
    if isinstance(term.constant, Duration):
        return plain_number(length_of(term.constant))
    ((unit, value),) = term.parts
    factor = _SECONDS[unit]
    return value.copy() if factor == 1 else binary(exp.Mul, value.copy(), exp.Literal.number(factor))


def _order(node: type[exp.Binary]) -> Callable[[Compiler, ir.Apply, list[Term]], Term]:
    def emit(compiler: Compiler, expression: ir.Apply, terms: list[Term]) -> Term:
        left, right = met(compiler, terms)
        return Term(in_order(compiler, node, left, right), "boolean")

    return emit


def _between(compiler: Compiler, expression: ir.Apply, terms: list[Term]) -> Term:
    value, low, high = met(compiler, terms)
    found = conjunction([in_order(compiler, exp.GTE, value, low), in_order(compiler, exp.LTE, value, high)])
    return Term(_where_there(found, [low, high]), "boolean")


def _where_there(sql: Sql, terms: list[Term]) -> Sql:
    """Unknown where a bound is missing: of *and* and *or* alone one false or true part would be enough."""
    missing = [is_there(term.copy()) for term in terms if not term.present]
    return case((conjunction(missing), sql)) if missing else sql


def _time_between(compiler: Compiler, expression: ir.Apply, terms: list[Term]) -> Term:
    from .dates import time_of

    moment, low, high = (compiler.settled(term) for term in terms)
    if moment.kind != "time":
        moment = time_of(compiler, moment)
    after, before = binary(exp.GTE, moment.copy(), low.copy()), binary(exp.LTE, moment.copy(), high.copy())
    within = exp.And(this=after, expression=before)
    across = exp.Or(this=after.copy(), expression=before.copy())
    order = binary(exp.LTE, low.copy(), high.copy())
    if low.is_constant and high.is_constant:
        chosen: Sql = within if low.constant <= high.constant else across
    else:
        chosen = case((order, within), otherwise=across)
    return Term(_where_there(chosen, [low, high]), "boolean")


COMPARISONS = {
    "equal": _equal,
    "equal:truth": _equal_truth,
    "not_equal": _not_equal,
    "one_of": _one_of,
    "one_of:truth": _one_of_truth,
    **{name: _order(node) for name, node in _ORDERS.items()},
    "between": _between,
    "time_between": _time_between,
}

for _name in ("sqlite", "postgres", "duckdb", "spark"):
    EMITTERS.setdefault(_name, {}).update(COMPARISONS)
