"""The IR as canonical JSON: there and back, to the byte, and never anything else than a clear error."""

from __future__ import annotations

import json
from datetime import date, datetime, time
from decimal import Decimal
from pathlib import Path
from typing import Any

import attrs
import pytest

import quand
from quand.dsl import ir
from quand.dsl.invariants import check
from quand.dsl.ir_json import IRError, IRVersionError, from_json, rule_hash, to_json, value_from_plain, value_to_plain
from quand.dsl.types import BOOLEAN, NUMBER, TEXT
from quand.dsl.values import Duration, Money, Reference, Value

RULES = """
règle "Fournitures" / "Supplies" (priorité 10, étiquettes 'chantier', du 01/01/2026 au 31/12/2026)
quand une affaire est créée ou l'étape d'une affaire devient 'Gagnée'
   et (montant > 10 000 € ou remise < 5 %)
   et somme des montants des affaires du contact dont étape = 'Gagnée' depuis 30 jours > 50 000 €
alors
   ajouter produit 'Stratifié', quantité = surface + 10 %
   attendre 2 heures, sauf si étape = 'Perdue', puis créer une tâche "Rappeler {nom du contact sinon 'client'}"
sinon
   pour chaque commande dont client = le contact : état = 'vue'
règle "Lundi" (tolérance 2 jours)
chaque lundi à 9h pour chaque affaire dont étape = 'Négociation' alors journaliser "x"
"""


@pytest.fixture(scope="module")
def program() -> ir.Program:
    return quand.compile_text(RULES).ir


def test_there_and_back_gives_the_same_text(program: ir.Program) -> None:
    text = to_json(program)
    assert to_json(from_json(text)) == text
    assert text == json.dumps(json.loads(text), separators=(",", ":"), sort_keys=True, ensure_ascii=False)


def test_what_is_read_back_decides_alike(program: ir.Program, tmp_path: Path) -> None:
    path = tmp_path / "program.json"
    quand.Program(program).save(path)
    event = {"id": "e", "event": "deal.created", "data": {"id": "A", "montant": 20000, "longueur": 2, "largeur": 3}}
    results = {
        quand.Engine(each).process(event).to_json() for each in (quand.Program(program), quand.Program.load(path))
    }
    assert len(results) == 1


def test_both_skins_give_the_same_json() -> None:
    french = "règle \"R\"\nquand le montant d'une affaire dépasse 10 000 € et étape = 'A' alors étape = 'B'"
    english = "rule \"R\"\nwhen the amount of a deal exceeds 10,000 € and stage = 'A' then stage = 'B'"
    texts = [json.loads(to_json(quand.compile_text(source).ir))["rules"][0] for source in (french, english)]
    for rule in texts:
        rule.pop("names", None)
    assert texts[0] == texts[1]


def test_spans_are_written_when_asked_for_and_change_nothing_else(program: ir.Program) -> None:
    with_spans = to_json(program, spans=True)
    assert '"span":[' in with_spans
    assert '"span"' not in to_json(program)
    assert to_json(from_json(with_spans)) == to_json(program)
    assert to_json(from_json(with_spans), spans=True) == with_spans


def test_a_rule_s_hash_depends_on_what_it_means_not_on_its_name(program: ir.Program) -> None:
    rule = program.rules[0]
    renamed = attrs.evolve(rule, name="other", names={"fr": "autre"})
    assert rule_hash(rule) == rule_hash(renamed)
    assert rule_hash(rule) != rule_hash(attrs.evolve(rule, priority=11))
    assert len(rule_hash(rule)) == 64


@pytest.mark.parametrize(
    "value",
    [
        None,
        True,
        "été",
        Decimal("0.050"),
        Money(Decimal("12.50"), "EUR"),
        date(2026, 11, 27),
        datetime(2026, 11, 27, 14),  # noqa: DTZ001 (a literal without a zone)
        time(9, 30),
        Duration(months=1, days=2, seconds=Decimal("1.5"), business_days=3),
        Reference("deal", "A-1"),
        (Decimal(1), None, "x"),
    ],
    ids=str,
)
def test_values_keep_everything(value: Value) -> None:
    plain = json.loads(json.dumps(value_to_plain(value)))
    again = value_from_plain(plain)
    assert (again, type(again), str(again)) == (value, type(value), str(value))


def broken(program: ir.Program, change: str) -> str:
    """A text that is almost a program."""
    plain: dict[str, Any] = json.loads(to_json(program))
    rule = plain["rules"][0]
    match change:
        case "no node":
            del rule["node"]
        case "unknown class":
            rule["triggers"][0]["node"] = "Exec"
        case "class elsewhere":
            rule["triggers"][0] = rule["actions"][0]
        case "unknown field":
            rule["surprise"] = 1
        case "missing field":
            del rule["triggers"]
        case "wrong type":
            rule["priority"] = "10"
        case "not a list":
            rule["actions"] = {}
        case "bad type name":
            plain["definitions"] = [
                {"node": "GlobalDefinition", "name": "x", "names": {}, "type": "lambda", "value": {"node": "Constant"}}
            ]
        case _:
            rule["tolerance"] = {"duration": {"days": "x"}}
    return json.dumps(plain)


@pytest.mark.parametrize(
    "change",
    [
        "no node",
        "unknown class",
        "class elsewhere",
        "unknown field",
        "missing field",
        "wrong type",
        "not a list",
        "bad type name",
        "bad duration",
    ],
)
def test_another_shape_is_an_error_that_says_where(program: ir.Program, change: str) -> None:
    with pytest.raises(IRError) as caught:
        from_json(broken(program, change))
    assert caught.value.path.startswith(("rules[0]", "definitions[0]"))


@pytest.mark.parametrize("text", ["", "{}", "[]", "null", '{"node": "Rule"}', "[" * 100_000, '{"node":' * 50_000])
def test_anything_else_is_an_error_too(text: str) -> None:
    with pytest.raises(IRError):
        from_json(text)


def test_another_version_says_so(program: ir.Program) -> None:
    plain = json.loads(to_json(program)) | {"version": 99}
    with pytest.raises(IRVersionError) as caught:
        from_json(json.dumps(plain))
    assert caught.value.found == 99


def test_the_front_end_keeps_the_invariants(program: ir.Program) -> None:
    assert check(program) == []


def test_invariants_that_are_broken_are_named(program: ir.Program) -> None:
    subject = ir.Variable("nobody", TEXT)
    strange = ir.Rule(
        "Strange",
        {},
        "unicorn",
        (),
        ir.Apply("equal", (subject,), BOOLEAN),
        (ir.Assign(ir.Constant(None, TEXT), "x", ir.Apply("magic", (), NUMBER)), ir.Call("fly", ())),
    )
    found = check(attrs.evolve(program, rules=(*program.rules, strange, program.rules[0])))
    assert {
        "Strange: no type unicorn",
        "Strange: no trigger",
        "Strange: equal takes 2 arguments, not 1",
        "Strange: nobody is not bound",
        "Strange: no function magic",
        "Strange: no action fly",
        f"two rule: {program.rules[0].name}",
    } == set(found)


def test_a_program_that_breaks_them_is_not_loaded(program: ir.Program, tmp_path: Path) -> None:
    path = tmp_path / "program.json"
    quand.Program(attrs.evolve(program, actions=())).save(path)
    with pytest.raises(IRError):
        quand.Program.load(path)
