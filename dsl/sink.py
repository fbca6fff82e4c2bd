"""Where the passes put their findings: diagnostics with the file they belong to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from .diagnostic import Diagnostic, Edit, Fix, Label, Severity
from .source import Span


class Place:
    """Where something is declared: a file and a span of it. ``standard`` is true in the standard library.

    It moves with the declaration it is in: ``span`` is where that stands now.
    """

    __slots__ = ("_sink", "_span")

    def __init__(self, sink: Sink, span: Span) -> None:
        """The place of a span of the declaration of ``sink``, relative to it."""
        self._sink = sink
        self._span = span

    def is_of(self, uri: str, text: str, span: Span) -> bool:
        """Whether it is this span of a declaration with that text, wherever the declaration stands."""
        return self._span == span and self._sink.uri == uri and self._sink.text == text

    @property
    def uri(self) -> str:
        return self._sink.uri

    @property
    def span(self) -> Span:
        return self._span.shifted(self._sink.offset)

    @property
    def language(self) -> str:
        return self._sink.language

    @property
    def standard(self) -> bool:
        return self._sink.standard


class FileDiagnostic(NamedTuple):
    """A finding with the file it is about and that file's language; spans are absolute."""

    uri: str
    language: str
    diagnostic: Diagnostic


_LONGEST_QUOTE = 60


class Sink:
    """Collects findings. A child made by :meth:`at` reports about one declaration of one file."""

    __slots__ = ("forms", "found", "language", "muted", "offset", "standard", "suppressed", "text", "uri")

    def __init__(
        self,
        found: list[FileDiagnostic] | None = None,
        uri: str = "",
        language: str = "",
        offset: int = 0,
        standard: bool = False,
        text: str = "",
    ) -> None:
        self.found: list[FileDiagnostic] = [] if found is None else found
        self.uri = uri
        self.language = language
        self.offset = offset
        self.standard = standard
        self.text = text
        self.muted = 0
        self.suppressed = 0
        self.forms: dict[Span, Any] | None = None
        """How the phrases of the declaration are said, where that is recorded."""

    def at(self, uri: str, language: str, offset: int, standard: bool = False, text: str = "") -> Sink:
        """A sink for a declaration whose ``text`` starts at ``offset`` of the file ``uri``."""
        return Sink(self.found, uri, language, offset, standard, text)

    def quote(self, span: Span) -> str:
        """What the author wrote there, on one line and not too long."""
        written = " ".join(self.text[span.start : span.end].split())
        return written if len(written) <= _LONGEST_QUOTE else written[: _LONGEST_QUOTE - 1] + "…"

    def quote_edited(self, span: Span, edits: Sequence[tuple[Span, str]]) -> str:
        """What would stand there with the edits made, on one line."""
        made, position = "", span.start
        for place, put in sorted(edits):
            made += self.text[position : place.start] + put
            position = place.end
        return " ".join((made + self.text[position : span.end]).split())

    def place(self, span: Span) -> Place:
        """The place of a span of this declaration."""
        return Place(self, span)

    def report(
        self,
        code: str,
        span: Span,
        *,
        severity: Severity = "error",
        labels: Sequence[tuple[str, Place | Span]] = (),
        fixes: Sequence[tuple[str, Span, str]] = (),
        fix_args: Mapping[str, Any] | None = None,
        safe: bool = True,
        **args: Any,
    ) -> None:
        """Report a finding; ``span`` and the spans of ``fixes`` are relative to the declaration.

        ``fixes`` are (title key, span, replacement). While the sink is muted (a reading is only tried) nothing is
        recorded but that something would have been, in ``suppressed``.
        """
        if self.muted:
            self.suppressed += 1
            return
        made: list[Label] = []
        for text, where in labels:
            if isinstance(where, Place):
                made.append(Label(where.span, text, {}, where.uri))
            else:
                made.append(Label(where.shifted(self.offset), text, {}, self.uri))
        diagnostic = Diagnostic(
            code,
            span.shifted(self.offset),
            args,
            severity,
            tuple(made),
            tuple(
                Fix(
                    title,
                    (Edit(place.shifted(self.offset), text),),
                    dict(fix_args) if fix_args is not None else {"text": text},
                    safe,
                )
                for title, place, text in fixes
            ),
        )
        self.found.append(FileDiagnostic(self.uri, self.language, diagnostic))

    def report_edits(
        self,
        code: str,
        span: Span,
        fixes: Sequence[tuple[str, Sequence[tuple[Span, str]]]],
        **args: Any,
    ) -> None:
        """Report a finding whose fixes are each several edits: (title key, [(span, replacement), ...])."""
        if self.muted:
            self.suppressed += 1
            return
        diagnostic = Diagnostic(
            code,
            span.shifted(self.offset),
            args,
            fixes=tuple(
                Fix(title, tuple(Edit(place.shifted(self.offset), text) for place, text in edits), safe=False)
                for title, edits in fixes
            ),
        )
        self.found.append(FileDiagnostic(self.uri, self.language, diagnostic))
