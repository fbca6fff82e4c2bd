"""What the compiler of conditions handles: rows, terms, and the small trees that dialects share."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple, TypeAlias

import attrs
from sqlglot import exp

from ...dsl import ir
from ..stores.sql_tables import KindTable

Sql: TypeAlias = exp.Expr
"""Any node of a tree."""

UNKNOWN: Any = object()
"""What stands for the value of a term that is no constant."""

NUMBERS = frozenset({"number", "integer", "percentage"})
TEXTS = frozenset({"text", "choice"})
DATES = frozenset({"date", "datetime"})


class Unsupported(Exception):
    """What cannot be said exactly: the operator, and the part of the condition, where it is known."""

    def __init__(self, operator: str, part: ir.Expression | None = None) -> None:
        super().__init__(operator)
        self.operator = operator
        self.part = part


@attrs.define(eq=False)
class Level:
    """One SELECT: the rows joined to its first one, and what makes the interpreter decide on a row."""

    joins: list[tuple[Row, Sql]] = attrs.field(factory=list["tuple[Row, Sql]"])
    doubts: list[Sql] = attrs.field(factory=list[Sql])
    seen: set[str] = attrs.field(factory=set[str])


@attrs.define(eq=False)
class Row:
    """A row in scope: its alias, its table, the SELECT it belongs to.

    ``optional``: it may not be there, so that its columns say nothing by themselves. ``path`` are the references that
    lead to it from the first row of its SELECT.
    """

    alias: str
    kind: str
    table: KindTable
    level: Level
    optional: bool = False
    path: tuple[str, ...] = ()
    joined: dict[str, Row] = attrs.field(factory=dict[str, "Row"])

    def column(self, name: str) -> Sql:
        """A column of the row."""
        return exp.Column(this=identifier(name), table=identifier(self.alias))

    def key(self) -> Sql:
        """The one column of the identifier. Raises :class:`Unsupported` where there are several."""
        if len(self.table.key.columns) != 1:
            raise Unsupported("composite_key")
        return self.column(self.table.key.names[0])

    @property
    def key_storage(self) -> str:
        """How the identifier is kept."""
        return self.table.key.columns[0][1]


class Term(NamedTuple):
    """The SQL of an expression.

    ``kind`` is that of its type; NULL is a missing value, or unknown. Money has its currency beside it. ``constant`` is
    the value where it is known. A reference may be a row in scope (``row``) or a column of one (``source``, the row
    and the field); ``target`` is the type it refers to. A duration that SQL works out has its parts instead.
    ``storage`` is that of a reference. ``free`` is an expression that no row has a part in, to be read beforehand.
    """

    sql: Sql
    kind: str
    currency: Sql | None = None
    constant: Any = UNKNOWN
    row: Row | None = None
    source: tuple[Row, str] | None = None
    target: str | None = None
    storage: str = "text"
    parts: tuple[tuple[str, Sql], ...] = ()
    free: ir.Expression | None = None
    present: bool = False

    @property
    def is_constant(self) -> bool:
        return self.constant is not UNKNOWN

    @property
    def is_missing(self) -> bool:
        """Whether it is the constant *empty*."""
        return self.constant is None

    def copy(self) -> Sql:
        """Its SQL once more."""
        return self.sql.copy()


# --- trees --------------------------------------------------------------------------------------------------------

_PLAIN = frozenset("abcdefghijklmnopqrstuvwxyz0123456789_")
_RESERVED = frozenset(
    "all and any array as asc at authorization between both by case cast check collate column constraint create cross "
    "current date default desc distinct do else end except exists false fetch for foreign from full grant group having "
    "hour if ilike in inner intersect interval into is join key lateral leading left like limit link localtime map "
    "match minute month natural not notnull null offset on only or order outer overlaps primary range references right "
    "row rows second select session_user similar some start symmetric table tablesample then time timestamp to "
    "trailing transaction true type union unique user using values variadic verbose view when where window with year "
    "day index number text language".split()
)


def identifier(name: str) -> exp.Identifier:
    """A name, quoted where it has to be."""
    plain = name[:1].isalpha() and set(name) <= _PLAIN and name not in _RESERVED
    return exp.Identifier(this=name, quoted=not plain)


def wrapped(sql: Sql) -> Sql:
    """The tree as an operand."""
    bare = isinstance(
        sql,
        (exp.Column, exp.Literal, exp.Paren, exp.Null, exp.Boolean, exp.Var, exp.Cast, exp.Case, exp.Anonymous,
         exp.Coalesce, exp.Subquery, exp.Extract, exp.Exists, exp.Length, exp.Collate, exp.StrPosition),
    )  # fmt: skip
    return sql if bare else exp.Paren(this=sql)


def literal(text: str) -> Sql:
    return exp.Literal.string(text)


def null() -> Sql:
    return exp.Null()


def true() -> Sql:
    return exp.Boolean(this=True)


def false() -> Sql:
    return exp.Boolean(this=False)


def call(name: str, *arguments: Sql) -> Sql:
    """A function by its name in the dialect."""
    return exp.Anonymous(this=name, expressions=list(arguments))


def cast(sql: Sql, type_: str) -> Sql:
    return exp.Cast(this=sql, to=exp.DataType.build(type_))


def binary(node: type[exp.Binary], left: Sql, right: Sql) -> Sql:
    return node(this=wrapped(left), expression=wrapped(right))


def conjunction(parts: Iterable[Sql]) -> Sql:
    """All of them; true for none."""
    return _joined(exp.And, [part for part in parts if not _is(part, True)], true())


def disjunction(parts: Iterable[Sql]) -> Sql:
    """One of them; false for none."""
    return _joined(exp.Or, [part for part in parts if not _is(part, False)], false())


def _is(part: Sql, value: bool) -> bool:
    return isinstance(part, exp.Boolean) and part.this is value


def _joined(node: type[exp.Connector], parts: list[Sql], nothing: Sql) -> Sql:
    if not parts:
        return nothing
    result = _part(parts[0], node)
    for part in parts[1:]:
        result = node(this=result, expression=_part(part, node))
    return result


def _part(part: Sql, node: type[exp.Connector]) -> Sql:
    return exp.Paren(this=part) if isinstance(part, exp.Connector) and not isinstance(part, node) else part


def negated(sql: Sql) -> Sql:
    """SQL's own negation: unknown stays unknown."""
    if isinstance(sql, exp.Boolean):
        return exp.Boolean(this=not sql.this)
    return exp.Not(this=wrapped(sql))


