"""Parsing a text that was parsed a moment ago: only what changed is split and read again."""

from __future__ import annotations

from typing import NamedTuple

from .diagnostic import Diagnostic
from .outline import Split, detect_language, split_again
from .parser import parse_declaration
from .syntax import InvalidSyntax, ParsedDeclaration, ParsedFile


class Parsed(NamedTuple):
    """A parsed file, how it was split, and each piece of it."""

    file: ParsedFile
    asked: tuple[str | None, str]
    split: Split
    pieces: list[ParsedDeclaration]


def parse_again(text: str, language: str | None, default: str, before: Parsed | None) -> Parsed:
    """Parse a file as :func:`~.parser.parse_file` does; ``before`` is what came of an earlier state of it."""
    asked = (language, default)
    if before is not None and before.asked == asked and before.file.text == text:
        return before
    if language is None:
        language = detect_language(text, default)
    made = split_again(text, language, before.split if before is not None else None)
    starts = made.starts
    ends = [*starts[1:], len(text)]
    pieces: list[ParsedDeclaration] = []
    if before is None or before.split.language != language:
        pieces = [parse_declaration(text[start:end], language) for start, end in zip(starts, ends, strict=True)]
    else:
        pieces = _kept(text, language, starts, ends, before)
    declarations: list[tuple[int, ParsedDeclaration]] = []
    diagnostics: list[Diagnostic] = []
    for start, parsed in zip(starts, pieces, strict=True):
        if parsed.diagnostics:
            diagnostics.extend(p.shifted(start) for p in parsed.diagnostics if isinstance(p, Diagnostic))
        elif isinstance(parsed.declaration, InvalidSyntax):
            # Comments alone, in a file without any declaration.
            continue
        declarations.append((start, parsed))
    return Parsed(ParsedFile(text, language, tuple(declarations), tuple(diagnostics)), asked, made, pieces)


def _kept(text: str, language: str, starts: list[int], ends: list[int], before: Parsed) -> list[ParsedDeclaration]:
    """The pieces of a text; those at both ends that are the same as before are not read again."""
    old = before.pieces
    most = min(len(old), len(starts))
    head = 0
    while (
        head < most
        and ends[head] - starts[head] == len(old[head].text)
        and text.startswith(old[head].text, starts[head])
    ):
        head += 1
    tail = 0
    while (
        tail < most - head
        and ends[-1 - tail] - starts[-1 - tail] == len(old[-1 - tail].text)
        and text.startswith(old[-1 - tail].text, starts[-1 - tail])
    ):
        tail += 1
    between = range(head, len(starts) - tail)
    return [
        *old[:head],
        *(parse_declaration(text[starts[number] : ends[number]], language) for number in between),
        *old[len(old) - tail :],
    ]
