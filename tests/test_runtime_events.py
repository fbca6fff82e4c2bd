"""Events as they arrive: names in both languages, values as JSON holds them, each failure said."""

from __future__ import annotations

import json
from collections.abc import Generator
from contextlib import contextmanager
from datetime import UTC, date, datetime, time
from decimal import Decimal
from functools import cache
from typing import Any

import pytest

import quand
from quand.dsl.values import Duration, Money, Reference, Value
from quand.runtime.program import Program
from quand.runtime.stores.memory import MemoryStore

RULES = """
objet un essai / trial
  un code / code : texte, identifiant
  un texte / text : texte
  un nombre / size : nombre en m
  un entier / count : entier
  un prix / price : argent
  un taux / rate : pourcentage
  un jour / day : date
  une heure / hour : heure
  un instant / instant : date et heure
  un délai / delay : durée
  vu / seen : oui ou non
  une couleur / colour : parmi 'Rouge' / 'Red', 'Bleu' / 'Blue'
  un contact / contact : contact
  un sujet / subject : n'importe quel objet
  une cible / target : contact ou texte
  des articles / items : liste de article
  obligé / needed : texte, par défaut 'x', obligatoire

définir le double d'un essai / double = nombre × 2

règle "R"
quand un essai est créé alors journaliser "x"
"""


@cache
def program() -> Program:
    return quand.compile_text(RULES)


def process(**event: Any) -> quand.Outcome:
    return quand.Engine(program()).process(event)


def read(field: str, value: Any) -> Value:
    """The value stored for a field given in an event; contact C-1 is there."""
    engine = quand.Engine(program())
    engine.process({"event": "contact.created", "data": {"id": "C-1"}})
    outcome = engine.process({"event": "essai.créé", "data": {"id": "T", field: value}})
    assert outcome.status == "applied", outcome.problems
    with engine.store.transaction() as transaction:
        record = transaction.get(Reference("trial", "T"))
    assert record is not None
    return record.get(program().model.field_named("trial", field) or "")


@pytest.mark.parametrize(
    ("field", "given", "stored"),
    [
        ("texte", "e\u0301", "é"),
        ("texte", " \u00a0", None),
        ("text", "a", "a"),
        ("nombre", 5, Decimal(5)),
        ("nombre", 0.1, Decimal("0.1")),
        ("nombre", "6,5", Decimal("6.5")),
        ("nombre", "1 234.50", Decimal("1234.50")),
        ("entier", "12", Decimal(12)),
        ("prix", 12.5, Money(Decimal("12.5"), "EUR")),
        ("prix", {"amount": "12.50", "currency": "USD"}, Money(Decimal("12.50"), "USD")),
        ("taux", 0.05, Decimal("0.05")),
        ("taux", "5 %", Decimal("0.05")),
        ("jour", "2026-11-27", date(2026, 11, 27)),
        ("heure", "09:30", time(9, 30)),
        ("instant", "2026-11-27T10:00:00+01:00", datetime(2026, 11, 27, 9, tzinfo=UTC)),
        ("instant", "2026-11-27T10:00:00", datetime(2026, 11, 27, 9, tzinfo=UTC)),
        ("délai", "P1M3DT2H30M", Duration(months=1, days=3, seconds=Decimal(9000))),
        ("vu", True, True),
        ("vu", "oui", True),
        ("vu", "Non", False),
        ("vu", "no", False),
        ("couleur", "Bleu", "Blue"),
        ("colour", "Blue", "Blue"),
        ("contact", "C-404", Reference("contact", "C-404")),
        ("sujet", "C-1", Reference("contact", "C-1")),
        ("sujet", {"object": "affaire", "id": "A-9"}, Reference("deal", "A-9")),
        ("cible", "C-1", Reference("contact", "C-1")),
        ("cible", "06 12", "06 12"),
        ("articles", ["I1", "I2"], (Reference("item", "I1"), Reference("item", "I2"))),
        ("texte", None, None),
    ],
)
def test_values_of_each_type(field: str, given: Any, stored: Value) -> None:
    assert read(field, given) == stored


@pytest.mark.parametrize(
    ("field", "given"),
    [
        ("texte", 5),
        ("nombre", "abc"),
        ("nombre", True),
        ("nombre", float("nan")),
        ("nombre", "1e999999999"),
        ("entier", 1.5),
        ("prix", {"amount": "x", "currency": "EUR"}),
        ("prix", {"amount": "1", "currency": "euros"}),
        ("taux", "cinq %"),
        ("jour", "27/11/2026"),
        ("jour", "2026-02-30"),
        ("jour", "2026-11-27T10:00:00Z"),
        ("heure", "25:00"),
        ("instant", "demain"),
        ("délai", "deux heures"),
        ("vu", "peut-être"),
        ("couleur", "Vert"),
        ("contact", True),
        ("sujet", "nobody"),
        ("articles", "I1"),
        ("double", 4),
        ("updated at", "2026-11-27T10:00:00Z"),
        ("longuer", 4),
    ],
)
def test_one_bad_field_fails_its_event_alone(field: str, given: Any) -> None:
    engine = quand.Engine(program())
    outcome = engine.process({"event": "trial.created", "data": {"id": "T", "texte": "a", field: given}})
    assert (outcome.status, len(outcome.problems)) == ("failed", 1)
    assert outcome.problems[0].object == "T"
    assert engine.process({"event": "trial.created", "data": {"id": "T"}}).status == "applied"


