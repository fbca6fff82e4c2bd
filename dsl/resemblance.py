"""Fields of a project that take over a standard one, or that nearly have its name: told before rules mix them up."""

from __future__ import annotations

from . import syntax as s
from .agreement import Agreement, Noun
from .fold import fold
from .habits import habits
from .lexicon import lexicon
from .sink import Sink
from .suggest import distance
from .vocabulary import FieldSymbol, Vocabulary, display
from .words import word_tables

_SHORTEST = 4
"""In shorter names one letter makes another word."""


def report_resemblance(vocabulary: Vocabulary, field: s.FieldDeclaration, symbol: FieldSymbol, sink: Sink) -> None:
    """Report a field of a project, not added yet, that a standard one of the same object may be meant by."""
    for known in vocabulary.fields(symbol.owner):
        if not known.place.standard:
            continue
        told = _told(known, symbol)
        if told is None or (told == "QD132" and vocabulary.field(symbol.owner, symbol.name) is not None):
            continue
        written = _with_article(known, field, sink)
        sink.report(
            told,
            field.names.span,
            severity="warning",
            fixes=[("replace_by", field.names.span, written)],
            safe=False,
            name=_both(symbol, sink.language),
            other=_both(known, sink.language),
        )
        return


def _told(known: FieldSymbol, symbol: FieldSymbol) -> str | None:
    """The code of what is wrong: one name in common and another not, or nearly the same name."""
    same = [_key(known, language) == _key(symbol, language) for language in known.names if language in symbol.names]
    if any(same):
        return None if all(same) else "QD133"
    if symbol.type is not None and symbol.type.kind == "list":
        return None
    for language in known.names:
        if language in symbol.names:
            one, other = fold(known.names[language].text), fold(symbol.names[language].text)
            if min(len(one), len(other)) >= _SHORTEST and distance(one, other, 1) <= 1:
                return "QD132"
            if habits(language).are_the_same(one, other):
                return "QD132"
    return None


def _key(symbol: FieldSymbol, language: str) -> tuple[str, ...]:
    tables = word_tables(language)
    return tuple(tables.name_key_of(tables.split(symbol.names[language].text)))


def _both(symbol: FieldSymbol, language: str) -> str:
    """``état / status``: a name in the language of the file, then the others."""
    texts = [display(symbol.names, language), *(name.text for code, name in symbol.names.items() if code != language)]
    return " / ".join(dict.fromkeys(texts))


def _with_article(known: FieldSymbol, field: s.FieldDeclaration, sink: Sink) -> str:
    """The names of a standard field as they are declared, with an article where the author wrote one."""
    names = _both(known, sink.language)
    tables = word_tables(sink.language)
    first = sink.text[field.names.span.start : field.names.span.end].split(maxsplit=1)[0]
    if not tables.expand(tables.split(first))[0].article:
        return names
    name = known.names.get(sink.language)
    noun = Noun(name.gender if name is not None else "", name.plural if name is not None else False)
    article = Agreement(lexicon(sink.language)).article("indefinite", noun, names)
    return f"{article} {names}".strip()
