"""What is asked about a place: what may come next, what a name means, where it is declared and used."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from lsprotocol import types as lsp

from .document import column_in_units
from .features.calls import Call, RuleItem, rule_item, set_off_by, sets_off
from .features.completion import Completion, complete
from .features.hints import selections, signature
from .features.hover import hover
from .features.navigation import definition, highlights, references
from .guard import guarded
from .snapshot import Snapshot

if TYPE_CHECKING:
    from .server import Server

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

COMPLETION = lsp.CompletionOptions(
    trigger_characters=[" ", "'", '"', "«", "’", "=", ",", "{", "("], resolve_provider=True
)
SIGNATURE = lsp.SignatureHelpOptions([" ", ",", "="])


@guarded
def completion(server: Server, params: lsp.CompletionParams) -> lsp.CompletionList:
    snapshot, name = server.at(params.text_document)
    found = complete(snapshot, name, server.offset(snapshot, name, params.position))
    server.proposed = [item.documentation for item in found]
    items = [_completion_item(server, snapshot, name, item, number) for number, item in enumerate(found)]
    return lsp.CompletionList(is_incomplete=True, items=items)


def _completion_item(
    server: Server, snapshot: Snapshot, name: str, item: Completion, number: int
) -> lsp.CompletionItem:
    return lsp.CompletionItem(
        item.label,
        kind=_COMPLETIONS.get(item.kind),
        detail=item.detail or None,
        sort_text=item.order,
        filter_text=item.filter,
        insert_text_format=lsp.InsertTextFormat.Snippet if item.snippet else lsp.InsertTextFormat.PlainText,
        text_edit=lsp.TextEdit(server.range(snapshot, name, item.span), item.text),
        data={"number": number} if item.documentation else None,
    )


@guarded
def resolve_completion(server: Server, item: lsp.CompletionItem) -> lsp.CompletionItem:
    """The documentation of a proposal of the last list, for when a person looks at it."""
    data = cast("dict[str, int] | None", item.data)
    number = data.get("number", -1) if data is not None else -1
    if 0 <= number < len(server.proposed):
        item.documentation = lsp.MarkupContent(lsp.MarkupKind.PlainText, server.proposed[number])
    return item


@guarded
def hovering(server: Server, params: lsp.HoverParams) -> lsp.Hover | None:
    snapshot, name = server.at(params.text_document)
    made = hover(snapshot, name, server.offset(snapshot, name, params.position))
    if made is None:
        return None
    content = lsp.MarkupContent(lsp.MarkupKind.Markdown, made.markdown)
    return lsp.Hover(content, server.range(snapshot, name, made.span))


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
def selection_ranges(server: Server, params: lsp.SelectionRangeParams) -> list[lsp.SelectionRange]:
    snapshot, name = server.at(params.text_document)
    made: list[lsp.SelectionRange] = []
    for position in params.positions:
        around: lsp.SelectionRange | None = None
        for span in reversed(selections(snapshot, name, server.offset(snapshot, name, position))):
            around = lsp.SelectionRange(server.range(snapshot, name, span), around)
        made.append(around or lsp.SelectionRange(lsp.Range(position, position)))
    return made


# --- the cascade ----------------------------------------------------------------------------------------------------


@guarded
def prepare_calls(server: Server, params: lsp.CallHierarchyPrepareParams) -> list[lsp.CallHierarchyItem] | None:
    """The rule at a place, as what the hierarchy starts from."""
    snapshot, name = server.at(params.text_document)
    made = rule_item(snapshot, name, server.offset(snapshot, name, params.position))
    return [_rule(server, snapshot, made)] if made is not None else None


def _rule(server: Server, snapshot: Snapshot, item: RuleItem) -> lsp.CallHierarchyItem:
    return lsp.CallHierarchyItem(
        item.title,
        lsp.SymbolKind.Function,
        server.uri_of(item.uri),
        server.range(snapshot, item.uri, item.span),
        server.range(snapshot, item.uri, item.name_span),
        detail=item.detail or None,
        data={"name": item.name},
    )


@guarded
def outgoing_calls(server: Server, params: lsp.CallHierarchyOutgoingCallsParams) -> list[lsp.CallHierarchyOutgoingCall]:
    """What a rule can set off."""
    snapshot, name = server.at(lsp.TextDocumentIdentifier(params.item.uri))
    return [
        lsp.CallHierarchyOutgoingCall(
            _called(server, snapshot, call), [server.range(snapshot, name, span) for span in call.places]
        )
        for call in sets_off(snapshot, name, _name_of(params.item))
    ]


@guarded
def incoming_calls(server: Server, params: lsp.CallHierarchyIncomingCallsParams) -> list[lsp.CallHierarchyIncomingCall]:
    """What can set a rule off."""
    snapshot, name = server.at(lsp.TextDocumentIdentifier(params.item.uri))
    return [
        lsp.CallHierarchyIncomingCall(
            _called(server, snapshot, call), [server.range(snapshot, call.rule.uri, span) for span in call.places]
        )
        for call in set_off_by(snapshot, name, _name_of(params.item))
    ]


def _called(server: Server, snapshot: Snapshot, call: Call) -> lsp.CallHierarchyItem:
    item = _rule(server, snapshot, call.rule)
    item.detail = call.why
    return item


def _name_of(item: lsp.CallHierarchyItem) -> str:
    data = cast("dict[str, str] | None", item.data)
    return data.get("name", "") if isinstance(data, dict) else ""
