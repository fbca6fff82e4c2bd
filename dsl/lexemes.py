"""What the lexer hands to the parser, and what it knows between one pair of brackets."""

from __future__ import annotations

from typing import Any

from .modes import Mode
from .scanner import Atom


class Lexeme:
    """A terminal of the grammar with its value and place; ``depth`` is the number of open brackets around it."""

    __slots__ = ("depth", "end", "start", "terminal", "value")

    def __init__(self, terminal: str, value: Any, start: int, end: int, depth: int) -> None:
        self.terminal = terminal
        self.value = value
        self.start = start
        self.end = end
        self.depth = depth

    def __repr__(self) -> str:
        return f"{self.terminal}:{self.value!r}"


class Frame:
    """What is going on between one pair of brackets.

    ``pending`` are the constructs whose second word is awaited: ``between pair if then goes range``. ``filter`` is
    true between ``dont`` and its comparison, ``comparing`` where a trigger holds a condition, ``listing`` in a list
    of values, ``assigning`` where ``=`` assigns, ``verb`` where the trigger has had its verb. ``first`` is the number
    of terminals before the trigger, ``opening`` the bracket, ``closing`` the terminal of the one that closes.
    ``base`` is how deep the bracket stands in the tree, ``weight`` what operations add to it, ``lasting`` what
    conditionals add, which a connector does not end.
    """

    __slots__ = (
        *("assigning", "closing", "comparing", "filter", "first", "kind", "listing", "mode", "opening", "pending"),
        *("base", "lasting", "rows", "verb", "weight"),
    )

    def __init__(self, mode: Mode, kind: str = "", opening: Atom | None = None, closing: str = "RPAR") -> None:
        self.mode = mode
        self.kind = kind
        self.opening = opening
        self.closing = closing
        self.rows = 0
        self.base = 0
        self.lasting = 0
        self.weight = 0
        self.first = 0
        self.reset()

    def reset(self) -> None:
        """Forget what belongs to one action, trigger or entry."""
        self.pending: list[str] = []
        self.filter = False
        self.comparing = False
        self.listing = False
        self.assigning = False
        self.verb = ""


def documentation_in(trivia: str) -> str:
    """The text of the last block of ``##`` comments in what stands before a declaration or a field."""
    if "##" not in trivia:
        return ""
    lines: list[str] = []
    for line in trivia.splitlines():
        stripped = line.strip()
        if stripped.startswith("##"):
            lines.append(stripped[2:].strip())
        elif stripped:
            lines.clear()
    return "\n".join(lines)
