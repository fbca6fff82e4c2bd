"""E-mail by SMTP: one message on one connection, its ``Message-ID`` made from the effect's key."""

from __future__ import annotations

import re
import smtplib
import socket
import ssl
from base64 import b64encode
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from email.header import Header
from email.message import EmailMessage
from email.policy import SMTP as WIRE
from email.utils import format_datetime
from hashlib import sha256
from typing import Any

import attrs

from ...dsl.node import Node, node
from ...dsl.values import Reference, Value
from ..stores.port import Effect
from .http import tls
from .lines import Line, line, one_line, reason_of
from .people import email_address
from .port import DeliveryError, Postponed, Rate, Reader, Rejected, Unsure

PORTS = {"starttls": 587, "tls": 465, "none": 25}
"""The usual port for each way of securing the line."""

_LONGEST_SUBJECT = 200
_CONTINUE = 334
_ATOMS = re.compile(r"[A-Za-z0-9' -]*[A-Za-z0-9'-][A-Za-z0-9' -]*")
_NOT_IN_NAMES = re.compile(r"[<>:\"/\\|?*=%;]")
"""What no file name has on some system, and what headers give a meaning to."""


@node
class Attachment(Node):
    """A file that goes with a message; ``kind`` is its media type, ``application/pdf``."""

    name: str
    kind: str
    content: bytes


Attacher = Callable[[Reference, Reader], Attachment]
"""The file of a document that an effect names. Raises :class:`~.port.DeliveryError`, :class:`Postponed` while there is
none yet."""


@attrs.frozen
class EmailConnector:
    """Sends effects as e-mail. The arguments called ``to``, ``subject`` and ``text`` are those of ``send email``.

    ``sender`` is an address, ``sender_name`` what people see of it. ``security`` is ``starttls``, ``tls`` or ``none``;
    without a ``user`` nobody logs in. Without an ``attacher`` a message with a document is rejected.
    """

    host: str
    sender: str
    port: int = PORTS["starttls"]
    security: str = "starttls"
    sender_name: str = ""
    user: str = ""
    password: str = attrs.field(default="", repr=False)
    reply_to: str = ""
    seconds: float = 20.0
    at_most_once: bool = False
    rates: tuple[Rate, ...] = ()
    to: str = "recipient"
    subject: str = "subject"
    text: str = "text"
    attacher: Attacher | None = None
    context: Callable[[], ssl.SSLContext] = attrs.field(default=tls, repr=False)

    def recipient(self, effect: Effect, read: Reader) -> str:
        """The address of the person, or the text that is one."""
        return email_address(effect.arguments.get(self.to), read)

    def send(self, effect: Effect, recipient: str, read: Reader) -> None:
        """Send one message."""
        content = self.message(effect, recipient, read)
        with line(self.host, self.seconds) as connected:
            self._sent(connected, recipient, content)

    def _sent(self, connected: Line, recipient: str, content: bytes) -> None:
        client = self._client(connected)
        try:
            for command, wanted in (
                (f"MAIL FROM:<{self.sender}>", {250}),
                (f"RCPT TO:<{recipient}>", {250, 251}),
                ("DATA", {354}),
            ):
                code, answer = client.docmd(command)
                if code not in wanted:
                    raise _answer(self.host, code, answer)
        except OSError as error:
            raise Postponed("smtp_no_connection", host=self.host, reason=reason_of(error)) from error
        try:
            client.send(dotted(content))
            code, answer = client.getreply()
        except OSError as error:
            raise Unsure("smtp_no_answer", host=self.host, reason=reason_of(error)) from error
        if code != 250:
            raise _answer(self.host, code, answer)
        with suppress(OSError):
            # the message is the server's: nothing depends on how the line ends
            client.putcmd("QUIT")

    def _client(self, connected: Line) -> smtplib.SMTP:
        """A server that listens to us. Whatever is wrong before the message may be mended: postponed."""
        plain = connected.connect(self.port, private=True)
        made = connected.secured(plain, self.context()) if self.security == "tls" else plain
        try:
            client = _Client(made, connected.left())
            client.ehlo_or_helo_if_needed()
            if self.security == "starttls":
                client.secure(connected, self.context())
            if self.user:
                client.sign_in(self.user, self.password)
        except smtplib.SMTPAuthenticationError as error:
            raise Postponed("smtp_login", host=self.host, answer=_words(error.smtp_error)) from error
        except smtplib.SMTPResponseException as error:
            said = _words(error.smtp_error)
            raise Postponed("smtp_busy", host=self.host, code=error.smtp_code, answer=said) from error
        except smtplib.SMTPNotSupportedError as error:
            raise Postponed("smtp_cannot", host=self.host, reason=one_line(str(error))) from error
        except (OSError, ValueError) as error:
            raise Postponed("smtp_no_connection", host=self.host, reason=reason_of(error)) from error
        return client

    # --- the message ----------------------------------------------------------------------------------------------

    def message(self, effect: Effect, recipient: str, read: Reader) -> bytes:
        """The message of an effect. Everything a rule or an event says is text: no markup, no header."""
        content = EmailMessage(WIRE)
        content.set_content(_plain(effect.arguments.get(self.text)), charset="utf-8", cte="quoted-printable")
        document = effect.arguments.get("document")
        if isinstance(document, Reference):
            if self.attacher is None:
                raise Rejected("email_no_documents")
            _attach(content, self.attacher(document, read))
        subject = one_line(_plain(effect.arguments.get(self.subject)))[:_LONGEST_SUBJECT]
        headers = {
            "From": f"{_phrase(self.sender_name)} <{self.sender}>" if self.sender_name else self.sender,
            "To": recipient,
            **({"Reply-To": self.reply_to} if self.reply_to else {}),
            "Subject": _unstructured(subject),
            "Date": format_datetime(datetime.now(UTC)),
            "Message-ID": message_id(effect, self.sender),
            # answers of machines that are away stay away
            "Auto-Submitted": "auto-generated",
        }
        # the library would read encoded words in what it is given, and write what is in them as it is
        written = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        return written.encode("ascii") + content.as_bytes()