def test_every_problem_of_an_event_is_told_with_a_suggestion() -> None:
    outcome = process(event="trial.created", data={"id": "T", "nombr": 1, "jour": "hier", "couleur": "Vert"})
    assert [(problem.code, problem.field) for problem in outcome.problems] == [
        ("QD545", None),
        ("QD532", "day"),
        ("QD533", "colour"),
    ]
    assert outcome.problems[0].message == "Le champ « nombr » est inconnu. Vouliez-vous dire « nombre » ?"


@pytest.mark.parametrize(
    "name",
    ["trial.created", "essai.créé", "Essai.Créée", "essai.cree", "trial.saved", "essai.enregistré"],
)
def test_names_of_events_in_either_language(name: str) -> None:
    assert process(event=name, data={"id": "T"}).status == "applied"


@pytest.mark.parametrize("name", ["appel manqué", "missed call", "Missed  Call"])
def test_declared_events_in_either_language(name: str) -> None:
    outcome = process(id="e3", event=name, data={"contact": "C-1"})
    assert (outcome.event, outcome.status) == ("e3", "applied")


@pytest.mark.parametrize(
    "event", [{}, {"event": ""}, {"event": "trial.vanished"}, {"event": "trail.created"}, {"event": 3}]
)
def test_unknown_events_fail(event: dict[str, Any]) -> None:
    assert process(**event).status == "failed"


def test_an_unknown_event_has_a_suggestion() -> None:
    (problem,) = process(event="misssed call").problems
    assert "missed call" in problem.message


@pytest.mark.parametrize(
    ("event", "code"),
    [
        ({"event": "deal.updated", "data": {"id": "A-9"}}, "QD551"),
        ({"event": "deal.deleted", "data": {"id": "A-9"}}, "QD551"),
        ({"event": "deal.created", "data": {"id": "A-1"}}, "QD550"),
        ({"event": "deal.updated", "data": {"nom": "x"}}, "QD543"),
        ({"event": "deal.created", "data": []}, "QD541"),
        ({"event": "deal.created", "at": "hier", "data": {"id": "A-2"}}, "QD540"),
        ({"event": "deal.created", "origin": "martien", "data": {"id": "A-2"}}, "QD537"),
        ({"event": "deal.created", "data": {"id": "A-2", "nom": "a", "name": "b"}}, "QD546"),
    ],
)
def test_events_that_do_not_fit_the_data_fail(event: dict[str, Any], code: str) -> None:
    engine = quand.Engine(program())
    engine.process({"event": "deal.created", "data": {"id": "A-1"}})
    outcome = engine.process(event)
    assert (outcome.status, [problem.code for problem in outcome.problems]) == ("failed", [code])


def test_required_and_unique_fields_are_enforced() -> None:
    rules = """
    objet un compte / account
      un numéro / number : texte, identifiant
      une adresse / address : texte, obligatoire, unique
    """
    engine = quand.Engine(quand.compile_text(rules))
    codes: list[list[str]] = []
    for data in (
        {"numéro": "1"},
        {"numéro": "1", "adresse": "a"},
        {"numéro": "2", "adresse": "a"},
        {"numéro": "2", "adresse": "b"},
    ):
        codes.append([p.code for p in engine.process({"event": "account.created", "data": data}).problems])
    assert codes == [["QD552"], [], ["QD524"], []]


def test_an_identifier_field_is_the_identifier() -> None:
    engine = quand.Engine(program())
    assert engine.process({"event": "trial.created", "data": {"code": "T-1"}}).fired[0].object == "T-1"
    assert engine.process({"event": "trial.updated", "data": {"id": "T-1", "texte": "x"}}).status == "applied"


def test_an_object_created_without_identifier_takes_the_event_s() -> None:
    assert process(id="e9", event="trial.created", data={}).fired[0].object == "e9"


# --- identity -----------------------------------------------------------------------------------------------------


def test_the_same_event_twice_is_a_duplicate_whatever_its_instant_and_its_wording() -> None:
    engine = quand.Engine(program())
    first = {"id": "e1", "event": "trial.created", "at": "2026-11-23T10:00:00Z", "data": {"id": "T", "size": 5}}
    again = {"id": "e1", "event": "essai.créé", "at": "2026-11-24T10:00:00Z", "data": {"nombre": "5.0", "id": "T"}}
    assert [engine.process(event).status for event in (first, again)] == ["applied", "duplicate"]


def test_the_same_identity_with_other_content_fails() -> None:
    engine = quand.Engine(program())
    statuses = [
        engine.process({"id": "e1", "event": "trial.created", "data": {"id": name}}).status for name in ("T", "U")
    ]
    assert statuses == ["applied", "failed"]


