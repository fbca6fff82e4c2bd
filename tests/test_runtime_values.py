"""Expressions: arithmetic, money, dates, texts, logic, collections and tables, as the interpreter defines them."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from functools import cache
from typing import Any

import pytest

import quand
from quand.dsl import ir
from quand.dsl.types import MONEY
from quand.dsl.values import Money
from quand.runtime.functions import wildcard
from quand.runtime.program import Program

NOW = "2026-11-23T10:00:00+01:00"


@cache
def compiled(rules: str) -> Program:
    return quand.compile_text(rules)


def texts(rules: str, *events: dict[str, Any]) -> list[Any]:
    """What the rules log over some events, the first at :data:`NOW`."""
    engine = quand.Engine(compiled(rules), now=datetime.fromisoformat(NOW))
    outcomes = [engine.process(event) for event in events]
    assert [outcome.status for outcome in outcomes] == ["applied"] * len(events), [o.problems for o in outcomes]
    return [
        str(effect.args["text"]).replace("\u00a0", " ").replace("\u202f", " ")
        for outcome in outcomes
        for firing in outcome.fired
        for effect in firing.effects
    ]


def value(expression: str, declarations: str = "", **data: Any) -> str | None:
    """An expression over a new deal, as a customer would read it; ``None`` when it is missing."""
    rules = f'{declarations}\nrègle "R"\nquand une affaire est créée alors journaliser "{{{expression}}}"'
    fields = {name.replace("_", " "): given for name, given in data.items()}
    found = texts(rules, {"event": "deal.created", "data": {"id": "A-1", **fields}})
    return found[0] if found else None


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("1 + 2 × 3", "7"),
        ("(1 + 2) × 3", "9"),
        ("7 / 2", "3,5"),
        ("1 / 3", "0,3333333333333333333333333333333333"),
        ("2 ^ 10", "1 024"),
        ("0,1 + 0,2", "0,3"),
        ("200 - 5 %", "190"),
        ("200 + 5 %", "210"),
        ("arrondi de 2,5 à 0 décimales", "3"),
        ("arrondi de (0 - 2,5) à 0 décimales", "-3"),
        ("arrondi de 1,005 à 2 décimales", "1,01"),
        ("arrondi supérieur de 2,1", "3"),
        ("arrondi inférieur de (0 - 2,1)", "-3"),
        ("valeur absolue de (0 - 2)", "2"),
        ("minimum entre 2 et 3", "2"),
        ("maximum entre 2 et 3", "3"),
        ("largeur × longueur", "30 m²"),
        ("montant - 5 %", "95,00 €"),
        ("montant + 20 %", "120,00 €"),
        ("5 % de montant", "5,00 €"),
        ("5 % + 3 %", "8 %"),
        ("montant / 3", "33,33333333333333333333333333333333 €"),
        ("arrondi de (montant / 3) à 2 décimales", "33,33 €"),
        ("arrondi de 5,25 % à 1 décimale", "5,3 %"),
        ("montant / 50 €", "2"),
        ("longueur de 'été'", "3"),
        ("majuscules de 'été'", "ÉTÉ"),
        ("minuscules de 'ÉTÉ'", "été"),
        ("si montant > 50 alors 'gros' sinon 'petit'", "gros"),
        ("si hauteur > 50 alors 'gros' sinon 'petit'", "petit"),
    ],
)
def test_arithmetic_is_decimal_and_money_keeps_its_currency(expression: str, expected: str) -> None:
    assert value(expression, montant=100, longueur=5, largeur=6) == expected


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("échéance + 1 mois", "28 février 2026"),
        ("échéance + 1 an et 6 mois", "31 juillet 2027"),
        ("échéance - 31 jours", "31 décembre 2025"),
        ("échéance + 2 heures", "31 janvier 2026 à 2h"),
        ("dans 2 heures", "23 novembre 2026 à 12h"),
        ("il y a 3 jours", "20 novembre 2026 à 10h"),
        ("aujourd'hui + 1 jour", "24 novembre 2026"),
        ("demain", "24 novembre 2026"),
        ("hier", "22 novembre 2026"),
        ("date de clôture - échéance", "30 jours"),
        ("valeur absolue de (échéance - date de clôture)", "30 jours"),
        ("nombre de jours entre échéance et date de clôture", "30"),
        ("année de échéance", "2026"),
        ("mois de échéance", "1"),
        ("jour de échéance", "31"),
        ("jour de la semaine de échéance", "6"),
        ("heure de maintenant", "10h"),
        ("échéance + 1 jour ouvré", "2 février 2026"),
        ("27/11/2026 + 5 jours ouvrés", "4 décembre 2026"),
    ],
)
def test_civil_time_elapsed_time_and_business_days(expression: str, expected: str) -> None:
    pytest.importorskip("holidays")
    assert value(expression, échéance="2026-01-31", date_de_clôture="2026-03-02") == expected


def test_a_day_is_civil_and_24_hours_are_elapsed() -> None:
    rules = """
    règle "R"
    quand une affaire est créée alors journaliser "{dans 1 jour} {dans 24 heures}"
    """
    event = {"event": "deal.created", "at": "2026-10-24T12:00:00+02:00", "data": {"id": "A-1"}}
    engine = quand.Engine(compiled(rules))
    (effect,) = engine.process(event).fired[0].effects
    assert effect.args["text"] == "25 octobre 2026 à 12h 25 octobre 2026 à 11h"


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ("nom contient 'CAFE'", True),
        ("nom commence par 'le'", True),
        ("nom finit par 'MÈTZ'", True),
        ("nom ressemble à 'le * de metz'", True),
        ("nom ressemble à 'café'", False),
        ("nom = 'le café de metz'", False),
        ("nom est parmi 'a', 'Le café de Metz'", True),
        ("montant entre 100 et 200", True),
        ("montant > 100", False),
        ("montant ≥ 100 €", True),
        ("il est entre 20h et 8h", False),
        ("il est entre 9h et 10h", True),
        ("échéance est avant maintenant", True),
        ("échéance < 01/02/2026", True),
        ("maintenant - date de création < 1 heure", True),
        ("3 jours > 48 heures", True),
    ],
)
def test_conditions(condition: str, expected: bool) -> None:
    """Texts are equal to the letter; *contains* and the like ignore case and accents; bounds are included."""
    rules = f'règle "R"\nquand une affaire est créée et {condition} alors journaliser "x"'
    data = {"id": "A-1", "nom": "Le café de Metz", "montant": 100, "échéance": "2026-01-31"}
    assert bool(texts(rules, {"event": "deal.created", "data": data})) is expected


@pytest.mark.parametrize("condition", ["favoris contient 'x'", "non (favoris contient 'x')"])
def test_a_list_that_is_missing_contains_nothing_for_sure(condition: str) -> None:
    declaration = "objet une affaire\n  des favoris / favourites : liste de article\n"
    condition = condition.replace("'x'", "l'article 'I1'")
    rules = f'{declaration}règle "R"\nquand une affaire est créée et {condition} alors journaliser "x"'
    item = {"event": "item.created", "data": {"id": "I1"}}
    assert texts(rules, item, {"event": "deal.created", "data": {"id": "A-1"}}) == []


@pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31"])
def test_dates_at_the_ends_of_the_calendar_fail_in_words(day: str) -> None:
    rules = 'règle "R"\nquand une affaire est créée et échéance + 2 jours < maintenant alors journaliser "x"'
    engine = quand.Engine(compiled(rules))
    outcome = engine.process({"event": "deal.created", "data": {"id": "A-1", "échéance": day}})
    assert {problem.code for problem in outcome.problems} <= {"QD508"}


def test_texts_are_equal_however_their_accents_are_composed() -> None:
    rules = 'règle "R"\nquand une affaire est créée et nom + numéro = "é" alors journaliser "x"'
    data = {"id": "A-1", "nom": "e", "numéro": "\u0301"}
    assert texts(rules, {"event": "deal.created", "data": data}) == ["x"]


def test_a_cell_over_a_missing_value_does_not_fit() -> None:
    table = """
