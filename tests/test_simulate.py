"""``quand simulate`` and trial runs: what rules would do to real data, of which not a byte changes."""

from __future__ import annotations

import hashlib
import json
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any, NamedTuple

import postgres_server
import psycopg
import pytest

import quand
from quand.cli.main import main
from quand.project import engine as project_engine
from quand.runtime.engine import Engine

RULES = """\
règle "Relance" / "Reminder" (une seule fois)
quand une affaire est créée ou modifiée et montant > 100 € alors
  créer une tâche "Relancer {numéro}"
  envoyer un SMS à '+33612345678', texte = "Bonjour"
  attendre 2 heures puis journaliser "deux heures"

règle "Gagnée" / "Won"
quand l'étape d'une affaire devient 'Gagnée' alors augmenter le bonus du contact de 5 €
sinon journaliser "pas de contact"

règle "Échéance" / "Due"
quand 2 jours avant l'échéance d'une affaire alors source = 'relance'

règle "Négociation" / "Haggling"
quand une affaire reste 5 jours en étape = 'Négociation' alors étape = 'Perdue'

règle "Lundi" / "Monday"
quand chaque lundi à 9h pour chaque affaire dont étape = 'Gagnée' alors source = 'lundi'

règle "Appel" / "Call"
quand un appel est manqué alors journaliser "appel"

règle "Refus" / "No"
quand une affaire est modifiée et montant < 0 € alors refuser "négatif"
"""
NEWER = RULES.replace("montant > 100 €", "montant > 200 €").replace("de 5 €", "de 6 €")
AT = "2026-11-23T10:00:00Z"
DATA: list[dict[str, Any]] = [
    {"event": "contact.created", "data": {"id": "C-1", "nom": "Ada"}},
    {
        "event": "deal.created",
        "data": {"id": "A-1", "numéro": "N1", "montant": 150, "étape": "Gagnée", "contact": "C-1"},
    },
    {"event": "deal.created", "data": {"id": "A-2", "numéro": "N2", "montant": 500, "étape": "Négociation"}},
    {"event": "deal.created", "data": {"id": "A-3", "numéro": "N3", "échéance": "2026-12-01"}},
    {"event": "deal.created", "data": {"id": "A-4", "montant": -1, "échéance": "2020-12-01"}},
]


class Done(NamedTuple):
    status: object
    out: str
    err: str


Command = Callable[..., Done]


