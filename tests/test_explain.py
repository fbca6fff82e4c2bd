"""``quand explain``: why a rule acted on an event or did not, in sentences with values."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from quand.cli.main import main
from quand.project.engine import Engine
from quand.project.library import compile_text
from quand.runtime.stores.memory import MemoryStore

RULES = """\
# langue : fr
règle "Gros contrat" / "Big deal"
quand l'étape d'une affaire devient 'Gagnée'
   et montant > 5 000 €
   et (source = 'web' ou nombre d'affaires du contact ≥ 2)
alors créer une tâche "Féliciter {nom du contact}"
   étape = 'Fêtée'
sinon journaliser "rien"

règle "Fournitures" / "Supplies"
quand une affaire est créée ou le montant d'une affaire dépasse 1 000 €
   et surface > 10
alors ajouter un produit 'Stratifié', quantité = surface

règle "Lundi" / "Monday"
quand chaque lundi à 9h
alors créer une tâche "Point"

règle "Fête" / "Party" (désactivée)
quand l'étape d'une affaire devient 'Fêtée'
alors remise = 5 %
"""

SCENE = (
    {"id": "e0", "event": "contact.créé", "at": "2026-01-06T09:00:00+01:00", "data": {"id": "C-1", "nom": "Léa"}},
    {"id": "e1", "event": "affaire.créée", "data": {"id": "A-1", "étape": "Nouvelle", "contact": "C-1"}},
)


class Done(NamedTuple):
    status: object
    out: str
    err: str

    @property
    def lines(self) -> list[str]:
        return [line.strip() for line in self.out.splitlines()]


@pytest.fixture
def quand(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Callable[..., Done]:
    """Runs ``quand explain`` over the rules; the events stand in one file, the last one is explained."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("QUAND_LANG", "fr")

    def call(*events: dict[str, Any], rules: str = RULES, options: tuple[str, ...] = ()) -> Done:
        Path("a.rules").write_text(rules, encoding="utf-8")
        Path("e.json").write_text("\n".join(json.dumps(event) for event in events), encoding="utf-8")
        with pytest.raises(SystemExit) as left:
            main(["explain", "a.rules", "--event", "e.json", *options])
        out, err = capsys.readouterr()
        return Done(left.value.code, out, err)

    return call


def won(**data: object) -> dict[str, Any]:
    return {"id": "e2", "event": "affaire.modifiée", "data": {"id": "A-1", "étape": "Gagnée", **data}}


def test_a_rule_that_fired_tells_what_held_and_what_it_did(quand: Callable[..., Done]) -> None:
    done = quand(*SCENE, won(montant=7200, source="web"), options=("--rule", "Gros contrat"))
    assert (done.status, done.err) == (0, "")
    assert done.lines == [
        "L'événement « e2 » a été appliqué (à l'essai).",
        "",
        "« Gros contrat » : s'est déclenchée (A-1)",
        "déclencheur",
        "l'étape d'une affaire devient « Gagnée » (avant « Nouvelle », après « Gagnée ») : oui",
        "condition",
        "montant (7 200 €) est supérieur à 5 000 € : oui",
        "l'une de ces conditions : oui",
        "source (« web ») est « web » : oui",
        "nombre d'affaires du contact (1) est supérieur ou égal à 2 : non",
        "a fait",
        "créer une tâche, titre = « Féliciter Léa », objet = A-1",
        "étape = « Fêtée »",
    ]


def test_a_part_that_does_not_hold_is_shown_with_its_value(quand: Callable[..., Done]) -> None:
    done = quand(*SCENE, won(montant=1200), options=("--rule", "Big deal"))
    assert "montant (1 200 €) est supérieur à 5 000 € : non" in done.lines
    assert "« Gros contrat » : a fait ce qui suit « sinon », car sa condition n'est pas vraie (A-1)" in done.lines
    assert "journaliser « rien »" in done.lines


def test_an_unknown_part_names_the_empty_field(quand: Callable[..., Done]) -> None:
    done = quand(*SCENE, won(), options=("--rule", "gros contrat"))
    assert "montant est supérieur à 5 000 € — inconnu : montant est vide" in done.lines


def test_of_several_triggers_it_is_told_which_happened(quand: Callable[..., Done]) -> None:
    done = quand(*SCENE, won(montant=1200, longueur=2), options=("--rule", "Fournitures"))
    assert "une affaire est créée : non" in done.lines
    assert "le montant d'une affaire dépasse 1 000 € (avant vide, après 1 200 €) : oui" in done.lines
    assert "surface est supérieure à 10 m² — inconnu : largeur est vide" in done.lines
    assert done.lines[-2:] == ["aurait fait", "ajouter un produit « Stratifié », quantité = surface"]


def test_a_trigger_that_did_not_happen_is_told(quand: Callable[..., Done]) -> None:
    done = quand(*SCENE, {**won(), "data": {"id": "A-1", "étape": "Perdue"}}, options=("--rule", "Gros contrat"))
    assert "« Gros contrat » : ne s'est pas déclenchée, car ce qu'elle attend n'a pas eu lieu (A-1)" in done.lines
    assert "l'étape d'une affaire devient « Gagnée » (avant « Nouvelle », après « Perdue ») : non" in done.lines


def test_a_rule_that_does_not_listen_says_what_it_waits_for(quand: Callable[..., Done]) -> None:
    done = quand(*SCENE, won(), options=("--rule", "Lundi"))
    assert done.lines[2:5] == ["« Lundi » : n'écoute pas cet événement", "attend", "chaque lundi à 9h"]
    assert "« Fête » : est désactivée" in quand(*SCENE, won(), options=("--rule", "Fête")).lines


def test_without_a_name_every_rule_that_listens_is_told_and_the_others_are_listed(quand: Callable[..., Done]) -> None:
    done = quand(*SCENE, won(montant=7200, source="web"), options=("--lang", "en"))
    assert "“Big deal”: fired (A-1)" in done.lines
    assert "“Supplies”: did not fire, for its condition is not true (A-1)" in done.lines
    assert "2 other rules do not listen to this event." in done.lines
    assert "“Monday”: waits for every monday at 9:00 AM" in done.lines
    assert done.lines[-3:] == [
        "Written by the rules",
        "task e2.1 (created): title = “Féliciter Léa”, subject = A-1",
        "deal A-1: stage = “Fêtée”",
    ]


def test_a_later_wave_is_named(quand: Callable[..., Done]) -> None:
    rules = RULES.replace(" (désactivée)", "")
    done = quand(*SCENE, won(montant=7200, source="web"), rules=rules)
    assert "« Fête » : s'est déclenchée (A-1, vague 2)" in done.lines


def test_a_refusal_and_a_failure_are_told(quand: Callable[..., Done]) -> None:
    rules = 'quand une affaire est modifiée et montant > 5 alors refuser "trop cher"\n'
    done = quand(*SCENE, won(montant=6), rules=rules)
    assert (done.status, done.lines[:2]) == (0, ["L'événement « e2 » a été refusé.", "trop cher"])
    failed = quand(won(montant=6), rules=rules)
    assert (failed.status, failed.lines[0]) == (1, "L'événement « e2 » a échoué.")


def test_once_and_after_a_wait(quand: Callable[..., Done]) -> None:
    rules = """\
règle "R" (une seule fois)
quand une affaire est modifiée
alors attendre 2 heures puis créer une tâche "x"
"""
    again = quand(*SCENE, won(montant=1), {**won(montant=2), "id": "e3"}, rules=rules)
    assert (
        "« R » : ne s'est pas déclenchée, car elle l'a déjà fait et ne le fait qu'une seule fois (A-1)" in again.lines
    )
    later = quand(*SCENE, won(montant=1), {"event": "time", "at": "2026-01-06T12:00:00+01:00"}, rules=rules)
    assert "« R » : a continué, son attente finie (A-1, rappel du 6 janvier 2026 à 11h)" in later.lines
    assert "créer une tâche, titre = « x », objet = A-1" in later.lines


def test_an_event_over_several_lines_is_one_event(quand: Callable[..., Done], tmp_path: Path) -> None:
    quand(*SCENE)
    (tmp_path / "e.json").write_text(json.dumps(SCENE[1], indent=2), encoding="utf-8")
    with pytest.raises(SystemExit) as left:
        main(["explain", "a.rules", "--event", "e.json"])
    assert left.value.code == 0


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (("--rule", "Lunti"), "aucune règle ne s'appelle « Lunti » : vouliez-vous dire « Lundi » ?\n"),
        (("--rule", "zzzzzzzz"), "aucune règle ne s'appelle « zzzzzzzz ».\n"),
        (("--event", "absent.json"), "absent.json: "),
        (("--data", "rien://x"), "« rien://x » : "),
    ],
)
def test_what_cannot_be_explained_is_a_usage_error(
    options: tuple[str, ...], told: str, quand: Callable[..., Done]
) -> None:
    done = quand(*SCENE, options=options)
    assert (done.status, done.out) == (2, "")
    assert done.err.startswith(told)


