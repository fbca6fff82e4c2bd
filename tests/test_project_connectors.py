"""``[connectors]`` of ``quand.toml``: what it makes, and what is told where it will not do."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from quand.project.config import Config, load_config
from quand.project.connectors import connectors_of, delivered_actions, policy_of
from quand.project.errors import ProjectError
from quand.runtime.connectors.notify import FileConnector, LogConnector
from quand.runtime.connectors.port import Rate
from quand.runtime.connectors.sms import SmsConnector
from quand.runtime.connectors.smtp import EmailConnector
from quand.runtime.connectors.webhook import WebhookConnector

SECRETS = {"SMTP_PASSWORD": "p", "SMS_TOKEN": "t", "HOOK_KEY": "k"}

FULL = """
[connectors]
attempts = 5
hours = 12

[connectors.email]
host = "smtp.example.org"
security = "tls"
user = "crm"
password_env = "SMTP_PASSWORD"
from = "crm@example.org"
name = "Société"
reply_to = "contact@example.org"
per_hour = 2
per_day = 5

[connectors.sms]
url = "https://sms.example.org/send"
token_env = "SMS_TOKEN"
from = "Quand"
to_field = "numbers"
country_code = "33"
at_most_once = true
seconds = 20

[connectors.webhook."API.example.org:8443"]
key_env = "HOOK_KEY"
private = true

[connectors.notify]
by = "email"

