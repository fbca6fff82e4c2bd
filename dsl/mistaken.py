"""A declaration with a mistake: its words, and the edits that might mend it."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import NamedTuple

from .agreement import Noun
from .diagnostic import Edit
from .habits import habits, tokens_of
from .keywords import keywords
from .scanner import Atom, scan
from .source import Span
from .vocabulary import FieldSymbol, ObjectSymbol, Vocabulary, display
from .words import Tok

BOUNDARIES = frozenset({",", ";", "(", ")", ":", "|", "{", "}"})
"""The signs between the parts of a declaration."""


class Candidate(NamedTuple):
    """Edits of a declaration, and what they write; ``title`` is the key of the fix's title."""

    edits: tuple[Edit, ...]
    shown: str
    title: str = "replace_by"


def changed(text: str, edits: Sequence[Edit]) -> str:
    """A text with edits applied."""
    for edit in sorted(edits, key=lambda edit: edit.span, reverse=True):
        text = text[: edit.span.start] + edit.text + text[edit.span.end :]
    return text


class Mistaken:
    """The text of one declaration, read as far as words go."""

    def __init__(self, source: str, language: str, vocabulary: Vocabulary) -> None:
        self.source = source
        self.language = language
        self.vocabulary = vocabulary
        self.habits = habits(language)
        self.keywords = keywords(language)
        self.reserved = self.keywords.table("reserved")

    @cached_property
    def atoms(self) -> list[Atom]:
        return scan(self.source, self.keywords, lambda _: None)[0]

    @cached_property
    def toks(self) -> list[Tok]:
        return tokens_of(self.atoms, self.language)

    @cached_property
    def starts(self) -> frozenset[int]:
        """The positions of the words and signs that begin a line."""
        return frozenset(atom.start for atom in self.atoms if atom.line_start)

    @cached_property
    def _walk(self) -> str:
        return self.keywords.lexicon.tables["phrases"]["of_object"][0]

    def _the(self, field: FieldSymbol) -> str:
        """A field's name with its article: ``le contact``."""
        name = field.names.get(self.language)
        shown = display(field.names, self.language)
        article = self.habits.agreement.article("definite", Noun(name.gender if name is not None else ""), shown)
        return f"{article} {shown}".strip()

    def _the_object(self, symbol: ObjectSymbol) -> str:
        """``l'affaire``."""
        name = display(symbol.names, self.language)
        noun = symbol.names.get(self.language)
        article = self.habits.agreement.article("definite", Noun(noun.gender if noun is not None else ""), name)
        return self.habits.melted(f"{article} {name}")

    def _of(self, symbol: ObjectSymbol) -> str:
        """``d'une affaire``."""
        name = display(symbol.names, self.language)
        noun = symbol.names.get(self.language)
        article = self.habits.agreement.article("indefinite", Noun(noun.gender if noun is not None else ""), name)
        return f"{self._walk} {article} {name}"

    def _concepts(self, tok: Tok) -> set[str]:
        return {keyword.concept for keyword in self.reserved.get(tok.key, ()) if not keyword.rest}

    def _span(self, start: int, end: int) -> Span:
        return Span(self.toks[start].span.start, self.toks[end - 1].span.end)

    def _without(self, span: Span) -> Candidate:
        """Nothing where there is too much; the space before it goes as well."""
        before = len(self.source[: span.start].rstrip())
        return Candidate((Edit(Span(before, span.end), ""),), "", "remove")

    @staticmethod
    def _insert(position: int, text: str) -> Candidate:
        return Candidate((Edit(Span(position, position), text),), text.strip(), "insert")

    @staticmethod
    def _replace(span: Span, text: str) -> Candidate:
        return Candidate((Edit(span, text),), text)