def test_errors_in_rules_are_told(quand: Callable[..., Done]) -> None:
    done = quand(*SCENE, rules=RULES.replace("surface", "surfaec"))
    assert (done.status, done.out) == (1, "")
    assert "surfaec" in done.err


def test_an_event_processed_before_is_explained_on_the_data_as_they_are(
    quand: Callable[..., Done], monkeypatch: pytest.MonkeyPatch
) -> None:
    store = MemoryStore()
    engine = Engine(compile_text(RULES, "fr"), store, dry=True)
    for event in (*SCENE, won(montant=1200)):
        assert engine.process(event).status == "applied"

    def same_store(url: str, tables: object = None) -> MemoryStore:
        return store

    monkeypatch.setattr("quand.project.explaining.open_store", same_store)
    done = quand(won(montant=1200), options=("--data", "memory://", "--rule", "Gros contrat"))
    assert done.lines[:2] == [
        "L'événement « e2 » a été appliqué (à l'essai).",
        "Il avait déjà été traité : voici ce qu'il ferait avec les données d'à présent.",
    ]
    assert "« Gros contrat » : ne s'est pas déclenchée, car ce qu'elle suit n'a pas changé" in done.lines


def test_a_threshold_that_nobody_can_decide_names_what_is_empty(quand: Callable[..., Done]) -> None:
    rules = """\
règle "Stock" / "Stock"
quand le stock d'un article descend sous le seuil
alors journaliser "{nom}"
"""
    done = quand(
        {"event": "article.créé", "data": {"id": "P-1", "nom": "Vis", "stock": 10}},
        {"event": "article.modifié", "data": {"id": "P-1", "stock": 1}},
        rules=rules,
    )
    said = "le stock d'un article descend sous seuil (avant 10, après 1) — inconnu : seuil est vide"
    assert said in done.lines
