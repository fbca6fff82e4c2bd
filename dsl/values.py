"""The values that literals stand for and that records hold.

===============  =============================================
type             Python value
===============  =============================================
text, choice     ``str`` (a choice by its English name)
number, integer  ``decimal.Decimal`` (the unit is in the type)
percentage       ``decimal.Decimal``, ``0.05`` for 5 %
money            :class:`Money`
yes or no        ``bool``
date, time       ``datetime.date``, ``datetime.time``
date and time    ``datetime.datetime`` in UTC; a literal without a zone is naive until the project's zone is known
duration         :class:`Duration`
an object        :class:`Reference`
a list           ``tuple``
missing          ``None``
===============  =============================================
"""

from __future__ import annotations

from datetime import date, datetime, time
from decimal import Decimal
from typing import NamedTuple, TypeAlias


class Money(NamedTuple):
    """An amount with its ISO 4217 currency code.

    In a program, a number without unit beside an amount has the code ``ANY_CURRENCY``: that of the amount.
    """

    amount: Decimal
    currency: str


ANY_CURRENCY = ""
"""The currency of a number without unit that is compared with, added to or subtracted from an amount."""


class Reference(NamedTuple):
    """An object by the English name of its type and its identifier."""

    object: str
    id: str


class Duration(NamedTuple):
    """A length of time whose parts stay apart: months and days are civil, seconds elapsed, the rest business time."""

    months: int = 0
    days: int = 0
    seconds: Decimal = Decimal(0)
    business_days: int = 0
    business_seconds: Decimal = Decimal(0)


Scalar: TypeAlias = str | Decimal | Money | bool | date | time | datetime | Duration | Reference
Value: TypeAlias = Scalar | tuple["Value", ...] | None


def plain(number: Decimal) -> Decimal:
    """The same number without trailing zeros or exponent, so that ``5.0`` and ``5`` are written alike."""
    if number == number.to_integral_value():
        return number.quantize(Decimal(1)) if number.adjusted() < 27 else number
    return number.normalize()
