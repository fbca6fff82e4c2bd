"""What holds for every program and every text: both skins mean the same, order does not matter, nothing is lost."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from source_programs import Twin, programs

from quand.dsl.compile import Compilation, SourceText, compile_sources
from quand.dsl.ir_json import to_json
from quand.dsl.messages import languages, render
from quand.dsl.parser import parse_file
from quand.project.compile import standard_sources

CORPUS = (Path(__file__).parent / "corpus" / "language.md").read_text(encoding="utf-8")


def compile_texts(*texts: str) -> Compilation:
    named = [SourceText(f"{number}.rules", text) for number, text in enumerate(texts)]
    return compile_sources([*standard_sources(), *named])


def ir_of(*texts: str) -> str:
    compilation = compile_texts(*texts)
    assert compilation.program is not None, [f.diagnostic for f in compilation.errors]
    return to_json(compilation.program)


@given(programs())
def test_both_skins_compile_to_the_same_ir_byte_for_byte(program: list[Twin]) -> None:
    french = ir_of("\n".join(rule.fr for rule in program))
    english = ir_of("\n".join(rule.en for rule in program))
    assert french == english


@given(programs(), st.randoms(use_true_random=False))
def test_the_order_of_rules_and_files_means_nothing(program: list[Twin], chance: random.Random) -> None:
    texts = [rule.fr for rule in program]
    shuffled = list(texts)
    chance.shuffle(shuffled)
    together = ir_of("\n".join(texts))
    assert ir_of("\n".join(shuffled)) == together
    assert ir_of(*shuffled) == together


@given(programs(1), st.randoms(use_true_random=False))
def test_one_project_mixes_languages(program: list[Twin], chance: random.Random) -> None:
    texts = [chance.choice(rule) for rule in program]
    assert ir_of(*texts) == ir_of(*(rule.en for rule in program))


LONG = 4_000


@pytest.mark.parametrize(
    "text",
    [
        "quand une affaire est créée et " + "nom de " * LONG + " > 5 alors journaliser 'x'",
        "quand une affaire est créée et " + "a " * LONG + " > 5 alors journaliser 'x'",
        "quand " + "une affaire de " * LONG + " est créée alors journaliser 'x'",
        "quand une affaire est créée et "
        + "somme des montants des affaires du " * LONG
        + " contact > 5 alors journaliser 'x'",
    ],
    ids=["owners", "words", "objects", "aggregates"],
)
def test_a_phrase_without_end_is_refused_at_once(text: str) -> None:
    """Reading every split of such a phrase would take for ever."""
    assert [found.diagnostic.code for found in compile_texts(text).errors] in (["QD103"], ["QD113"])


INSERTED = ["", "(", ")", '"', "'", "«", "{", "}", "|", "\n", "\n  ", ",", "et ", "sinon ", "\u0301", "é", "#"]


def edited(text: str, chance: random.Random) -> str:
    """The text after some edits a person might make, and some nobody would."""
    for _ in range(chance.randint(1, 5)):
        start = chance.randrange(len(text) + 1)
        end = min(len(text), start + chance.choice([0, 0, 1, 5, 40]))
        inserted = chance.choice(
            ["", "(", ")", '"', "'", "«", "{", "}", "|", "\n", "\n  ", ",", "et ", "sinon ", "\u0301", "é", "#"]
        )
        text = text[:start] + inserted + text[end:]
    return text


def check_nothing_is_lost(text: str) -> None:
    """Tokens with their trivia give the text back; every finding has a place in it and words in both languages."""
    for language in languages():
        file = parse_file(text, language)
        rebuilt = "".join(
            "".join(token.leading + token.text for token in parsed.tokens) + parsed.trailing
            for _, parsed in file.declarations
        )
        assert text.startswith(rebuilt) or text.endswith(rebuilt) or rebuilt == text
    compilation = compile_texts(text)
    for found in compilation.diagnostics:
        assert 0 <= found.diagnostic.span.start <= found.diagnostic.span.end <= len(text)
        for language in languages():
            assert render(found.diagnostic, language).message


@given(st.randoms(use_true_random=False))
def test_an_edited_file_is_always_answered(chance: random.Random) -> None:
    start = chance.randrange(len(CORPUS))
    check_nothing_is_lost(edited(CORPUS[start : start + 600], chance))


@given(st.binary(max_size=200))
def test_random_bytes_are_always_answered(data: bytes) -> None:
    check_nothing_is_lost(data.decode("utf-8", errors="replace"))


@given(st.text(max_size=120))
def test_random_characters_are_always_answered(text: str) -> None:
    check_nothing_is_lost(text)


@pytest.mark.parametrize(
    "piece", ["(", "et ", "quand ", "{", "« ", "|\n", "de ", "si ", "a, ", "'", "- ", "[", "exemple "]
)
def test_long_nonsense_is_answered_in_time(piece: str) -> None:
    """200,000 of anything: an answer, no crash, and no time that grows with the square."""
    text = "quand une affaire est créée et " + piece * 20_000
    assert compile_texts(text).errors
