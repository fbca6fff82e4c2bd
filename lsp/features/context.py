"""Where the cursor is: what was written before it, and what may be named there."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from functools import lru_cache
from typing import Final, NamedTuple

from ...dsl import ir
from ...dsl import syntax as s
from ...dsl.declare import split_heading
from ...dsl.keywords import keywords
from ...dsl.lexemes import Lexeme
from ...dsl.outline import split_again
from ...dsl.parser import Beginning, parse_declaration, parse_expression, read_beginning
from ...dsl.scanner import QUOTES
from ...dsl.scope import Scope
from ...dsl.sink import Sink
from ...dsl.triggers import TriggerResolver
from ...dsl.types import reference_to
from ...dsl.vocabulary import FieldSymbol, ObjectSymbol
from ...dsl.words import Tok, word_tables
from ..snapshot import Snapshot

SAMPLE: Final = "xyzzy"
"""Stands for the name that is being written."""

_WORD_END: Final = re.compile(r"[\w\u0300-\u036f²³-]*\Z")

BOUNDARIES: Final = frozenset(
    {
        *("WHEN", "CONDITION", "THEN", "SEPARATOR", "OTHERWISE", "BLOCK_OPEN", "CONNECTOR", "TRIGGER_OR", "GIVEN"),
        *("ARGUMENT_COMMA", "STEP_AND", "NEVER", "LPAR", "NOT", "UNLESS", "WHERE", "IF", "THEN_VALUE", "ENTRY"),
        *("OTHERWISE_VALUE", "STAYS_IN", "SATISFY", "LBRACE", "BAR", "ROW_START", "HEADER_START", "WAIT", "RPAR"),
    }
)
"""The terminals before which nothing belongs to the comparison that is being written."""
STARTS: Final = frozenset({"THEN", "SEPARATOR", "OTHERWISE", "BLOCK_OPEN", "NEVER", "GIVEN", "WHEN", "STEP_AND"})
"""The terminals after which an action or a step starts."""


class Inside(NamedTuple):
    """The text (or the comment) that a place is inside of: where its mark stands, and its open hole, or -1."""

    mark: int
    quote: str
    hole: int


class Cursor(NamedTuple):
    """What stands around the cursor. ``start`` is the offset of the declaration, ``before`` its text up to the word
    that is being written, ``word`` that word so far, ``word_start`` its offset."""

    language: str
    start: int
    before: str
    word: str
    word_start: int
    inside: Inside | None
    at_line_start: bool
    indented: bool


def inside_text(line: str) -> Inside | None:
    """The text or comment that the end of a line's beginning is in."""
    mark, quote, hole = -1, "", -1
    for place, character in enumerate(line):
        before = line[place - 1] if place else ""
        if not quote:
            if character == "#":
                return Inside(place, "#", -1)
            if character in QUOTES and not (character in "'’‘" and before.isalnum()):
                mark, quote, hole = place, character, -1
        elif hole >= 0:
            if character == "}":
                hole = -1
        elif character == "{" and before != "{" and line[place + 1 : place + 2] != "{":
            hole = place
        elif character == QUOTES[quote] and before != "\\":
            after = line[place + 1 : place + 2]
            if not (character in "'’" and before.isalpha() and after.isalpha()):
                quote = ""
    return Inside(mark, quote, hole) if quote else None


def cursor_at(snapshot: Snapshot, uri: str, offset: int) -> Cursor:
    """What stands around an offset."""
    text = snapshot.text(uri)
    language = snapshot.language(uri)
    line_start = max(text.rfind("\n", 0, offset), text.rfind("\r", 0, offset)) + 1
    line = text[line_start:offset]
    inside = inside_text(line)
    found = _WORD_END.search(line)
    word = found.group() if found is not None else ""
    word = word.lstrip("-")
    if inside is not None and inside.quote != "#" and inside.hole < 0:
        word = line[inside.mark + 1 :]
    elif inside is not None and inside.hole >= 0:
        word = word[-(len(line) - inside.hole - 1) :] if len(line) > inside.hole + 1 else ""
    word_start = offset - len(word)
    before = text[:word_start]
    start = split_again(before + SAMPLE, language, snapshot.split(uri)).starts[-1]
    written = line[: len(line) - len(word)]
    return Cursor(language, start, before[start:], word, word_start, inside, not written.strip(), bool(written))


@lru_cache(maxsize=256)
def beginning(text: str, language: str) -> Beginning:
    """A declaration as far as it was written; what is read is remembered."""
    return read_beginning(text, language)


