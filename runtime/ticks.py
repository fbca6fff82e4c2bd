"""Calendar rules: which tick of a calendar was the latest."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta

from ..dsl import ir
from ..dsl.values import Duration
from .business import Calendar
from .dates import Clockwork, last_day
from .problems import Failure
from .zones import instant_of, local

DEFAULT_TOLERANCE = Duration(days=1)
"""How late a tick may ring when its rule says nothing."""

_NEVER = datetime.max.replace(tzinfo=UTC)


def latest_tick(tick: ir.Tick, after: datetime, until: datetime, clockwork: Clockwork) -> datetime | None:
    """The last instant of the calendar after ``after`` and at or before ``until``; ``None`` when there is none.

    Ticks are local times: one that does not exist comes just after the gap, one that exists twice comes once.
    """
    here = local(until, clockwork.timezone)
    earliest = local(after, clockwork.timezone) - timedelta(days=2)
    try:
        for moment in _backwards(tick, here, clockwork.calendar):
            instant = instant_of(moment, clockwork.timezone)
            if after < instant <= until:
                return instant
            if moment < earliest:
                return None
    except Failure:
        # a calendar without a working day
        pass
    return None


def next_tick(tick: ir.Tick, after: datetime, clockwork: Clockwork) -> datetime | None:
    """The first instant of the calendar after ``after``; ``None`` where there is none before the year 10000."""
    try:
        for moment in _forwards(tick, local(after, clockwork.timezone), clockwork.calendar):
            instant = instant_of(moment, clockwork.timezone)
            if instant > after:
                return instant
    except (Failure, OverflowError, ValueError):
        pass
    return None


class NextTicks:
    """When each calendar rule ticks next, so that the events between two ticks look at no rule."""

    def __init__(self, rules: Sequence[ir.Rule], clockwork: Clockwork) -> None:
        self._rules = rules
        self._clockwork = clockwork
        self._known: dict[str, tuple[datetime, datetime]] = {}
        """By rule: it does not tick after the first instant and before the second."""
        self._quiet = (_NEVER, _NEVER)
        """No rule ticks after the first instant and before the second."""

    def passed(self, clock: datetime, now: datetime) -> list[ir.Rule]:
        """The rules that tick after ``clock`` and at or before ``now``."""
        since, until = self._quiet
        if since <= clock and now < until:
            return []
        found = [rule for rule in self._rules if self._first(rule, clock, now) <= now]
        spans = self._known.values()
        self._quiet = (max((since for since, _ in spans), default=clock), self._soonest())
        return found

    def after(self, clock: datetime) -> datetime | None:
        """The first tick of any rule after ``clock``; ``None`` where there is none."""
        self.passed(clock, clock)
        return None if self._soonest() == _NEVER else self._soonest()

    def _soonest(self) -> datetime:
        return min((until for _, until in self._known.values()), default=_NEVER)

    def _first(self, rule: ir.Rule, clock: datetime, now: datetime) -> datetime:
        """The first tick of a rule after ``clock``, looked up only where what is known says nothing."""
        since, until = self._known.get(rule.name, (_NEVER, _NEVER))
        if clock < since or until <= now:
            ticks = [next_tick(t, clock, self._clockwork) for t in rule.triggers if isinstance(t, ir.Tick)]
            until = min((tick for tick in ticks if tick is not None), default=_NEVER)
            self._known[rule.name] = (clock, until)
        return until


def _forwards(tick: ir.Tick, here: datetime, calendar: Calendar) -> Iterator[datetime]:
    """The local times of a calendar from a little before ``here`` into the future."""
    at = time.fromisoformat(tick.at) if tick.at else time()
    if tick.every == "hour":
        hour = here.replace(minute=at.minute, second=at.second, microsecond=0) - timedelta(hours=1)
        while True:
            yield hour
            hour += timedelta(hours=1)
    day = here.date() - timedelta(days=1)
    while tick.every == "business_day":
        yield datetime.combine(day := calendar.add_days(day, 1), at)
    if tick.every == "week":
        day += timedelta(days=((tick.day or 1) - day.isoweekday()) % 7)
    step = 7 if tick.every == "week" else 1
    while tick.every in {"day", "week"}:
        yield datetime.combine(day, at)
        day += timedelta(days=step)
    if tick.every == "month":
        for index in range(day.year * 12 + day.month - 1, 9999 * 12 + 12):
            year, month = divmod(index, 12)
            yield datetime.combine(_clamped(year, month + 1, tick.day or 1), at)
    for year in range(day.year, 10000):
        yield datetime.combine(_clamped(year, tick.month or 1, tick.day or 1), at)


def _backwards(tick: ir.Tick, here: datetime, calendar: Calendar) -> Iterator[datetime]:
    """The local times of a calendar from a little after ``here`` back into the past."""
    at = time.fromisoformat(tick.at) if tick.at else time()
    if tick.every == "hour":
        hour = here.replace(minute=at.minute, second=at.second, microsecond=0) + timedelta(hours=1)
        while hour > datetime(1, 1, 2):  # noqa: DTZ001 (a local time)
            yield hour
            hour -= timedelta(hours=1)
        return
    day = here.date() + timedelta(days=1)
    while tick.every == "business_day":
        yield datetime.combine(day := calendar.add_days(day, -1), at)
    for each in _days(tick, day):
        yield datetime.combine(each, at)


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
