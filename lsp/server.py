"""The language server: what editors ask, handed to the features; positions and shapes of the protocol, nothing else."""

from __future__ import annotations

import asyncio
import gc
import logging
import os
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import wraps
from pathlib import Path
from typing import Any, TypeVar, cast

from lsprotocol import types as lsp
from pygls.exceptions import JsonRpcException
from pygls.lsp.server import LanguageServer
from pygls.uris import from_fs_path, to_fs_path

from ..dsl.diagnostic import Edit
from ..dsl.messages import languages, ui
from ..dsl.source import Span
from ..project.compile import STANDARD_FOLDER, STANDARD_SCHEME
from ..project.version import __version__
from .document import Change, Position, column_in_characters, column_in_units
from .features import diagnostics as found
from .features.completion import Completion, complete
from .features.formatting import formatting, range_formatting, translated
from .features.hints import hints, indentation, selections, signature
from .features.hover import hover
from .features.navigation import definition, highlights, references
from .features.outline import Entry, folds, outline, workspace_entries
from .features.rename import CannotRename, prepare_rename, rename
from .features.running import lenses, run
from .features.tokens import MODIFIERS, TYPES, Token, tokens
from .snapshot import Snapshot
from .workspace import Workspace

DEBOUNCE = 0.08
"""Seconds without a change before findings are published."""

_SEVERITIES = {
    "error": lsp.DiagnosticSeverity.Error,
    "warning": lsp.DiagnosticSeverity.Warning,
    "info": lsp.DiagnosticSeverity.Information,
}
_COMPLETIONS = {
    "value": lsp.CompletionItemKind.EnumMember,
    "argument": lsp.CompletionItemKind.Property,
    "action": lsp.CompletionItemKind.Method,
    "field": lsp.CompletionItemKind.Field,
    "computed": lsp.CompletionItemKind.Property,
    "object": lsp.CompletionItemKind.Class,
    "event": lsp.CompletionItemKind.Event,
    "global": lsp.CompletionItemKind.Variable,
    "function": lsp.CompletionItemKind.Function,
    "constant": lsp.CompletionItemKind.Constant,
    "type": lsp.CompletionItemKind.TypeParameter,
    "keyword": lsp.CompletionItemKind.Keyword,
    "snippet": lsp.CompletionItemKind.Snippet,
}
_SYMBOLS = {
    "object": lsp.SymbolKind.Class,
    "event": lsp.SymbolKind.Event,
    "field": lsp.SymbolKind.Field,
    "definition": lsp.SymbolKind.Variable,
    "table": lsp.SymbolKind.Array,
    "action": lsp.SymbolKind.Method,
    "parameter": lsp.SymbolKind.Property,
    "rule": lsp.SymbolKind.Function,
    "example": lsp.SymbolKind.Constant,
    "process": lsp.SymbolKind.Namespace,
    "stage": lsp.SymbolKind.EnumMember,
    "unread": lsp.SymbolKind.Null,
}

_TYPES = {name: number for number, name in enumerate(TYPES)}

RUN_EXAMPLES = "quand.runExamples"
"""The command that runs the examples of a file: its uri, and the name of one example or nothing."""

_Params = TypeVar("_Params")
_Answer = TypeVar("_Answer")

log = logging.getLogger(__name__)


