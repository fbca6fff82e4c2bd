"""What a bare phrase may mean at a place of a rule: the subject's fields, the objects in scope."""

from __future__ import annotations

from typing import TypeAlias

import attrs

from . import ir
from .node import Node, node

Key: TypeAlias = tuple[str, ...]


@node
class Scope(Node):
    """The objects a phrase may be about, innermost first.

    ``items`` are the rows of filters and loops, the innermost first; ``subject`` is the trigger's object; ``named``
    are objects the author gave a name (``une affaire A``) by the stems of that name; ``created`` are the objects made
    earlier among the same actions, by type. ``values`` are the columns of an example's table. ``several`` are the
    objects of a rule whose triggers are about more than one kind: they are said in full, a bare field is of none.
    """

    language: str
    subject: ir.Variable | None = None
    items: tuple[ir.Variable, ...] = ()
    named: tuple[tuple[Key, ir.Expression], ...] = ()
    created: tuple[str, ...] = ()
    depth: int = 0
    values: tuple[tuple[Key, ir.Expression], ...] = ()
    several: tuple[ir.Expression, ...] = ()

    def with_item(self, variable: ir.Variable, label: Key = ()) -> Scope:
        """The scope inside a collection whose row is ``variable``, called ``label`` if it has a name."""
        named = ((label, variable), *self.named) if label else self.named
        return attrs.evolve(self, items=(variable, *self.items), named=named, depth=self.depth + 1)

    def next_variable(self) -> str:
        return f"each{self.depth + 1}"

    def owners(self) -> tuple[ir.Variable, ...]:
        """The objects whose fields a bare phrase may name, in order of preference."""
        return (*self.items, self.subject) if self.subject is not None else self.items
