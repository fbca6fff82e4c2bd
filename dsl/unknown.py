"""What to say about a phrase that means nothing: the smallest part that is wrong, and what was perhaps meant."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from . import syntax as s
from .fold import fold
from .lexicon import languages
from .operators import fits
from .scope import Scope
from .source import Span
from .suggest import closest, nearest
from .types import Type
from .vocabulary import FieldSymbol, display
from .words import ARTICLE, LONGEST_NAME, Tok, after_articles, word_tables

if TYPE_CHECKING:
    from .expressions import ExpressionResolver


def report_unknown(
    resolver: ExpressionResolver, run: s.Run, toks: Sequence[Tok], scope: Scope, expected: Type | None
) -> None:
    """Report a run that has no reading."""
    if resolver.backward(toks, scope) or _report_field(resolver, toks, scope, expected):
        return
    words = [tok for tok in toks if tok.stem is not None]
    if not words:
        resolver.sink.report("QD103", run.span, phrase=resolver.source_of(run))
        return
    if len(words) != len(toks):
        resolver.sink.report("QD103", run.span, phrase=resolver.source_of(run))
        return
    owner = _unknown_owner(resolver, toks, scope)
    if owner is not None:
        report_unknown(resolver, run, owner, scope, None)
        return
    start = after_articles(toks)
    span = Span(toks[start].span.start, toks[-1].span.end)
    phrase = resolver.sink.quote(span) or phrase_of(toks[start:])
    if _report_collection(resolver, toks, span, phrase):
        return
    other = _in_other_language(resolver, toks[start:], scope)
    if other is not None:
        resolver.sink.report("QD114", span, phrase=phrase, name=other, fixes=[("replace_by", span, other)])
        return
    if _report_several(resolver, span, phrase, toks[start:], scope):
        return
    names = list(_names_in_scope(resolver, scope, expected))
    suggestions = [] if _is_negated(resolver, toks[start:]) else suggest(phrase, names)
    subject = scope.owners()[0].type.object if scope.owners() else None
    if subject is not None:
        report_no_field(resolver, span, phrase, subject, suggestions)
        return
    resolver.sink.report(
        "QD101",
        span,
        phrase=phrase,
        suggestions=suggestions,
        fixes=[("replace_by", span, text) for text in suggestions[:1]],
    )


def _is_negated(resolver: ExpressionResolver, toks: Sequence[Tok]) -> bool:
    """Whether a phrase says the contrary of a name: ``pas renouvelé`` is not ``renouvelé``."""
    # only a mistake needs it
    from .habits import habits

    return any(tok.stem in habits(resolver.language).negations for tok in toks)


def report_no_field(
    resolver: ExpressionResolver, span: Span, phrase: str, object_name: str, suggestions: Sequence[str]
) -> None:
    """Report a phrase that is no field of an object, with the first of the close names as its fix."""
    known = [
        display(field.names, resolver.language)
        for field in resolver.vocabulary.fields(object_name)
        if not field.standard
    ]
    shown = nearest(phrase, known, _MOST_KNOWN) if len(known) > _MOST_KNOWN_IN_ALL else known
    resolver.sink.report(
        "QD102",
        span,
        phrase=phrase,
        object=resolver.object_name(object_name),
        owner=object_name,
        known=shown,
        others=min(len(known) - len(shown), 1) + 1,
        suggestions=list(suggestions),
        fixes=[("replace_by", span, text) for text in suggestions[:1]],
    )


_MOST_KNOWN = 6
_MOST_KNOWN_IN_ALL = 9


def _report_several(resolver: ExpressionResolver, span: Span, phrase: str, toks: Sequence[Tok], scope: Scope) -> bool:
    """A bare field in a rule about several kinds of object: whose it is must be said."""
    key = resolver.reader.key(toks, 0, len(toks))
    kinds = [one.type.object for one in scope.several if one.type.object is not None]
    owners = [kind for kind in kinds if key and resolver.vocabulary.field_of(kind, resolver.language, key) is not None]
    if not owners:
        return False
    # only the printer needs the words of every form, and only here is one wanted
    from .owned import owned_by

    texts = [owned_by(resolver.vocabulary, resolver.language, phrase, kind) for kind in owners]
    resolver.sink.report(
        "QD214",
        span,
        phrase=phrase,
        objects=[resolver.object_name(kind) for kind in kinds],
        fixes=[("replace_by", span, text) for text in texts],
    )
    return True


def _report_field(resolver: ExpressionResolver, toks: Sequence[Tok], scope: Scope, expected: Type | None) -> bool:
    """``longeur de l'affaire``: the owner is known, its field is not."""
    reader = resolver.reader
    for split in range(1, len(toks) - 1):
        if toks[split].stem in reader.walk_words:
            name, owner = (0, split), (split + 1, len(toks))
        elif toks[split].key in reader.suffixes:
            name, owner = (split + 1, len(toks)), (0, split)
        else:
            continue
        start = after_articles(toks, *name)
        if any(tok.stem is None for tok in toks[start : name[1]]):
            continue
        with resolver.muted():
            readings = reader.read(toks, *owner, scope)
        if not readings:
            continue
        object_name = readings[0].expression.type.object
        span = Span(toks[start].span.start, toks[name[1] - 1].span.end)
        phrase = phrase_of(toks[start : name[1]])
        if object_name is None:
            if readings[0].expression.type.kind == "error":
                return True
            resolver.sink.report("QD119", span, phrase=phrase, type=readings[0].expression.type)
            return True
        key = reader.key(toks, start, name[1])
        collected = resolver.vocabulary.object_of(resolver.language, key) if key is not None else None
        if collected is not None and resolver.vocabulary.references_to(collected.name, object_name):
            whole = Span(toks[0].span.start, toks[-1].span.end)
            shown = resolver.object_name(collected.name)
            resolver.sink.report("QD115", whole, phrase=phrase_of(toks), object=shown)
            return True
        names = [
            display(f.names, resolver.language)
            for f in resolver.vocabulary.fields(object_name)
            if _wanted(resolver, f, expected)
        ]
        suggestions = suggest(phrase, names)
        report_no_field(resolver, span, phrase, object_name, suggestions)
        return True
    return False


