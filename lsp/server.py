"""The language server: what editors ask, handed to the features; positions and shapes of the protocol, nothing else."""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from lsprotocol import types as lsp
from pygls.exceptions import JsonRpcException
from pygls.lsp.server import LanguageServer
from pygls.uris import from_fs_path, to_fs_path

from ..dsl.diagnostic import Edit
from ..dsl.messages import ui
from ..dsl.source import Span
from ..project.compile import STANDARD_FOLDER, STANDARD_SCHEME
from ..project.version import __version__
from . import asking, changing, publishing, showing, syncing
from .commands import outcomes_of
from .commands import register as register_commands
from .document import column_in_characters, column_in_units
from .snapshot import Snapshot
from .wire import Protocol
from .workspace import Workspace

log = logging.getLogger(__name__)


class Server(LanguageServer):
    """The server of one editor."""

    protocol: Protocol  # pyright: ignore[reportIncompatibleVariableOverride] - it is made from this class

    def __init__(self, language: str) -> None:
        super().__init__(  # pyright: ignore[reportUnknownMemberType] - its further arguments have no types
            "quand",
            __version__,
            lsp.TextDocumentSyncKind.Incremental,
            protocol_cls=Protocol,
        )
        self.language = language
        self.buffers = Workspace()
        self.uris: dict[str, str] = {}
        self.publisher = publishing.Publisher(self)
        self.showing = showing.Showing()
        self.proposed: list[str] = []
        """The documentation of what was proposed last."""

    # --- names and places -------------------------------------------------------------------------------------------

    @property
    def encoding(self) -> str:
        """The units that the editor counts columns in."""
        return str(getattr(self.workspace.position_encoding, "value", self.workspace.position_encoding) or "utf-16")

    @staticmethod
    def name_of(uri: str) -> str:
        """The name of a file in the workspace: its path, or the uri of a buffer that is no file."""
        path = to_fs_path(uri) if uri.startswith("file:") else None
        return path or uri

    def uri_of(self, name: str) -> str:
        """The uri of a file as the editor writes it."""
        if name in self.uris:
            return self.uris[name]
        if name.startswith(STANDARD_SCHEME):
            name = str(STANDARD_FOLDER / name.removeprefix(STANDARD_SCHEME))
        return (from_fs_path(name) if Path(name).is_absolute() else None) or name

    def at(self, document: lsp.TextDocumentIdentifier) -> tuple[Snapshot, str]:
        """The project of a document, and its name there."""
        name = self.name_of(document.uri)
        return self.buffers.snapshot(name), name

    def offset(self, snapshot: Snapshot, name: str, position: lsp.Position) -> int:
        index = snapshot.index(name)
        if position.line >= index.line_count:
            return len(index.text)
        line = index.line_text(position.line)
        return index.offset(position.line, column_in_characters(line, position.character, self.encoding))

    def position(self, snapshot: Snapshot, name: str, offset: int) -> lsp.Position:
        index = snapshot.index(name)
        line, column = index.position(min(offset, len(index.text)))
        return lsp.Position(line, column_in_units(index.line_text(line), column, self.encoding))

    def range(self, snapshot: Snapshot, name: str, span: Span) -> lsp.Range:
        return lsp.Range(
            self.position(snapshot, name, span.start), self.position(snapshot, name, max(span.end, span.start))
        )

    @staticmethod
    def plain(range_: lsp.Range) -> dict[str, dict[str, int]]:
        """A range as plain data."""
        return {
            end: {"line": each.line, "character": each.character}
            for end, each in (("start", range_.start), ("end", range_.end))
        }

    def plain_range(self, snapshot: Snapshot, name: str, span: Span) -> dict[str, dict[str, int]]:
        return self.plain(self.range(snapshot, name, span))

    def span(self, snapshot: Snapshot, name: str, range_: lsp.Range) -> Span:
        return Span(self.offset(snapshot, name, range_.start), self.offset(snapshot, name, range_.end))

    def location(self, snapshot: Snapshot, name: str, span: Span) -> lsp.Location:
        return lsp.Location(self.uri_of(name), self.range(snapshot, name, span))

    def text_edits(self, snapshot: Snapshot, name: str, edits: Iterable[Edit]) -> list[lsp.TextEdit]:
        return [lsp.TextEdit(self.range(snapshot, name, edit.span), edit.text) for edit in edits]

    def workspace_edit(self, snapshot: Snapshot, edits: Mapping[str, Sequence[Edit]]) -> lsp.WorkspaceEdit:
        return lsp.WorkspaceEdit(
            changes={self.uri_of(name): self.text_edits(snapshot, name, each) for name, each in edits.items()}
        )

    # --- trouble ----------------------------------------------------------------------------------------------------

    def report_server_error(self, error: Exception, source: Any) -> None:
        """What goes wrong between requests is for the log, not for a window that pops up; a refusal is no trouble."""
        if not isinstance(error, JsonRpcException):
            self.trouble(error)

    def trouble(self, error: Exception) -> None:
        """Tell the editor's log that something went wrong, in one line."""
        log.debug("trouble", exc_info=error)
        message = ui("internal_error", self.language, kind=type(error).__name__, reason=str(error))
        self.window_log_message(lsp.LogMessageParams(lsp.MessageType.Error, message))