class Server(LanguageServer):
    """The server of one editor."""

    def __init__(self, language: str) -> None:
        super().__init__(  # pyright: ignore[reportUnknownMemberType] - its further arguments have no types
            "quand", __version__, lsp.TextDocumentSyncKind.Incremental
        )
        self.language = language
        self.buffers = Workspace()
        self.uris: dict[str, str] = {}
        self.published: set[str] = set()
        self.waiting: asyncio.TimerHandle | None = None
        self.stale: set[str] = set()

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

    # --- findings ---------------------------------------------------------------------------------------------------

    def changed(self, name: str) -> None:
        """Publish the findings of the project of a file, once nothing has changed for a while."""
        self.stale.add(name)
        if self.waiting is not None:
            self.waiting.cancel()
        self.waiting = asyncio.get_running_loop().call_later(DEBOUNCE, self._publish)

    def _publish(self) -> None:
        stale, self.stale = self.stale, set()
        try:
            done: set[int] = set()
            for name in sorted(stale):
                snapshot = self.buffers.snapshot(name)
                if id(snapshot) not in done:
                    done.add(id(snapshot))
                    self.publish(snapshot)
                self.publish_problem(name)
                if name not in snapshot.texts:
                    self.publish_none(name)
        except Exception as error:  # noqa: BLE001 - an editor shows no traceback
            self.trouble(error)

    @property
    def pulls(self) -> bool:
        """Whether the editor asks for findings itself; telling it would show each twice."""
        text_document = self.client_capabilities.text_document
        return text_document is not None and text_document.diagnostic is not None

    def publish(self, snapshot: Snapshot) -> None:
        """Send what was found in the files of a project; a file without findings that had some is told so."""
        if self.pulls:
            return
        for file in snapshot.files:
            document = self.buffers.documents.get(file.uri)
            made = [] if snapshot.standard else self.diagnostics(snapshot, file.uri)
            if not made and file.uri not in self.published and document is None:
                continue
            if made or document is not None:
                self.published.add(file.uri)
            else:
                self.published.discard(file.uri)
            version = document.version if document is not None else None
            self.text_document_publish_diagnostics(
                lsp.PublishDiagnosticsParams(self.uri_of(file.uri), made, version=version)
            )

    def publish_problem(self, name: str) -> None:
        """What is wrong with the configuration of the project of a file, in the configuration; or that nothing is."""
        config, problem = self.buffers.config_path(name), self.buffers.problem(name)
        if config is None or (problem is None and str(config) not in self.published):
            return
        if problem is None:
            self.publish_none(str(config))
            return
        line = max((problem.line or 1) - 1, 0)
        place = lsp.Range(lsp.Position(line, 0), lsp.Position(line + 1, 0))
        message = ui(problem.key, self.language, **problem.args_by_name)
        told = lsp.Diagnostic(place, message, severity=lsp.DiagnosticSeverity.Error, source="quand")
        self.published.add(str(config))
        self.text_document_publish_diagnostics(lsp.PublishDiagnosticsParams(self.uri_of(str(config)), [told]))

    def publish_none(self, name: str) -> None:
        self.published.discard(name)
        self.text_document_publish_diagnostics(lsp.PublishDiagnosticsParams(self.uri_of(name), []))

    def diagnostics(self, snapshot: Snapshot, name: str) -> list[lsp.Diagnostic]:
        return [self.diagnostic(snapshot, name, finding) for finding in found.findings(snapshot, name)]

    def diagnostic(self, snapshot: Snapshot, name: str, finding: found.Finding) -> lsp.Diagnostic:
        related = [
            lsp.DiagnosticRelatedInformation(self.location(snapshot, each.uri, each.span), each.message)
            for each in finding.related
        ]
        return lsp.Diagnostic(
            self.range(snapshot, name, finding.span),
            finding.message,
            severity=_SEVERITIES[finding.severity],
            code=finding.code,
            source="quand",
            related_information=related or None,
        )

    def report_server_error(self, error: Exception, source: Any) -> None:
        """What goes wrong between requests is for the log, not for a window that pops up; a refusal is no trouble."""
        if not isinstance(error, JsonRpcException):
            self.trouble(error)

    def trouble(self, error: Exception) -> None:
        """Tell the editor's log that something went wrong, in one line."""
        log.debug("trouble", exc_info=error)
        message = ui("internal_error", self.language, kind=type(error).__name__, reason=str(error))
        self.window_log_message(lsp.LogMessageParams(lsp.MessageType.Error, message))


def guarded(handler: Callable[[Server, _Params], _Answer]) -> Callable[[Server, _Params], _Answer | None]:
    """A handler that answers nothing where it fails, and tells the log: an editor shows no traceback."""

    @wraps(handler)
    def call(server: Server, params: _Params) -> _Answer | None:
        try:
            return handler(server, params)
        except JsonRpcException:
            raise
        except Exception as error:  # noqa: BLE001 - an editor shows no traceback
            server.trouble(error)
            return None

    return call


# --- documents --------------------------------------------------------------------------------------------------------


@guarded
def initialized(server: Server, params: lsp.InitializedParams) -> None:
    # what was made until now stays: no search for garbage needs to look at it again
    gc.collect()
    gc.freeze()


@guarded
def did_open(server: Server, params: lsp.DidOpenTextDocumentParams) -> None:
    document = params.text_document
    name = server.name_of(document.uri)
    server.uris[name] = document.uri
    server.buffers.open(name, document.text, document.version)
    server.changed(name)


@guarded
def did_change(server: Server, params: lsp.DidChangeTextDocumentParams) -> None:
    name = server.name_of(params.text_document.uri)
    changes = [_change(each) for each in params.content_changes]
    server.buffers.change(name, changes, params.text_document.version, server.encoding)
    server.changed(name)


