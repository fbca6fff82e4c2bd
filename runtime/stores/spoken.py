"""Which fields the rules of a program speak of: those that a table which is there has to have columns for."""

from __future__ import annotations

from collections.abc import Iterator

import attrs

from ...dsl import ir
from ...dsl.node import Node
from ...dsl.types import Type
from ..model import Model

_NAMES_OF_KINDS = ("object", "event", "subject")
_CREATED = "created at"
"""What windows of time are counted by."""
_NAMES_OF_FIELDS = ("field", "via", "list_field", "same")


class Spoken:
    """What the rules speak of, computed fields and definitions included that they use.

    A rule that mentions an object and a field is taken to mean that field of it, so that a few too many are found
    rather than one too few.
    """

    def __init__(self, model: Model) -> None:
        self._model = model
        self.kinds: set[str] = set()
        """Names of objects and declared events."""
        self.fields: set[tuple[str, str]] = set()
        """Names of objects with that of a field."""
        self._seen: set[int] = set()
        for rule in model.program.rules:
            self._read(rule, frozenset())

    def _read(self, node: Node, owners: frozenset[str]) -> None:
        if id(node) in self._seen:
            return
        self._seen.add(id(node))
        model = self._model
        kinds, fields, named = set(owners), set[str](), set[str]()
        for each in _nodes(node):
            if isinstance(each, ir.Global):
                named.add(each.name)
            elif isinstance(each, ir.Repeated):
                self.fields.add((each.event, _CREATED))
            elif isinstance(each, ir.Collection) and each.since is not None:
                self.fields.add((each.object, _CREATED))
            elif isinstance(each, ir.Argument):
                fields.add(each.name)
            kinds |= {kind for kind in _texts(each, _NAMES_OF_KINDS) if kind in model.kinds}
            fields |= _texts(each, _NAMES_OF_FIELDS)
        self.kinds |= kinds
        for kind in kinds:
            for name in fields:
                field = model.field(kind, name)
                if field is not None:
                    self.fields.add((kind, name))
                    for computed in (field.default, field.definition):
                        if computed is not None:
                            self._read(computed, frozenset({kind}))
        for name in named:
            self._read(model.definitions[name].value, frozenset())


def _nodes(node: Node) -> Iterator[Node]:
    """A node and all that it holds."""
    waiting: list[object] = [node]
    while waiting:
        each = waiting.pop()
        if isinstance(each, tuple):
            waiting += each
        elif isinstance(each, Node):
            yield each
            waiting += [getattr(each, field.name) for field in attrs.fields(type(each))]


def _texts(node: Node, names: tuple[str, ...]) -> set[str]:
    if isinstance(node, Type):
        return {node.object} if node.object and "object" in names else set()
    found = (getattr(node, name, None) for name in names)
    return {text for text in found if isinstance(text, str)}
