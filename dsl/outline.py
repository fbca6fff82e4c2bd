"""Splitting a file into declarations, by the first words of its lines.

A declaration is lexed and parsed on its own. It opens at a line whose first word opens one; the blank lines and
comments before that line go with it. Whether ``quand``, ``chaque`` or ``30 jours avant`` opens a rule or goes on with
one depends on the declaration before: a header waits for its ``quand``, and an indented ``quand`` in an example is a
step.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Final, NamedTuple

from .fold import APOSTROPHES, SPACES, fold
from .keywords import keywords, other_languages
from .lexicon import languages, lexicon
from .literals import read_literal
from .source import Span

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


class State(NamedTuple):
    """What the lines before a declaration say about the next ones."""

    kind: str = ""
    indent: int = -1
    complete: bool = True
    awaiting: bool = False


class Split(NamedTuple):
    """A text as it was split: where each declaration starts, and what was known there."""

    text: str
    language: str
    starts: list[int]
    states: list[State]


def split(text: str, language: str) -> list[int]:
    """Where the text of each declaration starts: always 0 first, then in ascending order.

    The first piece may hold what comes before any declaration, comments or a mistake.
    """
    return split_again(text, language, None).starts


def split_again(text: str, language: str, before: Split | None) -> Split:
    """Split a text of which ``before`` is an earlier state: what is the same before and after a change is not read."""
    if before is None or before.language != language:
        return _split(text, language, [], [], 0, State(), None)
    alike = _alike(before.text, text)
    first = max(bisect_left(before.starts, alike) - 2, 0)
    ended = len(before.text) - _alike_at_end(before.text, text, min(alike, len(text)))
    tail = _Tail(before, bisect_right(before.starts, ended), len(text) - len(before.text))
    # a first piece that opens nothing was put before the others
    start, state = before.starts[first], before.states[first]
    return _split(text, language, before.starts[:first], before.states[:first], start, state, tail)


class _Tail(NamedTuple):
    """The starts of an earlier text from ``number`` on stand in what did not change, ``distance`` further on now."""

    before: Split
    number: int
    distance: int


_CHUNK: Final = 4096


def _alike(first: str, second: str) -> int:
    """How far two texts are the same from their beginning, in whole chunks and then in characters."""
    most = min(len(first), len(second))
    place = 0
    while place < most and first[place : place + _CHUNK] == second[place : place + _CHUNK]:
        place += _CHUNK
    if place >= most:
        return most
    while place < most and first[place] == second[place]:
        place += 1
    return place


def _alike_at_end(first: str, second: str, alike: int) -> int:
    """How many characters two texts share at their ends, what is alike at the beginning left out."""
    most = min(len(first), len(second)) - alike
    a, b, count = len(first), len(second), 0
    while count + _CHUNK <= most and first[a - count - _CHUNK : a - count] == second[b - count - _CHUNK : b - count]:
        count += _CHUNK
    while count < most and first[a - count - 1] == second[b - count - 1]:
        count += 1
    return count


def _split(
    text: str, language: str, starts: list[int], states: list[State], position: int, state: State, tail: _Tail | None
) -> Split:
    """Split from ``position`` on, where ``state`` is known; ``starts`` are those before."""
    opening = openers(language)
    then_words = _starters(language)
    kind, indent, complete, awaiting = state
    pending = -1
    length = len(text)
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
            elif concept == "vocabulary":
                opened = depth == 0 and found[3] == ":"
            else:
                opened = (indent < 0 or depth <= indent) and not (found[3] and found[3] in _NAME_SIGNS)
        if opened:
            assert concept is not None
            start = pending if pending >= 0 else here
            state = State(kind, indent, complete, awaiting)
            if tail is not None and _goes_on(tail, start, state):
                return _with_tail(text, language, starts, states, tail, start)
            starts.append(start)
            states.append(state)
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
        states.insert(0, State())
    return Split(text, language, starts, states)


def _goes_on(tail: _Tail, start: int, state: State) -> bool:
    """Whether from here on all is as it was."""
    place = bisect_left(tail.before.starts, start - tail.distance, tail.number)
    starts = tail.before.starts
    return place < len(starts) and starts[place] == start - tail.distance and tail.before.states[place] == state


def _with_tail(text: str, language: str, starts: list[int], states: list[State], tail: _Tail, start: int) -> Split:
    place = bisect_left(tail.before.starts, start - tail.distance)
    starts += [each + tail.distance for each in tail.before.starts[place:]]
    states += tail.before.states[place:]
    if starts[0] > 0:
        starts.insert(0, 0)
        states.insert(0, State())
    return Split(text, language, starts, states)


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


@cache
def _some_language() -> re.Pattern[str]:
    words = "|".join(re.escape(word) for code in languages() for word in keywords(code).tables["language_comment"])
    return re.compile(
        f"^[{SPACES}﻿]*#+[{SPACES}]*(?:{words})[{SPACES}]*:[{SPACES}]*([a-z]{{2,3}})[{SPACES}]*$",
        re.IGNORECASE | re.MULTILINE,
    )


def unknown_language(comments: str) -> Span | None:
    """Where comments give the file a language that has no tables: ``# langue : xx``."""
    for found in _some_language().finditer(comments) if "#" in comments else ():
        if found[1].lower() not in languages():
            return Span(*found.span(1))
    return None


def detect_language(text: str, default: str = "fr") -> str:
    """The language a file is written in: as a comment says, else that of its first keyword of one language only.

    Where the declaration of that keyword goes on in another language, most of its keywords decide: ``rule "X"`` before
    a rule in French is a slip, not an English file.
    """
    if "#" in text:
        declared = _declared_language().search(text)
        if declared:
            return declared[1].lower()
    telling = _telling_words()
    told: dict[str, int] = {}
    hints: dict[str, int] = {}
    hinting = _hinting_words()
    position, length = 0, len(text)
    while position < length:
        line = _LINE.match(text, position)
        assert line is not None
        words = _WORDS.findall(_TEXT_OR_COMMENT.sub(" ", line[0]))
        if told and _ends_first(words, told):
            break
        position = line.end()
        for word in words:
            folded = fold(word)
            found = telling.get(folded)
            if found:
                told[found] = told.get(found, 0) + 1
                continue
            hint = hinting.get(folded)
            if hint is not None:
                hints[hint] = hints.get(hint, 0) + 1
    # of as many words, those that came first
    best = told or hints
    return max(best, key=lambda language: best[language]) if best else default


def _ends_first(words: Sequence[str], told: Mapping[str, int]) -> bool:
    """Whether a line ends the first declaration: a blank one, or one that opens the next, some keywords being told."""
    if not words:
        return True
    opened = openers(next(iter(told))).get(fold(words[0]))
    return opened is not None and (opened not in _ALWAYS - {"rule"} or sum(told.values()) > 1)