table le taux d'une affaire / rate : texte, première ligne
  | montant | résultat |
  | < 5 €   | 'petit'  |
  | vide    | 'rien'   |
  | sinon   | 'grand'  |
"""
    assert value("taux", table) == "rien"


def test_wildcards_take_linear_time() -> None:
    text = "a" * 5_000
    assert wildcard(text, "a*" * 500)
    assert not wildcard(text, "*a" * 500 + "b")
    assert [wildcard("abc", pattern) for pattern in ("", "*", "abc", "a*c", "*b*", "ab", "a*a", "abc*abc")] == [
        False,
        True,
        True,
        True,
        True,
        False,
        False,
        False,
    ]


def test_two_currencies_do_not_mix() -> None:
    rules = 'règle "R"\nquand une affaire est créée et montant > 5 € alors journaliser "x"'
    engine = quand.Engine(compiled(rules))
    amount = {"amount": "12.50", "currency": "USD"}
    outcome = engine.process({"event": "deal.created", "data": {"id": "A-1", "montant": amount}})
    assert (outcome.status, [(p.code, p.rule, p.object) for p in outcome.problems]) == (
        "failed",
        [("QD505", "R", "A-1")],
    )


def test_a_number_too_large_to_write_fails_the_event() -> None:
    rules = 'règle "R"\nquand une affaire est créée alors largeur = longueur ^ 9999'
    outcome = quand.Engine(
        compiled(
            "objet une affaire\n  x / x : nombre\n"
            + rules.replace("largeur", "x").replace("longueur", "(longueur / 1 m)")
        )
    ).process({"event": "deal.created", "data": {"id": "A-1", "longueur": 99}})
    assert [problem.code for problem in outcome.problems] == ["QD504"]


# --- collections --------------------------------------------------------------------------------------------------

DEALS = [
    {"event": "contact.created", "data": {"id": "C-1", "nom": "Durand"}},
    *(
        {"event": "deal.created", "data": {"id": f"A-{n}", "contact": "C-1", "montant": amount, "étape": stage}}
        for n, amount, stage in ((3, 30, "Gagnée"), (1, 10, "Gagnée"), (2, None, "Perdue"), (4, 20, "Négociation"))
    ),
    {"event": "deal.created", "data": {"id": "A-9", "montant": 99, "étape": "Gagnée"}},
]


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("nombre d'affaires du contact", "4"),
        ("nombre d'affaires du contact dont étape = 'Gagnée'", "2"),
        ("somme des montants des affaires du contact", "60,00 €"),
        ("moyenne des montants des affaires du contact", "20,00 €"),
        ("minimum des montants des affaires du contact", "10,00 €"),
        ("maximum des montants des affaires du contact", "30,00 €"),
        ("somme des montants des affaires dont étape = 'Rien'", "0,00 €"),
        ("maximum des montants des affaires dont étape = 'Rien'", None),
        ("première affaire du contact par montant croissant", "A-1"),
        ("dernière affaire du contact par montant croissant", "A-3"),
        ("première affaire du contact par montant décroissant", "A-3"),
        ("première affaire du contact par étape croissant", "A-1"),
    ],
)
def test_aggregates(expression: str, expected: str | None) -> None:
    """Rows whose value is empty are left out; ties go by identifier."""
    rules = f'règle "R"\nquand un contact est modifié alors journaliser "{{{expression}}}"'
    found = texts(rules, *DEALS, {"event": "contact.updated", "data": {"id": "C-1", "ville": "Metz"}})
    assert found == ([] if expected is None else [expected])


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ("il existe une affaire du contact dont étape = 'Perdue'", True),
        ("aucune affaire du contact dont étape = 'Perdue'", False),
        ("aucun appel manqué du contact depuis 30 jours", True),
        ("toutes les affaires du contact vérifient montant > 5", False),
        ("toutes les affaires du contact dont montant n'est pas vide vérifient montant > 5", True),
        ("nombre d'affaires dont étape = 'Gagnée' = 3", True),
    ],
)
def test_quantifiers(condition: str, expected: bool) -> None:
    """*All* over an unknown row is unknown."""
    rules = f'règle "R"\nquand un contact est modifié et {condition} alors journaliser "x"'
    found = texts(rules, *DEALS, {"event": "contact.updated", "data": {"id": "C-1", "ville": "Metz"}})
    assert bool(found) is expected


def test_a_window_in_the_past_counts_what_happened_in_it() -> None:
    count = "nombre d'appels manqués du contact depuis 2 heures"
    rules = f'règle "R"\nquand un contact est modifié alors journaliser "{{{count}}}"'
    calls = [
        {"event": "missed call", "at": f"2026-11-23T{hour}:00:00Z", "data": {"contact": "C-1"}}
        for hour in ("10", "11", "12")
    ]
    last = {"event": "contact.updated", "at": "2026-11-23T13:00:00Z", "data": {"id": "C-1", "ville": "Metz"}}
    assert texts(rules, DEALS[0], *calls, last) == ["1"]


def test_an_object_by_identifier_else_by_its_unique_name() -> None:
    users = [
        {"event": "user.created", "data": {"id": name, "nom": label, "téléphone": name}}
        for name, label in (("U1", "Marie"), ("U2", "Paul"), ("U3", "Paul"))
    ]
    rules = """
    règle "R"
    quand une affaire est créée
    alors journaliser "{téléphone de l'utilisateur 'U2'}"
      journaliser "{téléphone de l'utilisateur 'Marie'}"
      journaliser "{téléphone de l'utilisateur 'Paul'}"
    """
    assert texts(rules, *users, {"event": "deal.created", "data": {"id": "A-1"}}) == ["U2", "U1"]


# --- decision tables ----------------------------------------------------------------------------------------------

TABLE = """
table le taux d'une affaire / rate : pourcentage, {policy}
  | montant              | source          | résultat |
  | < 1 000 €            |                 | 1 %      |
  | de 500 € à 5 000 €   | 'Or', 'Platine' | 5 %      |
  | ≥ 5 000 €            | pas 'Bronze'    | 8 %      |