def terminals(lexemes: Sequence[Lexeme]) -> list[str]:
    return [lexeme.terminal for lexeme in lexemes]


def words_before(cursor: Cursor, lexemes: Sequence[Lexeme]) -> list[Tok]:
    """The words of the phrase that is being written, without the one at the cursor, expanded."""
    last = lexemes[-1] if lexemes else None
    if last is None or not isinstance(last.value, s.Phrase):
        return []
    return word_tables(cursor.language).expand(last.value.words[:-1])


def last_start(lexemes: Sequence[Lexeme], among: frozenset[str]) -> int:
    """The place of the last terminal of a set, -1 where there is none."""
    return next((n for n in range(len(lexemes) - 1, -1, -1) if lexemes[n].terminal in among), -1)


# --- scope ----------------------------------------------------------------------------------------------------------


def scope_at(snapshot: Snapshot, uri: str, cursor: Cursor, read: Beginning) -> Scope:
    """The objects that a phrase at the cursor may be about."""
    language = cursor.language
    match read.kind:
        case "rule" | "when" | "every" | "":
            scope = _rule_scope(snapshot, cursor, read)
        case "define" | "table" | "process":
            owner = _heading_owner(snapshot, cursor, read)
            scope = Scope(language, _variable(owner.name)) if owner is not None else Scope(language)
        case "object" | "event":
            phrase = next((each.value for each in read.lexemes if isinstance(each.value, (s.Phrase, s.Name))), None)
            key = word_tables(language).name_key(phrase) if phrase is not None else ()
            declared = snapshot.vocabulary.object_of(language, key)
            scope = Scope(language, _variable(declared.name)) if declared is not None else Scope(language)
        case "example":
            scope = _example_scope(snapshot, cursor, read)
        case _:
            scope = Scope(language)
    return _with_filter(snapshot, cursor, read, scope)


def _variable(name: str) -> ir.Variable:
    return ir.Variable("subject", reference_to(name))


def _rule_scope(snapshot: Snapshot, cursor: Cursor, read: Beginning) -> Scope:
    """The subject that the triggers of a rule tell."""
    end = next((each.start for each in read.lexemes if each.terminal in {"CONDITION", "THEN"}), None)
    if end is None:
        return _trigger_scope(snapshot, cursor, read)
    # a mistake in the header says nothing about the triggers
    begun = next((each.start for each in read.lexemes if each.terminal in {"WHEN", "EVERY"}), 0)
    then = keywords(cursor.language).canonical("reserved", "then")
    text = f"{cursor.before[begun:end]}\n{then} {SAMPLE}"
    declaration = parse_declaration(text, cursor.language).declaration
    if not isinstance(declaration, s.RuleDeclaration):
        return Scope(cursor.language)
    resolver = snapshot.resolver(cursor.language)
    with resolver.reporting_to(Sink()):
        triggers = TriggerResolver(resolver)
        triggers.resolve(declaration.triggers)
        return triggers.scope()


def _trigger_scope(snapshot: Snapshot, cursor: Cursor, read: Beginning) -> Scope:
    """What a value inside a trigger is about: the object that the trigger names last before it."""
    subject: ir.Variable | None = None
    for lexeme in read.lexemes[:-1]:
        if lexeme.terminal in {"WHEN", "EVERY", "TRIGGER_OR"}:
            subject = None
        if subject is None and isinstance(lexeme.value, s.Phrase):
            toks = word_tables(cursor.language).expand(lexeme.value.words)
            found = (object_in(snapshot, cursor.language, toks[start:]) for start in range(len(toks) - 1, -1, -1))
            symbol = next((each[0] for each in found if each is not None), None)
            subject = _variable(symbol.name) if symbol is not None else None
    return Scope(cursor.language, subject)


def _heading_owner(snapshot: Snapshot, cursor: Cursor, read: Beginning) -> ObjectSymbol | None:
    for lexeme in read.lexemes:
        if isinstance(lexeme.value, s.Phrase):
            return split_heading(snapshot.vocabulary, lexeme.value, cursor.language).owner
    return None


