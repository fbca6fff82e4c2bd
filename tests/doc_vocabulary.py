"""The pages of the standard vocabulary, made from ``stdlib/*.rules`` and the words of ``docs/vocabulary.toml``.

The files are written in one language; the other page is made from their translation.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from quand.dsl.compile import SourceText
from quand.dsl.lexicon import languages, lexicon
from quand.dsl.translate import translate_source
from quand.project.compile import standard_sources

DOCS = Path(__file__).parent.parent / "docs"
KINDS = ("object", "event", "action")
_TABLE = "| --- | --- | --- | --- |"


class Entry(NamedTuple):
    """A declaration, or a line of one: its text with both names and type, and what is said about it."""

    text: str
    note: str
    lines: tuple[Entry, ...] = ()


def page(language: str) -> tuple[Path, str]:
    """Where the page of a language is, and what it should say."""
    words = tomllib.loads((DOCS / "vocabulary.toml").read_text(encoding="utf-8"))[language]
    found = {kind: list[Entry]() for kind in KINDS}
    for source in standard_sources():
        for kind, entry in _entries(_in_language(source, language), language):
            found[kind].append(entry)
    parts = [words["opening"].strip()]
    for kind in KINDS:
        parts.append(words[f"{kind}s"])
        heading = words["arguments" if kind == "action" else "fields"]
        for entry in found[kind]:
            parts += _shown(entry, heading)
    return DOCS / f"vocabulary.{language}.md", "\n\n".join(parts) + "\n"


def _in_language(source: SourceText, language: str) -> str:
    sources = [SourceText(source.uri, source.text) if each is source else each for each in standard_sources()]
    text = translate_source(sources, source.uri, language).text
    assert text is not None, source.uri
    return text


def _entries(text: str, language: str) -> Iterator[tuple[str, Entry]]:
    """The declarations of a file and their kinds."""
    openers = lexicon(language).tables["keywords"]["openers"]
    kinds = {openers[kind][0]: kind for kind in KINDS}
    for declaration in re.split(r"\n\n+", text):
        note, kind, heading, about, lines = "", "", "", "", list[Entry]()
        for line in declaration.splitlines():
            first, _, rest = line.strip().partition(" ")
            if first == "##":
                note = _half(rest, language)
            elif first == "#" or not rest:
                continue
            elif not line.startswith(" ") and first in kinds:
                kind, heading, about = kinds[first], rest, note
                note = ""
            else:
                lines.append(Entry(line.strip(), note))
                note = ""
        if kind:
            yield kind, Entry(heading, about, tuple(lines))


def _half(documentation: str, language: str) -> str:
    """The part of a documentation in one language: they stand in the order of ``fr / en``."""
    parts = documentation.split(" / ")
    order = [*reversed(languages())]
    return parts[order.index(language)] if len(parts) == len(order) else documentation


def _shown(entry: Entry, heading: str) -> Iterator[str]:
    yield f"### {entry.text}"
    if entry.note:
        yield entry.note
    rows: list[str] = []
    for line in entry.lines:
        names, colon, type_ = line.text.partition(":")
        if colon:
            own, _, other = names.partition(" / ")
            rows.append(f"| {own.strip()} | {other.strip()} | {type_.strip()} | {line.note} |")
        else:
            yield f"`{line.text}`"
    if rows:
        yield "\n".join([heading, _TABLE, *rows])
