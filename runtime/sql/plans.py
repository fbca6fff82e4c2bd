"""Statements for the aggregates and collections of a program, made once and filled whenever they are asked.

What a transaction has changed but not written is not in the tables. So a statement leaves out the rows that were
touched, and those that refer to what was touched, and the interpreter looks at these.
"""

from __future__ import annotations

from collections.abc import Mapping

import attrs
from sqlglot import exp

from ...dsl import ir
from ...dsl.types import reference_to
from ..aggregates import linked
from ..dates import Clockwork
from ..model import Model
from ..stores.sql_tables import KindTable
from . import collections as sets
from .compiler import Compiler
from .dialects import DIALECTS, Dialect
from .ground import Parameter
from .sqlite_functions import Functions
from .statements import driver_text, keys
from .terms import (
    NUMBERS,
    Row,
    Sql,
    Term,
    Unsupported,
    binary,
    call,
    case,
    cast,
    coalesce,
    conjunction,
    disjunction,
    false,
    is_null,
    negated,
    wrapped,
)

Path = tuple[tuple[str, str, str], ...]
"""References from the first row on: the type that has the field, the field, the type it refers to."""


@attrs.frozen
class Reached:
    """Objects of type ``kind`` that rows read through references."""

    kind: str
    path: Path


@attrs.frozen
class Statement:
    """A statement as the driver takes it. ``left_out`` are the parameters that hold touched identifiers."""

    text: str
    names: frozenset[str]
    left_out: Mapping[str, Reached]


class Plan:
    """What one aggregate or collection is asked of a database.

    ``through`` are types of which the statement looks through all rows: it says nothing while one of them is touched.
    """

    def __init__(self, dialect: Dialect, table: KindTable, kind: str, functions: Functions) -> None:
        self.dialect = dialect
        self.table = table
        self.functions = functions
        self.base = Reached(kind, ())
        self.reached: tuple[Reached, ...] = ()
        self.through: frozenset[str] = frozenset()
        self.parameters: tuple[Parameter, ...] = ()
        self.value_kind = ""
        self.needed: frozenset[str] = frozenset()
        """Parameters without which the interpreter decides."""
        self._made: dict[frozenset[Reached], Statement] = {}
        self._tree: exp.Select | None = None
        self._rows: dict[Reached, Sql] = {}

    def fit(self, compiler: Compiler, row: Row, tree: exp.Select) -> None:
        """Take over what a compiler has made."""
        self._tree = tree
        self.parameters = tuple(compiler.parameters.values())
        self._rows[self.base] = row.key()
        self.through = frozenset(kind for kind, path in compiler.reads if not path)
        found: list[Reached] = []
        for joined, _ in row.level.joins:
            reached = Reached(joined.kind, _path(row, joined.path))
            found.append(reached)
            self._rows[reached] = _reference(row, joined)
        self.reached = tuple(found)

    def statement(self, touched: frozenset[Reached]) -> Statement:
        """The statement that leaves out what reads these."""
        made = self._made.get(touched)
        if made is None:
            made = self._made[touched] = self._without(touched)
        return made

    def _without(self, touched: frozenset[Reached]) -> Statement:
        assert self._tree is not None
        tree = self._tree.copy()
        names: dict[str, Reached] = {}
        for number, reached in enumerate(each for each in (self.base, *self.reached) if each in touched):
            name = f"t{number}"
            names[name] = reached
            column = self._rows[reached].copy()
            kept: Sql = negated(exp.Paren(this=_is_one_of(self.dialect, column, name)))
            if reached is not self.base:
                kept = disjunction([is_null(column.copy()), kept])
            tree = tree.where(wrapped(kept), copy=False)
        text, used = driver_text(tree, self.dialect.name)
        return Statement(text, used, names)


def _path(row: Row, fields: tuple[str, ...]) -> Path:
    made: list[tuple[str, str, str]] = []
    here = row
    for field in fields:
        there = here.joined[field]
        made.append((here.kind, field, there.kind))
        here = there
    return tuple(made)


