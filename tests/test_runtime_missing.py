"""Missing values: what is unknown, what is left out, what is told."""

from __future__ import annotations

from functools import cache
from typing import Any

import pytest

import quand
from quand.runtime.program import Program


@cache
def compiled(rules: str) -> Program:
    return quand.compile_text(rules)


def created(rules: str, **data: Any) -> quand.Outcome:
    """The outcome of the creation of a deal with that data."""
    fields = {field.replace("_", " "): value for field, value in data.items()}
    return quand.Engine(compiled(rules)).process({"event": "deal.created", "data": {"id": "A-1", **fields}})


def fires(condition: str, **data: Any) -> bool:
    """Whether a rule with that condition fires on the creation of a deal."""
    rules = f'règle "R"\nquand une affaire est créée et {condition} alors journaliser "x"'
    return bool(created(rules, **data).fired)


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ("montant = vide", True),
        ("montant est vide", True),
        ("montant n'est pas vide", False),
        ("montant ≠ 5", True),
        ("étape n'est pas 'A'", True),
        ("étape n'est pas parmi 'A', 'B'", True),
        ("étape est parmi 'A', 'B'", False),
        ("montant > 5", False),
        ("non (montant > 5)", False),
        ("montant + 1 > 5", False),
        ("montant entre 1 et 5", False),
        ("montant n'est pas entre 1 et 5", False),
        ("étape contient 'A'", False),
        ("étape ne contient pas 'A'", False),
        ("nom commence par 'A'", False),
        ("montant > 5 ou largeur = 1", True),
        ("montant > 5 et largeur = 1", False),
        ("non (montant > 5 et largeur = 2)", True),
        ("calculer la remise", False),
        ("non (calculer la remise)", True),
        ("désabonné du contact", False),
        ("non (désabonné du contact)", False),
        ("ville du contact = 'Metz'", False),
        ("ville du contact est vide", True),
    ],
)
def test_conditions_over_missing_values(condition: str, expected: bool) -> None:
    """``=``, ``≠`` and ``parmi`` take a missing value for a value, everything else is unknown; *not* keeps unknown."""
    assert fires(condition, largeur=1) is expected


def test_two_missing_values_are_equal() -> None:
    assert fires("étape = source")
    assert fires("étape ≠ source", étape="A")


def test_a_blank_text_from_outside_is_missing() -> None:
    assert fires("étape est vide", étape="  ")


def test_a_reference_to_an_object_that_is_not_there_is_kept_and_its_fields_are_missing() -> None:
    assert fires("contact n'est pas vide et nom du contact est vide", contact="C-404")


def test_arithmetic_over_a_missing_value_is_missing_and_the_assignment_is_left_out() -> None:
    outcome = created(
        'règle "R"\nquand une affaire est créée alors hauteur = largeur + longueur\n  nom = "x"', largeur=1
    )
    assert [change.set for change in outcome.changes] == [{"name": "x"}]
    assert [(problem.code, problem.object, problem.field) for problem in outcome.problems] == [
        ("QD501", "A-1", "length")
    ]


@pytest.mark.parametrize("value", ["vide", "hauteur"])
def test_empty_and_an_empty_field_copied_alone_empty_the_field(value: str) -> None:
    outcome = created(f'règle "R"\nquand une affaire est créée alors largeur = {value}', largeur=1)
    assert [change.set for change in outcome.changes] == [{"width": None}]
    assert outcome.problems == ()


def test_increasing_an_empty_field_is_left_out() -> None:
    outcome = created('règle "R"\nquand une affaire est créée alors augmenter le montant de 5')
    assert outcome.changes == ()
    assert [(problem.code, problem.field) for problem in outcome.problems] == [("QD501", "amount")]


def test_a_default_stands_in_until_a_value_is_given() -> None:
    rules = 'règle "R"\nquand une affaire est créée alors augmenter le bonus du contact de 5'
    engine = quand.Engine(compiled(rules))
    engine.process({"event": "contact.created", "data": {"id": "C-1"}})
    outcome = engine.process({"event": "deal.created", "data": {"id": "A-1", "contact": "C-1"}})
    assert '"set": {"bonus": 5}' in outcome.to_json()


def test_a_division_by_zero_is_missing() -> None:
    outcome = created(
        'règle "R"\nquand une affaire est créée alors hauteur = largeur / longueur', largeur=1, longueur=0
    )
    assert outcome.changes == ()
    assert [problem.code for problem in outcome.problems] == ["QD502"]


def test_a_text_with_a_missing_value_in_it_is_missing_unless_replaced() -> None:
    rules = """
    règle "R"
    quand une affaire est créée
    alors journaliser "Bonjour {nom du contact}"
      journaliser "Bonjour {nom du contact sinon 'client'}"
    """
    outcome = created(rules)
    assert [effect.args["text"] for effect in outcome.fired[0].effects] == ["Bonjour client"]
    assert [(problem.object, problem.field) for problem in outcome.problems] == [("A-1", "contact")]


def test_an_action_without_a_needed_argument_does_not_run_and_the_rest_goes_on() -> None:
    rules = """
    règle "R"
    quand une affaire est créée
    alors notifier le responsable, message = "Bonjour"
      créer une tâche "T", responsable = responsable
    """
    outcome = created(rules)
    assert [effect.action for effect in outcome.fired[0].effects] == ["create task"]
    assert [problem.field for problem in outcome.problems] == ["owner"]


def test_an_argument_given_but_empty_is_null_in_results() -> None:
    outcome = created("règle \"R\"\nquand une affaire est créée alors ajouter produit 'P', prix = montant")
    assert '"args": {"product": "P", "price": null, "duplicates": "add", "deal": "A-1"}' in outcome.to_json()
    assert [sorted(change.set) for change in outcome.changes] == [["deal", "product"]]


def test_null_in_an_event_empties_a_field_or_brings_its_default_back() -> None:
    rules = """
    objet une affaire
      un quota / quota : nombre, par défaut largeur + 1
    règle "R"
    quand une affaire est enregistrée alors journaliser "{quota} {étape sinon '-'}"
    """
    engine = quand.Engine(compiled(rules))
    texts: list[Any] = []
    for data in ({"largeur": 1, "quota": 9, "étape": "A"}, {"quota": None, "étape": None}, {"largeur": 4}):
        outcome = engine.process({"event": "deal.saved", "data": {"id": "A-1", **data}})
        texts += [effect.args["text"] for effect in outcome.fired[0].effects]
    assert texts == ["9 A", "2 -", "5 -"]
