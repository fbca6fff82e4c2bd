"""E-mail to a real server: what arrives is what was meant, whatever a rule or an event says."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any

import pytest
from aiosmtpd.smtp import AuthResult, LoginPassword
from gateways import Mailbox, contexts, mail_server

from quand.dsl.values import Reference, Value
from quand.runtime.connectors.port import DeliveryError, Postponed, Reader, Rejected, Unsure
from quand.runtime.connectors.smtp import Attachment, EmailConnector, dotted
from quand.runtime.stores.port import Effect, Record

NOW = datetime(2026, 11, 23, 10, tzinfo=UTC)
PEOPLE: dict[Reference, Record] = {
    Reference("contact", "C-1"): {"email": " Élodie.Test@example.fr ".replace("É", "E")},
    Reference("contact", "C-2"): {"email": "  "},
}


@pytest.fixture(scope="module")
def server() -> Iterator[Mailbox]:
    with mail_server() as made:
        yield made


@pytest.fixture
def box(server: Mailbox) -> Mailbox:
    server.messages.clear()
    server.envelopes.clear()
    server.answers.clear()
    return server


def connector(box: Mailbox, **options: Any) -> EmailConnector:
    settings: dict[str, Any] = {"port": box.port, "security": "none", "seconds": 3.0, **options}
    return EmailConnector("127.0.0.1", "crm@example.org", **settings)


def effect(recipient: Value = "client@example.fr", key: str = "e1#1", **arguments: Value) -> Effect:
    arguments = {"recipient": recipient, "subject": "Objet", "text": "Bonjour", **arguments}
    return Effect(key, "send email", arguments, "R", None, "e1", NOW)


def send(through: EmailConnector, sent: Effect) -> None:
    through.send(sent, through.recipient(sent, PEOPLE.get), PEOPLE.get)


def failure(through: EmailConnector, sent: Effect) -> DeliveryError:
    with pytest.raises(DeliveryError) as caught:
        send(through, sent)
    return caught.value


def received(box: Mailbox) -> EmailMessage:
    (content,) = box.messages
    return message_from_bytes(content, policy=default)


def test_a_message_arrives_as_it_was_written(box: Mailbox) -> None:
    text = "Ça va, Zoë ? Montant : 1 250,10 €\n\n.\n..deux points\nFrom ici 😀\n" + "long " * 300
    send(connector(box, sender_name="Société Été"), effect(subject="Reçu n° 7 — échéance 😀", text=text))
    message = received(box)
    assert message["Subject"] == "Reçu n° 7 — échéance 😀"
    assert (message["To"], message["From"]) == ("client@example.fr", "Société Été <crm@example.org>")
    assert message.get_content_type() == "text/plain"
    assert message.get_content().replace("\r\n", "\n") == text + "\n"
    assert box.envelopes[0].rcpt_tos == ["client@example.fr"]
    assert box.envelopes[0].mail_from == "crm@example.org"
    assert max(len(line) for line in box.messages[0].splitlines()) < 200
    assert box.messages[0].isascii()


def test_each_attempt_has_the_same_message_id_and_no_other_effect_has_it(box: Mailbox) -> None:
    for key in ("e1#1", "e1#1", "e1#2", "é\r\n>"):
        send(connector(box), effect(key=key))
    first, again, other, odd = (message_from_bytes(content)["Message-ID"] for content in box.messages)
    assert first == again != other
    assert len({first, other, odd}) == 3
    assert first.endswith("@example.org>")


def test_a_person_is_written_to_at_the_address_stored(box: Mailbox) -> None:
    send(connector(box), effect(Reference("contact", "C-1")))
    assert box.envelopes[0].rcpt_tos == ["Elodie.Test@example.fr"]


@pytest.mark.parametrize(
    ("recipient", "key"),
    [
        ("", "email_bad_address"),
        ("client", "email_bad_address"),
        ("a@b@c.fr", "email_bad_address"),
        ("a@example.fr, b@example.fr", "email_bad_address"),
        ("a@example.fr\r\nBcc: evil@example.fr", "email_bad_address"),
        ("a@example.fr>\r\nDATA", "email_bad_address"),
        ("<a@example.fr>", "email_bad_address"),
        ("Nom <a@example.fr>", "email_bad_address"),
        ('"a b"@example.fr', "email_bad_address"),
        ("a@[127.0.0.1]", "email_bad_address"),
        ("../a@example.fr/..", "email_bad_address"),
        ("é@example.fr", "email_bad_address"),
        ("a@-example.fr", "email_bad_address"),
        (f"{'a' * 65}@example.fr", "email_bad_address"),
        (Reference("contact", "C-2"), "recipient_without_email"),
        (Reference("contact", "gone"), "recipient_gone"),
        (None, "recipient_missing"),
    ],
)
def test_what_is_no_address_is_rejected_before_anything_is_sent(box: Mailbox, recipient: Value, key: str) -> None:
    found = failure(connector(box), effect(recipient))
    assert (type(found), found.key, box.messages) == (Rejected, key, [])


def test_a_domain_with_accents_is_written_as_the_network_knows_it(box: Mailbox) -> None:
    send(connector(box), effect("a@Élan.example"))
    assert box.envelopes[0].rcpt_tos == ["a@xn--lan-9la.example"]


@pytest.mark.parametrize(
    "hostile",
    [
        "x\r\nBcc: evil@example.fr",
        "x\nContent-Type: text/html\n\n<script>",
        "x\r\n\r\n<html>",
        "\x00\x1b[31m\u2028x\ud800",
        "=?utf-8?q?x=0D=0ABcc:_evil@example.fr?=",
        "x" * 5000,
        "x\r\n.\r\nMAIL FROM:<evil@example.fr>\r\n",
        "x\n.\nQUIT\n",
        "x\r.\rQUIT\r",
        "<img src=x onerror=alert(1)>",
        'x" <evil@example.fr>, "y',
    ],
)
def test_no_text_becomes_a_header_a_command_or_markup(box: Mailbox, hostile: str) -> None:
    send(connector(box, sender_name=hostile), effect(subject=hostile, text=hostile))
    message = received(box)
    assert sorted(message.keys()) == sorted(
        [
            "From", "To", "Subject", "Date", "Message-ID", "Auto-Submitted",
            "Content-Type", "Content-Transfer-Encoding", "MIME-Version",
        ]
    )  # fmt: skip
    assert message["To"] == "client@example.fr"
    assert message["From"].addresses[0].addr_spec == "crm@example.org"
    assert message.get_content_type() == "text/plain"
    assert len(message["Subject"]) <= 200
    assert hostile.isprintable() is (message["Subject"] == hostile[:200])
    assert not any(character in message["Subject"] for character in "\r\n\x00")
    assert box.envelopes[0].rcpt_tos == ["client@example.fr"]


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\Windows\\x.pdf", "x.pdf"),
        ("..", "document"),
        ("\r\n", "document"),
        ("=?utf-8?q?x=0D=0ABcc:_evil@example.fr?=", "__utf-8_q_x_0D_0ABcc__evil@example.fr__"),
        ("Été 5 %.pdf", "Été 5 _.pdf"),
    ],
)
def test_the_name_of_a_file_is_a_name(box: Mailbox, name: str, written: str) -> None:
    def attached(document: Reference, read: Reader) -> Attachment:
        return Attachment(name, "application/pdf", b"x")

    send(connector(box, attacher=attached), effect(document=Reference("document", "D-1")))
    message = received(box)
    (file,) = message.iter_attachments()
    assert (file.get_filename(), message["Bcc"], file["Bcc"]) == (written, None, None)


def test_no_line_of_a_message_ends_it() -> None:
    assert dotted(b"a\r\n.\r\n..b") == b"a\r\n..\r\n...b\r\n.\r\n"


@pytest.mark.parametrize(
    ("answer", "kind", "key"),
    [
        ("550 no such user", Rejected, "smtp_refused"),
        ("450 greylisted, come back", Postponed, "smtp_busy"),
        ("data:552 too big", Rejected, "smtp_refused"),
        ("data:451 try later", Postponed, "smtp_busy"),
        ("drop", Unsure, "smtp_no_answer"),
    ],
)
def test_each_answer_has_its_meaning(box: Mailbox, answer: str, kind: type[DeliveryError], key: str) -> None:
    box.answers[:] = [answer]
    found = failure(connector(box), effect())
    assert (type(found), found.key) == (kind, key)


def test_what_the_server_said_is_told(box: Mailbox) -> None:
    box.answers[:] = ["550 no such user \x1b[31m"]
    assert failure(connector(box), effect()).text("en") == "127.0.0.1 refuses: 550 no such user [31m"


def test_a_server_that_is_not_there_is_tried_later() -> None:
    box = Mailbox()
    box.port = 1
    assert failure(connector(box), effect()).key == "http_no_connection"


# --- secure lines -------------------------------------------------------------------------------------------------


def check_password(server: Any, session: Any, envelope: Any, mechanism: str, data: Any) -> AuthResult:
    good = isinstance(data, LoginPassword) and (data.login, data.password) == (b"crm", "é secret".encode())
    return AuthResult(success=good, handled=good)


def test_a_secure_line_checks_the_certificate_before_the_password_is_said() -> None:
    served, trusting = contexts("127.0.0.1")
    options = {"require_starttls": True, "auth_required": True, "authenticator": check_password}
    with mail_server(tls_context=served, **options) as box:
        login = {"security": "starttls", "user": "crm"}
        assert failure(connector(box, **login, password="é secret"), effect()).key == "http_tls"
        good = connector(box, **login, password="é secret", context=lambda: trusting)
        send(good, effect())
        assert received(box)["Subject"] == "Objet"
        wrong = failure(connector(box, **login, password="wrong", context=lambda: trusting), effect())
        assert (type(wrong), wrong.key) == (Postponed, "smtp_login")
        assert "secret" not in repr(good)


def test_tls_from_the_start() -> None:
    served, trusting = contexts("127.0.0.1")
    with mail_server(ssl_context=served, server_hostname="127.0.0.1") as box:
        send(connector(box, security="tls", context=lambda: trusting), effect())
        assert len(box.messages) == 1
        _, strangers = contexts("other.example")
        assert failure(connector(box, security="tls", context=lambda: strangers), effect()).key == "http_tls"


def test_nothing_is_said_to_a_server_that_will_not_be_secure(box: Mailbox) -> None:
    found = failure(connector(box, security="starttls"), effect())
    assert (type(found), found.key, box.messages) == (Postponed, "smtp_cannot", [])


# --- attachments --------------------------------------------------------------------------------------------------


def test_a_document_goes_with_its_message(box: Mailbox) -> None:
    def attached(document: Reference, read: Reader) -> Attachment:
        assert document == Reference("document", "D-1")
        return Attachment('../../Devis "été"\r\nX: 1.pdf', "application/pdf", b"%PDF-\r\n.\r\n\x00")

    send(connector(box, attacher=attached), effect(document=Reference("document", "D-1")))
    (file,) = received(box).iter_attachments()
    assert file.get_content_type() == "application/pdf"
    assert file.get_content() == b"%PDF-\r\n.\r\n\x00"
    assert file.get_filename() == "Devis _été_ X_ 1.pdf"


def test_without_documents_such_a_message_is_not_sent_without_it(box: Mailbox) -> None:
    found = failure(connector(box), effect(document=Reference("document", "D-1")))
    assert (type(found), box.messages) == (Rejected, [])
