"""Formatting rules: the author's lines with canonical words, spaces and indentation, and never another meaning.

A declaration with an error stays as it is. The formatted text is compiled again: a declaration whose meaning changed,
or that would lose a comment, is put back as it was.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence

from . import ir
from .compile import Compilation, ReadSheet, SourceText, compile_sources, no_sheets
from .meaning import changed_declarations
from .page import Page, comments_of, print_page
from .printing import Printer
from .syntax import ParsedDeclaration, ParsedFile
from .typeset import typeset


def format_sources(
    sources: Sequence[SourceText], settings: ir.Settings | None = None, read_sheet: ReadSheet = no_sheets
) -> dict[str, str]:
    """The formatted text of each file by uri; files of the standard vocabulary are only read. Never raises."""
    before = compile_sources(sources, settings, read_sheet, record_forms=True, proposing=False)
    made = {uri: format_file(before, uri) for uri, _ in before.files}
    for _ in range(2):
        after = compile_sources(_with_texts(sources, made), settings, read_sheet, record_forms=True, proposing=False)
        changed = changed_declarations(before, after)
        if not changed:
            return made
        made.update({uri: format_file(before, uri, kept) for uri, kept in changed.items()})
    # What still differs stays as the author wrote it.
    after = compile_sources(_with_texts(sources, made), settings, read_sheet, record_forms=True, proposing=False)
    files = dict(before.files)
    made.update({uri: files[uri].text for uri in changed_declarations(before, after)})
    return made


def _with_texts(sources: Sequence[SourceText], texts: dict[str, str]) -> list[SourceText]:
    return [
        source if source.standard else source._replace(text=texts[source.uri], language=source.language)
        for source in sources
    ]


def format_file(compilation: Compilation, uri: str, kept: Collection[int] = ()) -> str:
    """The formatted text of one file of a compilation with recorded forms.

    ``kept`` are the numbers of declarations that stay as they are, besides those with errors.
    """
    file = dict(compilation.files)[uri]
    return print_page(Page(file, file.language, _printed(compilation, uri, file, file.language, kept)))


def _printed(
    compilation: Compilation, uri: str, file: ParsedFile, target: str, kept: Collection[int] = ()
) -> list[str | None]:
    """Each declaration in a language; ``None`` for one that stays as it is."""
    wrong = _wrong(compilation, uri, file)
    return [
        None if number in kept or number in wrong else print_declaration(compilation, uri, offset, parsed, target)
        for number, (offset, parsed) in enumerate(file.declarations)
    ]


def _wrong(compilation: Compilation, uri: str, file: ParsedFile) -> set[int]:
    """The numbers of the declarations with errors."""
    made: set[int] = set()
    spots = [
        found.diagnostic.span.start
        for found in compilation.diagnostics
        if found.uri == uri and found.diagnostic.severity == "error"
    ]
    for number, (offset, parsed) in enumerate(file.declarations):
        end = offset + len(parsed.text)
        if any(offset <= spot < end or spot == end == len(file.text) for spot in spots):
            made.add(number)
    return made


def print_declaration(
    compilation: Compilation, uri: str, offset: int, parsed: ParsedDeclaration, target: str
) -> str | None:
    """A declaration without the comments above it; ``None`` where a comment inside it would be lost."""
    assert compilation.recorded is not None
    forms = compilation.recorded.forms.get((uri, offset), {})
    made = typeset(Printer(parsed, target, compilation.vocabulary, forms))
    kept = Counter(comments_of(parsed))
    return made if all(made.count(comment) >= count for comment, count in kept.items()) else None


__all__ = ["format_file", "format_sources", "print_declaration"]