def is_null(sql: Sql) -> Sql:
    return exp.Is(this=wrapped(sql), expression=null())


def is_there(sql: Sql) -> Sql:
    return exp.Not(this=is_null(sql))


def case(*branches: tuple[Sql, Sql], otherwise: Sql | None = None) -> Sql:
    """``CASE WHEN ... THEN ... ELSE ... END``."""
    return exp.Case(ifs=[exp.If(this=test, true=value) for test, value in branches], default=otherwise)


def coalesce(*values: Sql) -> Sql:
    return exp.Coalesce(this=values[0], expressions=list(values[1:]))


def variables(expression: ir.Expression) -> frozenset[str]:
    """The variables an expression reads that it does not bind itself."""
    found: set[str] = set()
    pending: list[tuple[ir.Expression, frozenset[str]]] = [(expression, frozenset())]
    while pending:
        part, bound = pending.pop()
        match part:
            case ir.Variable():
                if part.name not in bound:
                    found.add(part.name)
            case ir.FieldOf():
                pending.append((part.object, bound))
            case ir.Previous() | ir.OrElse():
                pending.append((part.value, bound))
                if isinstance(part, ir.OrElse):
                    pending.append((part.otherwise, bound))
            case ir.Apply():
                pending += [(each, bound) for each in part.arguments]
            case ir.And() | ir.Or() | ir.Interpolate():
                pending += [(each, bound) for each in part.parts]
            case ir.Not():
                pending.append((part.operand, bound))
            case ir.If():
                pending += [(each, bound) for each in (part.condition, part.then, part.otherwise)]
            case ir.Lookup():
                pending.append((part.key, bound))
            case ir.Aggregate():
                inner = bound | {part.collection.variable}
                pending += [
                    (each, bound) for each in (part.collection.owner, part.collection.since) if each is not None
                ]
                within = (part.collection.where, part.value, part.order_by)
                pending += [(each, inner) for each in within if each is not None]
            case ir.Decision():
                inside = bound | {"input"}
                pending += [(each, bound) for each in part.inputs]
                pending += [(test, inside) for row in part.rows for test in row.tests if test is not None]
                pending += [(row.result, bound) for row in part.rows]
                if part.otherwise is not None:
                    pending.append((part.otherwise, bound))
            case _:
                pass
    return frozenset(found)
