"""The standard actions: what each writes, and what it refuses."""

from __future__ import annotations

from functools import cache
from typing import Any

import pytest

import quand
from quand.runtime.program import Program


@cache
def compiled(rules: str) -> Program:
    return quand.compile_text(rules)


def engine_of(*actions: str, trigger: str = "une affaire est créée") -> quand.Engine:
    """An engine with one rule for each action, on the same trigger."""
    rules = "\n".join(f'règle "R{n}"\nquand {trigger} alors {action}' for n, action in enumerate(actions))
    return quand.Engine(compiled(rules))


def send(engine: quand.Engine, name: str, **data: Any) -> quand.Outcome:
    return engine.process({"event": name, "data": {field.replace("_", " "): value for field, value in data.items()}})


def lines(outcome: quand.Outcome) -> list[dict[str, Any]]:
    """The changes of product lines, numbers and amounts as integers."""
    shown: list[dict[str, Any]] = []
    for change in outcome.changes:
        if change.object == "product line":
            shown.append({name: value for name, value in change.set.items() if name != "deal"})
    return shown


@pytest.mark.parametrize(("mode", "quantities"), [("ajouter", [2, 3]), ("ignorer", [2]), ("additionner", [5])])
def test_products_added_twice_in_one_wave(mode: str, quantities: list[int]) -> None:
    engine = engine_of(*(f"ajouter produit 'P', quantité = {n}, doublons = '{mode}'" for n in (2, 3)))
    assert [line["quantity"] for line in lines(send(engine, "deal.created", id="A-1"))] == quantities


@pytest.mark.parametrize(("mode", "quantities"), [("ajouter", [2]), ("ignorer", []), ("additionner", [4])])
def test_a_product_that_the_deal_has_already(mode: str, quantities: list[int]) -> None:
    engine = engine_of(f"ajouter produit 'P', quantité = 2, doublons = '{mode}'", trigger="une affaire est enregistrée")
    send(engine, "deal.created", id="A-1")
    outcome = send(engine, "deal.updated", id="A-1", nom="x")
    assert [line["quantity"] for line in lines(outcome)] == quantities


def test_products_of_other_deals_and_other_products_are_left_alone() -> None:
    engine = engine_of(
        "ajouter produit 'P', quantité = 2, doublons = 'additionner'",
        "ajouter produit 'Q', quantité = 3, doublons = 'additionner'",
    )
    send(engine, "deal.created", id="A-1")
    assert [line["quantity"] for line in lines(send(engine, "deal.created", id="A-2"))] == [2, 3]


def test_deals_of_one_wave_have_lines_of_their_own() -> None:
    rule = """
    règle "R"
    quand un contact est modifié alors pour chaque affaire du contact : nom = 'x'
    règle "S"
    quand une affaire est modifiée alors ajouter produit 'P', quantité = 2, doublons = 'additionner'
    """
    engine = quand.Engine(compiled(rule))
    send(engine, "contact.created", id="C-1")
    for deal in ("A-1", "A-2"):
        send(engine, "deal.created", id=deal, contact="C-1")
    assert [line["quantity"] for line in lines(send(engine, "contact.updated", id="C-1", nom="y"))] == [2, 2]


def test_a_product_needs_a_deal() -> None:
    engine = engine_of("ajouter produit 'P'", trigger="un contact est créé")
    outcome = send(engine, "contact.created", id="C-1")
    assert [problem.code for problem in outcome.problems] == ["QD558"]


def test_a_task_is_linked_to_the_subject_unless_said() -> None:
    engine = engine_of('créer une tâche "T"', 'créer une tâche "U", objet = contact')
    outcome = send(engine, "deal.created", id="A-1", contact="C-1")
    assert [str(getattr(change.set["subject"], "id", "")) for change in outcome.changes] == ["A-1", "C-1"]


def team(engine: quand.Engine) -> None:
    for name, active, experience in (("U3", True, 2), ("U1", True, 5), ("U2", False, 9)):
        send(engine, "user.created", id=name, équipe="Ventes", actif=active, expérience=experience)


def owners(engine: quand.Engine, *deals: str) -> list[str]:
    """To whom each deal, created in turn, is assigned."""
    outcomes = [send(engine, "deal.created", id=deal) for deal in deals]
    return [getattr(change.set["owner"], "id", "") for outcome in outcomes for change in outcome.changes]


def test_round_robin_takes_the_active_users_in_turn() -> None:
    engine = engine_of("affecter l'affaire à 'Ventes'")
    team(engine)
    assert owners(engine, "A-1", "A-2", "A-3") == ["U1", "U3", "U1"]