def _change(change: lsp.TextDocumentContentChangeEvent) -> Change:
    if isinstance(change, lsp.TextDocumentContentChangeWholeDocument):
        return Change(change.text)
    start, end = change.range.start, change.range.end
    return Change(change.text, Position(start.line, start.character), Position(end.line, end.character))


@guarded
def did_save(server: Server, params: lsp.DidSaveTextDocumentParams) -> None:
    server.changed(server.name_of(params.text_document.uri))


@guarded
def did_close(server: Server, params: lsp.DidCloseTextDocumentParams) -> None:
    name = server.name_of(params.text_document.uri)
    server.buffers.close(name)
    server.changed(name)
    server.uris.pop(name, None)


@guarded
def did_change_watched_files(server: Server, params: lsp.DidChangeWatchedFilesParams) -> None:
    server.buffers.forget()
    for name in [*server.buffers.documents, *(server.name_of(change.uri) for change in params.changes)]:
        server.changed(name)


# --- what features answer ---------------------------------------------------------------------------------------------


@guarded
def completion(server: Server, params: lsp.CompletionParams) -> lsp.CompletionList:
    snapshot, name = server.at(params.text_document)
    found_ = complete(snapshot, name, server.offset(snapshot, name, params.position))
    items = [_completion_item(server, snapshot, name, item) for item in found_]
    return lsp.CompletionList(is_incomplete=True, items=items)


def _completion_item(server: Server, snapshot: Snapshot, name: str, item: Completion) -> lsp.CompletionItem:
    about = lsp.MarkupContent(lsp.MarkupKind.PlainText, item.documentation) if item.documentation else None
    return lsp.CompletionItem(
        item.label,
        kind=_COMPLETIONS.get(item.kind),
        detail=item.detail or None,
        documentation=about,
        sort_text=item.order,
        filter_text=item.filter,
        insert_text_format=lsp.InsertTextFormat.Snippet if item.snippet else lsp.InsertTextFormat.PlainText,
        text_edit=lsp.TextEdit(server.range(snapshot, name, item.span), item.text),
    )


@guarded
def hovering(server: Server, params: lsp.HoverParams) -> lsp.Hover | None:
    snapshot, name = server.at(params.text_document)
    made = hover(snapshot, name, server.offset(snapshot, name, params.position))
    if made is None:
        return None
    content = lsp.MarkupContent(lsp.MarkupKind.Markdown, made.markdown)
    return lsp.Hover(content, server.range(snapshot, name, made.span))


@guarded
def define(server: Server, params: lsp.DefinitionParams) -> lsp.Location | None:
    snapshot, name = server.at(params.text_document)
    place = definition(snapshot, name, server.offset(snapshot, name, params.position))
    return server.location(snapshot, place.uri, place.span) if place is not None else None


@guarded
def refer(server: Server, params: lsp.ReferenceParams) -> list[lsp.Location]:
    snapshot, name = server.at(params.text_document)
    offset = server.offset(snapshot, name, params.position)
    made = references(snapshot, name, offset, params.context.include_declaration)
    return [server.location(snapshot, place.uri, place.span) for place in made]


@guarded
def highlight(server: Server, params: lsp.DocumentHighlightParams) -> list[lsp.DocumentHighlight]:
    snapshot, name = server.at(params.text_document)
    made = highlights(snapshot, name, server.offset(snapshot, name, params.position))
    kinds = {True: lsp.DocumentHighlightKind.Write, False: lsp.DocumentHighlightKind.Read}
    return [lsp.DocumentHighlight(server.range(snapshot, name, each.span), kinds[each.declares]) for each in made]


@guarded
def document_symbols(server: Server, params: lsp.DocumentSymbolParams) -> list[lsp.DocumentSymbol]:
    snapshot, name = server.at(params.text_document)
    return [_symbol(server, snapshot, name, entry) for entry in outline(snapshot, name)]


def _symbol(server: Server, snapshot: Snapshot, name: str, entry: Entry) -> lsp.DocumentSymbol:
    return lsp.DocumentSymbol(
        entry.name,
        _SYMBOLS[entry.kind],
        server.range(snapshot, name, entry.span),
        server.range(snapshot, name, entry.name_span),
        detail=entry.detail or None,
        children=[_symbol(server, snapshot, name, child) for child in entry.children],
    )


