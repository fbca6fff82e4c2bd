"""What to say where a terminal does not fit: the frequent mistakes first, else what may stand there."""

from __future__ import annotations

from collections.abc import Sequence

from .diagnostic import Diagnostic
from .keywords import Keywords
from .lexer import Lexeme
from .scanner import Report
from .source import Span


class ErrorReporter:
    """Turns the errors of one parse into diagnostics. ``count`` is their number.

    ``silent`` keeps errors back that follow from one already told.
    """

    def __init__(
        self, text: str, lexemes: Sequence[Lexeme], words: Keywords, report: Report, silent: bool = False
    ) -> None:
        self.text = text
        self.lexemes = lexemes
        self.words = words
        self.report = report
        self.silent = silent
        self.count = 0

    def __call__(self, position: int, expected: frozenset[str], entry: str) -> None:
        self.count += 1
        if self.silent:
            return
        lexeme = self.lexemes[min(position, len(self.lexemes) - 1)]
        span = Span(lexeme.start, lexeme.end)
        self.report(
            Diagnostic(
                "QD010",
                span,
                {"found": self.text[span.start : span.end], "expected": sorted(expected), "entry": entry},
            )
        )
