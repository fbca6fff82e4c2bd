"""How one event is processed: snapshots, waves, merging, conflicts, budgets, repetition."""

from __future__ import annotations

from functools import cache
from typing import Any

import pytest

import quand
from quand.dsl import ir
from quand.runtime.program import Program


@cache
def compiled(rules: str) -> Program:
    return quand.compile_text(rules)


def engine_of(rules: str) -> quand.Engine:
    return quand.Engine(compiled(rules))


def send(engine: quand.Engine, name: str, **data: Any) -> quand.Outcome:
    """Process an event; ``_`` in the name of a field is a space."""
    return engine.process({"event": name, "data": {field.replace("_", " "): value for field, value in data.items()}})


def logged(outcome: quand.Outcome) -> list[Any]:
    """The texts that the rules logged, in order."""
    return [effect.args["text"] for firing in outcome.fired for effect in firing.effects if effect.action == "log"]


def stored(engine: quand.Engine, kind: str, name: str) -> dict[str, Any]:
    """A record, without the fields the engine keeps."""
    from quand.dsl.values import Reference

    with engine.store.transaction() as transaction:
        record = transaction.get(Reference(kind, name))
    assert record is not None
    return {field: value for field, value in record.items() if field not in {"created at", "updated at", "origin"}}


# --- snapshots ----------------------------------------------------------------------------------------------------


def test_no_rule_of_a_wave_sees_another_s_effect() -> None:
    engine = engine_of(
        """
        règle "A"
        quand une affaire est créée alors largeur = longueur + 1
        règle "B"
        quand une affaire est créée alors hauteur = largeur + 1
        """
    )
    send(engine, "deal.created", id="A-1", longueur=1, largeur=10)
    assert stored(engine, "deal", "A-1") == {"length": 1, "width": 2, "height": 11}


def test_merged_changes_make_the_next_wave() -> None:
    engine = engine_of(
        """
        règle "Second"
        quand la largeur d'une affaire change alors journaliser "{ancienne largeur} puis {largeur}"
        règle "First"
        quand une affaire est créée alors largeur = 2
        """
    )
    outcome = send(engine, "deal.created", id="A-1", largeur=1)
    assert [firing.rule for firing in outcome.fired] == ["First", "Second"]
    assert logged(outcome) == ["1\u00a0m puis 2\u00a0m"]


def test_a_rule_fires_once_per_object_and_wave_whatever_its_triggers() -> None:
    engine = engine_of(
        'règle "R"\nquand une affaire est modifiée ou le montant d\'une affaire change alors journaliser "x"'
    )
    send(engine, "deal.created", id="A-1", montant=1)
    assert logged(send(engine, "deal.updated", id="A-1", montant=2)) == ["x"]


def test_writing_the_value_already_there_is_no_change() -> None:
    engine = engine_of("règle \"R\"\nquand une affaire est modifiée alors étape = 'Nouvelle'")
    send(engine, "deal.created", id="A-1", étape="Nouvelle")
    outcome = send(engine, "deal.updated", id="A-1", nom="x")
    assert (len(outcome.fired), outcome.changes) == (1, ())


def test_firings_go_by_wave_then_priority_then_name_then_object() -> None:
    engine = engine_of(
        """
        règle "B"
        quand le montant d'une affaire change alors journaliser "B {numéro}"
        règle "A"
        quand le montant d'une affaire change alors journaliser "A {numéro}"
        règle "Z" (priorité 1)
        quand le montant d'une affaire change alors journaliser "Z {numéro}"
        règle "Start"
        quand un contact est modifié alors pour chaque affaire dont contact = le contact : augmenter le montant de 1
        """
    )
    send(engine, "contact.created", id="C-1")
    for name in ("A-2", "A-1"):
        send(engine, "deal.created", id=name, numéro=name, contact="C-1", montant=1)
    outcome = send(engine, "contact.updated", id="C-1", nom="x")
    assert logged(outcome) == ["Z A-1", "Z A-2", "A A-1", "A A-2", "B A-1", "B A-2"]


