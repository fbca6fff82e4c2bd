"""Renaming what a name stands for: everywhere in the project, with the articles before it, or not at all."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence

from ...dsl.agreement import Agreement, Noun
from ...dsl.diagnostic import Edit
from ...dsl.lexicon import Lexicon, lexicon
from ...dsl.messages import ui
from ...dsl.node import Node, node
from ...dsl.pieces import Piece, text_of
from ...dsl.source import Span
from ...dsl.vocabulary import ActionSymbol, DisplayName, FieldSymbol, GlobalSymbol, ObjectSymbol
from ...dsl.words import word_tables
from ...project.files import RulesFile
from ..snapshot import Snapshot
from .symbols import Key, Occurrence, in_declaration, occurrence_at, occurrences, symbol_of

_SPACES = "[ \u00a0\u202f]+"
_WORDS_BEFORE = re.compile(
    rf"(?:(?<![\w'’-])(?P<second>[^\W\d_]+){_SPACES})?(?<![\w-])(?P<first>[^\W\d_]+)(?:{_SPACES}|(?P<mark>['’]))\Z"
)


class CannotRename(Exception):
    """Why nothing is renamed, in the language of the file."""


@node
class Renamed(Node):
    """What can be renamed at a place: where the name stands, and the name as declared."""

    span: Span
    name: str


def prepare_rename(snapshot: Snapshot, uri: str, offset: int) -> Renamed:
    """What can be renamed at an offset. Raises :class:`CannotRename`."""
    here, name = _target(snapshot, uri, offset)
    return Renamed(here.span, name.text)


def rename(snapshot: Snapshot, uri: str, offset: int, new: str) -> Mapping[str, Sequence[Edit]]:
    """The edits, by file, that give a new name, in the language of the place. Raises :class:`CannotRename`.

    The rules mean the same afterwards: the project is compiled with the edits, and each name has to stand for what it
    stood for.
    """
    language = snapshot.language(uri)
    here, old = _target(snapshot, uri, offset)
    named = _read_name(new, here.language)
    if not named.text:
        raise CannotRename(ui("editor_rename_empty", language))
    symbol = symbol_of(snapshot, here.key)
    assert symbol is not None and not isinstance(symbol, ActionSymbol)
    if _is_taken(snapshot, here, named.text, symbol):
        raise CannotRename(ui("editor_rename_taken", language, name=named.text))
    edits: dict[str, list[Edit]] = {}
    for each in occurrences(snapshot, here.key):
        other = symbol.names.get(each.language)
        if each.language == here.language or (other is not None and other.text == old.text and _has_one(symbol)):
            edits.setdefault(each.uri, []).append(_edit(snapshot, each, other or old, named))
    if not _means_the_same(snapshot, edits, here):
        raise CannotRename(ui("editor_rename_meaning", language, name=named.text))
    return edits


def _target(snapshot: Snapshot, uri: str, offset: int) -> tuple[Occurrence, DisplayName]:
    language = snapshot.language(uri)
    here = occurrence_at(snapshot, uri, offset)
    symbol = symbol_of(snapshot, here.key) if here is not None else None
    if here is None or symbol is None or isinstance(symbol, ActionSymbol):
        raise CannotRename(ui("editor_cannot_rename", language))
    name = symbol.names.get(here.language)
    if name is None or (isinstance(symbol, FieldSymbol) and symbol.standard):
        raise CannotRename(ui("editor_cannot_rename", language))
    if symbol.place.standard:
        raise CannotRename(ui("editor_rename_standard", language, name=name.text))
    return here, name


def _has_one(symbol: ObjectSymbol | FieldSymbol | GlobalSymbol) -> bool:
    """Whether one name serves all languages."""
    return len({name.text for name in symbol.names.values()}) == 1


def _read_name(text: str, language: str) -> DisplayName:
    """A name as typed: without its article, with the gender that tells."""
    tables = word_tables(language)
    articles = tables.lexicon.tables["articles"]
    written = " ".join(text.replace("[", " ").replace("]", " ").split())
    toks = tables.expand(tables.split(written))
    gender = ""
    while len(toks) > 1 and toks[0].article:
        for kind in ("definite", "indefinite"):
            for name, form in articles[kind].items():
                if name in {"masculine", "feminine"} and tables.lexicon.fold(form) == toks[0].key:
                    gender = name if articles[kind]["masculine"] != articles[kind]["feminine"] else ""
        written = written[len(toks[0].text) :].lstrip()
        toks = toks[1:]
    if written == "":
        return DisplayName("")
    return DisplayName(written, gender or Agreement(lexicon(language)).guessed_gender(written))


def _is_taken(snapshot: Snapshot, here: Occurrence, new: str, symbol: object) -> bool:
    """Whether another thing of the same sort has the new name."""
    tables = word_tables(here.language)
    key = tuple(tables.name_key_of(tables.split(new)))
    vocabulary = snapshot.vocabulary
    match here.key.kind:
        case "object":
            found: object = vocabulary.object_of(here.language, key)
        case "field":
            found = vocabulary.field_of(here.key.owner, here.language, key)
        case "global":
            found = vocabulary.global_of(here.language, key)
        case _:
            return False
    return found is not None and found is not symbol


# --- one place --------------------------------------------------------------------------------------------------------


def _edit(snapshot: Snapshot, place: Occurrence, old: DisplayName, new: DisplayName) -> Edit:
    """The new name at a place, with the article and the preposition before it."""
    lexicon_ = lexicon(place.language)
    agreement = Agreement(lexicon_)
    text = snapshot.text(place.uri)
    written = text[place.span.start : place.span.end]
    fold = lexicon_.fold
    plural = not old.plural and fold(written) == fold(agreement.plural_name(old.text)) != fold(old.text)
    name = agreement.plural_name(new.text) if plural else new.text
    noun = Noun(new.gender, plural)
    if agreement.needs_brackets(name):
        pieces = [Piece(f"[{name}]", "value")]
    else:
        pieces = [Piece(word) for word in name.split()]
    before, start = _before(text, place.span.start, lexicon_, agreement, noun, pieces[0].text)
    joined = agreement.join([*before, *pieces])
    return Edit(Span(start, place.span.end), text_of(joined, frozenset()))


def _before(
    text: str, start: int, lexicon_: Lexicon, agreement: Agreement, noun: Noun, first: str
) -> tuple[list[Piece], int]:
    """The words before a name that depend on it, and where they start: ``de l'``, ``du``, ``une``, ``aucune``."""
    line = text[max(text.rfind("\n", 0, start), text.rfind("\r", 0, start)) + 1 : start]
    found = _WORDS_BEFORE.search(line)
    if found is None:
        return [], start
    articles = lexicon_.tables["articles"]
    fold = lexicon_.fold
    word = found["first"] + (found["mark"] or "")
    key = fold(word)
    at = start - len(line) + found.start("first")
    contraction = next((parts for short, parts in articles["contractions"].items() if fold(short) == key), None)
    if contraction is not None:
        return _words(contraction[0], agreement.article("definite", noun, first)), at
    elided = next((long for short, long in articles["elided_words"].items() if fold(short) == key), None)
    if elided is not None:
        return _words(elided), at
    kind = next((k for k in ("definite", "indefinite") if key in {fold(f) for f in articles[k].values() if f}), None)
    if kind is not None:
        article = agreement.article(kind, noun, first)
        second = found["second"]
        if second and kind == "definite" and fold(second) in {fold(p[0]) for p in articles["contractions"].values()}:
            return _words(fold(second), article), start - len(line) + found.start("second")
        return _words(_capital(article, word)), at
    agreed = agreement.agree(word, noun)
    if agreed != word:
        return _words(agreed), at
    if fold(word) in agreement.eliding and not found["mark"]:
        return _words(word), at
    return [], start


