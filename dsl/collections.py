"""Reading collections: ``affaires du contact dont étape = 'Gagnée' depuis 30 jours``."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

import attrs

from . import ir
from . import syntax as s
from .patterns import match
from .scope import Scope
from .source import Span
from .types import reference_to
from .words import Tok, WordTables

if TYPE_CHECKING:
    from .reading import Reader, Reading

Form: TypeAlias = tuple[Any, ...]


class BackwardReference(NamedTuple):
    """``affaires du contact`` where not exactly one reference leads back: why a reading came to nothing."""

    span: Span
    source: str
    target: str
    fields: tuple[str, ...]


class Order(NamedTuple):
    """``par montant croissant``: the words of the field, and the direction."""

    toks: Sequence[Tok]
    descending: bool


class Found(NamedTuple):
    """A collection, how it was said, an order that followed its filter, and the scope inside it."""

    collection: ir.Collection
    form: Form
    order: Order | None
    scope: Scope


Accept: TypeAlias = Callable[[ir.Collection, Form, Order | None, Scope], bool]


Base: TypeAlias = tuple[ir.Collection, Form, tuple[str, ...]]
"""A collection without its filter, its form, and the name of its members."""


class CollectionReader:
    """Reads collections for a :class:`~quand.dsl.reading.Reader`."""

    def __init__(self, reader: Reader) -> None:
        self.reader = reader
        self.vocabulary = reader.vocabulary
        self.language = reader.language
        self.tables = reader.tables
        definite = self.tables.lexicon.tables["articles"]["definite"]
        self.plural_article = definite["plural"] if definite["plural"] != definite["masculine"] else None
        patterns = [p for ps in reader.aggregates.by_first.values() for p in ps]
        self.since_patterns = [p for p in patterns if p.concept == "since"]
        self.orders = [
            (p.elements[2].stem, p.elements[4].stem, p.concept.endswith("_descending"))
            for p in patterns
            if p.concept.startswith("first") and len(p.elements) == 5
        ]

    def read(
        self, toks: Sequence[Tok], start: int, end: int, scope: Scope, accept: Accept | None = None
    ) -> Found | None:
        """A collection with its filter and window; ``None`` when the slice names none.

        ``accept`` may turn down what is collected before the filter is looked at, so that only the filter of the
        right collection is reported about.
        """
        where, rest, stop = self._parts(toks, start, end)
        since: Reading | None = None
        order: Order | None = None
        if rest:
            cut = self._since_start(rest)
            if cut is not None:
                since = self._since(rest[cut:], scope)
                rest = rest[:cut]
                if since is None:
                    return None
        if rest:
            order = self._order(rest)
            if order is None:
                return None
        base = self._base(toks, start, stop, scope)
        if base is None:
            return None
        collection, form, label = base
        inner = scope.with_item(ir.Variable(collection.variable, reference_to(collection.object)), label)
        if accept is not None and not accept(collection, form, order, inner):
            return None
        condition: ir.Expression | None = None
        if where is not None:
            condition = self.reader.nested.condition(where, inner)
        made = attrs.evolve(collection, where=condition, since=since.expression if since is not None else None)
        return Found(made, ("collection", form, where, since.form if since else None), order, inner)

    def _parts(self, toks: Sequence[Tok], start: int, end: int) -> tuple[s.Expression | None, list[Tok], int]:
        """The filter, what follows the collection's name and filter, and where the name ends."""
        for position in range(start, end):
            where = toks[position].where
            if where is not None:
                where, tail = split_tail(where, self.tables, self._tail_start)
                return where, [*tail, *toks[position + 1 : end]], position
        cut = self._since_start(toks[start:end])
        if cut is None or cut == 0:
            return None, [], end
        return None, list(toks[start + cut : end]), start + cut

    # --- windows and orders ---------------------------------------------------------------------------------------

    def _tail_start(self, toks: Sequence[Tok]) -> int | None:
        """Where ``depuis 30 jours`` or ``par montant croissant`` starts at the end of a filter's last run."""
        found = [start for start in (self._since_start(toks), self._order_start(toks)) if start is not None]
        return min(found) if found else None

    def _since_start(self, toks: Sequence[Tok]) -> int | None:
        for pattern in self.since_patterns:
            first = pattern.elements[0].stem
            for position in range(len(toks) - 1):
                if toks[position].stem == first and any(
                    True for _ in match(pattern.elements, toks, position, len(toks))
                ):
                    return position
        return None

    def _since(self, toks: Sequence[Tok], scope: Scope) -> Reading | None:
        for pattern in self.since_patterns:
            for holes in match(pattern.elements, toks, 0, len(toks)):
                for reading in self.reader.read(toks, *holes["d"], scope):
                    if reading.expression.type.kind in {"duration", "error"}:
                        return reading
        return None

    def _order_start(self, toks: Sequence[Tok]) -> int | None:
        for by, direction, _ in self.orders:
            if toks and toks[-1].stem == direction:
                for position in range(len(toks) - 2, -1, -1):
                    if toks[position].stem == by:
                        return position
        return None

    def _order(self, toks: Sequence[Tok]) -> Order | None:
        if self._order_start(toks) != 0:
            return None
        descending = any(turned for _, direction, turned in self.orders if toks[-1].stem == direction)
        return Order(toks[1:-1], descending)

    # --- what is collected ----------------------------------------------------------------------------------------

    def _label(self, toks: Sequence[Tok], start: int, end: int) -> tuple[str, ...]:
        """The name the author gave to the members: ``affaires B``."""
        last = toks[end - 1]
        if end - start < 2 or last.stem is None or not last.text[:1].isupper():
            return ()
        key = self.reader.key(toks, start, end)
        return () if key is not None and self.vocabulary.object_of(self.language, key) is not None else (last.stem,)

    def _base(self, toks: Sequence[Tok], start: int, end: int, scope: Scope) -> Base | None:
        """A collection without filter: all objects of a type, those of an owner, or a list field."""
        article, several = "", False
        while start < end - 1 and (toks[start].article or (toks[start].optional and toks[start + 1].article)):
            article = "definite" if toks[start].definite else "indefinite"
            several = toks[start].key == self.plural_article
            start += 1
        variable = scope.next_variable()
        label = self._label(toks, start, end)
        stop = end - len(label)
        key = self.reader.key(toks, start, stop)
        if key is not None:
            object_ = self.vocabulary.object_of(self.language, key)
            if object_ is not None:
                plural = several or self.reader.is_plural(toks, start, stop, object_.names)
                return (
                    ir.Collection(object_.name, variable),
                    ("all", object_.name, article, plural, *(t.text for t in toks[stop:end])),
                    label,
                )
            for owner in scope.owners():
                made = self._list_field(owner, key, variable)
                if made is not None:
                    return made, ("list", owner.type.object, made.list_field, article, None, "of"), label
        if toks[start].stem in self.reader.possessives and scope.subject is not None and start + 1 < end:
            return self._own(toks, start + 1, end, variable, scope.subject)
        for split in range(start + 1, end - 1):
            if toks[split].stem in self.reader.walk_words:
                name, owned, style = (start, split), (split + 1, end), "of"
            elif toks[split].key in self.reader.suffixes:
                # The article before the owner is the owner's.
                name, owned, style = (split + 1, end), (start - bool(article), split), "possessive"
            else:
                continue
            own_article = "" if style == "possessive" else article
            found = self._owned(toks, name, owned, (own_article, several), style, variable, scope)
            if found is not None:
                return found
        return None

    def _own(self, toks: Sequence[Tok], start: int, end: int, variable: str, subject: ir.Variable) -> Base | None:
        """``ses paiements``: the subject's."""
        key = self.reader.key(toks, start, end)
        object_ = self.vocabulary.object_of(self.language, key) if key is not None else None
        if object_ is None or subject.type.object is None:
            return None
        fields = self.vocabulary.references_to(object_.name, subject.type.object)
        if len(fields) != 1:
            names = tuple(f.name for f in fields)
            self.reader.backward.append(BackwardReference(toks[start].span, object_.name, subject.type.object, names))
            return None
        collection = ir.Collection(object_.name, variable, via=fields[0].name, owner=subject)
        return collection, ("own", object_.name, subject.type.object), ()

    def _list_field(self, owner: ir.Expression, key: tuple[str, ...], variable: str) -> ir.Collection | None:
        if owner.type.object is None:
            return None
        symbol = self.vocabulary.field_of(owner.type.object, self.language, key)
        if symbol is None or symbol.type is None or symbol.type.kind != "list":
            return None
        member = symbol.type.members[0].object
        if member is None:
            return None
        return ir.Collection(member, variable, list_field=symbol.name, owner=owner)

    def _owned(
        self,
        toks: Sequence[Tok],
        name: tuple[int, int],
        owned: tuple[int, int],
        said: tuple[str, bool],
        style: str,
        variable: str,
        scope: Scope,
    ) -> Base | None:
        """``affaires du contact``: backwards over the one reference, or a list field of the owner."""
        article, several = said
        label = self._label(toks, *name)
        called = tuple(tok.text for tok in toks[name[1] - len(label) : name[1]])
        name = (name[0], name[1] - len(label))
        key = self.reader.key(toks, *name)
        if key is None:
            return None
        object_ = self.vocabulary.object_of(self.language, key)
        if object_ is None and not self.vocabulary.is_field_name(self.language, key):
            return None
        for reading in self.reader.read(toks, *owned, scope):
            target = reading.expression.type.object
            if target is None:
                continue
            made = self._list_field(reading.expression, key, variable)
            if made is not None:
                return made, ("list", target, made.list_field, article, reading.form, style), label
            if object_ is None:
                continue
            fields = self.vocabulary.references_to(object_.name, target)
            if len(fields) != 1:
                names = tuple(f.name for f in fields)
                self.reader.backward.append(BackwardReference(toks[name[0]].span, object_.name, target, names))
                continue
            collection = ir.Collection(object_.name, variable, via=fields[0].name, owner=reading.expression)
            plural = several or self.reader.is_plural(toks, *name, object_.names)
            return collection, ("of", object_.name, article, plural, reading.form, style, *called), label
        return None