def test_identifiers_count_in_the_order_of_firings_and_actions() -> None:
    engine = engine_of(
        """
        règle "B"
        quand une affaire est créée alors créer une tâche "B1"
          créer une tâche "B2"
        règle "A"
        quand une affaire est créée alors créer une tâche "A1"
        """
    )
    outcome = engine.process({"id": "e7", "event": "deal.created", "data": {"id": "D"}})
    assert [(change.id, change.set["title"]) for change in outcome.changes] == [
        ("e7.1", "A1"),
        ("e7.2", "B1"),
        ("e7.3", "B2"),
    ]


def test_later_actions_see_the_object_created_before_them() -> None:
    engine = engine_of(
        """
        règle "R"
        quand un formulaire est reçu
        alors créer un contact nom = nom, téléphone = téléphone
          créer une affaire nom = "Affaire de {nom du contact créé}", contact = le contact créé
        """
    )
    outcome = engine.process({"id": "f", "event": "form received", "data": {"nom": "Durand", "téléphone": "06"}})
    deal = next(change for change in outcome.changes if change.object == "deal")
    assert outcome.problems == ()
    assert deal.set["name"] == "Affaire de Durand"
    assert getattr(deal.set["contact"], "id", None) == "f.1"


# --- edges --------------------------------------------------------------------------------------------------------


def test_an_edge_fires_when_it_becomes_true_and_not_while_it_stays_true() -> None:
    engine = engine_of('règle "R"\nquand le montant d\'une affaire dépasse 100 € alors journaliser "{montant}"')
    assert logged(send(engine, "deal.created", id="A-1", montant=150)) == ["150,00\u00a0€"]
    assert logged(send(engine, "deal.updated", id="A-1", montant=200)) == []
    assert logged(send(engine, "deal.updated", id="A-1", montant=None)) == []
    assert logged(send(engine, "deal.updated", id="A-1", montant=101)) == ["101,00\u00a0€"]
    assert logged(send(engine, "deal.updated", id="A-1", montant=100)) == []


def test_any_change_of_a_field_is_none_on_creation() -> None:
    engine = engine_of('règle "R"\nquand l\'étape d\'une affaire change alors journaliser "{étape}"')
    assert logged(send(engine, "deal.created", id="A-1", étape="A")) == []
    assert logged(send(engine, "deal.updated", id="A-1", étape="B")) == ["B"]
    assert logged(send(engine, "deal.updated", id="A-1", étape="B")) == []


def test_from_one_value_to_another() -> None:
    engine = engine_of("règle \"R\"\nquand l'étape d'une affaire passe de 'A' à 'B' alors journaliser \"ok\"")
    send(engine, "deal.created", id="A-1", étape="A")
    assert logged(send(engine, "deal.updated", id="A-1", étape="C")) == []
    assert logged(send(engine, "deal.updated", id="A-1", étape="B")) == []
    send(engine, "deal.updated", id="A-1", étape="A")
    assert logged(send(engine, "deal.updated", id="A-1", étape="B")) == ["ok"]


def test_an_edge_on_a_definition_follows_what_it_is_read_from() -> None:
    engine = engine_of(
        """
        définir le poids d'une affaire / weight = nombre de lignes de produit de l'affaire + longueur du contact
        objet un contact
          longueur / length : nombre
        règle "R"
        quand le poids d'une affaire atteint 3 alors journaliser "{poids}"
        """
    )
    send(engine, "contact.created", id="C-1", longueur=1)
    send(engine, "deal.created", id="A-1", contact="C-1")
    assert logged(send(engine, "product line.created", id="L-1", affaire="A-1")) == []
    assert logged(send(engine, "contact.updated", id="C-1", longueur=2)) == ["3"]
    assert logged(send(engine, "product line.created", id="L-2", affaire="A-1")) == []
    send(engine, "product line.updated", id="L-1", affaire=None)
    send(engine, "product line.updated", id="L-2", affaire=None)
    assert logged(send(engine, "product line.updated", id="L-1", affaire="A-1")) == ["3"]


def test_a_deleted_subject_is_read_as_it_was() -> None:
    engine = engine_of('règle "R"\nquand une affaire est supprimée et montant > 5 alors journaliser "{numéro}"')
    send(engine, "deal.created", id="A-1", montant=10, numéro="7")
    assert logged(send(engine, "deal.deleted", id="A-1")) == ["7"]