@pytest.fixture
def command(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Command:
    monkeypatch.chdir(tmp_path)
    write("rules.rules", RULES)

    def command(*arguments: str, language: str = "fr") -> Done:
        with pytest.raises(SystemExit) as left:
            main([*arguments, "--lang", language])
        out, err = capsys.readouterr()
        return Done(left.value.code, out, err)

    return command


def write(name: str, *lines: str | dict[str, Any]) -> None:
    text = "\n".join(line if isinstance(line, str) else json.dumps(line) for line in lines)
    Path(name).write_text(text + "\n", encoding="utf-8")


def filled(address: str) -> str:
    """Data that are there, made without any rule."""
    with closing(quand.open_store(address)) as store:
        engine = quand.Engine(quand.compile_text("", language="fr"), store)
        for number, event in enumerate(DATA):
            assert engine.process({"id": f"d{number}", "at": AT, **event}).status == "applied"
    return address


def digest(path: str) -> tuple[str, list[str]]:
    """The content of a file, and the files beside it."""
    return hashlib.sha256(Path(path).read_bytes()).hexdigest(), sorted(each.name for each in Path.cwd().iterdir())


def everything(address: str) -> list[Any]:
    """All that is in a database of PostgreSQL."""
    with psycopg.connect(address) as connection:
        tables = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1").fetchall()
        found: list[Any] = []
        for (name,) in tables:
            query: Any = f'SELECT * FROM "{name}" ORDER BY 1'
            found.append((name, connection.execute(query).fetchall()))
        return found


def by_rule(out: str) -> dict[str, Any]:
    return {each["rule"]: each for each in json.loads(out)["rules"]}


# --- the data as they are -----------------------------------------------------------------------------------------


def test_each_rule_is_tried_on_each_object(command: Command) -> None:
    address = filled("sqlite:///crm.db")
    before = digest("crm.db")
    done = command("simulate", "rules.rules", "--data", address, "--now", "2026-11-23T12:00", "--format", "json")
    assert done.status == 0
    rules = by_rule(done.out)
    counted = {name: (each["looked"], each["fired"], each["refused"]) for name, each in rules.items()}
    assert counted == {
        "Reminder": (4, 2, 0),
        "Won": (1, 1, 0),
        "Due": (1, 1, 0),
        "Haggling": (1, 1, 0),
        "Monday": (1, 1, 0),
        "Call": (0, 0, 0),
        "No": (4, 1, 1),
    }
    assert rules["Reminder"]["actions"] == {"create task": 2, "send SMS": 2}
    assert rules["Reminder"]["changes"] == [{"object": "task", "created": 2}]
    assert rules["Won"]["changes"] == [{"object": "contact", "field": "bonus", "count": 1}]
    assert rules["Due"]["examples"][0]["at"] == "2026-11-28T23:00:00+00:00"
    assert [rules[name]["tried"] for name in ("Call", "Due")] == [False, True]
    assert digest("crm.db") == before


@pytest.mark.parametrize(
    ("language", "parts"),
    [
        (
            "fr",
            (
                "« Relance » : agirait 2 fois (affaires examinés : 4).",
                "  Objets créés : 2 (tâches).",
                "  Ferait : créer une tâche (2), envoyer un SMS",
                "    affaire A-1",
                "      contact C-1 : bonus = 5 €",
                "  Dont 1 fois à une date à venir.",
                "  Refuserait 1 fois.",
                "Pas essayées, car elles attendent un événement ou une suppression : « Appel ».",
                "Rien n'a été écrit ni envoyé.",
            ),
        ),
        (
            "en",
            (
                "“Reminder”: would act 2 times (deals looked at: 4).",
                "  Objects created: 2 (tasks).",
                "Not tried, since they wait for an event or a deletion: “Call”.",
                "Nothing was written or sent.",
            ),
        ),
    ],
)
def test_a_person_can_read_it(language: str, parts: tuple[str, ...], command: Command) -> None:
    address = filled("sqlite:///crm.db")
    out = command("simulate", "rules.rules", "--data", address, "--now", "2026-11-23T12:00", language=language).out
    for part in parts:
        assert part in out


def test_what_a_rule_did_once_it_would_not_do_again(command: Command) -> None:
    filled("sqlite:///crm.db")
    write("events.jsonl", {"event": "deal.updated", "at": AT, "data": {"id": "A-1", "montant": 300}})
    assert command("run", "rules.rules", "--events", "events.jsonl", "--data", "sqlite:///crm.db").status == 0
    out = command("simulate", "rules.rules", "--data", "sqlite:///crm.db", "--format", "json").out
    assert by_rule(out)["Reminder"]["fired"] == 1


@postgres_server.GROUP
def test_postgresql_is_only_read(command: Command) -> None:
    address = filled(postgres_server.new_database())
    before = everything(address)
    write("events.jsonl", *DATA[2:], {"event": "deal.updated", "data": {"id": "A-1", "étape": "Perdue"}})
    for more in ((), ("--events", "events.jsonl"), ("--against", "rules.rules")):
        done = command("simulate", "rules.rules", "--data", address, *more)
        assert "Rien n'a été écrit ni envoyé." in done.out
    dry = command("run", "rules.rules", "--events", "events.jsonl", "--data", address, "--dry-run")
    assert len(dry.out.splitlines()) == 4
    assert everything(address) == before


# --- events -------------------------------------------------------------------------------------------------------


def test_events_are_processed_one_after_another(command: Command) -> None:
    address = filled("sqlite:///crm.db")
    before = digest("crm.db")[0]
    write(
        "events.jsonl",
        {"id": "d1", "event": "deal.updated", "at": AT, "data": {"id": "A-3", "montant": 1000}},
        {"event": "deal.updated", "data": {"id": "A-3", "étape": "Gagnée", "contact": "C-1"}},
        {"event": "deal.updated", "data": {"id": "A-1", "montant": -5}},
        {"event": "time", "at": "2026-11-23T13:00:00Z"},
        {"event": "deal.updated", "data": {"id": "A-9"}},
    )
    done = command("simulate", "rules.rules", "--data", address, "--events", "events.jsonl", "--format", "json")
    told = json.loads(done.out)
    assert done.status == 1
    assert told["events"] == {"count": 5, "applied": 2, "failed": 2, "refused": 1}
    assert told["failures"][0]["problems"][0]["code"] == "QD549"
    write(
        "events.jsonl", *Path("events.jsonl").read_text(encoding="utf-8").replace('"id": "d1", ', "").splitlines()[:4]
    )
    done = command("simulate", "rules.rules", "--data", address, "--events", "events.jsonl", "--format", "json")
    rules = by_rule(done.out)
    assert done.status == 0
    assert {name: each["fired"] for name, each in rules.items() if each["fired"]} == {"Reminder": 2, "Won": 1, "No": 1}
    assert digest("crm.db")[0] == before


def test_events_that_were_processed_already_are_tried_again(command: Command) -> None:
    address = filled("sqlite:///crm.db")
    event = {"id": "e1", "event": "deal.updated", "at": AT, "data": {"id": "A-1", "étape": "Perdue"}}
    write("events.jsonl", event)
    write("first.rules", 'quand une affaire est enregistrée alors source = "vue"')
    assert command("run", "first.rules", "--events", "events.jsonl", "--data", address).status == 0
    out = command("simulate", "rules.rules", "--data", address, "--events", "events.jsonl").out
    assert "1 appliqué" in out


# --- two versions -------------------------------------------------------------------------------------------------


def test_two_versions_are_compared_on_the_data(command: Command) -> None:
    address = filled("sqlite:///crm.db")
    write("newer.rules", NEWER)
    done = command("simulate", "newer.rules", "--against", "rules.rules", "--data", address, "--format", "json")
    told = json.loads(done.out)["differences"]
    found = {(each["rule"], each["object"]): (each["old"] is None, each["new"] is None) for each in told}
    # what “Monday” changes makes “Reminder” look at the deal
    assert found == {
        ("Reminder", "A-1"): (False, True),
        ("Won", "A-1"): (False, False),
        ("Monday", "A-1"): (False, False),
    }
    out = command("simulate", "newer.rules", "--against", "rules.rules", "--data", address).out
    assert "  « Relance » n'agit plus sur A-1" in out
    assert "avant : contact C-1 : bonus = 5 ; maintenant : contact C-1 : bonus = 6" in out


def test_two_versions_are_compared_event_by_event(command: Command) -> None:
    address = filled("sqlite:///crm.db")
    write("newer.rules", NEWER)
    write(
        "events.jsonl",
        {"id": "e1", "event": "deal.updated", "data": {"id": "A-3", "montant": 150}},
        {"id": "e2", "event": "deal.updated", "data": {"id": "A-3", "montant": 250}},
        {"id": "e3", "event": "deal.updated", "data": {"id": "A-3", "étape": "Gagnée", "contact": "C-1"}},
    )
    options = ("--against", "rules.rules", "--data", address, "--events", "events.jsonl")
    told = json.loads(command("simulate", "newer.rules", *options, "--format", "json").out)["differences"]
    assert [(each["event"], each.get("rule"), each.get("field")) for each in told] == [
        ("e1", "Reminder", None),
        ("e1", None, None),
        ("e2", "Reminder", None),
        ("e2", None, None),
        ("e3", None, "bonus"),
    ]
    out = command("simulate", "newer.rules", *options).out
    assert "  e1 : « Relance » n'agit plus sur A-3" in out
    assert "  e2 : « Relance » agit sur A-3, et n'agissait pas avant" in out
    assert "  e3 : C-1, bonus : 5 avant, 6 maintenant" in out
    assert "tout est pareil" in command("simulate", "rules.rules", *options).out


# --- nothing is sent, nothing is made -----------------------------------------------------------------------------


def test_a_trial_run_sends_nothing(command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    sent: list[object] = []

    def bind(engine: Engine) -> None:
        engine.action("send SMS")(sent.append)

    monkeypatch.setattr(project_engine.Engine, "_bind_installed", bind)
    address = filled("sqlite:///crm.db")
    write("events.jsonl", {"event": "deal.updated", "data": {"id": "A-1", "montant": 900}})
    before = digest("crm.db")
    for dry in (("simulate", "rules.rules"), ("run", "rules.rules", "--dry-run")):
        assert "send SMS" in command(*dry, "--data", address, "--events", "events.jsonl").out or dry[0] == "simulate"
    assert (sent, digest("crm.db")) == ([], before)
    assert command("run", "rules.rules", "--data", address, "--events", "events.jsonl").status == 0
    assert len(sent) == 1


def test_what_a_program_that_died_left_in_its_log_stays_there(command: Command, tmp_path: Path) -> None:
    filled("sqlite:///crm.db")
    (tmp_path / "died").mkdir()
    with closing(sqlite3.connect("crm.db")) as holder:
        holder.execute("INSERT INTO deal (id, amount) VALUES ('A-9', '900')")
        holder.commit()
        for name in ("crm.db", "crm.db-wal"):
            shutil.copy(name, f"died/{name}")
        before = digest("crm.db")
        assert command("simulate", "rules.rules", "--data", "sqlite:///crm.db").status == 0
        assert digest("crm.db") == before
    left = (digest("died/crm.db")[0], digest("died/crm.db-wal")[0])
    out = command("simulate", "rules.rules", "--data", "sqlite:///died/crm.db", "--format", "json").out
    assert by_rule(out)["Reminder"]["looked"] == 5
    assert (digest("died/crm.db")[0], digest("died/crm.db-wal")[0]) == left


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("rules.rules",), "il manque --data"),
        (("rules.rules", "--data", "sqlite:///none.db"), "vérifiez le chemin"),
        (("rules.rules", "--data", "sqlite:///crm.db", "--events", "none.jsonl"), "vérifiez le chemin"),
        (("none.rules", "--data", "sqlite:///crm.db"), "n'existe pas"),
        (("rules.rules", "--data", "sqlite:///crm.db", "--against", "none.rules"), "n'existe pas"),
        (("rules.rules", "--data", "rien://x"), "n'est pas connue"),
    ],
)
def test_one_line_says_what_is_wrong(arguments: tuple[str, ...], said: str, command: Command) -> None:
    filled("sqlite:///crm.db")
    done = command("simulate", *arguments)
    assert (done.status, done.out, len(done.err.splitlines())) == (2, "", 1)
    assert said in done.err


def test_rules_with_errors_are_not_tried(command: Command) -> None:
    write("bad.rules", "quand une afaire est créée alors supprimer")
    done = command("simulate", "bad.rules", "--data", filled("sqlite:///crm.db"))
    assert (done.status, done.out) == (1, "")
