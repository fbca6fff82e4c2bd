"""Values in the columns of databases: exact, comparable where the column can compare them, readable by people.

How a value of a type is kept depends on the *storage* of its column:

===========  ======================================================================================================
``text``     numbers as ``12.5``, dates ``2026-11-23``, instants ``2026-11-23T09:00:00.000000Z``, durations ISO 8601,
             lists and what may be of several types as JSON
``number``   an exact decimal of the database
``real``     numbers of a column that may hold binary floats: read at the column's scale
``integer``  whole numbers
``boolean``  yes or no
``date``     dates; likewise ``time`` times of the day
``instant``  instants with their zone; ``local`` without, taken to be in UTC
``stamp``    texts like ``2026-11-23 09:00:00``, in UTC
``padded``   texts of a fixed length, filled with blanks
``uuid``     identifiers of a kind of their own
===========  ======================================================================================================

A text that a database cannot hold (with a zero character or half of a surrogate pair), one that is blank, and a value
that is not of its column's type are kept as ``ESC`` and JSON.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from functools import cache
from typing import Any, cast
from uuid import UUID

from ...dsl.fold import fold
from ...dsl.lexicon import languages, lexicon
from ...dsl.types import Type
from ...dsl.values import Duration, Money, Reference, Value
from ..results import iso_duration, json_text, number

ESCAPE = "\x1b"
_NUMBERS = frozenset({"number", "integer", "percentage"})
_DAMAGED = (ValueError, ArithmeticError, KeyError, TypeError, AttributeError)
_OPEN = frozenset({"any", "union", "list"})
TRUTHS = ("true", "false")
"""Yes and no in a column of texts, unless it has others."""
TRUTH_WORDS = (TRUTHS, ("t", "f"), ("y", "n"), ("1", "0"), ("on", "off"))
"""What columns hold for yes and no besides the words of the languages."""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECONDS = 10**11
"""Instants counted from 1970 beyond it are in milliseconds: as seconds they would be in the year 5138."""
_EXACT_FLOATS = 2.0**53
"""Beyond it a binary float has no decimals that mean anything."""
_SURROGATE = re.compile("[\ud800-\udfff]")
_UNSAFE = re.compile("[\x00\ud800-\udfff]")
_PART = re.compile(r"P?(?:(-?\d+)Y)?(?:(-?\d+)M)?(?:(-?\d+)D)?(?:T(?:(-?[\d.]+)H)?(?:(-?[\d.]+)M)?(?:(-?[\d.]+)S)?)?")


class Unfit(Exception):
    """A value that a column cannot hold, or what a column holds is no value of its field."""


def encode(value: Value, type_: Type, storage: str, scale: int | None = None) -> Any:
    """What the driver is given for a value that is not ``None``; an amount of money without its currency.

    Equal values give equal results. Raises :class:`Unfit`.
    """
    if isinstance(value, Money) and type_.kind == "money":
        value = value.amount
    if storage in {"text", "padded"}:
        return _as_text(value, type_)
    match storage, value:
        case "stamp", date():
            return _stamp(value, scale)
        case "instant" | "local", date() if not isinstance(value, datetime):
            return datetime(value.year, value.month, value.day, tzinfo=UTC if storage == "instant" else None)
        case "uuid", Reference():
            return _uuid(value.id)
        case "boolean", bool():
            return value
        case "number" | "real", Decimal():
            return number(value) if storage == "real" else _scaled(value, scale)
        case "integer", Decimal() if value == value.to_integral_value() and abs(value) < 2**63:
            return int(value)
        case "integer", bool():
            return int(value)
        case "integer", Reference() if _is_whole(value.id):
            return int(value.id)
        case "instant", datetime() if value.tzinfo is not None:
            return value
        case "local", datetime() if value.tzinfo is not None:
            return value.astimezone(UTC).replace(tzinfo=None)
        case "date", date() if not isinstance(value, datetime):
            return value
        case "time", time():
            return value
        case _:
            raise Unfit


def _stamp(value: date, digits: int | None) -> str:
    """An instant in the way the column has them, with that many digits of a second unless it has more."""
    if not isinstance(value, datetime):
        value = datetime(value.year, value.month, value.day, tzinfo=UTC)
    if value.tzinfo is None:
        raise Unfit
    text = value.astimezone(UTC).replace(tzinfo=None).isoformat(sep=" ", timespec="microseconds")
    needed = text.rstrip("0").rpartition(".")[2]
    return text[:20] + text[20:].ljust(6, "0")[: max(digits or 0, len(needed))] if digits or needed else text[:19]


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError as error:
        raise Unfit from error


def decode(raw: Any, type_: Type, scale: int | None = None) -> Value:
    """The value that a column holds; of money the amount only. Raises :class:`Unfit`."""
    if raw is None:
        return None
    if isinstance(raw, (bytes, memoryview)):
        raw = bytes(cast("Any", raw)).decode("utf-8", "replace")
    if isinstance(raw, str):
        if raw.startswith(ESCAPE):
            value = from_json(raw[1:])
            is_name = type_.kind == "reference" and isinstance(value, str)
            return Reference(type_.object or "", cast("str", value)) if is_name else value
        if not raw.strip() and type_.kind not in _OPEN:
            return None
    try:
        return _decoded(raw, type_, scale)
    except _DAMAGED as error:
        raise Unfit from error


def _decoded(raw: Any, type_: Type, scale: int | None) -> Value:
    kind = type_.kind
    if kind in _NUMBERS or kind == "money":
        return exact(raw, scale)
    match kind:
        case "boolean":
            return _truth(raw)
        case "date":
            return _day(raw)
        case "datetime":
            return _moment(raw)
        case "time":
            return raw if isinstance(raw, time) else time.fromisoformat(str(raw))
        case "duration":
            return duration(str(raw))
        case "reference":
            return Reference(type_.object or "", _plain_text(raw))
        case _ if kind in _OPEN:
            return from_json(raw) if isinstance(raw, str) else _plain_text(raw)
        case _:
            return _plain_text(raw)


def exact(raw: Any, scale: int | None = None) -> Decimal:
    """A number of any Python type; a binary float is the shortest decimal that is it, at its column's scale."""
    if isinstance(raw, float):
        found = Decimal(repr(raw))
        if scale is not None and abs(raw) < _EXACT_FLOATS:
            return round(found, scale)
        return found
    found = raw if isinstance(raw, Decimal) else Decimal(str(raw))
    if not found.is_finite():
        raise ValueError(raw)
    return found


