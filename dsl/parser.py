"""From the text of a file to its syntax tree.

A file is split into declarations (``dsl/outline.py``); each is scanned, lexed and parsed on its own, and remembered by
its text, so that after a change only what changed is read again.
"""

from __future__ import annotations

import re
from functools import cache, lru_cache
from typing import Any, NamedTuple

import attrs

from . import modes, tree
from .automaton import Builders, fits, parse
from .diagnostic import Diagnostic, Edit, Fix
from .grammar_tables import load_tables
from .keywords import Keywords, keywords, other_languages
from .lexemes import Lexeme, documentation_in
from .lexer import Lexer
from .lexer_signs import SIGNS
from .lexer_words import HANDLERS
from .lexicon import languages
from .outline import detect_language, split, unknown_language
from .scanner import LITERAL, TEXT, WORD, Atom, character_name, scan
from .source import Span
from .syntax import (
    Cell,
    CellTest,
    Declaration,
    ExampleDeclaration,
    Expression,
    Interpolation,
    InvalidSyntax,
    ParsedDeclaration,
    ParsedFile,
    ProcessDeclaration,
    Text,
    Then,
    Token,
    TokenRow,
    VocabularySetting,
    When,
)
from .syntax_errors import ErrorReporter
from .texts import read_text

__all__ = [
    "Beginning",
    "ParsedCell",
    "ParsedExpression",
    "detect_language",
    "parse_cell",
    "parse_expression",
    "parse_file",
    "read_beginning",
]

_TURNING = re.compile("[\u202a-\u202e\u2066-\u2069]")
"""The characters that make words be shown in another order."""
_REMEMBERED = 2048
_REMEMBERED_TOKENS = 512


class ParsedExpression(NamedTuple):
    """A value parsed on its own, with what was found about it."""

    expression: Expression
    diagnostics: tuple[Diagnostic, ...]


class ParsedCell(NamedTuple):
    """A cell of a sheet, with what was found about it."""

    cell: Cell
    diagnostics: tuple[Diagnostic, ...]


class Beginning(NamedTuple):
    """What the beginning of a declaration was read as: its opener, its terminals, and the mode the lexer ended in.

    ``fits`` tells whether a declaration can begin so; ``atoms`` hold the keywords that were found.
    """

    kind: str
    lexemes: list[Lexeme]
    atoms: list[Atom]
    mode: modes.Mode
    fits: bool


def parse_file(text: str, language: str | None = None, default: str = "fr") -> ParsedFile:
    """The syntax tree of a file.

    ``language`` is that of the file; ``None`` finds it out, ``default`` where the text does not tell. Never raises:
    what cannot be parsed is ``InvalidSyntax`` with a diagnostic.
    """
    if language is None:
        language = detect_language(text, default)
    starts = split(text, language)
    declarations: list[tuple[int, ParsedDeclaration]] = []
    diagnostics: list[Diagnostic] = []
    for number, start in enumerate(starts):
        end = starts[number + 1] if number + 1 < len(starts) else len(text)
        parsed = parse_declaration(text[start:end], language)
        if isinstance(parsed.declaration, InvalidSyntax) and not parsed.diagnostics:
            # Comments alone, in a file without any declaration.
            continue
        declarations.append((start, parsed))
        diagnostics.extend(problem.shifted(start) for problem in parsed.diagnostics if isinstance(problem, Diagnostic))
    return ParsedFile(text, language, tuple(declarations), tuple(diagnostics))


@lru_cache(maxsize=_REMEMBERED)
def parse_declaration(text: str, language: str) -> ParsedDeclaration:
    """One declaration with the comments before it; spans are relative to ``text``."""
    reading, node = _read(text, language)
    problems = tuple(sorted(reading.problems, key=lambda problem: problem.span))
    return ParsedDeclaration(text, language, node, problems, read_tokens=read_tokens)


@lru_cache(maxsize=_REMEMBERED_TOKENS)
def read_tokens(text: str, language: str) -> TokenRow:
    """The tokens of a declaration."""
    return _read(text, language)[0].tokens()


def _read(text: str, language: str) -> tuple[_Reading, Declaration]:
    """Read a declaration; where that fails, and words of another language are in it, read them as keywords."""
    words = keywords(language)
    reading = _Reading(text, words)
    node = reading.declaration()
    if _holds_foreign_words(reading.atoms, language, anywhere=reading.structural > 0):
        again = _Reading(text, words, foreign=True)
        renewed = again.declaration()
        if again.structural < reading.structural or not again.structural:
            return again, renewed
    return reading, node


def parse_expression(text: str, language: str) -> ParsedExpression:
    """A value or condition written on its own, as in a cell of a sheet or at the prompt of a tool."""
    reading = _Reading(text, keywords(language))
    node: Expression | None = reading.alone(modes.BODY, "expression")
    if node is None:
        node = InvalidSyntax(span=Span(0, len(text)))
    return ParsedExpression(node, tuple(reading.problems))


