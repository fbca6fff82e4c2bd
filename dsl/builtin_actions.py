"""From built-in actions as written to the actions of the IR: create, delete, increase, refuse..."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from . import ir
from . import syntax as s
from .operators import Mistyped, coerce, fits, is_bare_number
from .patterns import Holes
from .reading import Reading
from .scope import Scope
from .source import Span
from .types import TEXT
from .unknown import report_no_field, suggest
from .values import ANY_CURRENCY
from .vocabulary import FieldSymbol, ObjectSymbol, display
from .words import Tok, after_articles

if TYPE_CHECKING:
    from .actions import ActionResolver

TITLE_FIELDS = ("title", "name", "number")
"""The fields a text right after ``créer une tâche`` fills, the first one the object has."""


_ADJUSTABLE = frozenset({"number", "integer", "money", "percentage", "duration"})


class BuiltinActions:
    """The actions every declared object has; ``actions`` resolves calls and arguments."""

    def __init__(self, actions: ActionResolver) -> None:
        self.actions = actions

    def candidate(
        self, concept: str, holes: Holes, call: s.ActionCall, toks: Sequence[Tok], end: int, scope: Scope
    ) -> Callable[[], ir.Action | None] | None:
        if concept == "create":
            return self._create(holes, call, toks, end, scope)
        if call.value is not None or call.arguments:
            return None
        readings = {name: self.actions.quietly(toks, *hole, scope) for name, hole in holes.items()}
        if concept == "delete":
            return self._about_object(readings["x"], lambda x: ir.Delete(x, span=call.span))
        if concept == "cancel_reminders":
            return self._about_object(readings["x"], lambda x: ir.CancelReminders(x, span=call.span))
        if concept == "refuse":
            return lambda: self._refuse(holes, toks, scope, call.span)
        if concept == "add_to":
            return self._add_to(readings, call)
        return self._adjust(concept, readings, call)

    def _about_object(
        self, readings: list[Reading], make: Callable[[ir.Expression], ir.Action]
    ) -> Callable[[], ir.Action | None] | None:
        for reading in readings:
            if reading.expression.type.kind in {"reference", "any"}:
                return lambda: make(reading.expression)
        return None

    def _refuse(self, holes: Holes, toks: Sequence[Tok], scope: Scope, span: Span) -> ir.Action | None:
        if "x" not in holes:
            return ir.Refuse(ir.Constant(None, TEXT), span=span)
        reason = self.actions.hole_value(toks, *holes["x"], scope, TEXT, ())
        return ir.Refuse(reason, span=span) if reason is not None else None

    def _adjust(
        self, concept: str, readings: dict[str, list[Reading]], call: s.ActionCall
    ) -> Callable[[], ir.Action | None] | None:
        for field in readings["f"]:
            target = field.expression
            if not isinstance(target, ir.FieldOf) or target.type.kind not in _ADJUSTABLE:
                continue
            for amount in readings["v"]:
                value = amount.expression
                if value.type.kind != "percentage" and not fits(value.type, target.type):
                    if not (is_bare_number(value) and target.type.kind in {"money", "percentage"}):
                        continue
                return lambda: self._adjusted(target, value, concept, call)
        return None

    def _adjusted(self, target: ir.FieldOf, value: ir.Expression, concept: str, call: s.ActionCall) -> ir.Action | None:
        symbol = self.actions.field(target)
        if symbol is None or not self.actions.writable(symbol, call.head.span):
            return None
        if value.type.kind != "percentage":
            try:
                value = coerce(value, target.type, ANY_CURRENCY)
            except Mistyped as problem:
                self.actions.expressions.mistyped(problem, call.head.span)
                return None
        return ir.Adjust(target.object, target.field, value, concept, span=call.span)

    def _add_to(self, readings: dict[str, list[Reading]], call: s.ActionCall) -> Callable[[], ir.Action | None] | None:
        for field in readings["f"]:
            target = field.expression
            if not isinstance(target, ir.FieldOf):
                continue
            for added in readings["x"]:
                value = added.expression
                if target.type.kind == "list" and fits(value.type, target.type.members[0]):
                    return lambda: ir.AddToList(target.object, target.field, value, span=call.span)
        return self._adjust("increase", {"f": readings["f"], "v": readings["x"]}, call)

    def _create(
        self, holes: Holes, call: s.ActionCall, toks: Sequence[Tok], end: int, scope: Scope
    ) -> Callable[[], ir.Action | None] | None:
        start, stop = holes["o"]
        title: s.Text | None = None
        item = toks[stop - 1].item
        if isinstance(item, s.Text):
            title, stop = item, stop - 1
        article = ""
        while start < stop - 1 and toks[start].article:
            article = "definite" if toks[start].definite else "indefinite"
            start += 1
        symbol = self.object_created(toks, start, stop)
        if symbol is None:
            return None
        return lambda: self._created(symbol, article, title, call, toks, end, scope)

    def object_created(self, toks: Sequence[Tok], start: int, stop: int) -> ObjectSymbol | None:
        """The object a slice names, its title left out."""
        start = after_articles(toks, start, stop)
        if stop - start > 1 and isinstance(toks[stop - 1].item, s.Text):
            stop -= 1
        key = tuple(tok.stem or "" for tok in toks[start:stop])
        symbol = self.actions.vocabulary.object_of(self.actions.language, key)
        return None if symbol is None or symbol.event else symbol

    def _created(
        self,
        symbol: ObjectSymbol,
        article: str,
        title: s.Text | None,
        call: s.ActionCall,
        toks: Sequence[Tok],
        end: int,
        scope: Scope,
    ) -> ir.Action | None:
        given: dict[str, ir.Expression] = {}
        good = True
        if title is not None:
            named = next((f for f in TITLE_FIELDS if self.actions.vocabulary.field(symbol.name, f) is not None), None)
            if named is None:
                self.actions.sink.report("QD223", title.span, object=display(symbol.names, self.actions.language))
                return None
            given[named] = self.actions.expressions.text(title, scope)
        said: dict[Span, FieldSymbol] = {}
        for key, written, span, syntax in self.actions.named_arguments(call, toks, end):
            field = self.actions.vocabulary.field_of(symbol.name, self.actions.language, key)
            if field is None:
                names = [display(f.names, self.actions.language) for f in self.actions.vocabulary.fields(symbol.name)]
                suggestions = suggest(written, names)
                report_no_field(self.actions.expressions, span, written, symbol.name, suggestions)
                good = False
                continue
            if field.name in given:
                self.actions.sink.report("QD107", span, name=written)
                good = False
                continue
            if not self.actions.writable(field, span):
                good = False
                continue
            said[span] = field
            value = self.actions.expressions.value(
                syntax, scope, self.actions.expressions.field_type(field), field.choices
            )
            good = good and value.type.kind != "error"
            given[field.name] = value
        if not good:
            return None
        self.actions.record(call, ("create", symbol.name, article, title), toks, end, said)
        order = {f.name: n for n, f in enumerate(self.actions.vocabulary.fields(symbol.name))}
        fields = sorted(given.items(), key=lambda pair: order[pair[0]])
        return ir.Create(symbol.name, tuple(ir.Argument(n, v) for n, v in fields), span=call.span)