def _words(*texts: str) -> list[Piece]:
    return [Piece(text) for text in texts if text]


def _capital(article: str, written: str) -> str:
    return article.capitalize() if written[:1].isupper() else article


# --- the meaning ------------------------------------------------------------------------------------------------------


def _means_the_same(snapshot: Snapshot, edits: Mapping[str, Sequence[Edit]], here: Occurrence) -> bool:
    """Whether each name stands for the same thing after the edits, and nothing new is wrong."""
    files = [
        RulesFile(file.uri, _applied(file.text, edits.get(file.uri, ())), file.diagnostics) for file in snapshot.files
    ]
    after = Snapshot(snapshot.config, files)
    before_found = Counter(each.diagnostic.code for each in snapshot.compilation.diagnostics)
    after_found = Counter(each.diagnostic.code for each in after.compilation.diagnostics)
    if before_found != after_found:
        return False
    renamed: dict[Key, Key] = {}
    old_keys, new_keys = _keys(snapshot), _keys(after)
    if len(old_keys) != len(new_keys):
        return False
    for old, new in zip(old_keys, new_keys, strict=True):
        if renamed.setdefault(old, new) != new:
            return False
    return len(set(renamed.values())) == len(renamed)


def _keys(snapshot: Snapshot) -> list[Key]:
    return [
        each.key
        for uri, file in snapshot.compilation.files
        for start, parsed in file.declarations
        for each in in_declaration(snapshot, uri, start, parsed)
    ]


def _applied(text: str, edits: Sequence[Edit]) -> str:
    for edit in sorted(edits, key=lambda each: each.span, reverse=True):
        text = text[: edit.span.start] + edit.text + text[edit.span.end :]
    return text


__all__ = ["CannotRename", "Renamed", "prepare_rename", "rename"]
