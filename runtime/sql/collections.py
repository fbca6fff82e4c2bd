"""Collections in conditions: subqueries over the rows of a table; objects that are read through others."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlglot import exp

from ...dsl import ir
from ...dsl.types import DATETIME
from ...dsl.values import Duration
from .comparing import doubt_currencies, in_order, met
from .dialects import EMITTERS
from .terms import (
    NUMBERS,
    Level,
    Row,
    Sql,
    Term,
    Unsupported,
    binary,
    case,
    coalesce,
    conjunction,
    disjunction,
    false,
    identifier,
    is_null,
    is_there,
    literal,
    null,
    true,
    variables,
)

if TYPE_CHECKING:
    from .compiler import Bindings, Compiler

_LOOKED_UP = frozenset({"reference", "any", "union", "text", "choice"})
"""The kinds of fields by which the objects of another are found."""


# --- SELECT -------------------------------------------------------------------------------------------------------


def select(row: Row, columns: list[Sql], where: Sql | None) -> exp.Select:
    """A SELECT from a row and what is joined to it."""
    made = exp.Select(expressions=columns)
    made.set("from_" if "from_" in exp.Select.arg_types else "from", exp.From(this=_table(row)))
    joins = [exp.Join(this=_table(other), on=on, side="LEFT") for other, on in row.level.joins]
    if joins:
        made.set("joins", joins)
    if where is not None and not (isinstance(where, exp.Boolean) and where.this):
        made.set("where", exp.Where(this=where))
    return made


def _table(row: Row) -> exp.Table:
    named = exp.Table(this=identifier(row.table.name))
    if row.alias != row.table.name:
        named.set("alias", exp.TableAlias(this=identifier(row.alias)))
    return named


def scalar(query: exp.Select) -> Sql:
    """A SELECT as a value."""
    return exp.Subquery(this=query)


# --- the rows of a collection -------------------------------------------------------------------------------------


def owned(compiler: Compiler, row: Row, collection: ir.Collection, names: Bindings) -> Sql:
    """What makes a row one of the collection's, its filter apart."""
    if collection.list_field is not None:
        raise Unsupported("list")
    parts: list[Sql] = []
    if collection.owner is not None:
        via = collection.via or ""
        field = compiler.model.field(collection.object, via)
        if field is None or not compiler.model.is_stored(collection.object, via):
            raise Unsupported("no_column")
        reference = ir.FieldOf(ir.Variable(collection.variable, field.type), via, field.type)
        term = compiler.term(reference, {**names, collection.variable: compiler.subject(row)})
        owner = compiler.term(collection.owner, names)
        if owner.is_missing:
            return false()
        if term.kind not in _LOOKED_UP:
            raise Unsupported("no_column")
        left, right = met(compiler, [term, owner])
        if left.kind == "reference" and None not in {left.target, right.target} and left.target != right.target:
            return false()
        if left.storage != right.storage:
            raise Unsupported("storage")
        parts.append(binary(exp.EQ, left.copy(), right.copy()))
    if collection.since is not None:
        parts.append(_since(compiler, row, collection.since, names))
    return conjunction(parts)


def _since(compiler: Compiler, row: Row, since: ir.Expression, names: Bindings) -> Sql:
    ago = ir.Apply("ago", (since,), DATETIME)
    start = compiler.term(ago, names)
    created = ir.FieldOf(ir.Variable("row", DATETIME), "created at", DATETIME)
    term = compiler.term(created, {"row": compiler.subject(row)})
    return in_order(compiler, exp.GT, term, compiler.settled(start))


