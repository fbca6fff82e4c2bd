"""Delivering the effects that wait in a store: what to try, when to try again, when to give up.

    claimed ─► recipient ─► rate cap ─► (at most once: noted as uncertain) ─► send ─► settled

What is decided here needs no clock and no network: both are given. Any number of processes may deliver from one store.
"""

from __future__ import annotations

import json
import os
import uuid
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any, TypeVar, cast

import attrs

from ..dsl.messages import ui
from ..dsl.node import Node, node
from .connectors.lines import one_line
from .connectors.port import Connector, DeliveryError, Postponed, Rate, Reader, Rejected, Unsure
from .ringing import retried
from .stores.port import AT_ONCE, Batch, Effect, Store, StoreError, StoreRefused

Clock = Callable[[], datetime]
_R = TypeVar("_R")

MARGIN_SECONDS = 15.0
"""What a lease adds to the time a connector may take: nobody takes over from a process that is only slow."""

_SOON = timedelta(seconds=1)


@node
class Policy(Node):
    """When to try again and when to give up.

    The wait doubles from ``first`` to ``longest`` with each attempt, more or less ``jitter`` of itself by chance, so
    that what failed together does not come back together. After ``attempts``, or ``age`` after the first one, an effect
    is dead. A gateway may ask to be left alone for ``patience`` at most.
    """

    first: timedelta = timedelta(seconds=10)
    longest: timedelta = timedelta(hours=1)
    jitter: float = 0.25
    attempts: int = 30
    age: timedelta = timedelta(days=2)
    patience: timedelta = timedelta(days=1)

    def wait(self, attempt: int, chance: float, asked: timedelta | None = None) -> timedelta:
        """How long to wait after attempt number ``attempt`` (from 1); ``chance`` is between 0 and 1.

        Never less than the gateway ``asked`` for, as far as ``patience`` goes.
        """
        # beyond 2^40 the longest wait is reached whatever the first one is
        doubled = min(self.first.total_seconds() * 2.0 ** min(attempt - 1, 40), self.longest.total_seconds())
        wait = timedelta(seconds=doubled * (1 + self.jitter * (2 * chance - 1)))
        return wait if asked is None else max(wait, min(asked, self.patience))

    def is_over(self, effect: Effect, now: datetime) -> bool:
        """Whether an effect whose attempt has just failed is given up."""
        return effect.attempts >= self.attempts or (effect.first is not None and now - effect.first >= self.age)


@node
class Delivered(Node):
    """What a round of deliveries came to: numbers of effects, and when there is something to do next.

    ``next`` is ``None`` when nothing that has a connector is open, and long past where the round ended before all that
    was due had been tried.
    """

    sent: int = 0
    postponed: int = 0
    dead: int = 0
    uncertain: int = 0
    next: datetime | None = None

    @property
    def tried(self) -> int:
        """How many effects were taken up."""
        return self.sent + self.postponed + self.dead + self.uncertain


_COUNTED = {"sent": "sent", "waiting": "postponed", "dead": "dead", "uncertain": "uncertain"}


def worker_name() -> str:
    """A name that no other process has, readable in ``quand outbox list``."""
    # only what delivers pays for it
    import socket

    return f"{socket.gethostname()}:{os.getpid()}:{uuid.uuid4().hex[:8]}"


def any_chance() -> float:
    """A number from 0 to 1, differing between processes that started alike."""
    return int.from_bytes(os.urandom(4), "big") / 2**32


