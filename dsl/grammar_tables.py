"""The saved LALR(1) tables: building them from ``grammar/quand.lark``, and reading them back.

Building a parser takes Lark 0.2 s, so it is done when the grammar changes (``python -m quand.dsl.grammar_tables``) and
the tables are kept beside the grammar as JSON. Reading them needs no Lark.
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

GRAMMAR_FILE = Path(__file__).parent.parent / "grammar" / "quand.lark"
TABLES_FILE = GRAMMAR_FILE.with_name("tables.json")

STARTS = ("declaration", "expression", "hole", "lone_cell")
"""The symbols a text may be parsed as."""


class Reduction(NamedTuple):
    """A rule of the grammar: ``length`` symbols become one of kind ``symbol``, built by the function ``builder``.

    ``builder`` is empty where one symbol hands its value on.
    """

    symbol: str
    length: int
    builder: str


class GrammarTables(NamedTuple):
    """An LALR(1) automaton.

    ``actions[state][terminal]`` is the state to shift to, or ``-1 - n`` to reduce by ``reductions[n]``;
    ``gotos[state][symbol]`` the state after a reduction; ``starts`` the first state for each start symbol. A text is
    accepted where ``$END``, which stands after the last terminal, would be shifted.
    """

    reductions: tuple[Reduction, ...]
    actions: tuple[dict[str, int], ...]
    gotos: tuple[dict[str, int], ...]
    starts: dict[str, int]


@cache
def load_tables() -> GrammarTables:
    """The tables as saved."""
    return _decode(json.loads(TABLES_FILE.read_text(encoding="utf-8")))


def build_tables() -> str:
    """The tables of the grammar as JSON text. Raises Lark's ``GrammarError`` where the grammar is ambiguous."""
    # Lark is only needed where tables are made.
    from lark import Lark
    from lark.lexer import Lexer

    class NoLexer(Lexer):
        """Stands in for the lexer, which the tables do not depend on."""

        def __init__(self, lexer_conf: Any) -> None:
            pass

        def lex(self, lexer_state: Any, parser_state: Any) -> Any:
            return iter(())

    grammar = GRAMMAR_FILE.read_text(encoding="utf-8")
    lark = Lark(grammar, parser="lalr", start=list(STARTS), lexer=NoLexer, strict=True)
    parser: Any = lark.parser
    return _encode(parser.parser._parse_table)


def _encode(table: Any) -> str:
    """Lark's own table, with states numbered in a stable order and equal rows of actions written once."""
    order = _numbering(table)
    ends = set(table.end_states.values())
    reductions: dict[Any, int] = {}
    rows: dict[str, int] = {}
    states: list[tuple[int, dict[str, int]]] = []
    for state in order:
        row: dict[str, int] = {}
        gotos: dict[str, int] = {}
        for symbol, (action, argument) in sorted(table.states[state].items()):
            if action.name == "Reduce":
                row[symbol] = -1 - reductions.setdefault(argument, len(reductions))
            elif symbol.isupper():
                row[symbol] = order[argument]
            else:
                gotos[symbol] = order[argument]
        if state in ends:
            row["$END"] = 0
        states.append((rows.setdefault(_compact(row), len(rows)), gotos))
    starts = {name: order[state] for name, state in sorted(table.start_states.items())}
    rules = [_compact([rule.origin.name, len(rule.expansion), _builder(rule)]) for rule in reductions]
    sections = {"reductions": rules, "actions": list(rows), "states": [_compact(state) for state in states]}
    lines = [f'"{name}":[\n' + ",\n".join(entries) + "]" for name, entries in sections.items()]
    return "{" + ",\n".join([f'"starts":{_compact(starts)}', *lines]) + "}\n"


def _compact(value: Any) -> str:
    return json.dumps(value, separators=(",", ":"))


def _numbering(table: Any) -> dict[Any, int]:
    """States in the order in which they are met from the start symbols: the same in every run."""
    order: dict[Any, int] = {}
    waiting = [table.start_states[name] for name in sorted(table.start_states)]
    while waiting:
        state = waiting.pop()
        if state in order:
            continue
        order[state] = len(order)
        for _, (action, argument) in sorted(table.states[state].items(), reverse=True):
            if action.name == "Shift" and argument not in order:
                waiting.append(argument)
    return order


def _builder(rule: Any) -> str:
    if rule.alias:
        return str(rule.alias)
    if len(rule.expansion) != 1:
        raise ValueError(f"a rule without a name hands on one value only: {rule}")
    return ""


def _decode(data: dict[str, Any]) -> GrammarTables:
    rows = data["actions"]
    return GrammarTables(
        reductions=tuple(Reduction(*rule) for rule in data["reductions"]),
        actions=tuple(rows[row] for row, _ in data["states"]),
        gotos=tuple(gotos for _, gotos in data["states"]),
        starts=data["starts"],
    )


if __name__ == "__main__":
    TABLES_FILE.write_text(build_tables(), encoding="utf-8", newline="\n")