class _Inner:
    """The rows of a collection within a condition."""

    def __init__(self, compiler: Compiler, collection: ir.Collection, names: Bindings) -> None:
        self.compiler = compiler
        self.level = Level()
        self.row = compiler.row(collection.object, self.level)
        self._outside = compiler.level
        compiler.reads.add((collection.object, ()))
        compiler.level = self.level
        try:
            self.owned = owned(compiler, self.row, collection, names)
            self.names = {**names, collection.variable: compiler.subject(self.row)}
            where = collection.where
            self.where = true() if where is None else compiler.truth(where, self.names)
            self._of_filter = len(self.level.doubts)
            self.level.seen = set()
        except BaseException:
            compiler.level = self._outside
            raise

    def close(self) -> None:
        """Back to the SELECT around it: a doubt about one of the rows is a doubt about what is made of them."""
        self.compiler.level = self._outside
        doubts = self.level.doubts
        for rows, part in ((self.owned, doubts[: self._of_filter]), (self.condition(), doubts[self._of_filter :])):
            if part:
                doubt = disjunction([each.copy() for each in part])
                self.compiler.doubt(self.exists(conjunction([rows.copy(), exp.Paren(this=doubt)])))

    def condition(self, *more: Sql) -> Sql:
        return conjunction([self.owned.copy(), self.where.copy(), *more])

    def exists(self, where: Sql) -> Sql:
        return exp.Exists(this=select(self.row, [exp.Literal.number(1)], where))


def aggregate_term(compiler: Compiler, expression: ir.Aggregate, names: Bindings) -> Term:
    """What is asked of a collection, as a subquery."""
    inner = _Inner(compiler, expression.collection, names)
    try:
        return _asked(compiler, expression, inner)
    finally:
        inner.close()


def _asked(compiler: Compiler, expression: ir.Aggregate, inner: _Inner) -> Term:
    kind = expression.kind
    if kind in {"exists", "none"}:
        found = inner.exists(inner.condition())
        return Term(found if kind == "exists" else exp.Not(this=found), "boolean", present=True)
    if kind == "all":
        return Term(_all(compiler, expression, inner), "boolean")
    if kind in {"first", "last"}:
        return _extreme_row(compiler, expression, inner)
    value = None
    if expression.value is not None:
        value = own(inner.row, compiler.settled(compiler.term(expression.value, inner.names)))
    made, currency = total(compiler, expression, value)
    query = scalar(select(inner.row, [made], inner.condition()))
    result = Term(query, expression.type.kind, currency)
    if kind in {"sum", "count"}:
        result = result._replace(present=True)
        if kind == "sum":
            _doubt_sum(compiler, expression, value, inner)
    return result


def _reads(row: Row, sql: Sql) -> bool:
    """Whether a tree reads a column of this SELECT itself."""
    aliases = {row.alias, *(joined.alias for joined, _ in row.level.joins)}
    pending: list[Sql] = [sql]
    while pending:
        node = pending.pop()
        if isinstance(node, exp.Column) and node.table in aliases:
            return True
        if not isinstance(node, exp.Select):
            pending += list(node.iter_expressions())
    return False


def own(row: Row, value: Term) -> Term:
    """The value, of this SELECT whatever it is made of: what reads only rows around it would be summed up there."""
    if _reads(row, value.sql):
        return value
    currency = value.currency and case((is_there(row.key()), value.currency))
    return value._replace(sql=case((is_there(row.key()), value.sql)), currency=currency)


def total(compiler: Compiler, expression: ir.Aggregate, value: Term | None) -> tuple[Sql, Sql | None]:
    """The aggregate function of a count, a sum, an extreme; the currency of its result.

    Amounts in another currency than the project's are doubted.
    """
    kind = expression.kind
    if kind == "count":
        return EMITTERS[compiler.dialect.name]["count:rows"](compiler, _NOTHING, []).sql, None
    if value is None or kind == "average":
        raise Unsupported(kind, expression)
    value = compiler.settled(value)
    currency = literal(compiler.model.settings.currency) if value.kind == "money" else None
    doubt_foreign(compiler, value)
    if kind == "sum":
        if value.kind not in NUMBERS and value.kind != "money":
            raise Unsupported("sum", expression)
        return EMITTERS[compiler.dialect.name]["sum:rows"](compiler, _NOTHING, [value]).sql, currency
    if value.kind not in {*NUMBERS, "money", "date", "datetime", "time", "text"}:
        raise Unsupported(kind, expression)
    node = exp.Min if kind == "minimum" else exp.Max
    return node(this=compiler.dialect.ordered(value)), currency