def run_examples(server: Server, uri: str, example: str = "") -> list[dict[str, Any]] | None:
    """What comes of the examples of a file, for the editor to show; the outcome is told in words as well."""
    snapshot, name = server.at(lsp.TextDocumentIdentifier(uri))
    language = snapshot.language(name)
    made = outcomes_of(server, uri, example)
    if made is None:
        server.window_show_message(lsp.ShowMessageParams(lsp.MessageType.Warning, ui("editor_no_run", language)))
        return None
    for each in made:
        text = ui("editor_passed" if each["passed"] else "editor_failed", language, name=each["name"])
        details = [line for failure in each["failures"] for line in (failure["expected"], *failure["obtained"])]
        kind = lsp.MessageType.Info if each["passed"] else lsp.MessageType.Error
        server.window_show_message(lsp.ShowMessageParams(kind, "\n".join([text, *details])))
    return made


_HANDLERS: dict[str, tuple[Callable[[Server, Any], Any], Any]] = {
    lsp.INITIALIZED: (syncing.initialized, None),
    lsp.TEXT_DOCUMENT_DID_OPEN: (syncing.did_open, None),
    lsp.TEXT_DOCUMENT_DID_CHANGE: (syncing.did_change, None),
    lsp.TEXT_DOCUMENT_DID_SAVE: (syncing.did_save, None),
    lsp.TEXT_DOCUMENT_DID_CLOSE: (syncing.did_close, None),
    lsp.WORKSPACE_DID_CHANGE_WATCHED_FILES: (syncing.did_change_watched_files, None),
    lsp.WORKSPACE_WILL_RENAME_FILES: (syncing.will_rename_files, syncing.RENAMING),
    lsp.WORKSPACE_DID_RENAME_FILES: (syncing.did_rename_files, syncing.RENAMING),
    lsp.TEXT_DOCUMENT_COMPLETION: (asking.completion, asking.COMPLETION),
    lsp.COMPLETION_ITEM_RESOLVE: (asking.resolve_completion, None),
    lsp.TEXT_DOCUMENT_HOVER: (asking.hovering, None),
    lsp.TEXT_DOCUMENT_SIGNATURE_HELP: (asking.signature_help, asking.SIGNATURE),
    lsp.TEXT_DOCUMENT_DEFINITION: (asking.define, None),
    lsp.TEXT_DOCUMENT_REFERENCES: (asking.refer, None),
    lsp.TEXT_DOCUMENT_DOCUMENT_HIGHLIGHT: (asking.highlight, None),
    lsp.TEXT_DOCUMENT_SELECTION_RANGE: (asking.selection_ranges, None),
    lsp.TEXT_DOCUMENT_PREPARE_CALL_HIERARCHY: (asking.prepare_calls, None),
    lsp.CALL_HIERARCHY_OUTGOING_CALLS: (asking.outgoing_calls, None),
    lsp.CALL_HIERARCHY_INCOMING_CALLS: (asking.incoming_calls, None),
    lsp.TEXT_DOCUMENT_DOCUMENT_SYMBOL: (showing.document_symbols, None),
    lsp.WORKSPACE_SYMBOL: (showing.workspace_symbols, None),
    lsp.TEXT_DOCUMENT_FOLDING_RANGE: (showing.folding, None),
    lsp.TEXT_DOCUMENT_SEMANTIC_TOKENS_FULL: (showing.semantic_tokens, showing.LEGEND),
    lsp.TEXT_DOCUMENT_SEMANTIC_TOKENS_FULL_DELTA: (showing.semantic_tokens_delta, showing.LEGEND),
    lsp.TEXT_DOCUMENT_SEMANTIC_TOKENS_RANGE: (showing.semantic_tokens_range, showing.LEGEND),
    lsp.TEXT_DOCUMENT_INLAY_HINT: (showing.inlay_hints, None),
    lsp.TEXT_DOCUMENT_INLINE_VALUE: (showing.values, None),
    lsp.TEXT_DOCUMENT_CODE_LENS: (showing.code_lenses, lsp.CodeLensOptions(resolve_provider=True)),
    lsp.CODE_LENS_RESOLVE: (showing.resolve_code_lens, None),
    lsp.TEXT_DOCUMENT_DOCUMENT_LINK: (showing.document_links, lsp.DocumentLinkOptions(resolve_provider=False)),
    lsp.TEXT_DOCUMENT_CODE_ACTION: (changing.code_actions, changing.ACTIONS),
    lsp.CODE_ACTION_RESOLVE: (changing.resolve_code_action, None),
    lsp.TEXT_DOCUMENT_FORMATTING: (changing.format_document, None),
    lsp.TEXT_DOCUMENT_RANGE_FORMATTING: (changing.format_range, None),
    lsp.TEXT_DOCUMENT_ON_TYPE_FORMATTING: (changing.format_on_type, lsp.DocumentOnTypeFormattingOptions("\n")),
    lsp.TEXT_DOCUMENT_PREPARE_RENAME: (changing.prepare_renaming, None),
    lsp.TEXT_DOCUMENT_RENAME: (changing.renaming, None),
    lsp.TEXT_DOCUMENT_DIAGNOSTIC: (publishing.pull_diagnostics, lsp.DiagnosticOptions(True, True)),
    lsp.WORKSPACE_DIAGNOSTIC: (publishing.pull_workspace, None),
}


def make_server(language: str) -> Server:
    """A server with all its features; ``language`` is that of messages about no file."""
    server = Server(language)
    for method, (handler, options) in _HANDLERS.items():
        server.feature(method, options)(handler)
    server.command(showing.RUN_EXAMPLES)(run_examples)
    server.command(showing.LISTENERS)(showing.listeners)
    register_commands(server)
    return server


def serve(language: str, port: int | None = None, websocket: int | None = None) -> None:
    """Serve one editor on standard input and output, or on a port of this machine, until it leaves.

    ``websocket`` is a port for an editor in a browser, which talks over WebSocket.
    """
    logging.basicConfig(level=logging.CRITICAL)
    server = make_server(language)
    if websocket is not None:
        server.start_ws("127.0.0.1", websocket)
    elif port is not None:
        server.start_tcp("127.0.0.1", port)
    else:
        # a stray print must not end up among the messages
        with os.fdopen(os.dup(sys.stdout.fileno()), "wb") as messages:
            sys.stdout = sys.stderr
            server.start_io(sys.stdin.buffer, messages)
