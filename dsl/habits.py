"""What people write before they know the language, by the tables of ``grammar/habits``: proposals, never a meaning.

A rewriting is a row of words and holes with the forms to write instead, the likeliest first::

    ["{x} tombe|chute sous {v}", "{x} descend sous {v}"]

``a|b`` stands for either word, articles may be left out. In a form, ``{x}`` is what the hole held, ``{x.}`` the same
without its article, ``{x-}`` its stem, and ``{x~créé}`` the word ``créé`` agreeing with it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple, TypeAlias

from .agreement import Agreement, Noun
from .fold import APOSTROPHES
from .lexicon import lexicon
from .prepared import read_tables
from .scanner import LITERAL, WORD, Atom
from .source import Span
from .syntax import Word
from .words import Tok, word_tables

HABITS_FOLDER = Path(__file__).parent.parent / "grammar" / "habits"

Holes: TypeAlias = dict[str, tuple[int, int]]
"""The tokens that each hole holds, the end excluded."""

_NO_UNITS = frozenset({"short", "refused"})
_HOLE = re.compile(r"\{(\w+)([.-]|~[^}]+)?\}")


class Element(NamedTuple):
    """One of some words by their stems, or a hole."""

    stems: frozenset[str]
    hole: str = ""


class Rewriting(NamedTuple):
    """A way of writing, and what is written instead."""

    elements: tuple[Element, ...]
    forms: tuple[str, ...]


class Habits:
    """The table of one language."""

    def __init__(self, language: str, tables: Mapping[str, Any]) -> None:
        self.tables = tables
        self.words = word_tables(language)
        self.agreement = Agreement(lexicon(language))
        fold = lexicon(language).fold
        numbers = tables.get("numbers", {})
        self.numbers: dict[str, str] = {fold(word): digits for word, digits in numbers.get("always", {}).items()}
        self.before_unit: dict[str, str] = {
            fold(word): digits for word, digits in numbers.get("before_unit", {}).items()
        }
        durations: Mapping[str, Any] = lexicon(language).tables["writing"]["durations"]
        forms = [form for unit, forms in durations.items() if unit not in _NO_UNITS for form in _texts(forms)]
        self.units = {fold(form.split()[0]) for form in forms}
        self.negations = {self.words.stem(fold(word)) for word in tables.get("negations", ())}
        self.pronouns = {fold(word) for word in tables.get("pronouns", ())}
        self.types = {fold(form): name for name, forms in tables.get("types", {}).items() for form in forms}
        self.links = {fold(word) for word in tables.get("links", ())}
        self.placeholders: Mapping[str, str] = tables.get("placeholders", {})
        self.outcomes: Mapping[str, Any] = tables.get("outcomes", {})
        self._groups: dict[str, tuple[Rewriting, ...]] = {}
        self._synonyms = [{self.key(name) for name in group} for group in tables.get("synonyms", ())]
        self._same = [{self.key(name) for name in group} for group in tables.get("same", ())]

    def key(self, name: str) -> tuple[str, ...]:
        """The stems of a name, articles left out."""
        return tuple(tok.stem or "" for tok in self.words.expand(self.words.split(name)) if not tok.article)

    def synonyms(self, name: str) -> list[set[tuple[str, ...]]]:
        """The groups of names that this one is taken for, as their keys."""
        wanted = self.key(name)
        return [group for group in self._synonyms if wanted in group]

    def are_the_same(self, one: str, other: str) -> bool:
        """Whether two names surely mean one thing."""
        return any(self.key(one) in group and self.key(other) in group for group in self._same)

    def rewritings(self, group: str) -> tuple[Rewriting, ...]:
        """The rewritings of ``triggers``, ``phrases``, ``actions`` or ``openers``."""
        found = self._groups.get(group)
        if found is None:
            rows: Sequence[Sequence[str]] = self.tables.get("rewritings", {}).get(group, ())
            made = tuple(Rewriting(self.pattern(row[0]), tuple(row[1:])) for row in rows)
            found = self._groups[group] = made
        return found

    def pattern(self, text: str) -> tuple[Element, ...]:
        """The elements of a row of words and holes."""
        elements: list[Element] = []
        for part in text.split():
            if part.startswith("{"):
                elements.append(Element(frozenset(), part.strip("{}")))
                continue
            rows = [self.key(each) for each in part.split("|")]
            elements.append(Element(frozenset(row[0] for row in rows if row)))
            elements.extend(Element(frozenset({stem})) for row in rows for stem in row[1:])
        return tuple(element for element in elements if element.stems or element.hole)

    def filled(self, form: str, holes: Holes, toks: Sequence[Tok], source: str) -> str:
        """A form with what the holes held, its words melted where they do (``de le`` is ``du``)."""

        def replace(found: re.Match[str]) -> str:
            name, how = found[1], found[2] or ""
            if name not in holes:
                return found[0]
            start, end = holes[name]
            if how.startswith("~"):
                return self._agreeing(how[1:], toks[start])
            while how and start < end - 1 and toks[start].article:
                start += 1
            if how == "-":
                return " ".join(tok.stem or tok.text for tok in toks[start:end])
            return written(toks, start, end, source)

        return self.melted(_HOLE.sub(replace, form))

    @staticmethod
    def holes_of(form: str) -> set[str]:
        """The holes that a form writes."""
        return {found[1] for found in _HOLE.finditer(form)}

    def _agreeing(self, word: str, first: Tok) -> str:
        gender = ""
        for kind in ("indefinite", "definite"):
            forms: Mapping[str, str] = self.agreement.articles[kind]
            if forms["feminine"] != forms["masculine"] and first.key == forms["feminine"]:
                gender = "feminine"
        made = self.agreement.agree(word, Noun(gender))
        return made if made != word else self.agreement.participle(word, Noun(gender))

    def melted(self, text: str) -> str:
        """A text whose words are contracted and elided as the language does."""
        for (first, second), short in self.agreement.contractions.items():
            text = re.sub(rf"(?<!\w){first} {second}(?= )", short, text)

        def elide(found: re.Match[str]) -> str:
            short = self.agreement.eliding.get(found[1])
            return found[0] if short is None or not self.agreement.elides(found[2]) else short

        return re.sub(r"(?<![\w'])(\w+) (?=(\w+))", elide, text) if self.agreement.eliding else text


def _texts(forms: Any) -> Sequence[str]:
    return forms


def written(toks: Sequence[Tok], start: int, end: int, source: str) -> str:
    """What a slice of tokens says; the second half of a contraction is its article alone."""
    first, last = toks[start], toks[end - 1]
    if start and first.article and toks[start - 1].span == first.span:
        rest = written(toks, start + 1, end, source) if end - start > 1 else ""
        return f"{first.key} {rest}".strip()
    return source[first.span.start : last.span.end]


def tokens_of(atoms: Sequence[Atom], language: str) -> list[Tok]:
    """Atoms as tokens for matching; texts and signs are tokens by what they say, a number and its unit are two."""
    tables = word_tables(language)
    toks: list[Tok] = []
    for atom in atoms:
        span = Span(atom.start, atom.end)
        if atom.kind == WORD:
            toks.extend(tables.expand([Word(atom.text, atom.key, span=span)]))
        elif atom.kind == LITERAL:
            for part in re.finditer(r"\S+", atom.text):
                key = tables.lexicon.fold(part[0])
                place = Span(atom.start + part.start(), atom.start + part.end())
                toks.append(Tok(tables.stem(key), key, part[0], place))
        else:
            said = atom.key or atom.text.lower()
            toks.append(Tok(said, said, atom.text, span))
    return toks


def matches(elements: Sequence[Element], toks: Sequence[Tok], start: int, end: int) -> Iterator[Holes]:
    """Every way to read ``toks[start:end]`` as a row of words and holes, the shortest first holes first."""
    needed = [element.stems for element in elements if not element.hole]
    stems = {tok.stem for tok in toks[start:end]}
    if all(stems & each for each in needed):
        yield from _match(elements, 0, toks, start, end, {})


def _match(
    elements: Sequence[Element], index: int, toks: Sequence[Tok], start: int, end: int, holes: Holes
) -> Iterator[Holes]:
    if index == len(elements):
        if start == end:
            yield dict(holes)
        return
    element = elements[index]
    if not element.hole:
        position = start
        while position < end and toks[position].article and toks[position].stem not in element.stems:
            position += 1
        if position < end and toks[position].stem in element.stems:
            yield from _match(elements, index + 1, toks, position + 1, end, holes)
        return
    last = index + 1 == len(elements)
    for stop in range(end if last else start + 1, end + 1):
        if stop > start and not (toks[stop - 1].article and stop - start > 1) and not _is_elided(toks[stop - 1]):
            holes[element.hole] = (start, stop)
            yield from _match(elements, index + 1, toks, stop, end, holes)
            del holes[element.hole]


def _is_elided(tok: Tok) -> bool:
    """Whether a word goes with the one after it: ``n'``."""
    return tok.text[-1:] in APOSTROPHES and tok.text[:1] not in "'\"«"


@cache
def habits(language: str) -> Habits:
    """The table of a language; an empty one where there is none."""
    path = HABITS_FOLDER / f"{language}.toml"
    return Habits(language, read_tables(path) if path.is_file() else {})
