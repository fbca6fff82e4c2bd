"""Business calendars with the public holidays of a country or region."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from functools import cache
from importlib import import_module
from typing import Any

from ..dsl.ir import Settings
from ..runtime.business import WorkingCalendar, no_holidays
from ..runtime.problems import Failure
from ..runtime.zones import zone


def project_calendar(settings: Settings) -> WorkingCalendar:
    """The calendar of a project: its hours, and the holidays of its country (``"FR"``) or region (``"FR-57"``).

    Holidays are looked up when a working day is first asked for. Raises :class:`~..runtime.problems.Failure` for a
    time zone that does not exist, ``ValueError`` for hours that are none.
    """
    return WorkingCalendar(settings.hours, zone(settings.timezone), holidays_of(settings.holidays))


@cache
def holidays_of(place: str) -> Callable[[date], bool]:
    """Whether a date is a public holiday in a country or region; an empty name has none.

    The function raises :class:`~..runtime.problems.Failure` for a place without a calendar, or where the library of
    holidays is not installed.
    """
    if not place:
        return no_holidays
    return _Holidays(place).is_holiday


class _Holidays:
    """The holidays of a place, year by year, as they are asked for."""

    def __init__(self, place: str) -> None:
        self._place = place
        self._years: dict[int, frozenset[date]] = {}

    def is_holiday(self, day: date) -> bool:
        year = self._years.get(day.year)
        if year is None:
            year = self._years[day.year] = self._read(day.year)
        return day in year

    def _read(self, year: int) -> frozenset[date]:
        try:
            holidays: Any = import_module("holidays")  # 0.2 s to import, and most programs count no business days
        except ImportError:
            raise Failure("QD525", place=self._place) from None
        country, _, region = self._place.partition("-")
        try:
            found: Any = holidays.country_holidays(country, subdiv=region or None, years=year)
        except (NotImplementedError, KeyError, ValueError):
            regions: list[str] = holidays.list_supported_countries(include_aliases=False).get(country, [])
            names = [f"{country}-{name}" for name in regions]
            raise Failure("QD526", place=self._place, regions=names, any=min(len(names), 1) + 1) from None
        days: list[date] = list(found)
        return frozenset(days)
