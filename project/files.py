"""The files of a project: from the paths a person gives to texts, or to a diagnostic where a file is no text."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from ..dsl.diagnostic import Diagnostic
from ..dsl.node import Node, node
from ..dsl.source import Span
from .errors import ProjectError
from .paths import STDIN, find_files

MAX_BYTES = 10 * 1024 * 1024
"""A larger file is not a file of rules; reading it would only take long."""


@node
class RulesFile(Node):
    """A file as read: ``uri`` is the path as the person gave it (``-`` is standard input).

    Where it is not text, ``text`` is what could be decoded and ``diagnostics`` say what is wrong.
    """

    uri: str
    text: str
    diagnostics: tuple[Diagnostic, ...] = ()


def read_files(paths: Sequence[str]) -> list[RulesFile]:
    """The ``.rules`` files of these paths (files, folders, ``-``), each once, folders in alphabetical order.

    Raises :class:`ProjectError` for a path that does not exist or cannot be opened, and for a folder without rules.
    """
    return [read_file(found) for found in find_files(paths)]


def read_file(path: str) -> RulesFile:
    """The text of one file. Raises :class:`ProjectError` where it cannot be opened."""
    if path == STDIN:
        return decode(STDIN, sys.stdin.buffer.read(MAX_BYTES + 1))
    try:
        with Path(path).open("rb") as stream:
            return decode(path, stream.read(MAX_BYTES + 1))
    except OSError as error:
        raise ProjectError.of("cannot_read", error, path) from error


def decode(uri: str, content: bytes) -> RulesFile:
    """A file's text, or the diagnostic that says why it is not one."""
    if len(content) > MAX_BYTES:
        diagnostic = Diagnostic("QD002", Span(0, 0), {"limit": MAX_BYTES // (1024 * 1024)})
        return RulesFile(uri, "", (diagnostic,))
    try:
        return RulesFile(uri, content.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        # `utf-8-sig` counts from after the mark at the start of the file
        mark = 3 if content.startswith(b"\xef\xbb\xbf") else 0
        start = error.start + mark
        text = content[mark:].decode("utf-8", "replace")
        offset = len(content[mark:start].decode("utf-8", "replace"))
        diagnostic = Diagnostic(
            "QD001",
            Span(offset, offset + 1),
            {"byte": f"0x{content[start]:02X}", "offset": start + 1},
        )
        return RulesFile(uri, text, (diagnostic,))
