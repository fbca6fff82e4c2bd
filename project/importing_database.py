"""``quand model import``: a vocabulary and its mapping from a live database."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import NamedTuple

from ..dsl import ir
from ..runtime.model import Model
from ..runtime.stores.described import Table
from ..runtime.stores.mapping import TableMapping, Tables
from ..runtime.stores.port import StoreError
from .compile import load_text
from .errors import ProjectError
from .importing import Imported, model_of
from .importing_text import intended, vocabulary_text
from .stores import must_exist


class Written(NamedTuple):
    """The text of a vocabulary, the mapping it needs, and the model they were written from."""

    text: str
    mapping: dict[str, TableMapping]
    model: Imported


def import_database(url: str, language: str) -> Written:
    """The vocabulary of a database, in a language.

    Raises :class:`~.errors.ProjectError` for an address that is none of a database, or of one without tables, and
    :class:`~..runtime.stores.port.StoreError` for one that cannot be read.
    """
    must_exist(url)
    source = _source(url)
    model = model_of(source.tables(), language)
    if not model.objects:
        raise ProjectError("model_empty", file=source.place)
    text = vocabulary_text(model, language, source.place)
    program = load_text(text, language).program
    if program is None:
        return Written(text, {}, model)
    found = source.found(program, {})
    if found:
        return Written(text, _needed(model, program, found), model)
    # something could be two things: all tables are named, and what is still not found
    named = {each.name: TableMapping(each.table) for each in model.objects}
    needed = _needed(model, program, source.found(program, named))
    return Written(text, named | needed, model)


class _Source(NamedTuple):
    """A database: its name in messages, its tables, and what a program finds in it."""

    place: str
    tables: Callable[[], list[Table]]
    found: Callable[[ir.Program, Tables], dict[str, TableMapping]]


def _source(url: str) -> _Source:
    scheme = url.partition("://")[0]
    # the libraries of databases cost start-up time and are extras
    try:
        if scheme == "duckdb":
            from ..runtime.stores.duck_describe import describe_duck, found_in_duck

            path = url.removeprefix("duckdb:///")
            return _Source(path, partial(describe_duck, path), partial(found_in_duck, path))
        from ..runtime.stores.sql_connect import database_at
        from ..runtime.stores.sql_describe import describe
        from ..runtime.stores.sql_found import found_tables
    except ImportError as error:
        raise StoreError("store_extra", value=scheme, extra="duckdb" if scheme == "duckdb" else "sql") from error
    database = database_at(url)
    if database is None:
        raise ProjectError("model_source", value=url)
    return _Source(database.place, partial(describe, database), partial(found_tables, database))


def _needed(model: Imported, program: ir.Program, found: dict[str, TableMapping]) -> dict[str, TableMapping]:
    """What the names alone do not find."""
    needed: dict[str, TableMapping] = {}
    lookup = Model(program)
    for each in model.objects:
        kind = lookup.kind_named(each.name) or each.name
        there = found.get(kind)
        columns = {
            name: column
            for name, column in intended(each).items()
            if there is None
            or (
                there.columns.get(lookup.field_named(kind, name) or name) != column
                and not lookup.is_identifier(kind, lookup.field_named(kind, name) or name)
            )
        }
        if columns or there is None or there.table != each.table:
            needed[each.name] = TableMapping(each.table, columns)
    return needed
