"""Texts with a mark where the cursor is, and the project around them, for tests of the editor's features."""

from __future__ import annotations

from typing import NamedTuple

from quand.lsp.snapshot import Snapshot
from quand.lsp.workspace import Workspace

MARK = "▮"
NAME = "untitled:rules"


class Here(NamedTuple):
    """A text without its mark, the project it is in, and the offset where the mark stood."""

    snapshot: Snapshot
    text: str
    offset: int

    def shown(self, span: tuple[int, int]) -> str:
        """What stands in a span of the text."""
        return self.text[span[0] : span[1]]


def here(marked: str) -> Here:
    """The place of the mark in a text, or its start where there is none."""
    offset = max(marked.find(MARK), 0)
    text = marked.replace(MARK, "")
    workspace = Workspace()
    workspace.open(NAME, text, 1)
    return Here(workspace.snapshot(NAME), text, offset)


def applied(text: str, edits: list[tuple[tuple[int, int], str]]) -> str:
    """A text after edits, none of which overlap."""
    for (start, end), new in sorted(edits, reverse=True):
        text = text[:start] + new + text[end:]
    return text
