"""Values as JSON: exact numbers, instants in UTC, the notation of events and results."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any, cast

from ..dsl.values import Duration, Money, Reference, Value


def plain(value: Value, currency: str) -> Any:
    """A value as JSON shows it; an amount in the project's currency is a number."""
    match value:
        case Reference():
            return value.id
        case Decimal():
            return Decimal(number(value))
        case Money():
            amount = number(value.amount)
            return Decimal(amount) if value.currency == currency else {"amount": amount, "currency": value.currency}
        case Duration():
            return iso_duration(value)
        case datetime():
            return instant(value)
        case date() | time():
            return value.isoformat()
        case tuple():
            return [plain(member, currency) for member in value]
        case _:
            return value


def instant(moment: datetime) -> str:
    """``2026-11-23T09:00:00Z``; parts of a second only where there are some."""
    return moment.astimezone(UTC).replace(tzinfo=None).isoformat() + "Z"


def number(value: Decimal) -> str:
    """A decimal exactly, without exponent and without needless zeros: ``30``, ``0.05``."""
    text = format(value, "f")
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text in {"-0", ""} else text


def iso_duration(duration: Duration) -> str:
    """ISO 8601: ``P1M3DT2H30M``. Business time, which ISO does not know, follows as ``B5D`` or ``BT2H``."""
    civil = _iso_date(duration.months, duration.days) + _iso_time(duration.seconds)
    business = _iso_date(0, duration.business_days) + _iso_time(duration.business_seconds)
    if business:
        return (f"P{civil}" if civil else "") + f"B{business}"
    return f"P{civil or 'T0S'}"


def _iso_date(months: int, days: int) -> str:
    years, months = (int(months / 12), months - 12 * int(months / 12)) if months else (0, 0)
    return "".join(f"{value}{letter}" for value, letter in ((years, "Y"), (months, "M"), (days, "D")) if value)


def _iso_time(seconds: Decimal) -> str:
    if not seconds:
        return ""
    sign = "-" if seconds < 0 else ""
    minutes, rest = divmod(abs(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    parts = ((hours, "H"), (minutes, "M"), (rest, "S"))
    return "T" + "".join(f"{sign}{number(value)}{letter}" for value, letter in parts if value)


_quoted = json.JSONEncoder(ensure_ascii=False).encode


def json_text(value: Any) -> str:
    """JSON as ``json.dumps`` separates it, letters beyond ASCII kept, decimals to the last digit, keys in order."""
    if isinstance(value, str):
        return _quoted(value)
    if isinstance(value, dict):
        members = cast("dict[str, Any]", value).items()
        return "{" + ", ".join([f"{_quoted(name)}: {json_text(member)}" for name, member in members]) + "}"
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join([json_text(member) for member in cast("list[Any]", value)]) + "]"
    return number(value) if isinstance(value, Decimal) else _quoted(value)
