"""How a phrase is said in a language: the way back from a form (``dsl/reading.py``) to words.

Names come from the vocabulary, patterns and articles from the tables; gender, number, elision and contraction are
mended at the end, over the row of words.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple, TypeAlias

from . import syntax as s
from .collections import Form
from .lexicon import lexicon
from .vocabulary import DisplayName, Names, Vocabulary
from .words import word_tables

PrintItem: TypeAlias = Callable[[s.Item], str]
PrintExpression: TypeAlias = Callable[[s.Expression], str]


class Noun(NamedTuple):
    """What adjectives agree with."""

    gender: str = ""
    plural: bool = False


class Said(NamedTuple):
    """A row of words before they are joined, and the noun at its head."""

    words: tuple[str, ...]
    noun: Noun = Noun()


class Wording:
    """Says forms in one language. ``item`` and ``expression`` print nested syntax in that language."""

    def __init__(self, vocabulary: Vocabulary, language: str, item: PrintItem, expression: PrintExpression) -> None:
        self.vocabulary = vocabulary
        self.language = language
        self.item = item
        self.expression = expression
        self.lexicon = lexicon(language)
        self.phrases: Mapping[str, Any] = self.lexicon.tables["phrases"]
        self.articles: Mapping[str, Any] = self.lexicon.tables["articles"]
        self.agreement: Mapping[str, Any] = self.lexicon.tables["agreement"]
        self.tables = word_tables(language)
        self._inflected = {self.lexicon.fold(row[0]): row for row in self.agreement["forms"] if len(row) == 4}

    def say(self, form: Form) -> str:
        """The phrase for a form, joined as it is written."""
        return self.join(self.said(form).words)

    # --- forms ----------------------------------------------------------------------------------------------------

    def said(self, form: Form) -> Said:
        """The words for a form."""
        match form:
            case ("item", item):
                return Said((self.item(item),))
            case ("constant", concept):
                return Said((self.phrases["constants"][concept][0],))
            case ("constant", concept, _):
                return Said((self.phrases["constants"][concept][0],))
            case ("column", key, *_):
                return Said(tuple(key))
            case ("field", owner, name, article, *rest):
                return self._field(owner, name, article, bool(rest[-1]) if len(rest) > 1 else False)
            case ("state", owner, name, *_):
                return self._field(owner, name, "", False)
            case ("its", owner, name, *_):
                return self._its(owner, name)
            case ("walk", owner, name, article, owner_form, style, plural):
                return self._walk(self._field(owner, name, article, plural), self.said(owner_form), style)
            case ("object", name, article, *_):
                return self._noun(self.vocabulary.objects[name].names, article, False)
            case ("labelled", name, article, label, *_):
                noun = self._noun(self.vocabulary.objects[name].names, article, False)
                return Said((*noun.words, " ".join(label).upper()), noun.noun)
            case ("label", label, *_):
                return Said((" ".join(label).upper(),))
            case ("global", name, article, *_):
                return self._noun(self.vocabulary.globals[name].names, article, False)
            case ("lookup", name, article, item):
                noun = self._noun(self.vocabulary.objects[name].names, article, False)
                return Said((*noun.words, self.item(item)), noun.noun)
            case ("created", name, article):
                return self._pattern(self.phrases["objects"]["created"][0], {"o": ("object", name, "")}, article)
            case ("function", concept, article, holes):
                return self._concept("functions", concept, article, holes)
            case ("aggregate", concept, article, holes):
                return self._concept("aggregates", concept, article, holes)
            case ("collection", base, where, since):
                return self._collection(base, where, since)
            case _:
                raise ValueError(f"unknown form {form[0]!r}")

    def _noun(self, names: Names, article: str, plural: bool) -> Said:
        name = names.get(self.language) or next(iter(names.values()))
        noun = Noun(name.gender, plural or name.plural)
        words = self._plural_of(name) if plural and not name.plural else tuple(name.text.split())
        if _needs_brackets(name.text):
            words = (f"[{name.text}]",)
        return Said((*self._article(article, noun, words[0]), *words), noun)

    def _field(self, owner: str, name: str, article: str, plural: bool) -> Said:
        symbol = self.vocabulary.field(owner, name)
        assert symbol is not None
        return self._noun(symbol.names, article, plural)

    def _its(self, owner: str, name: str) -> Said:
        said = self._field(owner, name, "", False)
        forms: dict[str, str] = self.phrases["possessive"]
        kind = said.noun.gender or "masculine"
        if kind == "feminine" and self._elides(said.words[0]):
            kind = "elided"
        if said.noun.plural:
            kind = "plural"
        return Said((forms[kind], *said.words), said.noun)

    def _walk(self, field: Said, owner: Said, style: str) -> Said:
        suffixes: list[str] = self.phrases["possessive_suffix"]
        if style == "possessive" and suffixes:
            return Said((*owner.words, suffixes[0], *field.words), field.noun)
        return Said((*field.words, self.phrases["walk"][0], *owner.words), field.noun)

    def _collection(self, base: Form, where: s.Expression | None, since: Form | None) -> Said:
        match base:
            case ("all", name, article, plural):
                said = self._noun(self.vocabulary.objects[name].names, article, plural)
            case ("of", name, article, plural, owner, style):
                noun = self._noun(self.vocabulary.objects[name].names, article, plural)
                said = self._walk(noun, self.said(owner), style)
            case ("list", owner_name, field, article, owner, style):
                noun = self._field(owner_name, field, article, False)
                said = self._walk(noun, self.said(owner), style) if owner is not None else noun
            case _:
                raise ValueError(f"unknown form {base[0]!r}")
        words = said.words
        if where is not None:
            words = (*words, self.keyword("reserved", "whose"), self.expression(where))
        if since is not None:
            pattern = self.phrases["aggregates"]["since"][0]
            words = (*words, *self._pattern(pattern, {"d": since}, "").words)
        return Said(words, said.noun)

    def keyword(self, group: str, concept: str) -> str:
        """The canonical word of a keyword."""
        forms: list[str] = self.lexicon.tables["keywords"][group][concept]
        return " ".join(word.split("|")[0] for word in forms[0].split())

    # --- patterns -------------------------------------------------------------------------------------------------

    def _concept(self, group: str, concept: str, article: str, holes: Mapping[str, Form]) -> Said:
        for text in self.phrases[group][concept]:
            if {part.strip("{}") for part in text.split() if part.startswith("{")} == set(holes):
                return self._pattern(text, holes, article)
        raise ValueError(f"no pattern of {concept!r} with {sorted(holes)}")

    def _pattern(self, text: str, holes: Mapping[str, Form], article: str) -> Said:
        """The words of a pattern; its adjectives agree with the noun of the hole beside them."""
        said = {name: self.said(form) for name, form in holes.items()}
        noun = next((value.noun for value in said.values()), Noun())
        parts: list[str] = []
        for part in text.split():
            if part.startswith("{"):
                parts.extend(said[part.strip("{}")].words)
            else:
                parts.append(self._agree(part, noun))
        head = self._pattern_noun(text, noun)
        return Said((*self._article(article, head, parts[0]), *parts), head)

    def _pattern_noun(self, text: str, noun: Noun) -> Noun:
        gender = self.phrases.get("genders", {}).get(text.split(maxsplit=1)[0], "")
        return Noun(gender) if gender else Noun(noun.gender)

    def _agree(self, word: str, noun: Noun) -> str:
        row = self._inflected.get(self.lexicon.fold(word))
        if row is None:
            return word
        return row[(2 if noun.plural else 0) + (1 if noun.gender == "feminine" else 0)]

    def participle(self, word: str, noun: Noun) -> str:
        """A participle that agrees: ``créé``, ``créée``, ``créés``, ``créées``."""
        endings: Mapping[str, str] = self.agreement.get("participle_endings", {})
        made = word
        if noun.gender == "feminine":
            made += endings.get("feminine", "")
        return made + endings.get("plural", "") if noun.plural else made

    # --- words ----------------------------------------------------------------------------------------------------

    def _article(self, article: str, noun: Noun, word: str) -> tuple[str, ...]:
        if not article:
            return ()
        forms: Mapping[str, str] = self.articles[article]
        if noun.plural:
            found = forms.get("plural", "")
            return (found,) if found else ()
        found = forms.get(noun.gender or "masculine", "")
        if "vowel" in forms and word[:1].lower() in self.articles["vowels"]:
            found = forms["vowel"]
        return (found,) if found else ()

    def _plural_of(self, name: DisplayName) -> tuple[str, ...]:
        """The plural of a name: its first noun, and what agrees with it."""
        words = name.text.split()
        stop = next((n for n, word in enumerate(words) if self.lexicon.fold(word) in self._prepositions()), len(words))
        positions = range(stop) if self.agreement["plural_words"] == "all" else range(stop - 1, stop)
        for position in positions:
            words[position] = self.plural(words[position])
        return tuple(words)

    def _prepositions(self) -> frozenset[str]:
        return frozenset(self.lexicon.fold(word) for word in self.agreement["after_noun"])

    def plural(self, word: str) -> str:
        """The plural of a word."""
        for row in self.agreement["forms"]:
            if row[0] == word:
                return row[2] if len(row) == 4 else row[1]
        for ending, replacement in self.agreement["plural_endings"]:
            if word.endswith(ending):
                return word[: len(word) - len(ending)] + replacement
        return word

    def _elides(self, word: str) -> bool:
        if not word:
            return False
        first = self.lexicon.fold(word)[:1]
        aspirated: list[str] = self.articles.get("aspirated", [])
        if first == "h" and any(self.lexicon.fold(word).startswith(a) for a in aspirated):
            return False
        return first in self.articles["elided_before"]

    def join(self, words: Iterable[str]) -> str:
        """The words as written: contractions (``de le`` is ``du``), elisions (``de affaire`` is ``d'affaire``)."""
        row = [word for word in words if word]
        contractions = {tuple(long): short for short, long in self.articles["contractions"].items()}
        made: list[str] = []
        position = 0
        while position < len(row):
            word = row[position]
            following = row[position + 1] if position + 1 < len(row) else ""
            after = row[position + 2] if position + 2 < len(row) else ""
            short = contractions.get((word, following))
            if short is not None and not (following in self._eliding() and self._elides(after)):
                made.append(short)
                position += 2
                continue
            elided = self._eliding().get(word)
            if elided is not None and following and self._elides(following):
                made.append(elided)
            else:
                made.append(word)
            position += 1
        return self._spaced(made)

    def _eliding(self) -> Mapping[str, str]:
        return self.articles["eliding"]

    def _spaced(self, words: list[str]) -> str:
        text = ""
        suffixes = set(self.phrases["possessive_suffix"])
        for word in words:
            if text and not text.endswith(("'", "’")) and word not in suffixes:
                text += " "
            text += word
        return text


def _needs_brackets(text: str) -> bool:
    return any(not (c.isalnum() or c in "-_' ’²³") for c in text)
