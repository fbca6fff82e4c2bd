"""Python source from expressions of the IR: one function for each, over a fixed set of templates.

A source holds no text of a rule: constants, names of fields and of objects are parameters with defaults, ``k0``,
``k1``..., so that expressions of one shape share their source and its compiled form. A function is a row of
assignments; only the branches that logic may skip are indented, and what is nested too deep becomes a function of its
own, so that neither generating nor running code depends on how deep an expression goes.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from datetime import datetime
from types import CodeType, FunctionType
from typing import Any, NamedTuple, Protocol

from ..dsl import ir
from ..dsl.values import Value
from .codegen_apply import UNKNOWN, Operand, application
from .codegen_support import GLOBALS, Generated, Lazy
from .model import Model

MOST_INDENTED = 24
"""Indentation from which an expression gets a function of its own; Python allows 100 levels."""

_MOST_CODES = 4096

Steps = Generator["ir.Expression", Operand, Operand]
"""The emission of one expression: yields the expressions it needs, is sent their operands, returns its own."""


class Bodies(Protocol):
    """Where a function finds what it calls: the definitions and defaults of a program."""

    model: Model

    def computed_body(self, expression: ir.Expression) -> Lazy:
        """The function of a definition or a default over its subject."""
        ...

    def global_body(self, name: str) -> Lazy:
        """The function of a definition without an object."""
        ...


class Place(NamedTuple):
    """What is in scope where an expression stands: names in order, and whether no others can be."""

    names: tuple[str, ...] = ()
    closed: bool = False


def function_for(expression: ir.Expression, place: Place, bodies: Bodies) -> Generated:
    """The function of an expression. It takes the scope, then the values of the names of ``place``."""
    return _Unit(place, bodies).function(expression)


def source_for(expression: ir.Expression, place: Place, bodies: Bodies) -> str:
    """The source of that function, for those who want to look."""
    unit = _Unit(place, bodies)
    unit.emit(expression)
    return unit.source()


_codes: dict[str, CodeType] = {}


def _code(source: str) -> CodeType:
    """The compiled form of a source; sources of one shape are compiled once."""
    code = _codes.get(source)
    if code is None:
        module = compile(source, "<rule>", "exec")
        code = next(constant for constant in module.co_consts if isinstance(constant, CodeType))
        if len(_codes) >= _MOST_CODES:
            _codes.clear()
        _codes[source] = code
    return code


class _Unit:
    """One function under construction."""

    def __init__(self, place: Place, bodies: Bodies) -> None:
        self.bodies = bodies
        self.model = bodies.model
        self.place = place
        self.scope = "s"
        self._names = {name: f"a{number}" for number, name in enumerate(place.names)}
        self._constants: list[Any] = []
        self._first: list[str] = []
        self._lines: list[str] = []
        self._records: dict[tuple[str, str, str], str] = {}
        self._past = False
        self._count = 0
        self._indent = 1
        self._root: ir.Expression | None = None

    # --- the function ---------------------------------------------------------------------------------------------

    def function(self, expression: ir.Expression) -> Generated:
        """Emit the expression and make its function."""
        self.emit(expression)
        made = FunctionType(_code(self.source()), GLOBALS, "rule", tuple(self._constants))
        generated: Generated = made
        return generated

    def source(self) -> str:
        """The source emitted so far."""
        arguments = [f"a{number}" for number in range(len(self.place.names))]
        constants = [f"k{number}" for number in range(len(self._constants))]
        head = f"def rule({', '.join(['s', *arguments, *constants])}):"
        return "\n".join([head, *self._first, *self._lines, ""])

    def emit(self, root: ir.Expression) -> None:
        """Emit an expression as the value the function returns, without recursion however deep it is."""
        self._root = root
        pending: list[Steps] = [self._steps(root)]
        sent: Operand | None = None
        while pending:
            try:
                wanted = pending[-1].send(sent)  # pyright: ignore[reportArgumentType]
            except StopIteration as done:
                pending.pop()
                sent = done.value
            else:
                pending.append(self._steps(wanted))
                sent = None
        assert sent is not None
        self.line(f"return {sent.text}")

    def _steps(self, expression: ir.Expression) -> Steps:
        cls = type(expression)
        if self._indent > MOST_INDENTED and cls not in {ir.Constant, ir.Variable}:
            return self._apart(expression)
        return _EMIT[cls](self, expression)

    # --- pieces ---------------------------------------------------------------------------------------------------

    def line(self, text: str) -> None:
        self._lines.append(" " * self._indent + text)

    def local(self) -> str:
        self._count += 1
        return f"v{self._count}"

    def assigned(self, text: str, logic: str = "") -> Operand:
        """A new local with that value."""
        name = self.local()
        self.line(f"{name} = {text}")
        return Operand(name, logic=logic)

    def constant(self, value: Any) -> str:
        """The name under which the function finds a constant."""
        self._constants.append(value)
        return f"k{len(self._constants) - 1}"

    def indented(self, head: str) -> None:
        self.line(head)
        self._indent += 1

    def dedented(self) -> None:
        self._indent -= 1

    def names(self) -> Place:
        """The place of a function called from here: the names this function knows."""
        return Place(tuple(self._names), self.place.closed)

    def values(self) -> str:
        """The values of those names, as further arguments of a call."""
        return "".join(f", {value}" for value in self._names.values())

    def lazy(self, expression: ir.Expression, place: Place) -> Lazy:
        bodies = self.bodies
        return Lazy(lambda: function_for(expression, place, bodies))

    def _apart(self, expression: ir.Expression) -> Steps:
        """An expression as a function of its own, with the same names in scope."""
        yield from ()
        body = self.constant(self.lazy(expression, self.names()))
        return self.assigned(f"call({body}, {self.scope}{self.values()})")

    # --- one method for each class of expression ------------------------------------------------------------------

    def constant_value(self, expression: ir.Constant) -> Steps:
        yield from ()
        value = expression.value
        if value is None or value is True or value is False:
            return Operand(repr(value), value, "truth" if value is not None else "")
        if isinstance(value, datetime) and value.tzinfo is None:
            return self.assigned(f"{self.scope}.clockwork.instant({self.constant(value)})")
        return Operand(self.constant(value), value)

    def variable(self, expression: ir.Variable) -> Steps:
        yield from ()
        return Operand(self._named(expression.name))

    def _named(self, name: str) -> str:
        """The local that holds the value of a name; one the function is not given is read where it starts."""
        known = self._names.get(name)
        if known is not None:
            return known
        if self.place.closed:
            return "None"
        local = self._names[name] = self.local()
        self._first.append(f" {local} = s.variables.get({self.constant(name)})")
        return local

    def field(self, expression: ir.FieldOf) -> Steps:
        owner = yield expression.object
        kind = expression.object.type.object if expression.object.type.kind == "reference" else None
        if kind is None or owner.text == "None":
            return self.assigned(f"{self.scope}.read({owner.text}, {self.constant(expression.field)})")
        field = self.model.field(kind, expression.field)
        record = self._record(expression.object, owner.text, kind)
        if field is None:
            return Operand("None", None)
        value = self.local()
        read = f"{record}.get({self.constant(expression.field)})"
        if field.definition is not None:
            body = self.constant(self.bodies.computed_body(field.definition))
            read = f"computed({self.scope}, {body}, {owner.text})"
        elif self.model.is_identifier(kind, expression.field):
            read = f"{owner.text}[1]"
        self.line(f"{value} = None if {record} is None else {read}")
        if field.definition is not None or self.model.is_identifier(kind, expression.field):
            return Operand(value)
        if field.default is not None:
            body = self.constant(self.bodies.computed_body(field.default))
            self.line(f"if {value} is None and {record} is not None:")
            self.line(f" {value} = computed({self.scope}, {body}, {owner.text})")
        elif field.type.kind == "boolean":
            self.line(f"if {value} is None and {record} is not None:")
            self.line(f" {value} = False")
        return Operand(value)

    def _record(self, owner: ir.Expression, value: str, kind: str) -> str:
        """The local that holds the record of an object; that of a named one is read where the function starts."""
        if not isinstance(owner, ir.Variable):
            record = self.local()
            self.line(f"{record} = record_of({self.scope}, {value}, {self.constant(kind)})")
            return record
        key = (self.scope, value, kind)
        record = self._records.get(key)
        if record is None:
            record = self._records[key] = self.local()
            self._first.append(f" {record} = record_of({self.scope}, {value}, {self.constant(kind)})")
        return record

    def global_definition(self, expression: ir.Global) -> Steps:
        yield from ()
        body = self.constant(self.bodies.global_body(expression.name))
        return self.assigned(f"computed({self.scope}, {body})")

    def previous(self, expression: ir.Previous) -> Steps:
        if not self._past:
            self._past = True
            self._first.append(" p = s.in_the_past()")
        around, self.scope = self.scope, "p"
        value = yield expression.value
        self.scope = around
        return value

    def apply(self, expression: ir.Apply) -> Steps:
        operands: list[Operand] = []
        for argument in expression.arguments:
            operands.append((yield argument))
        text, logic = application(expression, operands, self.scope, self.constant)
        return self.assigned(text, logic)

    def and_(self, expression: ir.And) -> Steps:
        return self._logic(expression, expression.parts, "False", "True")

    def or_(self, expression: ir.Or) -> Steps:
        return self._logic(expression, expression.parts, "True", "False")

    def _logic(self, expression: ir.Expression, parts: Sequence[ir.Expression], decisive: str, neutral: str) -> Steps:
        """Kleene's *and* and *or*: the first decisive part decides, else an unknown one makes all unknown."""
        at_root = expression is self._root
        result = self.local()
        self.line(f"{result} = {neutral}")
        for number, part in enumerate(parts):
            if number and not at_root:
                self.indented(f"if {result} is not {decisive}:")
            value = (yield part).text
            if at_root:
                self.line(f"if {value} is {decisive}: return {decisive}")
                self.line(f"if {value} is not {neutral}: {result} = None")
            else:
                self.line(f"if {value} is {decisive}: {result} = {decisive}")
                self.line(f"elif {value} is not {neutral}: {result} = None")
            if number and not at_root:
                self.dedented()
        return Operand(result, logic="logic")

    def not_(self, expression: ir.Not) -> Steps:
        value = (yield expression.operand).text
        return self.assigned(f"False if {value} is True else True if {value} is False else None", "logic")

    def if_(self, expression: ir.If) -> Steps:
        condition = (yield expression.condition).text
        result = self.local()
        self.indented(f"if {condition} is True:")
        value = yield expression.then
        self.line(f"{result} = {value.text}")
        self.dedented()
        self.indented("else:")
        value = yield expression.otherwise
        self.line(f"{result} = {value.text}")
        self.dedented()
        return Operand(result)

    def or_else(self, expression: ir.OrElse) -> Steps:
        value = (yield expression.value).text
        result = self.local()
        self.line(f"{result} = {value}")
        self.indented(f"if {result} is None:")
        otherwise = yield expression.otherwise
        self.line(f"{result} = {otherwise.text}")
        self.dedented()
        return Operand(result)

    def interpolate(self, expression: ir.Interpolate) -> Steps:
        if expression is not self._root:
            return (yield from self._apart(expression))
        pieces: list[str] = []
        for part in expression.parts:
            operand = yield part
            if isinstance(operand.constant, str) and part.type.kind == "text":
                pieces.append(operand.text)
                continue
            self.line(f"if {operand.text} is None: return None")
            text = f"written({self.scope}, {operand.text}, {self.constant(part)})"
            if part.type.kind == "text":
                text = f"{operand.text} if {operand.text}.__class__ is text else {text}"
            pieces.append(self.assigned(text).text)
        joined = ", ".join([*pieces, ""]) if pieces else ""
        return self.assigned(f"{self.scope}.checked_text(''.join(({joined})))")

    def aggregate(self, expression: ir.Aggregate) -> Steps:
        collection = expression.collection
        owner = since = "None"
        if collection.since is not None:
            since = (yield collection.since).text
        if collection.owner is not None and collection.since is not None:
            owner = self.local()
            self.line(f"{owner} = None")
            self.indented(f"if {since}.__class__ is duration:")
            value = yield collection.owner
            self.line(f"{owner} = {value.text}")
            self.dedented()
        elif collection.owner is not None:
            owner = (yield collection.owner).text
        place = self._with(collection.variable)
        read = expression.order_by if expression.kind in {"first", "last"} else expression.value
        lazies = [self.constant(None if part is None else self.lazy(part, place)) for part in (collection.where, read)]
        around = self.constant((self.place.closed, tuple(self._names)))
        arguments = ", ".join([self.scope, self.constant(expression), owner, since, *lazies, around])
        return self.assigned(f"aggregate({arguments}{self.values()})")

    def _with(self, name: str) -> Place:
        """The place of a function that is given one more name, which hides one that is known already."""
        names, closed = self.names()
        return Place((*(f"{known} " if known == name else known for known in names), name), closed)

    def lookup(self, expression: ir.Lookup) -> Steps:
        key = (yield expression.key).text
        return self.assigned(f"look_up({self.constant(expression.object)}, {key}, {self.scope})")

    def decision(self, expression: ir.Decision) -> Steps:
        inputs: list[str] = []
        for column in expression.inputs:
            inputs.append((yield column).text)
        here, place = self.names(), self._with("input")
        rows = tuple(
            (
                tuple(None if test is None else self.lazy(test, place) for test in row.tests),
                self.lazy(row.result, here),
            )
            for row in expression.rows
        )
        otherwise = None if expression.otherwise is None else self.lazy(expression.otherwise, here)
        columns = ", ".join([*inputs, ""]) if inputs else ""
        arguments = [self.scope, self.constant(expression), f"({columns})", self.constant(rows)]
        return self.assigned(f"decision({', '.join([*arguments, self.constant(otherwise)])}{self.values()})")


_EMIT: dict[type, Callable[[_Unit, Any], Steps]] = {
    ir.Constant: _Unit.constant_value,
    ir.Variable: _Unit.variable,
    ir.FieldOf: _Unit.field,
    ir.Global: _Unit.global_definition,
    ir.Previous: _Unit.previous,
    ir.Apply: _Unit.apply,
    ir.And: _Unit.and_,
    ir.Or: _Unit.or_,
    ir.Not: _Unit.not_,
    ir.If: _Unit.if_,
    ir.Interpolate: _Unit.interpolate,
    ir.OrElse: _Unit.or_else,
    ir.Aggregate: _Unit.aggregate,
    ir.Lookup: _Unit.lookup,
    ir.Decision: _Unit.decision,
}

__all__ = ["UNKNOWN", "Bodies", "Place", "Value", "function_for", "source_for"]
