"""The keywords of a language, prepared for the lexer: for each first word, what may begin with it.

The ``[keywords]`` tables map concepts to wordings. A wording is a row of words as the scanner splits them, folded;
``a|b`` stands for either word, and a wording that ends in a preposition also matches the preposition melted into the
article after it (``supérieur au``) or elided (``passe d'``).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from itertools import pairwise, product
from typing import Any, Final, NamedTuple, TypeAlias

from .fold import APOSTROPHES
from .lexicon import Lexicon, languages, lexicon


class Keyword(NamedTuple):
    """A wording: its words after the first, the group and concept it belongs to, and how it is written."""

    rest: tuple[str, ...]
    group: str
    concept: str
    form: str
    language: str


KeywordTable: TypeAlias = Mapping[str, Sequence[Keyword]]
"""For each first word the wordings that begin with it, the longest first."""

_WORD_CACHE_SIZE = 50_000
_APOSTROPHE: Final = re.compile(f"[{APOSTROPHES}]")

INVISIBLE: Final = "\u00ad\u034f\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufeff"
"""The characters that cannot be seen, as ranges of a regular expression."""
SUSPECT: Final = re.compile(f"[{INVISIBLE}]|[^\u0000-\u024f\u0300-\u036f\u1e00-\u1eff\u2010-\u2027\u20ac]")
"""A character that is out of place in a word, or that may be taken for another."""


class Keywords:
    """The keywords of one language."""

    def __init__(self, lexicon_: Lexicon) -> None:
        self.lexicon = lexicon_
        self.tables: Mapping[str, Any] = lexicon_.tables["keywords"]
        articles: Mapping[str, Any] = lexicon_.tables["articles"]
        self.articles = frozenset(lexicon_.fold(word) for word in articles["free"])
        self.prepositions = frozenset(lexicon_.fold(word) for word in self.tables["prepositions"])
        self.duration_after = frozenset(lexicon_.fold(word) for word in self.tables["duration_after"])
        self.every = frozenset(lexicon_.fold(word) for word in self.tables["openers"]["every"])
        self.elided_if: Mapping[str, frozenset[str]] = {
            lexicon_.fold(word): frozenset(map(lexicon_.fold, after))
            for word, after in self.tables["elided_if"].items()
        }
        self._contractions: Mapping[str, Sequence[str]] = {
            lexicon_.fold(word): [lexicon_.fold(part) for part in parts]
            for word, parts in articles["contractions"].items()
        }
        self._elisions = tuple(lexicon_.fold(elision) for elision in articles["elisions"])
        self._suffixes = tuple(lexicon_.fold(suffix) for suffix in articles["suffixes"])
        walk = {lexicon_.fold(word) for word in lexicon_.tables["phrases"]["walk"]}
        self.joining = frozenset(lexicon_.fold(word) for word in lexicon_.tables["phrases"]["joining"])
        """The words that join the parts of a phrase."""
        self.before_value = frozenset(
            lexicon_.fold(before)
            for forms in lexicon_.tables["phrases"]["functions"].values()
            for form in forms
            for before, after in pairwise(form.split())
            if after.startswith("{") and not before.startswith("{")
        )
        """The words of functions that their arguments follow."""
        self.genitives = walk | {word for word, parts in self._contractions.items() if parts[0] in walk}
        """The words between a thing and its owner: what stands before one of them is no verb."""
        self._elided: dict[str, list[str]] = {}
        for elision, word in articles.get("elided_words", {}).items():
            self._elided.setdefault(lexicon_.fold(word), []).append(lexicon_.fold(elision))
            if lexicon_.fold(word) in walk:
                self.genitives.add(lexicon_.fold(elision))
        self._whole = frozenset(lexicon_.fold(word) for word in self.tables["whole_words"])
        self._split_cache: dict[str, tuple[tuple[int, str], ...]] = {}
        self.suspects: set[str] = set()
        """The words split so far that hold a :data:`SUSPECT` character."""
        self.mode_tables: dict[tuple[object, bool, bool], KeywordTable] = {}
        """For the lexer, which has a table for each of its modes."""
        self._tables: dict[tuple[str, ...], dict[str, list[Keyword]]] = {}
        self._groups: dict[str, list[tuple[str, Keyword]]] = {}

    def split(self, word: str) -> tuple[tuple[int, str], ...]:
        """The words in a word as scanned, each as its offset and its folded form: ``l'étape`` is two."""
        parts = self._split_cache.get(word)
        if parts is None:
            if len(self._split_cache) >= _WORD_CACHE_SIZE:
                self._split_cache.clear()
                self.suspects.clear()
            if SUSPECT.search(word):
                self.suspects.add(word)
            parts = self._split_cache[word] = tuple(self._split(word))
        return parts

    def _split(self, word: str) -> Iterator[tuple[int, str]]:
        offset = 0
        if ("'" in word or not word.isascii()) and self.lexicon.fold(word) not in self._whole:
            for mark in _APOSTROPHE.finditer(word, 1, len(word) - 1):
                elision = self.lexicon.fold(word[offset : mark.end()])
                if elision not in self._elisions:
                    break
                yield offset, elision
                offset = mark.end()
        folded = self.lexicon.fold(word[offset:])
        for suffix in self._suffixes:
            if folded.endswith(suffix) and len(folded) > len(suffix):
                yield offset, folded[: -len(suffix)]
                offset, folded = len(word) - len(suffix), suffix
                break
        yield offset, folded

    def table(self, *groups: str) -> dict[str, list[Keyword]]:
        """The keywords of some groups of the tables, by first word."""
        found = self._tables.get(groups)
        if found is None:
            found = self._tables[groups] = self._build(groups)
        return found

    def leads_on(self, key: str, text: str) -> bool:
        """True for a word after which a name goes on; a lone capital is the name of an object (``a deal A``)."""
        return key in self.prepositions and not (len(text) == 1 and text.isupper())

    def canonical(self, group: str, concept: str) -> str:
        """The first wording of a concept, as written."""
        form = str(self.tables[group][concept][0])
        return re.sub(r"\|[^\s|]+", "", form)

    def _build(self, groups: Iterable[str]) -> dict[str, list[Keyword]]:
        built: dict[str, list[Keyword]] = {}
        for group in groups:
            for first, keyword in self._group(group):
                built.setdefault(first, []).append(keyword)
        for candidates in built.values():
            candidates.sort(key=lambda keyword: -len(keyword.rest))
        return built

    def _group(self, group: str) -> Sequence[tuple[str, Keyword]]:
        """The keywords of one group, each with its first word; several tables hold the same groups."""
        found = self._groups.get(group)
        if found is None:
            found = self._groups[group] = [
                (first, Keyword(tuple(rest), group, concept, form, self.lexicon.language))
                for concept, forms in self.tables[group].items()
                for form in forms
                for first, *rest in self._wordings(form)
            ]
            if group == "reserved":
                found += [
                    (word, Keyword((), group, "elided_if", word, self.lexicon.language)) for word in self.elided_if
                ]
        return found

    def _wordings(self, form: str) -> Iterator[tuple[str, ...]]:
        """The rows of folded words a form of the tables stands for."""
        for choice in product(*(part.split("|") for part in form.split())):
            words = [key for word in choice for _, key in self.split(word)]
            yield tuple(words)
            last = words[-1]
            for contraction, (preposition, *_) in self._contractions.items():
                if preposition == last:
                    yield (*words[:-1], contraction)
            for elision in self._elided.get(last, ()):
                yield (*words[:-1], elision)


@cache
def keywords(language: str) -> Keywords:
    """The keywords of a language. Raises ``KeyError`` for a language without tables."""
    return Keywords(lexicon(language))


@cache
def other_languages(language: str) -> tuple[str, ...]:
    return tuple(other for other in languages() if other != language)
