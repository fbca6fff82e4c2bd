"""Comparisons, tests and functions of two values: where their words stand for them."""

from __future__ import annotations

from typing import Final

from . import modes
from .keywords import Keyword
from .lexer import Handler, Lexer
from .scanner import LITERAL, SIGN


def _comparable(lexer: Lexer, i: int, end: int) -> bool:
    """Whether a comparison may stand between the atoms before ``i`` and those from ``end`` on."""
    words = lexer.words
    if words and lexer.keywords.leads_on(words[-1].key, words[-1].text):
        return False
    after = lexer.at(end)
    if after is None:
        return True
    if after.kind == SIGN:
        return after.key not in _COMPARISON_SIGNS
    return not lexer.matches(end, lexer.keyword_table("compare"))


_COMPARISON_SIGNS: Final = frozenset({"=", "≠", "<", "≤", ">", "≥", "==", "=>", "=<"})


def _compare(lexer: Lexer, i: int, end: int, keyword: Keyword) -> int:
    frame = lexer.frame
    if frame.mode is modes.CELLS:
        if lexer.words or lexer.last not in modes.CELL_START:
            return 0
        operator, _, form = keyword.concept.partition(".")
        return lexer.emit("COMPARE", (operator, form), i, end)
    if not _comparable(lexer, i, end):
        return 0
    operator, _, form = keyword.concept.partition(".")
    terminal = "COMPARE"
    if frame.filter:
        terminal = "FILTER_COMPARE"
        frame.filter = False
    frame.listing = False
    lexer.emit(terminal, (operator, f"{operator}_{form}"), i, end)
    lexer.refresh()
    return end


def _test(lexer: Lexer, i: int, end: int, keyword: Keyword) -> int:
    frame = lexer.frame
    concept = keyword.concept
    if concept == "satisfy":
        if not lexer.words and lexer.last not in modes.OPERAND_END:
            return 0
        frame.filter = False
        lexer.emit("SATISFY", None, i, end)
        lexer.refresh()
        return end
    negated = concept.startswith("not_")
    prefix = "FILTER_" if frame.filter else ""
    if concept.endswith("between"):
        after = lexer.at(end)
        if not lexer.finds_and(end) and (after is None or after.kind != LITERAL):
            return 0
        frame.pending.append("between")
        terminal = "BETWEEN"
    else:
        terminal = "ONE_OF"
        frame.listing = True
    if prefix:
        frame.filter = False
    if frame.mode is modes.CELLS:
        prefix = ""
        if negated or terminal == "ONE_OF":
            frame.listing = False
            return 0
    lexer.emit(prefix + terminal, negated, i, end)
    lexer.refresh()
    return end


def _pair(lexer: Lexer, i: int, end: int, keyword: Keyword) -> int:
    if not lexer.finds_and(end):
        return 0
    articles = 0
    while lexer.words and lexer.words[-1].key in lexer.keywords.articles:
        lexer.words.pop()
        articles += 1
    lexer.frame.pending.append("pair")
    return lexer.emit("PAIR", keyword.concept, i - articles, end)


def _set_phrase(lexer: Lexer, i: int, end: int, keyword: Keyword) -> int:
    lexer.words.extend(lexer.atoms[i:end])
    return end


HANDLERS: Final[dict[str, Handler]] = {
    "compare": _compare,
    "tests": _test,
    "pairs": _pair,
    "set_phrases": _set_phrase,
}