@guarded
def workspace_symbols(server: Server, params: lsp.WorkspaceSymbolParams) -> list[lsp.WorkspaceSymbol]:
    folders = [path for uri in server.workspace.folders if (path := to_fs_path(uri))]
    return [
        lsp.WorkspaceSymbol(
            server.location(snapshot, each.uri, each.entry.name_span),
            each.entry.name,
            _SYMBOLS[each.entry.kind],
            container_name=each.container or None,
        )
        for snapshot in server.buffers.snapshots([Path(folder) for folder in folders])
        for each in workspace_entries(snapshot, params.query)
    ]


@guarded
def folding(server: Server, params: lsp.FoldingRangeParams) -> list[lsp.FoldingRange]:
    snapshot, name = server.at(params.text_document)
    kinds = {"comment": lsp.FoldingRangeKind.Comment, "region": lsp.FoldingRangeKind.Region}
    return [lsp.FoldingRange(each.start, each.end, kind=kinds[each.kind]) for each in folds(snapshot, name)]


@guarded
def format_document(server: Server, params: lsp.DocumentFormattingParams) -> list[lsp.TextEdit]:
    snapshot, name = server.at(params.text_document)
    return server.text_edits(snapshot, name, formatting(snapshot, name))


@guarded
def format_range(server: Server, params: lsp.DocumentRangeFormattingParams) -> list[lsp.TextEdit]:
    snapshot, name = server.at(params.text_document)
    span = server.span(snapshot, name, params.range)
    return server.text_edits(snapshot, name, range_formatting(snapshot, name, span))


@guarded
def code_actions(server: Server, params: lsp.CodeActionParams) -> list[lsp.CodeAction]:
    snapshot, name = server.at(params.text_document)
    span = server.span(snapshot, name, params.range)
    made: list[lsp.CodeAction] = []
    for finding in found.findings_at(snapshot, name, span):
        for number, fix in enumerate(finding.fixes):
            made.append(
                lsp.CodeAction(
                    fix.title,
                    kind=lsp.CodeActionKind.QuickFix,
                    diagnostics=[server.diagnostic(snapshot, name, finding)],
                    is_preferred=fix.safe and number == 0 and len(finding.fixes) == 1,
                    edit=server.workspace_edit(snapshot, {name: fix.edits}),
                )
            )
    wanted = params.context.only
    if wanted is None or any(str(getattr(kind, "value", kind)).startswith("source") for kind in wanted):
        made += [
            lsp.CodeAction(
                ui("editor_translate", snapshot.language(name), other=language),
                kind=lsp.CodeActionKind.Source,
                data={"uri": params.text_document.uri, "language": language},
            )
            for language in languages()
            if language != snapshot.language(name)
        ]
    return made


@guarded
def resolve_code_action(server: Server, action: lsp.CodeAction) -> lsp.CodeAction:
    """Translating compiles the project anew, so it waits until it is chosen."""
    data = cast("dict[str, str] | None", action.data)
    if data is None:
        return action
    snapshot, name = server.at(lsp.TextDocumentIdentifier(data["uri"]))
    edits = translated(snapshot, name, data["language"])
    if edits is None:
        text = ui("editor_cannot_translate", snapshot.language(name))
        server.window_show_message(lsp.ShowMessageParams(lsp.MessageType.Warning, text))
        return action
    action.edit = server.workspace_edit(snapshot, {name: edits})
    return action


@guarded
def prepare_renaming(server: Server, params: lsp.PrepareRenameParams) -> lsp.PrepareRenamePlaceholder:
    snapshot, name = server.at(params.text_document)
    try:
        made = prepare_rename(snapshot, name, server.offset(snapshot, name, params.position))
    except CannotRename as problem:
        raise JsonRpcException(str(problem), lsp.LSPErrorCodes.RequestFailed) from problem
    return lsp.PrepareRenamePlaceholder(server.range(snapshot, name, made.span), made.name)


@guarded
def renaming(server: Server, params: lsp.RenameParams) -> lsp.WorkspaceEdit:
    snapshot, name = server.at(params.text_document)
    try:
        edits = rename(snapshot, name, server.offset(snapshot, name, params.position), params.new_name)
    except CannotRename as problem:
        raise JsonRpcException(str(problem), lsp.LSPErrorCodes.RequestFailed) from problem
    return server.workspace_edit(snapshot, edits)


@guarded
def semantic_tokens(server: Server, params: lsp.SemanticTokensParams) -> lsp.SemanticTokens:
    snapshot, name = server.at(params.text_document)
    return _tokens(server, snapshot, name, tokens(snapshot, name))