def _example_scope(snapshot: Snapshot, cursor: Cursor, read: Beginning) -> Scope:
    """What an example gives: each object, by its name where it has one; the first is the subject."""
    tables = word_tables(cursor.language)
    subject: ir.Variable | None = None
    named: list[tuple[tuple[str, ...], ir.Variable]] = []
    for number, lexeme in enumerate(read.lexemes):
        given = lexeme.terminal in {"GIVEN", "STEP_AND"} and number + 1 < len(read.lexemes)
        phrase = read.lexemes[number + 1].value if given else None
        if not isinstance(phrase, s.Phrase):
            continue
        toks = tables.expand(phrase.words)
        found = object_in(snapshot, cursor.language, toks)
        if found is None:
            continue
        symbol, end = found
        variable = ir.Variable(f"given{number}", reference_to(symbol.name))
        label = tuple(tok.stem or "" for tok in toks[end:] if not tok.article)
        if label and SAMPLE not in label:
            named.append((label, variable))
        subject = subject or variable
    return Scope(cursor.language, subject, named=tuple(named))


def _with_filter(snapshot: Snapshot, cursor: Cursor, read: Beginning, scope: Scope) -> Scope:
    """The scope inside the filter of a collection, or in the actions for each of its members."""
    lexemes = read.lexemes
    where = last_start(lexemes, frozenset({"WHERE"}))
    begun = last_start(lexemes, frozenset({"THEN", "SEPARATOR", "CONDITION", "OTHERWISE", "ARGUMENT_COMMA"}))
    after = terminals(lexemes[where + 1 :])
    open_brackets = after.count("LPAR") - after.count("RPAR")
    if where > begun and where > 0 and (open_brackets > 0 or "CONNECTOR" not in after):
        return _inside_collection(snapshot, cursor, lexemes[where - 1], scope)
    loop = last_start(lexemes, frozenset({"FOR_EACH"}))
    if loop >= 0 and loop + 1 < len(lexemes) and "BLOCK_CLOSE" not in terminals(lexemes[loop:]):
        if any(each in {"BLOCK_OPEN", "COLON"} for each in terminals(lexemes[loop:])):
            return _inside_collection(snapshot, cursor, lexemes[loop + 1], scope)
    return scope


def _inside_collection(snapshot: Snapshot, cursor: Cursor, lexeme: Lexeme, scope: Scope) -> Scope:
    phrase = lexeme.value
    if not isinstance(phrase, s.Phrase):
        return scope
    toks = word_tables(cursor.language).expand(phrase.words)
    for start in range(len(toks)):
        found = object_in(snapshot, cursor.language, toks[start:])
        if found is not None:
            return scope.with_item(ir.Variable(scope.next_variable(), reference_to(found[0].name)))
    return scope


def object_in(snapshot: Snapshot, language: str, toks: Sequence[Tok]) -> tuple[ObjectSymbol, int] | None:
    """The object that a row of words starts with, articles left out, and where its name ends."""
    start = 0
    while start < len(toks) and toks[start].article:
        start += 1
    for end in range(len(toks), start, -1):
        symbol = snapshot.vocabulary.object_of(language, tuple(tok.stem or "" for tok in toks[start:end]))
        if symbol is not None:
            return symbol, end
    return None


# --- what a value is written for --------------------------------------------------------------------------------------


def expression_at(snapshot: Snapshot, cursor: Cursor, text: str, scope: Scope) -> ir.Expression | None:
    """What a text means in a scope; ``None`` where it means nothing."""
    parsed = parse_expression(text, cursor.language)
    if parsed.diagnostics:
        return None
    resolver = snapshot.resolver(cursor.language)
    with resolver.reporting_to(Sink()):
        value = resolver.expression(parsed.expression, scope)
    return None if value.type.kind == "error" else value


def field_of(snapshot: Snapshot, value: ir.Expression | None) -> FieldSymbol | None:
    """The field that an expression reads, if it is one."""
    match value:
        case ir.FieldOf() if value.object.type.object is not None:
            return snapshot.vocabulary.field(value.object.type.object, value.field)
        case ir.Previous():
            return field_of(snapshot, value.value)
        case _:
            return None


@lru_cache(maxsize=8192)
def folded(text: str) -> str:
    """A text without accents and capitals, for comparing what is typed with what is proposed."""
    plain = unicodedata.normalize("NFD", text.casefold())
    return "".join(c for c in plain if not unicodedata.combining(c)).replace("œ", "oe").replace("’", "'")


def may_begin(label: str, typed: str) -> bool:
    """Whether a label, or one of its words, starts with what was typed."""
    if not typed or label.startswith(typed):
        return True
    words = label.replace("'", " ").replace("-", " ").split()
    return any(" ".join(words[place:]).startswith(typed) for place in range(1, len(words)))
