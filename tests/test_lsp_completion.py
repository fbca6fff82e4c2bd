"""What the editor proposes at a place."""

from __future__ import annotations

import pytest
from lsp_text import NAME, here

from quand.lsp.features.completion import Completion, complete

VOCABULARY = """\
objet une affaire / deal
  une étape / stage : parmi 'Nouvelle', 'Gagnée' / 'Won'

"""
CREATED = "quand une affaire est créée"


def proposals(marked: str, before: str = VOCABULARY) -> list[Completion]:
    place = here(before + marked)
    return complete(place.snapshot, NAME, place.offset)


def labels(marked: str, before: str = VOCABULARY) -> list[str]:
    return [each.label for each in proposals(marked, before)]


@pytest.mark.parametrize(
    ("marked", "expected"),
    [
        ("qu▮", ["quand"]),
        ("quand une aff▮", ["affaire"]),
        ("quand une affaire est ▮", ["créée", "enregistrée", "modifiée", "supprimée"]),
        ("quand l'étape d'▮", ["une affaire", "une demande"]),
        ("quand l'étape d'une affaire dev▮", ["devient"]),
        ("quand l'étape d'une affaire devient ▮", ["'Nouvelle'", "'Gagnée'"]),
        ("quand l'étape d'une affaire devient '▮", ["Nouvelle", "Gagnée"]),
        (f"{CREATED} et eta▮", ["étape"]),
        (f"{CREATED} et étape = ▮", ["'Nouvelle'", "'Gagnée'"]),
        (f"{CREATED} et étape = 'G▮'", ["Gagnée"]),
        (f"{CREATED} et nom du ▮", ["contact", "responsable", "société"]),
        (f"{CREATED} et date de cl▮", ["date de clôture"]),
        (f"{CREATED} et montant est supérieur ▮", ["est supérieur à", "est supérieur ou égal à"]),
        (f"{CREATED} et nombre d'affaires du contact dont lon▮", ["longueur"]),
        (f"{CREATED} alors env▮", ["envoyer un e-mail à {destinataire}", "envoyer un SMS à {destinataire}"]),
        (f"{CREATED} alors créer une tâ▮", ["créer une tâche"]),
        (f"{CREATED} alors envoyer un SMS au contact, ▮", ["texte"]),
        (f'{CREATED} alors créer une tâche "x", éch▮', ["échéance"]),
        (f"{CREATED} alors ajouter produit 'x', doublons = ▮", ["'ajouter'", "'ignorer'", "'additionner'"]),
        (f'{CREATED} alors envoyer un SMS au contact, texte = "Bonjour {{num▮"', ["numéro"]),
        ('règle "a" (une ▮', ["une fois par jour", "une seule fois"]),
        ("objet un chat\n  un nom : tex▮", ["texte"]),
        ("objet un chat\n  un nom : texte, ▮", ["identifiant", "obligatoire", "par défaut", "unique"]),
        ("définir le prix d'une affaire = mon▮", ["montant", "montant à payer"]),
        ('exemple "a"\n  étant donné une affaire, ét▮', ["étape"]),
        ("# quand une aff▮", []),
    ],
)
def test_what_may_come_next_comes_first(marked: str, expected: list[str]) -> None:
    assert labels(marked)[: len(expected)] == expected
    if not expected:
        assert labels(marked) == []


def test_english_completes_in_english() -> None:
    head = "when a deal is created and "
    assert labels(f"{head}the contact's ph▮", "") == ["phone"]
    assert labels(f"{head}sta▮", "")[0] == "stage"
    assert "send an SMS to {recipient}" in labels("when a deal is created then send ▮", "")


def test_an_action_is_written_with_places_for_its_arguments() -> None:
    found = next(each for each in proposals(f"{CREATED} alors envoyer un S▮") if "SMS" in each.label)
    assert found.text == 'envoyer un SMS à ${1:destinataire}, texte = "${2:texte}"'
    assert found.snippet
    place = here(f"{VOCABULARY}{CREATED} alors envoyer un S▮")
    assert place.shown(found.span) == "envoyer un S"


def test_an_argument_that_is_given_is_not_proposed_again() -> None:
    assert "quantité" not in labels(f"{CREATED} alors ajouter produit 'x', quantité = 5, ▮")
    assert "prix" in labels(f"{CREATED} alors ajouter produit 'x', quantité = 5, ▮")


def test_accents_may_be_left_out_while_typing() -> None:
    assert [each.filter for each in proposals(f"{CREATED} et eche▮")] == ["echeance"]


def test_a_file_with_errors_still_completes() -> None:
    broken = "quand quand (\n\nobjet\n\nrègle\nquand une affaire est créée et étape = ▮\n\nalors alors"
    assert labels(broken)[:2] == ["'Nouvelle'", "'Gagnée'"]


def test_no_keyword_comes_where_a_name_goes_on() -> None:
    assert "et" not in labels(f"{CREATED} et nom du ▮")
    assert "maximum entre" not in labels(f"{CREATED} et étape ▮")
