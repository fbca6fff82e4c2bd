"""Values at run time: equality, order, decimal arithmetic and money."""

from __future__ import annotations

import decimal
import unicodedata
from collections.abc import Callable
from datetime import date, datetime, time
from decimal import Decimal

from ..dsl.values import ANY_CURRENCY, Duration, Money, Reference, Value
from .problems import Failure

CONTEXT = decimal.Context(
    prec=34,
    rounding=decimal.ROUND_HALF_EVEN,
    Emin=-6143,
    Emax=6144,
    traps=[decimal.InvalidOperation, decimal.DivisionByZero, decimal.Overflow],
)
"""Decimal128: all arithmetic of the language goes through it, whatever the context of the thread."""

ZERO = Decimal(0)
ONE = Decimal(1)
_DAY = Decimal(86400)
_LONGEST = 10_000 * 366 * _DAY
"""No longer duration, in seconds, comes of a multiplication."""
_MONTH = Decimal(2629746)
"""The mean length of a month in seconds, to order durations of unlike parts."""


def exactly(operation: Callable[[], Decimal]) -> Decimal | None:
    """The result of an arithmetic operation; missing where it has none (a root of a negative number).

    Raises :class:`Failure` when the number is too large to be written with 34 digits and an exponent of 6144.
    """
    try:
        return operation()
    except decimal.Overflow:
        raise Failure("QD504") from None
    except (decimal.InvalidOperation, decimal.DivisionByZero):
        return None


def nfc(text: str) -> str:
    """Composed form, in which texts are stored and compared."""
    return text if text.isascii() else unicodedata.normalize("NFC", text)


def equal(left: Value, right: Value) -> bool:
    """Two missing values are equal; texts compare exactly after NFC; durations by their length."""
    if left is None or right is None:
        return left is right
    if isinstance(left, str) and isinstance(right, str):
        return left == right or nfc(left) == nfc(right)
    if isinstance(left, Duration) and isinstance(right, Duration):
        return length_of(left) == length_of(right)
    if isinstance(left, bool) is not isinstance(right, bool):
        return False
    if isinstance(left, Money) and isinstance(right, Money) and ANY_CURRENCY in (left.currency, right.currency):
        return left.amount == right.amount
    if isinstance(left, tuple) and not isinstance(left, (Money, Reference, Duration)):
        return type(right) is tuple and len(left) == len(right) and all(map(equal, left, right))
    return type(left) is type(right) and left == right


def compare(left: Value, right: Value) -> int:
    """Negative, zero or positive as ``left`` is below, equal to or above ``right``; neither is missing.

    Raises :class:`Failure` for two currencies and for values that have no order.
    """
    if isinstance(left, Money) and isinstance(right, Money):
        same_currency(left, right)
        return _sign(left.amount, right.amount)
    if isinstance(left, Duration) and isinstance(right, Duration):
        return _sign(length_of(left), length_of(right))
    if isinstance(left, str) and isinstance(right, str):
        return _sign(nfc(left), nfc(right))
    for kind in (Decimal, datetime, time):
        if isinstance(left, kind) and isinstance(right, kind):
            return _sign(left, right)
    if isinstance(left, date) and isinstance(right, date) and type(left) is type(right):
        return _sign(left, right)
    raise Failure("QD506", left=kind_of(left), right=kind_of(right))


def _sign(left: object, right: object) -> int:
    return (left > right) - (left < right)  # pyright: ignore[reportOperatorIssue, reportUnknownVariableType]


def same_currency(left: Money, right: Money) -> str:
    """The currency of both. Raises :class:`Failure` when they differ."""
    if left.currency != right.currency:
        if ANY_CURRENCY in (left.currency, right.currency):
            return left.currency or right.currency
        raise Failure("QD505", left=left.currency, right=right.currency)
    return left.currency


def length_of(duration: Duration) -> Decimal:
    """The length of a duration in seconds, a month and a business day being taken at their usual length."""
    days = CONTEXT.multiply(Decimal(duration.days + duration.business_days), _DAY)
    months = CONTEXT.multiply(Decimal(duration.months), _MONTH)
    seconds = CONTEXT.add(duration.seconds, duration.business_seconds)
    return CONTEXT.add(CONTEXT.add(months, days), seconds)


def add_durations(left: Duration, right: Duration) -> Duration:
    """Part by part."""
    return Duration(
        left.months + right.months,
        left.days + right.days,
        CONTEXT.add(left.seconds, right.seconds),
        left.business_days + right.business_days,
        CONTEXT.add(left.business_seconds, right.business_seconds),
    )


def negate_duration(duration: Duration) -> Duration:
    return Duration(
        -duration.months,
        -duration.days,
        -duration.seconds,
        -duration.business_days,
        -duration.business_seconds,
    )


def multiply_duration(duration: Duration, factor: Decimal) -> Duration:
    """Part by part; what is left of a whole day becomes seconds, of a business day or a month it is dropped.

    Raises :class:`Failure` for one that no two dates are apart.
    """
    length = exactly(lambda: CONTEXT.multiply(length_of(duration), factor))
    parts = (Decimal(duration.months), Decimal(duration.days), duration.seconds, Decimal(duration.business_days))
    largest = max(abs(part) for part in (*parts, duration.business_seconds))
    total = exactly(lambda: CONTEXT.multiply(largest, factor))
    if length is None or total is None or max(abs(length), abs(total)) > _LONGEST:
        raise Failure("QD504")
    days = CONTEXT.multiply(Decimal(duration.days), factor)
    whole_days = int(days)
    rest = CONTEXT.multiply(CONTEXT.subtract(days, Decimal(whole_days)), _DAY)
    return Duration(
        int(CONTEXT.multiply(Decimal(duration.months), factor)),
        whole_days,
        CONTEXT.add(CONTEXT.multiply(duration.seconds, factor), rest),
        int(CONTEXT.multiply(Decimal(duration.business_days), factor)),
        CONTEXT.multiply(duration.business_seconds, factor),
    )


def kind_of(value: Value) -> str:
    """The kind of type a value has at run time, as in :class:`~..dsl.types.Type`."""
    if value is None:
        return "empty"
    for kind, name in _KINDS:
        if isinstance(value, kind):
            return name
    return "list"


_KINDS: tuple[tuple[type, str], ...] = (
    (bool, "boolean"),
    (str, "text"),
    (Decimal, "number"),
    (Money, "money"),
    (Reference, "reference"),
    (Duration, "duration"),
    (datetime, "datetime"),
    (date, "date"),
    (time, "time"),
)
