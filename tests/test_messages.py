"""Messages: each in both languages, with the same facts; and how facts become words."""

from __future__ import annotations

import re
import tomllib
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from quand.dsl.diagnostic import Diagnostic, Edit, Fix, Label
from quand.dsl.messages import MESSAGES_FOLDER, PLACEHOLDER, languages, render
from quand.dsl.source import Span
from quand.dsl.types import MONEY, TEXT, number_in, reference_to, union_of
from quand.dsl.values import Money

ROOT = Path(__file__).parent.parent
CODE = re.compile(r"QD\d{3}")
SOURCES = [
    file for folder in ("cli", "dsl", "lsp", "project", "runtime", "stdlib") for file in (ROOT / folder).rglob("*.py")
]


def whole_table(language: str) -> dict[str, Any]:
    return tomllib.loads((MESSAGES_FOLDER / f"{language}.toml").read_text(encoding="utf-8"))


def texts(language: str) -> dict[str, str]:
    """Every text of a language by section and key."""
    return {
        f"{name}.{key}": text
        for name, entries in whole_table(language).items()
        for key, text in entries.items()
        if isinstance(text, str)
    }


def placeholders(text: str) -> set[str]:
    return {match.group(1) for match in PLACEHOLDER.finditer(text) if match.group(1)}


def codes_in_sources() -> set[str]:
    return {code for file in SOURCES for code in CODE.findall(file.read_text(encoding="utf-8"))}


@pytest.mark.parametrize("language", languages())
def test_each_code_that_is_reported_has_a_message(language: str) -> None:
    documented = {name for name in whole_table(language) if CODE.fullmatch(name)}
    missing = {code for code in codes_in_sources() if not code.endswith("00")} - documented
    assert sorted(missing) == []


@pytest.mark.parametrize("language", languages())
def test_every_language_has_the_same_texts_with_the_same_facts(language: str) -> None:
    reference = {key: placeholders(text) for key, text in texts(languages()[0]).items()}
    assert {key: placeholders(text) for key, text in texts(language).items()} == reference


@pytest.mark.parametrize("language", languages())
def test_every_code_has_a_message_that_says_something(language: str) -> None:
    for name, entry in whole_table(language).items():
        if CODE.fullmatch(name):
            assert entry.get("message"), name
            assert set(entry) <= {"message", "help", "help_suggestions"}, name


def words(text: str, language: str = "fr", **args: Any) -> str:
    """A text filled with arguments, by way of a label, whose unknown key stands for itself."""
    diagnostic = Diagnostic("QD001", Span(0, 0), labels=(Label(Span(0, 0), text, args),))
    return render(diagnostic, language).labels[0]


def test_lists_are_joined_with_the_word_of_the_language() -> None:
    assert words("{names}", names=["a", "b", "c"]) == "a, b ou c"
    assert words("{names:and}", names=("a", "b")) == "a et b"
    assert words("{names}", "en", names=["a"]) == "a"
    assert words("{names:quoted}", "en", names=["a", "b"]) == "“a” or “b”"


def test_the_number_chooses_the_form() -> None:
    assert [words("{n} {n:règle|règles}", n=n) for n in (0, 1, 2)] == ["0 règle", "1 règle", "2 règles"]
    assert [words("{n} {n:rule|rules}", "en", n=n) for n in (0, 1, 2)] == ["0 rules", "1 rule", "2 rules"]


def test_types_are_words() -> None:
    assert words("{t}", t=number_in("m²")) == "un nombre en m²"
    assert words("{t}", "en", t=union_of((TEXT, MONEY))) == "a text or an amount of money"
    diagnostic = Diagnostic("QD999", Span(0, 0), {"t": reference_to("deal")})
    assert "affaire" in render(diagnostic, "fr", {"deal": "affaire"}.__getitem__).message


def test_values_are_written_in_the_language() -> None:
    assert words("{n}", n=Decimal("2.5")) == "2,5"
    assert words("{n}", "en", n=Decimal("2.5")) == "2.5"
    assert words("{m}", m=Money(Decimal(40), "EUR")).endswith("€")
    assert words("{flag}", flag=True) == "oui"
    assert words("{nothing}", "en", nothing=None) == "empty"


def test_braces_and_missing_facts_do_no_harm() -> None:
    assert words("{{ {name} }} {other}", name="x") == "{ x } ?"


def test_an_unknown_code_shows_its_facts() -> None:
    diagnostic = Diagnostic("QD999", Span(0, 0), {"name": "montant"})
    assert render(diagnostic, "fr").message == "QD999 (name = montant)"


def test_the_title_of_a_fix_sees_the_facts_of_its_diagnostic() -> None:
    fix = Fix("{name} -> {text}", (Edit(Span(0, 0), "x"),), {"text": "x"})
    assert render(Diagnostic("QD999", Span(0, 0), {"name": "y"}, fixes=(fix,)), "fr").fixes == ("y -> x",)
