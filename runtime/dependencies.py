"""What an expression over a subject reads, and the way back from a row to the subjects that read it.

Edges listen to definitions and to aggregates over related objects: when a row changes, the subjects whose expression
may have another value are found by walking back the references that lead from them to the row.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TypeAlias

from ..dsl import ir
from ..dsl.node import Node, node
from ..dsl.types import Type
from ..dsl.values import Reference, Value
from .aggregates import linked
from .interpret import Scope
from .model import Model
from .stores.port import Record
from .values import equal


@node
class Referred(Node):
    """From a row to those whose field ``field`` of type ``kind`` refers to it."""

    kind: str
    field: str


@node
class Refers(Node):
    """From a row to the object its field refers to.

    With ``orphans`` a row whose field is empty is one of those whose own reference is empty: of everyone's, that is.
    """

    field: str
    orphans: bool = False


@node
class Everyone(Node):
    """To every object of the subject's type: no way back is known."""


Step: TypeAlias = Referred | Refers | Everyone
Route: TypeAlias = tuple[Step, ...]
Location: TypeAlias = tuple[str, Route]
"""A type of object (``"*"`` for any) and the way back from one of that type to the subject."""


@node
class Dependency(Node):
    """The expression reads ``field`` of objects of type ``kind``; ``None`` stands for their mere existence."""

    kind: str
    field: str | None
    route: Route


def dependencies(expression: ir.Expression, subject: str, model: Model) -> frozenset[Dependency]:
    """All that an expression over a subject of that type reads."""
    analysis = _Analysis(model)
    analysis.visit(expression, {"subject": ((subject, ()),)})
    return frozenset(analysis.found)


_Bindings: TypeAlias = "dict[str, tuple[Location, ...]]"


class _Analysis:
    def __init__(self, model: Model) -> None:
        self._model = model
        self.found: set[Dependency] = set()
        self._seen: set[tuple[str, str, Route]] = set()

    def visit(self, expression: ir.Expression, bindings: _Bindings) -> tuple[Location, ...]:
        """Note what is read; the locations of the object the expression stands for, if it does for one."""
        match expression:
            case ir.Constant():
                return ()
            case ir.Variable():
                return bindings.get(expression.name, ())
            case ir.FieldOf():
                return self._field(expression, bindings)
            case ir.Global():
                return self.visit(self._model.definitions[expression.name].value, {})
            case ir.Previous():
                return self.visit(expression.value, bindings)
            case ir.Apply():
                return self._all(expression.arguments, bindings)
            case ir.And() | ir.Or() | ir.Interpolate():
                return self._all(expression.parts, bindings)
            case ir.Not():
                return self.visit(expression.operand, bindings)
            case ir.If():
                return self._all((expression.condition, expression.then, expression.otherwise), bindings)
            case ir.OrElse():
                return self._all((expression.value, expression.otherwise), bindings)
            case ir.Aggregate():
                return self._aggregate(expression, bindings)
            case ir.Lookup():
                self.visit(expression.key, bindings)
                self.found.add(Dependency(expression.object, None, (Everyone(),)))
                return ((expression.object, (Everyone(),)),)
            case ir.Decision():
                rows = [part for row in expression.rows for part in (*row.tests, row.result) if part is not None]
                last = () if expression.otherwise is None else (expression.otherwise,)
                return self._all((*expression.inputs, *rows, *last), bindings)

    def _all(self, expressions: Iterable[ir.Expression], bindings: _Bindings) -> tuple[Location, ...]:
        return tuple(place for expression in expressions for place in self.visit(expression, bindings))

    def _field(self, expression: ir.FieldOf, bindings: _Bindings) -> tuple[Location, ...]:
        owners = self.visit(expression.object, bindings)
        return tuple(place for owner in owners for place in self._read(owner, expression.field, expression.type))

    def _read(self, owner: Location, name: str, type_: Type) -> tuple[Location, ...]:
        kind, route = owner
        self.found.add(Dependency(kind, name, route))
        field = self._model.field(kind, name)
        body = field and (field.definition or field.default)
        if body is not None and (kind, name, route) not in self._seen:
            self._seen.add((kind, name, route))
            self.visit(body, {"subject": (owner,)})
        stored = self._model.is_stored(kind, name)
        step: Route = (Referred(kind, name), *route) if stored else (Everyone(),)
        return tuple((target, step) for target in _targets(type_))

    def _aggregate(self, expression: ir.Aggregate, bindings: _Bindings) -> tuple[Location, ...]:
        collection = expression.collection
        rows: tuple[Location, ...] = ((collection.object, (Everyone(),)),)
        link = linked(collection, self._model)
        if link is not None:
            field, other = link
            step = Refers(field, orphans=not isinstance(other, ir.Variable))
            owners = self.visit(other, bindings)
            rows = tuple((collection.object, (step, *route)) for _, route in owners) or rows
        elif collection.owner is not None:
            owners = self.visit(collection.owner, bindings)
            if collection.via is not None and self._model.is_stored(collection.object, collection.via):
                rows = tuple((collection.object, (Refers(collection.via), *route)) for _, route in owners)
            elif collection.list_field is not None:
                for kind, route in owners:
                    self.found.add(Dependency(kind, collection.list_field, route))
        inner = {**bindings, collection.variable: rows}
        for kind, route in rows:
            self.found.add(Dependency(kind, collection.via, route))
        parts = (collection.where, expression.value, expression.order_by)
        self._all([part for part in parts if part is not None], inner)
        if collection.since is not None:
            self.visit(collection.since, bindings)
        return rows if expression.kind in {"first", "last"} else ()


