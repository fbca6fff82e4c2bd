"""Diagnostics with their words and their lines: what every report is made from."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple

from ..dsl.diagnostic import Diagnostic
from ..dsl.messages import render
from ..dsl.sink import FileDiagnostic
from ..dsl.source import LineIndex, Span


class Place(NamedTuple):
    """A range of a file; lines and columns count from 1, columns count characters, the end is excluded."""

    file: str
    line: int
    column: int
    end_line: int
    end_column: int
    span: Span


class Related(NamedTuple):
    """A further place that matters, and why."""

    place: Place
    message: str


class TextEdit(NamedTuple):
    """Replace what stands at ``place`` by ``text``."""

    place: Place
    text: str


class FixText(NamedTuple):
    """A fix with its title."""

    title: str
    edits: tuple[TextEdit, ...]


class Finding(NamedTuple):
    """A diagnostic as people read it; ``language`` is that of its words."""

    place: Place
    code: str
    severity: str
    message: str
    help: str
    related: tuple[Related, ...]
    fixes: tuple[FixText, ...]
    language: str

    @property
    def file(self) -> str:
        return self.place.file

    @property
    def line(self) -> int:
        return self.place.line

    @property
    def column(self) -> int:
        return self.place.column


def finding_from_plain(plain: Any) -> Finding:
    """The finding that JSON made into lists."""
    place, code, severity, message, help_, related, fixes, language = plain
    return Finding(
        _place(place),
        code,
        severity,
        message,
        help_,
        tuple(Related(_place(there), text) for there, text in related),
        tuple(FixText(title, tuple(TextEdit(_place(there), text) for there, text in edits)) for title, edits in fixes),
        language,
    )


def _place(plain: Any) -> Place:
    file, line, column, end_line, end_column, span = plain
    return Place(file, line, column, end_line, end_column, Span(*span))


class Texts:
    """The texts of files by uri, with their lines found once."""

    def __init__(self, texts: Mapping[str, str]) -> None:
        self._texts = texts
        self._indexes: dict[str, LineIndex] = {}

    def index(self, uri: str) -> LineIndex:
        """The lines of a file; of an empty text for a file that is not known."""
        index = self._indexes.get(uri)
        if index is None:
            index = self._indexes[uri] = LineIndex(self._texts.get(uri, ""))
        return index

    def place(self, uri: str, span: Span) -> Place:
        index = self.index(uri)
        line, column = index.position(span.start)
        end_line, end_column = index.position(max(span.end, span.start))
        return Place(uri, line + 1, column + 1, end_line + 1, end_column + 1, span)


def findings(
    diagnostics: Iterable[FileDiagnostic],
    texts: Texts,
    language: str | None = None,
    object_name: Callable[[str, str], str] | None = None,
) -> list[Finding]:
    """The diagnostics in words, by file and place, each once.

    ``language`` is that of the words; ``None`` is the language of each file. ``object_name`` gives the name of an
    object, from its English name and a language.
    """
    found: dict[Finding, None] = {}
    for uri, file_language, diagnostic in diagnostics:
        found[_finding(uri, language or file_language, diagnostic, texts, object_name)] = None
    return sorted(found, key=lambda finding: (finding.place.file, finding.place.span, finding.code))


def _finding(
    uri: str,
    language: str,
    diagnostic: Diagnostic,
    texts: Texts,
    object_name: Callable[[str, str], str] | None,
) -> Finding:
    words = render(diagnostic, language, (lambda name: object_name(name, language)) if object_name else None)
    return Finding(
        place=texts.place(uri, diagnostic.span),
        code=diagnostic.code,
        severity=diagnostic.severity,
        message=words.message,
        help=words.help,
        related=tuple(
            Related(texts.place(label.uri or uri, label.span), text)
            for label, text in zip(diagnostic.labels, words.labels, strict=True)
        ),
        fixes=tuple(
            FixText(title, tuple(TextEdit(texts.place(uri, edit.span), edit.text) for edit in fix.edits))
            for fix, title in zip(diagnostic.fixes, words.fixes, strict=True)
        ),
        language=language,
    )
