"""SMS and calls of other programs, to a real gateway that behaves well, badly or like an enemy."""

from __future__ import annotations

import hmac
import json
import socket
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from hashlib import sha256
from typing import Any

import pytest
from gateways import Gateway, contexts, gateway

from quand.dsl.values import Money, Reference, Value
from quand.runtime.connectors import http, lines
from quand.runtime.connectors.addresses import target_of
from quand.runtime.connectors.http import asked_for, key_header
from quand.runtime.connectors.lines import is_public, one_line
from quand.runtime.connectors.port import Connector, DeliveryError, Postponed, Rejected, Unsure
from quand.runtime.connectors.sms import SmsConnector
from quand.runtime.connectors.webhook import Host, WebhookConnector
from quand.runtime.outbox import Outbox, Policy
from quand.runtime.stores.memory import MemoryStore
from quand.runtime.stores.port import Batch, Effect, Record

NOW = datetime(2026, 11, 23, 10, tzinfo=UTC)
DEAL = Reference("deal", "A-1")
PEOPLE: dict[Reference, Record] = {
    Reference("contact", "C-1"): {"phone": "06.12 34-56 78"},
    Reference("contact", "C-2"): {"name": "X"},
    Reference("contact", "C-3"): {"phone": "06 12\r\nX-Evil: 1"},
}


@pytest.fixture(scope="module")
def served() -> Iterator[Gateway]:
    with gateway() as made:
        yield made


@pytest.fixture
def gate(served: Gateway) -> Gateway:
    served.answers.clear()
    served.calls.clear()
    served.delivered.clear()
    return served


def effect(action: str = "send SMS", key: str = "e1#1", **arguments: Value) -> Effect:
    return Effect(key, action, arguments, "R", DEAL, "e1", NOW)


def send(connector: Connector, sent: Effect) -> None:
    connector.send(sent, connector.recipient(sent, PEOPLE.get), PEOPLE.get)


def failure(connector: Connector, sent: Effect) -> DeliveryError:
    with pytest.raises(DeliveryError) as caught:
        send(connector, sent)
    assert caught.value.text("fr") != caught.value.text("en") or "{" not in caught.value.text("en")
    return caught.value


# --- SMS ----------------------------------------------------------------------------------------------------------

TEXT = effect(recipient="+33612345678", text='Ça va ? <b>"été"</b> 😀\r\n')


def sms(gate: Gateway, **options: Any) -> SmsConnector:
    settings: dict[str, Any] = {"seconds": 2.0, **options}
    return SmsConnector(gate.url("/sms/send?v=1"), **settings)


def test_an_sms_is_one_request_with_its_key(gate: Gateway) -> None:
    send(sms(gate, token="s3cret", sender="Quand"), TEXT)
    (call,) = gate.calls
    assert call.path == "/sms/send?v=1"
    assert call.json == {"to": "+33612345678", "text": 'Ça va ? <b>"été"</b> 😀\r\n', "from": "Quand"}
    assert call.headers["Idempotency-Key"] == "e1#1"
    assert call.headers["Authorization"] == "Bearer s3cret"
    assert call.headers["Content-Type"] == "application/json"
    assert call.headers["Host"] == gate.place


def test_the_members_and_the_header_are_called_as_the_gateway_wants(gate: Gateway) -> None:
    fields = {"to": "numbers", "text": "message", "from": "sender"}
    send(sms(gate, token="k", token_header="X-Api-Key", fields=fields), TEXT)
    (call,) = gate.calls
    assert (call.json["numbers"], "message" in call.json, call.headers["X-Api-Key"]) == ("+33612345678", True, "k")


@pytest.mark.parametrize(
    ("recipient", "number"),
    [
        (Reference("contact", "C-1"), "+33612345678"),
        ("06 12 34 56 78", "+33612345678"),
        ("0033 6 12 34 56 78", "+33612345678"),
        ("+49 (30) 1234", "+49301234"),
        ("36100", "36100"),
    ],
)
def test_numbers_are_told_as_the_gateway_knows_them(gate: Gateway, recipient: Value, number: str) -> None:
    send(sms(gate, country_code="33"), effect(recipient=recipient, text="x"))
    assert gate.calls[0].json["to"] == number


@pytest.mark.parametrize(
    ("recipient", "key"),
    [
        ("", "sms_bad_number"),
        ("12", "sms_bad_number"),
        ("../../etc/passwd", "sms_bad_number"),
        ("0612345678,0698765432", "sms_bad_number"),
        ("٠٦١٢٣٤٥٦٧٨", "sms_bad_number"),
        (Reference("contact", "C-3"), "sms_bad_number"),
        (Reference("contact", "C-2"), "recipient_without_phone"),
        (Reference("contact", "gone"), "recipient_gone"),
        (None, "recipient_missing"),
    ],
)
def test_what_is_no_number_is_rejected_before_anything_is_sent(gate: Gateway, recipient: Value, key: str) -> None:
    found = failure(sms(gate), effect(recipient=recipient, text="x"))
    assert (type(found), found.key, gate.calls) == (Rejected, key, [])


