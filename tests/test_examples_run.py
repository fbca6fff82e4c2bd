"""Examples written in rules, run by ``quand test``: what they give, do and expect, and the reports about them."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple
from xml.etree import ElementTree as ET

import pytest

from quand.cli.main import main
from quand.project.compile import load_text
from quand.project.testing import CaseRun, coverage, run_examples
from quand.project.testing_report import ExamplesReport

SUPPLIES = """\
règle "Fournitures" / "Supplies"
quand une affaire est créée et entonnoir = 'Réparation'
alors ajouter produit 'Stratifié', quantité = surface
sinon journaliser "rien pour {nom}"
"""


def run(text: str, language: str | None = None) -> list[CaseRun]:
    project = load_text(text, language)
    assert [finding.message for finding in project.findings() if finding.severity == "error"] == []
    return run_examples(project)


def verdicts(text: str) -> list[bool]:
    """Whether each case passes."""
    return [case.result.passed for case in run(text)]


def checks(text: str) -> list[bool]:
    """Whether each expectation of the only case is met."""
    (case,) = run(text)
    assert case.result.problems == ()
    return [check.passed for check in case.result.checks]


# --- what is given ------------------------------------------------------------------------------------------------


def test_an_object_that_the_example_creates_is_not_there_before() -> None:
    assert checks(f"""{SUPPLIES}
exemple "le stratifié suit la surface"
  étant donné une affaire, entonnoir = 'Réparation', longueur = 5, largeur = 6
  quand l'affaire est créée
  alors ajouter produit 'Stratifié', quantité = 30
    et surface = 30 m²
    et jamais envoyer un SMS
""") == [True, True, True]


def test_no_rule_hears_of_what_is_given() -> None:
    assert checks(f"""{SUPPLIES}
exemple "rien ne se passe"
  étant donné une affaire, entonnoir = 'Réparation'
  étant donné un contact
  quand un appel est manqué, contact = le contact
  alors jamais ajouter produit
""") == [True]


def test_the_dates_of_what_is_given_ring() -> None:
    assert checks("""
règle "Renouvellement"
quand 30 jours avant la date de fin d'un contrat et n'est pas renouvelé
alors créer une tâche "Renouveler {numéro}"
exemple "un mois avant"
  étant donné un contrat C, numéro = 'K-1', date de fin = 30/06/2027
  quand nous sommes le 30/05/2027
  alors jamais créer une tâche
  quand nous sommes le 31/05/2027
  alors créer une tâche "Renouveler K-1"
""") == [True, True]


def test_an_event_may_name_a_new_object() -> None:
    assert checks("""
quand le montant d'une affaire dépasse 10 € alors étape = 'Vue'
exemple "modifiée"
  quand une affaire est modifiée, montant = 20 €
  alors étape = 'Vue'
""") == [True]


def test_labels_tell_objects_of_one_kind_apart() -> None:
    assert checks("""
quand l'étape d'une affaire devient 'Gagnée' alors augmenter le bonus du contact de 5 €
exemple "le bonus va au bon contact"
  étant donné un contact A, nom = 'Ada'
  étant donné un contact B, nom = 'Bob', bonus = 10 €
  étant donné une affaire, contact = B
  quand l'étape de l'affaire devient 'Gagnée'
  alors augmenter le bonus du contact B de 5 €
    et bonus du contact B = 15 €
    et bonus du contact A = 0 €
    et jamais augmenter le bonus du contact A de 5 €
""") == [True, True, True, True]


# --- time ---------------------------------------------------------------------------------------------------------


def test_the_clock_starts_on_5_january_2026_at_nine() -> None:
    assert checks("""
exemple "le départ"
  quand 0 heures passent
  alors maintenant = 05/01/2026 à 9h
""") == [True]


def test_the_clock_starts_when_the_example_says_so() -> None:
    assert checks("""
exemple "un autre départ"
  étant donné nous sommes le 01/02/2027 à 14h
  quand 3 heures passent
  alors maintenant = 01/02/2027 à 17h
""") == [True]


def test_time_only_goes_forward() -> None:
    (case,) = run("""
exemple "en arrière"
  quand nous sommes le 01/01/2020
  alors aujourd'hui = 01/01/2020
""")
    assert [problem.code for problem in case.result.problems] == ["QD560"]


def test_waits_ring_while_time_passes() -> None:
    assert checks("""
règle "Rappel"
quand un appel est manqué
alors attendre 2 heures puis créer une tâche "Rappeler {nom du contact}"
exemple "rappel"
  étant donné un contact, nom = 'Léa'
  quand un appel est manqué, contact = le contact
  alors jamais créer une tâche
  quand 3 heures passent
  alors créer une tâche "Rappeler Léa"
""") == [True, True]


def test_calendar_rules_ring_each_time_while_time_passes() -> None:
    assert checks("""
