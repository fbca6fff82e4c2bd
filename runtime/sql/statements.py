"""Whole statements: the objects of which a condition holds, what an aggregate is worth."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import attrs
from sqlglot import exp
from sqlglot.dialects.dialect import Dialect as SqlDialect
from sqlglot.generator import Generator

from ...dsl import ir
from ...dsl.values import Money, Reference, Value
from ..stores.sql_tables import KindTable
from ..stores.sql_values import Unfit, encode, to_json
from ..values import kind_of, nfc
from .collections import select
from .compiler import Compiler
from .dialects import Dialect
from .ground import Parameter
from .terms import NUMBERS, Row, Sql, conjunction, disjunction, false, wrapped

_STYLES = {"sqlite": ":{}", "postgres": "%({})s", "duckdb": "${}", "spark": ":{}"}


@attrs.frozen
class Statement:
    """A statement as the driver of its dialect takes it, and the parameters to fill."""

    text: str
    parameters: tuple[Parameter, ...]


def _generator(dialect: str) -> Generator:
    return SqlDialect.get_or_raise(dialect).generator(normalize_functions=False)


def driver_text(tree: Sql, dialect: str) -> tuple[str, frozenset[str]]:
    """The statement with the placeholders of the usual driver of the dialect, and the names of those in it."""
    pieces = _generator(dialect).generate(tree, copy=False).split("\x01")
    names = frozenset(pieces[1::2])
    if dialect == "postgres":
        pieces[::2] = [piece.replace("%", "%%") for piece in pieces[::2]]
    pieces[1::2] = [_STYLES[dialect].format(name) for name in pieces[1::2]]
    return "".join(pieces), names


def shown_text(tree: Sql, dialect: str) -> str:
    """The statement for people, on several lines; parameters as ``:name``."""
    pieces = tree.sql(dialect=dialect, pretty=True, max_text_width=100, normalize_functions=False).split("\x01")
    pieces[1::2] = [("$" if dialect == "duckdb" else ":") + name for name in pieces[1::2]]
    return "".join(pieces)


def keys(row: Row) -> list[Sql]:
    """The columns of the identifier."""
    return [row.column(name) for name in row.table.key.names]


def conditions_statement(row: Row, conditions: Sequence[tuple[Sql, Sequence[Sql]]]) -> exp.Select:
    """The identifiers of all objects, with the truth of each condition and its doubt, as ``c0``, ``d0`` and so on."""
    columns = keys(row)
    for number, (truth, doubts) in enumerate(conditions):
        columns.append(exp.Alias(this=wrapped(truth), alias=exp.to_identifier(f"c{number}")))
        columns.append(exp.Alias(this=wrapped(disjunction(doubts)), alias=exp.to_identifier(f"d{number}")))
    return select(row, columns, None)


def holding(
    compiler: Compiler, row: Row, condition: ir.Expression | None, names: Mapping[str, Any], *more: Sql
) -> exp.Select:
    """The objects of which a condition holds, or may: identifiers, and whether the interpreter has to decide."""
    truth = conjunction([*more, *([] if condition is None else [compiler.truth(condition, names)])])
    doubt = disjunction(part.copy() for part in row.level.doubts)
    if isinstance(doubt, exp.Boolean):
        return select(row, [*keys(row), false()], truth)
    doubt = conjunction([*(part.copy() for part in more), wrapped(doubt)])
    either = disjunction([truth, doubt])
    return select(row, [*keys(row), exp.Coalesce(this=doubt.copy(), expressions=[false()])], either)


def filled(parameter: Parameter, value: Value, dialect: Dialect) -> Any:
    """What the driver is given for a parameter. Raises :class:`~..stores.sql_values.Unfit` for what does not fit."""
    kind = parameter.type.kind
    if parameter.part:
        return value.currency if isinstance(value, Money) else None
    if value is None:
        return None
    if kind in {"any", "union"}:
        return to_json(value)
    if isinstance(value, Reference):
        if kind != "reference" or value.object != parameter.type.object:
            raise Unfit
        return encode(value, parameter.type, parameter.storage or "text")
    if isinstance(value, str):
        if not value.strip() or any(character < " " for character in value):
            raise Unfit
        return nfc(value)
    if kind_of(value) != _KINDS.get(kind, kind):
        raise Unfit
    if isinstance(value, bool):
        return value
    text = encode(value, parameter.type, "text")
    if dialect.name == "duckdb" and len(text.lstrip("-").partition(".")[2]) > 10 and kind in NUMBERS | {"money"}:
        raise Unfit
    return text


_KINDS = {"integer": "number", "percentage": "number", "choice": "text"}

Tables = Mapping[str, KindTable]
