"""What to say where a terminal does not fit: the frequent mistakes first, else what may stand there."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any, Final

from .diagnostic import Diagnostic, Edit, Fix
from .keywords import Keywords
from .lexemes import Lexeme
from .modes import OPERATORS
from .scanner import WORD, Atom, Report
from .source import Span

_OPERATORS: Final = frozenset(
    {
        *("COMPARE", "FILTER_COMPARE", "ADD", "MULTIPLY", "POWER", "ASSIGN", "IS", "BECOMES", "THRESHOLD", "BETWEEN"),
        *("FILTER_BETWEEN", "BETWEEN_AND", "PAIR", "PAIR_AND", "ONE_OF", "FILTER_ONE_OF", "GOES_FROM", "GOES_TO"),
        *("DEFAULT", "RANGE_FROM", "RANGE_TO", "THEN_VALUE", "OTHERWISE_VALUE", "WHERE", "CELL_NOT", "SATISFY"),
        *("STAYS_IN", "BEFORE", "FOLLOWING", "FROM", "TO", "SLASH", "WAIT", "FOR_EACH", "EVERY", "NEVER", "GIVEN"),
    }
)
"""The terminals that need a value after them."""
_CONNECTORS: Final = frozenset(
    {*("CONNECTOR", "CONDITION", "TRIGGER_OR", "STEP_AND", "NOT", "IF", "UNLESS", "LIST_SEPARATOR", "TYPE_OR")}
    | {"CELL_COMMA", "ATTRIBUTE_COMMA", "PROPERTY_COMMA", "OPTION_COMMA"}
)
_STARTS_OPERAND: Final = frozenset({"PHRASE", "NAME", "LITERAL", "TEXT", "LPAR", "PAIR"})
_ENDS: Final = frozenset(
    {
        *("END", "SEPARATOR", "ENTRY", "THEN", "OTHERWISE", "RPAR", "BLOCK_CLOSE", "BAR", "ROW_END", "ROW_START"),
        *("CONNECTOR", "LIST_SEPARATOR", "ARGUMENT_COMMA", "TRIGGER_OR", "CONDITION", "STEP_AND", "WHEN", "GIVEN"),
        *("OTHERWISE_VALUE", "THEN_VALUE", "COMPARE", "OPTION_COMMA", "PROPERTY_COMMA", "CLOSE_ATTRIBUTES", "RBRACE"),
        *("CELL_COMMA", "HEADER_START", "COLON", "UNLESS", "BETWEEN_AND", "PAIR_AND", "MULTIPLY", "POWER", "ASSIGN"),
    }
)
_RESERVED: Final = frozenset(
    {
        *(
            "WHEN",
            "IF",
            "CONNECTOR",
            "NOT",
            "THEN",
            "OTHERWISE",
            "SEPARATOR",
            "WHERE",
            "UNLESS",
            "FOR_EACH",
            "STEP_AND",
        ),
        *("CONDITION", "TRIGGER_OR", "TYPE_OR"),
    }
)
_LISTS: Final = {
    "OPTION": ("QD024", "options"),
    "ATTRIBUTE": ("QD025", "attributes"),
    "PROPERTY": ("QD026", "stages"),
}

_EXPECTED: Final = (
    ("EVERY", "expected_event"),
    ("WHEN", "expected_when"),
    ("THEN", "expected_then"),
    ("THEN_VALUE", "expected_then"),
    ("OTHERWISE_VALUE", "expected_otherwise"),
    ("BETWEEN_AND", "expected_and"),
    ("PAIR_AND", "expected_and"),
    ("GIVEN", "expected_step"),
    ("HEADER_START", "expected_row"),
    ("COMPARE", "expected_comparison"),
    ("CONNECTOR", "expected_connector"),
    ("IS", "expected_equals"),
    ("ASSIGN", "expected_equals"),
    ("COLON", "expected_colon"),
    ("ARGUMENT_COMMA", "expected_argument"),
    ("SEPARATOR", "expected_separator"),
    ("RPAR", "expected_closing"),
    ("LITERAL", "expected_value"),
    ("OPEN_ATTRIBUTES", "expected_attributes"),
    ("ENTRY", "expected_line"),
    ("ROW_END", "expected_bar"),
    ("FOLLOWING", "expected_following"),
    ("TO", "expected_to"),
    ("RBRACE", "expected_brace"),
)
_MOST_EXPECTED: Final = 4


class ErrorReporter:
    """Turns the errors of one parse into diagnostics. ``count`` is their number.

    ``silent`` keeps errors back that follow from one already told.
    """

    def __init__(
        self,
        text: str,
        atoms: Sequence[Atom],
        lexemes: Sequence[Lexeme],
        words: Keywords,
        report: Report,
        silent: bool = False,
    ) -> None:
        self.text = text
        self.atoms = atoms
        self.lexemes = lexemes
        self.words = words
        self.report = report
        self.silent = silent
        self.count = 0

    def __call__(self, position: int, expected: frozenset[str], entry: str) -> None:
        self.count += 1
        if self.silent:
            return
        position = min(position, len(self.lexemes) - 1)
        found = self.lexemes[position]
        before = self.lexemes[position - 1] if position else None
        diagnostic = (
            (before and self._after(before, found, expected, position))
            or self._in_rule(found, expected, position)
            or self._in_entry(found, before, expected, entry, position)
            or self._anything(found, expected)
        )
        self.report(diagnostic)

    # --- after a word or sign that needs something ----------------------------------------------------------------

    def _after(self, before: Lexeme, found: Lexeme, expected: frozenset[str], position: int) -> Diagnostic | None:
        """What was found does not go with the terminal just before it."""
        last, here = before.terminal, found.terminal
        if here == "LIST_SEPARATOR" and last in {"TEXT", "LITERAL"} and position > 1:
            several = self._several_values(self.lexemes[position - 2], before, found)
            if several is not None:
                return several
        if here == "IF" and last in OPERATORS:
            return self._at(found, "QD041", word=self._text(found))
        if last == "OTHERWISE" and here == "IF":
            return self._at(found, "QD034", word=f"{self._text(before)} {self._text(found)}")
        for terminal, (code, group) in _LISTS.items():
            if (
                terminal in expected
                and last in {"OPTION_COMMA", "OPEN_ATTRIBUTES", "ATTRIBUTE_COMMA", "COLON", "PROPERTY_COMMA"}
                and here in _STARTS_OPERAND
            ):
                return self._at(found, code, known=self._wordings(group))
        if last == "RULE" or (last == "EXAMPLE" and here != "TEXT"):
            if here in {"PHRASE", "STRAY"}:
                name = self._text(found)
                fix = Fix("replace_by", (Edit(self._span(found), f'"{name}"'),), {"text": f'"{name}"'})
                return self._at(found, "QD032", fixes=(fix,), name=name)
            if last == "EXAMPLE":
                return self._at(before, "QD033", word=self._text(before))
        if here not in _ENDS:
            return None
        if last == "LPAR" and here == "RPAR":
            return Diagnostic("QD029", Span(before.start, found.end))
        if last in _OPERATORS and "TEXT" in expected | _STARTS_OPERAND:
            return self._at(before, "QD015", word=self._text(before))
        if last in _CONNECTORS or (last == "SEPARATOR" and before.value in {"and", "next"}):
            return self._at(before, "QD016", word=self._text(before))
        if last in {"THEN", "OTHERWISE", "BLOCK_OPEN"} or (last == "COLON" and "WAIT" in expected):
            return self._at(before, "QD027", word=self._text(before))
        return None

    def _several_values(self, sign: Lexeme, first: Lexeme, comma: Lexeme) -> Diagnostic | None:
        """``= 'A', 'B' ou 'C'``, ``devient 'A', 'B'``: the word that several values follow is missing."""
        concepts = {"eq": "one_of", "ne": "not_one_of"}
        if sign.terminal == "BECOMES":
            word = self.words.canonical("tests", "one_of")
            edit = Edit(Span(first.start, first.start), f"{word} ")
        elif sign.terminal in {"COMPARE", "FILTER_COMPARE"} and sign.value[0] in concepts:
            word = self.words.canonical("tests", concepts[sign.value[0]])
            edit = Edit(self._span(sign), word)
        else:
            return None
        return self._at(comma, "QD211", fixes=(Fix("one_of", (edit,), {"text": word}),))

    # --- the parts of a rule --------------------------------------------------------------------------------------

    def _in_rule(self, found: Lexeme, expected: frozenset[str], position: int) -> Diagnostic | None:
        """A rule without one of its parts."""
        here = found.terminal
        if "OTHERWISE_VALUE" in expected and here in _ENDS and self._pending_if(position):
            return self._at(found, "QD019", word=self._reserved("otherwise"))
        if not self._is_rule():
            return None
        started = any(lexeme.terminal in {"WHEN", "EVERY", "BEFORE"} for lexeme in self.lexemes[:position])
        if not started and here in {"THEN", "END", "CONDITION", "STRAY"} and "WHEN" in expected:
            return self._at(found, "QD012", word=self._reserved("when"))
        if any(lexeme.terminal == "THEN" for lexeme in self.lexemes[:position]):
            return None
        if any(lexeme.terminal == "THEN" for lexeme in self.lexemes):
            condition = any(lexeme.terminal == "CONDITION" for lexeme in self.lexemes[:position])
            if here in {"COMPARE", "BETWEEN", "ONE_OF"} and not condition and "THEN" in expected:
                return self._at(found, "QD028", word=self._reserved("when"), and_=self._reserved("and"))
            return None
        if started and "THEN" in expected:
            word = self._reserved("then")
            at = self._first_action()
            fixes = () if at is None else (Fix("insert", (Edit(Span(at, at), f"{word} "),), {"text": word}),)
            return self._at(found, "QD011", fixes=fixes, word=word)
        return None

    def _is_rule(self) -> bool:
        return bool(self.lexemes) and self.lexemes[0].terminal in {"RULE", "WHEN", "EVERY", "LITERAL"}

    def _pending_if(self, position: int) -> bool:
        """Whether a value that starts with *if* is still without its other half."""
        pending = 0
        for lexeme in self.lexemes[:position]:
            pending += (lexeme.terminal == "THEN_VALUE") - (lexeme.terminal == "OTHERWISE_VALUE")
        return pending > 0

    def _first_action(self) -> int | None:
        """Where the first line starts that does not go on with the trigger or the condition."""
        reserved = self.words.table("reserved")
        for atom in self.atoms[1:]:
            if atom.line_start and atom.kind == WORD and atom.key not in reserved:
                return atom.start
        return None

    # --- entries --------------------------------------------------------------------------------------------------

    def _in_entry(
        self, found: Lexeme, before: Lexeme | None, expected: frozenset[str], entry: str, position: int
    ) -> Diagnostic | None:
        here = found.terminal
        if entry in {"action", "argument", "given", "when_event", "expectation"}:
            if here in {"LIST_SEPARATOR", "ARGUMENT_COMMA"}:
                return self._at(found, "QD021")
            if here == "IF":
                return self._at(found, "QD035", word=self._text(found), then=self._reserved("then"))
            if here in {"ADD", "MULTIPLY", "POWER"}:
                return self._at(found, "QD036", fixes=self._in_parentheses(position), sign=self._text(found))
            if here in {"CONNECTOR", "COMPARE", "BETWEEN", "ONE_OF", "NOT"}:
                return self._at(found, "QD020", word=self._text(found))
        if here == "COMPARE" and "CONNECTOR" in expected:
            return self._at(found, "QD037", word=self._text(found), and_=self._reserved("and"))
        if here in _RESERVED and entry in {"field", "entry", "process_entry", ""} and expected & {"COLON", "IS"}:
            return self._reserved_in_name(found)
        if entry in {"field", "entry"} and "COLON" in expected:
            shown = found if self._text(found).strip() or before is None else before
            return self._at(shown, "QD023", found=self._text(shown))
        if here == "OTHERWISE":
            return self._at(found, "QD038", word=self._text(found))
        return None

    def _in_parentheses(self, position: int) -> tuple[Fix, ...]:
        """Parentheses around the calculation at the sign at ``position``, where it is clear what they hold.

        A value before the sign begins there; words begin a value after the one word among them that joins two parts
        of an action, rather than a thing and its owner where the language tells these apart.
        """
        start, end = self._operand_start(self.lexemes[position - 1]), self._calculation_end(position)
        if start is None or end is None:
            return ()
        edits = Edit(Span(start, start), "("), Edit(Span(end, end), ")")
        return (Fix("insert", edits, {"text": f"({self.text[start:end]})"}),)

    def _operand_start(self, operand: Lexeme) -> int | None:
        if operand.terminal == "LITERAL":
            return operand.start
        if operand.terminal != "PHRASE":
            return None
        words = [atom for atom in self.atoms if operand.start <= atom.start and atom.end <= operand.end]
        joined = [(word.key, after.start) for word, after in pairwise(words) if word.key in self.words.joining]
        surely = [start for word, start in joined if word not in self.words.genitives]
        starts = surely or [start for _, start in joined]
        return starts[0] if len(starts) == 1 else None

    def _calculation_end(self, position: int) -> int | None:
        """Where the row of signs and values stops that begins with a sign."""
        depth, end, expects = self.lexemes[position].depth, None, True
        for lexeme in self.lexemes[position + 1 :]:
            if lexeme.depth > depth or lexeme.terminal == "RPAR":
                end, expects = lexeme.end, False
            elif lexeme.terminal in {"ADD", "MULTIPLY", "POWER"}:
                expects = True
            elif expects and lexeme.terminal in _STARTS_OPERAND | {"LPAR"}:
                end, expects = lexeme.end, False
            else:
                break
        return None if expects else end

    def _reserved_in_name(self, found: Lexeme) -> Diagnostic:
        """A name with a reserved word in it stands in brackets."""
        index = next((i for i, atom in enumerate(self.atoms) if atom.start >= found.start), 0)
        first = last = index
        while first > 0 and not self.atoms[first].line_start and self.atoms[first - 1].key not in _NAME_ENDS:
            first -= 1
        while last + 1 < len(self.atoms) and self.atoms[last + 1].key not in _NAME_ENDS:
            if self.atoms[last + 1].line_start:
                break
            last += 1
        if first == 0 and index > 0:
            # The word that opens the declaration is no part of the name.
            first = 1
        articles = self.words.articles
        while first < index and self.atoms[first].key in articles:
            first += 1
        span = Span(self.atoms[first].start, self.atoms[last].end)
        name = self.text[span.start : span.end]
        fix = Fix("replace_by", (Edit(span, f"[{name}]"),), {"text": f"[{name}]"})
        return self._at(found, "QD022", fixes=(fix,), word=self._text(found), name=name)

    # --- anything else --------------------------------------------------------------------------------------------

    def _anything(self, found: Lexeme, expected: frozenset[str]) -> Diagnostic:
        keys: list[str] = []
        for terminal, key in _EXPECTED:
            if terminal in expected and key not in keys:
                keys.append(key)
        if "expected_event" in keys and "expected_value" in keys:
            keys.remove("expected_value")
        if "LITERAL" not in expected:
            keys.extend(key for terminal, key in _SINGLE if terminal in expected)
        if found.terminal == "END" or not self._text(found).strip():
            return self._at(found, "QD039", expected=keys[:_MOST_EXPECTED] or ["expected_nothing"])
        shown = keys[:_MOST_EXPECTED] or ["expected_nothing"]
        return self._at(found, "QD010", found=self._text(found), expected=shown)

    def _wordings(self, group: str) -> list[str]:
        return [self.words.canonical(group, concept) for concept in self.words.tables[group]]

    def _reserved(self, concept: str) -> str:
        return self.words.canonical("reserved", concept)

    def _text(self, lexeme: Lexeme) -> str:
        text = self.text[lexeme.start : lexeme.end]
        return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"

    def _span(self, lexeme: Lexeme) -> Span:
        if lexeme.start == lexeme.end and self.atoms:
            # The end of a text is shown on its last word or sign.
            before = [atom for atom in self.atoms[-1:] if atom.end <= lexeme.end]
            return Span(before[0].start, before[0].end) if before else Span(max(lexeme.start - 1, 0), lexeme.end)
        return Span(lexeme.start, lexeme.end)

    def _at(self, lexeme: Lexeme, code: str, *, fixes: tuple[Fix, ...] = (), **args: Any) -> Diagnostic:
        facts = {name.rstrip("_"): value for name, value in args.items()}
        return Diagnostic(code, self._span(lexeme), facts, fixes=fixes)


_SINGLE: Final = (("TEXT", "expected_text"), ("PHRASE", "expected_name"))
_NAME_ENDS: Final = frozenset("/:=,")
_LONGEST: Final = 60
