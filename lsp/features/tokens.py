"""What each word and sign of a file is, for colouring it by its meaning."""

from __future__ import annotations

from collections.abc import Iterator
from typing import cast

from ...dsl import syntax as s
from ...dsl.node import Node, node
from ...dsl.source import Span
from ..snapshot import Snapshot
from .symbols import names_in, symbol_of

TYPES = (
    *("comment", "string", "keyword", "number", "operator", "class", "event", "property", "variable", "method"),
    *("parameter", "enumMember"),
)
"""The types of tokens, in the order in which the protocol numbers them."""
MODIFIERS = ("declaration", "documentation", "defaultLibrary", "readonly")
"""What may be said of a token besides, in the same manner."""

_SIGNS = frozenset("=≠<>≤≥+-−×*/^")
_KINDS = {"object": "class", "field": "property", "global": "variable", "action": "method", "parameter": "parameter"}


@node
class Token(Node):
    """A stretch of one line with its type and modifiers."""

    span: Span
    type: str
    modifiers: tuple[str, ...] = ()


def tokens(snapshot: Snapshot, uri: str, span: Span | None = None) -> list[Token]:
    """The tokens of a file, or of the declarations that a range touches, in order; none overlap."""
    file = snapshot.parsed(uri)
    if file is None:
        return []
    made: list[Token] = []
    for start, parsed in file.declarations:
        if span is None or (start < span.end and span.start < start + len(parsed.text)):
            made += [
                Token(each.span.shifted(start), each.type, each.modifiers)
                for each in tokens_in(snapshot, uri, start, parsed)
            ]
    if not file.declarations:
        made += _comments(file.text, 0)
    return made


def tokens_in(snapshot: Snapshot, uri: str, start: int, parsed: s.ParsedDeclaration) -> list[Token]:
    """The tokens of a declaration; their spans are relative to it."""
    part = snapshot.part(uri, start)
    known = part.answers.get("tokens") if part is not None else None
    if known is None:
        known = _declaration(snapshot, uri, start, parsed)
        if part is not None:
            part.answers["tokens"] = known
    return cast("list[Token]", known)


def _declaration(snapshot: Snapshot, uri: str, start: int, parsed: s.ParsedDeclaration) -> list[Token]:
    """Painted in layers: signs and texts, then keywords inside texts, then names; later ones win."""
    paint: list[int] = [0] * len(parsed.text)
    colours: list[tuple[str, tuple[str, ...]]] = [("", ())]

    def put(span: Span, type_: str, *modifiers: str) -> None:
        first, last = max(span.start, 0), min(span.end, len(paint))
        if last > first:
            colours.append((type_, modifiers))
            paint[first:last] = [len(colours) - 1] * (last - first)

    position = 0
    row = parsed.read_tokens(parsed.text, parsed.language)
    for token in row.tokens:
        for comment in _comments(parsed.text[position : token.span.start], position):
            put(comment.span, comment.type, *comment.modifiers)
        position = token.span.end
        _put_token(token, put)
    for comment in _comments(parsed.text[position:], position):
        put(comment.span, comment.type, *comment.modifiers)
    ended = 0
    for token in row.inner:
        # spaces between the words of a hole are no part of the text around it
        between = parsed.text[ended : token.span.start]
        put(Span(ended if ended and not between.strip() else token.span.start, token.span.end), "")
        _put_token(token, put)
        ended = token.span.end
    for each in names_in(snapshot, uri, start, parsed):
        symbol = symbol_of(snapshot, each.key)
        event = each.key.kind == "object" and getattr(symbol, "event", False)
        modifiers = [
            *(["declaration"] if each.declares else []),
            *(["defaultLibrary"] if symbol is not None and symbol.place.standard else []),
            *(["readonly"] if getattr(symbol, "computed", False) else []),
        ]
        put(each.span, "event" if event else _KINDS[each.key.kind], *modifiers)
    return list(_stretches(parsed.text, paint, colours))


def _put_token(token: s.Token, put: object) -> None:
    assert callable(put)
    first = token.text[:1]
    if token.keyword is not None:
        put(token.span, "keyword")
        return
    if first in "'\"«“‘" and len(token.text) > 1:
        put(token.span, "string")
    elif token.kind == "LITERAL":
        put(token.span, "number")
    elif token.text in _SIGNS or token.text in {"!=", "<>", "<=", ">="}:
        put(token.span, "operator")
    elif token.kind.isupper() and token.kind not in {"WORD", "NAME", "SIGN", "PHRASE"} and first.isalpha():
        put(token.span, "keyword")


def _stretches(text: str, paint: list[int], colours: list[tuple[str, tuple[str, ...]]]) -> Iterator[Token]:
    """What is painted alike, line by line."""
    place, end = 0, len(text)
    while place < end:
        colour = paint[place]
        stop = place
        while stop < end and paint[stop] == colour and text[stop] not in "\r\n":
            stop += 1
        type_, modifiers = colours[colour]
        if type_ and stop > place:
            yield Token(Span(place, stop), type_, modifiers)
        place = max(stop, place + 1)


def _comments(text: str, start: int) -> Iterator[Token]:
    """The comments in what stands between tokens."""
    position = text.find("#")
    while position >= 0:
        ends = [end for end in (text.find("\n", position), text.find("\r", position)) if end >= 0]
        stop = min(ends, default=len(text))
        documentation = ("documentation",) if text.startswith("##", position) else ()
        yield Token(Span(position + start, stop + start), "comment", documentation)
        position = text.find("#", stop)
