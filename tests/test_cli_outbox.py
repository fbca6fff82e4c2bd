"""``quand outbox``: what rules have to send, what became of it, and what a person decides about it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from gateways import Gateway, Mailbox, gateway, mail_server

from quand.cli.main import main
from quand.project.compile import load
from quand.project.stores import open_store

RULES = """\
règle "Bienvenue" / "Welcome"
quand une affaire est créée alors
  envoyer un SMS au contact, texte = "Bonjour {nom}"
  puis envoyer un e-mail au contact, objet = "Été", texte = "Ça va, {nom} ?"
  puis notifier le responsable, message = "Nouvelle affaire {nom}"
  puis appeler l'adresse "https://example.com/x", numéro = nom
  puis journaliser "créée : {nom}"
"""
EVENTS = [
    {"id": "c", "event": "contact.created", "data": {"id": "C-1", "téléphone": "0612345678", "e-mail": "c@example.fr"}},
    {"id": "u", "event": "user.created", "data": {"id": "U-1", "e-mail": "u@example.fr"}},
    {"id": "d", "event": "deal.created",
     "data": {"id": "A-1", "nom": "<b>Zoë</b>\r\nBcc: x", "contact": "C-1", "responsable": "U-1"}},
]  # fmt: skip


class Done(NamedTuple):
    status: object
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


class Project:
    """A folder with rules, data and a configuration, and the command run in it."""

    def __init__(self, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.folder = folder
        self._capsys = capsys
        self.configure("")
        (folder / "r.rules").write_text(RULES, encoding="utf-8")
        lines = "\n".join(json.dumps(event) for event in EVENTS)
        (folder / "e.jsonl").write_text(lines, encoding="utf-8")

    def configure(self, text: str) -> None:
        (self.folder / "quand.toml").write_text('data = "sqlite:///crm.db"\n' + text, encoding="utf-8")

    def quand(self, *arguments: str) -> Done:
        with pytest.raises(SystemExit) as left:
            main(arguments)
        out, err = self._capsys.readouterr()
        return Done(left.value.code, out, err)

    def outbox(self, *arguments: str) -> Done:
        return self.quand("outbox", *arguments)

    def run(self) -> None:
        assert self.quand("run", "r.rules", "--events", "e.jsonl").status == 0

    def states(self) -> dict[str, str]:
        listed = [self.outbox("list", "--format", "json", "--state", state).json["effects"] for state in STATES]
        return dict(sorted((effect["key"], effect["state"]) for effects in listed for effect in effects))


STATES = ("waiting", "sent", "dead", "uncertain", "dropped")


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Project:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("QUAND_LANG", "fr")
    return Project(tmp_path, capsys)


@pytest.fixture(scope="module")
def gate() -> Iterator[Gateway]:
    with gateway() as made:
        yield made


@pytest.fixture(scope="module")
def box() -> Iterator[Mailbox]:
    with mail_server() as made:
        yield made


def test_without_connectors_effects_wait_and_it_is_told(project: Project) -> None:
    project.run()
    listed = project.outbox("r.rules", "list")
    assert (listed.status, listed.err) == (0, "")
    lines = listed.out.splitlines()
    assert lines[0] == "en attente  d#1  envoyer SMS à C-1, texte = Bonjour <b>Zoë</b> Bcc: x  (règle « Bienvenue »)"
    assert "1 envoi attend un connecteur : « envoyer SMS à » demande [connectors.sms] dans quand.toml." in lines
    assert lines[-1] == "5 en attente."
    english = project.outbox("list", "--lang", "en").out.splitlines()
    assert english[0] == "waiting  d#1  send SMS to C-1, text = Bonjour <b>Zoë</b> Bcc: x  (rule “Welcome”)"
    assert english[-1] == "5 waiting."
    assert "\r" not in listed.out


def test_a_program_reads_the_same_as_json(project: Project) -> None:
    project.run()
    listed = project.outbox("list", "--format", "json").json
    assert listed["counts"] == {"waiting": 5, "claimed": 0, "sent": 0, "dead": 0, "uncertain": 0, "dropped": 0}
    first = listed["effects"][0]
    assert (first["key"], first["action"], first["rule"], first["object"]) == ("d#1", "send SMS", "Welcome", "A-1")
    assert (first["state"], first["attempts"], first["connector"]) == ("waiting", 0, False)
    assert first["args"] == {"recipient": "C-1", "text": "Bonjour <b>Zoë</b>\r\nBcc: x"}


def test_what_is_configured_really_goes_out(
    project: Project, gate: Gateway, box: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SMS_TOKEN", "t")
    project.configure(
        f"""
        [connectors.email]
        host = "127.0.0.1"
        port = {box.port}
        security = "none"
        from = "crm@example.org"
        [connectors.sms]
        url = "{gate.url()}"
        token_env = "SMS_TOKEN"
        [connectors.notify]
        by = "email"
        """
    )
    project.run()
    assert gate.calls == []
    sent = project.outbox("send")
    assert (sent.status, sent.out) == (0, "4 envoyés, 0 à retenter, 0 en échec, 0 incertain.\n")
    assert sent.err == "créée : <b>Zoë</b> Bcc: x\n"
    assert project.states() == {"d#1": "sent", "d#2": "sent", "d#3": "sent", "d#4": "waiting", "d#5": "sent"}
    assert [call.json["to"] for call in gate.calls] == ["0612345678"]
    assert [envelope.rcpt_tos for envelope in box.envelopes] == [["c@example.fr"], ["u@example.fr"]]
    assert project.outbox("send", "--format", "json").json == {
        "sent": 0, "postponed": 0, "dead": 0, "uncertain": 0, "next": None,
    }  # fmt: skip
    assert len(gate.calls) == 1


def test_what_failed_is_tried_again_or_given_up_by_a_person(project: Project, gate: Gateway) -> None:
    project.configure(f'[connectors.sms]\nurl = "{gate.url()}"')
    project.run()
    gate.calls.clear()
    gate.answers[:] = [500, 400]
    failed = project.outbox("send")
    assert (failed.status, failed.out) == (1, "1 envoyé, 1 à retenter, 0 en échec, 0 incertain.\n")
    assert failed.err.splitlines() == ["créée : <b>Zoë</b> Bcc: x", "d#1: 127.0.0.1 répond 500"]
    listed = project.outbox("list").out
    assert re.search(r"essai, le dernier à \d{4}-\d\d-\d\d \d\d:\d\d:\d\d\n    prochain essai à \d{4}-", listed)
    assert project.outbox("send").status == 0
    assert project.outbox("retry", "d#1").out == "1 envoi sera retenté.\n"
    refused = project.outbox("send", "--lang", "en")
    assert (refused.status, refused.out) == (1, "0 sent, 0 to be tried again, 1 given up, 0 uncertain.\n")
    assert refused.err.startswith("d#1: 127.0.0.1 refuse : 400")
    assert project.states()["d#1"] == "dead"
    assert project.outbox("retry", "--format", "json").json == {"done": ["d#1"], "left": []}
    assert project.outbox("send").status == 0
    assert [call.headers["Idempotency-Key"] for call in gate.calls] == ["d#1"] * 3
    assert project.outbox("drop", "--state", "waiting").out == "3 envois abandonnés.\n"
    assert project.outbox("list").out == "2 envoyés, 3 abandonnés.\n"


def test_what_may_have_arrived_waits_for_a_person(project: Project, gate: Gateway) -> None:
    project.configure(f'[connectors.sms]\nurl = "{gate.url()}"\nat_most_once = true')
    project.run()
    gate.calls.clear()
    gate.answers[:] = ["drop"]
    assert project.outbox("send").status == 1
    assert project.states()["d#1"] == "uncertain"
    assert "1 incertain" in project.outbox("list").out
    for arguments in (("send",), ("retry",), ("send",)):
        project.outbox(*arguments)
    assert len(gate.calls) == 1
    assert project.outbox("retry", "d#1").status == 0
    assert project.outbox("send").status == 0
    assert len(gate.calls) == 2


def test_what_cannot_be_done_is_told(project: Project) -> None:
    project.run()
    project.outbox("send")
    wrong = project.outbox("retry", "d#5", "nope")
    assert (wrong.status, wrong.out) == (1, "0 envoi sera retenté.\n")
    unknown, left = wrong.err.splitlines()
    assert unknown.startswith("il n'y a pas d'envoi « nope » : « quand outbox list")
    assert left == "« d#5 » reste en l'état : envoyé."
    assert project.outbox("drop", "d#5").status == 1
    assert project.outbox("list", "nope").status == 1


@pytest.mark.parametrize(
    ("arguments", "part"),
    [
        ((), "list, retry, drop ou send"),
        (("lst",), "list, retry, drop ou send"),
        (("drop",), "--state"),
        (("send", "d#1"), "ne prend pas de clés"),
        (("list", "--state", "lost"), "waiting, claimed"),
        (("nowhere.rules", "list"), "nowhere.rules"),
        (("list", "--data", "memory://"), "--data"),
        (("list", "--data", "sqlite:///no/such/crm.db"), "no/such"),
    ],
)
def test_mistakes_are_one_line(project: Project, arguments: tuple[str, ...], part: str) -> None:
    done = project.outbox(*arguments)
    if "no/such" not in part:
        assert (done.status, done.out) == (2, "")
        assert done.err.count("\n") == 1
    assert part in done.err or done.out == "Rien à envoyer.\n"


def test_a_missing_secret_is_told_when_sending_only(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SMS_TOKEN", raising=False)
    project.configure('[connectors.sms]\nurl = "https://sms.example.org/"\ntoken_env = "SMS_TOKEN"')
    project.run()
    assert project.outbox("list").status == 0
    done = project.outbox("send")
    assert (done.status, done.out) == (2, "")
    assert "SMS_TOKEN" in done.err


def test_rules_with_errors_send_nothing(project: Project) -> None:
    project.run()
    (project.folder / "r.rules").write_text("quand une affaire est créée alors étape = ", encoding="utf-8")
    done = project.outbox("r.rules", "send")
    assert (done.status, done.out) == (1, "")


def test_looking_makes_nothing(project: Project) -> None:
    for verb in ("list", "retry", "send"):
        assert project.outbox(verb).status == 0
    assert not (project.folder / "crm.db").exists()


def test_a_name_mistyped_is_no_empty_outbox(project: Project) -> None:
    listed = project.outbox("list", "--data", "sqlite:///cmr.db")
    assert (listed.status, listed.out, len(listed.err.splitlines())) == (2, "", 1)
    assert not (project.folder / "cmr.db").exists()


def test_documents_wait_where_it_is_not_said_what_the_rules_are(project: Project) -> None:
    project.configure('[connectors.documents]\ntemplates = "modeles"\n')
    (project.folder / "r.rules").write_text(
        'règle "R"\nquand une affaire est créée alors générer le document "a.html"\n', encoding="utf-8"
    )
    project.run()
    sent = project.outbox("send")
    assert (sent.status, sent.out) == (1, "0 envoyé, 0 à retenter, 0 en échec, 0 incertain.\n")
    assert sent.err.startswith("1 document attend : les règles disent ce qui s'y écrit")
    told = project.outbox("r.rules", "send")
    assert (told.status, told.err.count("a.html")) == (1, 1)
    assert project.states() == {"d#1": "dead"}


def test_what_a_machine_with_a_wrong_clock_has_claimed_can_be_had_back(project: Project) -> None:
    project.run()
    now = datetime.now(UTC)
    with closing(open_store(f"sqlite:///{project.folder}/crm.db")) as store:
        store.prepare(load(("r.rules",)).checked())
        for key, until in (("d#1", now + timedelta(days=400)), ("d#2", now + timedelta(seconds=30))):
            store.claim("w", now, until, actions=["send SMS", "send email"], key=key)
    done = project.outbox("retry", "d#1", "d#2")
    assert (done.status, done.out, done.err) == (1, "1 envoi sera retenté.\n", "« d#2 » reste en l'état : en route.\n")
