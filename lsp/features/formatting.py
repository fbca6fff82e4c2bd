"""Formatting a file, or some lines of it, as small edits; and translating it."""

from __future__ import annotations

from difflib import SequenceMatcher

from ...dsl.compile import compile_sources
from ...dsl.diagnostic import Edit
from ...dsl.format import format_file
from ...dsl.lexicon import languages
from ...dsl.meaning import changed_declarations
from ...dsl.source import Span
from ...dsl.translate import translate_source
from ..document import split_lines
from ..snapshot import Snapshot

_MOST_TRIES = 2


def formatting(snapshot: Snapshot, uri: str) -> list[Edit]:
    """The edits that format a file; none where formatting would change what its rules mean."""
    before = snapshot.text(uri)
    return edits_between(before, _formatted(snapshot, uri))


def range_formatting(snapshot: Snapshot, uri: str, span: Span) -> list[Edit]:
    """The edits of :func:`formatting` in the declarations that a range touches."""
    file = snapshot.parsed(uri)
    if file is None:
        return []
    low, high = span
    for start, parsed in file.declarations:
        end = start + len(parsed.text)
        if start <= span.start < end:
            low = min(low, parsed.declaration.span.start + start)
        if start < span.end <= end:
            high = max(high, end)
    return [edit for edit in formatting(snapshot, uri) if low <= edit.span.start and edit.span.end <= high]


def translation(snapshot: Snapshot, uri: str) -> dict[str, str]:
    """A file in the other languages; empty where it has errors."""
    made: dict[str, str] = {}
    own = snapshot.language(uri)
    for language in languages():
        if language == own:
            continue
        found = translate_source(snapshot.sources, uri, language, snapshot.config.settings, snapshot.sheets)
        if found.text is not None and not found.changed:
            made[language] = found.text
    return made


def translated(snapshot: Snapshot, uri: str, language: str) -> list[Edit] | None:
    """The edits that put a file into another language; ``None`` where that cannot be done."""
    text = translation(snapshot, uri).get(language)
    before = snapshot.text(uri)
    return [Edit(Span(0, len(before)), text)] if text is not None else None


def edits_between(before: str, after: str) -> list[Edit]:
    """Edits of whole lines that turn one text into another."""
    if before == after:
        return []
    old, new = split_lines(before), split_lines(after)
    offsets = [0]
    for line in old:
        offsets.append(offsets[-1] + len(line))
    made: list[Edit] = []
    for kind, first, last, low, high in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if kind != "equal":
            made.append(Edit(Span(offsets[first], offsets[last]), "".join(new[low:high])))
    return made


def _formatted(snapshot: Snapshot, uri: str) -> str:
    """The formatted text of a file; a declaration whose meaning would change stays as it is."""
    before = snapshot.compilation
    if snapshot.parsed(uri) is None:
        return snapshot.text(uri)
    kept: set[int] = set()
    for _ in range(_MOST_TRIES):
        made = format_file(before, uri, kept)
        sources = [
            source._replace(text=made, language=source.language) if source.uri == uri else source
            for source in snapshot.sources
        ]
        after = compile_sources(sources, snapshot.config.settings, snapshot.sheets, record_forms=True, proposing=False)
        changed = changed_declarations(before, after)
        if not changed:
            return made
        if uri not in changed:
            break
        kept |= changed[uri]
    return snapshot.text(uri)
