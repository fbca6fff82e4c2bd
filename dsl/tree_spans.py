"""Where nodes and terminals stand, while the tree is built."""

from __future__ import annotations

from typing import Any

from .lexemes import Lexeme
from .source import Span


def plain(item: Any) -> Any:
    """The node of a terminal that stands for one."""
    return item.value if isinstance(item, Lexeme) else item


def covering(first: Any, last: Any) -> Span:
    """From the start of one node or terminal to the end of another."""
    start = first.start if isinstance(first, Lexeme) else first.span.start
    end = last.end if isinstance(last, Lexeme) else last.span.end
    return Span(start, end)


def here(lexeme: Lexeme) -> Span:
    return Span(lexeme.start, lexeme.end)


def last_of(first: Any, *lists: list[Any]) -> Any:
    """The last node of some lists that follow one another."""
    for nodes in reversed(lists):
        if nodes:
            return nodes[-1]
    return first