# --- texts --------------------------------------------------------------------------------------------------------


def guarded(text: str) -> str:
    """A text as a database can hold it."""
    if text.strip() and not _UNSAFE.search(text) and not text.startswith(ESCAPE):
        return text
    return ESCAPE + to_json(text)


def unguarded(text: str) -> str:
    """The text that :func:`guarded` was given."""
    return cast("str", json.loads(text[1:])) if text.startswith(ESCAPE) else text


def _as_text(value: Value, type_: Type) -> str:
    match type_.kind, value:
        case "text" | "choice", str():
            return guarded(value)
        case "reference", Reference() if value.object == type_.object:
            return guarded(value.id)
        case (("number" | "integer" | "percentage" | "money"), Decimal()):
            return number(value)
        case "boolean", bool():
            return "true" if value else "false"
        case "datetime", datetime() if value.tzinfo is not None:
            return instant_text(value)
        case "date", date() if not isinstance(value, datetime):
            return value.isoformat()
        case "time", time():
            return value.isoformat()
        case "duration", Duration():
            return iso_duration(value)
        case (("any" | "union" | "list"), _):
            return to_json(value)
        case _:
            return ESCAPE + to_json(value)


def instant_text(moment: datetime) -> str:
    """An instant as texts compare: always to the microsecond, in UTC."""
    return moment.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"


def _plain_text(raw: Any) -> str:
    if isinstance(raw, (dict, list)):
        return json.dumps(raw, ensure_ascii=False)
    return raw if isinstance(raw, str) else str(raw)


def _scaled(value: Decimal, scale: int | None) -> Decimal:
    """The value itself; ``Unfit`` where the column would round it."""
    if scale is not None and len(number(value).partition(".")[2]) > scale:
        raise Unfit
    return value


def _is_whole(text: str) -> bool:
    return len(text) < 19 and text.removeprefix("-").isdecimal() and str(int(text)) == text


def _truth(raw: Any) -> bool:
    if isinstance(raw, str):
        return truth_words()[fold(raw.strip())]
    return bool(raw)


def truth_pair(sample: str) -> tuple[str, str] | None:
    """What stands for yes and for no in a column that holds this text for one of them, written as it is."""
    for yes, no in _truth_pairs():
        if fold(sample) in {yes, no}:
            return (yes.upper(), no.upper()) if sample.isupper() else (yes, no)
    return None