_NOTHING = ir.Apply("", (), DATETIME)


def _count_rows(compiler: Compiler, expression: ir.Apply, terms: list[Term]) -> Term:
    return Term(exp.Count(this=exp.Star()), "number")


def _sum_rows(compiler: Compiler, expression: ir.Apply, terms: list[Term]) -> Term:
    return Term(coalesce(exp.Sum(this=terms[0].copy()), exp.Literal.number(0)), "number")


def _count_rows_sqlite(compiler: Compiler, expression: ir.Apply, terms: list[Term]) -> Term:
    return Term(exp.Cast(this=exp.Count(this=exp.Star()), to=exp.DataType.build("text")), "number")


def _sum_rows_sqlite(compiler: Compiler, expression: ir.Apply, terms: list[Term]) -> Term:
    added = exp.Anonymous(this="quand_sum", expressions=[terms[0].copy()])
    return Term(coalesce(added, literal("0")), "number")


for _name in ("postgres", "duckdb", "spark"):
    EMITTERS.setdefault(_name, {}).update({"count:rows": _count_rows, "sum:rows": _sum_rows})
EMITTERS.setdefault("sqlite", {}).update({"count:rows": _count_rows_sqlite, "sum:rows": _sum_rows_sqlite})


def _doubt_sum(compiler: Compiler, expression: ir.Aggregate, value: Term | None, inner: _Inner) -> None:
    """Where the sizes of what is added leave no room for rounding, the sum is exact whatever the order."""
    if not compiler.strict or not compiler.dialect.native or value is None:
        return
    compiler.level = inner._outside  # pyright: ignore[reportPrivateUsage]
    large = rounding(compiler, value)
    query = scalar(select(inner.row, [large], inner.condition()))
    compiler.doubt(query)
    compiler.level = inner.level


def rounding(compiler: Compiler, value: Term) -> Sql:
    """Whether a sum of these values may be rounded: an aggregate that is true or false."""
    absolute = exp.Sum(this=exp.Anonymous(this="ABS", expressions=[value.copy()]))
    text = exp.Cast(this=absolute, to=exp.DataType.build("text"))
    return exp.GT(this=exp.Length(this=coalesce(text, literal(""))), expression=exp.Literal.number(34))


def _all(compiler: Compiler, expression: ir.Aggregate, inner: _Inner) -> Sql:
    if expression.value is None:
        raise Unsupported("all", expression)
    value = compiler.logic(expression.value, inner.names)
    wrong = inner.exists(inner.condition(exp.Not(this=exp.Paren(this=value))))
    unknown = inner.exists(inner.condition(is_null(value.copy())))
    return case((wrong, false()), (unknown, null()), otherwise=true())


def doubt_foreign(compiler: Compiler, value: Term) -> None:
    """Amounts in another currency than the project's are left to the interpreter."""
    if value.kind == "money":
        currency = literal(compiler.model.settings.currency)
        doubt_currencies(compiler, value, Term(null(), "money", currency, present=True))


def extreme_order(
    compiler: Compiler, expression: ir.Aggregate, row: Row, names: Bindings
) -> tuple[list[Sql], list[exp.Ordered]]:
    """What else a row has to be, and in what order they go, for the first one to be the one asked for."""
    order = expression.order_by
    if row.key_storage != "text":
        raise Unsupported("storage")
    descending = expression.descending is (expression.kind == "first")
    ordered: list[exp.Ordered] = []
    conditions: list[Sql] = []
    if order is not None:
        term = compiler.settled(compiler.term(order, names))
        if term.kind in {"boolean", "reference", "any", "union"} or (
            term.kind == "duration" and compiler.dialect.native
        ):
            raise Unsupported("first", expression)
        doubt_foreign(compiler, term)
        conditions.append(is_there(term.copy()))
        if _reads(row, term.sql):
            if variables(order) - {expression.collection.variable} and not compiler.lifting:
                # SQLite does not see the rows around it in an ORDER BY
                raise Unsupported("first", expression)
            ordered.append(
                exp.Ordered(this=compiler.dialect.ordered(term), desc=descending, nulls_first=not descending)
            )
    turned = order is None and descending
    key = compiler.dialect.ordered(Term(row.key(), "text"))
    ordered.append(exp.Ordered(this=key, desc=turned, nulls_first=not turned))
    return conditions, ordered


