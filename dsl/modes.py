"""The modes of the lexer: which groups of keywords count where, and what a line break or a connector means there."""

from __future__ import annotations

from typing import Final


class Mode:
    """What holds at one place of a declaration.

    ``groups`` are the groups of keywords that count. ``comparable`` allows comparisons, ``logic`` makes ``et`` and
    ``ou`` connectors of conditions. ``newline`` is the terminal of a significant line break (none inside brackets),
    ``arguments`` allows ``, name = value``, ``slash`` makes ``/`` stand between two names.
    """

    __slots__ = ("arguments", "comparable", "groups", "logic", "name", "newline", "slash")

    def __init__(
        self,
        name: str,
        groups: tuple[str, ...],
        *,
        comparable: bool = False,
        logic: bool = False,
        newline: str = "",
        arguments: bool = False,
        slash: bool = False,
    ) -> None:
        self.name = name
        self.groups = groups
        self.comparable = comparable
        self.logic = logic
        self.newline = newline
        self.arguments = arguments
        self.slash = slash


_VALUE = ("reserved", "pairs")
COMPARING: Final = ("set_phrases", "compare", "tests")
_TEST = (*_VALUE, *COMPARING)

HEADER: Final = Mode("header", ("reserved", "trigger"), slash=True)
ATTRIBUTES: Final = Mode("attributes", ("reserved", "attributes", "attribute_parts"))
TRIGGER: Final = Mode("trigger", (*_VALUE, "trigger", "trigger_parts"))
CONDITION: Final = Mode("condition", _TEST, comparable=True, logic=True)
GROUP: Final = Mode("group", _TEST, comparable=True, logic=True)
ACTIONS: Final = Mode("actions", (*_VALUE, "actions", "mistakes"), newline="SEPARATOR", arguments=True)
UNLESS: Final = Mode("unless", _TEST, comparable=True, logic=True, newline="SEPARATOR")
COLLECTION: Final = Mode("collection", _VALUE, newline="SEPARATOR")
BODY: Final = Mode("body", _TEST, comparable=True, logic=True)
HOLE: Final = Mode("hole", _TEST, comparable=True, logic=True)

NAMES: Final = Mode("names", ("reserved", "settings"), newline="ENTRY", slash=True)
TYPE: Final = Mode("type", ("reserved", "types"), newline="ENTRY", slash=True)
OPTIONS: Final = Mode("options", (*_VALUE, "options"), newline="ENTRY")
DEFAULT: Final = Mode("default", _TEST, comparable=True, logic=True, newline="ENTRY")
DEFINITION: Final = Mode("definition", ("reserved",), slash=True)
PATTERN: Final = Mode("pattern", ("reserved",), newline="ENTRY", slash=True)
HOLE_NAME: Final = Mode("hole_name", ("reserved",))
HOLE_TYPE: Final = Mode("hole_type", ("reserved", "types"), slash=True)
SETTING: Final = Mode("setting", ("reserved", "settings"))

TABLE: Final = Mode("table", ("reserved",), slash=True)
TABLE_TYPE: Final = Mode("table_type", ("reserved", "types"), slash=True)
TABLE_OPTIONS: Final = Mode("table_options", _VALUE)
COLUMNS: Final = Mode("columns", _VALUE)
CELLS: Final = Mode("cells", (*_TEST, "cells"), comparable=True)

EXAMPLE: Final = Mode("example", ("reserved", "examples"), newline="SEPARATOR", slash=True)
GIVEN: Final = Mode("given", (*_VALUE, "examples"), newline="SEPARATOR", arguments=True)
STEP_WHEN: Final = Mode(
    "step_when", (*_VALUE, "trigger", "trigger_parts", "examples"), newline="SEPARATOR", arguments=True
)
EXPECTATIONS: Final = Mode(
    "expectations", (*_TEST, "actions", "examples"), comparable=True, newline="SEPARATOR", arguments=True
)

PROCESS: Final = Mode("process", ("reserved", "process"), newline="ENTRY", slash=True)
PROCESS_ENTRY: Final = Mode("process_entry", ("reserved", "process"), newline="ENTRY")
PROPERTIES: Final = Mode("properties", (*_VALUE, "stages"), newline="ENTRY")

NAMED: Final = frozenset({NAMES, DEFINITION, PATTERN, HOLE_NAME, TABLE, PROCESS})
TRIGGERS: Final = frozenset({TRIGGER, STEP_WHEN})
ROWS: Final = frozenset({COLUMNS, CELLS})
EXAMPLES: Final = frozenset({EXAMPLE, GIVEN, STEP_WHEN, EXPECTATIONS})
TYPES: Final = frozenset({TYPE, TABLE_TYPE, HOLE_TYPE})
FIELDS: Final = frozenset({NAMES, TYPE, OPTIONS, DEFAULT, PATTERN})
PROCESSES: Final = frozenset({PROCESS, PROCESS_ENTRY, PROPERTIES})

OPERAND_END: Final = frozenset(
    {
        *("PHRASE", "NAME", "LITERAL", "TEXT", "RPAR", "BLOCK_CLOSE", "CLOSE_ATTRIBUTES", "OPTION", "NONE"),
        *("RBRACE", "OPTIONAL", "PROPERTY", "ATTRIBUTE", "ROW_END", "CHANGES", "WITH_TABLE"),
    }
)
"""The terminals that can end an entry; after any other the line goes on."""

VALUE_START: Final = frozenset(
    {
        *("", "ASSIGN", "IS", "LPAR", "THEN_VALUE", "OTHERWISE_VALUE", "DEFAULT", "BECOMES", "BAR", "ROW_START"),
        *("HEADER_START", "CELL_COMMA", "PROPERTY", "OTHERWISE", "CELL_NOT"),
    }
)
"""The terminals after which ``si`` is a value with ``alors`` and ``sinon``."""

OPERATORS: Final = frozenset({"COMPARE", "FILTER_COMPARE", "ADD", "MULTIPLY", "POWER"})

TEST_START: Final = frozenset(
    {*("", "CONDITION", "CONNECTOR", "NOT", "IF", "LPAR", "IS", "DEFAULT", "UNLESS", "WHERE", "THEN", "SEPARATOR")}
    | {"STAYS_IN", "SATISFY", "THEN_VALUE", "NEVER"}
)
"""The terminals after which ``non`` negates what follows."""

CELL_START: Final = frozenset({"ROW_START", "BAR", "CELL_COMMA", "CELL_NOT", ""})
"""The terminals after which a test of a cell starts."""

NESTING: Final = frozenset({"ADD", "MULTIPLY", "POWER", "NOT", "WHERE", "PAIR", "SATISFY", "IF", "FOR_EACH"})
"""The terminals that make the tree deeper by one."""

LIGHTENING: Final = frozenset(
    {
        *("CONNECTOR", "SEPARATOR", "ARGUMENT_COMMA", "ENTRY", "THEN", "OTHERWISE", "CONDITION", "TRIGGER_OR", "BAR"),
        *("CELL_COMMA", "ROW_START", "HEADER_START", "GIVEN", "WHEN", "STEP_AND", "OPTION_COMMA", "PROPERTY_COMMA"),
    }
)
"""The terminals after which the tree is as deep again as at the opening bracket."""
