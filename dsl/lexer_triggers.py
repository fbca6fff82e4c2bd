"""The words of triggers, which are keywords in the trigger part of a rule only."""

from __future__ import annotations

from typing import Final

from . import modes
from .keywords import Keyword
from .lexer import Handler, Lexer
from .scanner import LITERAL
from .values import Duration


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
    if lexer.ends_here(end) or lexer.atoms[end].key in lexer.keywords.genitives:
        return 0
    if concept == "stays":
        after = lexer.at(end)
        if after is None or after.kind != LITERAL:
            return 0
        frame.verb = concept
        return lexer.emit("STAYS", None, i, end)
    if lexer.words and lexer.keywords.leads_on(lexer.words[-1].key, lexer.words[-1].text):
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
        if lexer.words or lexer.last != "LITERAL" or [lexeme.terminal for lexeme in lexer.out[-2:-1]] != ["STAYS"]:
            return 0
        lexer.emit("STAYS_IN", None, i, end)
        frame.comparing = True
        lexer.refresh()
        return end
    after = lexer.at(end)
    if frame.verb not in {"before", "after"} or after is None or after.value is None or after.value.kind != "time":
        return 0
    return lexer.emit("AT", None, i, end)


HANDLERS: Final[dict[str, Handler]] = {"trigger": _trigger, "trigger_parts": _trigger_part}