@attrs.frozen
class Outbox:
    """Delivers what waits in ``store`` through ``connectors``, by action. Safe to share between threads.

    ``clock`` gives aware instants, ``worker`` names this process, ``language`` is that of the reasons noted with
    effects; ``told`` is called with each effect once it is settled, and must not raise.
    """

    store: Store
    connectors: Mapping[str, Connector]
    clock: Clock
    policy: Policy = attrs.field(factory=Policy)
    language: str = "fr"
    worker: str = attrs.field(factory=worker_name)
    told: Callable[[Effect], object] | None = None
    chance: Callable[[], float] = any_chance

    def deliver(self, limit: int | None = None, stop: Callable[[], bool] | None = None) -> Delivered:
        """Deliver all that is due, ``limit`` effects at most, until ``stop`` says so between two of them.

        Raises :class:`~.stores.port.StoreError` for a store that cannot be used; what was under way then is taken up
        again when its lease is over.
        """
        counts = dict.fromkeys(_COUNTED.values(), 0)
        while self.connectors:
            if (limit is not None and sum(counts.values()) >= limit) or (stop is not None and stop()):
                return Delivered(**counts, next=AT_ONCE)
            effect = self._claimed(None)
            if effect is None:
                return Delivered(**counts, next=self.store.next_delivery(tuple(self.connectors)))
            counts[_COUNTED[self._delivered(effect).state]] += 1
        return Delivered()

    def deliver_one(self, key: str) -> Effect | None:
        """Try one effect now, whatever its lane; how it then is, ``None`` where it is not to be had."""
        effect = self._claimed(key)
        return None if effect is None else self._delivered(effect)

    def _claimed(self, key: str | None) -> Effect | None:
        """An effect, ours for as long as the slowest connector may take."""
        now = self.clock()
        seconds = max((connector.seconds for connector in self.connectors.values()), default=0.0)
        until = now + timedelta(seconds=seconds + MARGIN_SECONDS)
        actions = tuple(self.connectors)
        found = _again(lambda: self.store.claim(self.worker, now, until, actions=actions, key=key))
        return found[0] if found else None

    def _delivered(self, effect: Effect) -> Effect:
        connector = self.connectors[effect.action]
        try:
            if effect.attempts > self.policy.attempts:
                # the process has ended in the middle of the last one
                raise Rejected("delivery_interrupted", count=effect.attempts - 1)
            recipient = self._recipient(effect, connector)
            free = self._reserve(effect, connector, recipient)
            if free is not None:
                return self._later(effect, free)
            self._attempt(effect, connector, recipient)
        except DeliveryError as error:
            return self._failed(effect, connector, error)
        return self._settle(effect, "sent", "", None)

    def _recipient(self, effect: Effect, connector: Connector) -> str:
        """Raises :class:`DeliveryError`; nothing was sent yet, whatever is wrong."""
        try:
            return connector.recipient(effect, self._read)
        except StoreRefused as error:
            raise Rejected("delivery_broke", error=error.text(self.language)) from error
        except (DeliveryError, StoreError):
            raise
        except Exception as error:
            raise Postponed("delivery_broke", error=_told(error)) from error

    def _attempt(self, effect: Effect, connector: Connector, recipient: str) -> None:
        """Raises :class:`DeliveryError`."""
        if connector.at_most_once:
            # whatever happens from here on, nobody sends it again unless the connector says that nothing was delivered
            note = ui("delivery_under_way", self.language)
            if not self._noted(effect, "uncertain", error=note, worker=self.worker):
                raise Unsure("delivery_under_way")
        try:
            connector.send(effect, recipient, self._read)
        except (Postponed, Rejected):
            self._release(effect, connector, recipient)
            raise
        except DeliveryError:
            raise
        except StoreError as error:
            raise Unsure("delivery_broke", error=error.text(self.language)) from error
        except Exception as error:
            raise Unsure("delivery_broke", error=_told(error)) from error

    def _failed(self, effect: Effect, connector: Connector, error: DeliveryError) -> Effect:
        reason = error.text(self.language)
        if isinstance(error, Rejected):
            return self._settle(effect, "dead", reason, None)
        if isinstance(error, Unsure) and connector.at_most_once:
            return self._settle(effect, "uncertain", reason, None)
        now = self.clock()
        if self.policy.is_over(effect, now):
            return self._settle(effect, "dead", reason, None)
        asked = error.after if isinstance(error, Postponed) else None
        return self._settle(effect, "waiting", reason, now + self.policy.wait(effect.attempts, self.chance(), asked))

    def _later(self, effect: Effect, free: datetime) -> Effect:
        """Put an effect back that its recipient may not get yet; this was no attempt."""
        reason = ui("delivery_rate", self.language)
        return self._settle(effect, "waiting", reason, max(free, self.clock() + _SOON), effect.attempts - 1)

    def _settle(
        self, effect: Effect, state: str, reason: str, due: datetime | None, attempts: int | None = None
    ) -> Effect:
        """Note what came of an effect. That it was sent holds even where another process has taken it over."""
        worker = None if state == "sent" else self.worker
        self._noted(effect, state, error=reason, due=due, attempts=attempts, worker=worker)
        settled = attrs.evolve(effect, state=state, error=reason, due=due, until=None)
        if attempts is not None:
            settled = attrs.evolve(settled, attempts=attempts)
        if self.told is not None:
            self.told(settled)
        return settled

    def _noted(self, effect: Effect, state: str, **noted: Any) -> bool:
        try:
            return _again(lambda: self.store.settle(effect.key, state, **noted))
        except KeyError:
            # somebody has emptied the outbox meanwhile
            return False

    @property
    def _read(self) -> Reader:
        def read(reference: Any) -> Any:
            with self.store.transaction(reading=True) as transaction:
                return transaction.get(reference)

        return read

    # --- the cap of a recipient -----------------------------------------------------------------------------------

    def _reserve(self, effect: Effect, connector: Connector, recipient: str) -> datetime | None:
        """Take a place for an effect among its recipient's; when there will be one, if there is none now."""
        if not connector.rates:
            return None

        def reserve() -> datetime | None:
            now = self.clock()
            with self.store.transaction() as transaction:
                key = _rate_key(effect, recipient)
                taken = _kept(transaction.recall(key), connector.rates, now)
                taken.pop(effect.key, None)
                free = free_at([*taken.values()], connector.rates, now)
                if free is None:
                    taken[effect.key] = now
                    transaction.write(Batch(memory={key: _written(taken)}))
                return free

        return _again(reserve)

    def _release(self, effect: Effect, connector: Connector, recipient: str) -> None:
        """Give the place back: nothing was delivered."""
        if not connector.rates:
            return

        def release() -> None:
            with self.store.transaction() as transaction:
                key = _rate_key(effect, recipient)
                taken = _kept(transaction.recall(key), connector.rates, self.clock())
                taken.pop(effect.key, None)
                transaction.write(Batch(memory={key: _written(taken) if taken else None}))

        _again(release)