@guarded
def semantic_tokens_range(server: Server, params: lsp.SemanticTokensRangeParams) -> lsp.SemanticTokens:
    snapshot, name = server.at(params.text_document)
    return _tokens(server, snapshot, name, tokens(snapshot, name, server.span(snapshot, name, params.range)))


def _tokens(server: Server, snapshot: Snapshot, name: str, found_: Iterable[Token]) -> lsp.SemanticTokens:
    """Tokens as the protocol writes them: five numbers each, places counted from the token before."""
    data: list[int] = []
    line, column = 0, 0
    for token in found_:
        start, end = (server.position(snapshot, name, offset) for offset in token.span)
        new = start.line != line
        modifiers = sum(1 << MODIFIERS.index(each) for each in token.modifiers)
        width = end.character - start.character
        data += [start.line - line, start.character - (0 if new else column), width, _TYPES[token.type], modifiers]
        line, column = start.line, start.character
    return lsp.SemanticTokens(data)


@guarded
def inlay_hints(server: Server, params: lsp.InlayHintParams) -> list[lsp.InlayHint]:
    snapshot, name = server.at(params.text_document)
    span = server.span(snapshot, name, params.range)
    return [
        lsp.InlayHint(server.position(snapshot, name, each.offset), each.text, kind=lsp.InlayHintKind.Type)
        for each in hints(snapshot, name, span)
    ]


@guarded
def code_lenses(server: Server, params: lsp.CodeLensParams) -> list[lsp.CodeLens]:
    snapshot, name = server.at(params.text_document)
    return [
        lsp.CodeLens(
            server.range(snapshot, name, each.span),
            lsp.Command(each.title, RUN_EXAMPLES, arguments=[params.text_document.uri, each.example]),
        )
        for each in lenses(snapshot, name)
    ]


def run_examples(server: Server, uri: str, example: str = "") -> list[dict[str, Any]] | None:
    """What comes of the examples of a file, for the editor to show; the outcome is told in words as well."""
    snapshot, name = server.at(lsp.TextDocumentIdentifier(uri))
    language = snapshot.language(name)
    made = run(snapshot, name, example)
    if made is None:
        server.window_show_message(lsp.ShowMessageParams(lsp.MessageType.Warning, ui("editor_no_run", language)))
        return None
    for each in made:
        text = ui("editor_passed" if each.passed else "editor_failed", language, name=each.name)
        details = [line for failure in each.failures for line in (failure.expected, *failure.obtained)]
        kind = lsp.MessageType.Info if each.passed else lsp.MessageType.Error
        server.window_show_message(lsp.ShowMessageParams(kind, "\n".join([text, *details])))
    return [
        {
            "uri": uri,
            "name": each.name,
            "passed": each.passed,
            "line": server.position(snapshot, name, each.span.start).line,
            "failures": [{"expected": f.expected, "obtained": list(f.obtained)} for f in each.failures],
        }
        for each in made
    ]


@guarded
def signature_help(server: Server, params: lsp.SignatureHelpParams) -> lsp.SignatureHelp | None:
    snapshot, name = server.at(params.text_document)
    made = signature(snapshot, name, server.offset(snapshot, name, params.position))
    if made is None:
        return None
    labels = [
        lsp.ParameterInformation(
            (column_in_units(made.label, start, "utf-16"), column_in_units(made.label, end, "utf-16"))
        )
        for start, end in made.parameters
    ]
    information = lsp.SignatureInformation(made.label, made.documentation or None, labels, made.active)
    return lsp.SignatureHelp([information], 0, made.active)


@guarded
def selection_ranges(server: Server, params: lsp.SelectionRangeParams) -> list[lsp.SelectionRange]:
    snapshot, name = server.at(params.text_document)
    made: list[lsp.SelectionRange] = []
    for position in params.positions:
        around: lsp.SelectionRange | None = None
        for span in reversed(selections(snapshot, name, server.offset(snapshot, name, position))):
            around = lsp.SelectionRange(server.range(snapshot, name, span), around)
        made.append(around or lsp.SelectionRange(lsp.Range(position, position)))
    return made


@guarded
def format_on_type(server: Server, params: lsp.DocumentOnTypeFormattingParams) -> list[lsp.TextEdit]:
    snapshot, name = server.at(params.text_document)
    offset = server.offset(snapshot, name, params.position)
    width = indentation(snapshot, name, offset)
    start = server.offset(snapshot, name, lsp.Position(params.position.line, 0))
    if width is None or snapshot.text(name)[start:offset] == " " * width:
        return []
    return server.text_edits(snapshot, name, [Edit(Span(start, offset), " " * width)])


