"""What each sign means where it stands."""

from __future__ import annotations

from decimal import Decimal
from typing import Final

from . import modes
from .diagnostic import Diagnostic, Edit, Fix
from .lexer import MOST_LOOKAHEAD, Lexer, SignHandler
from .literals import LiteralMatch
from .scanner import NAME, SIGN, TEXT, WORD
from .source import Span
from .syntax import Literal
from .values import Money

_OPERATORS: Final = {"=": "eq", "≠": "ne", "<": "lt", "≤": "le", ">": "gt", "≥": "ge", "=>": "ge", "=<": "le"}
_MEANT: Final = {"==": "=", "=>": "≥", "=<": "≤"}


def _equals(lexer: Lexer, i: int) -> int:
    frame = lexer.frame
    if frame.mode is modes.DEFINITION:
        lexer.emit("IS", None, i, i + 1)
        lexer.enter(modes.BODY)
        return i + 1
    if frame.assigning and not frame.filter:
        frame.assigning = False
        return lexer.emit("ASSIGN", None, i, i + 1)
    return _comparison(lexer, i)


def _comparison(lexer: Lexer, i: int) -> int:
    frame = lexer.frame
    operator = _OPERATORS.get(lexer.atoms[i].key, "eq")
    terminal = "COMPARE"
    if frame.filter:
        terminal = "FILTER_COMPARE"
        frame.filter = False
    frame.listing = False
    lexer.emit(terminal, (operator, operator), i, i + 1)
    lexer.refresh()
    return i + 1


def _foreign_sign(lexer: Lexer, i: int) -> int:
    """``==``, ``=>`` and ``&&``, which are signs elsewhere: said, and read as what was meant."""
    atom = lexer.atoms[i]
    span = Span(atom.start, atom.end)
    own = _MEANT.get(atom.key) or lexer.keywords.canonical("reserved", "and")
    fix = Fix("replace_by", (Edit(span, own),), {"text": own})
    lexer.report(Diagnostic("QD018", span, {"sign": atom.text, "own": own}, fixes=(fix,)))
    if atom.key == "==":
        return _equals(lexer, i)
    if atom.key in _MEANT:
        return _comparison(lexer, i)
    return lexer.emit("CONNECTOR", "and", i, i + 1)


def _add(lexer: Lexer, i: int) -> int:
    after = lexer.at(i + 1)
    if lexer.frame.mode is modes.ATTRIBUTES and after is not None and after.value is not None:
        return _signed_literal(lexer, i, after.value)
    if after is not None and after.value is not None and after.start == lexer.atoms[i].end:
        last = lexer.words[-1] if lexer.words else None
        words = lexer.keywords
        joined = last is not None and (words.leads_on(last.key, last.text) or last.key in words.before_value)
        if joined or (last is None and lexer.last in {"PAIR", "PAIR_AND"}):
            # `arrondi de -2,5`: nothing stands before the sign that it could be subtracted from
            return _signed_literal(lexer, i, after.value)
    return lexer.emit("ADD", lexer.atoms[i].key, i, i + 1)


def _signed_literal(lexer: Lexer, i: int, match: LiteralMatch) -> int:
    """``priorité -5``, ``augmenter la remise de -5 %``: the sign belongs to the number."""
    number = match.value
    if not isinstance(number, (Decimal, Money)):
        return lexer.emit("ADD", lexer.atoms[i].key, i, i + 1)
    start, end = lexer.atoms[i].start, lexer.atoms[i + 1].end
    if lexer.atoms[i].key == "-":
        number = Money(-number.amount, number.currency) if isinstance(number, Money) else -number
    value = Literal(match.kind, number, lexer.text[start:end], match.unit, span=Span(start, end))
    return lexer.emit("LITERAL", value, i, i + 2)


def _multiply(lexer: Lexer, i: int) -> int:
    return lexer.emit("MULTIPLY", "*", i, i + 1)


def _divide(lexer: Lexer, i: int) -> int:
    if lexer.frame.mode in modes.TYPES or (lexer.frame.mode.slash and len(lexer.frames) == 1):
        return lexer.emit("SLASH", None, i, i + 1)
    return lexer.emit("MULTIPLY", "/", i, i + 1)


def _power(lexer: Lexer, i: int) -> int:
    return lexer.emit("POWER", "^", i, i + 1)


# --- brackets -----------------------------------------------------------------------------------------------------