def said_singly(form: Form, article: str = "") -> Form:
    """The form of a collection said in the singular (``aucune affaire``), ``its payments`` with their owner."""
    match form:
        case ("collection", base, where, since):
            return ("collection", said_singly(base, article), where, since)
        case ("all", name, _, _, *label):
            return ("all", name, article, False, *label)
        case ("of", name, _, _, owner, _, *label):
            return ("of", name, article, False, owner, "of", *label)
        case ("own", name, owner):
            return ("of", name, article, False, ("object", owner, "definite"), "of")
        case _:
            return form


def split_tail(
    where: s.Expression, tables: WordTables, tail_start: Callable[[Sequence[Tok]], int | None]
) -> tuple[s.Expression, list[Tok]]:
    """Take ``depuis 30 jours`` or ``par montant croissant`` off the end of an unparenthesised filter."""
    if isinstance(where, s.Comparison) and isinstance(where.right, s.Run):
        run, tail = split_tail(where.right, tables, tail_start)
        span = Span(where.span.start, run.span.end)
        return (attrs.evolve(where, right=run, span=span), tail) if tail else (where, [])
    if not isinstance(where, s.Run) or where.where is not None:
        return where, []
    toks = tables.toks(where)
    start = tail_start(toks)
    if start is None or start == 0:
        return where, []
    cut = toks[start].span.start
    kept: list[s.Item] = []
    for item in where.items:
        if isinstance(item, s.Phrase):
            words = tuple(word for word in item.words if word.span.end <= cut)
            if words:
                kept.append(s.Phrase(words, span=Span(words[0].span.start, words[-1].span.end)))
        elif item.span.end <= cut:
            kept.append(item)
    if not kept:
        return where, []
    return s.Run(tuple(kept), span=Span(kept[0].span.start, kept[-1].span.end)), list(toks[start:])