[connectors.log]
file = "journal.jsonl"
"""


def config(tmp_path: Path, text: str) -> Config:
    (tmp_path / "quand.toml").write_text(text, encoding="utf-8")
    return load_config(tmp_path)


def refused(tmp_path: Path, text: str, language: str = "fr") -> str:
    """The line that tells what is wrong."""
    with pytest.raises(ProjectError) as caught:
        connectors_of(config(tmp_path, text), {})
    line = caught.value.text(language)
    assert "\n" not in line
    return line.removeprefix(f"{tmp_path}/")


def test_each_table_makes_its_connector(tmp_path: Path) -> None:
    read = config(tmp_path, FULL)
    made: dict[str, Any] = connectors_of(read, SECRETS)
    email, sms, hook = made["send email"], made["send SMS"], made["call webhook"]
    assert isinstance(email, EmailConnector) and isinstance(sms, SmsConnector) and isinstance(hook, WebhookConnector)
    assert (email.host, email.port, email.security, email.user, email.password) == (
        "smtp.example.org", 465, "tls", "crm", "p",
    )  # fmt: skip
    assert (email.sender, email.sender_name, email.reply_to) == ("crm@example.org", "Société", "contact@example.org")
    assert email.rates == (Rate(2, timedelta(hours=1)), Rate(5, timedelta(days=1)))
    assert (sms.url, sms.token, sms.sender, sms.country_code) == ("https://sms.example.org/send", "t", "Quand", "33")
    assert (sms.fields["to"], sms.fields["text"], sms.at_most_once, sms.seconds) == ("numbers", "text", True, 20)
    assert list(hook.hosts) == ["api.example.org:8443"]
    host = hook.hosts["api.example.org:8443"]
    assert (host.key, host.private, host.http) == ("k", True, False)
    notify = made["notify"]
    assert isinstance(notify, EmailConnector)
    assert (notify.to, notify.subject, notify.text) == ("user", "message", "message")
    assert made["log"] == FileConnector(tmp_path / "journal.jsonl")
    assert (policy_of(read).attempts, policy_of(read).age) == (5, timedelta(hours=12))
    assert delivered_actions(read) == made.keys()


def test_without_a_table_there_is_no_connector(tmp_path: Path) -> None:
    for read in (Config(), config(tmp_path, "")):
        assert connectors_of(read, {}) == {"log": LogConnector()}
        assert delivered_actions(read) == {"log"}
        assert policy_of(read).attempts == 30


def test_notifications_go_where_people_look(tmp_path: Path) -> None:
    made = connectors_of(config(tmp_path, '[connectors.notify]\nby = "file"\nfile = "n.jsonl"'), {})
    assert made["notify"] == FileConnector(tmp_path / "n.jsonl", to="user")
    text = '[connectors.sms]\nurl = "https://sms.example.org/"\n[connectors.notify]\nby = "sms"'
    sms: Any = connectors_of(config(tmp_path, text), {})["notify"]
    assert (type(sms), sms.to, sms.text) == (SmsConnector, "user", "message")


@pytest.mark.parametrize(
    ("text", "line", "part"),
    [
        ("[connectors.mail]\nhost = 'x'", 1, "vouliez-vous dire « email »"),
        ("[connectors.email]\nhost = 'x'\nfrom = 'a@b.fr'\npasword_env = 'X'", 4, "« password_env »"),
        ("[connectors.email]\nhost = 'x'", 1, "« from »"),
        ("[connectors.email]\nfrom = 'x'\nhost = 'x'", 2, "adresse e-mail"),
        ("[connectors.email]\nhost = 'x'\nfrom = 'a@b.fr'\npassword = 's3cret'", 4, "« password_env »"),
        ("[connectors.email]\nhost = 'x'\nfrom = 'a@b.fr'\npassword_env = 's3 cret'", 4, "variable d'environnement"),
        ("[connectors.email]\nhost = 'x'\nfrom = 'a@b.fr'\nport = 0", 4, "587"),
        ("[connectors.email]\nhost = 'x'\nfrom = 'a@b.fr'\nsecurity = 'ssl'", 4, "starttls, tls ou none"),
        ("[connectors.email]\nhost = 'x'\nfrom = 'a@b.fr'\nseconds = 300", 4, "de 1 à 40"),
        ("[connectors.email]\nhost = 'x'\nfrom = 'a@b.fr'\nper_day = 0", 4, "au moins 1"),
        ("[connectors.email]\nhost = 'x'\nfrom = 'a@b.fr'\nat_most_once = 'oui'", 4, "true ou false"),
        ("[connectors.email]\nhost = 3\nfrom = 'a@b.fr'", 2, "texte entre guillemets"),
        ("[connectors.sms]\nurl = 'sms.example.org'", 2, "https://sms.exemple.fr"),
        ("[connectors.sms]\nurl = 'https://a.fr'\ntoken_header = 'X: y'", 3, "X-Api-Key"),
        ("[connectors.sms]\nurl = 'https://a.fr'\ncountry_code = '+33'", 3, "indicatif"),
        ("[connectors.webhook.'api.fr/x']\nkey_env = 'K'", 1, "api.exemple.fr"),
        ("[connectors.webhook.'api.fr']\nprivate = true", 1, "« key_env »"),
        ("[connectors.webhook]\nkey_env = 'K'", 2, "accolades"),
        ("[connectors.notify]\nby = 'pigeon'", 2, "email, sms ou file"),
        ("[connectors]\nattempts = 0", 2, "au moins 1"),
        ("connectors = 3", 1, "accolades"),
    ],
)
def test_what_will_not_do_is_told_on_one_line(tmp_path: Path, text: str, line: int, part: str) -> None:
    said = refused(tmp_path, text)
    assert said.startswith(f"quand.toml:{line}: ")
    assert part in said
    assert "s3" not in said
    assert refused(tmp_path, text, "en") != said


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("[connectors.sms]\nurl = 'https://a.fr'\ntoken_env = 'SMS_TOKEN'", "SMS_TOKEN"),
        ("[connectors.webhook.'a.fr']\nkey_env = 'HOOK_KEY'", "HOOK_KEY"),
        ("[connectors.notify]\nby = 'email'", "[connectors.email]"),
        ("[connectors.notify]\nby = 'file'", "« file »"),
    ],
)
def test_what_is_missing_is_told_when_something_is_to_be_sent(tmp_path: Path, text: str, part: str) -> None:
    assert part in refused(tmp_path, text)


def test_a_secret_of_several_lines_is_none(tmp_path: Path) -> None:
    read = config(tmp_path, "[connectors.sms]\nurl = 'https://a.fr'\ntoken_env = 'T'")
    with pytest.raises(ProjectError) as caught:
        connectors_of(read, {"T": "s3cret\r\nX-Evil: 1"})
    assert "s3cret" not in caught.value.text("fr")