def test_a_failed_event_does_not_consume_its_identity_and_a_refused_one_does() -> None:
    rules = 'règle "R"\nquand une affaire est créée et montant < 0 alors refuser "non"'
    engine = quand.Engine(quand.compile_text(rules))
    events = [
        {"id": "e1", "event": "deal.created", "data": {"id": "A", "montant": "x"}},
        {"id": "e1", "event": "deal.created", "data": {"id": "A", "montant": -1}},
        {"id": "e1", "event": "deal.created", "data": {"id": "A", "montant": -1}},
    ]
    assert [engine.process(event).status for event in events] == ["failed", "refused", "duplicate"]


# --- data the host has stored -------------------------------------------------------------------------------------


def test_before_gives_the_values_that_edges_compare_with() -> None:
    rules = "règle \"R\"\nquand l'étape d'une affaire passe de 'A' à 'B' alors journaliser \"{ancienne étape}\""
    engine = quand.Engine(quand.compile_text(rules))
    engine.process({"event": "deal.created", "data": {"id": "A-1", "étape": "B"}})
    event = {"event": "deal.updated", "data": {"id": "A-1", "étape": "B"}, "before": {"étape": "A"}}
    (firing,) = engine.process(event).fired
    assert firing.effects[0].args["text"] == "A"


def test_a_host_that_stored_what_was_there_has_changed_nothing() -> None:
    rules = """
    règle "Modifiée"
    quand une affaire est modifiée alors journaliser "x"
    règle "Enregistrée"
    quand une affaire est enregistrée alors journaliser "x"
    """
    engine = quand.Engine(quand.compile_text(rules))
    engine.process({"event": "deal.created", "data": {"id": "A-1", "étape": "B"}})
    event = {"event": "deal.updated", "data": {"id": "A-1", "étape": "B"}, "before": {"étape": "B"}}
    assert [firing.rule for firing in engine.process(event).fired] == ["Enregistrée"]


def test_what_the_host_has_stored_is_not_written_again() -> None:
    written: list[Any] = []

    class Watched(MemoryStore):
        @contextmanager
        def transaction(self, connection: Any = None, *, reading: bool = False) -> Generator[Any]:
            with super().transaction(connection) as transaction:
                yield transaction
                written.extend(write for batch in transaction.batches for write in batch.records)

    engine = quand.Engine(
        quand.compile_text("règle \"R\"\nquand le montant d'une affaire dépasse 5 alors nom = 'x'"), Watched()
    )
    engine.process({"event": "deal.created", "data": {"id": "A-1", "montant": 2, "étape": "B"}})
    written.clear()
    engine.process({"event": "deal.updated", "data": {"id": "A-1", "montant": 2}, "before": {"étape": "A"}})
    assert written == []
    engine.process({"event": "deal.updated", "data": {"id": "A-1", "montant": 9}, "before": {"montant": 2}})
    (write,) = written
    assert write.fields == {"amount", "name", "origin"}


def test_the_origin_of_a_change_can_be_tested() -> None:
    rules = """
    règle "Import"
    quand une affaire est créée ou modifiée et origine = 'import' alors étape = 'X'
    règle "Règle"
    quand une affaire est créée ou modifiée et origine = 'règle' alors journaliser "r"
    """
    engine = quand.Engine(quand.compile_text(rules))
    outcome = engine.process({"event": "deal.created", "origin": "import", "data": {"id": "A-1"}})
    assert [firing.rule for firing in outcome.fired] == ["Import", "Règle"]
    assert engine.process({"event": "deal.updated", "data": {"id": "A-1", "nom": "y"}}).fired == ()


# --- lines --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "line",
    [
        "",
        "garbage",
        "[1]",
        "null",
        '{"event": NaN}',
        '{"a": 1',
        "[" * 100_000,
        '{"event": "deal.created", "id": "\\ud800"}',
    ],
)
def test_a_line_that_cannot_be_read_has_no_event(line: str) -> None:
    result = json.loads(quand.Engine(program()).process_line(line, "events.jsonl", 1).to_json())
    assert (result["event"], result["status"]) == (None, "failed")
    assert result["problems"][0]["message"]


def test_numbers_of_a_line_are_never_rounded() -> None:
    rules = 'règle "R"\nquand une affaire est créée alors largeur = longueur × 3'
    engine = quand.Engine(quand.compile_text(rules))
    line = '{"id": "e", "event": "deal.created", "data": {"id": "A", "longueur": 0.1000000000000000000000000000001}}'
    assert '"width": 0.3000000000000000000000000000003' in engine.process_line(line, "x", 1).to_json()


def test_a_percentage_above_one_is_applied_with_a_warning() -> None:
    outcome = process(event="deal.created", data={"id": "A", "remise": 5})
    assert (outcome.status, [(p.code, p.field) for p in outcome.problems]) == ("applied", [("QD548", "discount")])
