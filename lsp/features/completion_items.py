"""What completion proposes, before it is fitted into the text."""

from __future__ import annotations

from typing import Any

import attrs

from ...dsl.node import Node, node

VALUE, ARGUMENT, ACTION, NAME, OBJECT, KEYWORD, FUNCTION, SNIPPET = "0", "1", "2", "3", "4", "5", "6", "7"
"""How likely a proposal is, the likeliest first."""


@node
class Item(Node):
    """A proposal. ``kind``: ``value argument action field computed object event global function constant type keyword
    snippet``. ``back`` is how many characters before the word that is being written it replaces as well."""

    label: str
    kind: str
    rank: str = NAME
    text: str = ""
    snippet: bool = False
    detail: str = ""
    documentation: str = ""
    filter: str = ""
    back: int = 0

    def but(self, **changes: Any) -> Item:
        """The same proposal with some parts changed."""
        return attrs.evolve(self, **changes)


def hole(number: int, text: str) -> str:
    """A place of a snippet that is to be filled."""
    return f"${{{number}:{escaped(text)}}}"


def escaped(text: str) -> str:
    """A text as it is inside a snippet."""
    return text.replace("\\", "\\\\").replace("$", "\\$").replace("}", "\\}")
