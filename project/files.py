"""The files of a project: from the paths a person gives to texts, or to a diagnostic where a file is no text."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from ..dsl.diagnostic import Diagnostic
from ..dsl.node import Node, node
from ..dsl.source import Span
from .errors import ProjectError

SUFFIX = ".rules"
STDIN = "-"
MAX_BYTES = 10 * 1024 * 1024
"""A larger file is not a file of rules; reading it would only take long."""

_SKIPPED_FOLDERS = frozenset({"node_modules", "__pycache__"})


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
    files: list[RulesFile] = []
    seen: set[str] = set()
    for path in paths:
        for found in expand(path):
            identity = found if found == STDIN else os.path.realpath(found)
            if identity not in seen:
                seen.add(identity)
                files.append(read_file(found))
    return files


def expand(path: str) -> list[str]:
    """The files that a path stands for. Raises :class:`ProjectError`."""
    if path == STDIN:
        return [STDIN]
    place = Path(path)
    if place.is_dir():
        found = [str(file) for file in _search(place)]
        if not found:
            raise ProjectError("folder_without_rules", file=path)
        return found
    if not place.exists():
        near = _near(place)
        if near:
            raise ProjectError("no_such_file_near", file=path, near=near)
        raise ProjectError("no_such_file", file=path)
    return [path]


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


def _search(folder: Path) -> Iterator[Path]:
    """The ``.rules`` files under a folder, hidden folders left out, links to folders not followed."""
    for root, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith(".") and name not in _SKIPPED_FOLDERS)
        for name in sorted(names):
            if name.endswith(SUFFIX) and not name.startswith("."):
                yield Path(root, name)


def _near(path: Path) -> str | None:
    """A file or folder beside a missing one, with a name much like it."""
    # only for a message about a missing file
    from difflib import get_close_matches

    try:
        names: Iterable[str] = os.listdir(path.parent)  # noqa: PTH208 - names only, once
    except OSError:
        return None
    near = get_close_matches(path.name, list(names), 1)
    return str(path.parent / near[0]) if near else None