def test_saved_fires_whether_or_not_a_value_changed() -> None:
    engine = engine_of('règle "R"\nquand une affaire est enregistrée alors journaliser "x"')
    assert logged(send(engine, "deal.created", id="A-1", nom="a")) == ["x"]
    assert logged(send(engine, "deal.updated", id="A-1", nom="a")) == ["x"]


# --- merging ------------------------------------------------------------------------------------------------------


def test_differences_of_one_wave_add_up() -> None:
    engine = engine_of(
        """
        règle "A"
        quand une affaire est créée alors augmenter le montant de 10 %
        règle "B"
        quand une affaire est créée alors diminuer le montant de 5 €
        """
    )
    outcome = send(engine, "deal.created", id="A-1", montant=100)
    assert outcome.to_json().count('"amount": 105') == 1


def test_of_two_assignments_the_higher_priority_wins_and_the_loser_is_told() -> None:
    engine = engine_of(
        """
        règle "A" (priorité 1)
        quand une affaire est créée alors étape = 'X'
        règle "B"
        quand une affaire est créée alors étape = 'Y'
          nom = "B"
        """
    )
    outcome = send(engine, "deal.created", id="A-1")
    assert stored(engine, "deal", "A-1") == {"stage": "X", "name": "B"}
    (problem,) = outcome.problems
    assert (problem.code, problem.rule, problem.object, problem.field) == ("QD522", "B", "A-1", "stage")


@pytest.mark.parametrize("second", ["étape = 'Y'", "montant = 5 €"])
def test_equal_priorities_in_conflict_fail_the_event_whole(second: str) -> None:
    """Two different assignments, or an assignment and a difference."""
    engine = engine_of(
        f"""
        règle "A"
        quand une affaire est créée et montant > 0 alors étape = 'X'
          augmenter le montant de 1
        règle "B"
        quand une affaire est créée et longueur > 0 alors {second}
        """
    )
    outcome = send(engine, "deal.created", id="A-1", montant=1, longueur=1)
    assert (outcome.status, [problem.code for problem in outcome.problems]) == ("failed", ["QD512"])
    assert send(engine, "deal.updated", id="A-1").status == "failed"


def test_equal_assignments_are_no_conflict() -> None:
    engine = engine_of(
        """
        règle "A"
        quand une affaire est créée alors étape = 'X'
        règle "B"
        quand une affaire est créée alors étape = 'X'
        """
    )
    outcome = send(engine, "deal.created", id="A-1")
    assert (outcome.status, outcome.problems) == ("applied", ())


def test_actions_of_one_firing_follow_one_another() -> None:
    engine = engine_of(
        """
        règle "A"
        quand une affaire est créée alors étape = 'X'
          étape = 'Y'
          montant = 10 €
          augmenter le montant de 5 €
        """
    )
    send(engine, "deal.created", id="A-1")
    assert stored(engine, "deal", "A-1")["stage"] == "Y"
    assert str(stored(engine, "deal", "A-1")["amount"].amount) == "15"


def test_lists_gather_what_several_rules_add() -> None:
    rules = """
    objet un contact
      des favoris / favourites : liste de article
    """ + "".join(
        f"""
        règle "R{n}"
        quand un contact est modifié alors ajouter l'article 'I{n}' aux favoris du contact
        """
        for n in (2, 1)
    )
    engine = engine_of(rules)
    for name in ("I1", "I2"):
        send(engine, "item.created", id=name)
    send(engine, "contact.created", id="C-1")
    send(engine, "contact.updated", id="C-1", nom="x")
    assert [member.id for member in stored(engine, "contact", "C-1")["favourites"]] == ["I1", "I2"]


# --- refusing, failing, repeating ---------------------------------------------------------------------------------