def _everyone(kind: str, scopes: tuple[Scope, ...]) -> set[Reference]:
    return {Reference(kind, name) for scope in scopes for name in scope.state.identifiers(kind)}


def _targets(type_: Type) -> tuple[str, ...]:
    """The types of objects a value of that type may be."""
    if type_.kind == "reference" and type_.object is not None:
        return (type_.object,)
    if type_.kind == "union":
        return tuple(target for member in type_.members for target in _targets(member))
    return ("*",) if type_.kind == "any" else ()


Difference: TypeAlias = "tuple[Record | None, Record | None]"
"""The records of an object before and after; ``None`` where it was not there."""


def affected(
    kind: str,
    found: Iterable[Dependency],
    changes: Mapping[Reference, Difference],
    scopes: tuple[Scope, ...],
) -> set[Reference]:
    """The objects of type ``kind`` whose expression with these dependencies may have another value after changes.

    ``scopes`` see the states before and after.
    """
    reached: set[Reference] = set()
    for dependency in found:
        for reference, difference in changes.items():
            if dependency.kind in {reference.object, "*"} and _touches(dependency.field, difference):
                reached |= subjects(dependency.route, reference, kind, scopes)
    return reached


def _touches(field: str | None, difference: Difference) -> bool:
    """Whether a field differs; the creation or deletion of an object touches all of its fields."""
    before, after = difference
    if before is None or after is None:
        return True
    return field is not None and not equal(before.get(field), after.get(field))


def subjects(route: Route, row: Reference, kind: str, scopes: tuple[Scope, ...]) -> set[Reference]:
    """The objects of type ``kind`` from which ``route`` leads to ``row``, in any of the states given."""
    current = {row}
    for step in route:
        match step:
            case Everyone():
                return _everyone(kind, scopes)
            case Referred():
                current = {
                    Reference(step.kind, name)
                    for scope in scopes
                    for reference in current
                    for name in scope.state.find(step.kind, step.field, reference)
                }
            case Refers():
                reached: set[Value] = {
                    scope.read(reference, step.field)
                    for scope in scopes
                    for reference in current
                    if scope.record(reference) is not None
                }
                if step.orphans and None in reached:
                    return _everyone(kind, scopes)
                current = {value for value in reached if isinstance(value, Reference)}
    return {reference for reference in current if reference.object == kind}