def _unknown_owner(resolver: ExpressionResolver, toks: Sequence[Tok], scope: Scope) -> Sequence[Tok] | None:
    """``nom du contct``: the field is known, what it is asked of is not."""
    reader = resolver.reader
    for split in range(1, len(toks) - 1):
        if toks[split].stem in reader.walk_words:
            name, owner = toks[:split], toks[split + 1 :]
        elif toks[split].key in reader.suffixes:
            name, owner = toks[split + 1 :], toks[:split]
        else:
            continue
        key = tuple(tok.stem or "" for tok in name)
        while key and key[0] == ARTICLE:
            key = key[1:]
        known = resolver.vocabulary.is_field_name(resolver.language, key)
        if known or resolver.vocabulary.object_of(resolver.language, key) is not None:
            with resolver.muted():
                if not reader.read(owner, 0, len(owner), scope):
                    return owner
    return None


def _report_collection(resolver: ExpressionResolver, toks: Sequence[Tok], span: Span, phrase: str) -> bool:
    """A whole collection where one value is wanted."""
    reader = resolver.reader
    for end in range(min(len(toks), LONGEST_NAME), 0, -1):
        key = tuple(tok.stem or "" for tok in toks[:end] if not tok.article)
        object_ = resolver.vocabulary.object_of(resolver.language, key)
        if object_ is None:
            continue
        if end < len(toks) and toks[end].stem not in reader.walk_words:
            return False
        resolver.sink.report("QD115", span, phrase=phrase, object=resolver.object_name(object_.name))
        return True
    return False


def phrase_of(toks: Sequence[Tok]) -> str:
    """The words of a slice as the author wrote them; a contraction counts once."""
    made = ""
    last: Span | None = None
    for tok in toks:
        if last == tok.span:
            continue
        if last is not None and tok.span.start > last.end:
            made += " "
        made += tok.text
        last = tok.span
    return made


def suggest(phrase: str, names: Iterable[str]) -> list[str]:
    """The names close to a phrase, as declared."""
    by_fold: dict[str, str] = {}
    for name in names:
        by_fold.setdefault(fold(name), name)
    return [by_fold[found] for found in closest(fold(phrase), by_fold)]


def _wanted(resolver: ExpressionResolver, field: FieldSymbol, expected: Type | None) -> bool:
    return expected is None or field.type is None or fits(field.type, expected) or fits(expected, field.type)


def _names_in_scope(resolver: ExpressionResolver, scope: Scope, expected: Type | None) -> Iterable[str]:
    for owner in scope.owners():
        if owner.type.object is not None:
            for field in resolver.vocabulary.fields(owner.type.object):
                if _wanted(resolver, field, expected):
                    yield display(field.names, resolver.language)
            if expected is None or fits(owner.type, expected):
                yield resolver.object_name(owner.type.object)
    for global_ in resolver.vocabulary.globals.values():
        yield display(global_.names, resolver.language)


def _in_other_language(resolver: ExpressionResolver, toks: Sequence[Tok], scope: Scope) -> str | None:
    """The name in the file's language of a field written in another one."""
    written = phrase_of(toks)
    for language in languages():
        if language == resolver.language:
            continue
        tables = word_tables(language)
        key = tuple(tables.name_key_of(tables.split(written)))
        for owner in scope.owners():
            if owner.type.object is not None:
                symbol = resolver.vocabulary.field_of(owner.type.object, language, key)
                if symbol is not None:
                    return display(symbol.names, resolver.language)
    return None