règle "Lundi"
quand chaque lundi à 9h alors créer une tâche "Point"
exemple "trois lundis"
  quand 21 jours passent
  alors nombre de tâches = 3
""") == [True]


# --- what is expected ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("expectation", "met"),
    [
        ("créer une tâche", True),
        ('créer une tâche "Voir X"', True),
        ('créer une tâche "Voir X", objet = l\'affaire', True),
        ('créer une tâche "Voir Y"', False),
        ("créer un contact", False),
        ("créer une ligne de produit, produit = 'Colle', quantité = 2", True),
        ("créer une ligne de produit, total = 6 €", True),
        ("ajouter produit 'Colle'", True),
        ("ajouter produit 'Colle', quantité = 1 + 1", True),
        ("ajouter produit 'Colle', doublons = 'ajouter'", True),
        ("ajouter produit 'Colle', doublons = 'ignorer'", False),
        ("jamais ajouter produit 'Vis'", True),
        ("jamais ajouter produit", False),
        ("supprimer le contact", True),
        ("supprimer l'affaire", False),
        ("étape = 'Vue'", True),
        ("jamais étape = 'Vue'", False),
        ("montant > 5", False),
        ("jamais montant > 5", True),
        ("aucun contact", True),
    ],
)
def test_expectations(expectation: str, met: bool) -> None:
    assert checks(f"""
quand une affaire est créée
alors créer une tâche "Voir {{nom}}"
  ajouter produit 'Colle', quantité = 2, prix = 3 €
  supprimer le contact
  étape = 'Vue'
exemple "e"
  étant donné un contact, nom = 'Léa'
  étant donné une affaire, nom = 'X', contact = le contact
  quand l'affaire est créée
  alors {expectation}
""") == [met]


@pytest.mark.parametrize("expectation", ['créer une tâche "Signer : 11 400,00 €"', "étape = '11 400,00 €'"])
def test_a_written_amount_is_expected_with_the_spaces_one_can_type(expectation: str) -> None:
    """Its own spaces do not break, and look like any other."""
    assert checks(f"""
quand une affaire est créée
alors créer une tâche "Signer : {{montant}}"
  étape = "{{montant}}"
exemple "e"
  quand une affaire est créée, montant = 11 400 €
  alors {expectation}
  et jamais étape = '11400,00 €'
""") == [True, True]


def test_a_refusal_is_expected_with_its_reason() -> None:
    assert checks("""
quand le montant d'une affaire dépasse 1 000 € alors refuser "trop cher : {nom}"
exemple "refus"
  étant donné une affaire, nom = 'X'
  quand l'affaire est modifiée, montant = 2 000 €
  alors refuser "trop cher : X"
    et montant est vide
    et jamais refuser "autre chose"
""") == [True, True, True]


def test_an_event_that_fails_makes_the_example_fail() -> None:
    (case,) = run("""
exemple "deux fois"
  étant donné une affaire, identifiant = 'A-7'
  quand l'affaire est créée
  quand l'affaire est créée
  alors identifiant de l'affaire = 'A-7'
""")
    assert not case.result.passed
    assert [problem.code for problem in case.result.problems] == ["QD550"]


def test_a_table_makes_a_case_of_each_row() -> None:
    cases = run(f"""{SUPPLIES}
exemple "surfaces" avec table
  | long | large | attendu |
  | 2    | 3     | 6       |
  | 2    | 3     | 7       |
  étant donné une affaire, entonnoir = 'Réparation', longueur = long, largeur = large
  quand l'affaire est créée
  alors ajouter produit 'Stratifié', quantité = attendu
""")
    assert [(case.case.row, case.result.passed, case.place.line) for case in cases] == [(1, True, 8), (2, False, 9)]


def test_english_examples_run_alike() -> None:
    assert verdicts("""# language: en
when a deal is created then add product 'Glue', quantity = 2
example "glue"
  given a deal, name = 'X'
  when the deal is created
  then add product 'Glue', quantity = 2
    and never create a task
example "not enough"
  given a deal, name = 'X'
  when the deal is created
  then add product 'Glue', quantity = 3
""") == [True, False]


# --- reports ------------------------------------------------------------------------------------------------------


def report(text: str, asked: str | None = None) -> str:
    project = load_text(text)
    runs = run_examples(project, covering=True)
    return "\n".join(ExamplesReport(project, asked, "en").text(runs, coverage(project, runs)))


FAILING = f"""{SUPPLIES}
exemple "trop"
  étant donné une affaire, nom = 'X', entonnoir = 'Réparation', longueur = 5, largeur = 6
  quand l'affaire est créée
  alors ajouter produit 'Stratifié', quantité = 31
    et montant > 5 et surface = 31
    et envoyer un SMS