@pytest.mark.parametrize(
    ("answer", "kind", "careful"),
    [
        (201, None, None),
        (204, None, None),
        (301, Rejected, Rejected),
        (400, Rejected, Rejected),
        (401, Rejected, Rejected),
        (404, Rejected, Rejected),
        (408, Postponed, Unsure),
        (409, Postponed, Unsure),
        (429, Postponed, Postponed),
        (500, Postponed, Unsure),
        (503, Postponed, Postponed),
        ("drop", Unsure, Unsure),
        ("garbage", Unsure, Unsure),
    ],
)
def test_each_answer_has_its_meaning(gate: Gateway, answer: Any, kind: Any, careful: Any) -> None:
    for at_most_once, expected in ((False, kind), (True, careful)):
        gate.answers[:] = [answer]
        connector = sms(gate, at_most_once=at_most_once)
        if expected is None:
            send(connector, TEXT)
        else:
            assert type(failure(connector, TEXT)) is expected
    assert len(gate.calls) == 2


def test_a_refusal_tells_what_the_gateway_said_without_its_control_characters(gate: Gateway) -> None:
    gate.answers[:] = [422]
    assert failure(sms(gate), TEXT).text("en") == '127.0.0.1 refuses: 422 {"said": "<b>café</b> "}'


@pytest.mark.parametrize(
    ("header", "seconds"),
    [("120", 120), ("Mon, 23 Nov 2026 10:05:00 GMT", 300), ("Mon, 23 Nov 2026 09:00:00 GMT", 0)],
)
def test_retry_after_is_seconds_or_a_date(header: str, seconds: int) -> None:
    assert asked_for(header, NOW) == timedelta(seconds=seconds)
    assert asked_for("soon", NOW) is None
    assert asked_for("Mon, 01 Jan 0001 00:00:00 +2359", NOW) == timedelta()
    assert asked_for("Mon, 1 Jan 99999999999999999999 00:00:00 GMT", NOW) is None
    assert asked_for("Mon, 1 Jan 2027 00:00:00 +99999999999999999", NOW) is None
    assert asked_for(None, NOW) is None


def test_retry_after_is_heard(gate: Gateway) -> None:
    gate.answers[:] = [(429, {"Retry-After": "3600"})]
    found = failure(sms(gate), TEXT)
    assert isinstance(found, Postponed) and found.after == timedelta(hours=1)


@pytest.mark.parametrize("how", ["hang", "drip"])
def test_a_gateway_that_does_not_come_to_an_end_is_left(gate: Gateway, how: str) -> None:
    gate.answers[:] = [how]
    began = datetime.now(UTC)
    assert isinstance(failure(sms(gate, seconds=0.3), TEXT), Unsure)
    assert datetime.now(UTC) - began < timedelta(seconds=2)


def test_a_gateway_that_is_not_there_is_tried_later(gate: Gateway) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
        assert isinstance(failure(SmsConnector(f"http://127.0.0.1:{port}/"), TEXT), Postponed)
    found = failure(SmsConnector("http://no-such-host.invalid/"), TEXT)
    assert (type(found), found.key) == (Postponed, "http_no_host")


def test_a_redirection_is_not_followed(gate: Gateway) -> None:
    gate.answers[:] = [(307, {"Location": gate.url("/elsewhere")})]
    assert failure(sms(gate), TEXT).key == "http_redirect"
    assert len(gate.calls) == 1


def test_a_secret_is_never_shown(gate: Gateway) -> None:
    assert "s3cret" not in repr(sms(gate, token="s3cret"))
    assert "s3cret" not in repr(Host("s3cret"))


@pytest.mark.parametrize(
    ("key", "header"),
    [("events.jsonl:12#1", "events.jsonl:12#1"), ("é\r\nX: 1", "%C3%A9%0D%0AX:%201"), ("a b%", "a%20b%25")],
)
def test_a_key_is_a_header_of_one_line(key: str, header: str) -> None:
    assert key_header(key) == header


def test_a_very_long_key_stays_one_of_its_own() -> None:
    first, second = key_header("x" * 5000 + "1"), key_header("x" * 5000 + "2")
    assert len(first) == len(second) == 255
    assert first != second


# --- calls of other programs --------------------------------------------------------------------------------------


