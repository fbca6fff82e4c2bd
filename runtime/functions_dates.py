"""Bodies of the built-in functions over dates, instants and durations; see ``runtime/functions.py``."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, time, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from ..dsl.values import Duration, Value
from .dates import seconds_in
from .values import add_durations, multiply_duration, negate_duration

if TYPE_CHECKING:
    from .interpret import Scope

Body = Callable[..., Value]


def _add_duration(scope: Scope, start: date, duration: Duration) -> Value:
    return scope.clockwork.add(start, duration)


def _subtract_duration(scope: Scope, start: date, duration: Duration) -> Value:
    return scope.clockwork.add(start, negate_duration(duration))


def _add_durations(scope: Scope, left: Duration, right: Duration) -> Value:
    return add_durations(left, right)


def _subtract_durations(scope: Scope, left: Duration, right: Duration) -> Value:
    return add_durations(left, negate_duration(right))


def _negate_duration(scope: Scope, duration: Duration) -> Value:
    return negate_duration(duration)


def _multiply_duration(scope: Scope, duration: Any, factor: Any) -> Value:
    if not isinstance(duration, Duration):
        duration, factor = factor, duration
    return multiply_duration(duration, factor)


def _days_between(scope: Scope, later: date, earlier: date) -> Value:
    return Duration(days=(scope.clockwork.day(later) - scope.clockwork.day(earlier)).days)


def _time_elapsed(scope: Scope, later: date, earlier: date) -> Value:
    return Duration(seconds=seconds_in(scope.clockwork.instant(later) - scope.clockwork.instant(earlier)))


def _number_of_days(scope: Scope, start: date, end: date) -> Value:
    return Decimal((scope.clockwork.day(end) - scope.clockwork.day(start)).days)


def _in_duration(scope: Scope, duration: Duration) -> Value:
    return scope.clockwork.add_to_instant(scope.now, duration)


def _ago(scope: Scope, duration: Duration) -> Value:
    return scope.clockwork.add_to_instant(scope.now, negate_duration(duration))


def _now(scope: Scope) -> Value:
    return scope.now


def _today(scope: Scope) -> date:
    return scope.clockwork.day(scope.now)


def _tomorrow(scope: Scope) -> date:
    return _today(scope) + timedelta(days=1)


def _yesterday(scope: Scope) -> date:
    return _today(scope) - timedelta(days=1)


def _time_of_day(scope: Scope, instant: date) -> Value:
    return scope.clockwork.time_of_day(instant)


def _to_datetime(scope: Scope, day: date) -> Value:
    return scope.clockwork.instant(day)


def _to_date(scope: Scope, instant: date) -> Value:
    return scope.clockwork.day(instant)


def _date_at(scope: Scope, day: date, moment: time) -> Value:
    return scope.clockwork.at(scope.clockwork.day(day), moment)


def _year(scope: Scope, value: date) -> Value:
    return Decimal(scope.clockwork.day(value).year)


def _month(scope: Scope, value: date) -> Value:
    return Decimal(scope.clockwork.day(value).month)


def _day(scope: Scope, value: date) -> Value:
    return Decimal(scope.clockwork.day(value).day)


def _weekday(scope: Scope, value: date) -> Value:
    return Decimal(scope.clockwork.day(value).isoweekday())


DATE_FUNCTIONS: dict[str, Body] = {
    "add_duration": _add_duration,
    "subtract_duration": _subtract_duration,
    "add_duration_instant": _add_duration,
    "subtract_duration_instant": _subtract_duration,
    "add_durations": _add_durations,
    "subtract_durations": _subtract_durations,
    "multiply_duration": _multiply_duration,
    "negate_duration": _negate_duration,
    "days_between": _days_between,
    "time_elapsed": _time_elapsed,
    "number_of_days": _number_of_days,
    "in_duration": _in_duration,
    "ago": _ago,
    "now": _now,
    "today": _today,
    "tomorrow": _tomorrow,
    "yesterday": _yesterday,
    "time_of_day": _time_of_day,
    "year": _year,
    "month": _month,
    "day": _day,
    "weekday": _weekday,
    "date_at": _date_at,
    "to_datetime": _to_datetime,
    "to_date": _to_date,
}
