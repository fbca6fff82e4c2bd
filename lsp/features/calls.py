"""The cascade as a hierarchy of calls: what a rule sets off, and what sets it off."""

from __future__ import annotations

from typing import cast

from ...dsl.node import Node, node
from ...dsl.source import Span
from ...dsl.syntax import RuleDeclaration
from ..snapshot import Snapshot
from .diagram import Cascade, RuleBox, cascade
from .outline import entry_of


@node
class RuleItem(Node):
    """A rule: its name in results, what it is called, where it stands and where its name does."""

    name: str
    title: str
    detail: str
    uri: str
    span: Span
    name_span: Span


@node
class Call(Node):
    """Another rule, why one sets off the other, and the actions of the one that sets off."""

    rule: RuleItem
    why: str
    places: tuple[Span, ...]


def rule_item(snapshot: Snapshot, uri: str, offset: int) -> RuleItem | None:
    """The rule that an offset is in."""
    around = snapshot.declaration(uri, offset)
    made = _cascade(snapshot, uri)
    if around is None or made is None or not isinstance(around[1].declaration, RuleDeclaration):
        return None
    span = around[1].declaration.span.shifted(around[0])
    box = next((box for box in made.rules if box.uri == uri and box.span == span), None)
    return _item(snapshot, box) if box is not None else None


def sets_off(snapshot: Snapshot, uri: str, name: str) -> list[Call]:
    """What the rule of that name can set off; told in the language of the file."""
    return _calls(snapshot, uri, name, outgoing=True)


def set_off_by(snapshot: Snapshot, uri: str, name: str) -> list[Call]:
    """What can set off the rule of that name; told in the language of the file."""
    return _calls(snapshot, uri, name, outgoing=False)


def _calls(snapshot: Snapshot, uri: str, name: str, *, outgoing: bool) -> list[Call]:
    made = _cascade(snapshot, uri)
    if made is None:
        return []
    boxes = {box.name: box for box in made.rules}
    calls: list[Call] = []
    for arrow in made.arrows:
        own, other = (arrow.source, arrow.target) if outgoing else (arrow.target, arrow.source)
        if own == name and other in boxes and own in boxes:
            places = _actions(snapshot, boxes[arrow.source])
            calls.append(Call(_item(snapshot, boxes[other]), arrow.text, places))
    return calls


def _cascade(snapshot: Snapshot, uri: str) -> Cascade | None:
    key = ("cascade", snapshot.language(uri))
    if key not in snapshot.remembered:
        snapshot.remembered[key] = cascade(snapshot, uri)
    return cast("Cascade | None", snapshot.remembered[key])


def _item(snapshot: Snapshot, box: RuleBox) -> RuleItem:
    around = snapshot.declaration(box.uri, box.span.start)
    entry = entry_of(around[1], around[0]) if around is not None else None
    name_span = entry.name_span if entry is not None else box.span
    return RuleItem(box.name, box.title, box.detail, box.uri, box.span, name_span)


def _actions(snapshot: Snapshot, box: RuleBox) -> tuple[Span, ...]:
    """Where the actions of a rule stand."""
    around = snapshot.declaration(box.uri, box.span.start)
    if around is None or not isinstance(around[1].declaration, RuleDeclaration):
        return ()
    rule = around[1].declaration
    return tuple(action.span.shifted(around[0]) for action in (*rule.actions, *(rule.otherwise or ())))