@guarded
def pull_diagnostics(server: Server, params: lsp.DocumentDiagnosticParams) -> lsp.RelatedFullDocumentDiagnosticReport:
    snapshot, name = server.at(params.text_document)
    return lsp.RelatedFullDocumentDiagnosticReport([] if snapshot.standard else server.diagnostics(snapshot, name))


def make_server(language: str) -> Server:
    """A server with all its features; ``language`` is that of messages about no file."""
    server = Server(language)
    fixes = lsp.CodeActionOptions([lsp.CodeActionKind.QuickFix, lsp.CodeActionKind.Source], resolve_provider=True)
    triggers = lsp.CompletionOptions(trigger_characters=[" ", "'", '"', "«", "’", "=", ",", "{", "("])
    legend = lsp.SemanticTokensLegend(TYPES, MODIFIERS)
    handlers: dict[str, tuple[Callable[[Server, Any], Any], Any]] = {
        lsp.INITIALIZED: (initialized, None),
        lsp.TEXT_DOCUMENT_DID_OPEN: (did_open, None),
        lsp.TEXT_DOCUMENT_DID_CHANGE: (did_change, None),
        lsp.TEXT_DOCUMENT_DID_SAVE: (did_save, None),
        lsp.TEXT_DOCUMENT_DID_CLOSE: (did_close, None),
        lsp.WORKSPACE_DID_CHANGE_WATCHED_FILES: (did_change_watched_files, None),
        lsp.TEXT_DOCUMENT_COMPLETION: (completion, triggers),
        lsp.TEXT_DOCUMENT_HOVER: (hovering, None),
        lsp.TEXT_DOCUMENT_DEFINITION: (define, None),
        lsp.TEXT_DOCUMENT_REFERENCES: (refer, None),
        lsp.TEXT_DOCUMENT_DOCUMENT_HIGHLIGHT: (highlight, None),
        lsp.TEXT_DOCUMENT_DOCUMENT_SYMBOL: (document_symbols, None),
        lsp.WORKSPACE_SYMBOL: (workspace_symbols, None),
        lsp.TEXT_DOCUMENT_FOLDING_RANGE: (folding, None),
        lsp.TEXT_DOCUMENT_FORMATTING: (format_document, None),
        lsp.TEXT_DOCUMENT_RANGE_FORMATTING: (format_range, None),
        lsp.TEXT_DOCUMENT_CODE_ACTION: (code_actions, fixes),
        lsp.CODE_ACTION_RESOLVE: (resolve_code_action, None),
        lsp.TEXT_DOCUMENT_PREPARE_RENAME: (prepare_renaming, None),
        lsp.TEXT_DOCUMENT_RENAME: (renaming, None),
        lsp.TEXT_DOCUMENT_SEMANTIC_TOKENS_FULL: (semantic_tokens, legend),
        lsp.TEXT_DOCUMENT_SEMANTIC_TOKENS_RANGE: (semantic_tokens_range, legend),
        lsp.TEXT_DOCUMENT_INLAY_HINT: (inlay_hints, None),
        lsp.TEXT_DOCUMENT_CODE_LENS: (code_lenses, None),
        lsp.TEXT_DOCUMENT_SIGNATURE_HELP: (signature_help, lsp.SignatureHelpOptions([" ", ",", "="])),
        lsp.TEXT_DOCUMENT_SELECTION_RANGE: (selection_ranges, None),
        lsp.TEXT_DOCUMENT_ON_TYPE_FORMATTING: (format_on_type, lsp.DocumentOnTypeFormattingOptions("\n")),
        lsp.TEXT_DOCUMENT_DIAGNOSTIC: (pull_diagnostics, lsp.DiagnosticOptions(True, False)),
    }
    for method, (handler, options) in handlers.items():
        server.feature(method, options)(handler)
    server.command(RUN_EXAMPLES)(run_examples)
    return server


def serve(language: str, port: int | None = None) -> None:
    """Serve one editor on standard input and output, or on a port of this machine, until it leaves."""
    logging.basicConfig(level=logging.CRITICAL)
    server = make_server(language)
    if port is None:
        # a stray print must not end up among the messages
        with os.fdopen(os.dup(sys.stdout.fileno()), "wb") as messages:
            sys.stdout = sys.stderr
            server.start_io(sys.stdin.buffer, messages)
    else:
        server.start_tcp("127.0.0.1", port)