def parse_cell(text: str, language: str) -> ParsedCell:
    """The tests of a cell of a decision table that stands in a sheet."""
    reading = _Reading(text, keywords(language))
    found: list[CellTest | InvalidSyntax] | None = reading.alone(modes.CELLS, "lone_cell")
    if found is None:
        found = [InvalidSyntax(span=Span(0, len(text)))]
    return ParsedCell(Cell(tuple(found), span=Span(0, len(text))), tuple(reading.problems))


def read_beginning(text: str, language: str) -> Beginning:
    """Read the beginning of a declaration, up to where it was written so far."""
    return _Reading(text, keywords(language)).beginning()


@cache
def _builders() -> Builders:
    functions = tree.builders()
    return [functions[rule.builder] if rule.builder else None for rule in load_tables().reductions]


def _holds_foreign_words(atoms: list[Atom], language: str, anywhere: bool) -> bool:
    """Whether a keyword of another language stands ``anywhere``, or else where no name can: after a value."""
    foreign = [keywords(other).table("openers", "reserved") for other in other_languages(language)]
    own = keywords(language).table("reserved")
    after_value = False
    for atom in atoms:
        if atom.kind == WORD and (anywhere or after_value) and atom.key not in own:
            if any(atom.key in table for table in foreign):
                return True
        after_value = atom.kind in {LITERAL, TEXT}
    return False


_OPENING_MODES = {
    "rule": modes.HEADER,
    "when": modes.TRIGGER,
    "every": modes.TRIGGER,
    "object": modes.NAMES,
    "event": modes.NAMES,
    "define": modes.DEFINITION,
    "action": modes.PATTERN,
    "table": modes.TABLE,
    "example": modes.EXAMPLE,
    "process": modes.PROCESS,
    "vocabulary": modes.SETTING,
}


_CUTTING = frozenset({"QD003", "QD006"})
"""A text or a name without end has swallowed what follows it, so that further errors would say nothing."""


class _Watched(Lexer):
    """A lexer that remembers where it was before it closed what was open."""

    before_end: list[Lexeme]
    reached: modes.Mode

    def finish(self) -> None:
        self.flush()
        self.before_end = list(self.out)
        self.reached = self.frame.mode
        super().finish()


