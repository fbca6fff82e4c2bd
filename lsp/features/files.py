"""The files and pages that a text names: sheets beside the rules, addresses; and what a renamed file changes."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from ...dsl.diagnostic import Edit
from ...dsl.node import Node, node
from ...dsl.source import Span
from ...dsl.syntax import ParsedDeclaration, TableDeclaration
from ...dsl.table_options import sheet_of
from ..snapshot import Snapshot

_PAGE: Final = re.compile(r"https?://[^\s\"'«»<>{}()|]*[^\s\"'«»<>{}()|.,;:!?]")
_QUOTES: Final = "'\"«»“”‘’ \u00a0\u202f"


@node
class Link(Node):
    """A stretch of a text that leads somewhere: ``page`` is an address, ``file`` the path of a file."""

    span: Span
    page: str = ""
    file: str = ""


def links(snapshot: Snapshot, uri: str) -> list[Link]:
    """What a file leads to."""
    file = snapshot.parsed(uri)
    return [
        Link(each.span.shifted(start), each.page, each.file)
        for start, parsed in (file.declarations if file is not None else ())
        for each in links_in(uri, parsed)
    ]


def links_in(uri: str, parsed: ParsedDeclaration) -> list[Link]:
    """What a declaration leads to; spans are relative to it."""
    made = [Link(Span(*found.span()), page=found.group()) for found in _PAGE.finditer(parsed.text)]
    named = _sheet(parsed)
    if named is not None and Path(uri).is_absolute():
        name, span = named
        made.append(Link(span, file=os.path.normpath(Path(uri).parent / name)))
    return sorted(made, key=lambda link: link.span)


def _sheet(parsed: ParsedDeclaration) -> tuple[str, Span] | None:
    """The name of the sheet a table takes its rows from, and where it stands between its quotation marks."""
    table = parsed.declaration
    named = sheet_of(parsed.language, table.options) if isinstance(table, TableDeclaration) else None
    if named is None:
        return None
    name, span = named
    written = parsed.text[span.start : span.end]
    inner = written.strip(_QUOTES)
    start = span.start + written.find(inner)
    return name, Span(start, start + len(inner))


def edits_of_renaming(snapshot: Snapshot, old: Path, new: Path) -> Mapping[str, Sequence[Edit]]:
    """The edits, by file, after which what named a file names it by its new path; a folder is renamed with its files.

    A table can only name what stands beside its rules or below; one whose sheet moves elsewhere is left alone.
    """
    made: dict[str, list[Edit]] = {}
    for file in snapshot.files:
        parsed = snapshot.parsed(file.uri)
        here = Path(file.uri)
        if parsed is None or not here.is_absolute():
            continue
        after = _after(here, old, new)
        for start, declaration in parsed.declarations:
            named = _sheet(declaration)
            if named is None:
                continue
            sheet = here.parent / named[0]
            moved = Path(os.path.relpath(_after(sheet, old, new), after.parent))
            if moved.as_posix() != named[0] and ".." not in moved.parts:
                made.setdefault(file.uri, []).append(Edit(named[1].shifted(start), moved.as_posix()))
    config = snapshot.config.path
    if config is not None:
        edits = _in_configuration(snapshot, Path(config), old, new)
        if edits:
            made[str(config)] = edits
    return made


def _after(path: Path, old: Path, new: Path) -> Path:
    """Where a file is after the renaming."""
    if path == old:
        return new
    return new / path.relative_to(old) if old in path.parents else path


def _in_configuration(snapshot: Snapshot, config: Path, old: Path, new: Path) -> list[Edit]:
    """The names of files in the configuration that are others now."""
    try:
        text = config.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return []
    snapshot.show(str(config), text)
    made: list[Edit] = []
    for path in snapshot.config.vocabulary:
        moved = _after(path, old, new)
        if moved == path:
            continue
        name = Path(os.path.relpath(path, config.parent)).as_posix()
        for quote in "\"'":
            at = text.find(f"{quote}{name}{quote}")
            if at >= 0:
                named = Path(os.path.relpath(moved, config.parent)).as_posix()
                made.append(Edit(Span(at + 1, at + 1 + len(name)), named))
    return made
