"""Working time: the calendar the runtime needs, and its arithmetic over hours and holidays."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Protocol
from zoneinfo import ZoneInfo

from .problems import Failure
from .zones import instant_of

_HORIZON = 4000
"""Days without a single working one after which a calendar is taken to have none."""

Hours = tuple[tuple[time, time], ...]


class Calendar(Protocol):
    """What the runtime asks of a business calendar. Instants are aware, in UTC."""

    def add_days(self, start: date, days: int) -> date:
        """The date ``days`` working days after ``start`` (before it, when negative)."""
        ...

    def add_seconds(self, start: datetime, seconds: Decimal) -> datetime:
        """The instant at which ``seconds`` of working time have passed since ``start`` (or before it)."""
        ...


class WorkingCalendar:
    """Business hours by weekday, but on holidays.

    Saturday 17:30 plus one business hour, with Monday to Friday from 10:00 to 18:00, is Monday 11:00.
    """

    def __init__(self, hours: Mapping[str, str], timezone: ZoneInfo, is_holiday: Callable[[date], bool]) -> None:
        """``hours`` are written as in :class:`~..dsl.ir.Settings`. Raises ``ValueError`` for a range that is none."""
        self._hours = {int(day): parse_hours(text) for day, text in hours.items()}
        self._zone = timezone
        self._is_holiday = is_holiday

    def hours_of(self, day: date) -> Hours:
        """The ranges worked on a date; none on a holiday."""
        ranges = self._hours.get(day.isoweekday(), ())
        return () if not ranges or self._is_holiday(day) else ranges

    def add_days(self, start: date, days: int) -> date:
        """As :class:`Calendar` says; ``start`` itself does not count, and needs not be a working day."""
        step = timedelta(days=1 if days > 0 else -1)
        left, day, idle = abs(days), start, 0
        while left:
            day += step
            worked = bool(self.hours_of(day))
            left -= worked
            idle = 0 if worked else idle + 1
            if idle > _HORIZON:
                raise Failure("QD509")
        return day

    def add_seconds(self, start: datetime, seconds: Decimal) -> datetime:
        """As :class:`Calendar` says."""
        left = timedelta(microseconds=int(abs(seconds) * 1_000_000))
        day = start.astimezone(self._zone).date()
        return self._forward(start, day, left) if seconds >= 0 else self._backward(start, day, left)

    def _forward(self, start: datetime, day: date, left: timedelta) -> datetime:
        for _ in range(_HORIZON):
            for opening, closing in self._instants(day):
                begin = max(opening, start)
                if begin <= closing and begin + left <= closing:
                    return begin + left
                left -= max(closing - begin, timedelta(0))
            day += timedelta(days=1)
        raise Failure("QD509")

    def _backward(self, start: datetime, day: date, left: timedelta) -> datetime:
        for _ in range(_HORIZON):
            for opening, closing in reversed(self._instants(day)):
                end = min(closing, start)
                if end >= opening and end - left >= opening:
                    return end - left
                left -= max(end - opening, timedelta(0))
            day -= timedelta(days=1)
        raise Failure("QD509")

    def _instants(self, day: date) -> list[tuple[datetime, datetime]]:
        return [
            (instant_of(datetime.combine(day, a), self._zone), instant_of(datetime.combine(day, b), self._zone))
            for a, b in self.hours_of(day)
        ]


def parse_hours(text: str) -> Hours:
    """``09:00-12:00, 14:00-18:00`` as pairs. Raises ``ValueError`` where a range is not one."""
    ranges: list[tuple[time, time]] = []
    for part in filter(None, (piece.strip() for piece in text.split(","))):
        opening, dash, closing = part.partition("-")
        begin, end = time.fromisoformat(opening.strip()), time.fromisoformat(closing.strip())
        if not dash or begin >= end:
            raise ValueError(f"not a range of hours: {part!r}")
        ranges.append((begin, end))
    return tuple(sorted(ranges))


def no_holidays(day: date) -> bool:
    """Every day is an ordinary one."""
    return day is None  # pyright: ignore[reportUnnecessaryComparison]


def utc(instant: datetime) -> datetime:
    """The same instant, in UTC."""
    return instant.astimezone(UTC)
