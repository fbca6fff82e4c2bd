"""Translating rules: the same declarations, lines and comments in another language, with the same meaning."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

from . import ir
from .compile import Compilation, ReadSheet, SourceText, compile_sources, no_sheets
from .meaning import changed_declarations
from .outline import detect_language
from .page import Page, comments_of, language_comment, print_page
from .printing import Printer
from .syntax import ParsedDeclaration
from .typeset import typeset


class Translation(NamedTuple):
    """``text`` is ``None`` where the source has errors, which ``compilation`` tells.

    ``changed`` are the offsets in the source of declarations that the language cannot say with the same meaning.
    """

    text: str | None
    compilation: Compilation
    changed: tuple[int, ...] = ()


def translate_source(
    sources: Sequence[SourceText],
    uri: str,
    target: str,
    settings: ir.Settings | None = None,
    read_sheet: ReadSheet = no_sheets,
) -> Translation:
    """One file of a project in the language ``target``. The other files stay in theirs."""
    before = compile_sources(sources, settings, read_sheet, record_forms=True)
    if before.program is None:
        return Translation(None, before)
    text = translate_file(before, uri, target)
    renewed = [each._replace(text=text, language=target) if each.uri == uri else each for each in sources]
    after = compile_sources(renewed, settings, read_sheet, record_forms=True, proposing=False)
    changed = changed_declarations(before, after).get(uri, set())
    declarations = dict(before.files)[uri].declarations
    return Translation(text, before, tuple(declarations[number][0] for number in sorted(changed)))


def translate_file(compilation: Compilation, uri: str, target: str) -> str:
    """The text of one file of a compilation without errors and with recorded forms, in the language ``target``."""
    file = dict(compilation.files)[uri]
    printed = [_printed(compilation, uri, offset, parsed, target) for offset, parsed in file.declarations]
    text = print_page(Page(file, target, printed))
    if detect_language(text, file.language) != target:
        text = f"{language_comment(target)}\n{text}"
    return text


def _printed(compilation: Compilation, uri: str, offset: int, parsed: ParsedDeclaration, target: str) -> str:
    """A declaration in a language; comments that found no place in it stand above it."""
    assert compilation.recorded is not None
    forms = compilation.recorded.forms.get((uri, offset), {})
    made = typeset(Printer(parsed, target, compilation.vocabulary, forms))
    lost = [
        comment for comment, count in Counter(comments_of(parsed)).items() for _ in range(count - made.count(comment))
    ]
    return "\n".join([*lost, made])


__all__ = ["Translation", "translate_file", "translate_source"]
