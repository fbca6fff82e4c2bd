"""Addresses of HTTP, taken apart so that everybody reads them alike."""

from __future__ import annotations

from urllib.parse import SplitResult, quote, urlsplit

from ...dsl.node import Node, node

_LONGEST_URL = 2048
_PORTS = {"http": 80, "https": 443}
_SAFE_IN_URL = "/:@!$&'()*+,;=-._~%?"


@node
class Target(Node):
    """Where a request goes. ``host`` is in lower case, in ASCII; ``path`` has the query and no fragment."""

    scheme: str
    host: str
    port: int
    path: str

    @property
    def place(self) -> str:
        """The host, with its port where it is not the usual one: what ``quand.toml`` lists."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == _PORTS[self.scheme] else f"{host}:{self.port}"


def target_of(url: str) -> Target:
    """The parts of a URL. Raises ``ValueError`` for one that is not plain ``http`` or ``https``."""
    # urlsplit drops some characters in silence, which others would read
    if len(url) > _LONGEST_URL or "\\" in url or any(not c.isprintable() or c.isspace() for c in url):
        raise ValueError(url)
    parts = urlsplit(url)
    if parts.scheme not in _PORTS or not parts.hostname or "@" in parts.netloc:
        raise ValueError(url)
    host = ascii_host(parts.hostname)
    # port 0 is none
    port = _PORTS[parts.scheme] if parts.port is None else parts.port
    if not host or not port:
        raise ValueError(url)
    return Target(parts.scheme, host, port, _path_of(parts))


def ascii_host(host: str) -> str:
    """A host name in the form that the network knows. Raises ``ValueError``."""
    name = host.rstrip(".").lower()
    return name if name.isascii() else name.encode("idna").decode("ascii")


def _path_of(parts: SplitResult) -> str:
    path = quote(parts.path or "/", safe=_SAFE_IN_URL)
    return f"{path}?{quote(parts.query, safe=_SAFE_IN_URL)}" if parts.query else path
