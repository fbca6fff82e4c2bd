"""Durations as literals: ``2 heures 30 minutes``, ``1 an et 6 mois``, ``5 jours ouvrés``, ``2h30``."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Context, Decimal
from typing import NamedTuple

from .literal_numbers import MOST_DIGITS, read_number
from .literal_tables import LiteralMatch, LiteralTables, Problem, matched, shortened
from .values import Duration
from .writing import shifted, source_number

_MOST_MONTHS = 12 * 9999
_MOST_DAYS = 366 * 9999
_DESCENDING: tuple[str, ...] = (
    *("year", "month", "week", "day"),
    *("business_day", "business_hour", "business_minute", "business_second"),
    *("hour", "minute", "second"),
)
_MONTHS = {"year": 12, "month": 1}
_DAYS = {"week": 7, "day": 1}
_SECONDS = {"hour": 3600, "minute": 60, "second": 1}


def read_duration(text: str, position: int, tables: LiteralTables) -> LiteralMatch | None:
    """``2 heures 30 minutes``, ``1 an et 6 mois``, ``5 jours ouvrés``, ``2h30``: parts from large to small."""
    total, end, rank = Duration(), position, -1
    problem: Problem | None = None
    fixed = ""
    start = position
    while True:
        part = _duration_part(text, start, tables)
        if not part or _DESCENDING.index(part.unit) <= rank:
            break
        if not problem and part.problem:
            problem, fixed = part.problem, text[position:start]
        elif problem:
            problem = problem._replace(fix=problem.fix and problem.fix + text[end : part.end])
        total = _sum(total, part.value)
        end, rank = part.end, _DESCENDING.index(part.unit)
        if part.last:
            break
        joiner = tables.duration_joiner.match(text, end)
        if not joiner:
            break
        start = joiner.end()
    if end == position:
        return None
    if not problem and (total.months > _MOST_MONTHS or total.days + total.business_days > _MOST_DAYS):
        problem = _too_long(text[position:end])
    if not problem and total.seconds + total.business_seconds > _MOST_DAYS * 86400:
        problem = _too_long(text[position:end])
    if problem and problem.fix is not None:
        problem = problem._replace(fix=fixed + problem.fix)
    if problem and problem.code == "QD079":
        total = Duration()
    return matched(text, end, "duration", total, end, problem)


def duration_as_written(text: str, tables: LiteralTables) -> Iterator[tuple[str, Decimal, bool]]:
    """The units and amounts of a duration that was read from the whole of ``text``, as they stand in it.

    The third member tells whether a word like ``et`` joins the part to the one before it.
    """
    position, joined = 0, False
    while part := _duration_part(text, position, tables):
        yield part.unit, part.amount, joined
        if part.last and part.value.seconds % 3600:
            yield "minute", Decimal(int(part.value.seconds) % 3600 // 60), False
        joiner = tables.duration_joiner.match(text, part.end)
        if part.last or not joiner:
            return
        position, joined = joiner.end(), not joiner[0].isspace() and joiner[0] != ""


_EXACT = Context(prec=4 * MOST_DIGITS)


def _sum(a: Duration, b: Duration) -> Duration:
    return Duration(
        a.months + b.months,
        a.days + b.days,
        _EXACT.add(a.seconds, b.seconds),
        a.business_days + b.business_days,
        _EXACT.add(a.business_seconds, b.business_seconds),
    )


class _Part(NamedTuple):
    end: int
    unit: str
    amount: Decimal
    value: Duration
    problem: Problem | None = None
    last: bool = False


def _duration_part(text: str, position: int, tables: LiteralTables) -> _Part | None:
    short = tables.short_hours.match(text, position)
    if short and len(short[1]) <= MOST_DIGITS:
        minutes = int(short[2])
        problem = None if minutes < 60 else Problem("QD066", {"text": short[0]})
        seconds = Decimal(int(short[1]) * 3600 + minutes * 60)
        return _Part(short.end(), "hour", Decimal(short[1]), Duration(seconds=seconds), problem, last=True)
    number = read_number(text, position, tables)
    found = number and tables.form_after(text, number.end)
    if not number or not found or found[0].kind not in {"duration", "refused"}:
        return None
    form, end = found
    unit = str(form.value)
    problem = number.problem
    if problem and problem.fix is not None:
        problem = problem._replace(fix=problem.fix + text[number.end : end])
    value = _amount_of(number.value, unit)
    written = text[position:end]
    if form.kind == "refused":
        fix = f"{text[position : number.end]} {tables.durations[unit][number.value >= 2]}"
        problem = problem or Problem("QD078", {"text": written, "example": fix}, fix)
    if value is None:
        problem = problem or _too_fine(written, number.value, unit, tables)
        value = Duration()
    return _Part(end, unit, number.value, value, problem)


def _amount_of(amount: Decimal, unit: str) -> Duration | None:
    """``amount`` times the unit; ``None`` where civil time or business days would have to be cut."""
    if unit in _SECONDS:
        return Duration(seconds=_times(amount, _SECONDS[unit]))
    if unit.removeprefix("business_") in _SECONDS:
        return Duration(business_seconds=_times(amount, _SECONDS[unit.removeprefix("business_")]))
    whole = _times(amount, _MONTHS.get(unit) or _DAYS.get(unit) or 1)
    if whole != int(whole):
        return None
    if unit in _MONTHS:
        return Duration(months=int(whole))
    return Duration(days=int(whole)) if unit in _DAYS else Duration(business_days=int(whole))


def _times(amount: Decimal, size: int) -> Decimal:
    """The exact product without needless zeros, whatever the precision of the context."""
    _, digits, exponent = amount.as_tuple()
    product = str(int("".join(map(str, digits))) * size)
    places = -exponent if isinstance(exponent, int) else 0
    while places > 0 and product.endswith("0") and product != "0":
        product, places = product[:-1], places - 1
    return shifted(Decimal(product), -places) if product != "0" else Decimal(0)


def _too_fine(written: str, amount: Decimal, unit: str, tables: LiteralTables) -> Problem:
    """A fraction of a civil day, month or year has no length; days may be said in hours."""
    fix = None
    if unit in _DAYS:
        hours = _times(amount, _DAYS[unit] * 24)
        fix = f"{source_number(hours, tables)} {tables.durations['hour'][1]}"
    return Problem("QD073", {"text": written, "unit": tables.durations[unit][1], "example": fix or ""}, fix)


def _too_long(written: str) -> Problem:
    return Problem("QD079", {"text": shortened(written)})
