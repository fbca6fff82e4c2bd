"""Running the LALR(1) tables: terminals in, a tree out, and recovery entry by entry.

Where a terminal does not fit, the innermost entry that was being read (an action, a field, a step, a cell...) becomes
:class:`~.syntax.InvalidSyntax`, the terminals up to the end of that entry are passed over, and reading goes on. The
stack of states is the checkpoint: an entry can be given up wherever a state of the stack leads on by it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from .grammar_tables import GrammarTables
from .lexemes import Lexeme
from .source import Span
from .syntax import InvalidSyntax

Builders = Sequence[Callable[..., Any] | None]
"""For each reduction of the tables the function that builds its value."""

OnError = Callable[[int, frozenset[str], str], None]
"""Told the number of the terminal that does not fit, those that would, and the entry given up (or nothing)."""

ENTRY_ENDS: Final[Mapping[str, frozenset[str]]] = {
    "argument": frozenset({"ARGUMENT_COMMA", "SEPARATOR", "OTHERWISE", "BLOCK_CLOSE", "STEP_AND", "END"}),
    "action": frozenset({"SEPARATOR", "OTHERWISE", "BLOCK_CLOSE", "END"}),
    "trigger": frozenset({"TRIGGER_OR", "CONDITION", "THEN", "END"}),
    "condition": frozenset({"THEN", "END"}),
    "attribute": frozenset({"ATTRIBUTE_COMMA", "CLOSE_ATTRIBUTES"}),
    "field": frozenset({"ENTRY", "END"}),
    "entry": frozenset({"ENTRY", "END"}),
    "process_entry": frozenset({"ENTRY", "END"}),
    "cell_test": frozenset({"CELL_COMMA", "BAR", "ROW_END", "ROW_START", "END"}),
    "column": frozenset({"BAR", "ROW_END", "ROW_START", "END"}),
    "given": frozenset({"STEP_AND", "GIVEN", "WHEN", "THEN", "HEADER_START", "END"}),
    "when_event": frozenset({"STEP_AND", "GIVEN", "WHEN", "THEN", "HEADER_START", "END"}),
    "expectation": frozenset({"SEPARATOR", "GIVEN", "WHEN", "THEN", "HEADER_START", "END"}),
    "step": frozenset({"GIVEN", "WHEN", "THEN", "HEADER_START", "END"}),
    "body": frozenset({"END"}),
}
"""The entries that can be given up, with the terminals that end them."""


def parse(
    tables: GrammarTables, builders: Builders, lexemes: Sequence[Lexeme], start: str, on_error: OnError
) -> tuple[bool, Any]:
    """The value of ``lexemes`` as a ``start`` symbol; ``(False, None)`` where recovery failed."""
    actions, gotos, reductions = tables.actions, tables.gotos, tables.reductions
    states = [tables.starts[start]]
    values: list[Any] = []
    row = actions[states[-1]]
    position = 0
    count = len(lexemes)
    recovered_at = -1
    while True:
        lexeme = lexemes[position] if position < count else None
        action = row.get(lexeme.terminal if lexeme is not None else "$END")
        if action is None:
            after = _recover(tables, lexemes, position, states, values, recovered_at, on_error)
            if after < 0:
                return False, None
            recovered_at = position = after
            row = actions[states[-1]]
        elif action >= 0:
            if lexeme is None:
                return True, values[-1]
            states.append(action)
            values.append(lexeme)
            row = actions[action]
            position += 1
        else:
            symbol, length, _ = reductions[-1 - action]
            builder = builders[-1 - action]
            if length == 1:
                if builder is not None:
                    values[-1] = builder(values[-1])
                states[-1] = state = gotos[states[-2]][symbol]
            else:
                if length:
                    assert builder is not None
                    arguments = values[-length:]
                    del values[-length:], states[-length:]
                    values.append(builder(*arguments))
                else:
                    assert builder is not None
                    values.append(builder())
                state = gotos[states[-1]][symbol]
                states.append(state)
            row = actions[state]


def fits(tables: GrammarTables, terminals: Sequence[str], start: str) -> bool:
    """Whether some ``start`` symbol begins with these terminals."""
    states = [tables.starts[start]]
    for terminal in terminals:
        while True:
            action = tables.actions[states[-1]].get(terminal)
            if action is None:
                return False
            if action >= 0:
                states.append(action)
                break
            symbol, length, _ = tables.reductions[-1 - action]
            if length:
                del states[-length:]
            states.append(tables.gotos[states[-1]][symbol])
    return True


def _recover(
    tables: GrammarTables,
    lexemes: Sequence[Lexeme],
    position: int,
    states: list[int],
    values: list[Any],
    recovered_at: int,
    on_error: OnError,
) -> int:
    """Give up the innermost entry; gives the terminal to go on at, or -1."""
    expected = frozenset(terminal for terminal in tables.actions[states[-1]] if _leads_on(tables, states, "", terminal))
    if position >= len(lexemes):
        on_error(position, expected, "")
        return -1
    told = position == recovered_at
    """Nothing was read since the last time: an outer entry has to go, and there is nothing more to say."""
    if lexemes[position].terminal in _OUT_OF_TURN and not told:
        after = _next_end(tables, lexemes, position + 1, states, "", _ACTION_ENDS, 0)
        if after >= 0:
            on_error(position, expected, "")
            return after
    for level in range(len(states) - 1, -1, -1):
        gotos = tables.gotos[states[level]]
        for entry, ends in ENTRY_ENDS.items():
            if entry not in gotos:
                continue
            begun = values[level:]
            after = _next_end(
                tables, lexemes, position, states[: level + 1], entry, ends, _depth(begun, lexemes[position])
            )
            if after < 0 or (told and after == recovered_at and level == len(states) - 1):
                continue
            if not told:
                on_error(position, expected, entry)
            start = _start(begun, lexemes[position])
            end = lexemes[after - 1].end if after else start
            del states[level + 1 :]
            del values[level:]
            states.append(gotos[entry])
            values.append(InvalidSyntax(span=Span(min(start, end), max(start, end))))
            return after
    if not told:
        on_error(position, expected, "")
    return -1


_OUT_OF_TURN: Final = frozenset({"OTHERWISE", "CONDITION"})
"""Terminals that cannot be part of the entry they stand after: it is kept, and what they start is passed over."""
_ACTION_ENDS: Final = frozenset({"THEN", "END"})
_MOST_TRIED: Final = 3


def _next_end(
    tables: GrammarTables,
    lexemes: Sequence[Lexeme],
    position: int,
    states: list[int],
    entry: str,
    ends: frozenset[str],
    depth: int,
) -> int:
    """The next terminal in ``ends``, in no more brackets than ``depth``, that can be read after ``entry``; or -1."""
    tried = 0
    for after in range(position, len(lexemes)):
        lexeme = lexemes[after]
        if lexeme.terminal in ends and lexeme.depth <= depth:
            if _leads_on(tables, states, entry, lexeme.terminal):
                return after
            tried += 1
            if tried == _MOST_TRIED:
                break
        if lexeme.depth < depth:
            break
    return -1


def _leads_on(tables: GrammarTables, states: list[int], entry: str, terminal: str) -> bool:
    """Whether ``terminal`` can be read after ``entry``, if any: the reductions it asks for end in a shift."""
    stack = [*states, tables.gotos[states[-1]][entry]] if entry else list(states)
    while True:
        action = tables.actions[stack[-1]].get(terminal)
        if action is None:
            return False
        if action >= 0:
            return True
        symbol, length, _ = tables.reductions[-1 - action]
        if length:
            del stack[-length:]
        stack.append(tables.gotos[stack[-1]][symbol])


def _depth(begun: list[Any], lexeme: Lexeme) -> int:
    """The number of brackets around an entry."""
    first = begun[0] if begun else lexeme
    return first.depth if isinstance(first, Lexeme) else _NO_DEPTH


_NO_DEPTH: Final = 0


def _start(begun: list[Any], lexeme: Lexeme) -> int:
    if not begun:
        return lexeme.start
    first: Any = begun[0]
    while type(first) in {list, tuple} and first:
        first = first[0]
    if isinstance(first, Lexeme):
        return first.start
    span: Any = getattr(first, "span", None)
    return span.start if isinstance(span, Span) else lexeme.start
