"""Dates and times of day as literals: ``27/11/2026``, ``1er janvier 2026``, ``9h30``, ``2026-11-27 à 14h``."""

from __future__ import annotations

import re
from datetime import date, datetime, time
from typing import Any, NamedTuple

from .lazy_pattern import lazy_pattern
from .literal_tables import SPACE, SPACED_WORD, WORD, LiteralMatch, LiteralTables, Problem, matched
from .writing import source_date, source_time

_NUMERIC_DATE = lazy_pattern(r"([0-9]++)([/.-])([0-9]++)(?:\2([0-9]++))?")
_DAY = lazy_pattern(r"([0-9]{1,2})(?![0-9])")
_YEAR = lazy_pattern(f"{SPACE}++([0-9]++)(?!\\w|[.,:/-][0-9])")
_YEAR_AFTER_COMMA = lazy_pattern(f"{SPACE}*+,{SPACE}*+([0-9]{{4}})(?!\\w|[.,:/-][0-9])")
_ISO_TIME = lazy_pattern(
    r"[Tt]([0-9][0-9]):([0-9][0-9])(?::([0-9][0-9])(?:\.([0-9]++))?)?([Zz]|[+-][0-9][0-9]:?[0-9][0-9])?(?!\w)"
)
_COLON_TIME = lazy_pattern(r"([0-9]{1,2}):([0-9][0-9])(?::([0-9][0-9]))?(?![0-9:])")
_COLON_DIGITS = lazy_pattern(r"[0-9]++(?::[0-9]++)+")
_ANY_YEAR = 2000


class Clock(NamedTuple):
    """A time of day found in a text."""

    end: int
    value: time
    problem: Problem | None = None


class _Day(NamedTuple):
    end: int
    value: date
    problem: Problem | None = None


def read_date(text: str, position: int, tables: LiteralTables) -> LiteralMatch | None:
    """The date, or date and time, that starts with the digits at ``position``."""
    day = _numeric_date(text, position, tables) or _day_and_month(text, position, tables)
    return day and _with_time(text, position, day, tables)


def read_month_first(text: str, position: int, tables: LiteralTables) -> LiteralMatch | None:
    """``November 27, 2026``, in languages that write so."""
    word = WORD.match(text, position)
    if not word or not tables.dates["month_first"]:
        return None
    folded = tables.fold(word[0])
    month = tables.months.get(folded)
    if month is None:
        return None
    end = word.end()
    if text[end : end + 1] == "." and folded not in tables.full_months:
        end += 1
    spaces = _SPACES.match(text, end)
    number = spaces and _DAY.match(text, spaces.end())
    if not number:
        return None
    end = _after_ordinal(text, number.end(), tables)
    if end is None:
        return None
    day = _named_day(text, position, end, int(number[1]), month, folded in tables.full_months, tables)
    return day and _with_time(text, position, day, tables)


_SPACES = lazy_pattern(f"{SPACE}++")


# --- days ---------------------------------------------------------------------------------------------------------


def _numeric_date(text: str, position: int, tables: LiteralTables) -> _Day | None:
    found = _NUMERIC_DATE.match(text, position)
    if not found:
        return None
    first, mark, second, third = found.group(1, 2, 3, 4)
    if max(len(first), len(second)) > 4:
        return None
    sizes = (len(first), len(second), len(third or ""))
    if sizes[0] == 4 and sizes[1] <= 2 and 1 <= sizes[2] <= 2:
        day = _day(found, int(first), int(second), int(third), tables)
        if mark != "-" and not day.problem:
            return day._replace(problem=_other_form(found[0], day.value.isoformat()))
        return day
    if max(sizes[:2]) <= 2 and third is not None:
        return _short_date(found, tables)
    if third is None and mark == "/" and max(sizes) <= 2 and _day_and_month_likely(int(first), int(second)):
        return _Day(found.end(), _guess(_ANY_YEAR, int(second), int(first)), _year_missing(found[0], tables))
    if third is None and mark == "-" and sizes == (4, 2, 0) and 1 <= int(second) <= 12:
        problem = Problem("QD074", {"text": found[0], "example": f"{found[0]}-01"})
        return _Day(found.end(), _guess(int(first), int(second), 1), problem)
    return None


