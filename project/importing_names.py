"""Names of a vocabulary from names of tables and columns: ``Order Details`` is ``order detail``."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from functools import cache

from ..dsl.agreement import Agreement
from ..dsl.fold import fold
from ..dsl.lexicon import languages, lexicon
from ..dsl.words import word_tables
from ..runtime.stores.described import Table
from ..runtime.stores.sql_names import words_of
from .compile import load_text

_UNSAYABLE = re.compile(r"[\[\]\\\x00-\x1f\x7f]+|(?<![^\W\d_])['’ʼ‘´`]+|['’ʼ‘´`]+(?![^\W\d_])")
"""What cannot stand in a name, not even in brackets; an apostrophe only between letters."""

_HYPHEN = re.compile(r"\b(\w)-(?=\w)")
"""The hyphen of a word like ``e-mail``; a longer part before one is a word of its own."""

MARKS = ("id", "fk")
"""Ends and beginnings of names of columns that hold keys."""


def said(words: Sequence[str]) -> str:
    """A name of these words, as the vocabulary has it: in small letters, but for words like ``SKU`` alone."""
    return " ".join(_UNSAYABLE.sub(" ", word).lower() for word in words).strip() or "x"


def field_words(column: str) -> list[str]:
    """The words of the name of a column; ``e-mail`` is one."""
    words = words_of(_HYPHEN.sub("\\1\ue000", _UNSAYABLE.sub(" ", column)))
    return [word.replace("\ue000", "-") for word in words] or ["x"]


def written(name: str, language: str) -> str:
    """A name as a file in a language has it: in brackets where it would not be read as a name."""
    return f"[{name}]" if _is_word_of_language(name, language) else name


def _is_word_of_language(name: str, language: str) -> bool:
    tables = lexicon(language).tables["articles"]
    first = fold(name.split(" ", 1)[0])
    is_article = first in tables["free"] or first in tables["contractions"].values()
    # words of other languages are told as mistakes
    is_keyword = any(
        fold(name) in _keywords(each) or first in _openers(each) or Agreement(lexicon(each)).needs_brackets(name)
        for each in languages()
    )
    return is_keyword or is_article or any(not word[0].isalpha() for word in name.split())


@cache
def _openers(language: str) -> frozenset[str]:
    """The words that start a declaration, or the values of a choice."""
    words = lexicon(language).tables["keywords"]
    forms = [form for forms in words["openers"].values() for form in forms] + words["types"]["one_of"]
    return frozenset(fold(form).split(" ", 1)[0] for form in forms)


def key_of(name: str) -> tuple[str, ...]:
    """What tells names apart for whoever reads them in any language: articles and plurals make no difference."""
    tables = [word_tables(language) for language in languages()]
    return tuple(" ".join(table.name_key_of(table.split(name))) for table in tables)


@cache
def _keywords(language: str) -> frozenset[str]:
    """Names that would be read as something else where a declaration starts."""
    tables = lexicon(language).tables
    found = {form for forms in tables["keywords"]["openers"].values() for form in forms}
    found |= {form for forms in tables["keywords"]["reserved"].values() for form in forms}
    found |= {form for forms in tables["phrases"]["constants"].values() for form in forms}
    return frozenset(fold(form) for form in found)


class Namer:
    """Names the tables of one database, in the language its names seem to be in."""

    def __init__(self, tables: Iterable[Table], asked: str) -> None:
        self.language = _language(tables, asked)
        self._agreement = Agreement(lexicon(self.language))

    def object_name(self, table: str) -> str:
        """The name of one of the objects that a table holds: in the singular."""
        words = said(words_of(_UNSAYABLE.sub(" ", table)) or ["x"]).split() or ["x"]
        every = self._agreement.tables["plural_words"] == "all"
        start = 0 if every else len(words) - 1
        return " ".join([*words[:start], *(self._singular(word) for word in words[start:])])

    def _singular(self, word: str) -> str:
        tables = self._agreement.tables
        folded = fold(word)
        invariable = lexicon(self.language).tables["importing"]["invariable"]
        if folded in invariable or word_tables(self.language).stem(folded) == folded:
            return word
        for forms in tables["forms"]:
            if fold(forms[-1]) == fold(word) and fold(forms[0]) != fold(word):
                return forms[0]
        for plural, singular in _endings(tables["plural_endings"]):
            made = word.removesuffix(plural) + singular
            if word.endswith(plural) and len(made) > 2 and self._agreement.plural(made) == word and made != word:
                return made
        return word


def _endings(pairs: Sequence[Sequence[str]]) -> list[tuple[str, str]]:
    """Endings of plurals with those of the singular, the longest first."""
    return sorted(((plural, singular) for singular, plural in pairs), key=lambda pair: -len(pair[0]))


def _language(tables: Iterable[Table], asked: str) -> str:
    """The language that most words of the names are in, by the standard vocabulary; the one asked for if none is."""
    words = [
        fold(word)
        for table in tables
        for name in (table.name, *(column.name for column in table.columns))
        for word in words_of(name)
    ]
    found = Counter({language: sum(word in _known_words(language) for word in words) for language in languages()})
    best, most = found.most_common(1)[0]
    return asked if found[asked] == most else best


@cache
def _known_words(language: str) -> frozenset[str]:
    """The words of the standard vocabulary of a language, and those that tell what a column holds."""
    agreement = Agreement(lexicon(language))
    standard = load_text("", language).checked().objects
    names = [each.names.get(language, each.name) for kind in standard for each in (kind, *kind.fields)]
    words = {word for name in names for word in name.split()}
    words |= {word for words in lexicon(language).tables["importing"].values() for word in words}
    return frozenset(fold(each) for word in words for each in (word, agreement.plural(word)))
