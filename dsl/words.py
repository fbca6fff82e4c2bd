"""Words made comparable: stems, articles, contractions.

A run of operand parts becomes a row of :class:`Tok`. Contractions are expanded (``du`` is ``de`` and an article; the
``de`` is optional, since ``du`` may be a mere article), elisions undone (``d'`` is ``de``), and plural and agreement
folded into a stem, by the tables of the language.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cache
from typing import Final

from .lexicon import Lexicon, lexicon
from .source import Span
from .syntax import Expression, Item, Name, Phrase, Run, Word

ARTICLE: Final = "·"
"""The stem of every article, so that a name may be compared with and without its inner articles."""


LONGEST_NAME = 20
"""The words of a phrase among which the name of an object is looked for."""
_MOST_SPLITS = 20_000
"""Names and patterns whose words are remembered."""


class Tok:
    """A word or another part of a run, ready for matching.

    ``stem`` is ``None`` for parts that are not words. ``optional`` marks the preposition of a contraction.
    """

    __slots__ = ("article", "definite", "item", "key", "optional", "span", "stem", "text", "where")

    def __init__(
        self,
        stem: str | None,
        key: str,
        text: str,
        span: Span,
        *,
        article: bool = False,
        definite: bool = False,
        optional: bool = False,
        item: Item | None = None,
        where: Expression | None = None,
    ) -> None:
        self.stem = stem
        self.key = key
        self.text = text
        self.span = span
        self.article = article
        self.definite = definite
        self.optional = optional
        self.item = item
        self.where = where

    def __repr__(self) -> str:
        return f"<{self.stem or type(self.item).__name__}>"


class WordTables:
    """What the tables of one language say about single words."""

    def __init__(self, lexicon_: Lexicon) -> None:
        self.lexicon = lexicon_
        articles = lexicon_.tables["articles"]
        agreement = lexicon_.tables["agreement"]
        self.free: dict[str, bool] = {}
        definite = {lexicon_.fold(form) for form in articles["definite"].values() if form}
        for form in articles["free"]:
            self.free[lexicon_.fold(form)] = lexicon_.fold(form) in definite
        self.contractions: dict[str, tuple[str, str]] = {
            lexicon_.fold(short): (lexicon_.fold(long[0]), lexicon_.fold(long[1]))
            for short, long in articles["contractions"].items()
        }
        self.elided: dict[str, str] = {
            lexicon_.fold(short): lexicon_.fold(long) for short, long in articles["elided_words"].items()
        }
        self._forms: dict[str, str] = {
            lexicon_.fold(form): lexicon_.fold(forms[0]) for forms in agreement["forms"] for form in forms
        }
        self._endings: list[tuple[str, str]] = [(end, put) for end, put in agreement["plural"]]
        self._repeated: list[tuple[str, str]] = [(end, put) for end, put in agreement["participle"]]
        self._stems: dict[str, str] = {}
        self._splits: dict[str, tuple[Word, ...]] = {}

    def stem(self, key: str) -> str:
        """The form a folded word shares with its plural and, for participles, its feminine."""
        stem = self._stems.get(key)
        if stem is None:
            stem = self._stems[key] = self._compute(key)
        return stem

    def _compute(self, key: str) -> str:
        known = self._forms.get(key)
        if known is not None:
            return known
        for ending, replacement in self._endings:
            if key.endswith(ending) and len(key) > len(ending) + 1:
                key = key[: len(key) - len(ending)] + replacement
                break
        known = self._forms.get(key)
        if known is not None:
            return known
        changed = True
        while changed:
            changed = False
            for ending, replacement in self._repeated:
                if key.endswith(ending) and len(key) > len(ending):
                    key = key[: len(key) - len(ending)] + replacement
                    changed = True
        return key

    def expand(self, words: Iterable[Word]) -> list[Tok]:
        """The words with contractions expanded and elisions undone."""
        toks: list[Tok] = []
        contractions, free, elided, stem = self.contractions, self.free, self.elided, self.stem
        for word in words:
            key = word.key
            if word.text[:1] == "[":
                key = self.bracketed(word.text[1:-1])
                toks.append(Tok(key, key, word.text, word.span))
                continue
            contraction = contractions.get(key)
            if contraction is not None:
                preposition, article = contraction
                toks.append(Tok(preposition, preposition, word.text, word.span, optional=True))
                toks.append(Tok(ARTICLE, article, word.text, word.span, article=True, definite=True))
                continue
            if key in free:
                toks.append(Tok(ARTICLE, key, word.text, word.span, article=True, definite=free[key]))
                continue
            plain = elided.get(key, key)
            toks.append(Tok(stem(plain), plain, word.text, word.span))
        return toks

    def split(self, text: str) -> list[Word]:
        """The words of a name or pattern of the tables, elisions and suffixes split as the scanner does."""
        words = self._splits.get(text)
        if words is None:
            if len(self._splits) >= _MOST_SPLITS:
                self._splits.clear()
            words = self._splits[text] = tuple(self._split(text))
        return list(words)

    def _split(self, text: str) -> list[Word]:
        words: list[Word] = []
        articles = self.lexicon.tables["articles"]
        for part in text.split():
            for elision in articles["elisions"]:
                if part.lower().startswith(elision) and len(part) > len(elision):
                    head = part[: len(elision)]
                    words.append(Word(head, self.lexicon.fold(head)))
                    part = part[len(elision) :]
                    break
            for suffix in articles["suffixes"]:
                if part.endswith(suffix) and len(part) > len(suffix):
                    head = part[: -len(suffix)]
                    words.append(Word(head, self.lexicon.fold(head)))
                    part = suffix
                    break
            words.append(Word(part, self.lexicon.fold(part)))
        return words

    def bracketed(self, text: str) -> str:
        """A name in brackets as one word, which no other words are equal to."""
        return "[" + " ".join(self.name_key_of(self.split(text))) + "]"

    def toks_of_items(self, items: Sequence[Item]) -> list[Tok]:
        """The parts of a run, its phrases expanded into words."""
        toks: list[Tok] = []
        for item in items:
            if isinstance(item, Phrase):
                toks.extend(self.expand(item.words))
            elif isinstance(item, Name):
                key = self.bracketed(item.text)
                toks.append(Tok(key, key, f"[{item.text}]", item.span))
            else:
                toks.append(Tok(None, "", "", item.span, item=item))
        return toks

    def toks(self, run: Run) -> list[Tok]:
        """All parts of a run; its filter is one :class:`Tok` with ``where`` set."""
        toks = self.toks_of_items(run.items)
        if run.where is not None:
            toks.append(Tok(None, "", "", run.where.span, where=run.where))
            toks.extend(self.toks_of_items(run.rest))
        return toks

    def name_key(self, phrase: Phrase | Name) -> tuple[str, ...]:
        """The stems of a declared name, leading articles left out, inner ones as :data:`ARTICLE`."""
        if isinstance(phrase, Name):
            return tuple(self.name_key_of(self.split(phrase.text)))
        return tuple(self.name_key_of(phrase.words))

    def name_key_of(self, words: Iterable[Word]) -> list[str]:
        toks = self.expand(words)
        start = after_articles(toks)
        return [tok.stem or "" for tok in toks[start:]]


def after_articles(toks: Sequence[Tok], start: int = 0, end: int | None = None) -> int:
    """The first place of a slice that holds no article; its last place where all are articles."""
    stop = len(toks) if end is None else end
    while start < stop - 1 and toks[start].article:
        start += 1
    return start


@cache
def word_tables(language: str) -> WordTables:
    """The word tables of a language, made once."""
    return WordTables(lexicon(language))


def name_variants(key: tuple[str, ...]) -> list[tuple[str, ...]]:
    """All ways to write a declared name: each inner article may be left out."""
    variants: list[tuple[str, ...]] = [()]
    for stem in key:
        if stem == ARTICLE:
            variants = [(*v, stem) for v in variants] + variants
        else:
            variants = [(*v, stem) for v in variants]
        if len(variants) > 64:
            break
    return variants