def webhook(gate: Gateway, **options: Any) -> WebhookConnector:
    settings: dict[str, Any] = {"private": True, "http": True, **options}
    return WebhookConnector({gate.place: Host("signing key", **settings)}, seconds=2.0, clock=lambda: NOW)


def call(address: Value, **arguments: Value) -> Effect:
    return effect("call webhook", "e1#1", address=address, **arguments)


def test_a_call_says_what_happened_and_is_signed(gate: Gateway) -> None:
    arguments: dict[str, Value] = {
        "total": Money(Decimal("12.50"), "EUR"),
        "number": "N°1\r\n",
        "who": Reference("contact", "C-1"),
        "nothing": None,
    }
    send(webhook(gate), call(gate.url("/hook?a=é#part"), **arguments))
    (received,) = gate.calls
    assert received.path == "/hook?a=%C3%A9"
    assert received.json == {
        "key": "e1#1",
        "rule": "R",
        "object": {"object": "deal", "id": "A-1"},
        "event": "e1",
        "at": "2026-11-23T10:00:00Z",
        "data": {"total": 12.5, "number": "N°1\r\n", "who": "C-1", "nothing": None},
    }
    timestamp = received.headers["Quand-Timestamp"]
    assert timestamp == str(int(NOW.timestamp()))
    expected = hmac.new(b"signing key", timestamp.encode() + b"." + received.body, sha256).hexdigest()
    assert received.headers["Quand-Signature"] == f"sha256={expected}"
    assert received.headers["Idempotency-Key"] == "e1#1"


@pytest.mark.parametrize(
    "address",
    [
        "",
        "x",
        None,
        "ftp://{place}/",
        "file:///etc/passwd",
        "http://user@{place}/",
        "http://{place}\\@evil.example/",
        "http://{place}/\r\nX-Evil: 1",
        "http://{place}/\tx",
        "http://{place}/a b",
        "http://[::1",
        "http://{place}:99999/",
        "http://{place}/" + "x" * 3000,
        "http://\ud800/",
    ],
)
def test_what_is_no_plain_address_is_rejected(gate: Gateway, address: str | None) -> None:
    found = failure(webhook(gate), call(address and address.replace("{place}", gate.place)))
    assert (type(found), found.key, gate.calls) == (Rejected, "webhook_bad_address", [])


@pytest.mark.parametrize(
    "address",
    [
        "https://evil.example/",
        "http://127.0.0.1/",
        "http://127.0.0.1:1/",
        "http://localhost:{port}/",
        "http://127.0.0.1.nip.io:{port}/",
        "http://2130706433:{port}/",
        "http://[::ffff:127.0.0.1]:{port}/",
    ],
)
def test_a_host_that_is_not_listed_is_rejected(gate: Gateway, address: str) -> None:
    found = failure(webhook(gate), call(address.replace("{port}", str(gate.port))))
    assert (type(found), found.key, gate.calls) == (Rejected, "webhook_not_listed", [])


def test_without_tls_only_where_it_is_allowed(gate: Gateway) -> None:
    assert failure(webhook(gate, http=False), call(gate.url())).key == "webhook_not_https"


def test_private_addresses_are_refused_unless_allowed(gate: Gateway) -> None:
    found = failure(webhook(gate, private=False), call(gate.url()))
    assert (type(found), found.key, gate.calls) == (Rejected, "http_private", [])


PRIVATE = """\
127.0.0.1 127.9.9.9 10.0.0.1 172.16.0.1 192.168.1.1 169.254.169.254 100.64.0.1 0.0.0.0 224.0.0.1 255.255.255.255
240.0.0.1 192.0.0.1 198.18.0.1 ::1 :: fe80::1 fe80::1%eth0 fc00::1 ff02::1 ::ffff:10.0.0.1 ::ffff:127.0.0.1
64:ff9b::7f00:1 2002:7f00:1:: 2001:db8::1"""


