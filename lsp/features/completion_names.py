"""The names that may be written at a place: fields, objects, definitions, functions, types."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ...dsl.agreement import Agreement, Noun
from ...dsl.lexicon import lexicon
from ...dsl.messages import ui
from ...dsl.scope import Scope
from ...dsl.types import Type
from ...dsl.vocabulary import FieldSymbol, ObjectSymbol, display
from ...dsl.words import Tok, word_tables
from ..snapshot import Snapshot
from .completion_items import ACTION, ARGUMENT, FUNCTION, KEYWORD, NAME, OBJECT, VALUE, Item, escaped, hole
from .context import Cursor
from .hover import documentation, type_words


def name_items(snapshot: Snapshot, cursor: Cursor, before: Sequence[Tok], scope: Scope) -> Iterator[Item]:
    """The names that may go on with a phrase: of fields of what stands before ``'s``, of what has the field before
    ``de``, else of all that is in scope."""
    reader = snapshot.resolver(cursor.language).reader
    toks = list(before)
    if toks and toks[-1].key in reader.suffixes:
        owner = _owner_type(snapshot, cursor, toks[:-1], scope)
        if owner is not None and owner.object is not None:
            yield from _fields(snapshot, cursor.language, owner.object)
        return
    bare = list(toks)
    while bare and bare[-1].article:
        bare.pop()
    if bare and bare[-1].stem in reader.walk_words:
        yield from _going_on(snapshot, cursor, toks, scope)
        yield from _owners(snapshot, cursor, bare[:-1], scope)
        return
    if bare and len(bare) == len(toks) and bare[-1].stem not in reader.joining:
        # a name that goes on after a word of it
        yield from _going_on(snapshot, cursor, bare, scope)
        return
    yield from _in_scope(snapshot, cursor, scope)
    if not before:
        yield from _functions(cursor.language)


def _owner_type(snapshot: Snapshot, cursor: Cursor, toks: Sequence[Tok], scope: Scope) -> Type | None:
    """The type of the longest phrase that ends a row of words and means something."""
    reader = snapshot.resolver(cursor.language).reader
    for start in range(len(toks)):
        for reading in reader.read(toks, start, len(toks), scope):
            return reading.expression.type
    return None


def _fields(snapshot: Snapshot, language: str, owner: str, rank: str = NAME) -> Iterator[Item]:
    for field in snapshot.vocabulary.fields(owner):
        yield field_item(snapshot, field, language, rank)


def field_item(snapshot: Snapshot, field: FieldSymbol, language: str, rank: str = NAME) -> Item:
    """A field by its name, with its type and what its author wrote about it."""
    name = display(field.names, language)
    detail = type_words(snapshot, snapshot.type_of(field), language)
    kind = "computed" if field.computed else "field"
    return Item(name, kind, rank + ("9" if field.standard else "0"), "", False, detail, documentation(field, language))


def _in_scope(snapshot: Snapshot, cursor: Cursor, scope: Scope) -> Iterator[Item]:
    language = cursor.language
    seen: set[str] = set()
    for owner in scope.owners():
        if owner.type.object is not None and owner.type.object not in seen:
            seen.add(owner.type.object)
            yield from _fields(snapshot, language, owner.type.object)
            yield _object(snapshot, snapshot.vocabulary.objects[owner.type.object], language)
    for label, variable in scope.named:
        kind = variable.type.object or ""
        yield Item(_label(label), "object", NAME, detail=snapshot.object_name(kind, language))
        if kind not in seen:
            seen.add(kind)
            yield _object(snapshot, snapshot.vocabulary.objects[kind], language)
    for symbol in snapshot.vocabulary.globals.values():
        type_ = snapshot.type_of_global(symbol.name)
        detail = type_words(snapshot, type_, language)
        yield Item(display(symbol.names, language), "global", NAME, detail=detail, documentation=symbol.documentation)


def _label(stems: Sequence[str]) -> str:
    """The name an author gave to an object; a single letter is a capital."""
    return " ".join(stem.upper() if len(stem) == 1 else stem for stem in stems)


def _object(snapshot: Snapshot, symbol: ObjectSymbol, language: str) -> Item:
    detail = ui("editor_event" if symbol.event else "editor_object", language)
    kind = "event" if symbol.event else "object"
    return Item(display(symbol.names, language), kind, OBJECT, "", False, detail, documentation(symbol, language))


def _owners(snapshot: Snapshot, cursor: Cursor, toks: Sequence[Tok], scope: Scope) -> Iterator[Item]:
    """After ``nom de``: what has a field of that name; after the words of an aggregate, collections as well."""
    language = cursor.language
    reader = snapshot.resolver(language).reader
    owners: set[str] = set()
    for start in range(len(toks)):
        if toks[start].article:
            continue
        key = reader.key(toks, start, len(toks))
        if key is None:
            continue
        owners = {
            name
            for name in snapshot.vocabulary.objects
            if snapshot.vocabulary.field_of(name, language, key) is not None
        }
        if owners:
            break
    for owner in scope.owners():
        object_ = owner.type.object
        if object_ is None:
            continue
        for field in snapshot.vocabulary.fields(object_):
            type_ = snapshot.type_of(field)
            kinds = [each.object for each in (type_, *type_.members) if each.kind == "reference"]
            if any(kind in owners for kind in kinds):
                yield field_item(snapshot, field, language)
        if object_ in owners or not owners:
            yield _object(snapshot, snapshot.vocabulary.objects[object_], language).but(rank=NAME)
    first = toks[0].stem if toks else None
    if (first is not None and first in reader.aggregates.by_first) or not owners:
        yield from collection_items(snapshot, language)
    if first is not None and first in reader.functions.by_first:
        yield from _in_scope(snapshot, cursor, scope)


def collection_items(snapshot: Snapshot, language: str) -> Iterator[Item]:
    """All objects in the plural."""
    agreement = Agreement(lexicon(language))
    for symbol in snapshot.vocabulary.objects.values():
        name = symbol.names.get(language) or next(iter(symbol.names.values()))
        label = name.text if name.plural else agreement.plural_name(name.text)
        yield _object(snapshot, symbol, language).but(label=label)


def _going_on(snapshot: Snapshot, cursor: Cursor, toks: Sequence[Tok], scope: Scope) -> Iterator[Item]:
    """Names of several words whose first words stand before the cursor: the whole name, from its first word."""
    language = cursor.language
    tables = word_tables(language)
    for item in _in_scope(snapshot, cursor, scope):
        wanted = tables.name_key_of(tables.split(item.label))
        for count in range(1, min(len(toks), len(wanted) - 1) + 1):
            if [tok.stem for tok in toks[-count:]] == wanted[:count]:
                back = cursor.word_start - cursor.start - toks[-count].span.start
                yield item.but(back=back)


def _functions(language: str) -> Iterator[Item]:
    """Functions, aggregates and constants, by their phrases."""
    phrases = lexicon(language).tables["phrases"]
    for group in ("functions", "aggregates"):
        for concept, texts in phrases[group].items():
            text: str = texts[0]
            if text.startswith("{") or concept in {"since", "all"} or concept.endswith("_descending"):
                continue
            yield _pattern(text, language)
    for text in phrases["pairs"].values():
        yield _pattern(text, language)
    for forms in phrases["constants"].values():
        yield Item(forms[0], "constant", FUNCTION)


def _pattern(text: str, language: str) -> Item:
    """A function as a snippet: ``arrondi de ${1:x} à ${2:n} décimales``."""
    made: list[str] = []
    number = 0
    for part in text.split():
        if part.startswith("{"):
            number += 1
            made.append(hole(number, "…"))
        else:
            made.append(escaped(part))
    label = " ".join("…" if part.startswith("{") else part for part in text.split())
    plain = " ".join(part for part in text.split() if not part.startswith("{"))
    return Item(label, "function", FUNCTION, " ".join(made), True, ui("editor_function", language), filter=plain)


# --- objects and events -----------------------------------------------------------------------------------------------


def _with_article(symbol: ObjectSymbol, language: str, kind: str = "indefinite") -> str:
    agreement = Agreement(lexicon(language))
    name = symbol.names.get(language) or next(iter(symbol.names.values()))
    noun = Noun(name.gender or agreement.guessed_gender(name.text), name.plural)
    article = agreement.article(kind, noun, name.text)
    return f"{article} {name.text}" if article and not article.endswith("'") else article + name.text


def owner_items(snapshot: Snapshot, cursor: Cursor, before: Sequence[Tok], always: bool = False) -> Iterator[Item]:
    """The object a definition is of, or that an example gives: with an article where none is written."""
    language = cursor.language
    reader = snapshot.resolver(language).reader
    walked = len(before) > 1 and any(tok.stem in reader.walk_words for tok in before[-2:])
    starts = always and all(tok.article for tok in before)
    if not (walked or starts):
        return
    for symbol in snapshot.vocabulary.objects.values():
        label = display(symbol.names, language)
        if not (before and before[-1].article):
            label = _with_article(symbol, language)
        yield _object(snapshot, symbol, language).but(label=label, rank=NAME, filter=display(symbol.names, language))


def trigger_items(snapshot: Snapshot, cursor: Cursor, before: Sequence[Tok]) -> Iterator[Item]:
    """What may happen: an object is created, changed; a declared event; a field of an object changes."""
    language = cursor.language
    phrases = lexicon(language).tables["phrases"]
    reader = snapshot.resolver(language).reader
    agreement = Agreement(lexicon(language))
    toks = [tok for tok in before if not tok.article]
    stems = tuple(tok.stem or "" for tok in toks)
    if toks and toks[-1].stem in reader.walk_words and len(toks) > 1:
        key = stems[:-1]
        for symbol in snapshot.vocabulary.objects.values():
            if snapshot.vocabulary.field_of(symbol.name, language, key) is not None:
                articled = bool(before) and before[-1].article and not _contracted(before)
                label = display(symbol.names, language) if articled else _with_article(symbol, language)
                yield _object(snapshot, symbol, language).but(label=label, rank=NAME)
        return
    auxiliary: str = phrases["auxiliaries"][0]
    stem_of = word_tables(language).stem
    written = stems[-1] == stem_of(lexicon(language).fold(auxiliary)) if stems else False
    symbol = snapshot.vocabulary.object_of(language, stems[:-1] if written else stems) if stems else None
    if symbol is not None and not symbol.event:
        name = symbol.names.get(language) or next(iter(symbol.names.values()))
        noun = Noun(name.gender or agreement.guessed_gender(name.text), name.plural)
        for forms in phrases["participles"].values():
            participle = agreement.participle(forms[0], noun)
            yield Item(participle if written else f"{auxiliary} {participle}", "keyword", VALUE)
        return
    if toks:
        return
    for symbol in snapshot.vocabulary.objects.values() if not (before and before[-1].definite) else ():
        label = display(symbol.names, language) if before else _with_article(symbol, language)
        rank = ARGUMENT if not symbol.place.standard else NAME
        yield _object(snapshot, symbol, language).but(label=label, rank=rank, filter=display(symbol.names, language))
    if before and not before[-1].definite:
        return
    for owner in snapshot.vocabulary.objects.values():
        for field in snapshot.vocabulary.fields(owner.name):
            if owner.event or field.standard:
                continue
            name = display(field.names, language)
            walk: str = phrases["walk"][0]
            after = _with_article(owner, language)
            joined = agreement.eliding.get(walk, f"{walk} ") if agreement.elides(after) else f"{walk} "
            item = field_item(snapshot, field, language, OBJECT if field.place.standard else ACTION)
            yield item.but(label=f"{name} {joined}{after}", filter=name)


def _contracted(before: Sequence[Tok]) -> bool:
    return len(before) > 1 and before[-1].span == before[-2].span


def type_items(snapshot: Snapshot, cursor: Cursor, before: Sequence[Tok]) -> Iterator[Item]:
    """The types a field may have."""
    if [tok for tok in before if not tok.article]:
        return
    language = cursor.language
    phrases = lexicon(language).tables["phrases"]
    for forms in phrases["types"].values():
        yield Item(forms[0], "type", KEYWORD)
    for form in phrases["list_of"]:
        yield Item(f"{form} …", "type", KEYWORD, f"{escaped(form)} {hole(1, '…')}", True)
    for symbol in snapshot.vocabulary.objects.values():
        if not symbol.event:
            yield _object(snapshot, symbol, language)
