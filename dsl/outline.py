"""Splitting a file into declarations, by the first words of its lines.

A declaration is lexed and parsed on its own. It opens at a line whose first word opens one; the blank lines and
comments before that line go with it. Whether ``quand``, ``chaque`` or ``30 jours avant`` opens a rule or goes on with
one depends on the declaration before: a header waits for its ``quand``, and an indented ``quand`` in an example is a
step.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Final

from .fold import APOSTROPHES, SPACES, fold
from .keywords import keywords, other_languages
from .lexicon import languages, lexicon
from .literals import read_literal

_LINE: Final = re.compile("[^\\r\\n]*(?:\\r\\n?|\\n|\\Z)")
_FIRST: Final = re.compile(
    f"([{SPACES}\ufeff]*)(?:([^\\W\\d_][\\w\u0300-\u036f]*(?:[{APOSTROPHES}-][^\\W\\d_][\\w\u0300-\u036f]*)*)"
    f"[{SPACES}]*(.?)|([0-9])|(#)|([^\\s]))"
)
_TEXT_OR_COMMENT: Final = re.compile(
    # one that is not closed goes on to the end of its line: looking again from each opening mark is quadratic
    "#[^\\r\\n]*|\"[^\"\\r\\n]*+\"?|«[^»\\r\\n]*+»?|(?<!\\w)'[^'\\r\\n]*+'?|\\{[^}\\r\\n]*+\\}?"
)
_WORDS: Final = re.compile("[^\\W\\d_][\\w\u0300-\u036f]*")

_NAME_SIGNS: Final = frozenset("/:=,|")
_ALWAYS: Final = frozenset({"rule", "when"})


@cache
def openers(language: str) -> Mapping[str, str]:
    """The words that open a declaration, in any language, with what they open; those of ``language`` win."""
    found: dict[str, str] = {}
    for code in (*other_languages(language), language):
        table = keywords(code).table("openers")
        for first, candidates in table.items():
            found[first] = candidates[0].concept
    return found


@cache
def _starters(language: str) -> frozenset[str]:
    """The words that start the actions of a rule, in any language."""
    words: set[str] = set()
    for code in (*other_languages(language), language):
        words.update(
            first
            for first, candidates in keywords(code).table("reserved").items()
            if any(candidate.concept == "then" for candidate in candidates)
        )
    return frozenset(words)


@cache
def _offsets(language: str) -> frozenset[str]:
    """The words between a duration and a date: ``avant``, ``après``."""
    words: set[str] = set()
    for code in (*other_languages(language), language):
        for first, candidates in keywords(code).table("trigger").items():
            if any(candidate.concept in {"before", "after"} for candidate in candidates):
                words.add(first)
    return frozenset(words)


def split(text: str, language: str) -> list[int]:
    """Where the text of each declaration starts: always 0 first, then in ascending order.

    The first piece may hold what comes before any declaration, comments or a mistake.
    """
    opening = openers(language)
    then_words = _starters(language)
    starts: list[int] = []
    kind = ""
    indent = -1
    complete = True
    awaiting = False
    pending = -1
    position, length = 0, len(text)
    while position < length:
        line = _LINE.match(text, position)
        assert line is not None
        here, position = position, line.end()
        found = _FIRST.match(text, here, position)
        if found is None or found[5]:
            # A blank line or a comment: it goes with what follows.
            if pending < 0:
                pending = here
            continue
        word = found[2]
        concept = opening.get(fold(word)) if word else ("duration" if found[4] else None)
        depth = len(found[1])
        opened = False
        if concept is not None:
            if concept == "when":
                opened = not awaiting and not (kind == "example" and depth > indent)
            elif concept == "rule":
                opened = found[3] not in _NAME_SIGNS or not found[3]
            elif concept in {"every", "duration"}:
                opened = (
                    complete
                    and depth <= max(indent, 0)
                    and not (found[3] and found[3] in _NAME_SIGNS)
                    and (concept == "every" or _is_offset(text, found.end(1), language))
                )
            else:
                opened = (indent < 0 or depth <= indent) and not (found[3] and found[3] in _NAME_SIGNS)
        if opened:
            assert concept is not None
            starts.append(pending if pending >= 0 else here)
            kind, indent = concept, depth
            awaiting = concept == "rule"
            complete = concept not in {"rule", "when", "every", "duration"}
        elif concept in {"when", "every", "duration"}:
            awaiting = False
        pending = -1
        if not complete and _starts_actions(text, here, position, then_words):
            complete = True
            awaiting = False
    if not starts or starts[0] > 0:
        starts.insert(0, 0)
    return starts


def _starts_actions(text: str, start: int, end: int, then_words: frozenset[str]) -> bool:
    line = _TEXT_OR_COMMENT.sub(" ", text[start:end])
    return any(fold(word) in then_words for word in _WORDS.findall(line))


def _is_offset(text: str, position: int, language: str) -> bool:
    """Whether a duration and a word such as ``avant`` stand at ``position``."""
    literal = read_literal(text, position, lexicon(language), True)
    if literal is None or literal.kind != "duration":
        return False
    after = _WORDS.match(
        text,
        literal.end
        + len(text[literal.end : literal.end + 9])
        - len(text[literal.end : literal.end + 9].lstrip(SPACES)),
    )
    return after is not None and fold(after[0]) in _offsets(language)


# --- the language of a file ---------------------------------------------------------------------------------------


@cache
def _telling_words() -> Mapping[str, str]:
    """The words that open declarations or are reserved in one language only, with that language."""
    found: dict[str, set[str]] = {}
    for code in languages():
        for candidates in (keywords(code).table("openers"), keywords(code).table("reserved")):
            for first in candidates:
                if first.isalpha():
                    found.setdefault(first, set()).add(code)
    return {word: next(iter(codes)) for word, codes in found.items() if len(codes) == 1}


@cache
def _hinting_words() -> Mapping[str, str]:
    """The keywords of one language only, whatever their group."""
    found: dict[str, set[str]] = {}
    for code in languages():
        words = keywords(code)
        for group in ("types", "options", "settings", "examples", "trigger"):
            for first in words.table(group):
                if first.isalpha():
                    found.setdefault(first, set()).add(code)
        tables = lexicon(code).tables
        for form in (
            *tables["articles"]["free"],
            *_names(tables["phrases"]["types"]),
            *_names(tables["phrases"]["tables"]),
        ):
            if form.isalpha():
                found.setdefault(fold(form), set()).add(code)
    return {word: next(iter(codes)) for word, codes in found.items() if len(codes) == 1}


def _names(table: Mapping[str, Sequence[str]]) -> list[str]:
    return [form for forms in table.values() for form in forms]


@cache
def _declared_language() -> re.Pattern[str]:
    words = "|".join(re.escape(word) for code in languages() for word in keywords(code).tables["language_comment"])
    codes = "|".join(map(re.escape, languages()))
    return re.compile(
        f"^[{SPACES}\ufeff]*#+[{SPACES}]*(?:{words})[{SPACES}]*:[{SPACES}]*({codes})\\b", re.IGNORECASE | re.MULTILINE
    )


def detect_language(text: str, default: str = "fr") -> str:
    """The language a file is written in: as a comment says, else that of its first keyword of one language only."""
    if "#" in text:
        declared = _declared_language().search(text)
        if declared:
            return declared[1].lower()
    telling = _telling_words()
    hints: dict[str, int] = {}
    hinting = _hinting_words()
    position, length = 0, len(text)
    while position < length:
        line = _LINE.match(text, position)
        assert line is not None
        position = line.end()
        for word in _WORDS.findall(_TEXT_OR_COMMENT.sub(" ", line[0])):
            folded = fold(word)
            found = telling.get(folded)
            if found:
                return found
            hint = hinting.get(folded)
            if hint is not None:
                hints[hint] = hints.get(hint, 0) + 1
    return max(hints, key=lambda language: hints[language]) if hints else default
