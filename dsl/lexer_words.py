"""What each group of keywords means where it stands. A handler gives 0 where the word is a mere word."""

from __future__ import annotations

from typing import Final

from . import modes
from .diagnostic import Diagnostic, Edit, Fix
from .keywords import Keyword
from .lexer import Handler, Lexer
from .scanner import LITERAL, NAME, SIGN, TEXT, WORD
from .source import Span
from .values import Duration

# --- reserved words -----------------------------------------------------------------------------------------------


def _and(lexer: Lexer, i: int, end: int, keyword: Keyword) -> int:
    frame = lexer.frame
    pending = frame.pending[-1] if frame.pending else ""
    if pending in {"between", "pair"}:
        frame.pending.pop()
        return lexer.emit("BETWEEN_AND" if pending == "between" else "PAIR_AND", None, i, end)
    frame.listing = False
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
    frame.listing = False
    if mode.logic or (frame.pending and frame.pending[-1] in {"if", "then"}):
        return lexer.emit("CONNECTOR", "or", i, end)
    if mode in modes.TRIGGERS:
        lexer.emit("TRIGGER_OR", None, i, end)
        lexer.enter(mode)
        return end
    return lexer.emit("CONNECTOR", "or", i, end)


def _closes_list(lexer: Lexer, i: int) -> bool:
    """Whether a mere value follows the word for *or*, not a comparison: ``parmi A, B ou C``."""
    first = lexer.at(i)
    if first is None or lexer.ends_here(i):
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
            elif depth == 0 and atom.key in {"=", "≠", "<", "≤", ">", "≥", "=="}:
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


