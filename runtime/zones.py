"""Local time and instants: the two hours of the year that are missing or come twice."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from .problems import Failure


@cache
def zone(name: str) -> ZoneInfo:
    """The time zone of that name. Raises :class:`Failure` when there is none."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise Failure("QD510", timezone=name) from None


def instant_of(local: datetime, timezone: ZoneInfo) -> datetime:
    """The instant, in UTC, of a naive local time.

    A time that does not exist is taken just after the gap; of a time that exists twice the first is meant. Raises
    :class:`Failure` where the instant is before the year 1 or after the year 9999.
    """
    try:
        instant = local.replace(tzinfo=timezone, fold=0).astimezone(UTC)
        if instant.astimezone(timezone).replace(tzinfo=None) == local.replace(tzinfo=None, fold=0):
            return instant
        return _end_of_gap(instant, timezone)
    except OverflowError:
        raise Failure("QD508") from None


def _end_of_gap(after: datetime, timezone: ZoneInfo) -> datetime:
    """The instant at which the offset changed, at most a day before ``after``; offsets change on whole seconds."""
    late = after.astimezone(timezone).utcoffset()
    whole = after.replace(microsecond=0)
    early, back = 0, 86400  # seconds before `whole`: the new offset holds at the first, not at the second
    while back - early > 1:
        middle = (early + back) // 2
        if (whole - timedelta(seconds=middle)).astimezone(timezone).utcoffset() == late:
            early = middle
        else:
            back = middle
    return whole - timedelta(seconds=early)


def midnight(day: date, timezone: ZoneInfo) -> datetime:
    """The instant at which a local date begins."""
    return instant_of(datetime.combine(day, time()), timezone)


def local(instant: datetime, timezone: ZoneInfo) -> datetime:
    """The naive local time of an instant. Raises :class:`Failure` outside the years 1 to 9999."""
    try:
        return instant.astimezone(timezone).replace(tzinfo=None)
    except OverflowError:
        raise Failure("QD508") from None
