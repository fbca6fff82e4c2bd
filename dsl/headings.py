"""How the names of declarations are printed: pairs of names, headings, types, the phrases of actions.

A pair has the name in the file's language first, so translating turns it round. Articles tell the gender of a name; the
second name has one only in a language whose articles do.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple, TypeAlias

from . import syntax as s
from .agreement import Agreement, Noun
from .declare import Heading, display_name, split_heading, type_named
from .keywords import other_languages
from .lexicon import lexicon
from .phrases import text_of_words
from .pieces import CLOSE, OPEN, SIGN, VALUE, Piece, read_break, words
from .printing import Maker, Mark, Marks, Printer
from .source import Span
from .token_lines import moved
from .types import Type
from .vocabulary import DisplayName, Names
from .words import word_tables

Whole: TypeAlias = tuple[Span, Maker]


class _Side(NamedTuple):
    """One of two names, and its kind of article."""

    name: DisplayName
    article: str
    bracketed: bool = False


def marks(printer: Printer, declaration: s.Declaration) -> Marks:
    """What of a declaration is printed as a whole."""
    headings = _Headings(printer)
    made = printer.nodes(declaration)
    for span, make in headings.wholes(declaration):
        made[span.start] = Mark(span.end, headings.with_comments(span, make))
    return made


class _Headings:
    def __init__(self, printer: Printer) -> None:
        self.printer = printer
        self.source = printer.parsed.language
        self.target = printer.target
        self.translating = self.source != self.target
        self.other = self.target if self.translating else next(iter(other_languages(self.source)), self.source)
        self.vocabulary = printer.vocabulary
        self.tables = lexicon(self.target).tables

    def wholes(self, node: s.Declaration) -> Iterator[Whole]:
        """The stretches of a declaration that are names or types."""
        match node:
            case s.RuleDeclaration():
                if len(node.names) > 1:
                    yield self._texts(node.names[0], node.names[1])
            case s.ExampleDeclaration():
                if node.other is not None:
                    yield self._texts(node.name, node.other)
            case s.ObjectDeclaration() | s.EventDeclaration():
                owner = self.vocabulary.object_of(self.source, word_tables(self.source).name_key(node.names.phrase))
                yield self._names(node.names, owner.names if owner is not None else None)
                yield from self._fields(node.fields, owner.name if owner is not None else None)
            case s.DefinitionDeclaration():
                yield self._heading(node.names)
            case s.TableDeclaration():
                yield self._heading(node.names)
                yield from self._type(node.type)
                yield from self._table(node)
            case s.ActionDeclaration():
                yield self._patterns(node)
                yield from self._fields(node.parameters)
            case s.ProcessDeclaration():
                yield self._heading(node.names)
                yield self._following(node)
            case _:
                return

    def with_comments(self, span: Span, make: Maker) -> Maker:
        """The pieces of a stretch; comments and line breaks inside it go before it."""

        def made() -> Sequence[Piece]:
            tokens = self.printer.rows[0].between(span.start, span.end)
            breaks = [read_break(token.leading) for token in tokens[1:]]
            return moved([each for each in breaks if each is not None], list(make()))

        return made

    # --- pairs ----------------------------------------------------------------------------------------------------

    def _texts(self, first: s.Text, second: s.Text) -> Whole:
        """``"A" / "B"``."""
        source = self.printer.parsed.text
        pair = [Piece(source[text.span.start : text.span.end], VALUE) for text in (first, second)]
        if self.translating:
            pair.reverse()
        return Span(first.span.start, second.span.end), lambda: [pair[0], Piece("/", SIGN), pair[1]]

    def _side(self, phrase: s.Phrase | s.Name, language: str) -> _Side:
        name = display_name(phrase, language)
        if isinstance(phrase, s.Name):
            return _Side(name, "", True)
        bracketed = phrase.words[-1].text.startswith("[")
        tables = word_tables(language)
        toks = tables.expand(tables.split(text_of_words(phrase.words)))
        first = next((tok for tok in toks[:2] if tok.article), None)
        if first is None or not (toks[0].article or toks[0].optional) or len(toks) < 2:
            return _Side(name, "", bracketed)
        indefinite = lexicon(language).fold(lexicon(language).tables["articles"]["indefinite"].get("plural", ""))
        definite = first.definite and lexicon(language).fold(phrase.words[0].text) != indefinite
        return _Side(name, "definite" if definite else "indefinite", bracketed)

    def _named(self, side: _Side, language: str, article: str, plural: bool) -> list[Piece]:
        """A declared name with its article."""
        agreement = Agreement(lexicon(language))
        name = side.name
        bracketed = side.bracketed or agreement.needs_brackets(name.text)
        pieces = [Piece(f"[{name.text}]", VALUE)] if bracketed else list(words(name.text))
        if not article:
            return pieces
        gender = name.gender or agreement.guessed_gender(name.text)
        said = agreement.article(article, Noun(gender, plural or name.plural), pieces[0].text)
        return agreement.join([*words(said), *pieces])

    def _pair(self, first: _Side, second: _Side | None, middle: Sequence[Piece] = ()) -> list[Piece]:
        """``un entonnoir / funnel``; ``first`` is in the language printed first, ``middle`` follows it."""
        plural = first.name.plural or (second is not None and second.name.plural)
        article = first.article or (second.article if second is not None and self.translating else "")
        made = [*self._named(first, self.target, article, plural), *middle]
        if second is None:
            return made
        language = self.source if self.translating else self.other
        gendered = Agreement(lexicon(language)).gendered
        after = self._named(second, language, second.article if gendered else "", second.name.plural)
        return [*made, Piece("/", SIGN), *after]

    def _tells(self, side: _Side, language: str) -> bool:
        """Whether the article of a name tells what could not be guessed without it."""
        agreement = Agreement(lexicon(language))
        if not side.article or not agreement.gendered:
            return False
        return side.name.plural or side.name.gender not in {"", agreement.guessed_gender(side.name.text)}

    def _is_told(self, first: _Side, second: _Side) -> bool:
        """Whether a pair was one name only, written twice for the article to be told: ``a fin / une fin``."""
        return self.translating and first.name.text == second.name.text and self._tells(first, self.target)

    def _names(self, names: s.Names, known: Names | None = None) -> Whole:
        """The names of an object or field; ``known`` are those it has in the vocabulary, from another declaration."""
        end = (names.other or names.phrase).span.end
        own = self._side(names.phrase, self.source)
        if names.other is None:
            if known is not None and self.translating and known[self.target].text != own.name.text:
                own = own._replace(name=known[self.target])
            elif self.translating and self._tells(own, self.source):
                return Span(names.phrase.span.start, end), lambda: self._pair(own._replace(article=""), own)
            return Span(names.phrase.span.start, end), lambda: self._pair(own, None)
        other = self._side(names.other, self.other)
        first, second = (other, own) if self.translating else (own, other)
        if self._is_told(first, second):
            return Span(names.phrase.span.start, end), lambda: self._pair(first, None)
        return Span(names.phrase.span.start, end), lambda: self._pair(first, second)

    # --- headings of definitions, tables, processes -------------------------------------------------------------------

    def _heading(self, names: s.Names) -> Whole:
        """``la surface d'une affaire / area en m²`` and ``area of a deal / la surface in m²``."""
        end = (names.other or names.phrase).span.end
        heading = split_heading(self.vocabulary, names.phrase, self.source)
        unit = heading.unit
        own = self._side(heading.words, self.source)
        first, second = own, None
        if self.translating and names.other is None and self._tells(own, self.source):
            first, second = own._replace(article=""), own
        if names.other is not None:
            other = split_heading(self.vocabulary, names.other, self.source, self.other)
            unit = unit or other.unit
            side = self._side(other.words, self.other)
            first, second = (side, own) if self.translating else (own, side)
            second = None if self._is_told(first, second) else second

        def make() -> list[Piece]:
            return [*self._pair(first, second, self._owner(heading)), *self._unit(unit)]

        return Span(names.phrase.span.start, end), make

    def _owner(self, heading: Heading) -> list[Piece]:
        if heading.owner is None:
            return []
        said = self.printer.wording.noun(heading.owner.names, heading.article, False)
        return self.printer.agreement.join([*words(self.tables["phrases"]["of_object"][0]), *said.words])

    def _unit(self, unit: str | None) -> list[Piece]:
        if unit is None:
            return []
        forms: Sequence[str] = self.tables["writing"]["units"].get(unit, (unit,))
        return [*words(self.tables["phrases"]["unit"][0]), Piece(forms[0], VALUE)]

    def _following(self, process: s.ProcessDeclaration) -> Whole:
        """The field a process follows."""
        phrase = process.following
        owner = split_heading(self.vocabulary, process.names.phrase, self.source).owner
        key = word_tables(self.source).name_key(phrase)
        symbol = self.vocabulary.field_of(owner.name, self.source, key) if owner is not None else None
        side = self._side(phrase, self.source)

        def make() -> list[Piece]:
            if symbol is None:
                return self._named(side, self.source, side.article, False)
            said = self.printer.wording.noun(symbol.names, side.article, False, side.bracketed)
            return self.printer.agreement.join(said.words)

        return phrase.span, make

    # --- fields and types -----------------------------------------------------------------------------------------

    def _fields(
        self, fields: Sequence[s.FieldDeclaration | s.InvalidSyntax], owner: str | None = None
    ) -> Iterator[Whole]:
        for field in fields:
            if isinstance(field, s.FieldDeclaration):
                key = word_tables(self.source).name_key(field.names.phrase)
                symbol = self.vocabulary.field_of(owner, self.source, key) if owner is not None else None
                yield self._names(field.names, symbol.names if symbol is not None else None)
                yield from self._type(field.type)

    def _type(self, type_: s.TypeSyntax) -> Iterator[Whole]:
        for phrase in type_.alternatives:
            yield phrase.span, lambda phrase=phrase: self._type_pieces(phrase)
        for choice in type_.choices:
            if choice.other is not None:
                yield self._texts(choice.text, choice.other)

    def _type_pieces(self, phrase: s.Phrase | s.Name) -> list[Piece]:
        type_ = type_named(self.vocabulary, phrase, self.source)
        if type_.kind == "error":
            return self._written(phrase)
        return self.printer.agreement.join(self._type_words(type_))

    def _type_words(self, type_: Type, plural: bool = False) -> list[Piece]:
        phrases = self.tables["phrases"]
        if type_.kind == "list":
            return [*words(phrases["list_of"][0]), *self._type_words(type_.members[0], True)]
        if type_.object is not None:
            return list(self.printer.wording.name(self.vocabulary.objects[type_.object].names, plural).words)
        text: str = phrases["types"][type_.kind][0]
        said = words(self.printer.agreement.plural_name(text) if plural else text)
        return [*said, *self._unit(type_.unit)]

    @staticmethod
    def _written(phrase: s.Phrase | s.Name) -> list[Piece]:
        text = f"[{phrase.text}]" if isinstance(phrase, s.Name) else text_of_words(phrase.words)
        return [Piece(part, VALUE) for part in text.split()] if isinstance(phrase, s.Phrase) else [Piece(text, VALUE)]

    # --- tables ---------------------------------------------------------------------------------------------------

    def _table(self, table: s.TableDeclaration) -> Iterator[Whole]:
        for option in table.options:
            concept = self._concept(option, ("first", "unique", "all", "sum", "from"))
            if concept is not None and isinstance(option.items[0], s.Phrase):
                yield option.items[0].span, lambda concept=concept: self._table_words(concept)
        last = table.columns[-1] if table.columns else None
        if isinstance(last, s.Run) and self._concept(last, ("result",)) is not None:
            yield last.span, lambda: self._table_words("result")

    def _table_words(self, concept: str) -> list[Piece]:
        return list(words(self.tables["phrases"]["tables"][concept][0]))

    def _concept(self, run: s.Run, concepts: Sequence[str]) -> str | None:
        """Which of the words of tables a phrase is."""
        if not run.items or not isinstance(run.items[0], s.Phrase):
            return None
        source = word_tables(self.source)
        key = source.name_key_of(run.items[0].words)
        forms = lexicon(self.source).tables["phrases"]["tables"]
        for concept in concepts:
            if any(key == source.name_key_of(source.split(form)) for form in forms[concept]):
                return concept
        return None

    # --- actions --------------------------------------------------------------------------------------------------

    def _patterns(self, action: s.ActionDeclaration) -> Whole:
        """``envoyer un SMS à {destinataire : contact ou texte} / send an SMS to {recipient}``."""
        end = (action.other or action.pattern).span.end
        turned = self.translating and action.other is not None

        def make() -> list[Piece]:
            if action.other is None:
                return self._pattern(action.pattern, action.pattern, action.pattern)
            first, second = (action.other, action.pattern) if turned else (action.pattern, action.other)
            made = self._pattern(first, action.pattern, action.other)
            return [*made, Piece("/", SIGN), *self._pattern(second)]

        return Span(action.pattern.span.start, end), make

    def _pattern(
        self, pattern: s.ActionPattern, own: s.ActionPattern | None = None, other: s.ActionPattern | None = None
    ) -> list[Piece]:
        """The words and holes of a phrase; the types of holes, from either phrase, stand in the one written first."""
        declared = _holes(own) if own is not None else []
        seconds = _holes(other) if other is not None else []
        made: list[Piece] = []
        number = 0
        for part in pattern.parts:
            if isinstance(part, s.Phrase):
                made.extend(self._written(part))
                continue
            made.extend([Piece("{", OPEN), *self._written(part.name)])
            optional = part.optional
            if declared:
                types = declared[number].type or (seconds[number].type if number < len(seconds) else None)
                made.extend(self._hole_type(types))
                optional = declared[number].optional
            made.append(Piece("}", CLOSE))
            if optional:
                made.append(Piece("?", CLOSE))
            number += 1
        return made

    def _hole_type(self, type_: s.TypeSyntax | None) -> list[Piece]:
        if type_ is None:
            return []
        start, end = self._type_span(type_)
        marks_: Marks = {span.start: Mark(span.end, make) for span, make in self._type(type_)}
        return [Piece(":", CLOSE), *(piece._replace(line=None) for piece in self.printer.stretch(start, end, marks_))]

    def _type_span(self, type_: s.TypeSyntax) -> Span:
        """From the first word of a type, the keyword of a choice among them, to its last."""
        parts = (*type_.alternatives, *(choice.text for choice in type_.choices))
        ends = (*type_.alternatives, *(choice.other or choice.text for choice in type_.choices))
        start = parts[0].span.start
        tokens = self.printer.rows[0].tokens
        place = self.printer.rows[0].place(start)
        while place and tokens[place - 1].kind == "ONE_OF":
            place -= 1
        return Span(tokens[place].span.start, ends[-1].span.end)


def _holes(pattern: s.ActionPattern) -> list[s.PatternHole]:
    return [part for part in pattern.parts if isinstance(part, s.PatternHole)]
