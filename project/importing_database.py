"""``quand model import``: a vocabulary and its mapping from a live database."""

from __future__ import annotations

from typing import NamedTuple

from ..dsl import ir
from ..runtime.model import Model
from ..runtime.stores.mapping import TableMapping
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
    # SQLAlchemy is an extra
    try:
        from ..runtime.stores.sql_connect import database_at
        from ..runtime.stores.sql_describe import describe
        from ..runtime.stores.sql_found import found_tables
    except ImportError as error:
        raise StoreError("store_extra", value=url.partition("://")[0], extra="sql") from error

    must_exist(url)
    database = database_at(url)
    if database is None:
        raise ProjectError("model_source", value=url)
    model = model_of(describe(database), language)
    if not model.objects:
        raise ProjectError("model_empty", file=database.place)
    text = vocabulary_text(model, language, database.place)
    program = load_text(text, language).program
    if program is None:
        return Written(text, {}, model)
    found = found_tables(database, program, {})
    if found:
        return Written(text, _needed(model, program, found), model)
    # something could be two things: all tables are named, and what is still not found
    named = {each.name: TableMapping(each.table) for each in model.objects}
    needed = _needed(model, program, found_tables(database, program, named))
    return Written(text, named | needed, model)


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
