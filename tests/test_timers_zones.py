"""Each hour of some years in five time zones: each timer rings exactly once, never early, and when people expect it.

What is expected is read off a clock on the wall, minute by minute: nothing here knows how the engine counts.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

import quand
from quand.project.compile import load_text
from quand.project.config import Config, read_config
from quand.project.stores import open_store
from quand.runtime.program import Program
from quand.runtime.stores.memory import MemoryStore
from quand.runtime.stores.port import Store

ZONES = ["Europe/Paris", "America/New_York", "Australia/Lord_Howe", "Africa/Casablanca", "Asia/Kolkata"]
"""Clock changes at two in the morning and at midnight's edge, by half an hour, twice around Ramadan, and none."""

RULES = """\
vocabulary: none
object a deal
  a number: text
  a moment: date and time
action tell {text : text}
  name 'tell'

rule "Hour"
when a deal is created then wait 1 hour then tell "x"

rule "Day"
when a deal is created then wait 1 day then tell "x"

rule "Hours"
when a deal is created then wait 24 hours then tell "x"

rule "Before"
when 2 days before the moment of a deal then tell "x"

rule "Hourly"
when every hour then tell "x"

rule "Nightly"
when every day at 2:30 then tell "x"
"""
MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)


def program(zone: str, folder: Path) -> Program:
    file = folder / "quand.toml"
    file.write_text(f'timezone = "{zone}"\n', encoding="utf-8")
    config: Config = read_config(file)
    return Program(load_text(RULES, "en", config).checked())


class Wall:
    """A clock on the wall from one instant to another; ``first`` says when it first showed a time of a day."""

    def __init__(self, zone: str, start: datetime, end: datetime) -> None:
        self._zone = ZoneInfo(zone)
        self._instants: list[datetime] = []
        self._shown: list[datetime] = []
        latest = datetime.min  # noqa: DTZ901 (what a wall shows has no zone)
        instant = start
        while instant <= end:
            shown = instant.astimezone(self._zone).replace(tzinfo=None)
            if shown > latest:
                self._instants.append(instant)
                self._shown.append(shown)
                latest = shown
            instant += 15 * MINUTE

    def shows(self, instant: datetime) -> datetime:
        return instant.astimezone(self._zone).replace(tzinfo=None)

    def first(self, shown: datetime) -> datetime:
        """When the wall first showed that time, or a later one where it was left out."""
        return self._instants[bisect_left(self._shown, shown)]

    def days(self, start: datetime, end: datetime) -> Iterator[date]:
        day = self.shows(start).date()
        while day <= self.shows(end).date():
            yield day
            day += timedelta(days=1)

    def hours(self, start: datetime, end: datetime) -> Iterator[datetime]:
        """Each full hour that the wall may show."""
        hour = self.shows(start).replace(minute=0) - 2 * HOUR
        while hour <= self.shows(end) + HOUR:
            yield hour
            hour += HOUR


def expected(zone: str, start: datetime, end: datetime) -> Counter[tuple[str, str | None, datetime]]:
    """What rings after ``start`` and until ``end``: rule, object, instant."""
    wall = Wall(zone, start - timedelta(days=3), end + timedelta(days=4))
    found: set[tuple[str, str | None, datetime]] = set()
    for created in hours(start, end):
        name = created.isoformat()
        shown = wall.shows(created)
        found.add(("Hour", name, created + HOUR))
        found.add(("Hours", name, created + 24 * HOUR))
        found.add(("Day", name, wall.first(shown + timedelta(days=1))))
        moment = created + timedelta(days=3)
        found.add(("Before", name, wall.first(wall.shows(moment) - timedelta(days=2))))
    for day in wall.days(start, end):
        found.add(("Nightly", None, wall.first(datetime.combine(day, time(2, 30)))))
    for hour in wall.hours(start, end):
        found.add(("Hourly", None, wall.first(hour)))
    return Counter(each for each in found if start < each[2] <= end)


def hours(start: datetime, end: datetime) -> Iterator[datetime]:
    instant = start + 15 * MINUTE
    while instant < end:
        yield instant
        instant += HOUR


def rung(store: Store, program: Program, start: datetime, end: datetime) -> Counter[tuple[str, str | None, datetime]]:
    """What rings when each hour a deal is created; that nothing rings before its time."""
    engine = quand.Engine(program, store, now=start, dry=True)
    found: Counter[tuple[str, str | None, datetime]] = Counter()
    before = start

    def process(event: dict[str, Any], now: datetime) -> None:
        nonlocal before
        outcome = engine.process({**event, "at": now.isoformat()})
        assert (outcome.status, outcome.problems) == ("applied", ())
        for firing in outcome.fired:
            if firing.at is not None:
                assert before < firing.at <= now, (firing, before, now)
                found[firing.rule, firing.object, firing.at] += 1
        before = now

    for created in hours(start, end):
        moment = (created + timedelta(days=3)).isoformat()
        process({"event": "deal.created", "data": {"id": created.isoformat(), "moment": moment}}, created)
        process({"event": "time"}, created + 23 * MINUTE)
    process({"event": "time"}, end)
    return found


def around(zone: str, years: range) -> list[datetime]:
    """The instants at which the clocks change, to the hour."""
    place = ZoneInfo(zone)
    found: list[datetime] = []
    instant = datetime(years.start, 1, 1, tzinfo=UTC)
    while instant.year < years.stop:
        if instant.astimezone(place).utcoffset() != (instant + HOUR).astimezone(place).utcoffset():
            found.append(instant)
        instant += HOUR
    return found


@pytest.mark.parametrize("zone", ZONES)
def test_around_the_changes_of_a_clock_each_timer_rings_once(zone: str, tmp_path: Path) -> None:
    compiled = program(zone, tmp_path)
    for change in around(zone, range(2026, 2027)) or [datetime(2026, 3, 29, 1, tzinfo=UTC)]:
        start, end = change - timedelta(hours=30), change + timedelta(hours=30)
        assert rung(MemoryStore(), compiled, start, end) == expected(zone, start, end)


def test_so_they_do_in_a_file(tmp_path: Path) -> None:
    zone = "Europe/Paris"
    (change, _) = around(zone, range(2026, 2027))
    start, end = change - timedelta(hours=6), change + timedelta(hours=30)
    with closing(open_store(f"sqlite:///{tmp_path}/crm.db")) as store:
        assert rung(store, program(zone, tmp_path), start, end) == expected(zone, start, end)


@pytest.mark.long
@pytest.mark.parametrize("year", range(2024, 2031))
@pytest.mark.parametrize("zone", ZONES)
def test_each_hour_of_seven_years(zone: str, year: int, tmp_path: Path) -> None:
    start, end = datetime(year, 1, 1, tzinfo=UTC), datetime(year + 1, 1, 2, tzinfo=UTC)
    assert rung(MemoryStore(), program(zone, tmp_path), start, end) == expected(zone, start, end)