def test_a_refusal_rolls_everything_back_and_says_why() -> None:
    engine = engine_of(
        """
        règle "A"
        quand une affaire est créée alors créer une tâche "A"
        règle "B"
        quand une affaire est créée et montant < 0 alors refuser "Montant négatif : {montant}"
        """
    )
    outcome = send(engine, "deal.created", id="A-1", montant=-1)
    assert outcome.status == "refused"
    assert [problem.message for problem in outcome.problems] == ["Montant négatif : -1,00\u00a0€"]
    assert (outcome.changes, outcome.effects) == ((), ())
    assert send(engine, "deal.created", id="A-1", montant=1).status == "applied"


def test_rules_that_keep_starting_one_another_are_named() -> None:
    engine = engine_of(
        """
        règle "Ping"
        quand la longueur d'une affaire change alors largeur = longueur + 1
        règle "Pong"
        quand la largeur d'une affaire change alors longueur = largeur + 1
        règle "Other"
        quand la longueur d'une affaire change et longueur < 5 alors nom = "x"
        """
    )
    send(engine, "deal.created", id="A-1", longueur=1)
    outcome = send(engine, "deal.updated", id="A-1", longueur=2)
    assert outcome.status == "failed"
    assert [problem.code for problem in outcome.problems] == ["QD518"]
    assert "Ping et Pong" in outcome.problems[0].message
    assert stored(engine, "deal", "A-1") == {"length": 1}


@pytest.mark.parametrize(
    ("budget", "limit", "code"), [("objects", 2, "QD519"), ("firings", 0, "QD521"), ("text", 3, "QD515")]
)
def test_budgets_fail_the_event_whole(budget: str, limit: int, code: str) -> None:
    import attrs

    program = compiled(
        """
        règle "R"
        quand une affaire est créée alors créer une tâche "A{numéro}B"
          créer une tâche "2"
          créer une tâche "3"
        """
    ).ir
    tight = attrs.evolve(program, settings=attrs.evolve(ir.Settings(), budgets={budget: limit}))
    outcome = quand.Engine(Program(tight)).process({"event": "deal.created", "data": {"id": "A", "numéro": "12"}})
    assert (outcome.status, [problem.code for problem in outcome.problems]) == ("failed", [code])
    assert outcome.problems[0].rule == "R"


def test_only_once_counts_what_fired_and_not_what_failed_its_condition() -> None:
    engine = engine_of(
        """
        règle "R" (une seule fois)
        quand une affaire est modifiée et montant > 10 alors journaliser "une"
        sinon journaliser "non"
        """
    )
    send(engine, "deal.created", id="A-1")
    texts = [logged(send(engine, "deal.updated", id="A-1", montant=amount)) for amount in (1, 20, 30, 2)]
    assert texts == [["non"], ["une"], [], ["non"]]


def test_once_a_day_goes_by_the_local_date() -> None:
    engine = engine_of('règle "R" (une fois par jour)\nquand une affaire est enregistrée alors journaliser "x"')
    texts: list[list[Any]] = []
    for at in ("2026-11-23T22:00:00Z", "2026-11-23T22:30:00Z", "2026-11-23T23:00:00Z"):
        outcome = engine.process({"event": "deal.saved", "at": at, "data": {"id": "A-1"}})
        texts.append(logged(outcome))
    assert texts == [["x"], [], ["x"]]


def test_a_rule_is_valid_from_its_first_day_to_its_last() -> None:
    engine = engine_of(
        'règle "R" (du 01/12/2026 au 02/12/2026)\nquand une affaire est enregistrée alors journaliser "x"'
    )
    days = ("2026-11-30T22:59:59Z", "2026-11-30T23:00:00Z", "2026-12-02T22:59:59Z", "2026-12-02T23:00:00Z")
    outcomes = [engine.process({"event": "deal.saved", "at": at, "data": {"id": "A-1"}}) for at in days]
    assert [len(outcome.fired) for outcome in outcomes] == [0, 1, 1, 0]


def test_otherwise_runs_when_the_condition_is_false_or_unknown() -> None:
    engine = engine_of(
        'règle "R"\nquand une affaire est créée et montant > 10 alors journaliser "oui" sinon journaliser "non"'
    )
    outcomes = [send(engine, "deal.created", id=str(amount), montant=amount) for amount in (20, 5, None)]
    assert [logged(outcome) for outcome in outcomes] == [["oui"], ["non"], ["non"]]
    assert [outcome.fired[0].branch for outcome in outcomes] == [None, "otherwise", "otherwise"]


