"""What is wrong in a file, in the file's language, and the changes that mend it."""

from __future__ import annotations

from ...dsl.diagnostic import Edit
from ...dsl.messages import render
from ...dsl.node import Node, node
from ...dsl.source import Span
from ..snapshot import Snapshot


@node
class Related(Node):
    """A further place that matters, and why."""

    uri: str
    span: Span
    message: str


@node
class Fix(Node):
    """A change that mends a finding; ``safe`` where it keeps the meaning the author surely wanted."""

    title: str
    edits: tuple[Edit, ...]
    safe: bool


@node
class Finding(Node):
    """A diagnostic as the editor shows it; ``severity`` is ``error``, ``warning`` or ``info``."""

    code: str
    severity: str
    span: Span
    message: str
    related: tuple[Related, ...]
    fixes: tuple[Fix, ...]


def findings(snapshot: Snapshot, uri: str) -> tuple[Finding, ...]:
    """What was found in a file."""
    known = snapshot.remembered.get(("findings", uri))
    if isinstance(known, tuple):
        return known  # pyright: ignore[reportUnknownVariableType]
    made: dict[Finding, None] = {}
    for _, language, diagnostic in snapshot.diagnostics.get(uri, ()):
        words = render(diagnostic, language, lambda name, language=language: snapshot.object_name(name, language))
        message = f"{words.message}\n{words.help}" if words.help else words.message
        related = tuple(
            Related(label.uri or uri, label.span, text)
            for label, text in zip(diagnostic.labels, words.labels, strict=True)
        )
        fixes = tuple(Fix(title, fix.edits, fix.safe) for fix, title in zip(diagnostic.fixes, words.fixes, strict=True))
        made[Finding(diagnostic.code, diagnostic.severity, diagnostic.span, message, related, fixes)] = None
    snapshot.remembered["findings", uri] = tuple(made)
    return tuple(made)


def findings_at(snapshot: Snapshot, uri: str, span: Span) -> list[Finding]:
    """The findings that touch a range."""
    return [f for f in findings(snapshot, uri) if f.span.start <= span.end and span.start <= f.span.end]
