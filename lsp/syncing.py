"""What the editor says: documents that are opened, changed and closed, files that change on disk or are renamed."""

from __future__ import annotations

import gc
from pathlib import Path
from typing import TYPE_CHECKING

from lsprotocol import types as lsp
from pygls.uris import to_fs_path

from ..project.paths import CONFIG_NAME, SUFFIX
from .document import Change, Position
from .features.files import edits_of_renaming
from .guard import guarded

if TYPE_CHECKING:
    from .server import Server

_WATCHED = (f"**/*{SUFFIX}", f"**/{CONFIG_NAME}", "**/*.csv", "**/*.xlsx")
_RENAMED = ("**/*.rules", "**/*.csv", "**/*.xlsx")

RENAMING = lsp.FileOperationRegistrationOptions(
    [lsp.FileOperationFilter(lsp.FileOperationPattern(glob), scheme="file") for glob in _RENAMED]
)


@guarded
def initialized(server: Server, params: lsp.InitializedParams) -> None:
    _watch(server)
    # what was made until now stays: no search for garbage needs to look at it again
    gc.collect()
    gc.freeze()


def _watch(server: Server) -> None:
    """Ask the editor to tell what changes on disk, if it can."""
    workspace = server.client_capabilities.workspace
    watching = workspace.did_change_watched_files if workspace is not None else None
    if watching is None or not watching.dynamic_registration:
        return
    options = lsp.DidChangeWatchedFilesRegistrationOptions([lsp.FileSystemWatcher(glob) for glob in _WATCHED])
    method = lsp.WORKSPACE_DID_CHANGE_WATCHED_FILES
    server.client_register_capability(
        lsp.RegistrationParams([lsp.Registration("quand-files", method, options)]), callback=lambda _: _watching(server)
    )


def _watching(server: Server) -> None:
    server.buffers.watched = True


@guarded
def did_open(server: Server, params: lsp.DidOpenTextDocumentParams) -> None:
    document = params.text_document
    name = server.name_of(document.uri)
    server.uris[name] = document.uri
    server.buffers.open(name, document.text, document.version)
    server.publisher.changed(name)


@guarded
def did_change(server: Server, params: lsp.DidChangeTextDocumentParams) -> None:
    name = server.name_of(params.text_document.uri)
    changes = [_change(each) for each in params.content_changes]
    server.buffers.change(name, changes, params.text_document.version, server.encoding)
    server.publisher.changed(name)


def _change(change: lsp.TextDocumentContentChangeEvent) -> Change:
    if isinstance(change, lsp.TextDocumentContentChangeWholeDocument):
        return Change(change.text)
    start, end = change.range.start, change.range.end
    return Change(change.text, Position(start.line, start.character), Position(end.line, end.character))


@guarded
def did_save(server: Server, params: lsp.DidSaveTextDocumentParams) -> None:
    server.buffers.look_again()
    server.publisher.changed(server.name_of(params.text_document.uri))


@guarded
def did_close(server: Server, params: lsp.DidCloseTextDocumentParams) -> None:
    name = server.name_of(params.text_document.uri)
    server.buffers.close(name)
    server.publisher.changed(name)
    server.showing.forget(name)
    server.uris.pop(name, None)


@guarded
def did_change_watched_files(server: Server, params: lsp.DidChangeWatchedFilesParams) -> None:
    changed = [server.name_of(change.uri) for change in params.changes]
    if all(name.endswith((SUFFIX, CONFIG_NAME)) for name in changed):
        server.buffers.look_again()
    else:
        # the sheet of a table say
        server.buffers.forget()
    for name in [*server.buffers.documents, *changed]:
        server.publisher.changed(name)
    _ask_again(server)


def _ask_again(server: Server) -> None:
    """Have the editor ask anew for what it asked for: it cannot know what a file beside its own changed."""
    able = server.client_capabilities.workspace
    if able is None:
        return
    for capability, ask in (
        (able.diagnostics, server.workspace_diagnostic_refresh),
        (able.code_lens, server.workspace_code_lens_refresh),
        (able.semantic_tokens, server.workspace_semantic_tokens_refresh),
        (able.inlay_hint, server.workspace_inlay_hint_refresh),
    ):
        if capability is not None and capability.refresh_support:
            ask(None)


@guarded
def will_rename_files(server: Server, params: lsp.RenameFilesParams) -> lsp.WorkspaceEdit | None:
    """What names a file is told its new name: the tables that take their rows from it, the configuration."""
    folders = [Path(path) for uri in server.workspace.folders if (path := to_fs_path(uri))]
    snapshots = server.buffers.snapshots(folders)
    changes: dict[str, list[lsp.TextEdit]] = {}
    for each in params.files:
        old, new = to_fs_path(each.old_uri), to_fs_path(each.new_uri)
        if old is None or new is None:
            continue
        for snapshot in snapshots:
            for uri, edits in edits_of_renaming(snapshot, Path(old), Path(new)).items():
                known = changes.setdefault(server.uri_of(uri), [])
                known += [edit for edit in server.text_edits(snapshot, uri, edits) if edit not in known]
    return lsp.WorkspaceEdit(changes=changes) if changes else None


@guarded
def did_rename_files(server: Server, params: lsp.RenameFilesParams) -> None:
    server.buffers.forget()
    names = [server.name_of(uri) for each in params.files for uri in (each.old_uri, each.new_uri)]
    for name in [*server.buffers.documents, *names]:
        server.publisher.changed(name)
