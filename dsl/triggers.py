"""From triggers as written to the triggers of the IR, and the subject they are about."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import time
from decimal import Decimal
from typing import NamedTuple

import attrs

from . import ir
from . import syntax as s
from .collections import Form
from .expressions import ExpressionResolver
from .lexicon import lexicon
from .operators import Mistyped, comparison
from .patterns import compile_pattern, match
from .scope import Scope
from .source import Span
from .suggest import closest
from .types import reference_to
from .unknown import phrase_of
from .values import Duration
from .vocabulary import ObjectSymbol, display
from .words import Tok


class Subject(NamedTuple):
    """What a rule is about: an object or event, and the name the author gave it (its stems)."""

    symbol: ObjectSymbol
    label: tuple[str, ...] = ()


class TriggerResolver:
    """Resolves the triggers of one rule; the first one that names an object decides the subject."""

    def __init__(self, expressions: ExpressionResolver) -> None:
        self.expressions = expressions
        self.language = expressions.language
        self.vocabulary = expressions.vocabulary
        self.tables = expressions.tables
        self.subject: Subject | None = None
        phrases = lexicon(self.language).tables["phrases"]
        self.participles = {
            self._stem(form): concept for concept, forms in phrases["participles"].items() for form in forms
        }
        self.auxiliaries = [
            tuple(tok.stem or "" for tok in self.tables.expand(self.tables.split(form)))
            for form in sorted(phrases["auxiliaries"], key=len, reverse=True)
        ]
        self.auxiliary_forms = [
            tuple(tok.stem or "" for tok in self.tables.expand(self.tables.split(form)))
            for form in phrases["auxiliaries"]
        ]
        self.calendar = phrases["calendar"]
        self.by_same = [compile_pattern("same", text, self.language) for text in phrases["by_same"]]

    def _stem(self, form: str) -> str:
        return self.tables.stem(self.tables.lexicon.fold(form))

    @property
    def sink(self):
        return self.expressions.sink

    def scope(self) -> Scope:
        """The scope of the rule once its triggers are resolved."""
        if self.subject is None:
            return Scope(self.language)
        variable = ir.Variable("subject", reference_to(self.subject.symbol.name))
        named = ((self.subject.label, variable),) if self.subject.label else ()
        return Scope(self.language, variable, named=named)

    def resolve(self, triggers: Sequence[s.Trigger]) -> tuple[ir.Trigger, ...]:
        """The triggers in order; one that cannot be resolved is reported and left out."""
        made: list[ir.Trigger] = []
        before: ir.Trigger | None = None
        written: s.Trigger | None = None
        for trigger in triggers:
            if self._goes_on_a_list(trigger, written):
                continue
            written = trigger
            found = self._trigger(trigger, before)
            for each in found:
                made.append(each)
                before = each
        return tuple(made)

    def _goes_on_a_list(self, trigger: s.Trigger, before: s.Trigger | None) -> bool:
        """``devient 'A' ou 'B'``: a mere value after *or*; reported, with the word that is missing as a fix."""
        if not isinstance(trigger, s.EventTrigger) or not isinstance(before, s.BecomesTrigger) or not before.targets:
            return False
        if len(trigger.event.items) != 1 or not isinstance(trigger.event.items[0], (s.Text, s.Literal)):
            return False
        start = before.targets[0].span.start
        word = self.expressions.keyword("tests", "one_of")
        self.sink.report("QD211", trigger.event.span, fixes=[("one_of", Span(start, start), f"{word} ")], fix_args={"text": word})
        return True

    def _trigger(self, trigger: s.Trigger, before: ir.Trigger | None) -> list[ir.Trigger]:
        match trigger:
            case s.EventTrigger():
                return self._event(trigger, before)
            case s.ChangeTrigger():
                return self._change(trigger)
            case s.BecomesTrigger():
                return self._becomes(trigger)
            case s.TransitionTrigger():
                return self._transition(trigger)
            case s.ThresholdTrigger():
                return self._threshold(trigger)
            case s.WindowTrigger():
                return self._window(trigger)
            case s.DateTrigger():
                return self._date(trigger)
            case s.StaysTrigger():
                return self._stays(trigger)
            case s.CalendarTrigger():
                return self._tick(trigger)
            case s.InvalidSyntax():
                return []

    # --- the subject ----------------------------------------------------------------------------------------------

    def _set_subject(self, symbol: ObjectSymbol, span: Span, label: tuple[str, ...] = ()) -> bool:
        if self.subject is not None and self.subject.symbol.name != symbol.name:
            self.sink.report(
                "QD214",
                span,
                first=display(self.subject.symbol.names, self.language),
                second=display(symbol.names, self.language),
            )
            return False
        if self.subject is None:
            self.subject = Subject(symbol, label)
        return True

    def _find_subject(self, value: s.Expression) -> bool:
        """The object an expression is about: ``l'étape d'une affaire``; an indefinite article marks it."""
        run = _first_run(value)
        if run is None:
            return self.subject is not None
        toks = self.tables.toks_of_items(run.items)
        candidates: list[tuple[int, int, ObjectSymbol]] = []
        for start in range(len(toks)):
            for end in range(len(toks), start, -1):
                if any(tok.stem is None or tok.article for tok in toks[start:end][:1]):
                    break
                key = tuple(tok.stem or "" for tok in toks[start:end])
                symbol = self.vocabulary.object_of(self.language, key)
                if symbol is not None and (start == 0 or toks[start - 1].article):
                    candidates.append((start, end, symbol))
                    break
        if not candidates:
            if self.subject is not None:
                return True
            self.sink.report("QD116", value.span, phrase=phrase_of(toks))
            return False
        indefinite = [c for c in candidates if c[0] and not toks[c[0] - 1].definite]
        start, end, symbol = (indefinite or candidates)[-1]
        if self.subject is not None and any(c[2].name == self.subject.symbol.name for c in candidates):
            return True
        label = self._label(toks, end)
        return self._set_subject(symbol, Span(toks[start].span.start, toks[end - 1].span.end), label)

    @staticmethod
    def _label(toks: Sequence[Tok], position: int) -> tuple[str, ...]:
        if position < len(toks) and toks[position].text[:1].isupper():
            return (toks[position].stem or "",)
        return ()

    # --- object and declared events -------------------------------------------------------------------------------

    def _without_auxiliary(self, toks: list[Tok]) -> list[Tok]:
        stems = [tok.stem for tok in toks]
        for form in self.auxiliaries:
            for position in range(len(toks) - len(form) + 1):
                if tuple(stems[position : position + len(form)]) == form:
                    return toks[:position] + toks[position + len(form) :]
        return toks

    def _event(self, trigger: s.EventTrigger, before: ir.Trigger | None) -> list[ir.Trigger]:
        toks = self.tables.toks(trigger.event)
        span = trigger.event.span
        if any(tok.stem is None for tok in toks):
            self.sink.report("QD113", span, phrase=phrase_of(toks), suggestions=self._event_suggestions(toks))
            return []
        words = self._without_auxiliary(toks)
        forms = self.expressions.forms
        auxiliary = self._auxiliary(toks)
        if len(words) == 1 and words[0].stem in self.participles and before is not None:
            object_name = getattr(before, "object", None)
            if object_name is not None:
                forms[span] = ("participle", object_name, self.participles[words[0].stem or ""], auxiliary)
                return [_OBJECT_EVENTS[self.participles[words[0].stem or ""]](object_name, span=span)]
        occurred = self._occurred(words, span)
        if occurred is not None:
            forms[span] = ("occurred", occurred.event, self.article(toks), auxiliary)
            return [occurred]
        if words and words[-1].stem in self.participles:
            concept = self.participles[words[-1].stem or ""]
            noun = words[:-1]
        elif words and words[0].stem in self.participles and len(words) > 1:
            concept = self.participles[words[0].stem or ""]
            noun = words[1:]
        else:
            self._report_event(toks, span)
            return []
        found = self._noun(noun)
        if found is None:
            self._report_object(noun or toks, span)
            return []
        symbol, label = found
        forms[span] = ("event", self.said_noun(noun, symbol, label), concept, auxiliary)
        if symbol.event or not self._set_subject(symbol, span, label):
            return []
        return [_OBJECT_EVENTS[concept](symbol.name, span=span)]

    def _auxiliary(self, toks: Sequence[Tok]) -> int:
        """The number of the auxiliary in the tables, -1 where there is none."""
        rest = self._without_auxiliary(list(toks))
        missing = [tok.stem or "" for tok in toks if tok not in rest]
        return self.auxiliary_forms.index(tuple(missing)) if tuple(missing) in self.auxiliary_forms else -1

    @staticmethod
    def article(toks: Sequence[Tok]) -> str:
        """The kind of article a phrase starts with."""
        first = toks[0]
        return ("definite" if first.definite else "indefinite") if first.article else ""

    def said_noun(self, toks: Sequence[Tok], symbol: ObjectSymbol, label: tuple[str, ...]) -> Form:
        """How an object was named: article, name, the author's own name for it."""
        start = next((n for n, tok in enumerate(toks) if not tok.article), 0)
        end = len(toks) - 1 if label else len(toks)
        plural = self.expressions.reader.is_plural(toks, start, end, symbol.names)
        return ("noun", symbol.name, self.article(toks), toks[-1].text if label else "", plural)

    def _noun(self, toks: Sequence[Tok]) -> tuple[ObjectSymbol, tuple[str, ...]] | None:
        start = 0
        while start < len(toks) - 1 and toks[start].article:
            start += 1
        for end in range(len(toks), start, -1):
            key = tuple(tok.stem or "" for tok in toks[start:end])
            symbol = self.vocabulary.object_of(self.language, key)
            if symbol is not None:
                if end == len(toks):
                    return symbol, ()
                label = self._label(toks, end)
                if label and end + 1 == len(toks):
                    return symbol, label
        return None

    def _occurred(self, toks: Sequence[Tok], span: Span) -> ir.Occurred | None:
        symbol = self._declared_event([tok for tok in toks if not tok.article])
        if symbol is None or not self._set_subject(symbol, span):
            return None
        return ir.Occurred(symbol.name, span=span)

    def _declared_event(self, toks: Sequence[Tok]) -> ObjectSymbol | None:
        """An event by its noun and participle, in either order."""
        wanted = sorted(tok.stem or "" for tok in toks)
        for symbol in self.vocabulary.objects.values():
            if symbol.event:
                name = symbol.names.get(self.language)
                if name is not None:
                    key = self.tables.name_key_of(self.tables.split(name.text))
                    if sorted(key) == wanted:
                        return symbol
        return None

    def _event_suggestions(self, toks: Sequence[Tok]) -> list[str]:
        names = [display(symbol.names, self.language) for symbol in self.vocabulary.objects.values() if symbol.event]
        return closest(phrase_of(toks).lower(), names)

    def _report_event(self, toks: Sequence[Tok], span: Span) -> None:
        self.sink.report("QD113", span, phrase=phrase_of(toks), suggestions=self._event_suggestions(toks))

    def _report_object(self, toks: Sequence[Tok], span: Span) -> None:
        start = 0
        while start < len(toks) - 1 and toks[start].article:
            start += 1
        place = Span(toks[start].span.start, toks[-1].span.end)
        phrase = phrase_of(toks[start:])
        names = [display(o.names, self.language) for o in self.vocabulary.objects.values() if not o.event]
        suggestions = closest(phrase.lower(), names)
        self.sink.report(
            "QD117",
            place,
            name=phrase,
            suggestions=suggestions,
            fixes=[("replace_by", place, text) for text in suggestions[:1]],
        )

    # --- changes and edges ----------------------------------------------------------------------------------------

    def _value(self, node: s.Expression) -> tuple[str, ir.Expression] | None:
        """An expression over the subject, and the subject's type."""
        if not self._find_subject(node) or self.subject is None:
            return None
        value = self.expressions.expression(node, self.scope())
        if value.type.kind == "error":
            return None
        return self.subject.symbol.name, value

    def _change(self, trigger: s.ChangeTrigger) -> list[ir.Trigger]:
        found = self._value(trigger.value)
        return [ir.Changed(*found, span=trigger.span)] if found else []

    def _target(self, value: ir.Expression, node: s.Expression) -> ir.Expression | None:
        found = self.expressions.expression(node, self.scope(), value.type)
        if found.type.kind == "error":
            return None
        made = self.expressions.converted(found, node.span, value.type, self.expressions.choices_of(value))
        return made if made.type.kind != "error" else None

    def _becomes(self, trigger: s.BecomesTrigger) -> list[ir.Trigger]:
        found = self._value(trigger.value)
        if found is None:
            return []
        object_name, value = found
        if value.type.kind == "boolean" and not trigger.targets:
            return [ir.Edge(object_name, value, span=trigger.span)]
        targets = [self._target(value, target) for target in trigger.targets]
        known = [target for target in targets if target is not None]
        if not known or len(known) != len(targets):
            return []
        condition = (
            ir.Apply("equal", (value, known[0]), _BOOLEAN)
            if len(known) == 1
            else ir.Apply("one_of", (value, *known), _BOOLEAN)
        )
        return [ir.Edge(object_name, condition, span=trigger.span)]

    def _transition(self, trigger: s.TransitionTrigger) -> list[ir.Trigger]:
        found = self._value(trigger.value)
        if found is None:
            return []
        object_name, value = found
        origin, target = self._target(value, trigger.origin), self._target(value, trigger.target)
        if origin is None or target is None:
            return []
        return [ir.GoesFrom(object_name, value, origin, target, span=trigger.span)]

    def _threshold(self, trigger: s.ThresholdTrigger) -> list[ir.Trigger]:
        found = self._value(trigger.value)
        if found is None:
            return []
        object_name, value = found
        bound = self.expressions.expression(trigger.bound, self.scope(), value.type)
        if bound.type.kind == "error":
            return []
        operator = {"exceeds": "gt", "reaches": "ge", "drops_below": "lt"}[trigger.kind]
        try:
            condition = comparison(operator, value, bound, self.expressions.currency)
        except Mistyped as problem:
            fixes = []
            if problem.code == "QD205":
                end = trigger.bound.span.end
                fixes = [("percent", Span(end, end), " %")]
            self.expressions.mistyped(problem, trigger.bound.span, fixes)
            return []
        return [ir.Edge(object_name, condition, span=trigger.span)]

    # --- time -----------------------------------------------------------------------------------------------------

    def _window(self, trigger: s.WindowTrigger) -> list[ir.Trigger]:
        toks = self.tables.toks(trigger.event)
        same: tuple[int, int] | None = None
        end = len(toks)
        for pattern in self.by_same:
            for holes in match(pattern.elements, toks, 0, len(toks)):
                end, same = holes["c"][1], holes["f"]
                break
        words = [tok for tok in self._without_auxiliary(list(toks[:end])) if not tok.article]
        symbol = self._declared_event(words)
        if symbol is None:
            self._report_event(toks[:end], trigger.event.span)
            return []
        if not self._set_subject(symbol, trigger.span):
            return []
        field: str | None = None
        if same is not None:
            key = tuple(tok.stem or "" for tok in toks[slice(*same)])
            found = self.vocabulary.field_of(symbol.name, self.language, key)
            if found is None:
                names = [display(f.names, self.language) for f in self.vocabulary.fields(symbol.name)]
                phrase = phrase_of(toks[slice(*same)])
                self.sink.report(
                    "QD102",
                    Span(toks[same[0]].span.start, toks[same[1] - 1].span.end),
                    phrase=phrase,
                    object=display(symbol.names, self.language),
                    suggestions=closest(phrase.lower(), names),
                )
                return []
            field = found.name
        self.expressions.forms[trigger.event.span] = ("window", symbol.name, field, _whole(trigger.count))
        within = trigger.within.value
        assert isinstance(within, Duration) and isinstance(trigger.count.value, Decimal)
        return [ir.Repeated(symbol.name, int(trigger.count.value), within, field, span=trigger.span)]

    def _date(self, trigger: s.DateTrigger) -> list[ir.Trigger]:
        found = self._value(trigger.date)
        if found is None:
            return []
        object_name, value = found
        if value.type.kind not in {"date", "datetime"}:
            self.sink.report("QD220", trigger.date.span, type=value.type)
            return []
        offset = trigger.offset.value
        assert isinstance(offset, Duration)
        field = value.field if isinstance(value, ir.FieldOf) else "date"
        at = trigger.at.value.isoformat() if trigger.at is not None and isinstance(trigger.at.value, time) else None
        return [ir.DateReached(object_name, value, field, offset, trigger.direction, at, span=trigger.span)]

    def _stays(self, trigger: s.StaysTrigger) -> list[ir.Trigger]:
        toks = self.tables.toks(trigger.subject)
        found = self._noun(toks)
        if found is None:
            self._report_object(toks, trigger.subject.span)
            return []
        self.expressions.forms[trigger.subject.span] = self.said_noun(toks, *found)
        if not self._set_subject(found[0], trigger.subject.span, found[1]):
            return []
        condition = self.expressions.condition(trigger.condition, self.scope())
        duration = trigger.duration.value
        if condition.type.kind == "error" or not isinstance(duration, Duration):
            return []
        return [ir.Stays(found[0].name, duration, condition, span=trigger.span)]

    def _tick(self, trigger: s.CalendarTrigger) -> list[ir.Trigger]:
        toks = self.tables.toks(trigger.schedule)
        at: str | None = None
        end = len(toks)
        last = toks[-1].item if toks else None
        if isinstance(last, s.Literal) and last.kind == "time" and isinstance(last.value, time):
            at = last.value.isoformat()
            end -= 1
            if end and toks[end - 1].stem in self._at_words():
                end -= 1
        schedule = self._schedule(toks[:end])
        if schedule is None:
            self.sink.report("QD121", trigger.schedule.span, phrase=phrase_of(toks))
            return []
        day = next((tok.item for tok in toks[:end] if _whole(tok.item) is not None), None)
        self.expressions.forms[trigger.schedule.span] = (
            *("tick", schedule, self._alone(toks[:end]), day),
            last if at is not None else None,
        )
        tick = attrs.evolve(schedule, at=at, span=trigger.span)
        if trigger.for_each is not None:
            found = self.expressions.collection(trigger.for_each, Scope(self.language))
            if found is None:
                return []
            collection = found.collection
            symbol = self.vocabulary.objects[collection.object]
            if not self._set_subject(symbol, trigger.for_each.span):
                return []
            tick = attrs.evolve(tick, for_each=collection)
        return [tick]

    def _at_words(self) -> frozenset[str | None]:
        pattern = compile_pattern("at", self.calendar["at"][0], self.language)
        return frozenset(e.stem for e in pattern.elements if e.stem is not None)

    def _alone(self, toks: Sequence[Tok]) -> str:
        """What a schedule of one word is: ``hour``, ``day``, ``week``, ``month``; empty for another."""
        stems = [tok.stem for tok in toks if not tok.article]
        for every in ("hour", "day", "week", "month"):
            if len(stems) == 1 and stems[0] in {self._stem(form) for form in self.calendar[every]}:
                return every
        return ""

    def _schedule(self, toks: Sequence[Tok]) -> ir.Tick | None:
        words = [tok for tok in toks if not tok.article]
        stems = tuple(tok.stem for tok in words)
        if len(stems) == 1:
            for every in ("hour", "day", "week", "month"):
                if stems[0] in {self._stem(form) for form in self.calendar[every]}:
                    return ir.Tick(every, day=1 if every in {"week", "month"} else None)
            for number, forms in enumerate(self.calendar["weekdays"], 1):
                if stems[0] in {self._stem(form) for form in forms}:
                    return ir.Tick("week", day=number)
        day = next((whole for t in words if (whole := _whole(t.item)) is not None), None)
        for text in self.calendar["first_of_month"]:
            pattern = compile_pattern("first", text, self.language)
            if any(True for _ in match(pattern.elements, words, 0, len(words))):
                return ir.Tick("month", day=1)
        if day is None:
            return None
        for text in self.calendar["month_day"]:
            pattern = compile_pattern("day", text, self.language)
            if any(h["n"] for h in match(pattern.elements, words, 0, len(words))) and 1 <= day <= 31:
                return ir.Tick("month", day=day)
        for text in self.calendar["year_day"]:
            pattern = compile_pattern("year", text, self.language)
            for holes in match(pattern.elements, words, 0, len(words)):
                month = self._month(words[slice(*holes["m"])])
                if month is not None and 1 <= day <= 31:
                    return ir.Tick("year", day=day, month=month)
        return None

    def _month(self, toks: Sequence[Tok]) -> int | None:
        if len(toks) != 1:
            return None
        for number, forms in enumerate(self.calendar["months"], 1):
            if toks[0].stem in {self._stem(form) for form in forms}:
                return number
        return None


def _whole(item: s.Item | None) -> int | None:
    """The value of a literal that is a whole number."""
    if isinstance(item, s.Literal) and isinstance(item.value, Decimal) and item.value == item.value.to_integral_value():
        return int(item.value)
    return None


def _first_run(node: s.Expression) -> s.Run | None:
    """The run an expression is about."""
    match node:
        case s.Run():
            return node
        case s.Binary():
            return _first_run(node.left) or _first_run(node.right)
        case s.Negative() | s.Not():
            return _first_run(node.operand)
        case _:
            return None


_BOOLEAN = ir.BOOLEAN
_OBJECT_EVENTS: dict[str, type[ir.Created] | type[ir.Updated] | type[ir.Deleted] | type[ir.Saved]] = {
    "created": ir.Created,
    "updated": ir.Updated,
    "deleted": ir.Deleted,
    "saved": ir.Saved,
}
