"""Values as words: numbers, amounts, dates and durations written by the tables of a language.

Two writings: :func:`write_value` for the texts people read (``1 234,50 €``, with the spaces that do not break), and
:func:`write_literal` for source text, which :func:`~.literals.read_literal` reads back as the same value.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time
from decimal import Decimal

from .currencies import currency_decimals
from .lexicon import Lexicon
from .lexicon import lexicon as lexicon_of
from .literal_tables import LiteralTables, literal_tables
from .types import NUMBER, Type
from .values import ANY_CURRENCY, Duration, Money, Reference, Scalar, Value

_FIXED_SPACES = str.maketrans({"\u00a0": " ", "\u202f": " "})


def write_value(value: Value, type_: Type, lexicon: Lexicon, currency: str = "EUR") -> str:
    """The value as a reader of this language expects it: ``1 234,50 €``, ``27 novembre 2026``, ``2 heures``.

    ``type_`` tells percentages, amounts and units from mere numbers; ``currency`` is that of an amount which is a mere
    number. Equal values are written alike: zeros that end the decimals of a number are left out, an amount has at
    least the decimals of its currency, and nothing is ever rounded. A date and time is written in the zone it
    carries. A missing value is the word for *empty*, an object its identifier.
    """
    tables = literal_tables(lexicon)
    if value is None:
        return tables.writing["empty"]
    if isinstance(value, tuple) and not isinstance(value, Money | Duration | Reference):
        member = type_.members[0] if type_.kind == "list" and type_.members else type_
        return ", ".join(write_value(item, member, lexicon, currency) for item in value)
    return _write_scalar(value, type_, tables, currency)


def write_fact(fact: object, language: str) -> str:
    """What a message says about something: a value as :func:`write_value` writes it, anything else as it is."""
    if fact is None or isinstance(fact, bool | Decimal | Money | Duration | date | time):
        return write_value(fact, NUMBER, lexicon_of(language))
    return str(fact)


def _write_scalar(value: Scalar, type_: Type, tables: LiteralTables, currency: str) -> str:
    match value:
        case bool():
            return tables.writing["yes" if value else "no"]
        case Money():
            return _write_money(value, tables)
        case Decimal():
            if type_.kind == "percentage":
                return tables.numbers["percent_form"].format(number=write_number(shifted(value, 2), tables))
            if type_.kind == "money":
                return _write_money(Money(value, currency), tables)
            number = write_number(value, tables)
            return tables.numbers["unit_form"].format(number=number, unit=type_.unit) if type_.unit else number
        case datetime():
            form: str = tables.dates["datetime_form"]
            return form.format(date=write_date(value, tables), time=_write_time(value, tables))
        case date():
            return write_date(value, tables)
        case time():
            return _write_time(value, tables)
        case Duration():
            return " ".join(_duration_words(value, tables))
        case Reference():
            return value.id
        case str():
            return value


def write_literal(value: Scalar, type_: Type, lexicon: Lexicon) -> str:
    """The source form of a value: ``1 234,56``, ``10 000 €``, ``27/11/2026``, ``9h30``, ``2 heures 30 minutes``.

    Reading it gives the value back; a negative one has a minus sign before it, which is not part of a literal.
    Raises ``ValueError`` for what no literal stands for: texts, objects, a time of day with a fraction of a second, a
    date and time with a zone, a duration whose parts have different signs.
    """
    tables = literal_tables(lexicon)
    match value:
        case bool():
            return tables.writing["yes" if value else "no"]
        case Money():
            return _source_money(value, tables)
        case Decimal():
            if type_.kind == "percentage":
                number = source_number(shifted(value, 2), tables)
                return tables.numbers["percent_in_source"].format(number=number)
            number = source_number(value, tables)
            return f"{number} {type_.unit}" if type_.unit else number
        case datetime():
            return _source_datetime(value, tables)
        case date():
            return source_date(value, tables)
        case time():
            return source_time(value, tables)
        case Duration():
            return _source_duration(value, tables)
        case _:
            raise ValueError(f"no literal stands for {value!r}")


# --- numbers ------------------------------------------------------------------------------------------------------


def shifted(value: Decimal, places: int) -> Decimal:
    """``value`` times ten to the power of ``places``, exactly, whatever the precision of the context."""
    sign, digits, exponent = value.as_tuple()
    if not isinstance(exponent, int):
        return value
    return Decimal((sign, digits, exponent + places))


def group_digits(digits: str, mark: str) -> str:
    """``1234567`` as ``1 234 567``, for any mark between groups."""
    head = len(digits) % 3
    groups = [digits[:head]] if head else []
    groups += [digits[start : start + 3] for start in range(head, len(digits), 3)]
    return mark.join(groups)


def write_number(value: Decimal, tables: LiteralTables, least_decimals: int = 0) -> str:
    """A number for readers: grouped, without needless zeros, with at least so many decimals."""
    sign, whole, decimals = _digits(value)
    decimals = decimals.rstrip("0").ljust(least_decimals, "0")
    if sign and not whole.strip("0") and not decimals.strip("0"):
        sign = ""
    return sign + _joined(group_digits(whole, tables.numbers["group"]), decimals, tables)


def source_number(value: Decimal, tables: LiteralTables, group_from: int = 5) -> str:
    """A number for source text, all decimals kept; its whole part is grouped from so many digits on."""
    sign, whole, decimals = _digits(value)
    if len(whole) >= group_from:
        whole = group_digits(whole, tables.numbers["group_in_source"])
    return sign + _joined(whole, decimals, tables)


def _digits(value: Decimal) -> tuple[str, str, str]:
    shown = format(value, "f")
    sign = "-" if shown.startswith("-") else ""
    whole, _, decimals = shown.removeprefix("-").partition(".")
    return sign, whole, decimals


def _joined(whole: str, decimals: str, tables: LiteralTables) -> str:
    return f"{whole}{tables.numbers['decimal']}{decimals}" if decimals else whole


def _write_money(value: Money, tables: LiteralTables) -> str:
    if value.currency == ANY_CURRENCY:
        return write_number(value.amount, tables)
    return _money(write_number(value.amount, tables, currency_decimals(value.currency)), value.currency, tables)


def _source_money(value: Money, tables: LiteralTables) -> str:
    if value.currency == ANY_CURRENCY:
        return source_number(value.amount, tables, group_from=4).translate(_FIXED_SPACES)
    shown = _money(source_number(value.amount, tables, group_from=4), value.currency, tables)
    return shown.translate(_FIXED_SPACES)


def _money(number: str, currency: str, tables: LiteralTables) -> str:
    """The amount with its symbol, the sign first."""
    symbols = tables.money["symbols"].get(currency)
    form: str = tables.money["form" if symbols else "code_form"]
    sign = "-" if number.startswith("-") else ""
    return sign + form.format(number=number.removeprefix("-"), symbol=symbols[0] if symbols else currency)


# --- dates and times ----------------------------------------------------------------------------------------------


def write_date(value: date, tables: LiteralTables) -> str:
    """``27 novembre 2026``, ``1er janvier 2026``, ``November 27, 2026``."""
    day = tables.dates["first_day"] if value.day == 1 else str(value.day)
    form: str = tables.dates["form"]
    return form.format(day=day, month=tables.dates["months"][value.month - 1], year=value.year)


def _write_time(value: time | datetime, tables: LiteralTables) -> str:
    form = "form_with_seconds" if value.second else "form" if value.minute else "form_on_the_hour"
    return _clock(value, tables, form, "parts_in_text")


def source_date(value: date, tables: LiteralTables) -> str:
    """``27/11/2026``, ``2026-11-27``."""
    form: str = tables.dates["source_form"]
    return form.format(day=value.day, month=value.month, year=value.year)


def source_time(value: time | datetime, tables: LiteralTables) -> str:
    """``9h``, ``9h30``, ``9:30 am``. Raises ``ValueError`` for a fraction of a second."""
    if value.microsecond or value.tzinfo:
        raise ValueError(f"no literal stands for {value!r}")
    if value.second:
        return _clock(value, tables, "source_form_with_seconds", "parts_in_source")
    return _clock(value, tables, "source_form" if value.minute else "source_form_on_the_hour", "parts_in_source")


def _clock(value: time | datetime, tables: LiteralTables, form_name: str, parts_name: str) -> str:
    form: str = tables.times[form_name]
    return form.format(
        hour=value.hour,
        half=value.hour % 12 or 12,
        minute=value.minute,
        second=value.second,
        part=tables.times[parts_name][value.hour >= 12],
    )


def _source_datetime(value: datetime, tables: LiteralTables) -> str:
    if value.microsecond and not value.tzinfo:
        return value.isoformat()
    form: str = tables.dates["datetime_in_source"]
    return form.format(date=source_date(value, tables), time=source_time(value, tables))


# --- durations ----------------------------------------------------------------------------------------------------


def _source_duration(value: Duration, tables: LiteralTables) -> str:
    if all(part <= 0 for part in value) and any(value):
        return "-" + _source_duration(_negated(value), tables)
    if any(part < 0 for part in value):
        raise ValueError(f"no literal stands for {value!r}")
    return " ".join(_duration_words(value, tables, source=True))


def _negated(value: Duration) -> Duration:
    return Duration(
        -value.months,
        -value.days,
        value.seconds.copy_negate(),
        -value.business_days,
        value.business_seconds.copy_negate(),
    )


def _duration_words(value: Duration, tables: LiteralTables, source: bool = False) -> Iterator[str]:
    empty = True
    for part, amount in duration_parts(value):
        empty = False
        yield count_of(part, amount, tables, source)
    if empty:
        yield count_of("second", Decimal(0), tables, source)


def duration_parts(value: Duration) -> Iterator[tuple[str, Decimal]]:
    """The parts of a duration that are not zero, from years to seconds, under the names of the tables."""
    years, months = _split(value.months, 12)
    yield from _present(("year", years), ("month", months), ("day", value.days), ("business_day", value.business_days))
    for prefix, seconds in (("business_", value.business_seconds), ("", value.seconds)):
        hours, rest = _split(seconds, 3600)
        minutes, rest = _split(rest, 60)
        yield from _present((prefix + "hour", hours), (prefix + "minute", minutes), (prefix + "second", rest))


def _split(amount: int | Decimal, size: int) -> tuple[int, Decimal]:
    """Whole times ``size`` and what is left, both of the sign of ``amount``, exactly."""
    sign, digits, exponent = Decimal(amount).as_tuple()
    if not isinstance(exponent, int):
        raise ValueError(f"not a length of time: {amount}")
    scale = 10 ** max(-exponent, 0)
    total = int("".join(map(str, digits))) * 10 ** max(exponent, 0)
    whole, rest = divmod(total, size * scale)
    left = shifted(Decimal(rest), -max(-exponent, 0))
    return (-whole, left.copy_negate()) if sign else (whole, left)


def _present(*parts: tuple[str, int | Decimal]) -> Iterator[tuple[str, Decimal]]:
    return ((name, Decimal(amount)) for name, amount in parts if amount)


def count_of(part: str, amount: Decimal, tables: LiteralTables, source: bool = False) -> str:
    """``1 heure``, ``2 heures``, ``1,5 heure``."""
    size = abs(amount)
    singular = size < 2 if tables.numbers["singular"] == "below_two" else size == 1
    word: str = tables.durations[part][0 if singular else 1]
    return f"{source_number(amount, tables) if source else write_number(amount, tables)} {word}"
