"""Going from a name to where it is declared and to where it is used."""

from __future__ import annotations

from ...dsl.node import Node, node
from ...dsl.source import Span
from ..snapshot import Snapshot
from .symbols import occurrence_at, occurrences, symbol_of


@node
class Location(Node):
    """A range of a file."""

    uri: str
    span: Span


@node
class Highlight(Node):
    """A place of the same file that names the same thing; ``declares`` where it is declared."""

    span: Span
    declares: bool


def definition(snapshot: Snapshot, uri: str, offset: int) -> Location | None:
    """Where what is named at an offset is declared; it may be in the standard vocabulary."""
    here = occurrence_at(snapshot, uri, offset)
    symbol = symbol_of(snapshot, here.key) if here is not None else None
    if here is None or symbol is None or symbol.place.span.end == 0:
        return None
    place = symbol.place
    for each in occurrences(snapshot, here.key) if not place.standard else ():
        if each.declares and each.uri == place.uri and place.span.start <= each.span.start < place.span.end:
            return Location(each.uri, each.span)
    return Location(place.uri, place.span)


def references(snapshot: Snapshot, uri: str, offset: int, declarations: bool = True) -> list[Location]:
    """Where what is named at an offset is named in the project."""
    here = occurrence_at(snapshot, uri, offset)
    if here is None:
        return []
    found = occurrences(snapshot, here.key)
    return [Location(each.uri, each.span) for each in found if declarations or not each.declares]


def highlights(snapshot: Snapshot, uri: str, offset: int) -> list[Highlight]:
    """Where the same thing is named in the file."""
    here = occurrence_at(snapshot, uri, offset)
    if here is None:
        return []
    return [Highlight(each.span, each.declares) for each in occurrences(snapshot, here.key, uri)]
