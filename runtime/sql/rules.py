"""The condition of a rule as one SELECT of the objects of which it holds."""

from __future__ import annotations

import sqlite3
from contextlib import suppress

from sqlglot import exp

from ...dsl import ir
from ..budgets import Budgets
from ..business import WorkingCalendar, no_holidays
from ..dates import Clockwork
from ..model import Model
from ..zones import zone
from .collections import owned, select
from .compiler import Compiler
from .dialects import DIALECTS
from .layout import planned_tables
from .sqlite_functions import Functions
from .statements import keys, shown_text
from .terms import Level, Row, Sql, Unsupported, conjunction, negated, wrapped


class RuleStatements:
    """Makes the statements of a program's rules, over the tables that a store would make for it."""

    def __init__(self, model: Model, dialect: str) -> None:
        """``dialect``: ``sqlite``, ``postgres``, ``duckdb``, ``spark``."""
        settings = model.settings
        self._model = model
        self._dialect = DIALECTS[dialect]
        self._tables = planned_tables(model, native=self._dialect.native)
        calendar = WorkingCalendar(settings.hours, zone(settings.timezone), no_holidays)
        self._clockwork = Clockwork(settings.timezone, calendar)
        self.functions: Functions | None = None

    def new_functions(self) -> Functions:
        """Functions for SQLite, none of a rule's own yet."""
        return Functions(self._clockwork, Budgets(self._model.settings.budgets), self._model)

    def text(self, rule: ir.Rule) -> tuple[str, list[str]]:
        """The statement, on several lines, and the names of its parameters.

        Raises :class:`~.terms.Unsupported` for a condition that this dialect cannot say exactly.
        """
        compiler = Compiler(
            self._model,
            self._tables,
            self._dialect,
            self._clockwork,
            strict=False,
            lifting=False,
            functions=self.functions,
        )
        self.functions = compiler.functions
        tree = self._select(compiler, rule)
        return shown_text(tree, self._dialect.name), sorted(each.name for each in compiler.parameters.values())

    def _select(self, compiler: Compiler, rule: ir.Rule) -> exp.Select:
        if rule.subject is None:
            truth = conjunction(compiler.truth(part, {}) for part in asked_of(rule))
            nothing = exp.Select(expressions=[exp.Literal.number(1)])
            return nothing.where(conjunction([truth, *_certain(compiler.level)]), copy=False)
        row = compiler.row(rule.subject, compiler.level)
        loops = [trigger.for_each for trigger in rule.triggers if isinstance(trigger, ir.Tick)]
        parts = [self._looped(compiler, row, loop) for loop in loops if loop is not None]
        names = {"subject": compiler.subject(row)}
        parts += [compiler.truth(part, names) for part in asked_of(rule)]
        return select(row, keys(row), conjunction([*parts, *_certain(row.level)]))

    @staticmethod
    def _looped(compiler: Compiler, row: Row, collection: ir.Collection) -> Sql:
        names = {collection.variable: compiler.subject(row)}
        where = [] if collection.where is None else [compiler.truth(collection.where, names)]
        return conjunction([owned(compiler, row, collection, {}), *where])


def lend_functions(model: Model, connection: sqlite3.Connection) -> None:
    """Give a connection what the statements of a program's rules for SQLite use."""
    statements = RuleStatements(model, "sqlite")
    for rule in model.program.rules:
        with suppress(Unsupported):
            statements.text(rule)
    functions = statements.functions or statements.new_functions()
    functions.give(connection, set())


def asked_of(rule: ir.Rule) -> list[ir.Expression]:
    """What must hold of the subject: the condition, and the state that the one trigger waits for."""
    parts: list[ir.Expression] = []
    if len(rule.triggers) == 1:
        trigger = rule.triggers[0]
        if isinstance(trigger, (ir.Edge, ir.Stays)):
            parts.append(trigger.condition)
    return parts if rule.condition is None else [*parts, rule.condition]


def _certain(level: Level) -> list[Sql]:
    """What must hold for the interpreter not to fail: amounts in one currency, one row of a table."""
    found: list[Sql] = []
    for doubt in level.doubts:
        if isinstance(doubt, exp.And) and isinstance(doubt.expression, exp.NEQ) and isinstance(doubt.this, exp.Not):
            same = exp.EQ(this=doubt.expression.this, expression=doubt.expression.expression)
            found.append(exp.Paren(this=exp.Or(this=doubt.this.this.copy(), expression=same)))
        else:
            found.append(negated(wrapped(doubt)))
    unique: dict[str, Sql] = {each.sql(): each for each in found}
    return list(unique.values())
