"""Bodies of the built-in functions and operators of ``dsl/signatures.py``.

A body takes the scope and the arguments. None of them sees a missing argument unless it is in ``LENIENT``: over one
the result is missing, a comparison unknown. The result ``None`` means either.
"""

from __future__ import annotations

from datetime import time
from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING, Any

from ..dsl.fold import fold
from ..dsl.values import Duration, Money, Reference, Value
from .functions_dates import DATE_FUNCTIONS, Body
from .values import (
    CONTEXT,
    ONE,
    compare,
    equal,
    exactly,
    negate_duration,
    nfc,
    same_currency,
)

if TYPE_CHECKING:
    from .interpret import Scope

HUNDRED = Decimal(100)


# --- comparisons --------------------------------------------------------------------------------------------------


def _equal(scope: Scope, left: Value, right: Value) -> bool:
    return equal(*scope.clockwork.comparable(left, right))


def _not_equal(scope: Scope, left: Value, right: Value) -> bool:
    return not _equal(scope, left, right)


def _one_of(scope: Scope, value: Value, *others: Value) -> bool:
    return any(_equal(scope, value, other) for other in others)


def _order(scope: Scope, left: Value, right: Value) -> int:
    return compare(*scope.clockwork.comparable(left, right))


def _less(scope: Scope, left: Value, right: Value) -> bool:
    return _order(scope, left, right) < 0


def _less_or_equal(scope: Scope, left: Value, right: Value) -> bool:
    return _order(scope, left, right) <= 0


def _greater(scope: Scope, left: Value, right: Value) -> bool:
    return _order(scope, left, right) > 0


def _greater_or_equal(scope: Scope, left: Value, right: Value) -> bool:
    return _order(scope, left, right) >= 0


def _between(scope: Scope, value: Value, low: Value, high: Value) -> bool:
    return _order(scope, value, low) >= 0 and _order(scope, value, high) <= 0


def _time_between(scope: Scope, value: Any, low: time, high: time) -> bool:
    moment = scope.clockwork.time_of_day(value)
    return low <= moment <= high if low <= high else moment >= low or moment <= high


def _list_contains(scope: Scope, members: tuple[Value, ...], value: Value) -> bool:
    return any(_equal(scope, member, value) for member in members)


def _contains(scope: Scope, text: str, part: str) -> bool:
    return fold(part) in fold(text)


def _starts_with(scope: Scope, text: str, part: str) -> bool:
    return fold(text).startswith(fold(part))


def _ends_with(scope: Scope, text: str, part: str) -> bool:
    return fold(text).endswith(fold(part))


def _matches(scope: Scope, text: str, pattern: str) -> bool:
    return wildcard(fold(text), fold(pattern))


def wildcard(text: str, pattern: str) -> bool:
    """Whether the whole text fits the pattern, in which ``*`` is any run of characters.

    The pieces between the stars are found one after the other, each as early as it can be: the time is at most
    proportional to text × pattern.
    """
    first, *rest = pattern.split("*")
    if not rest:
        return text == pattern
    *middle, last = rest
    if len(text) < len(first) + len(last) or not text.startswith(first) or not text.endswith(last):
        return False
    position, end = len(first), len(text) - len(last)
    for piece in middle:
        found = text.find(piece, position, end)
        if found < 0:
            return False
        position = found + len(piece)
    return True


# --- numbers, percentages, money ----------------------------------------------------------------------------------


def _add(scope: Scope, left: Decimal, right: Decimal) -> Value:
    return exactly(lambda: CONTEXT.add(left, right))


def _subtract(scope: Scope, left: Decimal, right: Decimal) -> Value:
    return exactly(lambda: CONTEXT.subtract(left, right))


def _multiply(scope: Scope, left: Decimal, right: Decimal) -> Decimal | None:
    return exactly(lambda: CONTEXT.multiply(left, right))


def _divide(scope: Scope, left: Decimal, right: Decimal) -> Decimal | None:
    return exactly(lambda: CONTEXT.divide(left, right)) if right else None


def _power(scope: Scope, base: Decimal, exponent: Decimal) -> Value:
    return exactly(lambda: CONTEXT.power(base, exponent))


def _negate(scope: Scope, value: Decimal) -> Value:
    return CONTEXT.minus(value)


def _money(amount: Decimal | None, currency: str) -> Money | None:
    return None if amount is None else Money(amount, currency)


def _add_money(scope: Scope, left: Money, right: Money) -> Value:
    return _money(exactly(lambda: CONTEXT.add(left.amount, right.amount)), same_currency(left, right))


def _subtract_money(scope: Scope, left: Money, right: Money) -> Value:
    return _money(exactly(lambda: CONTEXT.subtract(left.amount, right.amount)), same_currency(left, right))


def _multiply_money(scope: Scope, money: Any, factor: Any) -> Value:
    if not isinstance(money, Money):
        money, factor = factor, money
    return _money(_multiply(scope, money.amount, factor), money.currency)


def _divide_money(scope: Scope, money: Money, divisor: Decimal) -> Value:
    return _money(_divide(scope, money.amount, divisor), money.currency)


def _ratio_money(scope: Scope, left: Money, right: Money) -> Value:
    same_currency(left, right)
    return _divide(scope, left.amount, right.amount)


def _negate_money(scope: Scope, money: Money) -> Value:
    return Money(CONTEXT.minus(money.amount), money.currency)


def _percent_on(scope: Scope, value: Decimal, rate: Decimal) -> Value:
    return _multiply(scope, value, CONTEXT.add(ONE, rate))


def _percent_off(scope: Scope, value: Decimal, rate: Decimal) -> Value:
    return _multiply(scope, value, CONTEXT.subtract(ONE, rate))


