"""The result of an event, to the letter of the contract."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from decimal import Decimal
from functools import cache
from typing import Any

import quand
from quand.dsl.values import Duration
from quand.runtime.results import iso_duration, json_text, number

ONE_LINE = "quand affaire créée et entonnoir = 'Réparation clé en main' alors ajouter produit quantité = surface"

E1 = {
    "id": "e1",
    "event": "deal.created",
    "at": "2026-11-23T10:00:00+01:00",
    "data": {
        "id": "A-1",
        "entonnoir": "Réparation clé en main",
        "longueur": 5,
        "largeur": "6",
        "contact": "C-1",
    },
}

RESULT = (
    '{"event": "e1", "status": "applied", "fired": [{"rule": "RULE", "object": "A-1", "effects": '
    '[{"action": "add product", "args": {"quantity": 30, "duplicates": "add", "deal": "A-1"}}]}], '
    '"changes": [{"object": "product line", "id": "e1.1", "created": true, "set": {"quantity": 30, "deal": "A-1"}}], '
    '"timers": [], "problems": []}'
)


@cache
def compiled(rules: str) -> quand.Program:
    return quand.compile_text(rules)


def process(rules: str, *events: dict[str, Any]) -> list[dict[str, Any]]:
    """The results of events, as a reader of their JSON lines has them."""
    engine = quand.Engine(compiled(rules))
    lines = [json.dumps(event, ensure_ascii=False) for event in events]
    return [json.loads(engine.process_line(line, "test", n).to_json()) for n, line in enumerate(lines, 1)]


def test_the_example_of_the_contract() -> None:
    program = compiled(ONE_LINE)
    (rule,) = program.ir.rules
    assert rule.name.startswith("rule-")
    assert len(rule.name) == len("rule-5f0c2a91")
    assert quand.Engine(program).process(E1).to_json() == RESULT.replace("RULE", rule.name)


def test_an_empty_field_leaves_the_action_out_and_is_named() -> None:
    event = {**E1, "data": {"id": "A-1", "entonnoir": "Réparation clé en main", "longueur": 5}}
    (result,) = process(ONE_LINE, event)
    assert result["status"] == "applied"
    assert [fired["effects"] for fired in result["fired"]] == [[]]
    (problem,) = result["problems"]
    assert (problem["code"], problem["object"], problem["field"]) == ("QD501", "A-1", "width")
    assert "largeur" in problem["message"]


def test_both_skins_give_the_same_result() -> None:
    english = "when deal created and funnel = 'Réparation clé en main' then add product quantity = area"
    assert process(english, E1) == process(ONE_LINE, E1)


def test_a_line_without_an_id_is_named_after_its_stream() -> None:
    engine = quand.Engine(compiled(ONE_LINE))
    assert engine.process_line('{"event": "deal.created", "data": {"id": "A-1"}}', "events.jsonl", 7).event == (
        "events.jsonl:7"
    )


def test_net_changes_leave_out_the_event_s_own() -> None:
    rules = """
    règle "Étape"
    quand une affaire est créée alors étape = 'Nouvelle'
      nom = "Affaire {numéro}"
    """
    (result,) = process(
        rules, {"id": "e1", "event": "deal.created", "data": {"id": "A-1", "numéro": "7", "étape": "Autre"}}
    )
    assert result["changes"] == [{"object": "deal", "id": "A-1", "set": {"name": "Affaire 7", "stage": "Nouvelle"}}]


def test_choices_references_and_amounts_in_results() -> None:
    rules = """
    objet une affaire
      une fidélité / loyalty : parmi 'Bronze', 'Or' / 'Gold'
    règle "R"
    quand une affaire est créée
    alors fidélité = 'Or'
      montant = 12,50 €
      remise = 5 %
      échéance = 27/11/2026
      créer un rendez-vous "RDV", début = 2026-11-27 à 14h, contact = contact
    règle "S"
    quand la fidélité d'une affaire change alors journaliser "{fidélité}"
    """
    event = {"id": "e1", "event": "deal.created", "data": {"id": "A-1", "contact": "C-1", "fidélité": "Bronze"}}
    (result,) = process(rules, event)
    appointment, deal = result["changes"]
    assert appointment["set"] == {"title": "RDV", "start": "2026-11-27T13:00:00Z", "contact": "C-1"}
    assert deal["set"] == {"amount": 12.5, "discount": 0.05, "due date": "2026-11-27", "loyalty": "Gold"}
    assert result["fired"][1]["effects"] == [{"action": "log", "args": {"text": "Or"}}]


def test_numbers_are_written_exactly() -> None:
    assert [number(Decimal(text)) for text in ("30.0", "1E+3", "0.050", "-0", "-2.50")] == [
        "30",
        "1000",
        "0.05",
        "0",
        "-2.5",
    ]
    assert json_text({"é": Decimal("0.1"), "n": None, "l": [True, "\n"]}) == '{"é": 0.1, "n": null, "l": [true, "\\n"]}'


def test_durations_are_iso_8601() -> None:
    durations = [
        Duration(),
        Duration(months=14, days=3),
        Duration(seconds=Decimal(9000)),
        Duration(days=-1, seconds=Decimal("-1.5")),
        Duration(business_days=5),
    ]
    assert [iso_duration(each) for each in durations] == ["PT0S", "P1Y2M3D", "PT2H30M", "P-1DT-1.5S", "B5D"]


def test_the_trace_tells_what_each_part_was_worth() -> None:
    rules = """
    règle "T"
    quand l'étape d'une affaire devient 'Gagnée' et (montant > 5 ou non (largeur < 3)) alors journaliser "x"
    """
    engine = quand.Engine(compiled(rules), traced=True)
    engine.process({"event": "deal.created", "data": {"id": "A-1", "largeur": 2}})
    outcome = engine.process({"event": "deal.updated", "data": {"id": "A-1", "étape": "Gagnée"}})
    (entry,) = json.loads(outcome.to_json())["trace"]
    assert (entry["rule"], entry["object"], entry["result"]) == ("T", "A-1", "condition")
    amount, width = entry["condition"]["parts"]
    assert amount["value"] is None
    assert amount["message"] == "inconnu : montant est vide"
    assert width["value"] is False
    assert width["parts"][0]["operands"] == [{"of": "width", "value": 2}]


def test_the_trace_lists_rules_whose_trigger_did_not_happen() -> None:
    rules = "règle \"T\"\nquand l'étape d'une affaire devient 'Gagnée' alors journaliser \"x\""
    engine = quand.Engine(compiled(rules), traced=True)
    engine.process({"event": "deal.created", "data": {"id": "A-1", "étape": "Gagnée"}})
    outcome = engine.process({"event": "deal.updated", "data": {"id": "A-1", "étape": "Perdue"}})
    assert [(entry.rule, entry.result) for entry in outcome.trace or ()] == [("T", "trigger")]


def test_decide_names_the_rules_whose_condition_holds() -> None:
    rules = """
    règle "Grosse" (priorité 2)
    quand une affaire est créée et montant > 1 000 € alors journaliser "x"
    règle "Large"
    quand une affaire est modifiée et surface > 10 alors journaliser "x"
    règle "Contact"
    quand un contact est créé et ville = 'Metz' alors journaliser "x"
    """
    program = compiled(rules)
    assert program.decide({"amount": 2000, "length": Decimal(4), "largeur": 5}) == ["Grosse", "Large"]
    assert program.decide({"amount": 2000}, "affaire", now=datetime(2026, 1, 1, tzinfo=UTC)) == ["Grosse"]
    assert program.decide({"ville": "Metz"}) == ["Contact"]


def test_the_decision_log_keeps_every_result_and_the_versions_of_the_rules() -> None:
    engine = quand.Engine(compiled(ONE_LINE))
    outcome = engine.process({**E1, "origin": "import", "actor": "Marie"})
    (entry,) = [json.loads(line) for line in engine.store.log()]
    (rule,) = engine.program.ir.rules
    assert entry["result"] == json.loads(outcome.to_json())
    assert (entry["at"], entry["origin"], entry["actor"]) == ("2026-11-23T09:00:00Z", "import", "Marie")
    assert entry["versions"][rule.name].startswith(rule.name.removeprefix("rule-"))


def test_an_instant_is_told_in_utc_whatever_its_zone() -> None:
    from quand.runtime.results import instant

    assert instant(datetime.fromisoformat("2026-11-23T10:00:00.5+01:00")) == "2026-11-23T09:00:00.500000Z"