def deliver_due(
    store: Store,
    connectors: Mapping[str, Connector],
    clock: Clock,
    *,
    policy: Policy | None = None,
    language: str = "fr",
    worker: str | None = None,
    limit: int | None = None,
    stop: Callable[[], bool] | None = None,
    told: Callable[[Effect], object] | None = None,
) -> Delivered:
    """One round: deliver all that is due; see :class:`Outbox`, whose parameters these are."""
    outbox = Outbox(store, connectors, clock, policy or Policy(), language, worker or worker_name(), told)
    return outbox.deliver(limit, stop)


def free_at(taken: list[datetime], rates: tuple[Rate, ...], now: datetime) -> datetime | None:
    """When a recipient who got something at those instants may get more; ``None`` is now."""
    waits: list[datetime] = []
    for rate in rates:
        recent = sorted(instant for instant in taken if instant > now - rate.period)
        if len(recent) >= rate.count:
            waits.append(recent[len(recent) - rate.count] + rate.period)
    return max(waits, default=None)


def _rate_key(effect: Effect, recipient: str) -> str:
    """The note that keeps a recipient's deliveries; it does not hold who that is."""
    digest = sha256(recipient.encode("utf-8", "surrogatepass")).hexdigest()[:32]
    return f"outbox:{effect.action}:{digest}"


def _kept(note: str | None, rates: tuple[Rate, ...], now: datetime) -> dict[str, datetime]:
    """The deliveries that still count, by key."""
    longest = max(rate.period for rate in rates)
    noted = cast("dict[str, str]", json.loads(note)) if note else {}
    taken = {key: datetime.fromisoformat(instant) for key, instant in noted.items()}
    return {key: instant for key, instant in taken.items() if instant > now - longest}


def _told(error: Exception) -> str:
    return one_line(f"{type(error).__name__}: {error}")


def _written(taken: Mapping[str, datetime]) -> str:
    return json.dumps({key: instant.isoformat() for key, instant in taken.items()})


def _again(step: Callable[[], _R]) -> _R:
    """A step that is one transaction, done again when it met another one."""
    return retried(step, None)