"""


@pytest.mark.parametrize(
    ("policy", "amount", "source", "expected"),
    [
        ("première ligne", 600, "Or", "1 %"),
        ("première ligne", 5000, "Or", "5 %"),
        ("première ligne", 6000, "Bronze", None),
        ("première ligne", None, "Or", None),
        ("somme", 600, "Or", "6 %"),
        ("somme", 6000, "Bronze", "0 %"),
        ("toutes les lignes", 600, "Or", "1 %, 5 %"),
    ],
)
def test_hit_policies(policy: str, amount: int | None, source: str, expected: str | None) -> None:
    assert value("taux", TABLE.format(policy=policy), montant=amount, source=source) == expected


def test_a_unique_table_of_which_two_rows_fit_fails_the_event() -> None:
    row = ir.DecisionRow((None,), ir.Constant(Money(Decimal(1), "EUR"), MONEY))
    decision = ir.Decision((ir.Constant(None, MONEY),), (row, row), "unique", MONEY)
    base = compiled('règle "R"\nquand une affaire est créée alors montant = 5 €').ir
    import attrs

    (rule,) = base.rules
    (assign,) = rule.actions
    broken = attrs.evolve(base, rules=(attrs.evolve(rule, actions=(attrs.evolve(assign, value=decision),)),))
    outcome = quand.Engine(Program(broken)).process({"event": "deal.created", "data": {"id": "A-1"}})
    assert [problem.code for problem in outcome.problems] == ["QD507"]


def test_business_hours_go_on_the_next_working_morning() -> None:
    """Saturday 17:30 plus one business hour, Monday to Friday from 10:00 to 18:00, is Monday 11:00."""
    from quand.runtime.business import WorkingCalendar, no_holidays
    from quand.runtime.zones import zone

    hours = {str(day): "10:00-18:00" for day in range(1, 6)}
    calendar = WorkingCalendar(hours, zone("Europe/Paris"), no_holidays)
    saturday = datetime(2026, 11, 28, 16, 30, tzinfo=UTC)
    assert calendar.add_seconds(saturday, Decimal(3600)) == datetime(2026, 11, 30, 10, tzinfo=UTC)
    assert calendar.add_seconds(datetime(2026, 11, 30, 10, tzinfo=UTC), Decimal(-7200)) == datetime(
        2026, 11, 27, 16, tzinfo=UTC
    )
    assert calendar.add_seconds(saturday, Decimal(8 * 3600)) == datetime(2026, 11, 30, 17, tzinfo=UTC), "closing time"
    assert calendar.add_days(saturday.date(), 1).isoformat() == "2026-11-30"
    assert calendar.add_days(saturday.date(), -1).isoformat() == "2026-11-27"
