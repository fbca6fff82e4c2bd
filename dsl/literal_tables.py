"""The ``[writing]`` tables of a language, prepared for reading literals: dictionaries and compiled patterns.

Built once per language, on the first literal. Words are looked up folded, symbols to the letter.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any, NamedTuple

from .currencies import CURRENCY_CODES
from .fold import APOSTROPHES, SPACES
from .lazy_pattern import lazy_pattern
from .lexicon import Lexicon
from .values import Scalar

SPACE = f"[{SPACES}]"
_GROUP_SPACE = SPACE.replace("\t", "")
_LETTER = "[^\\W\\d_]"
_IN_WORD = "[\\w\u0300-\u036f]"
#: A word after a number: letters and digits, with apostrophes and hyphens between letters.
_WORD = f"{_LETTER}{_IN_WORD}*+(?:[{APOSTROPHES}-]{_LETTER}{_IN_WORD}*+)*+"
WORD = lazy_pattern(_WORD)
SPACED_WORD = lazy_pattern(f"{SPACE}*+({_WORD})")
#: A maximal run of digits with marks between them, and groups of three after a space.
RUN = lazy_pattern(f"(?:[0-9]{{1,3}}(?:{_GROUP_SPACE}[0-9]{{3}}(?![0-9]))++|[0-9]++)(?:[.,][0-9]++)*+")


class LiteralMatch(NamedTuple):
    """A literal found in a text, from the position asked to ``end``.

    ``kind``, ``value`` and ``unit`` are those of ``syntax.Literal``. Where ``problem`` holds a code the literal is
    an error: ``args`` fill its message, ``value`` is the best guess, of the right kind, and ``fix``, if any, is the
    text to write instead of the whole literal.
    """

    end: int
    kind: str
    value: Scalar
    unit: str | None = None
    problem: str | None = None
    args: Mapping[str, Any] = {}
    fix: str | None = None


class Problem(NamedTuple):
    """What is wrong with a part of a literal; ``fix`` replaces that part."""

    code: str
    args: Mapping[str, Any]
    fix: str | None = None


class Form(NamedTuple):
    """What a word after a number means: ``kind`` with ``value``; ``rest`` are the folded words that go on."""

    kind: str
    value: str | int
    rest: tuple[str, ...] = ()


class LiteralTables:
    """One language's tables for reading and writing literals."""

    def __init__(self, lexicon: Lexicon) -> None:
        self.lexicon = lexicon
        self.writing: Mapping[str, Any] = lexicon.tables["writing"]
        self.numbers: Mapping[str, Any] = self.writing["numbers"]
        self.money: Mapping[str, Any] = self.writing["money"]
        self.durations: Mapping[str, Any] = self.writing["durations"]
        self.dates: Mapping[str, Any] = self.writing["dates"]
        self.times: Mapping[str, Any] = self.writing["times"]
        self._prepare_numbers()
        self._prepare_words()
        self._prepare_dates()
        self._prepare_times()
        letters = {form[0] for form in (*self.currency_words, *CURRENCY_CODES)}
        if self.dates["month_first"]:
            letters.update(month[0] for month in self.months)
        #: What a literal may start with.
        self.starts = frozenset(
            {*"0123456789.", *(mark[0] for mark in self.currency_marks)}.union(
                *((c.lower(), c.upper()) for c in letters)
            )
        )

    def _prepare_numbers(self) -> None:
        numbers = self.numbers
        marks = re.escape("".join(numbers["decimal_marks"]))
        groups = re.escape("".join(numbers["group_marks"]))
        self.well_formed = lazy_pattern(f"([0-9]{{1,3}}(?:[{groups}][0-9]{{3}})+|[0-9]+)(?:([{marks}])([0-9]+))?")
        self.doubtful: str = numbers["doubtful"]
        self.ordinals = frozenset(self.fold(form) for form in numbers["ordinals"])
        self.multiplier_marks: Mapping[str, int] = numbers["multiplier_marks"]
        links = [f"{SPACE}++{re.escape(w)}{SPACE}++" for w in numbers["multiplier_links"] if w[-1] not in APOSTROPHES]
        links += [
            f"{SPACE}++{re.escape(w[:-1])}[{APOSTROPHES}]" for w in numbers["multiplier_links"] if w[-1] in APOSTROPHES
        ]
        self.multiplier_link = lazy_pattern("|".join(links) or "(?!)", re.IGNORECASE)

    def _prepare_words(self) -> None:
        self.symbols: dict[str, Form] = {}
        self._words: dict[str, list[Form]] = {}
        for unit, forms in self.writing["units"].items():
            self.symbols.update({form: Form("unit", unit) for form in forms if len(form) <= 3})
            self._add_words("unit", unit, (form for form in forms if len(form) > 3))
        for part, forms in self.durations["short"].items():
            self.symbols.update({form: Form("duration", part) for form in forms})
        for part, forms in self.durations["refused"].items():
            self._add_words("refused", part, forms)
        for part, forms in self.durations.items():
            if isinstance(forms, list):
                self._add_words("duration", part, forms)  # pyright: ignore[reportUnknownArgumentType]
        for form, exponent in self.numbers["multipliers"].items():
            self._add_words("multiplier", exponent, [form])
        marks: dict[str, Form] = {}
        for form in self.numbers["percent"]:
            if form[0].isalpha():
                self._add_words("percentage", "", [form])
            else:
                marks[form] = Form("percentage", "")
        self.currency_marks: dict[str, str] = {}
        for code, forms in self.money["symbols"].items():
            marks.update({form: Form("currency", code) for form in forms})
            self.currency_marks.update(dict.fromkeys(forms, code))
        self.currency_words: dict[str, str] = {}
        for code, forms in self.money["words"].items():
            self._add_words("currency", code, forms)
            self.currency_words.update({self.fold(form): code for form in forms})
        for forms in self._words.values():
            forms.sort(key=lambda form: -len(form.rest))
        self.marks = marks
        self.mark = lazy_pattern(f"{SPACE}*+({_one_of(marks)})(?!\\w)")
        self.prefix = lazy_pattern(f"({_one_of(self.currency_marks)}){SPACE}?(?=[0-9])")

    def _add_words(self, kind: str, value: str | int, forms: Iterable[str]) -> None:
        for form in forms:
            first, *rest = self.fold(form).split(" ")
            self._words.setdefault(first, []).append(Form(kind, value, tuple(rest)))

    def _prepare_dates(self) -> None:
        self.months: dict[str, int] = {}
        self.full_months = frozenset(self.fold(name) for name in self.dates["months"])
        for number, name in enumerate(self.dates["months"], 1):
            self.months[self.fold(name)] = number
        for number, forms in enumerate(self.dates["short_months"], 1):
            self.months.update({self.fold(form): number for form in forms})
        self.date_links = frozenset(self.fold(word) for word in self.dates["links"])
        at = "|".join(re.escape(word) for word in self.dates["at"])
        self.before_time = lazy_pattern(f"{SPACE}++(?:({at}){SPACE}++)?|[Tt](?=[0-9])", re.IGNORECASE)

    def _prepare_times(self) -> None:
        clock = _one_of(self.times["clock"])
        hours = "|".join(re.escape(form) for form in self.durations["hour"])
        minutes = _one_of(self.durations["short"]["minute"])
        tail = f"(?:{SPACE}?([0-9][0-9])(?:{SPACE}?(?:{minutes}))?)?(?!\\w|[.,:][0-9])"
        self.clock_with_mark = lazy_pattern(f"([0-9]++){SPACE}?(?:{clock}){tail}", re.IGNORECASE)
        self.clock_spoken = lazy_pattern(f"([0-9]++){SPACE}?(?:{hours}|{clock}){tail}", re.IGNORECASE)
        short_hours = _one_of(self.durations["short"]["hour"])
        rest = f"{SPACE}?([0-9][0-9])(?:{SPACE}?(?:{minutes}))?(?!\\w|[.,:][0-9])"
        self.short_hours = lazy_pattern(f"([0-9]++){SPACE}?(?:{short_hours}){rest}", re.IGNORECASE)
        before, after = self._spelled(self.times["before_noon"]), self._spelled(self.times["after_noon"])
        self.parts_of_day = lazy_pattern(f"{SPACE}?(?:({before})|({after}))(?!\\w)", re.IGNORECASE)
        joiners = "|".join(re.escape(word) for word in self.writing["and"])
        self.duration_joiner = lazy_pattern(f"{SPACE}*+(?:(?:{joiners}){SPACE}++)?(?=[0-9])", re.IGNORECASE)

    @staticmethod
    def _spelled(forms: Iterable[str]) -> str:
        """A pattern of these forms with any kind of space and apostrophe, the longest first."""
        patterns = (
            re.escape(form).replace("\\ ", f"{SPACE}++").replace("'", f"[{APOSTROPHES}]")
            for form in sorted(forms, key=len, reverse=True)
        )
        return "|".join(patterns) or "(?!)"

    def fold(self, word: str) -> str:
        return self.lexicon.fold(word)

    def form_after(self, text: str, position: int) -> tuple[Form, int] | None:
        """What the mark or the words after a number mean, with their end; ``None`` where they mean nothing."""
        mark = self.mark.match(text, position)
        if mark:
            return self.marks[mark[1]], mark.end()
        first = SPACED_WORD.match(text, position)
        if not first:
            return None
        word, end = first[1], first.end()
        form = self.symbols.get(word)
        if form:
            return form, end
        for form in self._words.get(self.fold(word), ()):
            after = self._words_after(text, end, form.rest)
            if after is not None:
                return form, after
        if len(word) == 3 and word in CURRENCY_CODES:
            return Form("currency", word), end
        return None

    def _words_after(self, text: str, position: int, words: tuple[str, ...]) -> int | None:
        for expected in words:
            found = SPACED_WORD.match(text, position)
            if not found or self.fold(found[1]) != expected:
                return None
            position = found.end()
        return position


def _one_of(forms: Iterable[str]) -> str:
    return "|".join(re.escape(form) for form in sorted(forms, key=len, reverse=True)) or "(?!)"


@cache
def literal_tables(lexicon: Lexicon) -> LiteralTables:
    """The prepared tables of a language."""
    return LiteralTables(lexicon)


def shortened(written: str) -> str:
    """A text short enough to be shown in a message."""
    return written if len(written) <= 50 else f"{written[:20]}…"


def matched(
    text: str, end: int, kind: str, value: Scalar, part_end: int, problem: Problem | None, unit: str | None = None
) -> LiteralMatch:
    """A match whose problem, if any, is in the part that ends at ``part_end``."""
    if not problem:
        return LiteralMatch(end, kind, value, unit)
    fix = None if problem.fix is None else problem.fix + text[part_end:end]
    return LiteralMatch(end, kind, value, unit, problem.code, problem.args, fix)
