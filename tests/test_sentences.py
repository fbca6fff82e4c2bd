"""What the IR says in sentences: conditions, triggers and actions, in both languages."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from functools import cache
from typing import Any

import pytest
from hypothesis import given
from program_strategies import programs, streams

from quand.dsl import ir
from quand.dsl.lexicon import languages
from quand.dsl.sentences import Sentences
from quand.dsl.types import DATE, MONEY, PERCENTAGE, TEXT, Type
from quand.dsl.values import Money
from quand.project.compile import Project, load_text
from quand.project.engine import Engine
from quand.project.reasons import line, reasons
from quand.runtime.program import Program


@cache
def project(rule: str) -> Project:
    made = load_text(f"# langue : fr\n{rule}\n")
    assert [finding.message for finding in made.findings() if finding.severity == "error"] == []
    return made


def rule_of(text: str) -> ir.Rule:
    (rule,) = project(text).checked().rules
    return rule


def sentences(text: str, language: str) -> Sentences:
    return Sentences(project(text).checked(), language, project(text).compilation.vocabulary)


@pytest.mark.parametrize(
    ("condition", "french", "english"),
    [
        ("montant > 5000", "montant est supérieur à 5 000", "amount is greater than 5,000"),
        ("surface ≤ 10", "surface est inférieure ou égale à 10 m²", "area is less than or equal to 10 m²"),
        ("échéance < aujourd'hui + 3 jours", "échéance est avant aujourd'hui + 3 jours", None),
        ("étape = 'Gagnée'", "étape est « Gagnée »", "stage is “Gagnée”"),
        ("source n'est pas vide", "source n'est pas vide", "source is not empty"),
        ("étape n'est pas parmi 'A', 'B'", "étape n'est pas parmi « A » ou « B »", "stage is not one of “A” or “B”"),
        ("montant entre 5 et 10", "montant est entre 5 et 10", "amount is between 5 and 10"),
        ("il est entre 20h et 8h", "il est entre 20h et 8h", "it is between 8:00 PM and 8:00 AM"),
        ("nom ne contient pas 'x'", "nom ne contient pas « x »", "name does not contain “x”"),
        ("n'est pas calculer la remise", "calculer la remise = non", "apply discount = no"),
        ("nom du contact de l'affaire = 'x'", "nom du contact est « x »", "name of the contact is “x”"),
        (
            "nom = 'x' et (montant > 5 ou montant est vide)",
            "nom est « x » et (montant est supérieur à 5 ou montant est vide)",
            "name is “x” and (amount is greater than 5 or amount is empty)",
        ),
        (
            "nombre d'affaires du contact dont étape = 'Gagnée' ≥ 3",
            "nombre d'affaires du contact dont étape = « Gagnée » est supérieur ou égal à 3",
            "number of deals of the contact whose stage = “Gagnée” is greater than or equal to 3",
        ),
        (
            "somme des montants des affaires du contact > 5",
            "somme des montants des affaires du contact est supérieur à 5",
            "sum of the amounts of the deals of the contact is greater than 5",
        ),
        (
            "aucun appel manqué du contact depuis 30 jours",
            "aucun appel manqué du contact depuis 30 jours",
            "no missed call of the contact in the last 30 days",
        ),
        ("il existe une commande du contact", "il existe une commande du contact", "there is an order of the contact"),
        (
            "largeur = (longueur + 1) × 2",
            "largeur est égale à (longueur + 1) × 2",
            "width is equal to (length + 1) × 2",
        ),
    ],
)
def test_conditions(condition: str, french: str, english: str | None) -> None:
    text = f"quand une affaire est modifiée et {condition} alors journaliser 'x'"
    said = rule_of(text).condition
    assert said is not None
    assert sentences(text, "fr").expression(said) == french
    if english is not None:
        assert sentences(text, "en").expression(said) == english


@pytest.mark.parametrize(
    ("trigger", "french", "english"),
    [
        ("une affaire est créée", "une affaire est créée", "a deal is created"),
        ("un contact est supprimé", "un contact est supprimé", "a contact is deleted"),
        ("l'étape d'une affaire change", "l'étape d'une affaire change", "the stage of a deal changes"),
        ("l'étape d'une affaire devient 'Gagnée'", "l'étape d'une affaire devient « Gagnée »", None),
        ("le montant d'une affaire atteint 5 €", "le montant d'une affaire atteint 5 €", None),
        (
            "l'étape d'une affaire passe de 'A' à 'B'",
            "l'étape d'une affaire passe de « A » à « B »",
            "the stage of a deal goes from “A” to “B”",
        ),
        ("un appel est manqué", "un appel manqué", "a missed call"),
        (
            "3 appels manqués d'un même contact en 2 heures",
            "3 appels manqués d'un même contact en 2 heures",
            "3 missed calls by the same contact within 2 hours",
        ),
        ("chaque lundi à 9h", "chaque lundi à 9h", "every monday at 9:00 AM"),
        ("chaque 1er du mois", "chaque 1er du mois", "every 1st of the month"),
        (
            "30 jours avant la date de fin d'un contrat, à 9h",
            "30 jours avant la date de fin d'un contrat, à 9h",
            "30 days before the end date of a contract, at 9:00 AM",
        ),
        (
            "une affaire reste 5 jours en étape = 'A'",
            "une affaire reste 5 jours en étape = « A »",
            "a deal stays 5 days in stage = “A”",
        ),
    ],
)
def test_triggers(trigger: str, french: str, english: str | None) -> None:
    text = f'règle "r"\nquand {trigger}\nalors journaliser "x"'
    (said,) = rule_of(text).triggers
    assert sentences(text, "fr").trigger(said) == french
    if english is not None:
        assert sentences(text, "en").trigger(said) == english


@pytest.mark.parametrize(
    ("action", "french", "english"),
    [
        ("étape = 'Gagnée'", "étape = « Gagnée »", "stage = “Gagnée”"),
        (
            'créer une tâche "Rappeler {nom du contact}", échéance = dans 2 heures',
            "créer une tâche, titre = « Rappeler {nom du contact} », échéance = dans 2 heures",
            "create a task, title = “Rappeler {name of the contact}”, due date = in 2 hours",
        ),
        (
            "envoyer un SMS au contact, texte = 'a'",
            "envoyer un SMS au contact, texte = « a »",
            "send an SMS to the contact, text = “a”",
        ),
        (
            "affecter l'affaire à 'Ventes', stratégie = 'tour de rôle'",
            "affecter l'affaire à « Ventes », stratégie = « tour de rôle »",
            "assign the deal to “Ventes”, strategy = “round robin”",
        ),
        (
            "augmenter le bonus du contact de 5 %",
            "augmenter le bonus du contact de 5 %",
            "increase the bonus of the contact by 5%",
        ),
        ("supprimer l'affaire", "supprimer l'affaire", "delete the deal"),
        ("annuler les rappels de l'affaire", "annuler les rappels de l'affaire", "cancel the reminders of the deal"),
        (
            "pour chaque commande du contact dont total > 5 € : état = 'x'",
            "pour chaque commande du contact dont total est supérieur à 5 € : état = « x »",
            "for each order of the contact whose total is greater than €5: status = “x”",
        ),
        (
            "attendre 2 jours, sauf si montant > 5, puis étape = 'x'",
            "attendre 2 jours, sauf si montant est supérieur à 5, puis étape = « x »",
            "wait 2 days, unless amount is greater than 5, then stage = “x”",
        ),
    ],
)
def test_actions(action: str, french: str, english: str) -> None:
    text = f'règle "r"\nquand une affaire est créée\nalors {action}'
    (said,) = rule_of(text).actions
    assert sentences(text, "fr").action(said) == french
    assert sentences(text, "en").action(said) == english


def test_what_was_done_is_said_with_its_values() -> None:
    text = "quand une affaire est créée alors journaliser 'x'"
    said = sentences(text, "fr")
    done = {"product": "Stratifié", "quantity": Decimal(30), "duplicates": "add up"}
    assert said.performed("add product", done) == (
        "ajouter un produit « Stratifié », quantité = 30, doublons = « additionner »"
    )
    assert said.performed("create task", {"title": "x"}) == "créer une tâche, titre = « x »"
    assert said.assignments("deal", {"amount": Money(Decimal("12.5"), "EUR")}) == "montant = 12,50 €"


def test_values_are_written_for_readers() -> None:
    said = sentences("quand une affaire est créée alors journaliser 'x'", "fr")
    assert said.value(Money(Decimal(1200), "EUR"), MONEY) == "1 200 €"
    assert said.value(Decimal("0.05"), PERCENTAGE) == "5 %"
    assert said.value(date(2026, 11, 27), DATE) == "27 novembre 2026"
    assert said.value("x", TEXT) == "« x »"
    assert said.value(None, TEXT) == "vide"
    assert said.value((Decimal(1), Decimal(2)), Type("list", members=(Type("number"),))) == "1, 2"


def test_without_a_vocabulary_articles_that_cannot_be_told_are_left_out() -> None:
    text = "quand une affaire est créée et nombre d'affaires du contact > 3 alors supprimer l'affaire"
    rule, program = rule_of(text), project(text).checked()
    assert rule.condition is not None
    assert Sentences(program, "fr").expression(rule.condition) == ("nombre d'affaires de contact est supérieur à 3")
    assert Sentences(program, "en").expression(rule.condition) == "number of deals of the contact is greater than 3"


def everything_said(program: ir.Program, said: Sentences) -> list[str]:
    made: list[str] = []
    for rule in program.rules:
        made += [said.rule(rule), *map(said.trigger, rule.triggers)]
        made += [said.expression(rule.condition)] if rule.condition is not None else []
        made += map(said.action, (*rule.actions, *rule.otherwise))
    return made


@given(program=programs(), events=streams())
def test_every_program_and_every_trace_can_be_said(program: ir.Program, events: list[dict[str, Any]]) -> None:
    engine = Engine(Program(program), traced=True, dry=True)
    outcomes = [engine.process(event) for event in events]
    for language in languages():
        said = Sentences(program, language)
        assert all(everything_said(program, said))
        for outcome in outcomes:
            conditions = [entry.condition for entry in outcome.trace or () if entry.condition is not None]
            assert all(line(reason, said) for condition in conditions for reason in reasons(condition, said))
            done = [effect for firing in outcome.fired for effect in firing.effects]
            assert all(said.performed(effect.action, effect.args) for effect in done)
            assert all(isinstance(said.assignments(each.object, each.set), str) for each in outcome.changes)