def _short_date(found: re.Match[str], tables: LiteralTables) -> _Day | None:
    """``27/11/2026`` and what looks like it: two numbers of one or two digits, then another."""
    first, mark, second, third = found.group(1, 2, 3, 4)
    a, b, year = int(first), int(second), int(third[:4])
    if len(third) == 4 and mark == "/":
        return _slashed(found, a, b, year, tables)
    if mark == "." and (len(third) not in (2, 4) or not _day_and_month_likely(a, b)):
        return None
    day = _guess(year if len(third) == 4 else 2000 + year % 100, b, a)
    if not _day_and_month_likely(a, b) or len(third) not in (2, 4):
        return _Day(found.end(), day, Problem("QD065", {"text": found[0], "example": tables.dates["example"]}))
    if len(third) == 4:
        slashed = _slashed(found, a, b, year, tables)
        if slashed.problem:
            return slashed
        return slashed._replace(problem=_other_form(found[0], source_date(slashed.value, tables)))
    full = _slashed(found, a, b, 2000 + year, tables)
    fix = full.problem.fix if full.problem else source_date(full.value, tables)
    return full._replace(problem=Problem("QD061", {"text": found[0], "example": tables.dates["example"]}, fix))


def _slashed(found: re.Match[str], a: int, b: int, year: int, tables: LiteralTables) -> _Day:
    """A date of which the order of day and month is what the tables say, or doubtful."""
    if tables.dates["slashes"] == "dmy":
        return _day(found, year, b, a, tables)
    day_first, month_first = _possible(year, b, a), _possible(year, a, b)
    if day_first and month_first and day_first != month_first:
        args = {"text": found[0], "first": source_date(month_first, tables), "second": source_date(day_first, tables)}
        return _Day(found.end(), month_first, Problem("QD064", args))
    only = day_first or month_first
    if only:
        return _Day(found.end(), only, _other_form(found[0], source_date(only, tables)))
    return _day(found, year, b, a, tables)


def _day_and_month(text: str, position: int, tables: LiteralTables) -> _Day | None:
    """``27 novembre 2026``, ``1er janvier 2026``, ``27th of November 2026``."""
    number = _DAY.match(text, position)
    if not number:
        return None
    end = _after_ordinal(text, number.end(), tables)
    if end is None:
        return None
    word = SPACED_WORD.match(text, end)
    if not word or word.start(1) == end:
        return None
    folded = tables.fold(word[1])
    if folded in tables.date_links:
        word = SPACED_WORD.match(text, word.end())
        if not word:
            return None
        folded = tables.fold(word[1])
    month = tables.months.get(folded)
    if month is None:
        return None
    end = word.end()
    full = folded in tables.full_months
    if text[end : end + 1] == "." and not full:
        end += 1
    return _named_day(text, position, end, int(number[1]), month, full, tables)


def _after_ordinal(text: str, position: int, tables: LiteralTables) -> int | None:
    """Where the ordinal mark glued to a number ends; ``None`` where another word is glued to it."""
    glued = WORD.match(text, position)
    if not glued:
        return position
    return glued.end() if tables.fold(glued[0]) in tables.ordinals else None


def _named_day(text: str, start: int, end: int, day: int, month: int, full: bool, tables: LiteralTables) -> _Day | None:
    """The date whose day and month are read up to ``end``, with the year that follows."""
    year = _YEAR.match(text, end)
    if not year and tables.dates["month_first"]:
        year = _YEAR_AFTER_COMMA.match(text, end)
    if year and len(year[1]) == 4:
        return _checked(text[start : year.end()], year.end(), int(year[1]), month, day, tables)
    if year and len(year[1]) == 2:
        written = text[start : year.end()]
        args = {"text": written, "example": tables.dates["example"]}
        fix = f"{text[start : year.start(1)]}20{year[1]}"
        return _Day(year.end(), _guess(2000 + int(year[1]), month, day), Problem("QD061", args, fix))
    if not full:
        return None
    return _Day(end, _guess(_ANY_YEAR, month, day), _year_missing(text[start:end], tables, month=month, day=day))


def _day(found: re.Match[str], year: int, month: int, day: int, tables: LiteralTables) -> _Day:
    return _checked(found[0], found.end(), year, month, day, tables)


def _checked(written: str, end: int, year: int, month: int, day: int, tables: LiteralTables) -> _Day:
    value = _possible(year, month, day)
    if value:
        return _Day(end, value)
    swapped = _possible(year, day, month) if month > 12 else None
    if swapped:
        problem = Problem("QD063", {"text": written, "month": month}, source_date(swapped, tables))
    elif 1 <= month <= 12 and year:
        # only for a day that does not exist
        from calendar import monthrange

        args = {"text": written, "month": tables.dates["months"][month - 1], "year": year}
        problem = Problem("QD062", {**args, "days": monthrange(year, month)[1]})
    else:
        problem = Problem("QD063", {"text": written, "month": month})
    return _Day(end, _guess(year, month, day), problem)


