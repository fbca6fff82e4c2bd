"""Emitters of texts where the database has no function of ours.

``contains`` and the like ignore case and accents. The letters of Western Europe are folded by ``TRANSLATE``, in which
a letter stands for a letter; a text with any other character is left to the interpreter.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from sqlglot import exp

from ...dsl import ir
from ...dsl.fold import fold
from .dialects import EMITTERS, Emitter
from .numbers import number_of
from .terms import Sql, Term, Unsupported, binary, call, cast, literal

if TYPE_CHECKING:
    from .compiler import Compiler

_LETTERS = "".join(chr(code) for code in (*range(0xC0, 0xD7), *range(0xD8, 0xF7), *range(0xF8, 0x100)))
_SIGNS = " !\"#$%&'()*+,-./:;<=>?@[\\]^_{|}~"
_KEPT = "€£°²³«»…–—\u00a0\u202f’"
_CAPITALS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"

FOLDED = {character: fold(character) for character in _CAPITALS + _LETTERS + _KEPT + "œŒŸ"}
_SINGLE = {character: to for character, to in FOLDED.items() if len(to) == 1 and to != character}
_DOUBLE = {character: to for character, to in FOLDED.items() if len(to) == 2}
_CLASS = "0-9A-Za-z" + _LETTERS + _KEPT + "œŒŸ"
_UPPER = {character: character.upper() for character in _CAPITALS.lower() + _LETTERS + "œ"}
_ONE_UPPER = {character: to for character, to in _UPPER.items() if len(to) == 1 and to != character}
_LOWER = {character: character.lower() for character in _CAPITALS + _LETTERS + "ŒŸ"}
_ONE_LOWER = {character: to for character, to in _LOWER.items() if len(to) == 1 and to != character}


_INSIDE = "".join("\\" + sign if sign in "[]^-\\" else sign for sign in _SIGNS)

UNFOLDABLE = f"[^{_CLASS}{_INSIDE}]"
"""What any character outside the letters folded here matches; as all databases read regular expressions."""


def _translated(text: Sql, table: dict[str, str]) -> Sql:
    return call("TRANSLATE", text, literal("".join(table)), literal("".join(table.values())))


def _doubt_letters(compiler: Compiler, text: Sql) -> None:
    if not compiler.strict:
        return
    compiler.doubt_once(
        f"letters {text.sql()}", lambda: exp.RegexpLike(this=text.copy(), expression=literal(UNFOLDABLE))
    )


def folded(compiler: Compiler, term: Term) -> Sql:
    """A text without case and accents."""
    if isinstance(term.constant, str):
        return literal(fold(term.constant))
    text = compiler.settled(term).copy()
    _doubt_letters(compiler, text)
    for letter, pair in _DOUBLE.items():
        text = call("REPLACE", text, literal(letter), literal(pair))
    return _translated(text, _SINGLE)


def _contains(compiler: Compiler, expression: ir.Apply, terms: list[Term]) -> Term:
    text, part = (folded(compiler, term) for term in terms)
    return Term(binary(exp.GT, exp.StrPosition(this=text, substr=part), exp.Literal.number(0)), "boolean")


def _at(side: Callable[[Sql, Sql], Sql]) -> Emitter:
    def emit(compiler: Compiler, expression: ir.Apply, terms: list[Term]) -> Term:
        text, part = (folded(compiler, term) for term in terms)
        length: Sql = exp.Length(this=part.copy())
        if isinstance(terms[1].constant, str):
            length = exp.Literal.number(len(fold(terms[1].constant)))
        return Term(binary(exp.EQ, side(text, length), part), "boolean")

    return emit


def _matches(compiler: Compiler, expression: ir.Apply, terms: list[Term]) -> Term:
    pattern = terms[1].constant
    if not isinstance(pattern, str):
        raise Unsupported("matches")
    escaped = "".join(f"!{sign}" if sign in "!%_" else "%" if sign == "*" else sign for sign in fold(pattern))
    like = exp.Like(this=folded(compiler, terms[0]), expression=literal(escaped))
    return Term(exp.Escape(this=like, expression=literal("!")), "boolean")


def _length(compiler: Compiler, expression: ir.Apply, terms: list[Term]) -> Term:
    return number_of(exp.Length(this=compiler.settled(terms[0]).copy()))


def _cased(table: dict[str, str]) -> Emitter:
    def emit(compiler: Compiler, expression: ir.Apply, terms: list[Term]) -> Term:
        text = compiler.settled(terms[0]).copy()
        outside = UNFOLDABLE.replace("ß", "")  # it becomes two letters
        if compiler.strict:
            compiler.doubt_once(
                f"case {text.sql()}", lambda: exp.RegexpLike(this=text.copy(), expression=literal(outside))
            )
        return Term(_translated(text, table), "text")

    return emit


def _concatenate(compiler: Compiler, expression: ir.Apply, terms: list[Term]) -> Term:
    return compiler.joined_text([compiler.settled(term).copy() for term in terms])


def _key(compiler: Compiler, expression: ir.Apply, terms: list[Term]) -> Term:
    return compiler.key_text(terms[0])


def _digits(compiler: Compiler, expression: ir.Apply, terms: list[Term]) -> Term:
    """The digits of a year, a month: what other numbers look like as texts depends on how they were written."""
    value = compiler.settled(terms[0])
    argument = expression.arguments[0]
    if not isinstance(argument, ir.Apply) or argument.function not in {"year", "month", "day", "weekday"}:
        raise Unsupported("digits")
    return Term(cast(value.copy(), "text"), "text")


SHARED = {"concatenate": _concatenate, "key": _key}

NATIVE = {
    **SHARED,
    "contains": _contains,
    "starts_with": _at(lambda text, length: exp.Left(this=text, expression=length)),
    "ends_with": _at(lambda text, length: exp.Right(this=text, expression=length)),
    "matches": _matches,
    "length": _length,
    "uppercase": _cased(_ONE_UPPER),
    "lowercase": _cased(_ONE_LOWER),
    "digits": _digits,
}

for _name in ("postgres", "duckdb", "spark"):
    EMITTERS.setdefault(_name, {}).update(NATIVE)
EMITTERS.setdefault("sqlite", {}).update(SHARED)
