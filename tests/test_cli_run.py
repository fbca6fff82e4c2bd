"""``quand run`` and ``quand compile``: events in, results out."""

from __future__ import annotations

import io
import json
import sys
from pathlib import Path
from typing import Any, NamedTuple

import pytest

import quand
from quand.cli.main import main

RULE = "quand affaire créée et entonnoir = 'Réparation clé en main' alors ajouter produit quantité = surface\n"
DEAL = {"id": "A-1", "entonnoir": "Réparation clé en main", "longueur": 5, "largeur": "6"}
CREATED = {"id": "e1", "event": "deal.created", "at": "2026-11-23T10:00:00+01:00", "data": {**DEAL, "contact": "C-1"}}


class Done(NamedTuple):
    status: object
    out: str
    err: str

    @property
    def results(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.out.splitlines()]


class Quand:
    """Runs the command line in a folder with the one rule of the language reference."""

    def __init__(self, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.folder = folder
        self.capsys = capsys

    def __call__(self, *arguments: str) -> Done:
        with pytest.raises(SystemExit) as left:
            main(arguments)
        out, err = self.capsys.readouterr()
        return Done(left.value.code, out, err)

    def run(self, events: str, *options: str) -> Done:
        (self.folder / "events.jsonl").write_text(events, encoding="utf-8")
        return self("run", "a.rules", "--events", "events.jsonl", *options)


@pytest.fixture
def command(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Quand:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("QUAND_LANG", raising=False)
    monkeypatch.setenv("LC_ALL", "fr_FR.UTF-8")
    (tmp_path / "a.rules").write_text(RULE, encoding="utf-8")
    return Quand(tmp_path, capsys)


def lines(*events: object) -> str:
    return "".join(json.dumps(event, ensure_ascii=False) + "\n" for event in events)


def test_the_result_of_an_event_is_that_of_the_contract(command: Quand) -> None:
    done = command.run(lines(CREATED))
    assert done.status == 0
    (result,) = done.results
    (fired,) = result.pop("fired")
    assert fired.pop("rule").startswith("rule-")
    assert fired == {
        "object": "A-1",
        "effects": [{"action": "add product", "args": {"quantity": 30, "duplicates": "add", "deal": "A-1"}}],
    }
    assert result == {
        "event": "e1",
        "status": "applied",
        "changes": [{"object": "product line", "id": "e1.1", "created": True, "set": {"quantity": 30, "deal": "A-1"}}],
        "timers": [],
        "problems": [],
    }


def test_a_bad_line_fails_alone(command: Quand) -> None:
    done = command.run("not json\n\n" + lines(CREATED, CREATED, {"event": "deal.updated", "data": {"id": "A-9"}}))
    assert done.status == 1
    assert [(result["event"], result["status"]) for result in done.results] == [
        (None, "failed"),
        ("e1", "applied"),
        ("e1", "duplicate"),
        ("events.jsonl:5", "failed"),
    ]


def test_events_come_from_standard_input(command: Quand, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"\xef\xbb\xbf" + lines(CREATED).encode())))
    done = command("run", "a.rules", "--events", "-")
    assert [result["status"] for result in done.results] == ["applied"]


def test_bytes_that_are_no_text_fail_their_line_alone(command: Quand) -> None:
    (command.folder / "e.jsonl").write_bytes(b'{"event": "\xff"}\n' + lines(CREATED).encode())
    done = command("run", "a.rules", "--events", "e.jsonl")
    assert [result["status"] for result in done.results] == ["failed", "applied"]


def test_the_trace_is_given_when_asked_for(command: Quand) -> None:
    (result,) = command.run(lines(CREATED), "--trace").results
    (entry,) = result["trace"]
    assert entry["condition"]["value"] is True


def test_the_clock_starts_when_told(command: Quand) -> None:
    (command.folder / "a.rules").write_text("quand affaire créée alors échéance = aujourd'hui\n", encoding="utf-8")
    event = {"event": "deal.created", "data": {"id": "A-1"}}
    (result,) = command.run(lines(event), "--now", "2026-02-03T23:30").results
    assert result["changes"] == [{"object": "deal", "id": "A-1", "set": {"due date": "2026-02-03"}}]


def test_rules_with_errors_are_not_run(command: Quand) -> None:
    (command.folder / "a.rules").write_text("quand affaire créée alors montnt = 5\n", encoding="utf-8")
    done = command.run(lines(CREATED))
    assert (done.status, done.out) == (1, "")
    assert "erreur[" in done.err
    assert "rien n'a été exécuté" in done.err


@pytest.mark.parametrize(
    ("options", "part"),
    [
        (["--now", "hier"], "« hier » n'est pas un instant"),
        (["--data", "foo://x"], "« foo://x »"),
        (["--events", "absent.jsonl"], "absent.jsonl: ce fichier ou dossier n'existe pas"),
        (["--events", "."], "c'est un dossier"),
    ],
)
def test_usage_errors_are_one_line(command: Quand, options: list[str], part: str) -> None:
    done = command.run("", *options)
    assert done.status == 2
    assert part in done.err
    assert done.err.count("\n") == 1


# --- quand compile ----------------------------------------------------------------------------------------------------


def test_the_compiled_form_loads_and_runs_alike(command: Quand) -> None:
    assert command("compile", "a.rules", "-o", "a.json") == (0, "", "")
    program = quand.Program.load("a.json")
    outcome = quand.Engine(program).process(CREATED)
    assert [change.id for change in outcome.changes] == ["e1.1"]
    assert program.to_json() == (command.folder / "a.json").read_text(encoding="utf-8").rstrip("\n")


def test_the_compiled_form_does_not_depend_on_layout(command: Quand) -> None:
    (command.folder / "b.rules").write_text("# le même\n" + RULE.replace(" alors", "\nalors"), encoding="utf-8")
    assert command("compile", "a.rules").out == command("compile", "b.rules").out
    assert command("compile", "a.rules", "--with-spans").out != command("compile", "b.rules", "--with-spans").out


def test_rules_with_errors_are_not_compiled(command: Quand) -> None:
    (command.folder / "a.rules").write_text("quand affaire créée alors montnt = 5\n", encoding="utf-8")
    done = command("compile", "a.rules", "-o", "a.json")
    assert done.status == 1
    assert not (command.folder / "a.json").exists()


def test_a_file_that_cannot_be_written_is_told(command: Quand) -> None:
    done = command("compile", "a.rules", "-o", "absent/a.json")
    assert done.status == 2
    assert done.err.count("\n") == 1
