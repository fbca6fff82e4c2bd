"""A vocabulary as a file of rules, and the mapping it needs as a part of ``quand.toml``."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from functools import cache

from ..dsl.compile import SourceText
from ..dsl.fold import fold
from ..dsl.format import format_sources
from ..dsl.lexicon import lexicon
from ..dsl.messages import ui
from ..dsl.page import language_comment
from ..dsl.types import Type
from ..dsl.writing import write_literal
from ..runtime.model import Model
from ..runtime.stores.mapping import Tables
from .compile import load_text, standard_sources
from .importing import Imported, ModelField, ModelObject
from .importing_names import written

_NAME = "model.rules"
_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")


def vocabulary_text(model: Imported, language: str, source: str) -> str:
    """The vocabulary in a language, formatted, without errors; ``source`` says where it is from.

    The standard vocabulary stays unless it contradicts what is there.
    """
    alone = False
    for alone in (False, True):
        text = "\n".join(_lines(model, language, source, alone=alone)) + "\n"
        if not any(finding.severity == "error" for finding in load_text(text, language).findings()):
            break
    return formatted(text, language)


def formatted(text: str, language: str) -> str:
    """The text as ``quand fmt`` writes it."""
    sources = [*standard_sources(), SourceText(_NAME, text, language, False)]
    return format_sources(sources)[_NAME]


def _lines(model: Imported, language: str, source: str, *, alone: bool) -> Iterator[str]:
    words = lexicon(language).tables["keywords"]
    yield language_comment(language)
    yield _comment(ui("model_from", language, source=source))
    if model.keyless:
        yield _comment(ui("model_keyless", language, names=list(model.keyless)))
    if alone:
        yield ""
        yield f"{words['openers']['vocabulary'][0]} : {words['settings']['none'][0].partition('|')[0]}"
    for each in model.objects:
        yield ""
        if each.left:
            yield _comment(ui("model_left", language, names=list(each.left)))
        yield from _documentation(each.comment, "")
        opener = words["openers"]["event" if each.event else "object"][0]
        yield f"{opener} {written(each.name, language)}"
        for field in each.fields:
            if field.name:
                yield from _documentation(field.comment, "  ")
                name = _both_names(each.name, field.name, language) if not alone else None
                yield f"  {name or written(field.name, language)} : {_type(field, language)}"


def _comment(text: str) -> str:
    return "# " + " ".join(text.split())


def _documentation(comment: str, indent: str) -> Iterator[str]:
    for line in comment.splitlines():
        if line.strip():
            yield f"{indent}## {' '.join(line.split())}"


@cache
def _standard() -> Model:
    return Model(load_text("").checked())


def _both_names(kind: str, name: str, language: str) -> str | None:
    """A field of the standard vocabulary that is not called as in this language, by both of its names."""
    standard = _standard()
    known = standard.kind_named(kind)
    field = standard.field(known, standard.field_named(known, name) or "") if known is not None else None
    own = None if field is None else field.names.get(language, name)
    if field is None or own is None or own == name:
        return None
    # the same word written otherwise is the standard name
    other = next((each for each in field.names.values() if each != own), own) if fold(own) == fold(name) else name
    return f"{written(own, language)} / {written(other, language)}"


def _type(field: ModelField, language: str) -> str:
    table = lexicon(language)
    types, options = table.tables["phrases"]["types"], table.tables["keywords"]["options"]
    found = field.meaning
    if field.target is not None:
        said = written(field.target, language)
    elif found.kind == "choice":
        one_of = table.tables["keywords"]["types"]["one_of"][0]
        said = f"{one_of} {', '.join(quoted(choice) for choice in found.choices)}"
    else:
        said = types[found.kind][0]
    parts = [said]
    parts += [options[name][0] for name in ("identifier", "required", "unique") if getattr(field, name)]
    if field.default is not None:
        kind = "number" if found.kind == "money" else found.kind
        text = isinstance(field.default, str)
        value = quoted(str(field.default)) if text else write_literal(field.default, Type(kind), table)
        parts.append(f"{options['default'][0]} {value}")
    return ", ".join(parts)


def quoted(text: str) -> str:
    """A text in quotes, as rules write it."""
    text = text.replace("\\", "\\\\").replace("{", "{{").replace("}", "}}")
    mark = '"' if "'" in text and '"' not in text else "'"
    return mark + text.replace(mark, f"\\{mark}") + mark


# --- the mapping --------------------------------------------------------------------------------------------------


def mapping_text(tables: Tables) -> str:
    """The sections ``[tables]`` of ``quand.toml``; empty where none is needed."""
    return "\n".join(line for name, given in tables.items() for line in _section(name, given.table, given.columns))


def _section(name: str, table: str | None, columns: Mapping[str, str]) -> Iterator[str]:
    yield f"[tables.{_key(name)}]"
    if table is not None:
        yield f"table = {_text(table)}"
    if columns:
        yield ""
        yield f"[tables.{_key(name)}.columns]"
        yield from (f"{_key(field)} = {_text(column)}" for field, column in columns.items())
    yield ""


def _key(name: str) -> str:
    return name if _BARE_KEY.fullmatch(name) else _text(name)


def _text(text: str) -> str:
    """A basic string of TOML, which escapes as JSON does."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def intended(each: ModelObject) -> dict[str, str]:
    """The columns by field that an object is meant to have."""
    return {field.name: field.column for field in each.fields if field.name}
