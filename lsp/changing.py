"""What changes the text: quick fixes and other actions, formatting, renaming."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, cast

from lsprotocol import types as lsp
from pygls.exceptions import JsonRpcException

from ..dsl.diagnostic import Edit
from ..dsl.messages import ui
from ..dsl.source import Span
from .features import diagnostics as found
from .features.actions import Action, edits_of, other_actions
from .features.formatting import formatting, range_formatting
from .features.hints import indentation
from .features.rename import CannotRename, prepare_rename, rename
from .guard import guarded
from .publishing import SEVERITIES
from .snapshot import Snapshot

if TYPE_CHECKING:
    from .server import Server

_KINDS = {
    "refactor": lsp.CodeActionKind.RefactorExtract,
    "rewrite": lsp.CodeActionKind.RefactorRewrite,
    "quickfix": lsp.CodeActionKind.QuickFix,
    "source": lsp.CodeActionKind.Source,
    "fix_all": lsp.CodeActionKind.SourceFixAll,
}
ACTIONS = lsp.CodeActionOptions(list(_KINDS.values()), resolve_provider=True)


@guarded
def code_actions(server: Server, params: lsp.CodeActionParams) -> list[lsp.CodeAction]:
    snapshot, name = server.at(params.text_document)
    span = server.span(snapshot, name, params.range)
    made = [*_fixes(server, snapshot, name, span)]
    for action in other_actions(snapshot, name, span):
        data = {"uri": params.text_document.uri, "span": list(span), "kind": action.kind, "argument": action.argument}
        made.append(lsp.CodeAction(action.title, kind=_KINDS[action.sort], data=data))
    wanted = params.context.only
    if wanted is None:
        return made
    kinds = [str(getattr(kind, "value", kind)) for kind in wanted]
    return [each for each in made if any(_is_kind(each.kind, kind) for kind in kinds)]


def _is_kind(kind: lsp.CodeActionKind | str | None, wanted: str) -> bool:
    name = str(getattr(kind, "value", kind))
    return not wanted or name == wanted or name.startswith(f"{wanted}.")


def _fixes(server: Server, snapshot: Snapshot, name: str, span: Span) -> list[lsp.CodeAction]:
    """The fixes of the findings that touch a range; both readings of what can be read in two ways are such."""
    return [
        lsp.CodeAction(
            fix.title,
            kind=lsp.CodeActionKind.QuickFix,
            diagnostics=[_diagnostic(server, snapshot, name, finding)],
            is_preferred=fix.safe and number == 0 and len(finding.fixes) == 1,
            edit=server.workspace_edit(snapshot, {name: fix.edits}),
        )
        for finding in found.findings_at(snapshot, name, span)
        for number, fix in enumerate(finding.fixes)
    ]


def _diagnostic(server: Server, snapshot: Snapshot, name: str, finding: found.Finding) -> lsp.Diagnostic:
    related = [
        lsp.DiagnosticRelatedInformation(server.location(snapshot, each.uri, each.span), each.message)
        for each in finding.related
    ]
    return lsp.Diagnostic(
        server.range(snapshot, name, finding.span),
        finding.message,
        severity=SEVERITIES[finding.severity],
        code=finding.code,
        source="quand",
        related_information=related or None,
    )


@guarded
def resolve_code_action(server: Server, action: lsp.CodeAction) -> lsp.CodeAction:
    """The edits of an action are made when it is chosen: the project is compiled with them, to be sure of them."""
    data = cast("dict[str, Any] | None", action.data)
    if data is None:
        return action
    snapshot, name = server.at(lsp.TextDocumentIdentifier(str(data["uri"])))
    start, end = data["span"]
    chosen = Action(str(data["kind"]), action.title, "source", str(data["argument"]))
    edits = edits_of(snapshot, name, Span(int(start), int(end)), chosen)
    if edits is None:
        key = "editor_cannot_translate" if chosen.kind == "translate" else "editor_no_edit"
        text = ui(key, snapshot.language(name))
        server.window_show_message(lsp.ShowMessageParams(lsp.MessageType.Warning, text))
        return action
    action.edit = server.workspace_edit(snapshot, edits)
    return action


# --- formatting -----------------------------------------------------------------------------------------------------


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
def format_on_type(server: Server, params: lsp.DocumentOnTypeFormattingParams) -> Sequence[lsp.TextEdit]:
    snapshot, name = server.at(params.text_document)
    offset = server.offset(snapshot, name, params.position)
    width = indentation(snapshot, name, offset)
    start = server.offset(snapshot, name, lsp.Position(params.position.line, 0))
    if width is None or snapshot.text(name)[start:offset] == " " * width:
        return []
    return server.text_edits(snapshot, name, [Edit(Span(start, offset), " " * width)])


# --- renaming -------------------------------------------------------------------------------------------------------


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
