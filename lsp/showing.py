"""What is shown of a whole document: colours, outline, folds, lenses, links, hints, values."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, cast

from lsprotocol import types as lsp
from pygls.exceptions import JsonRpcException
from pygls.uris import from_fs_path, to_fs_path

from ..dsl.memory import Part
from ..dsl.messages import ui
from ..dsl.syntax import ExampleDeclaration
from .features.files import links_in
from .features.hints import hints
from .features.outline import Entry, entry_of, folds, folds_of, workspace_entries
from .features.running import event_lenses, examples_lens, inline_values
from .features.tokens import MODIFIERS, TYPES, Token, tokens, tokens_in
from .guard import guarded, guarded_later
from .pieces import Places, TokenPiece, Tokens, hole, token_pieces, whole
from .snapshot import Snapshot
from .wire import Raw, as_raw

if TYPE_CHECKING:
    from .server import Server

SYMBOLS = {
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

RUN_EXAMPLES = "quand.runExamples"
"""The command that runs the examples of a file: its uri, and the name of one example or nothing."""
LISTENERS = "quand.listeners"
"""The command that shows who listens to an event: the uri of the file, and where the event is declared in it."""

LEGEND = lsp.SemanticTokensLegend(TYPES, MODIFIERS)

_TURN = 0.005
"""Seconds of work on a large document after which other requests have their turn."""


class Told(NamedTuple):
    """The tokens that the editor knows, and the name it knows them by."""

    result: str
    tokens: Tokens


class Showing:
    """What was told about each document, so that the next time only what changed is."""

    def __init__(self) -> None:
        self.told: dict[str, Told] = {}
        self._number = 0

    def tell(self, name: str, tokens_: Tokens) -> Told:
        self._number += 1
        told = self.told[name] = Told(str(self._number), tokens_)
        return told

    def forget(self, name: str) -> None:
        self.told.pop(name, None)


# --- tokens ---------------------------------------------------------------------------------------------------------


@guarded_later
async def semantic_tokens(server: Server, params: lsp.SemanticTokensParams) -> Raw:
    told = server.showing.tell(*await _tokens(server, params.text_document))
    return Raw(f'{{"resultId":"{told.result}","data":{told.tokens.json}}}')


@guarded_later
async def semantic_tokens_delta(server: Server, params: lsp.SemanticTokensDeltaParams) -> Raw:
    name, made = await _tokens(server, params.text_document)
    before = server.showing.told.get(name)
    told = server.showing.tell(name, made)
    if before is None or before.result != params.previous_result_id:
        return Raw(f'{{"resultId":"{told.result}","data":{made.json}}}')
    return Raw(f'{{"resultId":"{told.result}","edits":{made.edits_from(before.tokens)}}}')


async def _tokens(server: Server, document: lsp.TextDocumentIdentifier) -> tuple[str, Tokens]:
    """The tokens of a document; a large one is read in turns, and given up where it changes meanwhile."""
    snapshot, name = server.at(document)
    began = time.monotonic()
    for start, part in snapshot.parts(name):
        if "tokens" in part.answers:
            continue
        tokens_in(snapshot, name, start, part.parsed)
        if time.monotonic() - began > _TURN:
            await asyncio.sleep(0)
            if server.buffers.snapshot(name) is not snapshot:
                raise JsonRpcException(document.uri, lsp.LSPErrorCodes.ContentModified)
            began = time.monotonic()

    def of_part(start: int, part: Part) -> list[Token]:
        return tokens_in(snapshot, name, start, part.parsed)

    made = token_pieces(snapshot, name, server.encoding, of_part)
    if not made.pieces:
        # comments alone belong to no declaration
        piece = TokenPiece(tokens(snapshot, name), Places(snapshot.text(name), server.encoding))
        made = Tokens([(piece, piece.first[0])] if piece.count else [])
    return name, made


@guarded
def semantic_tokens_range(server: Server, params: lsp.SemanticTokensRangeParams) -> Raw:
    snapshot, name = server.at(params.text_document)
    found = tokens(snapshot, name, server.span(snapshot, name, params.range))
    piece = TokenPiece(found, Places(snapshot.text(name), server.encoding))
    return as_raw({"data": piece.numbers})


# --- outline --------------------------------------------------------------------------------------------------------


@guarded
def document_symbols(server: Server, params: lsp.DocumentSymbolParams) -> Raw:
    snapshot, name = server.at(params.text_document)

    def make(start: int, part: Part, places: Places) -> Iterator[dict[str, Any]]:
        entry = entry_of(part.parsed)
        if entry is not None:
            yield _symbol(entry, places)

    return whole(snapshot, name, server.encoding, "symbols", make)


def _symbol(entry: Entry, places: Places) -> dict[str, Any]:
    made: dict[str, Any] = {
        "name": entry.name,
        "kind": SYMBOLS[entry.kind].value,
        "range": places.range(entry.span),
        "selectionRange": places.range(entry.name_span),
    }
    if entry.detail:
        made["detail"] = entry.detail
    if entry.children:
        made["children"] = [_symbol(child, places) for child in entry.children]
    return made


@guarded
def workspace_symbols(server: Server, params: lsp.WorkspaceSymbolParams) -> list[lsp.WorkspaceSymbol]:
    folders = [Path(path) for uri in server.workspace.folders if (path := to_fs_path(uri))]
    return [
        lsp.WorkspaceSymbol(
            server.location(snapshot, each.uri, each.entry.name_span),
            each.entry.name,
            SYMBOLS[each.entry.kind],
            container_name=each.container or None,
        )
        for snapshot in server.buffers.snapshots(folders)
        for each in workspace_entries(snapshot, params.query)
    ]


@guarded
def folding(server: Server, params: lsp.FoldingRangeParams) -> Raw:
    snapshot, name = server.at(params.text_document)

    def make(start: int, part: Part, places: Places) -> Iterator[dict[str, Any]]:
        for each in folds_of(part.parsed):
            yield {"startLine": hole(each.start), "endLine": hole(each.end), "kind": each.kind}

    if not list(snapshot.parts(name)):
        plain = [{"startLine": e.start, "endLine": e.end, "kind": e.kind} for e in folds(snapshot, name)]
        return as_raw(plain)
    return whole(snapshot, name, server.encoding, "folds", make)


# --- lenses, links, hints, values -----------------------------------------------------------------------------------


@guarded
def code_lenses(server: Server, params: lsp.CodeLensParams) -> Raw:
    snapshot, name = server.at(params.text_document)
    uri = params.text_document.uri
    title = ui("editor_run_example", snapshot.language(name))

    def make(start: int, part: Part, places: Places) -> Iterator[dict[str, Any]]:
        entry = entry_of(part.parsed) if isinstance(part.parsed.declaration, ExampleDeclaration) else None
        if entry is not None:
            command = {"title": title, "command": RUN_EXAMPLES, "arguments": [uri, entry.name]}
            yield {"range": places.range(entry.name_span), "command": command}

    made = whole(snapshot, name, server.encoding, f"lenses {uri}", make).json[1:-1]
    extra: list[dict[str, Any]] = []
    examples = ((start, part.parsed) for start, part in snapshot.parts(name))
    first = next((each for each in examples if isinstance(each[1].declaration, ExampleDeclaration)), None)
    entry = entry_of(first[1], first[0]) if first is not None else None
    if entry is not None:
        place = server.plain_range(snapshot, name, entry.name_span)
        extra.append({"range": place, "data": {"uri": uri, "language": snapshot.language(name)}})
    for lens in event_lenses(snapshot, name):
        place = server.plain_range(snapshot, name, lens.span)
        command = {"title": lens.title, "command": LISTENERS, "arguments": [uri, place["start"]]}
        extra.append({"range": place, "command": command})
    texts = [*(json.dumps(each, ensure_ascii=False) for each in extra), *([made] if made else [])]
    return Raw(f"[{','.join(texts)}]")


@guarded
def resolve_code_lens(server: Server, lens: lsp.CodeLens) -> lsp.CodeLens:
    """Examples are run for the lens that tells what comes of them, so that waits until it is shown."""
    data = cast("dict[str, str] | None", lens.data)
    if data is None:
        return lens
    snapshot, name = server.at(lsp.TextDocumentIdentifier(data["uri"]))
    made = examples_lens(snapshot, name)
    if made is not None:
        lens.command = lsp.Command(made.title, RUN_EXAMPLES, arguments=[data["uri"], ""])
    return lens


def listeners(ls: Any, uri: str, position: dict[str, int]) -> list[dict[str, Any]]:
    """Where the rules are that wait for the event declared at a position; the editor is shown the only one."""
    snapshot, name = ls.at(lsp.TextDocumentIdentifier(uri))
    offset = ls.offset(snapshot, name, lsp.Position(int(position["line"]), int(position["character"])))
    made = [
        lsp.Location(ls.uri_of(place.uri), ls.range(snapshot, place.uri, place.span))
        for lens in event_lenses(snapshot, name)
        if lens.span.start <= offset <= lens.span.end
        for place in lens.listeners
    ]
    window = ls.client_capabilities.window
    if len(made) == 1 and window is not None and window.show_document is not None:
        ls.window_show_document(lsp.ShowDocumentParams(made[0].uri, take_focus=True, selection=made[0].range))
    return [{"uri": each.uri, "range": ls.plain(each.range)} for each in made]


@guarded
def document_links(server: Server, params: lsp.DocumentLinkParams) -> Raw:
    snapshot, name = server.at(params.text_document)

    def make(start: int, part: Part, places: Places) -> Iterator[dict[str, Any]]:
        for each in links_in(name, part.parsed):
            target = each.page or from_fs_path(each.file)
            yield {"range": places.range(each.span), "target": target}

    return whole(snapshot, name, server.encoding, "links", make)


@guarded
def inlay_hints(server: Server, params: lsp.InlayHintParams) -> list[lsp.InlayHint]:
    snapshot, name = server.at(params.text_document)
    span = server.span(snapshot, name, params.range)
    kinds = {"type": lsp.InlayHintKind.Type}
    return [
        lsp.InlayHint(server.position(snapshot, name, each.offset), each.text, kind=kinds.get(each.kind))
        for each in hints(snapshot, name, span)
    ]


@guarded
def values(server: Server, params: lsp.InlineValueParams) -> list[lsp.InlineValueText]:
    snapshot, name = server.at(params.text_document)
    span = server.span(snapshot, name, params.range)
    return [
        lsp.InlineValueText(server.range(snapshot, name, each.span), each.text)
        for each in inline_values(snapshot, name, span)
    ]


__all__ = ["LEGEND", "LISTENERS", "RUN_EXAMPLES", "Showing", "Snapshot"]
