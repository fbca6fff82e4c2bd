"""The words that open actions, steps, options, cells and the other entries of declarations."""

from __future__ import annotations

from typing import Final

from . import modes
from .diagnostic import Diagnostic, Edit, Fix
from .keywords import Keyword
from .lexer import Handler, Lexer
from .lexer_reserved import RESERVED
from .scanner import SIGN, TEXT
from .source import Span

_ACTION_START: Final = frozenset({"THEN", "OTHERWISE", "SEPARATOR", "BLOCK_OPEN", "COLON"})


def _action(lexer: Lexer, i: int, end: int, keyword: Keyword) -> int:
    frame = lexer.frame
    if keyword.concept == "wait":
        if frame.mode is not modes.ACTIONS or lexer.words or lexer.last not in _ACTION_START or lexer.ends_here(end):
            return 0
        frame.assigning = False
        return lexer.emit("WAIT", None, i, end)
    if frame.mode is modes.EXPECTATIONS:
        if lexer.ends_here(end):
            return 0
        return lexer.emit("COMPARE", ("eq", "eq_becomes"), i, end)
    if not frame.assigning or not (lexer.words or lexer.last in modes.OPERAND_END) or lexer.ends_here(end):
        return 0
    frame.assigning = False
    frame.filter = False
    lexer.emit("BECOMES", None, i, end)
    lexer.refresh()
    return end


def _mistake(lexer: Lexer, i: int, end: int, keyword: Keyword) -> int:
    """A word of everyday speech or of a programming language in the place of a keyword: said, and read as meant."""
    if lexer.words and not lexer.atoms[i].line_start:
        return 0
    if lexer.words or lexer.last not in modes.OPERAND_END | _ACTION_START or lexer.frame.mode not in _IN_ACTIONS:
        return 0
    span = Span(lexer.atoms[i].start, lexer.atoms[end - 1].end)
    own = lexer.keywords.canonical("reserved", keyword.concept)
    fix = Fix("replace_by", (Edit(span, own),), {"text": own})
    lexer.report(Diagnostic("QD040", span, {"word": lexer.text[span.start : span.end], "own": own}, fixes=(fix,)))
    return RESERVED[keyword.concept](lexer, i, end, keyword)


_IN_ACTIONS: Final = frozenset({modes.ACTIONS, modes.UNLESS})


def _example(lexer: Lexer, i: int, end: int, keyword: Keyword) -> int:
    frame = lexer.frame
    if keyword.concept == "given":
        if lexer.words and not lexer.atoms[i].line_start:
            return 0
        lexer.flush()
        if frame.mode is not modes.EXAMPLE and not lexer.atoms[i].line_start:
            return 0
        lexer.drop_separator()
        lexer.emit("GIVEN", None, i, end)
        lexer.enter(modes.GIVEN)
        return end
    if keyword.concept == "never":
        if frame.mode is not modes.EXPECTATIONS or lexer.words or lexer.last not in {"THEN", "SEPARATOR"}:
            return 0
        return lexer.emit("NEVER", None, i, end)
    if frame.mode is not modes.EXAMPLE or lexer.last != "TEXT":
        return 0
    return lexer.emit("WITH_TABLE", None, i, end)


# --- declarations -------------------------------------------------------------------------------------------------


def _type(lexer: Lexer, i: int, end: int, keyword: Keyword) -> int:
    if keyword.concept == "composite":
        lexer.words.extend(lexer.atoms[i:end])
        return end
    if lexer.words or lexer.last != "COLON":
        return 0
    lexer.frame.listing = True
    return lexer.emit("ONE_OF", False, i, end)


def _option(lexer: Lexer, i: int, end: int, keyword: Keyword) -> int:
    if lexer.words or lexer.last != "OPTION_COMMA":
        return 0
    if keyword.concept != "default":
        return lexer.emit("OPTION", keyword.concept, i, end)
    lexer.emit("DEFAULT", None, i, end)
    lexer.enter(modes.DEFAULT)
    return end


def _setting(lexer: Lexer, i: int, end: int, keyword: Keyword) -> int:
    if keyword.concept == "none":
        if lexer.frame.mode is not modes.SETTING:
            return 0
        return lexer.emit("NONE", keyword.concept, i, end)
    after = lexer.at(end)
    if lexer.frame.kind != "action" or lexer.words or lexer.last != "ENTRY" or after is None or after.kind != TEXT:
        return 0
    return lexer.emit("NAMED", None, i, end)


_CELL_OPERATORS: Final = {"at_least": "ge", "at_most": "le", "more_than": "gt", "less_than": "lt"}


def _cell(lexer: Lexer, i: int, end: int, keyword: Keyword) -> int:
    frame = lexer.frame
    concept = keyword.concept
    if concept == "to":
        if frame.pending[-1:] != ["range"]:
            return 0
        frame.pending.pop()
        return lexer.emit("RANGE_TO", None, i, end)
    if lexer.words or lexer.last not in modes.CELL_START or lexer.ends_here(end):
        return 0
    if concept == "from":
        if not _finds_to(lexer, end):
            return 0
        frame.pending.append("range")
        return lexer.emit("RANGE_FROM", None, i, end)
    if concept == "not":
        return lexer.emit("CELL_NOT", None, i, end)
    return lexer.emit("COMPARE", (_CELL_OPERATORS[concept], concept), i, end)


def _finds_to(lexer: Lexer, i: int) -> bool:
    """Whether the upper bound of a range follows in the same cell."""
    table = lexer.keyword_table("cells")
    for number in range(i, min(len(lexer.atoms), i + 60)):
        atom = lexer.atoms[number]
        if atom.kind == SIGN and atom.key in "|,":
            return False
        if lexer.matches(number, table, "to"):
            return True
    return False


def _attribute(lexer: Lexer, i: int, end: int, keyword: Keyword) -> int:
    if lexer.words or lexer.last not in {"OPEN_ATTRIBUTES", "ATTRIBUTE_COMMA"}:
        return 0
    return lexer.emit("ATTRIBUTE", keyword.concept, i, end)


def _attribute_part(lexer: Lexer, i: int, end: int, keyword: Keyword) -> int:
    if lexer.words or lexer.last != "LITERAL":
        return 0
    return lexer.emit("RANGE_TO", None, i, end)


def _process(lexer: Lexer, i: int, end: int, keyword: Keyword) -> int:
    mode = lexer.frame.mode
    if keyword.concept == "following":
        if mode is not modes.PROCESS or not lexer.words or lexer.ends_here(end):
            return 0
        return lexer.emit("FOLLOWING", None, i, end)
    if mode is not modes.PROCESS_ENTRY or lexer.words:
        return 0
    if keyword.concept == "from":
        return lexer.emit("FROM", None, i, end) if lexer.last == "ENTRY" else 0
    if lexer.last != "TEXT":
        return 0
    lexer.frame.listing = True
    return lexer.emit("TO", None, i, end)


def _stage(lexer: Lexer, i: int, end: int, keyword: Keyword) -> int:
    if lexer.words or lexer.last not in {"COLON", "PROPERTY_COMMA"}:
        return 0
    lexer.emit("PROPERTY", keyword.concept, i, end)
    after = lexer.at(end)
    if after is not None and after.key == "=":
        return lexer.skip("IS", end, end + 1)
    return end


HANDLERS: Final[dict[str, Handler]] = {
    "actions": _action,
    "mistakes": _mistake,
    "examples": _example,
    "types": _type,
    "options": _option,
    "settings": _setting,
    "cells": _cell,
    "attributes": _attribute,
    "attribute_parts": _attribute_part,
    "process": _process,
    "stages": _stage,
}