@pytest.mark.parametrize("address", PRIVATE.split())
def test_these_addresses_are_private(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", ["8.8.8.8", "2606:4700::1111", "::ffff:8.8.8.8", "64:ff9b::808:808"])
def test_these_are_public(address: str) -> None:
    assert is_public(address)


def test_a_name_is_looked_up_once_and_what_was_checked_is_what_is_called(
    gate: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A name that leads elsewhere the second time gains nothing: there is no second time."""
    answers = [["93.184.216.34", "127.0.0.1"], ["127.0.0.1"]]
    asked: list[str] = []
    called: list[str] = []

    def resolve(host: str, port: int, **_: Any) -> list[Any]:
        asked.append(host)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in answers.pop(0)]

    def connect(address: tuple[str, int], **_: Any) -> socket.socket:
        called.append(address[0])
        raise ConnectionRefusedError(111, "Connection refused")

    monkeypatch.setattr(lines.socket, "getaddrinfo", resolve)
    monkeypatch.setattr(lines.socket, "create_connection", connect)
    connector = WebhookConnector({"api.example.com": Host("k")})
    found = failure(connector, call("https://API.example.com./x"))
    assert (type(found), asked, called) == (Postponed, ["api.example.com"], ["93.184.216.34"])
    assert failure(connector, call("https://api.example.com/x")).key == "http_private"
    assert called == ["93.184.216.34"]


def test_a_request_that_is_too_big_is_rejected(gate: Gateway) -> None:
    assert failure(webhook(gate), call(gate.url(), text="x" * 1_000_000)).key == "http_too_big"


def test_an_answer_without_end_is_not_read_to_its_end(gate: Gateway) -> None:
    with gateway() as other:
        other.answers[:] = [(200, {"Content-Length": "99999999999"})]
        send(sms(other, seconds=0.5), TEXT)


def test_a_certificate_must_be_that_of_the_host(monkeypatch: pytest.MonkeyPatch) -> None:
    served, trusting = contexts("127.0.0.1")
    with gateway(served) as secure:
        address = call(secure.url(scheme="https"))
        connector = webhook(secure, http=False)
        unknown = failure(connector, address)
        assert (type(unknown), unknown.key, secure.calls) == (Postponed, "http_tls", [])
        monkeypatch.setattr(http, "tls", lambda: trusting)
        send(connector, address)
        assert len(secure.calls) == 1
    served, trusting = contexts("other.example")
    monkeypatch.setattr(http, "tls", lambda: trusting)
    with gateway(served) as impostor:
        assert failure(webhook(impostor, http=False), call(impostor.url(scheme="https"))).key == "http_tls"
        assert impostor.calls == []


@pytest.mark.parametrize(
    ("url", "place", "path"),
    [
        ("https://API.Example.com", "api.example.com", "/"),
        ("https://api.example.com:443/x?a=1&b=%20#f", "api.example.com", "/x?a=1&b=%20"),
        ("https://élan.example/é", "xn--lan-9la.example", "/%C3%A9"),
        ("http://[2001:db8::1]:8080/../x", "[2001:db8::1]:8080", "/../x"),
    ],
)
def test_the_parts_of_an_address(url: str, place: str, path: str) -> None:
    target = target_of(url)
    assert (target.place, target.path) == (place, path)


def test_somebody_else_s_text_is_one_line() -> None:
    assert one_line("a\r\n\x1b[31mb\u2028c" + "d" * 999).startswith("a [31mb cddd")
    assert len(one_line("x" * 9999)) == 200
    assert json.dumps(one_line("\x00")) == '""'


# --- with the outbox ----------------------------------------------------------------------------------------------


def test_a_gateway_on_a_bad_day_does_each_thing_once(gate: Gateway) -> None:
    """It drops lines, hangs, is busy and broken; it honours keys."""
    store, clock = MemoryStore(), [NOW]
    with store.transaction() as transaction:
        texts = (effect(key=f"k{n}", recipient=f"+336{n:08}", text=f"n° {n}") for n in range(6))
        transaction.write(Batch(effects=tuple(texts)))
    gate.answers[:] = ["drop", 429, 500, (503, {"Retry-After": "7200"}), "hang", "garbage", 502, 200, "drop"]
    outbox = Outbox(store, {"send SMS": sms(gate, seconds=0.2)}, lambda: clock[0], Policy(jitter=0))
    while (following := outbox.deliver().next) is not None:
        clock[0] = max(following, clock[0] + timedelta(seconds=1))
    assert {each.state for each in store.effects()} == {"sent"}
    assert sorted(gate.delivered) == [f"k{n}" for n in range(6)]
    assert len(gate.calls) == 6 + 8
    assert clock[0] >= NOW + timedelta(hours=2)


def test_at_most_once_leaves_a_list_of_what_is_uncertain(gate: Gateway) -> None:
    store = MemoryStore()
    with store.transaction() as transaction:
        texts = (effect(key=f"k{n}", recipient=f"+336{n:08}", text="x") for n in range(4))
        transaction.write(Batch(effects=tuple(texts)))
    gate.answers[:] = ["drop", 500, 429, 400]
    outbox = Outbox(store, {"send SMS": sms(gate, at_most_once=True)}, lambda: NOW, language="en")
    assert outbox.deliver().uncertain == 2
    told = {each.key: (each.state, each.error) for each in store.effects()}
    assert told["k0"][0] == told["k1"][0] == "uncertain"
    assert told["k0"][1].startswith("127.0.0.1 took the request and gave no answer")
    assert told["k1"][1] == "127.0.0.1 answers 500"
    assert (told["k2"][0], told["k3"][0]) == ("waiting", "dead")
    assert len(gate.calls) == 4
