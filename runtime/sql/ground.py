"""What one statement is made on: its rows and joins, its parameters, and what makes the interpreter decide."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, TypeAlias

import attrs
from sqlglot import exp

from ...dsl import ir
from ...dsl.types import Type
from ...dsl.values import Duration, Money, Reference
from ..budgets import Budgets
from ..dates import Clockwork
from ..model import Model
from ..stores.sql_tables import KindTable
from ..stores.sql_values import guarded
from ..values import nfc
from .dialects import Dialect
from .sqlite_functions import Functions
from .terms import Level, Row, Sql, Term, Unsupported, binary, literal, variables

_LARGEST = 400
"""Nodes of the IR that one statement holds."""

_CLOCK = frozenset({"now", "today", "tomorrow", "yesterday"})

Bindings: TypeAlias = Mapping[str, Term]
"""The terms of the names in scope."""


@attrs.frozen
class Parameter:
    """A value that is read before the statement runs: an expression that no row has a part in.

    ``type`` and ``storage`` are those of the column it meets; ``part`` is ``"currency"`` for that of an amount.
    """

    name: str
    expression: ir.Expression
    type: Type
    storage: str
    part: str = ""


class Ground:
    """The state of a statement while it is made."""

    def __init__(
        self,
        model: Model,
        tables: Mapping[str, KindTable],
        dialect: Dialect,
        clockwork: Clockwork,
        *,
        strict: bool = True,
        lifting: bool = True,
        functions: Functions | None = None,
    ) -> None:
        """``strict``: doubts about single texts and long numbers too, which only hosts and rare rules bring.

        ``lifting``: what no row has a part in is a parameter; otherwise only the clock is.
        """
        self.model = model
        self.tables = tables
        self.dialect = dialect
        self.clockwork = clockwork
        self.strict = strict
        self.lifting = lifting
        self.functions = functions or Functions(clockwork, Budgets(model.settings.budgets), model)
        """Those that SQLite needs."""
        self.parameters: dict[tuple[Any, ...], Parameter] = {}
        self.operators: list[str] = []
        """The operators emitted, for whoever counts them."""
        self.reads: set[tuple[str, tuple[str, ...]]] = set()
        """The types of the rows read besides the first one's, with the references that lead there from it; none
        where rows of that type are looked through."""
        self._aliases: set[str] = set()
        self._depth = 0
        self._size = 0
        self.base = self.level = Level()
        self._free: dict[int, tuple[ir.Expression, frozenset[str]]] = {}

    def restart(self) -> None:
        """Begin another condition of the same statement: its doubts and operators are counted afresh."""
        self._size = 0
        self.operators = []
        self.level = self.base
        self.base.doubts = []
        self.base.seen = set()

    # --- rows -----------------------------------------------------------------------------------------------------

    def row(self, kind: str, level: Level) -> Row:
        """A row of that type, the first of a SELECT. Raises :class:`Unsupported` where there is no such table."""
        table = self.tables.get(kind)
        if table is None or not table.there:
            raise Unsupported("no_table")
        return Row(self._alias(table.name), kind, table, level)

    def _alias(self, name: str) -> str:
        alias, number = name, 1
        while alias in self._aliases:
            number += 1
            alias = f"{name}_{number}"
        self._aliases.add(alias)
        return alias

    def subject(self, row: Row) -> Term:
        """The term of a row itself."""
        return Term(row.key(), "reference", row=row, target=row.kind, storage=row.key_storage, present=not row.optional)

    def _joined(self, row: Row, field: str, target: str) -> Row:
        found = row.joined.get(field)
        if found is None:
            table = self.tables.get(target)
            column = row.table.fields.get(field)
            if table is None or not table.there or column is None:
                raise Unsupported("no_table")
            path = (*row.path, field)
            found = Row(self._alias(table.name), target, table, row.level, optional=True, path=path)
            if found.key_storage != column.storage:
                raise Unsupported("storage")
            row.joined[field] = found
            row.level.joins.append((found, binary(exp.EQ, found.key(), row.column(column.name))))
            self.reads.add((target, path if row.level is self.base else ()))
        return found

    def _count(self, expression: ir.Expression) -> None:
        self._size += 1
        if self._size > _LARGEST:
            raise Unsupported("too_large")

    def _note(self, operator: str) -> None:
        self.operators.append(operator)

    # --- constants and parameters ---------------------------------------------------------------------------------

    def constant(self, value: Any, type_: Type) -> Term:
        """The term of a value known now."""
        if isinstance(value, datetime) and value.tzinfo is None:
            value = self.clockwork.instant(value)
        if isinstance(value, str):
            value = nfc(value)
        kind = type_.kind
        if value is None:
            return Term(
                self.dialect.constant(None, kind), kind, constant=None, currency=exp.Null(), target=type_.object
            )
        if isinstance(value, Money):
            amount = self.dialect.constant(value.amount, "money")
            return Term(amount, "money", literal(value.currency), value, present=True)
        if isinstance(value, Reference):
            return Term(literal(guarded(value.id)), "reference", constant=value, target=value.object, present=True)
        if isinstance(value, Duration):
            return Term(self._duration(value), "duration", constant=value, present=True)
        if isinstance(value, tuple):
            raise Unsupported("list")
        return Term(self.dialect.constant(value, kind), kind, constant=value, present=True)

    def _duration(self, value: Duration) -> Sql:
        return exp.Null() if self.dialect.native else self.dialect.constant(value, "duration")

    def _is_free(self, expression: ir.Expression, names: Bindings) -> bool:
        """Whether no row has a part in an expression, so that it is read beforehand."""
        if isinstance(expression, ir.Constant):
            return False
        if not self.lifting:
            return isinstance(expression, ir.Apply) and expression.function in _CLOCK
        known = self._free.get(id(expression))
        if known is None:
            # what is kept by identity keeps the expression alive
            known = self._free[id(expression)] = expression, variables(expression)
        return not known[1] & names.keys()

    def settled(self, term: Term, type_: Type | None = None, storage: str = "") -> Term:
        """A term with SQL: what is read beforehand becomes a parameter, of the column it meets if one is said."""
        free = term.free
        if free is None:
            return term
        wanted = type_ or free.type
        if wanted.kind in {"list", "error", "duration"} or (wanted.kind in {"any", "union"} and type_ is None):
            raise Unsupported("value", free)
        if wanted.kind == "duration" and self.dialect.native:
            raise Unsupported("duration", free)
        main = self._parameter(free, wanted, storage)
        currency = self._parameter(free, wanted, storage, "currency") if wanted.kind == "money" else None
        return Term(main, wanted.kind, currency, target=wanted.object, storage=storage or "text")

    def _parameter(self, free: ir.Expression, type_: Type, storage: str, part: str = "") -> Sql:
        key = (free, type_, storage, part)
        found = self.parameters.get(key)
        if found is None:
            name = (
                free.function if isinstance(free, ir.Apply) and not free.arguments else f"p{len(self.parameters) + 1}"
            )
            found = self.parameters[key] = Parameter(name, free, type_, storage, part)
        return self.dialect.placeholder(found.name, "text" if part else type_.kind)

    # --- doubts ---------------------------------------------------------------------------------------------------

    def doubt(self, sql: Sql) -> None:
        """Let the interpreter decide where this is true."""
        if sql not in self.level.doubts:
            self.level.doubts.append(sql)

    def doubt_once(self, key: str, make: Callable[[], Sql]) -> None:
        """The same, where nothing of that name was doubted before."""
        if key not in self.level.seen:
            self.level.seen.add(key)
            self.doubt(make())

    def _doubt_at(self, row: Row, key: str, sql: Sql) -> None:
        self.doubt_once(key, lambda: sql)
