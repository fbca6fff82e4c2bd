"""Every golden case survives the formatter and the translation, there and back, with the same meaning."""

from __future__ import annotations

from collections.abc import Iterator
from difflib import ndiff

import pytest
from golden_format import Case, config_of, read_cases, sampled

from quand.dsl import ir
from quand.dsl.compile import Compilation, SourceText, compile_sources
from quand.dsl.format import format_file
from quand.dsl.ir_json import to_json
from quand.dsl.messages import languages
from quand.dsl.translate import translate_file
from quand.project.compile import standard_sources

CASES = [case for case in read_cases() if not case.pending and "events" in case.blocks]
URI = "case.rules"


@pytest.mark.parametrize("case", [pytest.param(case, id=case.name) for case in CASES])
def test_a_case_survives_formatting_and_translation(case: Case) -> None:
    settings = config_of(case).settings
    wrong = [line for language in sampled(case) for line in differences(case.blocks[language], language, settings)]
    option = case.options.get("pending-text")
    if option:
        assert wrong, f"no longer wrong, unmark it: {option}"
    elif wrong:
        pytest.fail("\n".join(wrong), pytrace=False)


def differences(text: str, language: str, settings: ir.Settings) -> Iterator[str]:
    """What formatting a text in a language, and translating it, does wrong."""
    (other,) = (name for name in languages() if name != language)
    read = compiled(text, settings)
    formatted, there = format_file(read, URI), translate_file(read, URI, other)
    again = compiled(formatted, settings)
    if meaning(again) != meaning(read):
        yield f"formatting ({language}) changes the meaning:\n{formatted}"
    yield from unlike(f"formatting twice ({language})", formatted, format_file(again, URI))
    translated = compiled(there, settings)
    if meaning(translated) != meaning(read):
        yield f"translating to {other} changes the meaning:\n{there}"
        return
    yield from unlike(f"formatting a translation to {other}", there, format_file(translated, URI))
    back = compiled(translate_file(translated, URI, language), settings)
    if meaning(back) != meaning(read):
        yield f"translating back to {language} changes the meaning"
    # What only one language tells apart may go the first time, never the second.
    yield from unlike(f"translating there, back and there ({language})", there, translate_file(back, URI, other))


def unlike(what: str, one: str, other: str) -> Iterator[str]:
    """The lines that two texts do not share."""
    if one != other:
        shown = [line for line in ndiff(one.splitlines(), other.splitlines()) if line[0] in "+-"]
        yield "\n".join([f"{what} differs:", *shown])


def compiled(text: str, settings: ir.Settings) -> Compilation:
    return compile_sources([*standard_sources(), SourceText(URI, text)], settings, record_forms=True)


def meaning(compilation: Compilation) -> str | None:
    """The program as JSON; ``None`` where there are errors."""
    return None if compilation.program is None else to_json(compilation.program)
