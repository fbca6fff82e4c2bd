"""``quand lsp``: the language server, which editors start by themselves."""

from __future__ import annotations

import sys
from importlib.util import find_spec

import click

from .commands import Command
from .session import Session

LAST_PORT = 65535


def command(session: Session) -> click.Command:
    return Command(
        session,
        "lsp",
        lsp,
        [
            click.Option(["--stdio"], is_flag=True, help=session.text("lsp_stdio_help")),
            click.Option(["--tcp"], type=int, metavar="PORT", help=session.text("lsp_tcp_help")),
            click.Option(["--ws"], type=int, metavar="PORT", help=session.text("lsp_ws_help")),
        ],
    )


def lsp(session: Session, stdio: bool, tcp: int | None, ws: int | None) -> int:
    """0 when the editor has left; 2 where the server is not installed."""
    if any(port is not None and not 0 < port <= LAST_PORT for port in (tcp, ws)):
        raise click.UsageError(session.text("lsp_port"))
    if ws is not None and find_spec("websockets") is None:
        print(session.text("lsp_ws_missing"), file=sys.stderr)
        return 2
    try:
        # an extra of its own, and 0.4 s to import
        from ..lsp.server import serve
    except ModuleNotFoundError as error:
        if error.name is None or error.name.partition(".")[0] not in {"pygls", "lsprotocol", "cattrs"}:
            raise
        print(session.text("lsp_missing"), file=sys.stderr)
        return 2
    serve(session.language, tcp, ws)
    return 0