def _truth_pairs() -> list[tuple[str, str]]:
    pairs = list(TRUTH_WORDS)
    for language in languages():
        constants = lexicon(language).tables["phrases"]["constants"]
        pairs += zip(constants["yes"], constants["no"], strict=True)
        pairs.append((constants["yes"][0][0], constants["no"][0][0]))
    return pairs


@cache
def truth_words() -> Mapping[str, bool]:
    """Whether a word stands for yes, without case and accents."""
    words: dict[str, bool] = {}
    for yes, no in _truth_pairs():
        words |= {fold(yes): True, fold(no): False}
    return words


def _day(raw: Any) -> date:
    if isinstance(raw, datetime):
        return raw.date()
    return raw if isinstance(raw, date) else date.fromisoformat(str(raw).strip()[:10])


def _moment(raw: Any) -> datetime:
    if isinstance(raw, str):
        raw = datetime.fromisoformat(raw.strip())
    if isinstance(raw, (int, float)) and not isinstance(raw, bool):
        return _EPOCH + timedelta(seconds=raw / 1000 if abs(raw) > _MILLISECONDS else raw)
    if isinstance(raw, datetime):
        return raw.replace(tzinfo=UTC) if raw.tzinfo is None else raw.astimezone(UTC)
    if isinstance(raw, date):
        return datetime(raw.year, raw.month, raw.day, tzinfo=UTC)
    raise TypeError(raw)


def duration(text: str) -> Duration:
    """The duration that ``iso_duration`` wrote. Raises ``ValueError``."""
    civil, _, business = text.partition("B")
    months, days, seconds = _parts(civil)
    more_months, business_days, business_seconds = _parts(business)
    if not text or more_months:
        raise ValueError(text)
    return Duration(months, days, seconds, business_days, business_seconds)


def _parts(text: str) -> tuple[int, int, Decimal]:
    match = _PART.fullmatch(text)
    if match is None:
        raise ValueError(text)
    years, months, days, hours, minutes, seconds = (Decimal(part or 0) for part in match.groups())
    return int(years * 12 + months), int(days), hours * 3600 + minutes * 60 + seconds


# --- JSON ---------------------------------------------------------------------------------------------------------


def to_json(value: Value) -> str:
    """Any value as one line of JSON that says its type; equal values give equal texts."""
    return safe_json(json_text(_jsonable(value)))


def names_to_json(values: Mapping[str, Value]) -> str:
    """Named values as one JSON object, in their order."""
    return safe_json(json_text({name: _jsonable(value) for name, value in values.items()}))


def names_from_json(text: str) -> dict[str, Value]:
    """The named values that :func:`names_to_json` wrote. Raises :class:`Unfit`."""
    try:
        plain = json.loads(text, parse_float=Decimal, parse_int=Decimal)
        return {name: _value(value) for name, value in plain.items()}
    except _DAMAGED as error:
        raise Unfit from error


def safe_json(text: str) -> str:
    """JSON in which halves of surrogate pairs, which no database takes, are escaped."""
    return _SURROGATE.sub(lambda match: f"\\u{ord(match[0]):04x}", text)


def from_json(text: str) -> Value:
    """The value that :func:`to_json` wrote. Raises :class:`Unfit`."""
    try:
        return _value(json.loads(text, parse_float=Decimal, parse_int=Decimal))
    except _DAMAGED as error:
        raise Unfit from error


def _jsonable(value: Value) -> Any:
    match value:
        case Reference():
            return {"object": value.object, "id": value.id}
        case Money():
            return {"amount": value.amount, "currency": value.currency}
        case Duration():
            return {"duration": iso_duration(value)}
        case datetime():
            return {"instant": instant_text(value)} if value.tzinfo else {"local": value.isoformat()}
        case date():
            return {"date": value.isoformat()}
        case time():
            return {"time": value.isoformat()}
        case tuple():
            return [_jsonable(member) for member in value]
        case _:
            return value


def _value(plain: Any) -> Value:
    if isinstance(plain, list):
        return tuple(_value(member) for member in cast("list[Any]", plain))
    if not isinstance(plain, dict):
        return plain
    given = cast("dict[str, Any]", plain)
    if "object" in given:
        return Reference(given["object"], given["id"])
    if "amount" in given:
        return Money(given["amount"], given["currency"])
    ((name, text),) = given.items()
    readers = {
        "duration": duration,
        "instant": _moment,
        "local": datetime.fromisoformat,
        "date": date.fromisoformat,
        "time": time.fromisoformat,
    }
    return readers[name](text)
