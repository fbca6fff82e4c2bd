"""Patterns of words with holes, from the tables: ``"arrondi de {x} à {n} décimales"``.

A pattern is matched against a row of :class:`~quand.dsl.words.Tok` by trying every split; what a hole may hold is
decided afterwards, by typing.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache
from typing import NamedTuple, TypeAlias

from .lexicon import lexicon
from .words import Tok, word_tables

Holes: TypeAlias = dict[str, tuple[int, int]]


class Element(NamedTuple):
    """A literal word by its stem, or a hole by its name. Articles among the literal words may be left out."""

    stem: str | None
    hole: str | None
    optional: bool = False


class Pattern(NamedTuple):
    """A form of a concept; ``needed`` are the stems that must be there."""

    concept: str
    elements: tuple[Element, ...]
    needed: frozenset[str]


def compile_pattern(concept: str, text: str, language: str) -> Pattern:
    """Read a pattern of the tables."""
    tables = word_tables(language)
    elements: list[Element] = []
    for part in text.split():
        if part.startswith("{"):
            elements.append(Element(None, part.strip("{}")))
            continue
        for tok in tables.expand(tables.split(part)):
            if not tok.article:
                elements.append(Element(tok.stem, None))
    needed = frozenset(e.stem for e in elements if e.stem is not None and not e.optional)
    return Pattern(concept, tuple(elements), needed)


class PatternSet:
    """The patterns of a group, found by their first word, or by the words they need when a hole comes first."""

    def __init__(self, patterns: Sequence[Pattern]) -> None:
        self.by_first: dict[str, list[Pattern]] = {}
        self.hole_first: list[Pattern] = []
        for pattern in patterns:
            first = pattern.elements[0]
            if first.stem is None:
                self.hole_first.append(pattern)
            else:
                self.by_first.setdefault(first.stem, []).append(pattern)

    def starts(self, toks: Sequence[Tok]) -> bool:
        """True where some pattern begins with the first word that is no article."""
        return any(tok.stem in self.by_first for tok in toks[:2] if not tok.article)

    def candidates(self, toks: Sequence[Tok], start: int, end: int) -> Iterator[Pattern]:
        """The patterns that may fit the slice."""
        stem = toks[start].stem
        known = self.by_first.get(stem) if stem is not None else None
        if known is None and not self.hole_first:
            return
        stems = {tok.stem for tok in toks[start:end]}
        for pattern in known or ():
            if pattern.needed <= stems:
                yield pattern
        for pattern in self.hole_first:
            if pattern.needed <= stems:
                yield pattern

    def matches(self, toks: Sequence[Tok], start: int, end: int) -> Iterator[tuple[Pattern, Holes]]:
        """Every pattern with every way to fill its holes."""
        for pattern in self.candidates(toks, start, end):
            for holes in match(pattern.elements, toks, start, end):
                yield pattern, holes


@cache
def pattern_set(language: str, group: str, only: str = "") -> PatternSet:
    """The patterns of a group of the tables (``functions``, ``actions``...), or of one concept of it."""
    forms: dict[str, list[str]] = lexicon(language).tables["phrases"][group]
    return PatternSet(
        [
            compile_pattern(concept, text, language)
            for concept, texts in forms.items()
            if not only or concept == only
            for text in texts
        ]
    )


def match(elements: Sequence[Element], toks: Sequence[Tok], start: int, end: int) -> Iterator[Holes]:
    """All ways to read ``toks[start:end]`` as the pattern. Articles before a literal word are skipped."""
    yield from _match(elements, 0, toks, start, end, {})


def _match(
    elements: Sequence[Element], index: int, toks: Sequence[Tok], start: int, end: int, holes: Holes
) -> Iterator[Holes]:
    if index == len(elements):
        if start == end:
            yield dict(holes)
        return
    element = elements[index]
    if element.stem is not None:
        position = start
        while position < end and toks[position].article:
            position += 1
        if position < end and toks[position].stem == element.stem:
            yield from _match(elements, index + 1, toks, position + 1, end, holes)
        if element.optional:
            yield from _match(elements, index + 1, toks, start, end, holes)
        return
    assert element.hole is not None
    following = elements[index + 1 :]
    if element.optional and not (start < end and following and following[0].stem is None):
        yield from _match(elements, index + 1, toks, start, end, holes)
    if not following:
        if start < end:
            holes[element.hole] = (start, end)
            yield dict(holes)
            del holes[element.hole]
        return
    for stop in range(start + 1, end + 1):
        if toks[stop - 1].article and stop - start > 1:
            continue
        if stop < end and following[0].stem is not None and toks[stop].stem != following[0].stem:
            if not toks[stop].article or stop + 1 >= end or toks[stop + 1].stem != following[0].stem:
                continue
        holes[element.hole] = (start, stop)
        yield from _match(elements, index + 1, toks, stop, end, holes)
        del holes[element.hole]
