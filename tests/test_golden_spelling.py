"""Every golden case means the same however it is typed: case, accents, apostrophes, spaces, ends of lines, comments."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable

import pytest
from golden_format import Case, config_of, read_cases, sampled

from quand.dsl.ir_json import to_json
from quand.project.compile import load_text

CASES = [
    case for case in read_cases() if not case.pending and "events" in case.blocks and "as-typed" not in case.options
]
DECLARATION = re.compile(r"^(objet|événement|définir|action|table|object|event|define) ", re.MULTILINE)
TEXT = re.compile(r"""("(?:\\.|[^"\\])*"|«[^»]*»|(?<!\w)'(?:\\.|[^'\n\\]|(?<=\w)'(?=\w))*'|\[[^]]*\])""")
WORD = re.compile(r"[^\W\d_]{3,}")
KEPT = frozenset({"où", "dû", "dès"})


def outside_texts(change: Callable[[str], str], text: str) -> str:
    """A text with a change made everywhere but inside text values and brackets."""
    return "".join(part if number % 2 else change(part) for number, part in enumerate(TEXT.split(text)))


def retyped(words: str) -> str:
    """Words with capitals, without accents, with typographic apostrophes."""
    words = re.sub(r"(?<=\w)'", "’", words)
    return WORD.sub(lambda found: found[0] if found[0] in KEPT else unaccented(found[0]).title(), words)


def unaccented(word: str) -> str:
    return "".join(each for each in unicodedata.normalize("NFD", word) if not unicodedata.combining(each))


def respaced(words: str) -> str:
    """Words with wide, or no-break, spaces between them."""
    words = re.sub(r"(?<=\w) (?=[^\W\d])", "  ", words)
    return re.sub(r"(?<=,) ", "\u00a0", words)


@pytest.mark.parametrize("case", [pytest.param(case, id=case.name) for case in CASES])
def test_a_case_means_the_same_however_it_is_typed(case: Case) -> None:
    config = config_of(case)
    for language in sampled(case):
        text = case.blocks[language]
        typed = outside_texts(respaced, text)
        if not DECLARATION.search(text):
            typed = outside_texts(retyped, typed)
        typed = re.sub(r"$", "   # et ou alors", typed, flags=re.MULTILINE).replace("\n", "\r\n")
        meant, program = load_text(text, config=config).program, load_text(typed, config=config).program
        assert meant is not None
        assert program is not None, typed
        assert to_json(program) == to_json(meant), typed
