"""How facts go from the process that has the data to the one that fills a template: as JSON."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime, time, tzinfo
from decimal import Decimal
from typing import Any

from ...dsl.fold import fold
from ...dsl.values import Duration, Money, Value

_BETWEEN_WORDS = re.compile(r"[^0-9a-z]+")


def key_of(name: str) -> str:
    """What a name in a template is compared by: ``montant_à_payer`` and ``Montant à payer`` are one."""
    return " ".join(_BETWEEN_WORDS.sub(" ", fold(name)).split())


def encoded(value: Value, zone: tzinfo) -> Any:
    """A single value as JSON takes it, an instant in the project's zone; :func:`decoded` gives it back."""
    match value:
        case None:
            return None
        case bool():
            return ["boolean", value]
        case Decimal():
            return ["number", str(value)]
        case Money():
            return ["money", str(value.amount), value.currency]
        case datetime():
            return ["datetime", value.astimezone(zone).isoformat()]
        case date():
            return ["date", value.isoformat()]
        case time():
            return ["time", value.isoformat()]
        case Duration():
            return ["duration", *map(str, value)]
        case _:
            return ["text", str(value)]


def decoded(told: list[Any]) -> Any:
    """The value that :func:`encoded` was given."""
    kind, *parts = told
    return _DECODED[kind](*parts)


def _money(amount: str, currency: str) -> Money:
    return Money(Decimal(amount), currency)


def _duration(months: str, days: str, seconds: str, business_days: str, business_seconds: str) -> Duration:
    return Duration(int(months), int(days), Decimal(seconds), int(business_days), Decimal(business_seconds))


_DECODED: Mapping[str, Any] = {
    "boolean": bool,
    "number": Decimal,
    "money": _money,
    "datetime": datetime.fromisoformat,
    "date": date.fromisoformat,
    "time": time.fromisoformat,
    "duration": _duration,
    "text": str,
}