_RESERVED: Final[dict[str, Handler]] = {
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


def _reserved(lexer: Lexer, i: int, end: int, keyword: Keyword) -> int:
    return _RESERVED[keyword.concept](lexer, i, end, keyword)


# --- comparisons --------------------------------------------------------------------------------------------------


def _comparable(lexer: Lexer, i: int, end: int) -> bool:
    """Whether a comparison may stand between the atoms before ``i`` and those from ``end`` on."""
    words = lexer.words
    if words and words[-1].key in lexer.keywords.prepositions:
        return False
    after = lexer.at(end)
    if after is None:
        return True
    if after.kind == SIGN:
        return after.key not in _COMPARISON_SIGNS
    return not lexer.matches(end, lexer.keyword_table("compare"))


_COMPARISON_SIGNS: Final = frozenset({"=", "≠", "<", "≤", ">", "≥", "=="})


def _compare(lexer: Lexer, i: int, end: int, keyword: Keyword) -> int:
    frame = lexer.frame
    if frame.mode is modes.CELLS:
        if lexer.words or lexer.last not in _CELL_START:
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


# --- triggers -----------------------------------------------------------------------------------------------------


def _trigger(lexer: Lexer, i: int, end: int, keyword: Keyword) -> int:
    frame = lexer.frame
    concept = keyword.concept
    started = bool(lexer.words) or len(lexer.out) > frame.first
    if concept == "every":
        if lexer.words or lexer.last not in {"", "WHEN", "TRIGGER_OR", "TEXT", "CLOSE_ATTRIBUTES", "RULE", "STEP_AND"}:
            return 0
        lexer.emit("EVERY", None, i, end)
        if frame.mode is modes.HEADER:
            lexer.enter(modes.TRIGGER)
        lexer.frame.verb = "every"
        return end
    if frame.mode not in modes.TRIGGERS or not started or frame.verb:
        return 0
    if concept == "changes":
        after = lexer.at(end)
        if after is not None and not lexer.ends_here(end) and not _connects(lexer, end):
            return 0
        frame.verb = concept
        return lexer.emit("CHANGES", None, i, end)
    if concept in {"before", "after"}:
        if lexer.words or not _only_literal(lexer, "duration"):
            return 0
        frame.verb = concept
        return lexer.emit("BEFORE", concept, i, end)
    if concept == "within":
        after = lexer.at(end)
        if not _duration_at(lexer, end) or after is None or not _counts(lexer):
            return 0
        frame.verb = concept
        return lexer.emit("WITHIN", None, i, end)
    if lexer.ends_here(end):
        return 0
    if concept == "stays":
        after = lexer.at(end)
        if after is None or after.kind != LITERAL:
            return 0
        frame.verb = concept
        return lexer.emit("STAYS", None, i, end)
    if lexer.words and lexer.words[-1].key in lexer.keywords.prepositions:
        return 0
    frame.verb = concept
    frame.filter = False
    if concept == "becomes":
        lexer.emit("BECOMES", None, i, end)
        listed = lexer.matches(end, lexer.keyword_table("types"), "one_of")
        if listed:
            frame.listing = True
            return lexer.emit("ONE_OF", False, end, listed)
        return end
    if concept == "goes_from":
        frame.pending.append("goes")
        return lexer.emit("GOES_FROM", None, i, end)
    return lexer.emit("THRESHOLD", concept, i, end)


def _connects(lexer: Lexer, i: int) -> bool:
    return bool(lexer.matches(i, lexer.reserved, "if"))


def _only_literal(lexer: Lexer, kind: str) -> bool:
    """Whether the trigger so far is one literal of that kind."""
    out = lexer.out
    return len(out) == lexer.frame.first + 1 and out[-1].terminal == "LITERAL" and bool(out[-1].value.kind == kind)


def _counts(lexer: Lexer) -> bool:
    """Whether the trigger starts with a mere number: ``3 appels manqués ... en 2 heures``."""
    counted = lexer.out[lexer.frame.first :]
    if not counted or counted[0].terminal != "LITERAL" or counted[0].value.kind != "number":
        return False
    named = bool(lexer.words) or len(counted) > 1
    return named and all(lexeme.terminal not in _ARITHMETIC for lexeme in counted)


_ARITHMETIC: Final = frozenset({"ADD", "MULTIPLY", "POWER"})


def _duration_at(lexer: Lexer, i: int) -> bool:
    atom = lexer.at(i)
    return atom is not None and atom.value is not None and isinstance(atom.value.value, Duration)


def _trigger_part(lexer: Lexer, i: int, end: int, keyword: Keyword) -> int:
    frame = lexer.frame
    if keyword.concept == "goes_to":
        if frame.pending[-1:] != ["goes"] or lexer.ends_here(end):
            return 0
        frame.pending.pop()
        return lexer.emit("GOES_TO", None, i, end)
    if keyword.concept == "stays_in":
        if lexer.words or lexer.last != "LITERAL" or lexer.out[-2].terminal != "STAYS":
            return 0
        lexer.emit("STAYS_IN", None, i, end)
        frame.comparing = True
        lexer.refresh()
        return end
    after = lexer.at(end)
    if frame.verb not in {"before", "after"} or after is None or after.value is None or after.value.kind != "time":
        return 0
    return lexer.emit("AT", None, i, end)


# --- actions and examples -----------------------------------------------------------------------------------------

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
    return _RESERVED[keyword.concept](lexer, i, end, keyword)


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


_CELL_START: Final = frozenset({"ROW_START", "BAR", "CELL_COMMA", "CELL_NOT", ""})
_CELL_OPERATORS: Final = {"at_least": "ge", "at_most": "le", "more_than": "gt", "less_than": "lt"}


def _cell(lexer: Lexer, i: int, end: int, keyword: Keyword) -> int:
    frame = lexer.frame
    concept = keyword.concept
    if concept == "to":
        if frame.pending[-1:] != ["range"]:
            return 0
        frame.pending.pop()
        return lexer.emit("RANGE_TO", None, i, end)
    if lexer.words or lexer.last not in _CELL_START or lexer.ends_here(end):
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
    "reserved": _reserved,
    "compare": _compare,
    "tests": _test,
    "pairs": _pair,
    "set_phrases": _set_phrase,
    "trigger": _trigger,
    "trigger_parts": _trigger_part,
    "actions": _action,
    "examples": _example,
    "mistakes": _mistake,
    "types": _type,
    "options": _option,
    "settings": _setting,
    "cells": _cell,
    "attributes": _attribute,
    "attribute_parts": _attribute_part,
    "process": _process,
    "stages": _stage,
}
