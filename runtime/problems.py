"""What can go wrong while an event is processed: facts in exceptions, sentences from the tables of messages."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import attrs

from ..dsl.diagnostic import Diagnostic
from ..dsl.messages import render
from ..dsl.node import Node, node
from ..dsl.source import NOWHERE

_NO_TITLES: Mapping[str, str] = {}
_RULES = frozenset({"rule", "rules", "winner"})
"""The placeholders that stand for rules."""


@node
class Problem(Node):
    """One entry of ``problems``: a stable code, what it is about, and a sentence in the project's language.

    ``args`` are the facts of the sentence. ``rule``, ``object`` and ``field`` are English names or identifiers.
    """

    code: str
    message: str
    rule: str | None = None
    object: str | None = None
    field: str | None = None
    args: Mapping[str, Any] = attrs.field(factory=dict[str, Any])


def problem(
    code: str,
    language: str,
    *,
    rule: str | None = None,
    object_id: str | None = None,
    field: str | None = None,
    args: Mapping[str, Any] | None = None,
    titles: Mapping[str, str] = _NO_TITLES,
) -> Problem:
    """A problem with its sentence; ``rule``, ``object`` and ``field`` are placeholders of the sentence too.

    ``titles`` are the names of rules in the project's language, which the sentence shows, by their English names.
    """
    facts = {"rule": rule or "", "object": object_id or "", "field": field or "", **(args or {})}
    for key in _RULES & facts.keys():
        named = facts[key]
        facts[key] = titles.get(named, named) if isinstance(named, str) else [titles.get(each, each) for each in named]
    message = render(Diagnostic(code, NOWHERE, facts), language).message
    return Problem(code, message, rule, object_id, field, args or {})


class Failure(Exception):
    """Stops the processing of an event, of which nothing is applied. ``rule`` may be filled in on the way up."""

    def __init__(
        self,
        code: str,
        *,
        rule: str | None = None,
        object_id: str | None = None,
        field: str | None = None,
        **args: Any,
    ) -> None:
        super().__init__(code, args)
        self.code = code
        self.rule = rule
        self.object_id = object_id
        self.field = field
        self.args_of_message = args

    def problem(self, language: str, titles: Mapping[str, str] = _NO_TITLES) -> Problem:
        """The entry of ``problems`` that tells it; ``titles`` as for :func:`problem`."""
        return problem(
            self.code,
            language,
            rule=self.rule,
            object_id=self.object_id,
            field=self.field,
            args=self.args_of_message,
            titles=titles,
        )


class Refusal(Failure):
    """A rule refused the change; ``reason`` is its author's text, or ``None``."""

    def __init__(
        self, reason: str | None, *, rule: str, object_id: str | None, code: str = "QD520", **args: Any
    ) -> None:
        super().__init__(code, rule=rule, object_id=object_id, **args)
        self.reason = reason

    def problem(self, language: str, titles: Mapping[str, str] = _NO_TITLES) -> Problem:
        """As for a failure, but the author's own words come first."""
        told = super().problem(language, titles)
        return told if self.reason is None else attrs.evolve(told, message=self.reason)