class _Reading:
    """The reading of one text: its atoms, terminals and problems. ``structural`` counts problems of structure."""

    def __init__(self, text: str, words: Keywords, foreign: bool = False) -> None:
        self.text = text
        self.words = words
        self.foreign = foreign
        self.problems: list[Diagnostic] = []
        self.structural = 0
        self.cut_short = False
        self.atoms: list[Atom] = []
        self.inner: list[Atom] = []
        self.end = 0

    def report(self, problem: Diagnostic) -> None:
        self.problems.append(problem)
        if problem.code in _CUTTING:
            self.cut_short = True

    def declaration(self) -> Declaration:
        """The whole text as one declaration; without any, ``InvalidSyntax`` and no diagnostic."""
        text = self.text
        self.atoms, self.end = scan(text, self.words, self.report)
        if not self.atoms:
            return InvalidSyntax(span=Span(0, 0))
        node = self._declaration()
        self._unsupported(node, text[: self.atoms[0].start])
        documentation = documentation_in(text[: self.atoms[0].start])
        if documentation and not isinstance(node, InvalidSyntax | VocabularySetting):
            node = attrs.evolve(node, documentation=documentation)
        return node

    def _unsupported(self, node: Declaration, comments: str) -> None:
        """What is not what it looks like: words shown in another order, a language without tables, a process."""
        told = {edit.span for each in self.problems for fix in each.fixes for edit in fix.edits}
        for found in () if self.text.isascii() else _TURNING.finditer(self.text):
            span = Span(*found.span())
            if span not in told:
                fix = Fix("remove_character", (Edit(span, ""),))
                self.report(Diagnostic("QD045", span, {"name": character_name(found[0])}, fixes=(fix,)))
        place = unknown_language(comments)
        if place is not None:
            args = {"code": comments[place.start : place.end], "known": list(languages())}
            self.report(Diagnostic("QD043", place, args, "warning"))
        if isinstance(node, ProcessDeclaration) and not self.problems:
            self.report(Diagnostic("QD044", node.names.span, severity="warning"))

    def _declaration(self) -> Declaration:
        lexer = self._lexer(self.atoms, modes.TRIGGER)
        start = self._open(lexer)
        whole = Span(self.atoms[0].start, self.atoms[-1].end)
        if start < 0:
            self.structural += 1
            written = self.text[whole.start : self.atoms[0].end]
            self.report(Diagnostic("QD007", whole, {"text": written}))
            return InvalidSyntax(span=whole)
        lexemes = lexer.run(start)
        node = self._parse(lexer, lexemes, "declaration")
        if isinstance(node, ExampleDeclaration) and not lexer.broken:
            self._check_example(node, lexemes[0])
        return InvalidSyntax(span=whole) if node is None else node

    def _check_example(self, example: ExampleDeclaration, opening: Lexeme) -> None:
        """An example says what happens and what is expected."""
        steps = example.steps
        if any(isinstance(step, InvalidSyntax) for step in steps):
            return
        missing = [
            self.words.canonical("reserved", concept)
            for concept, kind in (("when", When), ("then", Then))
            if not any(isinstance(step, kind) for step in steps)
        ]
        if missing:
            self.report(Diagnostic("QD017", Span(opening.start, example.name.span.end), {"missing": missing}))

    def _open(self, lexer: Lexer) -> int:
        """Emit the terminal that opens the declaration; gives the next atom, or -1 where nothing opens one."""
        first = self.atoms[0]
        if first.kind == LITERAL and first.value is not None and first.value.kind == "duration":
            lexer.enter(modes.TRIGGER)
            return 0
        if first.kind != WORD:
            return -1
        for keyword in lexer.keyword_table("openers").get(first.key, ()):
            end = lexer.match_rest(1, keyword.rest)
            if not end:
                continue
            if keyword.language != self.words.lexicon.language:
                lexer.report_foreign(0, end, keyword)
            lexer.frame.kind = keyword.concept
            lexer.emit(keyword.concept.upper(), None, 0, end)
            first.keyword = keyword
            lexer.enter(_OPENING_MODES[keyword.concept])
            if keyword.concept == "every":
                lexer.frame.verb = "every"
            return end
        return -1

    def beginning(self) -> Beginning:
        """The text as the beginning of a declaration; what is still open is left open."""
        self.atoms, self.end = scan(self.text, self.words, self.report)
        lexer = _Watched(
            self.text, self.atoms, self.words, self.report, self._read_text, HANDLERS, SIGNS, modes.TRIGGER, False
        )
        start = self._open(lexer) if self.atoms else -1
        if start < 0:
            return Beginning("", [], self.atoms, modes.TRIGGER, False)
        lexer.run(start)
        lexemes = lexer.before_end
        read = fits(load_tables(), [lexeme.terminal for lexeme in lexemes], "declaration")
        return Beginning(lexer.frames[0].kind, lexemes, self.atoms, lexer.reached, read)

    def alone(self, mode: modes.Mode, start: str) -> Any:
        """The whole text as something else than a declaration."""
        self.atoms, _ = scan(self.text, self.words, self.report)
        lexer = self._lexer(self.atoms, mode)
        return self._parse(lexer, lexer.run(), start)

    def _lexer(self, atoms: list[Atom], mode: modes.Mode) -> Lexer:
        return Lexer(self.text, atoms, self.words, self.report, self._read_text, HANDLERS, SIGNS, mode, self.foreign)

    def _parse(self, lexer: Lexer, lexemes: list[Lexeme], start: str) -> Any:
        reporter = ErrorReporter(
            self.text, lexer.atoms, lexemes, self.words, self.report, silent=lexer.broken or self.cut_short
        )
        read, node = parse(load_tables(), _builders(), lexemes, start, reporter)
        self.structural += reporter.count + lexer.broken
        return node if read else None

    def _read_text(self, atom: Atom, depth: int) -> Text:
        def read_hole(start: int, end: int) -> Interpolation:
            atoms, _ = scan(self.text, self.words, self.report, start, end)
            self.inner.extend(atoms)
            lexer = self._lexer(atoms, modes.HOLE)
            if not atoms:
                span = Span(start - 1, end + 1)
                self.report(Diagnostic("QD042", span))
                return Interpolation(InvalidSyntax(span=span), span=span)
            node = self._parse(lexer, lexer.run(), "hole")
            if not isinstance(node, Interpolation):
                node = Interpolation(InvalidSyntax(span=Span(start, end)), span=Span(start, end))
            return node

        return read_text(atom, self.text, self.report, read_hole)

    def tokens(self) -> TokenRow:
        """What was read as tokens that lose nothing."""
        inner = sorted(self.inner, key=lambda atom: atom.start)
        return TokenRow(self._tokens(self.atoms), self.text[self.end :], self._tokens(inner))

    def _tokens(self, atoms: list[Atom]) -> tuple[Token, ...]:
        tokens: list[Token] = []
        position = 0
        text = self.text
        for atom in atoms:
            kind = atom.terminal or _TOKEN_KINDS[atom.kind]
            keyword = atom.keyword if atom.terminal else None
            leading = text[position : atom.start]
            tokens.append(Token(kind, atom.text, leading, keyword, span=Span(atom.start, atom.end)))
            position = atom.end
        return tuple(tokens)


_TOKEN_KINDS = {WORD: "WORD", LITERAL: "LITERAL", TEXT: "TEXT", "name": "NAME", "sign": "SIGN"}
