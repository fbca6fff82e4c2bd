"""What the processing of an event came to, and how the contract writes it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import attrs

from ..dsl.ir import Settings
from ..dsl.node import Node, node
from ..dsl.values import Value
from .problems import Problem
from .results import instant, json_text, plain
from .stores.port import Effect
from .tracing import TraceEntry, trace_entry


@node
class Performed(Node):
    """An action that was done, by the name results carry, with its arguments and links."""

    action: str
    args: Mapping[str, Value]


@node
class Firing(Node):
    """A rule whose trigger happened and whose condition held, or that took its ``sinon`` (``branch``).

    ``at`` is the due instant of the timer that rang; ``object`` the subject's identifier.
    """

    rule: str
    object: str | None
    effects: tuple[Performed, ...]
    at: datetime | None = None
    branch: str | None = None


@node
class Change(Node):
    """What rules wrote in one object, all in all. ``set`` maps fields to values, ``None`` for one emptied."""

    object: str
    id: str
    set: Mapping[str, Value]
    created: bool = False
    deleted: bool = False


@node
class Appointment(Node):
    """A timer made or moved."""

    rule: str
    object: str | None
    due: datetime


@node
class Outcome(Node):
    """``status``: ``applied duplicate refused failed``. ``event`` is ``None`` for a line that could not be read.

    ``effects`` are the outgoing actions, to be sent once the data is committed. ``trace`` is ``None`` unless asked
    for. ``settings`` are the program's, for the writing of amounts.
    """

    event: str | None
    status: str
    fired: tuple[Firing, ...] = ()
    changes: tuple[Change, ...] = ()
    effects: tuple[Effect, ...] = ()
    timers: tuple[Appointment, ...] = ()
    problems: tuple[Problem, ...] = ()
    trace: tuple[TraceEntry, ...] | None = None
    settings: Settings = attrs.field(factory=Settings, eq=False)

    def to_json(self) -> str:
        """The result as one line of JSON, its keys in the order of the contract."""
        return json_text(self.to_plain())

    def to_plain(self) -> dict[str, Any]:
        """The result as what JSON is made of, decimals as ``Decimal``."""
        currency = self.settings.currency
        result: dict[str, Any] = {
            "event": self.event,
            "status": self.status,
            "fired": [_firing(firing, currency) for firing in self.fired],
            "changes": [_change(change, currency) for change in self.changes],
            "timers": [{"rule": t.rule, "object": t.object, "due": instant(t.due)} for t in self.timers],
            "problems": [_problem(problem) for problem in self.problems],
        }
        if self.trace is not None:
            result["trace"] = [trace_entry(entry, self.settings) for entry in self.trace]
        return result


def _firing(firing: Firing, currency: str) -> dict[str, Any]:
    result: dict[str, Any] = {"rule": firing.rule, "object": firing.object}
    if firing.branch is not None:
        result["branch"] = firing.branch
    if firing.at is not None:
        result["at"] = instant(firing.at)
    result["effects"] = [
        {"action": done.action, "args": {name: plain(value, currency) for name, value in done.args.items()}}
        for done in firing.effects
    ]
    return result


def _change(change: Change, currency: str) -> dict[str, Any]:
    result: dict[str, Any] = {"object": change.object, "id": change.id}
    if change.created:
        result["created"] = True
    if change.deleted:
        result["deleted"] = True
    result["set"] = {name: plain(value, currency) for name, value in change.set.items()}
    return result


def _problem(told: Problem) -> dict[str, Any]:
    return {
        "code": told.code,
        "rule": told.rule,
        "object": told.object,
        "field": told.field,
        "message": told.message,
    }


def merged(first: list[Change], second: tuple[Change, ...]) -> tuple[Change, ...]:
    """Changes of several transactions, one for each object."""
    found: dict[tuple[str, str], Change] = {}
    for change in (*first, *second):
        key = change.object, change.id
        earlier = found.get(key)
        if earlier is None:
            found[key] = change
        elif change.deleted and earlier.created:
            del found[key]
        else:
            fields = {} if change.deleted else {**earlier.set, **change.set}
            created = earlier.created or (change.created and not earlier.deleted)
            found[key] = Change(*key, fields, created=created, deleted=change.deleted)
    return tuple(found.values())
