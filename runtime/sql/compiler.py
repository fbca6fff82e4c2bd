"""From conditions over rows to SQL trees, in the three-valued logic that both have.

A condition becomes a tree that is true where the interpreter's value is true, false where it is false, NULL where it is
unknown. Where the interpreter might fail, round or read a text in a way that SQL cannot say, the SELECT has a *doubt*:
on a row where a doubt is true the interpreter decides. What has no exact SQL at all raises
:class:`~.terms.Unsupported`.
"""

from __future__ import annotations

import attrs
from sqlglot import exp

from ...dsl import ir
from ...dsl.types import TEXT, Type
from ...dsl.values import Reference
from ..stores.sql_values import to_json
from . import comparing, dates, numbers, sqlite, texts
from .dialects import EMITTERS
from .ground import Bindings, Ground
from .terms import (
    DATES,
    NUMBERS,
    TEXTS,
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
    is_there,
    literal,
    negated,
    wrapped,
)

EMITTING = (dates, numbers, sqlite, texts)
"""The modules that make themselves known to ``EMITTERS`` besides ``comparing``."""

_DEEPEST = 12
"""How many computed fields deep a condition is written out."""


class Compiler(Ground):
    """Makes the trees of one statement."""

    # --- conditions -----------------------------------------------------------------------------------------------

    def truth(self, expression: ir.Expression, names: Bindings) -> Sql:
        """A tree that is true exactly where the condition holds; elsewhere false or NULL, no matter which."""
        match expression:
            case ir.And() | ir.Or():
                self._count(expression)
                self._note("and" if isinstance(expression, ir.And) else "or")
                if isinstance(expression, ir.And):
                    return conjunction([self.truth(part, names) for part in expression.parts])
                return self._either(expression, names)
            case ir.Apply(function="equal" | "one_of") if not self._is_free(expression, names):
                self._count(expression)
                terms = [self.term(argument, names) for argument in expression.arguments]
                self._note(expression.function)
                return EMITTERS[self.dialect.name][f"{expression.function}:truth"](self, expression, terms).sql
            case ir.FieldOf() if expression.type.kind == "boolean":
                found = self._stored_truth(expression, names)
                return self.logic(expression, names) if found is None else found
            case _:
                return self.logic(expression, names)

    def _either(self, expression: ir.Or, names: Bindings) -> Sql:
        """Where a part is true, those after it are not looked at, so that they cannot fail."""
        parts: list[Sql] = []
        for part in expression.parts:
            doubts, seen = len(self.level.doubts), set(self.level.seen)
            truth = self.truth(part, names)
            added = self.level.doubts[doubts:]
            if parts and added:
                before = coalesce(wrapped(disjunction(each.copy() for each in parts)), false())
                self.level.doubts[doubts:] = [conjunction([each, negated(before.copy())]) for each in added]
                self.level.seen = seen
            parts.append(truth)
        return disjunction(parts)

    def logic(self, expression: ir.Expression, names: Bindings) -> Sql:
        """A tree that is true, false or NULL as the condition is true, false or unknown."""
        term = self.settled(self.term(expression, names))
        if term.is_missing:
            return exp.Null()
        if term.kind != "boolean":
            raise Unsupported("value", expression)
        return term.sql

    def _stored_truth(self, expression: ir.FieldOf, names: Bindings) -> Sql | None:
        if self._is_free(expression, names):
            return None
        owner = self.term(expression.object, names)
        field = self.model.field(owner.target or "", expression.field)
        if owner.row is None or field is None or field.definition is not None or field.default is not None:
            return None
        return self._column(owner.row, expression.field, field.type).sql

    # --- expressions ----------------------------------------------------------------------------------------------

    def term(self, expression: ir.Expression, names: Bindings) -> Term:
        """The term of an expression. Raises :class:`Unsupported`."""
        try:
            return self._term(expression, names)
        except Unsupported as found:
            if found.part is None:
                found.part = expression
            raise

    def _term(self, expression: ir.Expression, names: Bindings) -> Term:
        self._count(expression)
        if self._is_free(expression, names):
            return Term(exp.Null(), expression.type.kind, target=expression.type.object, free=expression)
        match expression:
            case ir.Constant():
                return self.constant(expression.value, expression.type)
            case ir.Variable():
                if expression.name not in names:
                    raise Unsupported("variable")
                return names[expression.name]
            case ir.FieldOf():
                return self._field(expression, names)
            case ir.Global():
                self._note("definition")
                return self._inside(self.model.definitions[expression.name].value, {})
            case ir.Apply():
                return self._apply(expression, names)
            case ir.And() | ir.Or():
                self._note("and" if isinstance(expression, ir.And) else "or")
                parts = [self.logic(part, names) for part in expression.parts]
                joined = conjunction if isinstance(expression, ir.And) else disjunction
                return Term(joined(parts), "boolean")
            case ir.Not():
                self._note("not")
                return self._not(expression, names)
            case ir.If():
                self._note("if")
                test = self.truth(expression.condition, names)
                return self.chosen([(test, self.term(expression.then, names))], self.term(expression.otherwise, names))
            case ir.OrElse():
                self._note("or_else")
                return self._or_else(self.term(expression.value, names), self.term(expression.otherwise, names))
            case ir.Interpolate():
                return self._interpolate(expression, names)
            case ir.Aggregate():
                from .collections import aggregate_term

                self._note(expression.kind)
                return aggregate_term(self, expression, names)
            case ir.Lookup():
                from .collections import lookup_term

                self._note("lookup")
                return lookup_term(self, expression, names)
            case ir.Decision():
                self._note("decision")
                return self._decision(expression, names)
            case ir.Previous():
                raise Unsupported("previous", expression)

    def _not(self, expression: ir.Not, names: Bindings) -> Term:
        operand = expression.operand
        if isinstance(operand, ir.Apply) and operand.function in {"equal", "not_equal"}:
            turned = "not_equal" if operand.function == "equal" else "equal"
            return self.term(attrs.evolve(operand, function=turned), names)
        return Term(negated(self.logic(operand, names)), "boolean")

    def _interpolate(self, expression: ir.Interpolate, names: Bindings) -> Term:
        if any(part.type.kind != "text" for part in expression.parts):
            raise Unsupported("interpolate", expression)
        if not expression.parts:
            raise Unsupported("odd_text", expression)
        self._note("interpolate")
        terms = [self.settled(self.term(part, names)) for part in expression.parts]
        return self.joined_text([term.sql for term in terms])

    def joined_text(self, parts: list[Sql]) -> Term:
        """Texts one after the other."""
        result = parts[0]
        for part in parts[1:]:
            result = exp.DPipe(this=wrapped(result), expression=wrapped(part))
        if self.strict:
            self.doubt(self.dialect.odd_text(result))
            limit = self.model.settings.budgets.get("text", 65_536) // 4
            self.doubt(exp.GT(this=exp.Length(this=result.copy()), expression=exp.Literal.number(limit)))
        return Term(result, "text")

    # --- fields ---------------------------------------------------------------------------------------------------

    def _field(self, expression: ir.FieldOf, names: Bindings) -> Term:
        owner = self.term(expression.object, names)
        if owner.is_missing:
            return self.constant(None, expression.type)
        if owner.target is None or owner.kind != "reference":
            raise Unsupported("open_type", expression)
        field = self.model.field(owner.target, expression.field)
        if field is None:
            return self.constant(None, expression.type)
        row = self._row_of(owner)
        if row is not None and self.model.is_identifier(owner.target, expression.field):
            return self._identifier(row)
        if row is None:
            from .collections import read_through

            return read_through(self, owner, expression)
        return self._read(row, field)

    def _row_of(self, owner: Term) -> Row | None:
        if owner.row is not None:
            return owner.row
        if owner.source is None or owner.target is None:
            return None
        row, field = owner.source
        if self.strict:
            column = row.column(row.table.fields[field].name)
            if owner.storage == "text":
                self.doubt_once(f"{row.alias}.{field}", lambda: _is_other_type(column))
        return self._joined(row, field, owner.target)

    def _read(self, row: Row, field: ir.Field) -> Term:
        """A field of a row: stored, with its default, or computed."""
        if field.definition is not None:
            self._note("definition")
            return self._if_there(row, self._inside(field.definition, {"subject": self.subject(row)}))
        term = self._column(row, field.name, field.type)
        if field.default is not None:
            self._note("default")
            default = self._inside(field.default, {"subject": self.subject(row)})
            return self._if_there(row, self._or_else(term, default))
        if field.type.kind == "boolean":
            return self._if_there(row, term._replace(sql=coalesce(term.sql, false()), present=True))
        return term

    def _if_there(self, row: Row, term: Term) -> Term:
        if not row.optional:
            return term
        return self.chosen([(is_there(row.key()), term)], None)

    def _inside(self, body: ir.Expression, names: Bindings) -> Term:
        """A definition or a default, written out."""
        self._depth += 1
        if self._depth > _DEEPEST:
            raise Unsupported("too_large", body)
        try:
            return self.term(body, names)
        finally:
            self._depth -= 1

    def _column(self, row: Row, name: str, type_: Type) -> Term:
        column = row.table.fields.get(name)
        if column is None:
            if name in row.table.mute:
                raise Unsupported("no_column")
            return self.constant(None, type_)
        raw = row.column(column.name)
        kind = type_.kind
        if kind in {"list", "error"}:
            raise Unsupported("list")
        if kind == "reference":
            return Term(raw, kind, source=(row, name), target=type_.object, storage=column.storage)
        if kind in {"any", "union"}:
            if column.storage != "text":
                raise Unsupported("storage")
            return Term(raw, kind, source=(row, name))
        if kind == "duration" and self.dialect.native:
            raise Unsupported("duration")
        if kind == "boolean" and column.storage == "text":
            raise Unsupported("storage")
        value = self.dialect.read(raw, kind, column.storage, column.scale)
        if self.strict and column.storage == "text":
            odd = self.dialect.odd_text(raw) if kind in TEXTS else self.dialect.odd_value(raw, kind)
            if odd is not None:
                self._doubt_at(row, f"{row.alias}.{name}", odd)
        if kind != "money":
            return Term(value, kind, storage=column.storage)
        currency: Sql = literal(column.only or row.table.currency)
        if column.currency is not None:
            currency = coalesce(row.column(column.currency), literal(row.table.currency))
        return Term(value, kind, currency, storage=column.storage)

    # --- choices --------------------------------------------------------------------------------------------------

    def chosen(self, branches: list[tuple[Sql, Term]], otherwise: Term | None) -> Term:
        """``CASE``: the first branch whose test is true, else the last term, or a missing value."""
        tests = [test for test, _ in branches]
        terms = [self.settled(term) for _, term in branches]
        last = None if otherwise is None else self.settled(otherwise)
        shaped = self.alike([*terms, *([last] if last is not None else [])])
        values, rest = shaped[: len(terms)], shaped[len(terms)] if last is not None else None
        kind = shaped[0].kind
        sql = case(
            *zip(tests, (value.sql for value in values), strict=True), otherwise=None if rest is None else rest.sql
        )
        currency = None
        if kind == "money":
            pairs = [(test.copy(), value.currency or exp.Null()) for test, value in zip(tests, values, strict=True)]
            currency = case(*pairs, otherwise=None if rest is None else rest.currency)
        return Term(sql, kind, currency, target=_one({term.target for term in shaped}), storage=shaped[0].storage)

    def _or_else(self, first: Term, second: Term) -> Term:
        first, second = self.alike([self.settled(first), self.settled(second)])
        currency = None
        if first.kind == "money":
            missing = is_null(first.copy())
            currency = case((missing, second.currency or exp.Null()), otherwise=first.currency)
        target = _one({first.target, second.target})
        return Term(coalesce(first.sql, second.sql), first.kind, currency, target=target, storage=first.storage)

    def alike(self, terms: list[Term]) -> list[Term]:
        """The terms as values of one kind. Raises :class:`Unsupported` where they have none in common."""
        said = [term for term in terms if not term.is_missing]
        kinds = {"number" if term.kind in NUMBERS else "text" if term.kind in TEXTS else term.kind for term in said}
        if kinds == set(DATES):
            terms = [comparing.as_instant(self, term) if term.kind == "date" else term for term in terms]
            kinds = {"datetime"}
        if len(kinds) > 1 or kinds & {"any", "union", "list", "duration"}:
            raise Unsupported("mixture")
        storages = {term.storage for term in said if term.kind == "reference"}
        if len(storages) > 1 or len({term.target for term in said if term.kind == "reference"}) > 1:
            raise Unsupported("mixture")
        if not said:
            return terms
        kind, storage = said[0].kind, said[0].storage
        return [
            term._replace(sql=self.dialect.constant(None, kind), kind=kind, storage=storage, target=said[0].target)
            if term.is_missing
            else term
            for term in terms
        ]

    def _decision(self, expression: ir.Decision, names: Bindings) -> Term:
        if expression.policy not in {"first", "unique"}:
            raise Unsupported("decision", expression)
        inputs = [self.term(value, names) for value in expression.inputs]
        branches: list[tuple[Sql, Term]] = []
        for row in expression.rows:
            tests = [
                self.truth(test, {**names, "input": value})
                for test, value in zip(row.tests, inputs, strict=True)
                if test is not None
            ]
            branches.append((conjunction(tests), self.term(row.result, names)))
        otherwise = None if expression.otherwise is None else self.term(expression.otherwise, names)
        if not branches:
            return otherwise if otherwise is not None else self.constant(None, expression.type)
        if expression.policy == "unique" and len(branches) > 1:
            one: Sql = exp.Literal.number(1)
            nothing: Sql = exp.Literal.number(0)
            counted = [case((test.copy(), one.copy()), otherwise=nothing.copy()) for test, _ in branches]
            total = counted[0]
            for each in counted[1:]:
                total = exp.Add(this=total, expression=each)
            self.doubt(exp.GT(this=exp.Paren(this=total), expression=one))
        return self.chosen(branches, otherwise)

    # --- functions ------------------------------------------------------------------------------------------------

    def _apply(self, expression: ir.Apply, names: Bindings) -> Term:
        terms = [self.term(argument, names) for argument in expression.arguments]
        emitter = EMITTERS[self.dialect.name].get(expression.function)
        if emitter is None:
            raise Unsupported(expression.function, expression)
        self._note(expression.function)
        if expression.function not in comparing.LENIENT and any(term.is_missing for term in terms):
            return self.constant(None, expression.type)
        return emitter(self, expression, terms)

    def _identifier(self, row: Row) -> Term:
        """The identifier of a row as a text."""
        return self.key_text(self.subject(row)._replace(present=not row.optional))

    def key_text(self, owner: Term) -> Term:
        """The identifier that a reference holds, as a text."""
        if owner.is_constant:
            return self.constant(owner.constant and owner.constant.id, TEXT)
        owner = self.settled(owner)
        if owner.storage == "integer":
            return Term(cast(owner.copy(), "text"), "text", present=owner.present)
        if owner.storage != "text":
            raise Unsupported("storage")
        if self.strict:
            odd = self.dialect.odd_text(owner.copy())
            self.doubt_once(odd.sql(), lambda: odd)
        return Term(owner.copy(), "text", present=owner.present)

    def open_reference(self, term: Term) -> Sql:
        """A reference as a column of any object, or of several types, holds it."""
        if isinstance(term.constant, (Reference, str)):
            return literal(to_json(term.constant))
        raise Unsupported("open_type")


def _one(targets: set[str | None]) -> str | None:
    return next(iter(targets)) if len(targets) == 1 else None


def _is_other_type(column: Sql) -> Sql:
    """Whether a reference is to an object of another type than its column's."""
    return binary(exp.EQ, call("SUBSTR", column, exp.Literal.number(1), exp.Literal.number(2)), literal("\x1b{"))