def _open(lexer: Lexer, i: int) -> int:
    frame = lexer.frame
    if frame.mode is modes.HEADER:
        return lexer.open(modes.ATTRIBUTES, i, "OPEN_ATTRIBUTES", "CLOSE_ATTRIBUTES")
    if frame.mode is modes.ACTIONS and lexer.last == "COLON" and not lexer.words:
        return lexer.open(modes.ACTIONS, i, "BLOCK_OPEN", "BLOCK_CLOSE", "block")
    return lexer.open(modes.GROUP, i, "LPAR", "RPAR")


def _close(lexer: Lexer, i: int) -> int:
    while len(lexer.frames) > 1 and lexer.frame.closing == "RBRACE":
        lexer.close_unclosed()
    if len(lexer.frames) == 1:
        atom = lexer.atoms[i]
        lexer.flush()
        span = Span(atom.start, atom.end)
        lexer.report(Diagnostic("QD014", span, {"closing": atom.text}, fixes=(Fix("remove", (Edit(span, ""),)),)))
        return lexer.skip("RPAR", i, i + 1)
    inner = lexer.frame
    after = lexer.close(i)
    if lexer.frame.filter and inner.closing == "RPAR" and _is_filter(lexer, inner.first):
        lexer.frame.filter = False
        lexer.refresh()
    return after


_CONDITIONS: Final = frozenset({"COMPARE", "BETWEEN", "ONE_OF", "CONNECTOR", "NOT", "SATISFY"})


def _is_filter(lexer: Lexer, first: int) -> bool:
    """Whether the bracket whose inside starts at terminal ``first`` is a whole filter: ``dont (a = 1 et b)``."""
    out = lexer.out
    if first < 2 or out[first - 2].terminal != "WHERE":
        return False
    depth = out[first - 1].depth + 1
    return any(lexeme.depth == depth and lexeme.terminal in _CONDITIONS for lexeme in out[first:])


def _open_brace(lexer: Lexer, i: int) -> int:
    if lexer.frame.mode is modes.PATTERN:
        return lexer.open(modes.HOLE_NAME, i, "LBRACE", "RBRACE")
    return lexer.emit("LBRACE", None, i, i + 1)


def _close_brace(lexer: Lexer, i: int) -> int:
    if lexer.frame.closing == "RBRACE" and len(lexer.frames) > 1:
        return lexer.close(i)
    return lexer.emit("RBRACE", None, i, i + 1)


def _question(lexer: Lexer, i: int) -> int:
    return lexer.emit("OPTIONAL", None, i, i + 1)


# --- separators ---------------------------------------------------------------------------------------------------

_DROPPED_BEFORE: Final = ("next", "unless", "then", "otherwise", "and", "or", "if", "for_each")


def _comma(lexer: Lexer, i: int) -> int:
    frame = lexer.frame
    mode = frame.mode
    after = lexer.at(i + 1)
    if after is not None and after.kind == WORD and not lexer.frame.mode.slash:
        table = lexer.reserved
        if lexer.matches(i + 1, table, *_DROPPED_BEFORE) and mode not in modes.ROWS:
            return lexer.skip("COMMA", i, i + 1)
    if mode.arguments and _names_argument(lexer, i + 1):
        lexer.emit("ARGUMENT_COMMA", None, i, i + 1)
        frame.reset()
        frame.assigning = True
        lexer.refresh()
        return i + 1
    if mode in modes.TYPES or mode in {modes.OPTIONS, modes.DEFAULT, modes.TABLE_OPTIONS}:
        return _option_comma(lexer, i)
    if mode is modes.CELLS:
        return lexer.emit("CELL_COMMA", None, i, i + 1)
    if mode is modes.ATTRIBUTES:
        listed = lexer.last == "TEXT" and after is not None and after.kind == TEXT
        return lexer.emit("LIST_SEPARATOR" if listed else "ATTRIBUTE_COMMA", None, i, i + 1)
    if mode is modes.PROPERTIES:
        lexer.emit("PROPERTY_COMMA", None, i, i + 1)
        lexer.enter(modes.PROPERTIES)
        return i + 1
    if mode is modes.PROCESS and lexer.matches(i + 1, lexer.keyword_table("process"), "following"):
        atom = lexer.atoms[i]
        atom.terminal = "COMMA"
        return i + 1
    if mode is modes.TRIGGER and frame.verb in {"before", "after"}:
        if lexer.matches(i + 1, lexer.keyword_table("trigger_parts"), "at"):
            return lexer.skip("COMMA", i, i + 1)
    if mode is modes.TRIGGER and not frame.listing and frame.verb in {"", "changes"} and _or_follows(lexer, i + 1):
        lexer.emit("TRIGGER_OR", None, i, i + 1)
        lexer.enter(mode)
        return i + 1
    return lexer.emit("LIST_SEPARATOR", None, i, i + 1)