def _possible(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _guess(year: int, month: int, day: int) -> date:
    """A date near the one that was meant, for the value of a literal that is an error."""
    return _possible(year, month, day) or _possible(year, month, 1) or _possible(year, 1, 1) or date(_ANY_YEAR, 1, 1)


def _day_and_month_likely(a: int, b: int) -> bool:
    return 1 <= min(a, b) <= 12 and max(a, b) <= 31


def _year_missing(written: str, tables: LiteralTables, **args: Any) -> Problem:
    return Problem("QD060", {"text": written, "example": tables.dates["example"], **args})


def _other_form(written: str, fix: str) -> Problem:
    return Problem("QD065", {"text": written, "example": fix}, fix)


# --- times of day -------------------------------------------------------------------------------------------------


def _with_time(text: str, start: int, day: _Day, tables: LiteralTables) -> LiteralMatch:
    """The date, and the time that follows it, if any."""
    iso = _ISO_TIME.match(text, day.end)
    if iso:
        return _iso_datetime(text, start, day, iso)
    between = tables.before_time.match(text, day.end)
    clock = between and read_clock(text, between.end(), tables, spoken=between[1] is not None)
    if not clock:
        return matched(text, day.end, "date", day.value, day.end, day.problem)
    value = datetime.combine(day.value, clock.value)
    if day.problem or not clock.problem:
        return matched(text, clock.end, "datetime", value, day.end, day.problem)
    fix = clock.problem.fix
    if fix and between:
        fix = text[start : between.end()] + fix if read_clock(fix, 0, tables) else None
    return LiteralMatch(clock.end, "datetime", value, None, clock.problem.code, clock.problem.args, fix)


def _iso_datetime(text: str, start: int, day: _Day, iso: re.Match[str]) -> LiteralMatch:
    hour, minute, second = int(iso[1]), int(iso[2]), int(iso[3] or 0)
    written = text[start : iso.end()]
    if hour > 23 or minute > 59 or second > 59:
        value = datetime.combine(day.value, time())
        problem = day.problem or Problem("QD066", {"text": iso[0]})
        return LiteralMatch(iso.end(), "datetime", value, None, problem.code, problem.args)
    micro = int((iso[4] or "0")[:6].ljust(6, "0"))
    value = datetime.combine(day.value, time(hour, minute, second, micro))
    if day.problem or not iso[5]:
        return matched(text, iso.end(), "datetime", value, day.end, day.problem)
    args = {"text": written, "zone": iso[5]}
    return LiteralMatch(iso.end(), "datetime", value, None, "QD075", args, written.removesuffix(iso[5]))


def read_clock(
    text: str, position: int, tables: LiteralTables, spoken: bool = False, marks: bool = True
) -> Clock | None:
    """The time of day at ``position``: ``9h30``, ``14:05``, ``9:30 am``.

    ``spoken`` is true where hours in words can only be a time of day: ``à 14 heures`` after a date. ``marks`` is
    false where ``2h30`` is a duration.
    """
    colon = _COLON_TIME.match(text, position)
    clock = colon and _clock_of(text, colon, int(colon[1]), int(colon[2]), int(colon[3] or 0), tables)
    if clock:
        return clock
    digits = _COLON_DIGITS.match(text, position)
    if digits:
        return Clock(digits.end(), time(), Problem("QD066", {"text": digits[0]}))
    marked = tables.clock_with_mark.match(text, position) if marks else None
    if not marked:
        said = tables.clock_spoken.match(text, position)
        if said and (spoken or tables.parts_of_day.match(text, said.end())):
            marked = said
    if marked:
        return _clock_of(text, marked, int(marked[1]) if len(marked[1]) <= 2 else 99, int(marked[2] or 0), 0, tables)
    if tables.times["bare"]:
        hour = _DAY.match(text, position)
        if hour and tables.parts_of_day.match(text, hour.end()):
            return _clock_of(text, hour, int(hour[1]), 0, 0, tables)
    return None


def _clock_of(
    text: str, found: re.Match[str], hour: int, minute: int, second: int, tables: LiteralTables
) -> Clock | None:
    end = found.end()
    part = tables.parts_of_day.match(text, end)
    if part:
        end = part.end()
    elif text[end : end + 1].isalnum():
        return None
    written = text[found.start() : end]
    problem = None
    if minute > 59 or second > 59 or hour > 23:
        problem = Problem("QD066", {"text": written}, _as_duration(found, hour, minute, tables))
    elif part and (hour == 0 or hour > 12 or (hour == 12 and not tables.times["twelve"])):
        fix = source_time(time(hour, minute, second), tables) if hour > 12 else None
        problem = Problem("QD066", {"text": written}, fix)
    if problem:
        return Clock(end, time(), problem)
    if part:
        hour = hour % 12 + (12 if part[2] else 0) if tables.times["twelve"] else hour + (12 if part[2] else 0)
    return Clock(end, time(hour, minute, second))


def _as_duration(found: re.Match[str], hour: int, minute: int, tables: LiteralTables) -> str | None:
    """``25 heures`` for ``25h``, which is no time of day."""
    if ":" in found[0] or minute or hour <= 23:
        return None
    return f"{found[1]} {tables.durations['hour'][1]}"