def _extreme_row(compiler: Compiler, expression: ir.Aggregate, inner: _Inner) -> Term:
    conditions, ordered = extreme_order(compiler, expression, inner.row, inner.names)
    query = select(inner.row, [inner.row.key()], inner.condition(*conditions))
    query.set("order", exp.Order(expressions=ordered))
    query.set("limit", exp.Limit(expression=exp.Literal.number(1)))
    return Term(scalar(query), "reference", target=expression.collection.object, storage=inner.row.key_storage)


# --- objects read through others ----------------------------------------------------------------------------------


def lookup_term(compiler: Compiler, expression: ir.Lookup, names: Bindings) -> Term:
    """The object with that identifier, else the one with that unique name."""
    key = compiler.settled(compiler.term(expression.key, names))
    if key.kind not in {"text", "choice"}:
        raise Unsupported("lookup", expression)
    model, kind = compiler.model, expression.object
    compiler.reads.add((kind, ()))
    row = compiler.row(kind, Level())
    if row.key_storage != "text":
        raise Unsupported("storage")
    found: list[Sql] = [scalar(select(row, [row.key()], binary(exp.EQ, row.key(), key.copy())))]
    for name, field in model.fields(kind).items():
        column = row.table.fields.get(name)
        if not (field.unique or name == "name") or not model.is_stored(kind, name) or column is None:
            continue
        if field.type.kind not in {"text", "choice"} or column.storage != "text":
            raise Unsupported("storage")
        other = compiler.row(kind, Level())
        only = case((binary(exp.EQ, exp.Count(this=exp.Star()), exp.Literal.number(1)), exp.Min(this=other.key())))
        found.append(scalar(select(other, [only], binary(exp.EQ, other.column(column.name), key.copy()))))
    sql = found[0] if len(found) == 1 else coalesce(*found)
    return Term(sql, "reference", target=kind, storage=row.key_storage)


def read_through(compiler: Compiler, owner: Term, expression: ir.FieldOf) -> Term:
    """A field of an object that is no row in scope: a subquery looks it up."""
    owner = compiler.settled(owner)
    if owner.target is None:
        raise Unsupported("open_type", expression)
    outside = compiler.level
    level = Level()
    row = compiler.row(owner.target, level)
    compiler.reads.add((owner.target, ()))
    if row.key_storage != owner.storage:
        raise Unsupported("storage")
    same = binary(exp.EQ, row.key(), owner.copy())
    compiler.level = level
    try:
        read = ir.FieldOf(ir.Variable("row", expression.object.type), expression.field, expression.type)
        term = compiler.term(read, {"row": compiler.subject(row)})
    finally:
        compiler.level = outside
    term = compiler.settled(term)
    if level.doubts:
        doubted = conjunction([same.copy(), exp.Paren(this=disjunction([part.copy() for part in level.doubts]))])
        compiler.doubt(exp.Exists(this=select(row, [exp.Literal.number(1)], doubted)))
    if term.row is not None or term.kind in {"any", "union", "duration"}:
        raise Unsupported("open_type", expression)
    currency = None
    if term.currency is not None:
        currency = scalar(select(row, [term.currency.copy()], same.copy()))
    value = scalar(select(row, [term.copy()], same.copy()))
    return Term(value, term.kind, currency, target=term.target, storage=term.storage)


def since_of(collection: ir.Collection) -> Duration | None:
    """The window of a collection, where it is a constant."""
    since = collection.since
    return since.value if isinstance(since, ir.Constant) and isinstance(since.value, Duration) else None
