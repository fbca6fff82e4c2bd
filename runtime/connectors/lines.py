"""One connection to a gateway: to an address that was checked, and over when its time is up."""

from __future__ import annotations

import ipaddress
import socket
import ssl
import threading
from collections.abc import Generator
from contextlib import contextmanager, suppress
from time import monotonic

from .port import Postponed, Rejected

_Address = ipaddress.IPv4Address | ipaddress.IPv6Address
_NAT64 = ipaddress.ip_network("64:ff9b::/96")
_JOINING = "\u200c\u200d"
"""Invisible, and part of words and pictures: without them a family is three people."""

_TRIED = 3
"""How many addresses of one name are tried."""


class Line:
    """A connection that nothing keeps open beyond its deadline, however slowly the other side talks."""

    def __init__(self, host: str, seconds: float) -> None:
        """``host`` names the gateway in messages."""
        self.host = host
        self._deadline = monotonic() + seconds
        self._socket: socket.socket | None = None
        self._over = False

    def left(self) -> float:
        """The seconds left. Raises :class:`TimeoutError` when there are none."""
        left = self._deadline - monotonic()
        if left <= 0 or self._over:
            raise TimeoutError
        return left

    def connect(self, port: int, *, private: bool) -> socket.socket:
        """Resolve the host once and connect to one of its addresses; without ``private`` to public ones only.

        Raises :class:`Postponed` or :class:`Rejected`.
        """
        found = self._resolved(port)
        allowed = found if private else [address for address in found if is_public(address)]
        if not allowed:
            raise Rejected("http_private", host=self.host, address=found[0])
        reason = ""
        for address in allowed[:_TRIED]:
            try:
                connected = socket.create_connection((address, port), timeout=self.left())
            except OSError as error:
                reason = reason_of(error)
                continue
            self._socket = connected
            return connected
        raise Postponed("http_no_connection", host=self.host, reason=reason)

    def _resolved(self, port: int) -> list[str]:
        try:
            found = socket.getaddrinfo(self.host, port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError) as error:
            raise Postponed("http_no_host", host=self.host) from error
        return list(dict.fromkeys(str(entry[4][0]) for entry in found))

    def secured(self, plain: socket.socket, context: ssl.SSLContext) -> ssl.SSLSocket:
        """The connection with TLS, the certificate checked against the name. Raises :class:`Postponed`."""
        try:
            plain.settimeout(self.left())
            secure = context.wrap_socket(plain, server_hostname=self.host, do_handshake_on_connect=False)
            self._socket = secure
            secure.do_handshake()
        except (OSError, ValueError) as error:
            raise Postponed("http_tls", host=self.host, reason=reason_of(error)) from error
        return secure

    def cut(self) -> None:
        """End the connection under whoever reads from it."""
        self._over = True
        if self._socket is not None:
            with suppress(OSError):
                self._socket.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        """Let go of the connection."""
        if self._socket is not None:
            with suppress(OSError):
                self._socket.close()


@contextmanager
def line(host: str, seconds: float) -> Generator[Line]:
    """A line to a gateway, which is cut after so many seconds whatever it is doing."""
    made = Line(host, seconds)
    # a time limit of a socket starts anew with each byte
    timer = threading.Timer(seconds, made.cut)
    timer.daemon = True
    timer.start()
    try:
        yield made
    finally:
        timer.cancel()
        made.close()


def is_public(text: str) -> bool:
    """Whether an address belongs to the public Internet, and is not a private one in disguise."""
    address = ipaddress.ip_address(text.partition("%")[0])
    return all(each.is_global and not each.is_multicast and not each.is_reserved for each in _all_of(address))


def _all_of(address: _Address) -> list[_Address]:
    """The addresses that one stands for: IPv4 can be wrapped in IPv6 in several ways."""
    if isinstance(address, ipaddress.IPv4Address):
        return [address]
    if address.ipv4_mapped is not None:
        return [address.ipv4_mapped]
    inside: list[_Address] = [address.sixtofour] if address.sixtofour is not None else []
    inside += address.teredo or ()
    if address in _NAT64:
        return [*inside, ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)]
    return [address, *inside]


def reason_of(error: BaseException) -> str:
    """What the system or the library says went wrong, on one line."""
    if isinstance(error, TimeoutError):
        return "timeout"
    if isinstance(error, ssl.SSLCertVerificationError):
        return error.verify_message
    if isinstance(error, OSError) and error.strerror:
        return one_line(error.strerror)
    return one_line(str(error)) or type(error).__name__


def one_line(text: str) -> str:
    """A text of somebody else as one line without control characters, 200 characters at most."""
    shown = "".join(character if character.isprintable() or character in _JOINING else " " for character in text[:1000])
    return " ".join(shown.split())[:200]