def _attach(content: EmailMessage, file: Attachment) -> None:
    main, _, sub = file.kind.partition("/")
    # a name with a path in it would be written where the reader does not expect it
    last = file.name.replace("\\", "/").rpartition("/")[2]
    name = _NOT_IN_NAMES.sub("_", one_line(_plain(last))).strip(". ") or "document"
    content.add_attachment(file.content, maintype=main, subtype=sub, filename=name)


def _unstructured(text: str) -> str:
    """A text as a header takes it, in ASCII, folded."""
    if text.isascii() and "=?" not in text:
        return text
    return Header(text, "utf-8", header_name="Subject").encode(linesep="\r\n")


def _phrase(name: str) -> str:
    """Likewise for what people see of an address."""
    plain = one_line(_plain(name))[:_LONGEST_SUBJECT]
    return plain if _ATOMS.fullmatch(plain) else Header(plain, "utf-8", header_name="From").encode(linesep="\r\n")


class _Client(smtplib.SMTP):
    """Speaks on a connection that is there."""

    def __init__(self, made: socket.socket, seconds: float) -> None:
        self._made = made
        made.settimeout(seconds)
        # a name of its own would cost a question to the network
        super().__init__(made.getpeername()[0], local_hostname=_literal(made), timeout=seconds)

    def _get_socket(self, host: Any, port: Any, timeout: Any) -> socket.socket:
        return self._made

    def secure(self, connected: Line, context: ssl.SSLContext) -> None:
        """STARTTLS, with the certificate checked against the name of the host; nothing is said without it."""
        self.ehlo_or_helo_if_needed()
        if not self.has_extn("starttls"):
            raise smtplib.SMTPNotSupportedError("STARTTLS")
        code, answer = self.docmd("STARTTLS")
        if code != 220:
            raise smtplib.SMTPResponseException(code, answer)
        if self.file is not None:
            # what came before the line was secure is nobody's word
            self.file.close()
        self.file = None
        self.sock = connected.secured(self._made, context)
        self.helo_resp = self.ehlo_resp = None
        self.esmtp_features = {}
        self.does_esmtp = False

    def sign_in(self, user: str, password: str) -> None:
        """AUTH, in UTF-8. Raises what ``login`` raises, which knows ASCII only."""
        self.ehlo_or_helo_if_needed()
        offered = self.esmtp_features.get("auth", "").upper().split()
        if "PLAIN" in offered:
            code, answer = self.docmd("AUTH", f"PLAIN {_base64(f'{chr(0)}{user}{chr(0)}{password}')}")
        elif "LOGIN" in offered:
            code, answer = self.docmd("AUTH", f"LOGIN {_base64(user)}")
            if code == _CONTINUE:
                code, answer = self.docmd(_base64(password))
        else:
            raise smtplib.SMTPNotSupportedError("AUTH PLAIN, AUTH LOGIN")
        if code not in {235, 503}:
            raise smtplib.SMTPAuthenticationError(code, answer)


def _base64(text: str) -> str:
    return b64encode(text.encode()).decode("ascii")


def _literal(made: socket.socket) -> str:
    """Our own address, as EHLO gives it."""
    address = str(made.getsockname()[0]).partition("%")[0]
    return f"[IPv6:{address}]" if ":" in address else f"[{address}]"


def dotted(content: bytes) -> bytes:
    """A message as DATA carries it: no line of it ends it."""
    ended = content if content.endswith(b"\r\n") else content + b"\r\n"
    return re.sub(rb"(?m)^\.", b"..", ended) + b".\r\n"


def message_id(effect: Effect, sender: str) -> str:
    """The same in every attempt, so that who receives a message twice can tell."""
    digest = sha256(f"{effect.action}\0{effect.key}\0{effect.at.isoformat()}".encode("utf-8", "surrogatepass"))
    return f"<{digest.hexdigest()[:40]}@{sender.rpartition('@')[2]}>"


def _plain(value: Value | datetime) -> str:
    """A text as mail carries it: no half characters, no zero."""
    text = value if isinstance(value, str) else ""
    return text.encode("utf-8", "replace").decode("utf-8").replace("\0", "")


def _answer(host: str, code: int, said: bytes | str) -> DeliveryError:
    """What a server's answer means: 4xx is for now, 5xx for good."""
    error = Rejected if code >= 500 else Postponed
    return error("smtp_refused" if code >= 500 else "smtp_busy", host=host, code=code, answer=_words(said))


def _words(said: bytes | str) -> str:
    return one_line(said.decode("utf-8", "replace") if isinstance(said, bytes) else said)
