"""Colours, hints, lenses, signatures, selections and indentation."""

from __future__ import annotations

from pathlib import Path

import pytest
from lsp_text import NAME, here

from quand.dsl.source import Span
from quand.lsp.features.hints import hints, indentation, selections, signature
from quand.lsp.features.running import lenses, run
from quand.lsp.features.tokens import MODIFIERS, TYPES, tokens
from quand.lsp.workspace import Workspace

RULE = """\
## Ce que c'est.
règle "Né"
quand une affaire est créée et montant > 5 €  # assez
alors créer une tâche "Voir {nom du contact}", échéance = dans 2 heures
"""
EXAMPLES = """
exemple "elle réussit"
  étant donné un contact C, nom = 'Petit'
  étant donné une affaire, montant = 10 €, contact = C
  quand l'affaire est créée
  alors créer une tâche

exemple "elle échoue"
  étant donné une affaire, montant = 1 €
  quand l'affaire est créée
  alors créer une tâche
"""


def test_each_word_has_the_colour_of_its_meaning() -> None:
    place = here(RULE)
    found = [(place.shown(each.span), each.type) for each in tokens(place.snapshot, NAME)]
    assert found == [
        ("## Ce que c'est.", "comment"),
        ("règle", "keyword"),
        ('"Né"', "string"),
        ("quand", "keyword"),
        ("affaire", "class"),
        ("et", "keyword"),
        ("montant", "property"),
        (">", "operator"),
        ("5 €", "number"),
        ("# assez", "comment"),
        ("alors", "keyword"),
        ("tâche", "class"),
        ('"Voir {', "string"),
        ("nom", "property"),
        ("contact", "property"),
        ('}"', "string"),
        ("échéance", "property"),
        ("=", "operator"),
        ("2 heures", "number"),
    ]


def test_declarations_and_the_standard_vocabulary_are_told_apart() -> None:
    place = here("définir le prix / price = 5 €\n\nquand une affaire est créée alors montant = prix\n")
    found = {place.shown(each.span): each.modifiers for each in tokens(place.snapshot, NAME) if each.type != "keyword"}
    assert found["montant"] == ("defaultLibrary",)
    declared = [each for each in tokens(place.snapshot, NAME) if each.type == "variable"]
    assert [each.modifiers for each in declared] == [("declaration",), ("declaration",), ()]


def test_tokens_of_a_range_are_those_of_its_declarations() -> None:
    text = RULE + "\n" + RULE
    place = here(text)
    span = Span(len(text) - 10, len(text))
    assert tokens(place.snapshot, NAME, span) == [
        each for each in tokens(place.snapshot, NAME) if each.span.start > len(RULE)
    ]


PATHS = sorted((Path(__file__).parent.parent / "examples").glob("*/*/*.rules"))


@pytest.mark.parametrize("path", PATHS, ids=lambda path: f"{path.parent.parent.name}-{path.stem}")
def test_tokens_never_overlap_and_never_span_lines(path: Path) -> None:
    snapshot = Workspace().snapshot(str(path))
    text = snapshot.text(str(path))
    end = 0
    for token in tokens(snapshot, str(path)):
        assert end <= token.span.start < token.span.end
        assert "\n" not in text[token.span.start : token.span.end]
        assert token.type in TYPES
        assert set(token.modifiers) <= set(MODIFIERS)
        end = token.span.end


def test_definitions_show_their_types() -> None:
    text = "définir le prix d'une affaire / price = montant × 2\n"
    place = here(text)
    found = hints(place.snapshot, NAME, Span(0, len(text)))
    assert [(text[: each.offset], each.text) for each in found] == [
        ("définir le prix d'une affaire / price", " : un montant d'argent")
    ]
    assert hints(place.snapshot, NAME, Span(0, 3)) == []


def test_a_call_shows_what_it_takes() -> None:
    place = here("quand une affaire est créée alors ajouter produit 'x', quantité = ▮")
    found = signature(place.snapshot, NAME, place.offset)
    assert found is not None
    shown = [found.label[start:end] for start, end in found.parameters]
    assert shown[:2] == ["{produit}", "quantité = un nombre"]
    assert found.active == 1
    assert found.documentation == "Ajoute une ligne de produit à l'affaire."


@pytest.mark.parametrize("text", ["▮", "quand une affaire ▮", "# ajouter produit ▮", "objet un chat\n  un ▮"])
def test_elsewhere_there_is_no_call(text: str) -> None:
    place = here(text)
    assert signature(place.snapshot, NAME, place.offset) is None


def test_a_selection_grows_from_the_word_to_the_file() -> None:
    place = here(RULE.replace("montant >", "mon▮tant >") + "\n" + RULE)
    shown = [place.shown(span) for span in selections(place.snapshot, NAME, place.offset)]
    assert shown[0] == "montant"
    assert "montant > 5 €" in shown
    assert shown[-1] == place.text
    assert shown[-2].startswith('règle "Né"')
    assert [len(each) for each in shown] == sorted({len(each) for each in shown})


@pytest.mark.parametrize(
    ("text", "width"),
    [
        ("quand une affaire est créée\n▮", 3),
        ('règle "Né"\n▮', 0),
        ('règle "Né"\nquand une affaire est créée\n▮', 3),
        ("objet un chat\n▮", 2),
        ("objet un chat\n  un nom : texte\n▮", 2),
        ("quand une affaire est créée alors remise = 5 %\n\n▮", 0),
        ("# un\n▮", None),
        ("\n▮", 0),
    ],
)
def test_a_new_line_is_indented_like_what_it_goes_on_with(text: str, width: int | None) -> None:
    place = here(text)
    assert indentation(place.snapshot, NAME, place.offset) == width


def test_each_example_has_a_lens_and_there_is_one_for_all() -> None:
    place = here(RULE + EXAMPLES)
    found = lenses(place.snapshot, NAME)
    assert [(each.title, each.example) for each in found] == [
        ("2 exemples : tout lancer", ""),
        ("Lancer l'exemple", "elle réussit"),
        ("Lancer l'exemple", "elle échoue"),
    ]
    assert place.shown(found[1].span) == '"elle réussit"'
    assert lenses(here(RULE).snapshot, NAME) == []


def test_examples_run() -> None:
    place = here(RULE + EXAMPLES)
    made = run(place.snapshot, NAME)
    assert made is not None
    assert [(each.name, each.passed) for each in made] == [("elle réussit", True), ("elle échoue", False)]
    assert made[1].failures[0].expected == "créer une tâche"
    assert [each.name for each in run(place.snapshot, NAME, "elle échoue") or ()] == ["elle échoue"]


def test_examples_do_not_run_where_rules_have_errors() -> None:
    assert run(here(EXAMPLES + "\nquand (").snapshot, NAME) is None
