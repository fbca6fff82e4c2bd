"""The port of a connector: what the outbox asks of whatever sends.

A connector delivers the effects of one or several actions. It is given an effect and a way to read the data, and says
by what it raises what came of the attempt; returning is success. Connectors are shared by threads and keep no state of
their own between two effects.

**Keys.** :attr:`~..stores.port.Effect.key` is the same in every attempt and no other effect of the database has it. A
connector passes it on wherever its gateway takes one, so that an effect sent twice arrives once.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any, Protocol, TypeAlias

from ...dsl.messages import ui
from ...dsl.node import Node, node
from ...dsl.values import Reference
from ..stores.port import Effect, Record

Reader: TypeAlias = Callable[[Reference], Record | None]
"""Reads the record of an object as it is stored now."""


class DeliveryError(Exception):
    """An attempt that did not succeed. ``key`` names a text of the ``[ui]`` messages and ``args_by_name`` fill it."""

    def __init__(self, key: str, **args: Any) -> None:
        super().__init__(key)
        self.key = key
        self.args_by_name = args

    def text(self, language: str) -> str:
        """Why, in one line that a person can act on."""
        return ui(self.key, language, **self.args_by_name)

    def __str__(self) -> str:
        return f"{self.key} {self.args_by_name}"


class Postponed(DeliveryError):
    """Nothing was delivered, and a later attempt may succeed. ``after`` is the least time to wait, if known."""

    def __init__(self, key: str, *, after: timedelta | None = None, **args: Any) -> None:
        super().__init__(key, **args)
        self.after = after


class Rejected(DeliveryError):
    """Nothing was delivered, and no later attempt would do any better."""


class Unsure(DeliveryError):
    """The effect was on its way when the line dropped or the time was up: it may have been delivered."""


@node
class Rate(Node):
    """At most ``count`` deliveries to one recipient in any period of that length."""

    count: int
    period: timedelta


class Connector(Protocol):
    """Delivers effects.

    ``seconds`` is the longest that :meth:`recipient` and :meth:`send` may take together. With ``at_most_once`` an
    effect that may have been delivered is never sent again. ``rates`` cap what one recipient gets.
    """

    @property
    def seconds(self) -> float: ...

    @property
    def at_most_once(self) -> bool: ...

    @property
    def rates(self) -> tuple[Rate, ...]: ...

    def recipient(self, effect: Effect, read: Reader) -> str:
        """Whom an effect is for, as the gateway knows them: an address, a number. Raises :class:`DeliveryError`."""
        ...

    def send(self, effect: Effect, recipient: str, read: Reader) -> None:
        """Deliver an effect to :meth:`recipient`. Raises :class:`DeliveryError`; anything else counts as unsure."""
        ...
