"""Agreement of words, by the tables: articles, possessives, plurals, gender, elision and contraction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from .keywords import keywords
from .lexicon import Lexicon
from .pieces import WORD, Piece


class Noun(NamedTuple):
    """What articles and adjectives agree with. ``gender``: ``"masculine"``, ``"feminine"`` or ``""``."""

    gender: str = ""
    plural: bool = False


class Agreement:
    """What the tables of one language say about words beside each other."""

    def __init__(self, lexicon: Lexicon) -> None:
        self.lexicon = lexicon
        self.articles: Mapping[str, Any] = lexicon.tables["articles"]
        self.tables: Mapping[str, Any] = lexicon.tables["agreement"]
        self.possessives: Mapping[str, str] = lexicon.tables["phrases"]["possessive"]
        self.eliding: Mapping[str, str] = self.articles["eliding"]
        self.eliding_before: Mapping[str, Sequence[str]] = self.articles["eliding_before"]
        self.elisions: Sequence[str] = self.articles["elisions"]
        self.contractions = {tuple(long): short for short, long in self.articles["contractions"].items()}
        definite: Mapping[str, str] = self.articles["definite"]
        self.gendered = definite["masculine"] != definite["feminine"]
        self._rows: dict[str, Sequence[str]] = {}
        for row in (*self.tables["forms"], *self.tables["written_forms"]):
            if len(row) == 4:
                self._rows[lexicon.fold(row[0])] = row
            elif len(row) == 2:
                self._rows[lexicon.fold(row[0])] = (row[0], row[0], row[1], row[1])
        self._elided_words = frozenset(self.articles["elisions"])
        self._after_noun = frozenset(lexicon.fold(word) for word in self.tables["after_noun"])

    # --- agreement ------------------------------------------------------------------------------------------------

    def agree(self, word: str, noun: Noun) -> str:
        """A word of a keyword or pattern in the gender and number of a noun."""
        row = self._rows.get(self.lexicon.fold(word))
        if row is None:
            return word
        return row[(2 if noun.plural else 0) + (1 if noun.gender == "feminine" else 0)]

    def participle(self, word: str, noun: Noun) -> str:
        """A participle that agrees: ``créé``, ``créée``, ``créés``, ``créées``."""
        endings: Mapping[str, str] = self.tables["participle_endings"]
        made = word
        if noun.gender == "feminine":
            made += endings.get("feminine", "")
        ending = endings.get("plural", "")
        return made + ending if noun.plural and not made.endswith(ending) else made

    def guessed_gender(self, name: str) -> str:
        """The gender of a name that no article tells, by the ending of its first word."""
        first = self.lexicon.fold(name.split(maxsplit=1)[0]) if name.split() else ""
        return next((gender for ending, gender in self.tables["gender_endings"] if first.endswith(ending)), "")

    def article(self, kind: str, noun: Noun, word: str) -> str:
        """The article before ``word``; ``kind`` is ``"definite"`` or ``"indefinite"``; empty where there is none."""
        forms: Mapping[str, str] = self.articles[kind]
        if noun.plural:
            return forms.get("plural", "")
        if "vowel" in forms and self._starts_with_vowel(word):
            return forms["vowel"]
        return forms.get(noun.gender or "masculine", "")

    def _starts_with_vowel(self, word: str) -> bool:
        """Whether a word is said with a vowel first: *hour* is, *user* is not."""
        folded = self.lexicon.fold(word)
        if folded.startswith(tuple(self.articles["said_with_vowel"])):
            return True
        return folded[:1] in self.articles["vowels"] and not folded.startswith(
            tuple(self.articles["said_with_consonant"])
        )

    def possessive(self, noun: Noun, word: str) -> str:
        """``son``, ``sa``, ``ses``, ``its``: what belongs to the subject."""
        kind = noun.gender or "masculine"
        if kind == "feminine" and self.elides(word):
            kind = "elided"
        return self.possessives["plural" if noun.plural else kind]

    # --- plurals --------------------------------------------------------------------------------------------------

    def plural_name(self, name: str) -> str:
        """The plural of a name: of its noun, and of what agrees with it."""
        parts = name.split()
        stop = next((n for n, word in enumerate(parts) if n and self.is_after_noun(word)), len(parts))
        positions = range(stop) if self.tables["plural_words"] == "all" else range(stop - 1, stop)
        for position in positions:
            parts[position] = self.plural(parts[position])
        return " ".join(parts)

    def is_after_noun(self, word: str) -> bool:
        """Whether a word of a name stands after its noun and what agrees with it: ``date de fin``."""
        folded = self.lexicon.fold(word)
        return folded in self._after_noun or any("'" in each and folded.startswith(each) for each in self._after_noun)

    def plural(self, word: str) -> str:
        """The plural of a word."""
        folded = self.lexicon.fold(word)
        for row in self.tables["forms"]:
            if self.lexicon.fold(row[0]) == folded:
                return row[2] if len(row) == 4 else row[1]
        for ending, replacement in self.tables["plural_endings"]:
            if word.endswith(ending):
                return word[: len(word) - len(ending)] + replacement
        return word

    # --- names ----------------------------------------------------------------------------------------------------

    def needs_brackets(self, name: str) -> bool:
        """Whether a name would not be read as words: strange characters, or a reserved word in it."""
        if any(not (c.isalnum() or c in "-_' ’²³") for c in name):
            return True
        table = keywords(self.lexicon.language).table("reserved")
        parts = [self.lexicon.fold(word) for word in name.split()]
        return any(
            tuple(parts[place + 1 : place + 1 + len(keyword.rest)]) == keyword.rest
            for place, word in enumerate(parts)
            for keyword in table.get(word, ())
            if keyword.concept != "elided_if"
        )

    # --- elision and contraction ----------------------------------------------------------------------------------

    def elides(self, word: str) -> bool:
        """Whether a word takes the vowel of the word before it."""
        folded = self.lexicon.fold(word)
        if any(folded.startswith(start) for start in self.articles["aspirated"]):
            return False
        return folded[:1] != "" and folded[:1] in self.articles["elided_before"]

    def join(self, pieces: Sequence[Piece]) -> list[Piece]:
        """The pieces with words melted: ``de le`` is ``du``, ``de affaire`` is ``d'affaire``.

        Words with a line break between them stay as they are.
        """
        made: list[Piece] = []
        position = 0
        while position < len(pieces):
            piece = pieces[position]
            if made and piece.role == WORD and made[-1].text in self._elided_words and piece.line is None:
                piece = piece._replace(glued=True)
            following = self._word_after(pieces, position)
            if piece.role == WORD and following is not None:
                short = self.contractions.get((piece.text, following.text))
                after = self._word_after(pieces, position + 1)
                melts = following.text in self.eliding and after is not None and self.elides(after.text)
                if short is not None and not melts:
                    made.append(piece._replace(text=short))
                    position += 2
                    continue
                elided = self._elided(piece.text, following.text)
                if elided is not None:
                    made.append(piece._replace(text=elided))
                    rest = following._replace(glued=True)
                    pieces = [*pieces[: position + 1], rest, *pieces[position + 2 :]]
                    position += 1
                    continue
            made.append(piece)
            position += 1
        return made

    def _elided(self, word: str, following: str) -> str | None:
        if word in self.eliding:
            return self.eliding[word] if self.elides(following) else None
        if self.lexicon.fold(following) in self.eliding_before.get(word, ()):
            return word[:-1] + "'"
        return None

    @staticmethod
    def _word_after(pieces: Sequence[Piece], position: int) -> Piece | None:
        if position + 1 >= len(pieces):
            return None
        following = pieces[position + 1]
        return following if following.role == WORD and following.line is None else None
