"""Reading phrases: what a run of words means, given the vocabulary and what is in scope.

A phrase is first a field of an object in scope, then an object in scope, then a global definition; then a function
or an aggregate by its words; then ``de`` walks a reference. A reading is an expression with its form, which tells the
printer how it was said.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import NamedTuple, Protocol

from . import ir
from . import syntax as s
from .collections import BackwardReference, CollectionReader, Form, Order
from .lexicon import lexicon
from .operators import Mistyped, arithmetic
from .patterns import Holes, pattern_set
from .scope import Scope
from .types import BOOLEAN, DATE, DATETIME, EMPTY, NUMBER, Type, reference_to
from .vocabulary import FieldSymbol, Key, Names, Vocabulary, WrittenKey
from .words import Tok, word_tables

MOST_WORDS = 100
"""The words of a phrase that may have a meaning; beyond, nobody could read it either."""


class Reading(NamedTuple):
    """A meaning of a phrase and the form it was said in."""

    expression: ir.Expression
    form: Form


class Nested(Protocol):
    """What the reader asks of the resolver: the meaning of nested syntax, and types of fields."""

    def item(self, item: s.Item, scope: Scope) -> ir.Expression: ...
    def condition(self, expression: s.Expression, scope: Scope) -> ir.Expression: ...
    def field_type(self, symbol: FieldSymbol) -> Type: ...
    def global_type(self, name: str) -> Type: ...


class Reader:
    """Reads phrases of one language against a vocabulary."""

    def __init__(self, vocabulary: Vocabulary, language: str, nested: Nested, currency: str) -> None:
        self.vocabulary = vocabulary
        self.language = language
        self.nested = nested
        self.currency = currency
        self.tables = word_tables(language)
        phrases = lexicon(language).tables["phrases"]
        stem = self._stems
        self.walk_words = stem(phrases["walk"])
        self.joining = stem(phrases["joining"])
        self.suffixes = frozenset(phrases["possessive_suffix"])
        self.possessives = stem(phrases["possessives"])
        self.constants = {
            tuple(self.tables.name_key_of(self.tables.split(form))): concept
            for concept, forms in phrases["constants"].items()
            for form in forms
        }
        self.weekdays = {
            self.tables.stem(self.tables.lexicon.fold(form)): number
            for number, forms in enumerate(phrases["calendar"]["weekdays"], 1)
            for form in forms
        }
        self.functions = pattern_set(language, "functions")
        self.previous = pattern_set(language, "functions", "previous")
        self.aggregates = pattern_set(language, "aggregates")
        self.created_objects = pattern_set(language, "objects")
        self.collections = CollectionReader(self)
        self.backward: list[BackwardReference] = []
        self._memo: dict[tuple[Scope, tuple[str, ...]], list[Reading]] = {}

    def _stems(self, words: Sequence[str]) -> frozenset[str]:
        return frozenset(
            tok.stem or "" for word in words for tok in self.tables.expand(self.tables.split(word)) if not tok.article
        )

    def why_not(self, toks: Sequence[Tok], start: int, end: int, scope: Scope) -> BackwardReference | None:
        """The reference that is missing or one of several, when that is why a slice means nothing."""
        self.backward.clear()
        known, self._memo = self._memo, {}
        try:
            if not self.read(toks, start, end, scope):
                self.collections.read(toks, start, end, scope)
        finally:
            self._memo = known
        return next((problem for problem in self.backward if problem.source != problem.target), None)

    # --- values ---------------------------------------------------------------------------------------------------

    def read(self, toks: Sequence[Tok], start: int, end: int, scope: Scope) -> list[Reading]:
        """The readings of ``toks[start:end]`` as a value, the preferred ones only; none when it means nothing."""
        if start >= end:
            return []
        if end - start > MOST_WORDS:
            return []
        if any(tok.stem is None for tok in toks[start:end]):
            return self._read(toks, start, end, scope)
        # the words themselves count, not their stems alone: a plural may mean something else
        key = (scope, tuple([tok.key for tok in toks[start:end]]))
        known = self._memo.get(key)
        if known is None:
            self._memo[key] = []
            known = self._memo[key] = self._read(toks, start, end, scope)
        return known

    def _read(self, toks: Sequence[Tok], start: int, end: int, scope: Scope) -> list[Reading]:
        first = start
        article = ""
        while start < end - 1 and toks[start].article and toks[start + 1].key not in self.suffixes:
            article = "definite" if toks[start].definite else "indefinite"
            start += 1
        tok = toks[start]
        if end - start == 1 and tok.item is not None:
            return [Reading(self.nested.item(tok.item, scope), ("item", tok.item, article))]
        named = self._named(toks, start, end, scope, article)
        if named:
            return named
        found = [
            *self._walks(toks, start, end, scope, article),
            *self._functions(toks, start, end, scope, article),
            *self._aggregates(toks, start, end, scope, article),
            *self._objects(toks, start, end, scope, article),
        ]
        if not found and tok.optional and start + 1 < end and first == start:
            return self.read(toks, start + 1, end, scope)
        return found

    def key(self, toks: Sequence[Tok], start: int, end: int) -> WrittenKey | None:
        """The stems of a slice and its words as written; ``None`` where something is no word."""
        stems = [tok.stem for tok in toks[start:end]]
        if None in stems:
            return None
        made = WrittenKey(stem for stem in stems if stem is not None)
        made.words = tuple([tok.key for tok in toks[start:end] if not tok.article])
        return made

    def is_plural(self, toks: Sequence[Tok], start: int, end: int, names: Names) -> bool:
        """True where the words of a name are written in the plural."""
        name = names.get(self.language)
        if name is None:
            return False
        declared = [tok for tok in self.tables.expand(self.tables.split(name.text)) if not tok.article]
        written = [tok for tok in toks[start:end] if not tok.article]
        if [tok.stem for tok in written] != [tok.stem for tok in declared]:
            return False
        return [tok.key for tok in written] != [tok.key for tok in declared]

    def _named(self, toks: Sequence[Tok], start: int, end: int, scope: Scope, article: str) -> list[Reading]:
        key = self.key(toks, start, end)
        if key is None:
            return []
        found = self._named_by_key(key, scope, article)
        if found and found[0].form[0] == "object":
            names = self.vocabulary.objects[found[0].form[1]].names
            if self.is_plural(toks, start, end, names):
                # `deals` are never the one deal in scope
                return []
        if found and found[0].form[0] in {"label", "labelled", "column"}:
            return [Reading(r.expression, (*r.form, toks[end - 1].text)) for r in found]
        return [Reading(r.expression, (*r.form, self._manner(toks, start, end, r.form))) for r in found]

    def _manner(self, toks: Sequence[Tok], start: int, end: int, form: Form) -> int:
        """How the name of a field is written: 1 in the plural, -n by its n-th further name, else 0."""
        symbol = self.vocabulary.field(form[1], form[2]) if form[0] in {"field", "its"} else None
        if symbol is None:
            return 0
        if self.is_plural(toks, start, end, symbol.names):
            return 1
        return -self._alias(symbol, self.key(toks, start, end) or ()) if symbol.standard else 0

    def _alias(self, symbol: FieldSymbol, key: tuple[str, ...]) -> int:
        """Which of the further names of a standard field a key is; 0 for its first."""
        names: Sequence[str] = lexicon(self.language).tables["standard_fields"][symbol.name.replace(" ", "_")]
        keys = [tuple(self.tables.name_key_of(self.tables.split(name))) for name in names]
        return keys.index(key) if key in keys else 0

    def _named_by_key(self, key: Key, scope: Scope, article: str) -> list[Reading]:
        """A name: of a constant, a column, a field, an object in scope, a global definition; in this order."""
        concept = self.constants.get(key)
        if concept is not None and not article:
            return [Reading(_constant(concept), ("constant", concept))]
        for column, value in scope.values:
            if column == key:
                return [Reading(value, ("column", key))]
        for owner in scope.owners():
            found = self.field_reading(owner, key, ("field", article, None))
            if found is not None:
                return [found]
        in_scope = self._object_in_scope(key, scope, article)
        if in_scope is not None:
            return [in_scope]
        global_ = self.vocabulary.global_of(self.language, key)
        if global_ is not None:
            type_ = self.nested.global_type(global_.name)
            return [Reading(ir.Global(global_.name, type_), ("global", global_.name, article))]
        if len(key) == 1 and key[0] in self.weekdays:
            day = self.weekdays[key[0]]
            return [Reading(ir.Constant(Decimal(day), NUMBER), ("weekday", day))]
        if key and key[0] in self.possessives and scope.subject is not None:
            found = self.field_reading(scope.subject, key[1:], ("its", article, None))
            if found is not None:
                return [found]
        return []

    def _object_in_scope(self, key: tuple[str, ...], scope: Scope, article: str) -> Reading | None:
        """An object by its own name (``A``, ``affaire A``) or by its noun (``l'affaire``)."""
        for label, variable in scope.named:
            if label == key:
                return Reading(variable, ("label", key))
        object_ = self.vocabulary.object_of(self.language, key)
        if object_ is not None:
            for owner in (*scope.owners(), *scope.several):
                if owner.type.object == object_.name:
                    return Reading(owner, ("object", object_.name, article))
            same = [variable for _, variable in scope.named if variable.type.object == object_.name]
            if len(same) == 1:
                return Reading(same[0], ("object", object_.name, article))
        for label, variable in scope.named:
            if len(key) > len(label) and key[-len(label) :] == label:
                noun = self.vocabulary.object_of(self.language, key[: -len(label)])
                if noun is not None and noun.name == variable.type.object:
                    return Reading(variable, ("labelled", noun.name, article, label))
        return None

    def field_reading(self, owner: ir.Expression, key: tuple[str, ...], form: Form) -> Reading | None:
        """A field of an object by its name in the language of the text."""
        members = (
            [owner.type]
            if owner.type.kind == "reference"
            else [m for m in owner.type.members if m.kind == "reference"]
            if owner.type.kind == "union"
            else []
        )
        for member in members:
            assert member.object is not None
            symbol = self.vocabulary.field_of(member.object, self.language, key)
            if symbol is not None:
                type_ = self.nested.field_type(symbol)
                return Reading(ir.FieldOf(owner, symbol.name, type_), (form[0], symbol.owner, symbol.name, *form[1:]))
        return None

    # --- walks: `nom du contact`, `the contact's name` --------------------------------------------------------------

    def _walks(self, toks: Sequence[Tok], start: int, end: int, scope: Scope, article: str) -> list[Reading]:
        """The field with the longest name first; ``de`` between the field and its owner."""
        for split in range(end - 2, start, -1):
            tok = toks[split]
            if tok.stem in self.walk_words:
                key = self.key(toks, start, split)
                if key is None or not self.vocabulary.is_field_name(self.language, key):
                    before = self._previous_of(toks, (start, split), (split + 1, end), scope)
                    if before is not None:
                        return [before]
                    continue
                for owner in self.read(toks, split + 1, end, scope):
                    found = self.field_reading(owner.expression, key, ("walk", article, owner.form, "of"))
                    if found is not None:
                        manner = self._manner(toks, start, split, ("field", *found.form[1:]))
                        found = Reading(found.expression, (*found.form, manner))
                    if found is not None:
                        return [found]
        for split in range(start + 1, end - 1):
            if toks[split].key in self.suffixes:
                key = self.key(toks, split + 1, end)
                if key is None or not self.vocabulary.is_field_name(self.language, key):
                    before = self._previous_of(toks, (split + 1, end), (start, split), scope)
                    if before is not None:
                        return [before]
                    continue
                # The article before the owner is the owner's.
                for owner in self.read(toks, start - bool(article), split, scope):
                    found = self.field_reading(owner.expression, key, ("walk", "", owner.form, "possessive", False))
                    if found is not None:
                        return [found]
        return []

    def _previous_of(
        self, toks: Sequence[Tok], name: tuple[int, int], owned: tuple[int, int], scope: Scope
    ) -> Reading | None:
        """``le montant précédent de l'affaire``: the field before, of an owner that is said."""
        for _, holes in self.previous.matches(toks, *name):
            key = self.key(toks, *holes["x"])
            if key is None or not self.vocabulary.is_field_name(self.language, key):
                continue
            for owner in self.read(toks, *owned, scope):
                found = self.field_reading(owner.expression, key, ("walk", "", owner.form, "of", False))
                if found is not None:
                    value = ir.Previous(found.expression, found.expression.type)
                    return Reading(value, ("function", "previous", "", {"x": found.form}))
        return None

    # --- functions ------------------------------------------------------------------------------------------------

    def _functions(self, toks: Sequence[Tok], start: int, end: int, scope: Scope, article: str) -> Iterator[Reading]:
        for pattern, holes in self.functions.matches(toks, start, end):
            if pattern.concept == "percent_of" and not _is_percentage(toks[start]):
                continue
            arguments: dict[str, Reading] = {}
            for name, (a, b) in holes.items():
                readings = self.read(toks, a, b, scope)
                if not readings:
                    break
                arguments[name] = readings[0]
            else:
                made = self._apply(pattern.concept, arguments)
                if made is not None:
                    forms = {name: reading.form for name, reading in arguments.items()}
                    yield Reading(made, ("function", pattern.concept, article, forms))

    def _apply(self, concept: str, arguments: dict[str, Reading]) -> ir.Expression | None:
        values = {name: reading.expression for name, reading in arguments.items()}
        if concept == "previous":
            inner = values["x"]
            return ir.Previous(inner, inner.type)
        if concept == "percent_of":
            try:
                return arithmetic("*", values["p"], values["x"], self.currency)
            except Mistyped:
                return None
        if concept == "date_at":
            if values["d"].type.kind != "date" or values["t"].type.kind != "time":
                return None
            return ir.Apply("date_at", (values["d"], values["t"]), DATETIME)
        accepted = _ARGUMENTS[concept]
        first = values["x"]
        if first.type.kind not in accepted and first.type.kind != "error":
            return None
        if concept == "round":
            decimals = values.get("n", ir.Constant(_ZERO, NUMBER))
            return ir.Apply("round", (first, decimals), first.type)
        result = _RESULTS.get(concept, first.type)
        return ir.Apply(concept, (first,), result)

    # --- aggregates -----------------------------------------------------------------------------------------------

    def _aggregates(self, toks: Sequence[Tok], start: int, end: int, scope: Scope, article: str) -> Iterator[Reading]:
        for pattern, holes in self.aggregates.matches(toks, start, end):
            if pattern.concept in {"since", "all"}:
                continue
            made = self._aggregate(pattern.concept, holes, toks, scope)
            if made is not None:
                expression, forms = made
                concept = pattern.concept.removesuffix("_descending")
                if isinstance(expression, ir.Aggregate) and expression.descending:
                    concept += "_descending"
                yield Reading(expression, ("aggregate", concept, article, forms))

    def _aggregate(
        self, concept: str, holes: Holes, toks: Sequence[Tok], scope: Scope
    ) -> tuple[ir.Expression, dict[str, Form]] | None:
        """One aggregate; what is summed or ordered by is read before the filter, which belongs to what was found."""
        values: dict[str, Reading] = {}
        kind, descending = concept, False
        if concept.endswith("_descending"):
            kind, descending = concept.removesuffix("_descending"), True

        def accept(collection: ir.Collection, form: Form, order: Order | None, inner: Scope) -> bool:
            if kind in _PLURAL and _is_one(form):
                return False
            if kind in {"first", "last"}:
                return self._ordering(holes, order, toks, inner, values)
            return "v" not in holes or self._summed(kind, holes, toks, inner, values)

        start, end = holes["c"]
        found = self.collections.read(toks, start, end, scope, accept)
        if found is None:
            return None
        collection, form, order, _ = found
        forms: dict[str, Form] = {"c": form, **{name: reading.form for name, reading in values.items()}}
        if kind in {"first", "last"}:
            type_ = reference_to(collection.object)
            by: ir.Expression = (
                values["o"].expression
                if "o" in values
                else ir.FieldOf(ir.Variable(collection.variable, type_), "created at", DATETIME)
            )
            turned = descending or (order is not None and order.descending)
            return ir.Aggregate(kind, collection, None, type_, by, turned), forms
        if kind == "count":
            return ir.Aggregate("count", collection, None, NUMBER), forms
        if kind in {"exists", "none"}:
            return ir.Aggregate(kind, collection, None, BOOLEAN), forms
        value = values["v"].expression
        return ir.Aggregate(kind, collection, value, value.type), forms

    def _summed(self, kind: str, holes: Holes, toks: Sequence[Tok], scope: Scope, values: dict[str, Reading]) -> bool:
        """Read what is summed and the like, a value of the row; false when it is none."""
        value = self._item_value(toks, *holes["v"], scope)
        if value is None or value.expression.type.kind not in _SUMMABLE:
            return False
        if kind in {"sum", "average"} and value.expression.type.kind not in _ADDABLE:
            return False
        values["v"] = value
        return True

    def _ordering(
        self, holes: Holes, order: Order | None, toks: Sequence[Tok], scope: Scope, values: dict[str, Reading]
    ) -> bool:
        """Read what rows are ordered by, if it is said; false when it means nothing."""
        if "o" in holes:
            reading = self._item_value(toks, *holes["o"], scope)
        elif order is not None:
            reading = self._item_value(order.toks, 0, len(order.toks), scope)
        else:
            return True
        if reading is None:
            return False
        values["o"] = reading
        return True

    def _item_value(self, toks: Sequence[Tok], start: int, end: int, scope: Scope) -> Reading | None:
        """A value of the row itself; fields of the subject do not count."""
        own = Scope(scope.language, None, scope.items[:1], scope.named, (), scope.depth)
        readings = self.read(toks, start, end, own)
        return readings[0] if readings else None

    # --- objects --------------------------------------------------------------------------------------------------

    def _objects(self, toks: Sequence[Tok], start: int, end: int, scope: Scope, article: str) -> Iterator[Reading]:
        """``l'utilisateur 'Marie'`` and ``le contact créé``."""
        last = toks[end - 1]
        if isinstance(last.item, s.Text) and end - start >= 2:
            key = self.key(toks, start, end - 1)
            object_ = self.vocabulary.object_of(self.language, key) if key is not None else None
            if object_ is not None and not object_.event:
                value = self.nested.item(last.item, scope)
                yield Reading(
                    ir.Lookup(object_.name, value, reference_to(object_.name)),
                    ("lookup", object_.name, article, last.item),
                )
        for pattern, holes in self.created_objects.matches(toks, start, end):
            key = self.key(toks, *holes["o"])
            object_ = self.vocabulary.object_of(self.language, key) if key is not None else None
            if pattern.concept == "created" and object_ is not None and object_.name in scope.created:
                yield Reading(
                    ir.Variable(f"created:{object_.name}", reference_to(object_.name)),
                    ("created", object_.name, article),
                )


def _is_percentage(tok: Tok) -> bool:
    return isinstance(tok.item, s.Literal) and tok.item.kind == "percentage"


def _constant(concept: str) -> ir.Expression:
    if concept == "empty":
        return ir.Constant(None, EMPTY)
    if concept in {"yes", "no"}:
        return ir.Constant(concept == "yes", BOOLEAN)
    return ir.Apply(concept, (), DATETIME if concept == "now" else DATE)


def _is_one(base: Form) -> bool:
    """True for ``the deal``, one object, where ``deals`` are wanted."""
    return base[0] in {"all", "of"} and base[2] != "" and not base[3]


_PLURAL = frozenset({"count", "sum", "average", "minimum", "maximum"})
_ZERO = Decimal(0)
_NUMBERS = frozenset({"number", "integer", "money", "percentage"})
_DATES = frozenset({"date", "datetime"})
_SUMMABLE = _NUMBERS | _DATES | {"duration", "time", "error"}
_ADDABLE = _NUMBERS | {"duration", "error"}
_ARGUMENTS: dict[str, frozenset[str]] = {
    "round": _NUMBERS,
    "round_up": _NUMBERS,
    "round_down": _NUMBERS,
    "absolute": _NUMBERS | {"duration"},
    "length": frozenset({"text"}),
    "uppercase": frozenset({"text", "choice"}),
    "lowercase": frozenset({"text", "choice"}),
    "weekday": _DATES,
    "year": _DATES,
    "month": _DATES,
    "day": _DATES,
    "time_of_day": _DATES,
    "in_duration": frozenset({"duration"}),
    "ago": frozenset({"duration"}),
}
_RESULTS: dict[str, Type] = {
    "length": NUMBER,
    "weekday": NUMBER,
    "year": NUMBER,
    "month": NUMBER,
    "day": NUMBER,
    "time_of_day": Type("time"),
    "in_duration": DATETIME,
    "ago": DATETIME,
}