def _or_follows(lexer: Lexer, i: int) -> bool:
    """Whether a list of triggers goes on: ``est créée, modifiée ou supprimée``."""
    for number in range(i, min(len(lexer.atoms), i + MOST_LOOKAHEAD)):
        if lexer.matches(number, lexer.reserved, "or"):
            return True
        if lexer.atoms[number].kind != WORD and lexer.atoms[number].key != ",":
            return False
        if lexer.matches(number, lexer.reserved):
            return False
    return False


def _names_argument(lexer: Lexer, i: int) -> bool:
    """Whether words and an equals sign follow: ``, quantité = surface``."""
    atoms = lexer.atoms
    count = len(atoms)
    reserved = lexer.reserved
    number = i
    if number < count and atoms[number].kind == NAME:
        number += 1
    else:
        while number < count and atoms[number].kind == WORD:
            if atoms[number].key in reserved and lexer.matches(number, reserved):
                return False
            number += 1
    return number > i and number < count and atoms[number].kind == SIGN and atoms[number].key in {"=", "=="}


def _option_comma(lexer: Lexer, i: int) -> int:
    frame = lexer.frame
    after = lexer.at(i + 1)
    if frame.mode in modes.TYPES and frame.listing and after is not None and after.kind == TEXT:
        return lexer.emit("LIST_SEPARATOR", None, i, i + 1)
    if frame.mode is modes.DEFAULT and frame.listing:
        if not lexer.matches(i + 1, lexer.keyword_table("options")):
            return lexer.emit("LIST_SEPARATOR", None, i, i + 1)
    lexer.emit("OPTION_COMMA", None, i, i + 1)
    if frame.mode is modes.TABLE_TYPE or frame.mode is modes.TABLE_OPTIONS:
        lexer.enter(modes.TABLE_OPTIONS)
    else:
        lexer.enter(modes.OPTIONS)
    return i + 1


def _colon(lexer: Lexer, i: int) -> int:
    frame = lexer.frame
    mode = frame.mode
    lexer.emit("COLON", None, i, i + 1)
    if mode is modes.COLLECTION:
        lexer.enter(modes.ACTIONS)
    elif mode is modes.NAMES:
        lexer.enter(modes.TYPE)
    elif mode is modes.TABLE:
        lexer.enter(modes.TABLE_TYPE)
    elif mode is modes.HOLE_NAME:
        lexer.enter(modes.HOLE_TYPE)
    elif mode is modes.PROCESS_ENTRY:
        lexer.enter(modes.PROPERTIES)
    return i + 1


def _semicolon(lexer: Lexer, i: int) -> int:
    if lexer.frame.mode in {modes.ACTIONS, modes.UNLESS, modes.COLLECTION, modes.EXPECTATIONS}:
        return lexer.separate(";", i, i + 1)
    return lexer.emit("SEPARATOR", ";", i, i + 1)


def _bar(lexer: Lexer, i: int) -> int:
    atom = lexer.atoms[i]
    while len(lexer.frames) > 1:
        lexer.close_unclosed()
    frame = lexer.frame
    if atom.line_start and (frame.kind in {"table", "example"}):
        lexer.flush()
        lexer.drop_separator()
        frame.rows += 1
        lexer.emit("HEADER_START" if frame.rows == 1 else "ROW_START", None, i, i + 1)
        lexer.enter(modes.COLUMNS if frame.rows == 1 else modes.CELLS)
        return i + 1
    after = lexer.at(i + 1)
    last = after is None or after.line_start
    if frame.mode in modes.ROWS:
        lexer.emit("ROW_END" if last else "BAR", None, i, i + 1)
        lexer.enter(frame.mode)
        return i + 1
    return lexer.emit("BAR", None, i, i + 1)


SIGNS: Final[dict[str, SignHandler]] = {
    "=": _equals,
    **dict.fromkeys(("≠", "<", "≤", ">", "≥"), _comparison),
    **dict.fromkeys(("==", "=>", "=<", "&&"), _foreign_sign),
    **dict.fromkeys("+-", _add),
    "×": _multiply,
    "/": _divide,
    "^": _power,
    "(": _open,
    ")": _close,
    "{": _open_brace,
    "}": _close_brace,
    "?": _question,
    ",": _comma,
    ":": _colon,
    ";": _semicolon,
    "|": _bar,
}
