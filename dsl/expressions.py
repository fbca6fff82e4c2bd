"""From expressions as written to typed expressions of the IR."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Mapping, Sequence
from contextlib import contextmanager
from decimal import Decimal
from typing import Any, TypeAlias

import attrs

from . import ir
from . import syntax as s
from .collections import Form, Found, said_singly
from .comparisons import ComparisonResolver
from .extents import argument_goes_on, ended_filter, has_arithmetic, report_filter_arithmetic
from .lazy_pattern import lazy_pattern
from .lexicon import lexicon
from .logic import check_logic
from .operators import FAILED, Mistyped, arithmetic, as_text, coerce, fits, kind_of, negative, unify
from .reading import MOST_WORDS, Reader, Reading
from .scope import Scope
from .sink import Sink
from .source import Span
from .types import (
    BOOLEAN,
    DATE,
    DATETIME,
    DURATION,
    MONEY,
    NUMBER,
    PERCENTAGE,
    TEXT,
    TIME,
    Type,
    number_in,
)
from .unknown import report_unknown
from .values import Money, plain
from .vocabulary import FieldSymbol, Vocabulary, display
from .words import Tok

Forms: TypeAlias = Mapping[tuple[str, int], Mapping[Span, Form]]
"""How the phrases of each declaration (its file and offset) were said, by their spans in it."""


_FRACTION = lazy_pattern("[0-9.,]+$")


class RegroupFilter(Exception):
    """A filter that is a yes/no value compared with something else: the comparison is about the aggregate."""

    def __init__(self, where: s.Comparison) -> None:
        super().__init__()
        self.where = where


class ExpressionResolver:
    """Resolves expressions of one language; ``sink`` is changed for each declaration."""

    def __init__(
        self,
        vocabulary: Vocabulary,
        language: str,
        currency: str,
        type_of_field: Callable[[FieldSymbol], Type],
        type_of_global: Callable[[str], Type],
        recording: bool = False,
    ) -> None:
        self.vocabulary = vocabulary
        self.language = language
        self.currency = currency
        self.sink = Sink()
        self.forms: dict[Span, Form] = {}
        self.recording = recording
        self._type_of_field = type_of_field
        self._type_of_global = type_of_global
        self.comparisons = ComparisonResolver(self)
        self.reader = Reader(vocabulary, language, self, currency)
        self.tables = self.reader.tables
        self._items: dict[tuple[int, Scope], tuple[s.Item, ir.Expression]] = {}
        self.time_subjects = {
            tuple(self.tables.name_key_of(self.tables.split(form)))
            for form in lexicon(language).tables["phrases"]["time_subject"]
        }

    @contextmanager
    def reporting_to(self, sink: Sink):
        """Report into ``sink`` inside the block; ``forms`` are those of that declaration."""
        made: dict[Span, Form] = sink.forms if self.recording and sink.forms is not None else {}
        before, self.sink, forms, self.forms, items, self._items = self.sink, sink, self.forms, made, self._items, {}
        try:
            yield
        finally:
            self.sink, self.forms, self._items = before, forms, items

    @contextmanager
    def muted(self):
        """Report nothing inside the block: a reading is only tried."""
        self.sink.muted += 1
        try:
            yield
        finally:
            self.sink.muted -= 1

    # --- what the reader asks -------------------------------------------------------------------------------------

    def field_type(self, symbol: FieldSymbol) -> Type:
        return symbol.type if symbol.type is not None else self._type_of_field(symbol)

    def global_type(self, name: str) -> Type:
        return self._type_of_global(name)

    def item(self, item: s.Item, scope: Scope) -> ir.Expression:
        """One part of a run that is not a word. Each is resolved, and reported about, once."""
        if isinstance(item, s.Literal):
            return self.literal(item)
        key = (id(item), scope)
        known = self._items.get(key)
        if known is not None:
            return known[1]
        before = self.sink.suppressed
        value = self._item(item, scope)
        if self.sink.suppressed == before:
            self._items[key] = (item, value)
        return value

    def _item(self, item: s.Item, scope: Scope) -> ir.Expression:
        if isinstance(item, s.Text):
            return self.text(item, scope)
        if isinstance(item, s.Group):
            return self.expression(item.inner, scope)
        if isinstance(item, s.PairCall):
            return self._pair(item, scope)
        return self.run(s.Run((item,), span=item.span), scope)

    def condition(self, expression: s.Expression, scope: Scope) -> ir.Expression:
        """An expression that must be true or false. A filter may turn out to end earlier: :class:`RegroupFilter`."""
        if scope.items and isinstance(expression, s.Comparison) and expression.left is not None:
            self._regroup(expression, expression.left, scope)
        return self.yes_or_no(self.expression(expression, scope), expression.span)

    def _regroup(self, where: s.Comparison, left: s.Expression, scope: Scope) -> None:
        if not isinstance(left, s.Run):
            return
        with self.muted():
            tried = self.expression(left, scope)
            if tried.type.kind != "boolean":
                return
            right = self.expression(where.right, scope)
        if right.type.kind not in {"boolean", "empty", "error"}:
            raise RegroupFilter(where)

    def yes_or_no(self, value: ir.Expression, span: Span) -> ir.Expression:
        if value.type.kind in {"boolean", "error"}:
            return value
        self.sink.report("QD208", span, type=value.type)
        return FAILED

    # --- leaves ---------------------------------------------------------------------------------------------------

    def literal(self, literal: s.Literal) -> ir.Expression:
        types = {
            "number": NUMBER,
            "percentage": PERCENTAGE,
            "money": MONEY,
            "date": DATE,
            "time": TIME,
            "datetime": DATETIME,
            "duration": DURATION,
        }
        type_ = number_in(literal.unit) if literal.kind == "quantity" else types[literal.kind]
        value = literal.value
        if isinstance(value, Decimal):
            value = plain(value)
        elif isinstance(value, Money):
            value = Money(plain(value.amount), value.currency)
        return ir.Constant(value, type_, span=literal.span)

    def text(self, text: s.Text, scope: Scope) -> ir.Expression:
        """A text; with holes it is put together when it is needed."""
        parts: list[ir.Expression] = []
        for part in text.parts:
            if isinstance(part, str):
                if part:
                    parts.append(ir.Constant(unicodedata.normalize("NFC", part), TEXT))
                continue
            value = self.expression(part.value, scope)
            if isinstance(value, ir.Apply) and value.function == "year":
                value = ir.Apply("digits", (value,), TEXT)
            if part.otherwise is not None:
                other = self.expression(part.otherwise, scope)
                if value.type != other.type and value.type.kind not in {"text", "error"}:
                    value = as_text(value)
                value = ir.OrElse(value, other, value.type if value.type == other.type else TEXT)
            parts.append(value)
        if any(part.type.kind == "error" for part in parts):
            return FAILED
        if not parts:
            return ir.Constant("", TEXT, span=text.span)
        if len(parts) == 1 and isinstance(parts[0], ir.Constant) and isinstance(text.parts[0], str):
            return ir.Constant(parts[0].value, TEXT, span=text.span)
        return ir.Interpolate(tuple(parts), span=text.span)

    def _pair(self, pair: s.PairCall, scope: Scope) -> ir.Expression:
        first = self.expression(pair.first, scope)
        second = self.expression(pair.second, scope)
        try:
            if pair.function == "number_of_days":
                for side, operand in ((pair.first, first), (pair.second, second)):
                    if operand.type.kind not in {"date", "datetime", "error"}:
                        self.sink.report("QD203", side.span, expected=DATE, found=operand.type)
                        return FAILED
                return ir.Apply(
                    "number_of_days",
                    (coerce(first, DATE, self.currency), coerce(second, DATE, self.currency)),
                    NUMBER,
                    span=pair.span,
                )
            left, right = unify(first, second, self.currency)
            return ir.Apply(pair.function, (left, right), left.type, span=pair.span)
        except Mistyped as problem:
            return self.mistyped(problem, pair.span)

    def mistyped(self, problem: Mistyped, span: Span, fixes: Sequence[tuple[str, Span, str]] = ()) -> ir.Expression:
        """Report why an operator or conversion has no meaning."""
        args: dict[str, Any] = dict(problem.args_)
        if problem.code == "QD205":
            part, example = self._as_percentage(args["number"])
            args["example"] = example
            end = fixes[0][1].end if fixes else span.end
            digits = _FRACTION.search(self.sink.text, 0, end) if part else None
            if digits is not None:
                fixes = [("replace_by", Span(digits.start(), end), example), *fixes]
        self.sink.report(problem.code, span, fixes=fixes, safe=len(fixes) == 1, **args)
        return FAILED

    def _as_percentage(self, number: Decimal) -> tuple[bool, str]:
        """A number as the percentage it surely is: ``0,05`` is a part of one, ``5`` counts hundredths."""
        # only a mistake is written out
        from .writing import shifted, write_literal

        part = abs(number) < 1
        value = number if part else shifted(number, -2)
        return part, write_literal(abs(value), PERCENTAGE, lexicon(self.language))

    # --- expressions ----------------------------------------------------------------------------------------------

    def expression(self, node: s.Expression, scope: Scope, expected: Type | None = None) -> ir.Expression:
        """Resolve an expression; what cannot be resolved is reported and has the type ``error``."""
        match node:
            case s.Run():
                return self.run(node, scope, expected)
            case s.Binary():
                return self._binary(node, scope)
            case s.Negative():
                operand = self.expression(node.operand, scope)
                try:
                    return negative(operand)
                except Mistyped as problem:
                    return self.mistyped(problem, node.span)
            case s.Comparison():
                return self.comparisons.comparison(node, scope)
            case s.Between():
                return self.comparisons.between(node, scope)
            case s.Membership():
                return self.comparisons.membership(node, scope)
            case s.Not():
                inner = self.yes_or_no(self.expression(node.operand, scope), node.operand.span)
                return FAILED if inner.type.kind == "error" else ir.Not(inner, span=node.span)
            case s.Logic():
                return self._logic(node, scope)
            case s.AllSatisfy():
                return self._all_satisfy(node, scope)
            case s.Conditional():
                return self._conditional(node, scope, expected)
            case s.InvalidSyntax():
                return FAILED

    def value(
        self, node: s.Expression, scope: Scope, expected: Type, choices: Sequence[ir.Choice] = ()
    ) -> ir.Expression:
        """An expression converted to the type it is needed in; a misfit is reported."""
        found = self.expression(node, scope, expected)
        return self.converted(found, node.span, expected, choices)

    def converted(
        self, found: ir.Expression, span: Span, expected: Type, choices: Sequence[ir.Choice] = ()
    ) -> ir.Expression:
        try:
            return self.coerced(found, expected, choices)
        except Mistyped as problem:
            fixes: list[tuple[str, Span, str]] = []
            if problem.code == "QD205":
                fixes = [("percent", Span(span.end, span.end), " %")]
            elif problem.code == "QD226":
                fixes = [("replace_by", span, self.rounded(self.sink.quote(span)))]
            elif problem.code == "QD110" and problem.args_["suggestions"]:
                fixes = [("replace_by", span, f"'{problem.args_['suggestions'][0]}'")]
            return self.mistyped(problem, span, fixes)

    def coerced(self, found: ir.Expression, expected: Type, choices: Sequence[ir.Choice]) -> ir.Expression:
        """An expression as a value of a type; a text that names a choice is remembered. Raises :class:`Mistyped`."""
        made = coerce(found, expected, self.currency, choices)
        if expected.kind == "choice" and isinstance(made, ir.Constant) and found.type.kind == "text":
            names = next((choice.names for choice in choices if choice.name == made.value), None)
            if names is not None:
                self.forms[found.span] = ("choice", names)
        return made

    def _binary(self, node: s.Binary, scope: Scope) -> ir.Expression:
        if argument_goes_on(self, node, scope):
            return FAILED
        left = self.expression(node.left, scope)
        right = self.expression(node.right, scope)
        try:
            return attrs.evolve(arithmetic(node.operator, left, right, self.currency), span=node.span)
        except Mistyped as problem:
            fixes = []
            if problem.code == "QD205":
                side = node.right if right.type == NUMBER else node.left
                fixes = [("percent", Span(side.span.end, side.span.end), " %")]
            return self.mistyped(problem, node.span, fixes)

    def choices_of(self, expression: ir.Expression) -> tuple[ir.Choice, ...]:
        """The values of the choice an expression holds."""
        match expression:
            case ir.FieldOf() if expression.object.type.object is not None:
                symbol = self.vocabulary.field(expression.object.type.object, expression.field)
                return symbol.choices if symbol is not None else ()
            case ir.Previous():
                return self.choices_of(expression.value)
            case ir.If():
                return self.choices_of(expression.then) or self.choices_of(expression.otherwise)
            case _:
                return ()

    def _logic(self, node: s.Logic, scope: Scope) -> ir.Expression:
        if not check_logic(self, node, scope):
            return FAILED
        parts = [
            self.yes_or_no(self.expression(part, scope), part.span) for part in self.comparisons.continued(node, scope)
        ]
        if any(part.type.kind == "error" for part in parts):
            return FAILED
        made = ir.And if node.connectors[0] == "and" else ir.Or
        return made(tuple(parts), span=node.span)

    def _conditional(self, node: s.Conditional, scope: Scope, expected: Type | None) -> ir.Expression:
        condition = self.yes_or_no(self.expression(node.condition, scope), node.condition.span)
        then = self.expression(node.then, scope, expected)
        otherwise = self.expression(node.otherwise, scope, expected)
        try:
            if then.type.kind == "choice" or otherwise.type.kind == "choice":
                then, otherwise = self.comparisons.choices(then, otherwise)
            then, otherwise = unify(then, otherwise, self.currency, beside=False)
        except Mistyped as problem:
            return self.mistyped(problem, node.span)
        if "error" in (condition.type.kind, then.type.kind, otherwise.type.kind):
            return FAILED
        type_ = then.type if then.type.kind != "empty" else otherwise.type
        if kind_of(then.type) == "number" and then.type != otherwise.type:
            type_ = then.type if then.type.unit else otherwise.type
        return ir.If(condition, then, otherwise, type_, span=node.span)

    def _all_satisfy(self, node: s.AllSatisfy, scope: Scope) -> ir.Expression:
        toks = self.tables.toks(node.collection)
        for pattern, holes in self.reader.aggregates.matches(toks, 0, len(toks)):
            if pattern.concept != "all":
                continue
            found = self._collection(toks, *holes["c"], scope)
            if found is None:
                continue
            start, end = holes["c"]
            form = self.forms[Span(toks[start].span.start, toks[end - 1].span.end)]
            self.forms[node.collection.span] = ("aggregate", "all", "", {"c": form})
            condition = self.condition(node.condition, found.scope)
            if condition.type.kind == "error":
                return FAILED
            return ir.Aggregate("all", found.collection, condition, BOOLEAN, span=node.span)
        report_unknown(self, node.collection, toks, scope, None)
        return FAILED

    def _collection(self, toks: Sequence[Tok], start: int, end: int, scope: Scope) -> Found | None:
        found = self.reader.collections.read(toks, start, end, scope)
        if found is not None:
            self.forms[Span(toks[start].span.start, toks[end - 1].span.end)] = found.form
        return found

    def collection(self, run: s.Run, scope: Scope) -> Found | None:
        """The collection a run names (``affaires du contact dont ...``); reported when it names none."""
        toks = self.tables.toks(run)
        if len(toks) > MOST_WORDS:
            self.sink.report("QD103", run.span, phrase=self.source_of(run))
            return None
        before = len(self.sink.found)
        found = self._collection(toks, 0, len(toks), scope)
        if found is None and len(self.sink.found) == before:
            report_unknown(self, run, toks, scope, None)
        if found is not None:
            self.forms[run.span] = said_singly(found.form)
        return found

    def backward(self, toks: Sequence[Tok], scope: Scope) -> bool:
        """Report that not exactly one reference leads back to the owner, when that is why a run means nothing."""
        with self.muted():
            problem = self.reader.why_not(toks, 0, len(toks), scope)
        if problem is None:
            return False
        source = self.object_name(problem.source)
        target = self.object_name(problem.target)
        if not problem.fields:
            self.sink.report("QD108", problem.span, source=source, target=target)
            return True
        fields = [
            display(symbol.names, self.language)
            for name in problem.fields
            if (symbol := self.vocabulary.field(problem.source, name)) is not None
        ]
        self.sink.report("QD109", problem.span, source=source, target=target, fields=fields)
        return True

    def keyword(self, group: str, concept: str) -> str:
        """The canonical word of a keyword in the language of the text, one form of each of its words."""
        forms = lexicon(self.language).tables["keywords"][group][concept]
        return " ".join(word.split("|")[0] for word in forms[0].split())

    def rounded(self, text: str) -> str:
        """``arrondi de (...)`` around a calculation, in the language of the text."""
        pattern: str = lexicon(self.language).tables["phrases"]["functions"]["round"][-1]
        return pattern.replace("{x}", f"({text})")

    def object_name(self, name: str) -> str:
        """An object's name in the language of the text."""
        symbol = self.vocabulary.objects.get(name)
        return display(symbol.names, self.language) if symbol is not None else name

    # --- runs -----------------------------------------------------------------------------------------------------

    def readings(self, toks: Sequence[Tok], start: int, end: int, scope: Scope, expected: Type | None) -> list[Reading]:
        """The distinct readings of a slice that fit the expected type, or all of them when none fits."""
        found: list[Reading] = []
        for reading in self.reader.read(toks, start, end, scope):
            if all(reading.expression != other.expression for other in found):
                found.append(reading)
        if expected is None or len(found) < 2:
            return found
        return [r for r in found if fits(r.expression.type, expected)] or found

    def run(self, run: s.Run, scope: Scope, expected: Type | None = None) -> ir.Expression:
        """A run of words and values, read against the vocabulary."""
        if len(run.items) == 1 and run.where is None and not isinstance(run.items[0], (s.Phrase, s.Name)):
            return self.item(run.items[0], scope)
        ended = ended_filter(run)
        if ended is not None:
            aggregate, first, whole = ended
            value = self.expression(whole, scope, expected)
            if aggregate.span in self.forms:
                self.forms[run.span] = ("regrouped", self.forms[aggregate.span], first, run.where)
            return value
        if run.where is not None and isinstance(run.where, s.Comparison) and has_arithmetic(run.where.right):
            report_filter_arithmetic(self, run, run.where, scope)
            return FAILED
        toks = self.tables.toks(run)
        if len(toks) > MOST_WORDS:
            self.sink.report("QD103", run.span, phrase=self.source_of(run))
            return FAILED
        before = len(self.sink.found)
        try:
            found = self.readings(toks, 0, len(toks), scope, expected)
        except RegroupFilter as regroup:
            where = regroup.where
            assert where.left is not None
            aggregate = s.Run(run.items, where.left, span=Span(run.span.start, where.left.span.end))
            turned = attrs.evolve(where, left=aggregate)
            compared = self.comparisons.comparison(turned, scope)
            if aggregate.span in self.forms:
                self.forms[run.span] = ("regrouped", self.forms[aggregate.span], where.left, where)
            return compared
        if len(found) > 1:
            self.sink.report("QD104", run.span, phrase=self.source_of(run), readings=len(found))
            return FAILED
        if not found:
            if len(self.sink.found) == before:
                report_unknown(self, run, toks, scope, expected)
            return FAILED
        self.forms[run.span] = found[0].form
        return found[0].expression

    def source_of(self, run: s.Run) -> str:
        """A run as the author wrote it."""
        return self.sink.quote(run.span)
