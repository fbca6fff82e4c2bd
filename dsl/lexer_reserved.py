"""What the reserved words mean where they stand. A handler gives 0 where the word is a mere word."""

from __future__ import annotations

from typing import Final

from . import modes
from .keywords import Keyword
from .lexer import Handler, Lexer
from .scanner import LITERAL, NAME, SIGN, TEXT, WORD


def _and(lexer: Lexer, i: int, end: int, keyword: Keyword) -> int:
    frame = lexer.frame
    pending = frame.pending[-1] if frame.pending else ""
    if pending in {"between", "pair"}:
        frame.pending.pop()
        return lexer.emit("BETWEEN_AND" if pending == "between" else "PAIR_AND", None, i, end)
    lexer.end_comparison()
    mode = frame.mode
    if mode.logic or pending in {"if", "then"}:
        return lexer.emit("CONNECTOR", "and", i, end)
    if mode in {modes.TRIGGER, modes.HEADER}:
        return _open_condition(lexer, i, end)
    if mode in {modes.ACTIONS, modes.COLLECTION, modes.EXPECTATIONS}:
        return lexer.separate("and", i, end)
    if mode in {modes.GIVEN, modes.STEP_WHEN}:
        lexer.emit("STEP_AND", None, i, end)
        lexer.enter(mode)
        return end
    return lexer.emit("CONNECTOR", "and", i, end)


def _open_condition(lexer: Lexer, i: int, end: int) -> int:
    lexer.emit("CONDITION", None, i, end)
    lexer.enter(modes.CONDITION)
    return end


def _or(lexer: Lexer, i: int, end: int, keyword: Keyword) -> int:
    frame = lexer.frame
    mode = frame.mode
    if mode in modes.TYPES:
        return lexer.emit("LIST_SEPARATOR" if frame.listing else "TYPE_OR", None, i, end)
    if frame.listing and _closes_list(lexer, end):
        return lexer.emit("LIST_SEPARATOR", None, i, end)
    if mode is modes.CELLS:
        return lexer.emit("CELL_COMMA", None, i, end)
    lexer.end_comparison()
    if mode.logic or (frame.pending and frame.pending[-1] in {"if", "then"}):
        return lexer.emit("CONNECTOR", "or", i, end)
    if mode in modes.TRIGGERS:
        lexer.emit("TRIGGER_OR", None, i, end)
        lexer.enter(mode)
        return end
    return lexer.emit("CONNECTOR", "or", i, end)


def _closes_list(lexer: Lexer, i: int) -> bool:
    """Whether a mere value follows the word for *or*, not a comparison: ``parmi A, B ou C``.

    Words after literals are a condition of their own: ``parmi 'A', 'B' ou renouvelé``.
    """
    first = lexer.at(i)
    if first is None or lexer.ends_here(i):
        return False
    if first.kind not in {TEXT, LITERAL} and lexer.last in {"TEXT", "LITERAL"}:
        return False
    if lexer.frame.mode in modes.TRIGGERS:
        return first.kind in {TEXT, LITERAL, NAME}
    comparisons = lexer.keyword_table(*modes.COMPARING)
    depth = 0
    for number in range(i, min(len(lexer.atoms), i + 60)):
        atom = lexer.atoms[number]
        if atom.kind == SIGN:
            if atom.key in "({":
                depth += 1
            elif atom.key in ")}":
                depth -= 1
                if depth < 0:
                    return True
            elif depth == 0 and atom.key in {"=", "≠", "<", "≤", ">", "≥", "==", "=>", "=<"}:
                return False
            elif depth == 0 and atom.key in ",;:|":
                return True
        elif depth == 0 and atom.kind == WORD:
            if lexer.matches(number, comparisons):
                return False
            if lexer.ends_here(number):
                return True
    return True


def _if(lexer: Lexer, i: int, end: int, keyword: Keyword) -> int:
    frame = lexer.frame
    if keyword.concept == "elided_if":
        after = lexer.at(end)
        if after is None or after.key not in lexer.keywords.elided_if[lexer.atoms[i].key]:
            return 0
    if not lexer.words:
        if lexer.last in {"CONDITION", "CONNECTOR"} and frame.mode.logic:
            return lexer.skip("IF", i, end)
        if lexer.last in modes.VALUE_START or lexer.last in modes.OPERATORS:
            lexer.emit("IF", None, i, end)
            frame.pending.append("if")
            lexer.refresh()
            return end
    if frame.mode is modes.TRIGGER:
        return _open_condition(lexer, i, end)
    return lexer.emit("IF", None, i, end)