def test_a_disabled_rule_never_fires() -> None:
    engine = engine_of('règle "R" (désactivée)\nquand une affaire est créée alors journaliser "x"')
    assert send(engine, "deal.created", id="A-1").fired == ()


def test_host_functions_get_effects_after_the_commit() -> None:
    engine = engine_of('règle "R"\nquand une affaire est créée alors envoyer un SMS à \'06\', texte = "Bonjour"')
    sent: list[tuple[str, Any]] = []

    @engine.action("send SMS")
    def send_sms(call: Any) -> None:  # pyright: ignore[reportUnusedFunction]
        sent.append((call.key, call.arguments["text"]))

    engine.process({"id": "e1", "event": "deal.created", "data": {"id": "A-1"}})
    engine.process({"id": "e1", "event": "deal.created", "data": {"id": "A-1"}})
    assert sent == [("e1#1", "Bonjour")]
    assert [effect.state for effect in engine.store.effects()] == ["sent"]


def test_a_function_that_raises_is_told_and_loses_nothing() -> None:
    engine = engine_of('règle "R"\nquand une affaire est créée alors journaliser "x"')

    @engine.action("log")
    def log(call: Any) -> None:  # pyright: ignore[reportUnusedFunction]
        raise OSError("disk full")

    outcome = send(engine, "deal.created", id="A-1")
    assert (outcome.status, [problem.code for problem in outcome.problems]) == ("applied", ["QD553"])
    (kept,) = engine.store.effects()
    assert (kept.state, kept.attempts, kept.error) == ("waiting", 1, "OSError: disk full")


# --- what is told -------------------------------------------------------------------------------------------------

TWO_NAMES = """
règle "Un" / "One" (priorité 1)
quand une affaire est créée alors étape = 'A'
règle "Deux" / "Two"
quand une affaire est créée alors étape = 'B'
"""


def test_sentences_call_a_rule_by_its_name_in_the_project_s_language() -> None:
    (told,) = send(engine_of(TWO_NAMES), "deal.created", id="A-1").problems
    assert (told.code, told.rule) == ("QD522", "Two")
    assert "la règle « Deux »" in told.message
    assert "la règle « Un »" in told.message


def test_so_do_the_sentences_of_conflicts() -> None:
    rules = TWO_NAMES.replace(" (priorité 1)", "").replace("'A'", "nom").replace("'B'", "numéro")
    (told,) = send(engine_of(rules), "deal.created", id="A-1", nom="A", numéro="B").problems
    assert (told.code, told.rule) == ("QD512", "One")
    assert "les règles Un et Deux" in told.message


def test_a_value_that_is_not_unique_is_told_with_the_rule_that_wrote_it() -> None:
    engine = engine_of(
        """
        objet une affaire / deal
          un code / code : texte, unique
        règle "Code"
        quand une affaire est créée alors code = 'x'
        """
    )
    assert send(engine, "deal.created", id="A-1").problems == ()
    (told,) = send(engine, "deal.created", id="A-2").problems
    assert (told.code, told.rule, told.object, told.field) == ("QD524", "Code", "A-2", "code")


def test_two_objects_of_one_wave_may_not_share_what_is_unique() -> None:
    engine = engine_of(
        """
        objet une fiche / card
          un code / code : texte, unique
        règle "Deux"
        quand une affaire est créée alors créer une fiche, code = nom; créer une fiche, code = numéro
        """
    )
    assert send(engine, "deal.created", id="A-1", nom="a", numéro="b").status == "applied"
    outcome = send(engine, "deal.created", id="A-2", nom="c", numéro="c")
    assert (outcome.status, [told.code for told in outcome.problems]) == ("failed", ["QD524"])


def test_writing_what_is_there_saves_nothing() -> None:
    engine = engine_of("quand une affaire est enregistrée alors étape = 'A'")
    outcome = send(engine, "deal.created", id="A-1")
    assert (outcome.status, len(outcome.fired)) == ("applied", 2), "the event's own change, and the rule's"
