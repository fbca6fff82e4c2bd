"""A declaration as pieces of text in a language: its own, to format it, or another, to translate it.

The order of tokens is the same in all languages but inside phrases, which are said anew from their forms, and inside
pairs of names, which change sides. Texts shown to people stay as they are, but for what their holes hold.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple, TypeAlias

import attrs

from . import syntax as s
from .agreement import Agreement, Noun
from .collections import Form
from .fold import SPACES
from .keywords import Keyword, Keywords, keywords
from .lexicon import lexicon
from .literal_translation import translate_literal
from .node import Node
from .phrases import text_of_words
from .pieces import (
    CLOSE,
    OPEN,
    SIGN,
    VALUE,
    Piece,
    broken,
    chunks,
    read_break,
    text_of,
)
from .scanner import QUOTES, SIGNS
from .source import Span
from .token_lines import TokenLine, moved
from .vocabulary import Vocabulary
from .wording import Nested, Said, Wording
from .words import word_tables

_BEFORE_DATES = frozenset(
    {"COMPARE", "FILTER_COMPARE", "BETWEEN", "FILTER_BETWEEN", "BETWEEN_AND", "PAIR", "PAIR_AND", "BEFORE"}
)
_CELL_STARTS = frozenset({"ROW_START", "BAR", "CELL_COMMA", "CELL_NOT"})
_OPERANDS = frozenset({"WORD", "LITERAL", "TEXT", "NAME"})

_NOBODY = Noun()

Maker: TypeAlias = Callable[[], Sequence[Piece]]


class Mark(NamedTuple):
    """A stretch of the source that is printed as a whole, and how."""

    end: int
    make: Maker


Marks: TypeAlias = dict[int, Mark]


class Printer:
    """Prints one declaration. ``forms`` are those recorded for it, ``target`` the language to print in."""

    def __init__(
        self, parsed: s.ParsedDeclaration, target: str, vocabulary: Vocabulary, forms: Mapping[Span, Form]
    ) -> None:
        self.parsed = parsed
        self.target = target
        self.vocabulary = vocabulary
        self.forms = forms
        self.source = lexicon(parsed.language)
        self.source_words: Keywords = keywords(parsed.language)
        self.words: Keywords = keywords(target)
        self.tables = word_tables(parsed.language)
        self.agreement = Agreement(lexicon(target))
        self.kept: Mapping[str, Sequence[int]] = lexicon(target).tables["layout"]["kept"]
        self.dates_articled: bool = lexicon(target).tables["articles"]["dates"]
        self.canonical_literals: bool = lexicon(target).tables["layout"]["canonical_literals"]
        self.spaced = frozenset(lexicon(target).tables["layout"]["spaced"])
        nested = Nested(self.item, self.filter, self.after)
        self.wording = Wording(vocabulary, target, nested, self._columns(parsed.declaration))
        self.rows = (TokenLine(parsed.tokens), TokenLine(parsed.inner))
        self._noun = Noun()
        self._melted = False
        self._after_words = False

    def _columns(self, declaration: s.Declaration) -> dict[tuple[str, ...], str]:
        """The names of the columns of an example's table, which belong to the author alone."""
        if not isinstance(declaration, s.ExampleDeclaration):
            return {}
        made: dict[tuple[str, ...], str] = {}
        for column in declaration.columns:
            item = column.items[0] if isinstance(column, s.Run) and len(column.items) == 1 else None
            if isinstance(item, s.Phrase):
                made[self.tables.name_key(item)] = text_of_words(item.words)
            elif isinstance(item, s.Name):
                made[self.tables.name_key(item)] = f"[{item.text}]"
        return made

    # --- stretches of tokens ----------------------------------------------------------------------------------------

    def declaration(self, marks: Callable[[Printer, s.Declaration], Marks]) -> list[Piece]:
        """The whole declaration; ``marks`` finds what is printed as a whole."""
        tokens = self.parsed.tokens
        pieces = self.stretch(tokens[0].span.start, tokens[-1].span.end, marks(self, self.parsed.declaration))
        return self.agreement.join(pieces)

    def nodes(self, *nodes: Any) -> Marks:
        """The marks of expressions: the runs and texts in them."""
        made: Marks = {}
        for node in nodes:
            for span, make in self._marks(node):
                made[span.start] = Mark(span.end, make)
        return made

    def _marks(self, node: Any) -> Iterator[tuple[Span, Maker]]:
        match node:
            case s.Run():
                yield node.span, lambda: self.run(node)
            case s.Text():
                if any(isinstance(part, s.Interpolation) for part in node.parts):
                    yield node.span, lambda: self.text(node)
            case s.Argument():
                yield node.name.span, lambda: self.argument_name(node.name)
                yield from self._marks(node.value)
            case tuple():
                for each in node:  # pyright: ignore[reportUnknownVariableType]
                    yield from self._marks(each)
            case Node():
                for field in attrs.fields(type(node)):
                    if field.name != "span":
                        yield from self._marks(getattr(node, field.name))
            case _:
                return

    def stretch(self, start: int, end: int, marks: Marks) -> list[Piece]:
        """The tokens from ``start`` to ``end``, each as it is printed, with the line breaks before them."""
        row = self.rows[0] if self.rows[0].holds(start, end) else self.rows[1]
        tokens = row.tokens
        made: list[Piece] = []
        place = row.place(start)
        while place < len(tokens) and tokens[place].span.start < end:
            token = tokens[place]
            line = read_break(token.leading)
            here = token.span.start
            mark = marks.get(here)
            if mark is not None:
                made.extend(broken(mark.make(), line, here))
                place = row.place(mark.end)
                continue
            taken, pieces = self._token(tokens, place)
            made.extend(broken(pieces, line, here))
            place += taken
            while place < len(tokens) and tokens[place].span.start < token.span.end:
                place += 1
        return made

    def _token(self, tokens: Sequence[s.Token], place: int) -> tuple[int, list[Piece]]:
        """How many tokens from ``place`` on are printed together, and as what."""
        token = tokens[place]
        noun, self._noun = self._noun, Noun()
        melted, self._melted = self._melted, False
        self._after_words = False
        if melted and token.keyword is None:
            taken, pieces = self._token(tokens, place)
            return taken, [Piece(self.agreement.article("definite", Noun(), token.text)), *pieces]
        if melted and token.kind == "PAIR":
            taken, pieces = self._token(tokens, place)
            return taken, [*self._pair_article(tokens, place), *pieces]
        if isinstance(token.keyword, Keyword):
            return self._keyword(tokens, place, token.keyword, noun)
        if token.kind == "ONE_OF":
            taken = next(
                (n for n, each in enumerate(tokens[place:]) if each.kind != "ONE_OF" or each.keyword),
                len(tokens) - place,
            )
            return taken, self._said(self.words.canonical("types", "one_of"))
        if token.kind == "PAIR":
            return 1, self._pair_article(tokens, place)
        first = token.text[:1]
        if first in QUOTES and len(token.text) > 1:
            return 1, [Piece(self._quoted(token), VALUE)]
        if token.kind == "LITERAL" and token.text in {"+", "-"}:
            # the sign of a number
            return 1, [Piece(token.text, OPEN)]
        if token.kind == "LITERAL":
            return 1, [Piece(self.literal(tokens, place), VALUE)]
        if token.text in SIGNS or not (first.isalnum() or first in "[_"):
            return 1, [self._sign(tokens, place)]
        glued = place > 0 and not token.leading and tokens[place - 1].text[-1:] not in "([{-"
        return 1, [Piece(token.text, VALUE, glued=glued)]

    def _said(self, text: str, noun: Noun = _NOBODY) -> list[Piece]:
        """The words of a keyword, which agree with the noun before them."""
        return [Piece(part) for word in text.split() for part in self.agreement.agree(word, noun).split()]

    # --- keywords and signs -----------------------------------------------------------------------------------------

    def _keyword(self, tokens: Sequence[s.Token], place: int, keyword: Keyword, noun: Noun) -> tuple[int, list[Piece]]:
        taken = 1 + len(keyword.rest)
        concept = "if" if keyword.concept == "elided_if" else keyword.concept
        group = keyword.group
        if tokens[place].kind == "SEPARATOR" and concept == "then":
            concept = "next"
        if place and tokens[place - 1].kind in _CELL_STARTS and concept.partition(".")[2] in self.words.tables["cells"]:
            # `is at least 5` in a cell is `at least 5`.
            group, concept = "cells", concept.partition(".")[2]
        forms: Sequence[str] = self.words.tables[group][concept]
        number = 0
        kept: Sequence[int] = self.source.tables["layout"]["kept"].get(concept, ())
        own: list[str] = self.source_words.tables[group][concept]
        if keyword.form in own and own.index(keyword.form) in kept:
            number = self.kept[concept][kept.index(own.index(keyword.form))]
        text = " ".join(word.split("|")[0] for word in forms[number].split())
        last = tokens[place + taken - 1].text
        melted = self.tables.contractions.get(self.source.fold(last))
        preposition = self.source.fold(keyword.form.split()[-1].split("|")[0])
        self._melted = melted is not None and preposition == melted[0]
        self._after_words = tokens[place].kind in _BEFORE_DATES
        return taken, self._said(text, noun)

    def _pair_article(self, tokens: Sequence[s.Token], place: int) -> list[Piece]:
        """The article before a function whose words hold the word for *and*."""
        keyword = next(token.keyword for token in tokens[place:] if token.keyword is not None)
        first = self.words.canonical("pairs", keyword.concept).split()[0]
        gender = lexicon(self.target).tables["phrases"]["genders"].get(self.words.lexicon.fold(first), "")
        definite = self.tables.free.get(self.source.fold(tokens[place].text), True)
        # An article of its own, or the one melted into the keyword before.
        return [Piece(self.agreement.article("definite" if definite else "indefinite", Noun(gender), first))]

    @staticmethod
    def _sign(tokens: Sequence[s.Token], place: int) -> Piece:
        token, previous = tokens[place], tokens[place - 1] if place else None
        text = SIGNS.get(token.text, token.text)
        if token.kind == "BULLET":
            return Piece(text, SIGN)
        if text in "([{":
            return Piece(text, OPEN)
        if text in ")]},;?:":
            return Piece(text, CLOSE)
        if text in "+-" and (previous is None or (previous.kind not in _OPERANDS and previous.text != ")")):
            return Piece(text, OPEN)
        return Piece(text, SIGN)

    def _quoted(self, token: s.Token) -> str:
        """A text as it stands; one that names a choice by its name in the target, in the same marks."""
        form = self.forms.get(token.span)
        if self.target == self.parsed.language or form is None or form[0] != "choice":
            return token.text
        name, own = form[1].get(self.target), form[1].get(self.parsed.language)
        opening, closing = token.text[0], QUOTES[token.text[0]]
        if own is None or name is None or token.text[1:-1].strip(SPACES) != own:
            return token.text
        if any(sign in name for sign in f"\\{{}}{closing}"):
            return token.text
        space = token.text[1 : len(token.text) - len(token.text[1:].lstrip(SPACES))]
        return f"{opening}{space}{name}{space}{closing}"

    def literal(self, tokens: Sequence[s.Token], place: int) -> str:
        """A literal in the words of the target; a word before it may say that it is a duration."""
        if self.target == self.parsed.language and not self.canonical_literals:
            return tokens[place].text
        previous = tokens[place - 1] if place else None
        expected = previous is not None and self.source.fold(previous.text) in self.source_words.duration_after
        return translate_literal(tokens[place].text, self.source, lexicon(self.target), expected)

    # --- texts ------------------------------------------------------------------------------------------------------

    def text(self, text: s.Text) -> list[Piece]:
        """A text as it stands, its holes said anew."""
        source = self.parsed.text
        made, position = "", text.span.start
        for part in text.parts:
            if isinstance(part, str):
                continue
            start = source.rindex("{", 0, part.span.start) + 1
            end = source.index("}", part.span.end)
            inner = self.agreement.join(self.stretch(start, end, self.nodes(part.value, part.otherwise)))
            made += source[position:start] + text_of([piece._replace(line=None) for piece in inner], self.spaced)
            position = end
        return [Piece(made + source[position : text.span.end], VALUE)]

    # --- phrases ----------------------------------------------------------------------------------------------------

    def item(self, item: s.Item) -> tuple[Piece, ...]:
        """A part of a run that is no word."""
        return tuple(self.stretch(item.span.start, item.span.end, self.nodes(item)))

    def filter(self, where: s.Expression) -> tuple[Piece, ...]:
        """``dont étape = 'Gagnée'``."""
        return tuple(self.stretch(self.filter_start(where), where.span.end, self.nodes(where)))

    def filter_start(self, where: s.Expression) -> int:
        """The offset of the word that opens a filter."""
        row = self.rows[0] if self.rows[0].holds(where.span.start, where.span.end) else self.rows[1]
        place = row.place(where.span.start)
        while place and row.tokens[place].kind != "WHERE":
            place -= 1
        return row.tokens[place].span.start

    def after(self, left: s.Expression, whole: s.Expression) -> tuple[Piece, ...]:
        """What follows an expression in the calculation or comparison that begins with it."""
        rights: list[s.Expression] = []
        node: s.Expression | None = whole
        while node is not left and isinstance(node, (s.Binary, s.Comparison)):
            rights.insert(0, node.right)
            node = node.left
        return tuple(self.stretch(left.span.end, whole.span.end, self.nodes(*rights)))

    def said(self, form: Form) -> Said:
        """The words of a form, with the article that was melted into the keyword before it."""
        melted, self._melted = self._melted, False
        said = self.wording.said(form)
        return self.wording.with_definite(said) if melted else said

    def run(self, run: s.Run) -> list[Piece]:
        """A phrase said anew; as it was written where it has no form."""
        date = self._date_of(run)
        if date is not None:
            return self._date(run, date)
        form = self.forms.get(run.span)
        if form is None:
            self._noun = Noun()
            return self._as_written(run)
        try:
            said = self.said(form)
        except LookupError:
            return self._as_written(run)
        self._noun = said.noun
        return self._with_breaks(run, self.agreement.join(said.words))

    def _date_of(self, run: s.Run) -> s.Literal | None:
        """The date a run is, an article before it left out."""
        last = run.items[-1]
        if run.where is not None or not isinstance(last, s.Literal) or last.kind not in {"date", "datetime"}:
            return None
        words = [word.key for item in run.items[:-1] if isinstance(item, s.Phrase) for word in item.words]
        return last if len(words) == len(run.items) - 1 and all(word in self.tables.free for word in words) else None

    def _date(self, run: s.Run, date: s.Literal) -> list[Piece]:
        """A date on its own, with the article that the language has after words of comparison, and there only."""
        said, self._melted = self._after_words and self.dates_articled, False
        pieces = list(self.item(date))
        if said:
            pieces = [Piece(self.agreement.article("definite", Noun(), date.text)), *pieces]
        self._noun = Noun()
        return self._with_breaks(run, pieces)

    def _as_written(self, run: s.Run) -> list[Piece]:
        marks = self.nodes(*run.items, run.where, *run.rest)
        return self.stretch(run.span.start, run.span.end, marks)

    def argument_name(self, name: s.Phrase | s.Name) -> list[Piece]:
        """The name of an argument."""
        form = self.forms.get(name.span)
        if form is None:
            return self.stretch(name.span.start, name.span.end, {})
        return self._with_breaks(name, self.agreement.join(self.wording.said(form).words))

    # --- line breaks inside phrases ---------------------------------------------------------------------------------

    def _with_breaks(self, node: s.Run | s.Phrase | s.Name, pieces: list[Piece]) -> list[Piece]:
        """The line breaks among the words of a phrase: after as many words, or else before the phrase."""
        tokens, places = self._own_words(node)
        inside = self._inner_spans(node)
        breaks = [
            None if any(start <= token.span.start < end for start, end in inside) else read_break(token.leading)
            for token in tokens
        ]
        if not any(breaks[1:]):
            return pieces
        own = chunks(pieces)
        if len(own) == len(places) and self.target == self.parsed.language:
            made = list(pieces)
            for number, place in enumerate(places):
                if number and breaks[place] is not None:
                    made[own[number]] = made[own[number]]._replace(line=breaks[place])
            return made
        return moved([each for each in breaks[1:] if each is not None], pieces)

    def _inner_spans(self, node: s.Run | s.Phrase | s.Name) -> list[Span]:
        """What is inside a phrase and prints its own line breaks."""
        if not isinstance(node, s.Run):
            return []
        made = [item.span for item in (*node.items, *node.rest) if not isinstance(item, s.Phrase)]
        if node.where is not None:
            made.append(Span(self.filter_start(node.where), node.where.span.end))
        return made

    def _own_words(self, node: s.Run | s.Phrase | s.Name) -> tuple[list[s.Token], list[int]]:
        """The tokens of a phrase, and the places of those that start a word."""
        row = self.rows[0] if self.rows[0].holds(node.span.start, node.span.end) else self.rows[1]
        tokens = list(row.between(node.span.start, node.span.end))
        places = [n for n, token in enumerate(tokens) if not n or token.leading]
        return tokens, places


__all__ = ["Maker", "Mark", "Marks", "Printer"]