def _not(lexer: Lexer, i: int, end: int, keyword: Keyword) -> int:
    if lexer.words or lexer.last not in modes.TEST_START or lexer.ends_here(end):
        return 0
    return lexer.emit("NOT", None, i, end)


def _then(lexer: Lexer, i: int, end: int, keyword: Keyword) -> int:
    frame = lexer.frame
    if "if" in frame.pending:
        while frame.pending.pop() != "if":
            pass
        lexer.emit("THEN_VALUE", None, i, end)
        frame.pending.append("then")
        return end
    if len(lexer.frames) > 1 and frame.mode is modes.GROUP and lexer.frames[0].mode in _BEFORE_ACTIONS:
        lexer.flush()
        while len(lexer.frames) > 1:
            lexer.close_unclosed()
        frame = lexer.frame
    if frame.kind == "example":
        lexer.drop_separator()
        lexer.emit("THEN", None, i, end)
        lexer.enter(modes.EXPECTATIONS)
        return end
    if frame.mode in {modes.ACTIONS, modes.UNLESS, modes.COLLECTION} and _is_next(lexer, i, end):
        return lexer.separate("next", i, end)
    lexer.emit("THEN", None, i, end)
    if frame.mode in _BEFORE_ACTIONS or frame.mode is modes.HEADER:
        lexer.enter(modes.ACTIONS)
    return end


_BEFORE_ACTIONS: Final = frozenset({modes.TRIGGER, modes.CONDITION})


def _is_next(lexer: Lexer, i: int, end: int) -> bool:
    """Whether the word that starts the actions also stands between them in this language."""
    return lexer.matches(i, lexer.reserved, "next") == end


def _otherwise(lexer: Lexer, i: int, end: int, keyword: Keyword) -> int:
    frame = lexer.frame
    if "then" in frame.pending:
        while frame.pending.pop() != "then":
            pass
        lexer.emit("OTHERWISE_VALUE", None, i, end)
        lexer.refresh()
        return end
    lexer.flush()
    if frame.mode in {modes.ACTIONS, modes.UNLESS} and len(lexer.frames) == 1:
        lexer.drop_separator()
        lexer.emit("OTHERWISE", None, i, end)
        lexer.enter(modes.ACTIONS)
        return end
    return lexer.emit("OTHERWISE", None, i, end)


def _next(lexer: Lexer, i: int, end: int, keyword: Keyword) -> int:
    if lexer.frame.mode in {modes.ACTIONS, modes.UNLESS, modes.COLLECTION, modes.EXPECTATIONS}:
        return lexer.separate("next", i, end)
    if lexer.matches(i, lexer.reserved, "then") == end:
        return 0
    if lexer.frame.mode in {modes.GIVEN, modes.STEP_WHEN}:
        lexer.emit("STEP_AND", None, i, end)
        lexer.enter(lexer.frame.mode)
        return end
    return lexer.emit("SEPARATOR", "next", i, end)


def _whose(lexer: Lexer, i: int, end: int, keyword: Keyword) -> int:
    lexer.emit("WHERE", None, i, end)
    lexer.frame.filter = True
    lexer.refresh()
    return end


def _unless(lexer: Lexer, i: int, end: int, keyword: Keyword) -> int:
    lexer.emit("UNLESS", None, i, end)
    if lexer.frame.mode is modes.ACTIONS:
        lexer.enter(modes.UNLESS)
    return end


def _for_each(lexer: Lexer, i: int, end: int, keyword: Keyword) -> int:
    lexer.emit("FOR_EACH", None, i, end)
    if lexer.frame.mode is modes.ACTIONS:
        lexer.enter(modes.COLLECTION)
    return end


def _when(lexer: Lexer, i: int, end: int, keyword: Keyword) -> int:
    lexer.emit("WHEN", None, i, end)
    if lexer.frame.kind == "example":
        lexer.enter(modes.STEP_WHEN)
    elif lexer.frame.mode is modes.HEADER:
        lexer.enter(modes.TRIGGER)
    return end


RESERVED: Final[dict[str, Handler]] = {
    "and": _and,
    "or": _or,
    "if": _if,
    "elided_if": _if,
    "not": _not,
    "then": _then,
    "otherwise": _otherwise,
    "next": _next,
    "whose": _whose,
    "unless": _unless,
    "for_each": _for_each,
    "when": _when,
}


def reserved(lexer: Lexer, i: int, end: int, keyword: Keyword) -> int:
    return RESERVED[keyword.concept](lexer, i, end, keyword)