def _percent_on_money(scope: Scope, money: Money, rate: Decimal) -> Value:
    return _multiply_money(scope, money, CONTEXT.add(ONE, rate))


def _percent_off_money(scope: Scope, money: Money, rate: Decimal) -> Value:
    return _multiply_money(scope, money, CONTEXT.subtract(ONE, rate))


def rounded(value: Any, decimals: int, rounding: str) -> Value:
    """A number or an amount with that many decimals; whole tens, hundreds... when ``decimals`` is negative."""
    if isinstance(value, Money):
        return Money(_quantized(value.amount, decimals, rounding), value.currency)
    return _quantized(value, decimals, rounding)


def _quantized(value: Decimal, decimals: int, rounding: str) -> Decimal:
    exponent = value.as_tuple().exponent
    if isinstance(exponent, int) and -exponent <= decimals:
        return value
    result = exactly(lambda: value.quantize(Decimal((0, (1,), -decimals)), rounding=rounding, context=CONTEXT))
    return value if result is None else result


def _round(scope: Scope, value: Any, decimals: Decimal = Decimal(0)) -> Value:
    return rounded(value, int(decimals), ROUND_HALF_UP)


def _round_up(scope: Scope, value: Any) -> Value:
    return rounded(value, 0, ROUND_CEILING)


def _round_down(scope: Scope, value: Any) -> Value:
    return rounded(value, 0, ROUND_FLOOR)


def of_percentage(body: Body) -> Body:
    """The same rounding over a percentage, which is read in hundredths: 5.25 % to one decimal is 5.3 %."""

    def over_percentage(scope: Scope, value: Decimal, *decimals: Decimal) -> Value:
        result = body(scope, CONTEXT.multiply(value, HUNDRED), *decimals)
        assert isinstance(result, Decimal)
        return CONTEXT.divide(result, HUNDRED)

    return over_percentage


def _absolute(scope: Scope, value: Any) -> Value:
    if isinstance(value, Money):
        return Money(value.amount.copy_abs(), value.currency)
    if isinstance(value, Duration):
        return negate_duration(value) if compare(value, Duration()) < 0 else value
    return value.copy_abs()


def _smaller(scope: Scope, left: Value, right: Value) -> Value:
    return _of_both(left, right) if _order(scope, left, right) <= 0 else _of_both(right, left)


def _larger(scope: Scope, left: Value, right: Value) -> Value:
    return _of_both(left, right) if _order(scope, left, right) >= 0 else _of_both(right, left)


def _of_both(chosen: Value, other: Value) -> Value:
    """The value chosen; a number without unit in the currency of the other."""
    if isinstance(chosen, Money) and isinstance(other, Money):
        return Money(chosen.amount, same_currency(chosen, other))
    return chosen


# --- texts --------------------------------------------------------------------------------------------------------


def _concatenate(scope: Scope, left: str, right: str) -> Value:
    return scope.checked_text(left + right)


def _length(scope: Scope, text: str) -> Value:
    return Decimal(len(nfc(text)))


def _digits(scope: Scope, number: Decimal) -> Value:
    return f"{number:f}"


def _uppercase(scope: Scope, text: str) -> Value:
    return scope.checked_text(text.upper())


def _lowercase(scope: Scope, text: str) -> Value:
    return scope.checked_text(text.lower())


def _to_money(scope: Scope, amount: Decimal) -> Value:
    return Money(amount, scope.model.settings.currency)


def _key(scope: Scope, reference: Reference) -> Value:
    return reference.id


def _of_kind(scope: Scope, reference: Reference, kind: str) -> Value:
    return reference if reference.object == kind else None


FUNCTIONS: dict[str, Body] = {
    **DATE_FUNCTIONS,
    "equal": _equal,
    "not_equal": _not_equal,
    "one_of": _one_of,
    "less": _less,
    "less_or_equal": _less_or_equal,
    "greater": _greater,
    "greater_or_equal": _greater_or_equal,
    "between": _between,
    "time_between": _time_between,
    "contains": _contains,
    "list_contains": _list_contains,
    "starts_with": _starts_with,
    "ends_with": _ends_with,
    "matches": _matches,
    "add": _add,
    "subtract": _subtract,
    "multiply": _multiply,
    "divide": _divide,
    "power": _power,
    "negate": _negate,
    "add_money": _add_money,
    "subtract_money": _subtract_money,
    "multiply_money": _multiply_money,
    "divide_money": _divide_money,
    "ratio_money": _ratio_money,
    "negate_money": _negate_money,
    "percent_on": _percent_on,
    "percent_off": _percent_off,
    "percent_of": _multiply,
    "percent_on_money": _percent_on_money,
    "percent_off_money": _percent_off_money,
    "percent_of_money": _multiply_money,
    "add_percentage": _add,
    "subtract_percentage": _subtract,
    "multiply_percentage": _multiply,
    "divide_percentage": _divide,
    "negate_percentage": _negate,
    "ratio": _divide,
    "concatenate": _concatenate,
    "round": _round,
    "round_up": _round_up,
    "round_down": _round_down,
    "absolute": _absolute,
    "minimum_of_two": _smaller,
    "maximum_of_two": _larger,
    "length": _length,
    "digits": _digits,
    "uppercase": _uppercase,
    "lowercase": _lowercase,
    "to_money": _to_money,
    "key": _key,
    "of_kind": _of_kind,
}

LENIENT = frozenset({"equal", "not_equal", "one_of"})
"""Functions that take a missing argument for a value."""

OF_PERCENTAGE: dict[str, Body] = {name: of_percentage(FUNCTIONS[name]) for name in ("round", "round_up", "round_down")}
"""The same names over a percentage."""