def _reference(row: Row, joined: Row) -> Sql:
    here = row
    for field in joined.path[:-1]:
        here = here.joined[field]
    return here.column(here.table.fields[joined.path[-1]].name)


def _is_one_of(dialect: Dialect, column: Sql, name: str) -> Sql:
    """Whether a column is one of a list that is one parameter."""
    match dialect.name:
        case "sqlite":
            listed = f"(SELECT value FROM JSON_EACH(\x01{name}\x01))"  # noqa: S608 - the name is ours
            return exp.In(this=column, field=exp.Var(this=listed))
        case "postgres":
            return exp.EQ(this=cast(column, "text"), expression=exp.Var(this=f"ANY(CAST(\x01{name}\x01 AS TEXT[]))"))
        case _:
            listed = f"(SELECT UNNEST(CAST(\x01{name}\x01 AS VARCHAR[])))"
            return exp.In(this=cast(column, "text"), field=exp.Var(this=listed))


# --- making plans -------------------------------------------------------------------------------------------------


class Planner:
    """Makes plans over the tables of one database. Raises :class:`~.terms.Unsupported` for what has none."""

    def __init__(
        self, model: Model, clockwork: Clockwork, tables: Mapping[str, KindTable], dialect: str, functions: Functions
    ) -> None:
        self._model = model
        self._clockwork = clockwork
        self._tables = tables
        self._dialect = DIALECTS[dialect]
        self._functions = functions

    def _begin(self, collection: ir.Collection) -> tuple[Compiler, Row, Sql, Sql, Mapping[str, Term], Plan]:
        compiler = Compiler(self._model, self._tables, self._dialect, self._clockwork, functions=self._functions)
        row = compiler.row(collection.object, compiler.level)
        if len(row.table.key.columns) != 1:
            raise Unsupported("composite_key")
        plan = Plan(self._dialect, row.table, collection.object, self._functions)
        # the names around the collection are read beforehand: only its own variable is a row
        owned = sets.owned(compiler, row, collection, {})
        link = linked(collection, self._model)
        if link is not None:
            # what the filter says first goes by an index, whatever the rows it leaves out are in doubt about
            field, other = link
            type_ = reference_to(other.type.object or "")
            reads = ir.FieldOf(ir.Variable(collection.variable, type_), field, type_)
            column = compiler.term(reads, {collection.variable: compiler.subject(row)})
            whom = compiler.settled(compiler.term(other, {}), None, column.storage)
            owned = conjunction([owned, binary(exp.EQ, column.copy(), whom.copy())])
            plan.needed = frozenset(each.name for each in compiler.parameters.values() if each.expression == other)
        names = {collection.variable: compiler.subject(row)}
        where = conjunction([]) if collection.where is None else compiler.truth(collection.where, names)
        return compiler, row, owned, where, names, plan

    def members(self, collection: ir.Collection) -> Plan:
        """The members: identifier, and whether the interpreter has to decide."""
        compiler, row, owned, where, _, plan = self._begin(collection)
        doubt = _doubt(compiler)
        columns = [*keys(row), coalesce(wrapped(doubt.copy()), false())]
        plan.fit(compiler, row, sets.select(row, columns, _either(owned, where, doubt)))
        return plan

    def aggregate(self, expression: ir.Aggregate) -> Plan:
        """The columns of an aggregate, by its kind, then whether the interpreter has to decide.

        ``count exists none``: how many. ``sum average``: the sum, how many, the sum of the sizes. ``minimum maximum``:
        it. ``all``: how many are false, how many unknown. ``first last``: the identifier.
        """
        compiler, row, owned, where, names, plan = self._begin(expression.collection)
        if expression.kind in {"first", "last"}:
            return self._extreme_row(expression, compiler, row, owned, where, names, plan)
        columns = self._columns(expression, compiler, row, where, names, plan)
        doubt = _doubt(compiler)
        one = exp.Literal.number(1)
        columns.append(
            false()
            if isinstance(doubt, exp.Boolean)
            else exp.Max(this=case((doubt.copy(), one), otherwise=exp.Literal.number(0)))
        )
        plan.fit(compiler, row, sets.select(row, columns, _either(owned, where, doubt)))
        return plan

    def _columns(
        self,
        expression: ir.Aggregate,
        compiler: Compiler,
        row: Row,
        where: Sql,
        names: Mapping[str, Term],
        plan: Plan,
    ) -> list[Sql]:
        kind = expression.kind
        if kind in {"count", "exists", "none"}:
            return [_count(where, row)]
        assert expression.value is not None
        if kind == "all":
            value = compiler.logic(expression.value, names)
            wrong, unknown = negated(exp.Paren(this=value)), is_null(value.copy())
            return [_count(conjunction([where.copy(), each]), row) for each in (wrong, unknown)]
        term = sets.own(row, compiler.settled(compiler.term(expression.value, names)))
        plan.value_kind = term.kind
        sets.doubt_foreign(compiler, term)
        always = isinstance(where, exp.Boolean) and where.this
        within = term if always else term._replace(sql=case((where.copy(), term.sql)))
        if kind in {"sum", "average"}:
            if term.kind not in NUMBERS and term.kind != "money":
                raise Unsupported(kind, expression)
            size = call("ABS" if self._dialect.native else "quand_size", within.copy())
            sums = [self._sum(within.sql), exp.Count(this=within.copy()), self._sum(size)]
            return [cast(sums[0], "text"), sums[1], cast(sums[2], "text")]
        if term.kind not in {*NUMBERS, "money", "date", "datetime", "time", "text"}:
            raise Unsupported(kind, expression)
        extreme = (exp.Min if kind == "minimum" else exp.Max)(this=self._dialect.ordered(within))
        return [cast(extreme, "text") if self._dialect.name == "duckdb" else extreme]

    def _sum(self, sql: Sql) -> Sql:
        return exp.Sum(this=sql) if self._dialect.native else call("quand_sum", sql)

    def _extreme_row(
        self,
        expression: ir.Aggregate,
        compiler: Compiler,
        row: Row,
        owned: Sql,
        where: Sql,
        names: Mapping[str, Term],
        plan: Plan,
    ) -> Plan:
        conditions, ordered = sets.extreme_order(compiler, expression, row, names)
        doubt = _doubt(compiler)
        # rows in doubt come first: one is enough for the interpreter to decide
        doubted = coalesce(wrapped(doubt.copy()), false())
        first = (
            []
            if isinstance(doubt, exp.Boolean)
            else [
                exp.Ordered(
                    this=case((doubted.copy(), exp.Literal.number(0)), otherwise=exp.Literal.number(1)),
                    desc=False,
                    nulls_first=True,
                )
            ]
        )
        tree = sets.select(row, [*keys(row), doubted], _either(owned, conjunction([where, *conditions]), doubt))
        tree.set("order", exp.Order(expressions=[*first, *ordered]))
        tree.set("limit", exp.Limit(expression=exp.Literal.number(1)))
        plan.fit(compiler, row, tree)
        return plan


def _doubt(compiler: Compiler) -> Sql:
    return disjunction(part.copy() for part in compiler.base.doubts)


def _either(owned: Sql, where: Sql, doubt: Sql) -> Sql:
    """The rows to look at: those of which the filter holds, and those it is doubtful of."""
    if isinstance(where, exp.Boolean) and where.this:
        return owned
    return conjunction([owned, disjunction([where.copy(), wrapped(doubt.copy())])])


def _count(where: Sql, row: Row) -> Sql:
    always = isinstance(where, exp.Boolean) and where.this
    return exp.Count(this=exp.Star() if always else case((where.copy(), exp.Literal.number(1))))
