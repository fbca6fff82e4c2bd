"""What a host's functions are to the outbox: connectors, tried right after the commit and again by ``deliver``."""

from __future__ import annotations

from collections.abc import Callable

import attrs

from .connectors.lines import one_line
from .connectors.port import Postponed, Rate, Reader
from .model import Model
from .outbox import Clock, Outbox
from .problems import Problem, problem
from .stores.port import Effect, Store, StoreError

Delivery = Callable[[Effect], object]
"""A function bound to an action: it gets the effect; what it returns means nothing, an exception is a failure."""

_SECONDS = 30.0


@attrs.frozen
class FunctionConnector:
    """A function of the host as a :class:`~.connectors.port.Connector`. It tells attempts apart by the effect's key."""

    function: Delivery
    seconds: float = _SECONDS
    at_most_once: bool = False
    rates: tuple[Rate, ...] = ()

    def recipient(self, effect: Effect, read: Reader) -> str:
        """The function finds out."""
        return ""

    def send(self, effect: Effect, recipient: str, read: Reader) -> None:
        """Call the function."""
        try:
            self.function(effect)
        except Exception as error:
            raise Postponed("delivery_raised", error=one_line(f"{type(error).__name__}: {error}")) from error


class Deliveries:
    """The functions of one engine, by action."""

    def __init__(self, store: Store, model: Model, clock: Clock) -> None:
        self._connectors: dict[str, FunctionConnector] = {}
        self._model = model
        self._outbox = Outbox(store, self._connectors, clock, language=model.settings.language)

    def bind(self, action: str, function: Delivery) -> None:
        """The function of an action from now on."""
        self._connectors[action] = FunctionConnector(function)

    def deliver(self, effects: tuple[Effect, ...]) -> list[Problem]:
        """Try effects just committed, those that have a function; the problems met."""
        failed: list[Effect] = []
        for effect in effects:
            if effect.action in self._connectors:
                try:
                    tried = self._outbox.deliver_one(effect.key)
                except StoreError as error:
                    # the event is committed all the same
                    tried = attrs.evolve(effect, error=error.text(self._outbox.language))
                if tried is not None and tried.state != "sent":
                    failed.append(tried)
        return [self._problem(effect) for effect in failed]

    def deliver_all(self) -> list[Problem]:
        """Try all that is due and has a function; the problems met."""
        failed: list[Effect] = []

        def note(effect: Effect) -> None:
            if effect.state != "sent":
                failed.append(effect)

        attrs.evolve(self._outbox, told=note).deliver()
        return [self._problem(effect) for effect in failed]

    def _problem(self, effect: Effect) -> Problem:
        return problem(
            "QD553",
            self._model.settings.language,
            rule=effect.rule,
            object_id=effect.object.id if effect.object is not None else None,
            args={"action": effect.action, "error": effect.error},
            titles=self._model.rule_titles,
        )
