"""``quand lsp``: the language server, which editors start by themselves."""

from __future__ import annotations

import sys

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
        ],
    )


def lsp(session: Session, stdio: bool, tcp: int | None) -> int:
    """0 when the editor has left; 2 where the server is not installed."""
    if tcp is not None and not 0 < tcp <= LAST_PORT:
        raise click.UsageError(session.text("lsp_port"))
    try:
        # an extra of its own, and 0.4 s to import
        from ..lsp.server import serve
    except ModuleNotFoundError as error:
        if error.name is None or error.name.partition(".")[0] not in {"pygls", "lsprotocol", "cattrs"}:
            raise
        print(session.text("lsp_missing"), file=sys.stderr)
        return 2
    serve(session.language, tcp)
    return 0