def test_the_least_busy_and_the_most_experienced() -> None:
    engine = engine_of("affecter l'affaire à 'Ventes', stratégie = 'moins chargé'")
    team(engine)
    send(engine, "deal.saved", id="A-0")
    assert owners(engine, "A-1", "A-2") == ["U3", "U1"]
    engine = engine_of("affecter l'affaire à 'Ventes', stratégie = 'plus expérimenté'")
    team(engine)
    assert owners(engine, "A-1", "A-2") == ["U1", "U1"]


def test_of_equals_the_first_by_identifier_is_taken() -> None:
    for strategy in ("plus expérimenté", "moins chargé"):
        engine = engine_of(f"affecter l'affaire à 'Ventes', stratégie = '{strategy}'")
        for name in ("U2", "U1", "U3"):
            send(engine, "user.created", id=name, équipe="Ventes", expérience=5)
        assert owners(engine, "A-1") == ["U1"]


def test_tasks_that_are_done_keep_nobody_busy() -> None:
    engine = engine_of("affecter la tâche à 'Ventes', stratégie = 'moins chargé'", trigger="une tâche est créée")
    team(engine)
    chosen: list[str] = []
    for name in ("T-1", "T-2", "T-3"):
        outcome = send(engine, "task.created", id=name)
        chosen += [getattr(change.set["owner"], "id", "") for change in outcome.changes]
        if name == "T-2":
            send(engine, "task.updated", id="T-2", faite=True)
    assert chosen == ["U1", "U3", "U3"]


def test_only_active_users_are_given_work() -> None:
    engine = engine_of("affecter l'affaire à l'utilisateur 'U2'")
    team(engine)
    outcome = send(engine, "deal.created", id="A-1")
    assert (outcome.changes, [problem.code for problem in outcome.problems]) == ((), ["QD556"])
    engine = engine_of("affecter l'affaire à 'Achats'")
    assert [problem.code for problem in send(engine, "deal.created", id="A-1").problems] == ["QD557"]


def test_a_reservation_is_refused_when_the_stock_does_not_suffice() -> None:
    engine = engine_of("réserver 4 de l'article 'I1'")
    send(engine, "item.created", id="I1", stock=10)
    statuses = [send(engine, "deal.created", id=f"A-{n}").status for n in range(3)]
    assert statuses == ["applied", "applied", "refused"]


def test_the_last_piece_can_be_reserved() -> None:
    engine = engine_of("réserver 4 de l'article 'I1'")
    send(engine, "item.created", id="I1", stock=8)
    assert [send(engine, "deal.created", id=f"A-{n}").status for n in range(3)] == ["applied", "applied", "refused"]


def test_reservations_of_one_wave_count_together() -> None:
    engine = engine_of("réserver 4 de l'article 'I1'", "réserver 4 de l'article 'I1'")
    send(engine, "item.created", id="I1", stock=7)
    outcome = send(engine, "deal.created", id="A-1")
    assert (outcome.status, outcome.problems[0].object) == ("refused", "I1")
    assert "3 disponibles" in outcome.problems[0].message


def test_releasing_a_reservation_frees_the_stock() -> None:
    rules = """
    règle "Réserver"
    quand une affaire est créée alors réserver 4 de l'article 'I1'
    règle "Libérer"
    quand une affaire est modifiée
    alors pour chaque réservation dont affaire = l'affaire : libérer la réservation (la réservation)
    """
    engine = quand.Engine(compiled(rules))
    send(engine, "item.created", id="I1", stock=5)
    send(engine, "deal.created", id="A-1")
    outcome = send(engine, "deal.updated", id="A-1", nom="x")
    assert [(change.object, change.deleted) for change in outcome.changes] == [("reservation", True)]
    assert send(engine, "deal.created", id="A-2").status == "applied"


def test_a_document_is_made_and_goes_out() -> None:
    engine = engine_of("générer le document 'devis', nom = \"Devis\"")
    outcome = send(engine, "deal.created", id="A-1")
    assert [(change.object, change.set["name"]) for change in outcome.changes] == [("document", "Devis")]
    assert [effect.action for effect in outcome.effects] == ["generate document"]


def test_outgoing_actions_are_effects_and_change_nothing() -> None:
    engine = engine_of("appeler l'adresse 'https://exemple.fr', montant = montant, nom = \"x\"", 'journaliser "y"')
    outcome = send(engine, "deal.created", id="A-1", montant=5)
    assert [(effect.action, sorted(effect.arguments)) for effect in outcome.effects] == [
        ("call webhook", ["address", "montant", "nom"]),
        ("log", ["text"]),
    ]
    assert outcome.changes == ()
