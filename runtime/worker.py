"""A worker: rings what is due, and tells until when there is nothing to do. The outbox is :mod:`~.outbox`'s.

It holds nothing that matters: any number of workers may run over the same data, and any of them may end at any moment.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from threading import Lock

import attrs

from .engine import Engine
from .outcome import Outcome

LEAP = timedelta(minutes=10)
"""By how much the machine's clock may be set ahead unnoticed."""

TRUSTED_AFTER = 60.0
"""Seconds that a clock which leapt ahead has to go on before it is believed."""

_BEHIND = timedelta(minutes=1)
"""How far the machine's clock may lie behind the data unnoticed: machines differ by seconds."""


def elapsed() -> float:
    """Seconds that have really passed since some instant, the machine asleep included where the system tells."""
    clock: int | None = getattr(time, "CLOCK_BOOTTIME", None)
    return time.monotonic() if clock is None else time.clock_gettime(clock)


class SteadyClock:
    """The machine's clock, which people and networks set: one that leaps ahead is believed only when it stays there.

    All timers until then would ring at once, and no instant is ever taken back. Threads may share it.
    """

    def __init__(
        self, machine: Callable[[], datetime] = lambda: datetime.now(UTC), passed: Callable[[], float] = elapsed
    ) -> None:
        self._machine = machine
        self._passed = passed
        self._offset = self._difference()
        self._leapt: float | None = None
        """Since when the clock is far ahead of where it was going."""
        self._turn = Lock()

    def _difference(self) -> timedelta:
        return self._machine().astimezone(UTC) - datetime(1970, 1, 1, tzinfo=UTC) - timedelta(seconds=self._passed())

    def now(self) -> datetime:
        """The instant to process at, in UTC."""
        with self._turn:
            now, difference = self._machine().astimezone(UTC), self._difference()
            ahead = difference - self._offset
            if ahead <= LEAP:
                self._leapt = None
            elif self._leapt is None:
                self._leapt = self._passed()
            if self._leapt is not None and self._passed() - self._leapt < TRUSTED_AFTER:
                return now - ahead
            self._offset, self._leapt = difference, None
            return now

    @property
    def leapt(self) -> timedelta | None:
        """By how much the clock has leapt ahead while that is not yet believed."""
        with self._turn:
            return None if self._leapt is None else self._difference() - self._offset


@attrs.frozen
class Round:
    """What one look at the data came to.

    ``outcome`` is that of the timers that rang, if any; ``next`` the instant at which there is something to do again.
    ``behind``: the machine's clock lies that far behind what was processed last, and timers wait for it.
    """

    outcome: Outcome | None
    next: datetime | None
    behind: timedelta | None = None


class Worker:
    """Rings the timers of one engine.

    Raises what the store raises: nothing is lost by it, and the next round goes on.
    """

    def __init__(self, engine: Engine, clock: SteadyClock) -> None:
        self._engine = engine
        self._clock = clock

    def start(self) -> Outcome:
        """The first look: rules new to the data are noted, and calendars start with data never used."""
        return self._ring(self._clock.now())

    def round(self) -> Round:
        """Ring what is due."""
        now = self._clock.now()
        upcoming = self._engine.upcoming()
        latest = now if upcoming.clock is None else max(now, upcoming.clock)
        outcome = None
        if upcoming.due is not None and upcoming.due <= latest:
            outcome = self._ring(now)
            upcoming = self._engine.upcoming()
        late = None if upcoming.clock is None or upcoming.clock - now <= _BEHIND else upcoming.clock - now
        return Round(outcome, upcoming.due, late)

    def _ring(self, now: datetime) -> Outcome:
        return self._engine.process({"event": "time", "at": now.isoformat()})