"""


def test_the_report_shows_expected_and_obtained_side_by_side() -> None:
    told = report(FAILING)
    assert "échec -:6 trop" in told
    sides = [
        tuple(part.strip() for part in line.split("   ", 1)) for line in told.splitlines() if "   " in line.strip()
    ]
    assert ("attendu", "obtenu") in sides
    assert ("ajouter produit 'Stratifié', quantité = 31", "ajouter un produit « Stratifié », quantité = 30") in sides
    assert ("montant > 5", "montant est supérieur à 5 — inconnu : montant est vide") in sides
    assert ("surface = 31", "surface (30 m²) est égale à 31 m² : non") in sides
    assert ("envoyer un SMS", "cela n'a pas eu lieu") in sides
    assert "1 cas : 0 réussi, 1 en échec." in told


def test_the_report_speaks_the_language_asked_for() -> None:
    told = report(FAILING, "en")
    assert "add a product “Stratifié”, quantity = 31" in told
    assert "area (30 m²) is equal to 31 m²: no" in told
    assert "1 case: 0 passed, 1 failed." in told


def test_coverage_names_rules_branches_and_rows() -> None:
    told = report(f"""{SUPPLIES}
quand une affaire est supprimée alors journaliser "x"
table le taux d'une affaire : pourcentage, première ligne
  | montant | résultat |
  | < 100 € | 0 % |
  | < 200 € | 5 % |
  | sinon   | 8 % |
exemple "e"
  étant donné une affaire, montant = 150 €, entonnoir = 'Réparation', longueur = 1, largeur = 1
  quand l'affaire est créée
  alors taux = 5 %
""")
    assert "règles : 1 sur 2" in told
    assert "(une affaire est supprimée)" in told
    assert "branches : 1 sur 3" in told
    assert "branche jamais prise : sinon de « Fournitures »" in told
    assert "lignes de table : 1 sur 3" in told
    assert "ligne jamais choisie : 1 et sinon de la table « taux » d'une affaire" in told


# --- the command --------------------------------------------------------------------------------------------------


class Done(NamedTuple):
    status: object
    out: str
    err: str


@pytest.fixture
def quand(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Callable[..., Done]:
    """Runs ``quand test a.rules`` over a text."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("QUAND_LANG", "fr")

    def call(text: str, *options: str) -> Done:
        Path("a.rules").write_text(text, encoding="utf-8")
        with pytest.raises(SystemExit) as left:
            main(["test", "a.rules", *options])
        out, err = capsys.readouterr()
        return Done(left.value.code, out, err)

    return call


def test_the_exit_status_tells_whether_all_passed(quand: Callable[..., Done]) -> None:
    assert quand(FAILING).status == 1
    assert quand(FAILING.replace("31", "30").split("    et")[0]).status == 0
    assert quand(FAILING, "--format", "nothing").status == 2


def test_files_without_examples_say_so(quand: Callable[..., Done]) -> None:
    done = quand(SUPPLIES)
    assert (done.status, done.err) == (0, "")
    assert done.out.startswith("Aucun exemple")


def test_errors_in_rules_are_told_and_nothing_runs(quand: Callable[..., Done]) -> None:
    done = quand(FAILING.replace("surface = 31", "surfaec = 31"))
    assert (done.status, done.out) == (1, "")
    assert "QD102" in done.err or "QD101" in done.err


def test_now_sets_the_start(quand: Callable[..., Done]) -> None:
    example = 'exemple "e"\n  quand 1 heure passe\n  alors aujourd\'hui = 24/11/2026\n'
    assert quand(example, "--now", "2026-11-24T10:00").status == 0
    assert quand(example).status == 1


def test_json_tells_every_expectation(quand: Callable[..., Done]) -> None:
    told: dict[str, Any] = json.loads(quand(FAILING, "--format", "json", "--coverage").out)
    (example,) = told["examples"]
    assert (told["passed"], told["failed"]) == (0, 1)
    assert (example["name"], example["file"], example["line"], example["row"]) == ("trop", "a.rules", 6, None)
    assert [expectation["passed"] for expectation in example["expectations"]] == [False, False, False, False]
    assert example["expectations"][2] == {
        "expected": "surface = 31",
        "obtained": ["surface (30 m²) est égale à 31 m² : non"],
        "passed": False,
    }
    assert told["coverage"]["rules"] == [{"rule": "Supplies", "then": 1, "otherwise": 0}]


def test_junit_holds_a_case_for_each(quand: Callable[..., Done]) -> None:
    root = ET.fromstring(quand(FAILING, "--format", "junit").out)
    assert root.attrib == {"tests": "1", "failures": "1", "errors": "0"}
    (case,) = root.iter("testcase")
    assert (case.get("name"), case.get("line")) == ("trop", "6")
    failure = case.find("failure")
    assert failure is not None
    assert "attendu : surface = 31\nobtenu : surface (30 m²) est égale à 31 m² : non" in (failure.text or "")
