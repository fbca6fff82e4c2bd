"""Real counterparts for what sends: an HTTP gateway that counts and misbehaves as told, and a mail server."""

from __future__ import annotations

import json
import socket
import ssl
import threading
from collections.abc import Generator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple, cast

import trustme
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session


class Call(NamedTuple):
    """A request as it arrived."""

    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


class Gateway:
    """Answers with what ``answers`` says, one after the other, then with 200.

    An answer is a status, ``"drop"`` (takes the request and drops the line), ``"hang"`` (takes it and says nothing),
    ``"drip"`` (a byte now and then), ``"garbage"``, or a status with headers. ``calls`` are all requests, and
    ``delivered`` what was done, once for each key.
    """

    def __init__(self, port: int) -> None:
        self.port = port
        self.answers: list[Any] = []
        self.calls: list[Call] = []
        self.delivered: dict[str, Call] = {}
        self.released = threading.Event()

    def url(self, path: str = "/send", scheme: str = "http") -> str:
        return f"{scheme}://127.0.0.1:{self.port}{path}"

    @property
    def place(self) -> str:
        return f"127.0.0.1:{self.port}"


def _parts(answer: Any) -> tuple[Any, dict[str, str]]:
    return cast("Any", answer) if isinstance(answer, tuple) else (answer, {})


def contexts(name: str) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """Of a server with a certificate for that name, and of a client that trusts who made it."""
    authority = cast("Any", trustme.CA())
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(name).configure_cert(server)
    client = ssl.create_default_context()
    authority.configure_trust(client)
    return server, client


@contextmanager
def gateway(context: ssl.SSLContext | None = None) -> Generator[Gateway]:
    """A gateway on this machine; with ``context`` over TLS."""
    made = Gateway(0)

    class Handler(BaseHTTPRequestHandler):
        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the name the library gives it
            """In silence."""

        def do_GET(self) -> None:
            self.do_POST()

        def do_POST(self) -> None:
            size = int(self.headers.get("Content-Length") or 0)
            call = Call(self.path, dict(self.headers.items()), self.rfile.read(size))
            made.calls.append(call)
            status, headers = _parts(made.answers.pop(0) if made.answers else 200)
            if status in ("drop", "hang", 200):
                made.delivered.setdefault(call.headers.get("Idempotency-Key", ""), call)
            if not isinstance(status, int):
                self._misbehave(str(status))
                return
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(b'{"said": "<b>caf\xc3\xa9</b>\x07"}\r\n')

        def _misbehave(self, how: str) -> None:
            if how == "hang":
                made.released.wait(10)
            elif how == "drip":
                for byte in b"HTTP/1.1 200 OK" * 100:
                    if made.released.wait(0.05):
                        break
                    self.wfile.write(bytes([byte]))
            elif how == "garbage":
                self.wfile.write(b"\x16\x03\x01 hello\r\n\r\n")
            self.close_connection = True
            self.connection.shutdown(socket.SHUT_RDWR)

    class Server(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, request: Any, client_address: Any) -> None:
            """The other side may hang up."""

    server = Server(("127.0.0.1", 0), Handler)
    if context is not None:
        server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    made.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield made
    finally:
        made.released.set()
        server.shutdown()
        server.server_close()


class Mailbox:
    """Keeps what arrives. ``answers`` are those to the recipient or, behind ``data:``, to the message.

    ``"drop"`` takes the message and drops the line.
    """

    def __init__(self) -> None:
        self.messages: list[bytes] = []
        self.envelopes: list[Envelope] = []
        self.answers: list[str] = []
        self.port = 0

    async def handle_RCPT(  # noqa: N802 - the name aiosmtpd calls
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if self.answers and not self.answers[0].startswith(("data:", "drop")):
            return self.answers.pop(0)
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802 - likewise
        answer = self.answers.pop(0) if self.answers else ""
        if not answer or answer == "drop":
            assert isinstance(envelope.original_content, bytes)
            self.messages.append(envelope.original_content)
            self.envelopes.append(envelope)
        if answer == "drop":
            cast("Any", server.transport).abort()
        return answer.removeprefix("data:") or "250 OK"


@contextmanager
def mail_server(**options: Any) -> Generator[Mailbox]:
    """A mail server on this machine; ``options`` are those of ``aiosmtpd``."""
    box = Mailbox()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        box.port = free.getsockname()[1]
    controller = Controller(box, hostname="127.0.0.1", port=box.port, **options)
    controller.start()
    try:
        yield box
    finally:
        controller.stop()
