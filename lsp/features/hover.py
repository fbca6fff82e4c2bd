"""What a name means: its names in all languages, its type, what its author wrote about it, its values."""

from __future__ import annotations

from collections.abc import Iterator

from ...dsl.messages import type_name, ui
from ...dsl.node import Node, node
from ...dsl.source import Span
from ...dsl.types import Type
from ...dsl.vocabulary import ActionSymbol, FieldSymbol, GlobalSymbol, ObjectSymbol, display
from ..snapshot import Snapshot
from .symbols import Key, Symbol, occurrence_at, symbol_of

MOST_NAMES = 40
"""Fields or values that are listed at most."""


@node
class Hover(Node):
    """What to show about a range, as Markdown."""

    span: Span
    markdown: str


def hover(snapshot: Snapshot, uri: str, offset: int) -> Hover | None:
    """What is known about the name at an offset."""
    here = occurrence_at(snapshot, uri, offset)
    if here is not None:
        symbol = symbol_of(snapshot, here.key)
        if symbol is not None:
            return Hover(here.span, describe(snapshot, here.key, symbol, snapshot.language(uri)))
    return _choice(snapshot, uri, offset)


def describe(snapshot: Snapshot, key: Key, symbol: Symbol, language: str) -> str:
    """All that is known about a symbol, as Markdown in a language."""
    return "\n\n".join(_paragraphs(snapshot, key, symbol, language))


def kind_of(snapshot: Snapshot, key: Key, symbol: Symbol, language: str) -> str:
    """What sort of thing a symbol is, in words."""
    match symbol:
        case ObjectSymbol():
            return ui("editor_event" if symbol.event else "editor_object", language)
        case GlobalSymbol():
            return ui("editor_global", language)
        case ActionSymbol():
            return ui("editor_action", language)
        case FieldSymbol() if key.kind == "parameter":
            action = snapshot.vocabulary.actions[key.owner]
            return ui("editor_parameter", language, owner=phrase_of(action, language))
        case FieldSymbol():
            kind = "editor_computed" if symbol.computed else "editor_field"
            return ui(kind, language, owner=snapshot.object_name(symbol.owner, language))


def documentation(symbol: Symbol, language: str) -> str:
    """What the author wrote above a declaration; in the standard vocabulary, the part in the language."""
    text = symbol.documentation
    first, slash, second = text.partition(" / ")
    if symbol.place.standard and slash:
        return first if language == symbol.place.language else second
    return text


def phrase_of(action: ActionSymbol, language: str) -> str:
    """The phrase of an action with its holes: ``envoyer un SMS à {destinataire}``."""
    parts = action.patterns.get(language) or next(iter(action.patterns.values()))
    made = ""
    for part in parts:
        if part.hole is None:
            text = part.text
        else:
            symbol = action.parameter(part.hole)
            name = display(symbol.names, language) if symbol is not None else part.hole
            text = f"{{{name}}}"
        made += text if not made or made.endswith(("'", "’")) else f" {text}"
    return made


def type_words(snapshot: Snapshot, type_: Type, language: str) -> str:
    """A type in words."""
    return type_name(type_, language, lambda name: snapshot.object_name(name, language))


def _paragraphs(snapshot: Snapshot, key: Key, symbol: Symbol, language: str) -> Iterator[str]:
    if isinstance(symbol, ActionSymbol):
        name = phrase_of(symbol, language)
        twins = {other: phrase_of(symbol, other) for other in symbol.patterns}
    else:
        name = display(symbol.names, language)
        twins = {other: each.text for other, each in symbol.names.items()}
    kind = kind_of(snapshot, key, symbol, language)
    others = [
        ui("editor_twin", language, name=text, other=other)
        for other, text in sorted(twins.items())
        if other != language and text != name
    ]
    yield f"**{_plain(name)}** — {', '.join([kind, *others])}"
    about = documentation(symbol, language)
    if about:
        yield _plain(about)
    facts = list(_facts(snapshot, symbol, language))
    if facts:
        yield " ".join(facts)
    if symbol.place.standard:
        yield f"*{ui('editor_standard', language)}*"


def _facts(snapshot: Snapshot, symbol: Symbol, language: str) -> Iterator[str]:
    match symbol:
        case ObjectSymbol():
            names = [display(f.names, language) for f in snapshot.vocabulary.fields(symbol.name) if not f.standard]
            if names:
                yield ui("editor_fields", language, names=_some(names))
        case GlobalSymbol():
            yield from _typed(snapshot, snapshot.type_of_global(symbol.name), language)
            yield from _body(snapshot, symbol)
        case ActionSymbol():
            named = [p for p in symbol.parameters if p.name not in symbol.holes]
            if named:
                yield ui("editor_arguments", language, names=[display(p.names, language) for p in named])
        case FieldSymbol():
            yield from _typed(snapshot, snapshot.type_of(symbol), language)
            if symbol.choices:
                yield ui(
                    "editor_values", language, names=_some([c.names.get(language, c.name) for c in symbol.choices])
                )
            for flag, text in (
                (symbol.identifier, "editor_identifier"),
                (symbol.required and not symbol.place.standard, "editor_required"),
                (symbol.unique, "editor_unique"),
            ):
                if flag:
                    yield ui(text, language)
            yield from _body(snapshot, symbol)
            written = _written_default(snapshot, symbol)
            if written:
                yield ui("editor_default", language, text=written)


def _typed(snapshot: Snapshot, type_: Type, language: str) -> Iterator[str]:
    if type_.kind != "error":
        yield ui("editor_type", language, type=type_words(snapshot, type_, language))


def _body(snapshot: Snapshot, symbol: FieldSymbol | GlobalSymbol) -> Iterator[str]:
    """The formula of a definition, as its author wrote it."""
    body = symbol.definition
    if body is None or symbol.sink is None:
        return
    span = body.span.shifted(symbol.sink.offset)
    written = " ".join(snapshot.text(symbol.place.uri)[span.start : span.end].split())
    if written and len(written) < 400:
        yield f"`= {written}`"


def _written_default(snapshot: Snapshot, symbol: FieldSymbol) -> str:
    """The default of a field as written; only where that is in a file of the project."""
    if symbol.default is None or symbol.sink is None or symbol.place.standard:
        return ""
    span = symbol.default.span.shifted(symbol.sink.offset)
    return snapshot.text(symbol.place.uri)[span.start : span.end]


def _choice(snapshot: Snapshot, uri: str, offset: int) -> Hover | None:
    """The names of the value of a choice that is written at an offset."""
    around = snapshot.declaration(uri, offset)
    recorded = snapshot.compilation.recorded
    if around is None or recorded is None:
        return None
    start, _ = around
    language = snapshot.language(uri)
    for span, form in recorded.forms.get((uri, start), {}).items():
        if form[0] == "choice" and span.start <= offset - start < span.end:
            names: dict[str, str] = dict(form[1])
            own = names.get(language, "")
            others = [
                ui("editor_twin", language, name=text, other=other)
                for other, text in sorted(names.items())
                if other != language and text != own
            ]
            shown = ", ".join([own, *others]) if others else own
            return Hover(span.shifted(start), _plain(shown))
    return None


def _some(names: list[str]) -> list[str]:
    return names if len(names) <= MOST_NAMES else [*names[:MOST_NAMES], "…"]


def _plain(text: str) -> str:
    """A text without what Markdown would take for a sign of its own."""
    return "".join(f"\\{c}" if c in "\\`*_<>[]#" else c for c in text).replace("\n", "  \n")


__all__ = ["Hover", "describe", "documentation", "hover", "kind_of", "phrase_of"]
