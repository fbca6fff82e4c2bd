"""What ``quand outbox`` shows: effects for people, and for programs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

from ..dsl.messages import ui
from ..runtime.connectors.lines import one_line
from ..runtime.model import Model
from ..runtime.results import instant, json_text, plain
from ..runtime.stores.port import EFFECT_STATES, Effect
from ..runtime.zones import zone
from .compile import Project
from .report import Style

_ROLES = {"dead": "error", "uncertain": "warning", "waiting": "info", "claimed": "info"}
_LONGEST_VALUE = 60

TABLES = {
    "send email": "email",
    "send SMS": "sms",
    "call webhook": "webhook",
    "notify": "notify",
    "generate document": "documents",
}
"""The table of ``[connectors]`` that an action needs."""


class OutboxReport:
    """Shows effects in a language; ``delivered`` are the actions that have a connector."""

    def __init__(self, project: Project, language: str, delivered: Collection[str]) -> None:
        self._project = project
        self._language = language
        self._delivered = delivered
        self._zone = zone(project.config.settings.timezone)
        program = project.program
        self._actions = {} if program is None else {action.name: action for action in program.actions}
        self._titles: Mapping[str, str] = {} if program is None else Model(program).rule_titles

    # --- for people -----------------------------------------------------------------------------------------------

    def text(self, shown: Iterable[Effect], counts: Counter[str], style: Style) -> list[str]:
        """A line or two for each effect, then how many there are in each state."""
        lines: list[str] = []
        unsent: Counter[str] = Counter()
        for effect in shown:
            lines += self._effect(effect, style)
            if effect.state == "waiting" and effect.action not in self._delivered:
                unsent[effect.action] += 1
        lines += [self._no_connector(action, count) for action, count in unsent.items()]
        parts = [self._say(f"outbox_count_{state}", count=counts[state]) for state in EFFECT_STATES if counts[state]]
        return [*lines, ", ".join(parts) + "." if parts else self._say("outbox_empty")]

    def _effect(self, effect: Effect, style: Style) -> list[str]:
        state = style(self._say(f"outbox_{effect.state}"), _ROLES.get(effect.state, ""))
        origin = self._say("outbox_rule", rule=one_line(self._titles.get(effect.rule, effect.rule)))
        first = f"{state}  {one_line(effect.key)}  {self._phrase(effect)}  ({origin})"
        return [first, *(f"    {detail}" for detail in self._details(effect))]

    def _phrase(self, effect: Effect) -> str:
        """The action with its arguments, named in the language of the report."""
        currency = self._project.config.settings.currency
        declared = self._actions.get(effect.action)
        names = {each.name: each.names for each in declared.parameters} if declared is not None else {}
        shown = [
            (names.get(name, {}).get(self._language, name), _short(_as_written(plain(value, currency))))
            for name, value in effect.arguments.items()
            if value is not None
        ]
        label = self.action(effect.action)
        if not shown:
            return label
        (_, first), *others = shown
        return ", ".join([f"{label} {first}", *(f"{name} = {value}" for name, value in others)])

    def _details(self, effect: Effect) -> Iterator[str]:
        """How far it has come."""
        if effect.error:
            yield one_line(effect.error)
        if effect.attempts and effect.last is not None:
            yield self._say("outbox_attempts", count=effect.attempts, last=self._written(effect.last))
        if effect.state == "waiting" and effect.due is not None:
            yield self._say("outbox_next", due=self._written(effect.due))

    def _no_connector(self, action: str, count: int) -> str:
        table = TABLES.get(action)
        facts = {"action": self.action(action), "count": count}
        return self._say("outbox_no_connector", table=table, **facts) if table else self._say("outbox_unknown", **facts)

    def action(self, name: str) -> str:
        """What people call an action, in the language of the report."""
        declared = self._actions.get(name)
        return name if declared is None else declared.names.get(self._language, name)

    def _written(self, moment: datetime) -> str:
        return moment.astimezone(self._zone).strftime("%Y-%m-%d %H:%M:%S")

    def _say(self, key: str, **facts: Any) -> str:
        return ui(key, self._language, **facts)

    # --- for programs ---------------------------------------------------------------------------------------------

    def json(self, shown: Iterable[Effect], counts: Counter[str]) -> str:
        """One object: the effects, and how many there are in each state."""
        effects = [self._plain(effect) for effect in shown]
        return json_text({"effects": effects, "counts": {state: counts[state] for state in EFFECT_STATES}})

    def _plain(self, effect: Effect) -> dict[str, Any]:
        currency = self._project.config.settings.currency
        about = effect.object
        return {
            "key": effect.key,
            "state": effect.state,
            "action": effect.action,
            "args": {name: plain(value, currency) for name, value in effect.arguments.items()},
            "rule": effect.rule,
            "object": None if about is None else about.id,
            "event": effect.event,
            "at": instant(effect.at),
            "attempts": effect.attempts,
            "first": _instant(effect.first),
            "last": _instant(effect.last),
            "due": _instant(effect.due),
            "error": effect.error,
            "worker": effect.worker,
            "until": _instant(effect.until),
            "connector": effect.action in self._delivered,
        }


def _instant(moment: datetime | None) -> str | None:
    return None if moment is None else instant(moment)


def _as_written(value: Any) -> str:
    return value if isinstance(value, str) else json_text(value)


def _short(text: str) -> str:
    shown = one_line(text)
    return shown if len(shown) <= _LONGEST_VALUE else shown[: _LONGEST_VALUE - 1] + "…"
