"""Calendar rules: which tick of a calendar was the latest."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta

from ..dsl import ir
from ..dsl.values import Duration
from .dates import Clockwork, last_day
from .zones import instant_of, local

DEFAULT_TOLERANCE = Duration(days=1)
"""How late a tick may ring when its rule says nothing."""


def latest_tick(tick: ir.Tick, after: datetime, until: datetime, clockwork: Clockwork) -> datetime | None:
    """The last instant of the calendar after ``after`` and at or before ``until``; ``None`` when there is none.

    Ticks are local times: one that does not exist comes just after the gap, one that exists twice comes once.
    """
    here = local(until, clockwork.timezone)
    earliest = local(after, clockwork.timezone) - timedelta(days=2)
    for moment in _backwards(tick, here):
        instant = instant_of(moment, clockwork.timezone)
        if after < instant <= until:
            return instant
        if moment < earliest:
            return None
    return None


def _backwards(tick: ir.Tick, here: datetime) -> Iterator[datetime]:
    """The local times of a calendar from a little after ``here`` back into the past."""
    at = time.fromisoformat(tick.at) if tick.at else time()
    if tick.every == "hour":
        hour = here.replace(minute=at.minute, second=at.second, microsecond=0) + timedelta(hours=1)
        while hour > datetime(1, 1, 2):  # noqa: DTZ001 (a local time)
            yield hour
            hour -= timedelta(hours=1)
        return
    for day in _days(tick, here.date() + timedelta(days=1)):
        yield datetime.combine(day, at)


def _days(tick: ir.Tick, day: date) -> Iterator[date]:
    if tick.every == "day":
        while day > date.min:
            yield day
            day -= timedelta(days=1)
    elif tick.every == "week":
        day -= timedelta(days=(day.isoweekday() - (tick.day or 1)) % 7)
        while day > date.min + timedelta(days=7):
            yield day
            day -= timedelta(days=7)
    elif tick.every == "month":
        for index in range(day.year * 12 + day.month - 1, 12, -1):
            year, month = divmod(index, 12)
            yield _clamped(year, month + 1, tick.day or 1)
    else:
        for year in range(day.year, 0, -1):
            yield _clamped(year, tick.month or 1, tick.day or 1)


def _clamped(year: int, month: int, day: int) -> date:
    """A day of the month, or the last one of a shorter month."""
    return date(year, month, min(day, last_day(year, month)))
