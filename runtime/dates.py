"""Dates and instants plus durations: civil, business and elapsed time."""

from __future__ import annotations

import calendar
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

from ..dsl.values import Duration, Value
from .business import Calendar
from .problems import Failure
from .zones import instant_of, local, midnight, zone


class Clockwork:
    """What arithmetic over dates needs of a project: its time zone and its business calendar."""

    __slots__ = ("calendar", "timezone")

    def __init__(self, timezone: str, calendar: Calendar) -> None:
        """``timezone`` is an IANA name. Raises :class:`Failure` when there is none of that name."""
        self.timezone = zone(timezone)
        self.calendar = calendar

    def add_to_date(self, day: date, duration: Duration) -> date | datetime:
        """A date, or the instant after local midnight where the duration has hours. Raises :class:`Failure`."""
        try:
            moved = self._civil(day, duration)
            if not duration.seconds and not duration.business_seconds:
                return moved
            return self._elapsed(midnight(moved, self.timezone), duration)
        except (OverflowError, ValueError):
            raise Failure("QD508") from None

    def add_to_instant(self, instant: datetime, duration: Duration) -> datetime:
        """Civil parts keep the local time of day; seconds are elapsed. Raises :class:`Failure` beyond year 9999."""
        try:
            if duration.months or duration.days or duration.business_days:
                here = local(instant, self.timezone)
                moved = datetime.combine(self._civil(here.date(), duration), here.time())
                instant = instant_of(moved, self.timezone)
            return self._elapsed(instant, duration)
        except (OverflowError, ValueError):
            raise Failure("QD508") from None

    def add(self, start: date | datetime, duration: Duration) -> date | datetime:
        """By the class of ``start``."""
        if isinstance(start, datetime):
            return self.add_to_instant(start, duration)
        return self.add_to_date(start, duration)

    def _civil(self, day: date, duration: Duration) -> date:
        moved = add_months(day, duration.months) + timedelta(days=duration.days)
        return self.calendar.add_days(moved, duration.business_days) if duration.business_days else moved

    def _elapsed(self, instant: datetime, duration: Duration) -> datetime:
        if duration.seconds:
            instant = instant + seconds_of(duration.seconds)
        if duration.business_seconds:
            instant = self.calendar.add_seconds(instant, duration.business_seconds)
        return instant.astimezone(UTC)

    def instant(self, value: date | datetime) -> datetime:
        """An instant in UTC: a date is its local midnight, a naive date and time is local."""
        if not isinstance(value, datetime):
            return midnight(value, self.timezone)
        if value.tzinfo is None:
            return instant_of(value, self.timezone)
        return value.astimezone(UTC)

    def day(self, value: date | datetime) -> date:
        """The local date."""
        return local(self.instant(value), self.timezone).date() if isinstance(value, datetime) else value

    def time_of_day(self, value: date | datetime | time) -> time:
        """The local time of day; midnight for a date."""
        if isinstance(value, time):
            return value
        return local(self.instant(value), self.timezone).time() if isinstance(value, datetime) else time()

    def at(self, day: date, moment: time) -> datetime:
        """That local time of that date, as an instant."""
        return instant_of(datetime.combine(day, moment), self.timezone)

    def comparable(self, left: Value, right: Value) -> tuple[Value, Value]:
        """A date beside an instant becomes its local midnight; a naive literal finds its zone."""
        if isinstance(left, datetime) or isinstance(right, datetime):
            return self._as_instant(left), self._as_instant(right)
        return left, right

    def _as_instant(self, value: Value) -> Value:
        return self.instant(value) if isinstance(value, date) else value


def add_months(day: date, months: int) -> date:
    """The same day of the month, or its last day: 31 January + 1 month is 28 or 29 February."""
    if not months:
        return day
    index = day.year * 12 + day.month - 1 + months
    year, month = divmod(index, 12)
    return date(year, month + 1, min(day.day, last_day(year, month + 1)))


def last_day(year: int, month: int) -> int:
    """How many days a month has. Raises ``ValueError`` outside the years 1 to 9999."""
    if not 1 <= year <= 9999:
        raise ValueError(year)
    return calendar.monthrange(year, month)[1]


def seconds_of(seconds: Decimal) -> timedelta:
    """Elapsed time; what is below a microsecond is dropped."""
    return timedelta(microseconds=int(seconds * 1_000_000))


def seconds_in(span: timedelta) -> Decimal:
    """A span of time in seconds, exactly."""
    return Decimal(span // timedelta(microseconds=1)).scaleb(-6).normalize()
