"""From text to atoms: words, texts, names, signs, and characters that do not belong."""

from __future__ import annotations

import pytest

from quand.dsl.diagnostic import Diagnostic
from quand.dsl.keywords import keywords
from quand.dsl.scanner import scan


def atoms(text: str, language: str = "fr") -> list[str]:
    problems: list[Diagnostic] = []
    found, _ = scan(text, keywords(language), problems.append)
    assert problems == []
    return [atom.text for atom in found]


def problems_of(text: str, language: str = "fr") -> list[Diagnostic]:
    problems: list[Diagnostic] = []
    scan(text, keywords(language), problems.append)
    return problems


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("l'étape d’une affaire", ["l'", "étape", "d’", "une", "affaire"]),
        ("aujourd'hui", ["aujourd'hui"]),
        ("chiffre d'affaires", ["chiffre", "d'", "affaires"]),
        ("rendez-vous e-mail m²", ["rendez-vous", "e-mail", "m²"]),
        ("montant - remise", ["montant", "-", "remise"]),
        ("montant(HT)", ["montant", "(", "HT", ")"]),
        ("[montant (HT)] > 5", ["[montant (HT)]", ">", "5"]),
        ("l'[objet spécial]", ["l'", "[objet spécial]"]),
        ("a ≤ 1 000,50 €, b", ["a", "≤", "1 000,50 €", ",", "b"]),
        ("le\u00a0montant\u202f=\u202f5", ["le", "montant", "=", "5"]),
        ("a # un commentaire\nb", ["a", "b"]),
        ("2e relance", ["2e", "relance"]),
    ],
)
def test_words_signs_and_names(text: str, expected: list[str]) -> None:
    assert atoms(text) == expected


def test_a_possessive_is_two_words_in_english() -> None:
    assert atoms("the contact's name isn't empty", "en") == ["the", "contact", "'s", "name", "isn't", "empty"]


@pytest.mark.parametrize(
    "text",
    [
        "'Gagnée'",
        '"Gagnée"',
        "« Gagnée »",
        "“Gagnée”",
        "‘Gagnée’",
        "'l'étape d'une affaire'",
        r"'un \' et un \\'",
        "\"Bonjour {prénom sinon 'client'}\"",
        "'Bonjour {prénom sinon \"client\"}'",
        '"{nom de l\'affaire}"',
        '"une accolade {{ seule"',
        "''",
    ],
)
def test_a_text_is_one_atom(text: str) -> None:
    assert atoms(f"a = {text}, b") == ["a", "=", text, ",", "b"]


def test_a_text_ends_with_its_line_at_the_latest() -> None:
    text = "étape = 'Gagnée  \nmontant = 5"
    (problem,) = problems_of(text)
    assert problem.code == "QD003"
    assert text[problem.span.start : problem.span.end] == "'Gagnée"
    (edit,) = problem.fixes[0].edits
    assert text[: edit.span.start] + edit.text + text[edit.span.end :] == "étape = 'Gagnée'  \nmontant = 5"


def test_an_invisible_character_is_named_and_removed() -> None:
    (problem,) = problems_of("mon\u200btant")
    assert (problem.code, problem.args["word"]) == ("QD030", "montant")
    assert problem.args["name"] == "ZERO WIDTH SPACE (U+200B)"
    assert problem.fixes[0].edits[0].text == ""


def test_a_lookalike_letter_is_named_and_replaced() -> None:
    (problem,) = problems_of("аffaire")
    assert (problem.code, problem.args["character"], problem.args["like"]) == ("QD031", "а", "a")
    assert problem.fixes[0].edits[0].text == "affaire"


def test_words_of_any_script_and_composed_letters_are_words() -> None:
    assert atoms("Straße łódź naïve e\u0301tape") == ["Straße", "łódź", "naïve", "e\u0301tape"]


def test_a_strange_sign_is_said_once_for_a_row_of_it() -> None:
    (problem,) = problems_of("a §§§ b")
    assert (problem.code, problem.span) == ("QD004", (2, 5))


def test_folding_ignores_case_accents_and_kinds_of_apostrophe() -> None:
    found, _ = scan("Étape L’ÉTAPE où", keywords("fr"), lambda problem: pytest.fail(problem.code))
    assert [atom.key for atom in found] == ["etape", "l'", "etape", "où"]
