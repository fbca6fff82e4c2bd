"""Diagnostics as facts: a code, a place and arguments. Prose is made in ``dsl/messages.py`` only."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

import attrs

from .node import Node, node
from .source import Span

Severity = Literal["error", "warning", "info"]


@node
class Label(Node):
    """A further place that matters, with the key of a short text in the messages (``"declared_here"``)."""

    span: Span
    text: str
    args: Mapping[str, Any] = attrs.field(factory=dict[str, Any])
    uri: str | None = None


@node
class Edit(Node):
    """Replace ``span`` by ``text``."""

    span: Span
    text: str


@node
class Fix(Node):
    """A change that mends the cause: a key of the messages for its title, and edits of the same file.

    ``safe`` is true where the fix keeps the meaning the author surely wanted.
    """

    title: str
    edits: tuple[Edit, ...]
    args: Mapping[str, Any] = attrs.field(factory=dict[str, Any])
    safe: bool = True


@node
class Diagnostic(Node):
    """One finding about a source text.

    ``code`` is stable (``QD0xx`` text, ``QD1xx`` names, ``QD2xx`` types, ``QD3xx`` analysis, ``QD4xx`` SQL,
    ``QD5xx`` run time); ``args`` fill the placeholders of its message.
    """

    code: str
    span: Span
    args: Mapping[str, Any] = attrs.field(factory=dict[str, Any])
    severity: Severity = "error"
    labels: tuple[Label, ...] = ()
    fixes: tuple[Fix, ...] = ()

    def shifted(self, offset: int) -> Diagnostic:
        """The same finding when ``offset`` code points stand before the text it was found in."""
        if not offset:
            return self
        return attrs.evolve(
            self,
            span=self.span.shifted(offset),
            labels=tuple(
                label if label.uri else attrs.evolve(label, span=label.span.shifted(offset)) for label in self.labels
            ),
            fixes=tuple(
                attrs.evolve(fix, edits=tuple(attrs.evolve(e, span=e.span.shifted(offset)) for e in fix.edits))
                for fix in self.fixes
            ),
        )
