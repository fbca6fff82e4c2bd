"""From triggers of time as written to those of the IR: windows, dates, states that last, calendars."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import time
from decimal import Decimal
from typing import TYPE_CHECKING

import attrs

from . import ir
from . import syntax as s
from .patterns import compile_pattern, match
from .scope import Scope
from .source import Span
from .suggest import closest
from .unknown import phrase_of
from .values import Duration
from .vocabulary import ObjectSymbol, display
from .words import Tok

if TYPE_CHECKING:
    from .triggers import TriggerResolver


LAST_DAY = 31
"""The day of the month that is the last one in a shorter month too."""


class TimeTriggers:
    """The triggers of one rule that wait for time; ``triggers`` resolves the others and knows the subject."""

    def __init__(self, triggers: TriggerResolver) -> None:
        self.triggers = triggers

    def window(self, trigger: s.WindowTrigger) -> list[ir.Trigger]:
        toks = self.triggers.tables.toks(trigger.event)
        same: tuple[int, int] | None = None
        end = len(toks)
        for pattern in self.triggers.by_same:
            for holes in match(pattern.elements, toks, 0, len(toks)):
                end, same = holes["c"][1], holes["f"]
                break
        words = [tok for tok in self.triggers.without_auxiliary(list(toks[:end])) if not tok.article]
        symbol = self.triggers.declared_event(words) or self._created(words)
        if symbol is None:
            self.triggers.report_event(toks[:end], trigger.event.span)
            return []
        self.triggers.set_subject(symbol)
        field: str | None = None
        if same is not None:
            key = tuple(tok.stem or "" for tok in toks[slice(*same)])
            found = self.triggers.vocabulary.field_of(symbol.name, self.triggers.language, key)
            if found is None:
                names = [display(f.names, self.triggers.language) for f in self.triggers.vocabulary.fields(symbol.name)]
                phrase = phrase_of(toks[slice(*same)])
                self.triggers.sink.report(
                    "QD102",
                    Span(toks[same[0]].span.start, toks[same[1] - 1].span.end),
                    phrase=phrase,
                    object=display(symbol.names, self.triggers.language),
                    suggestions=closest(phrase.lower(), names),
                )
                return []
            field = found.name
        self.triggers.expressions.forms[trigger.event.span] = ("window", symbol.name, field, _whole(trigger.count))
        within = trigger.within.value
        assert isinstance(within, Duration) and isinstance(trigger.count.value, Decimal)
        count = trigger.count.value
        if count != count.to_integral_value() or count < 1:
            self.triggers.sink.report("QD242", trigger.count.span, count=count)
            return []
        return [ir.Repeated(symbol.name, int(trigger.count.value), within, field, span=trigger.span)]

    def _created(self, words: Sequence[Tok]) -> ObjectSymbol | None:
        """The object whose creations are counted: ``affaires créées``."""
        participles = self.triggers.participles
        for noun, said in ((words[:-1], words[-1:]), (words[1:], words[:1])):
            if said and said[0].stem is not None and participles.get(said[0].stem) == "created":
                found = self.triggers.noun(noun)
                return found[0] if found is not None and not found[0].event else None
        return None

    def date(self, trigger: s.DateTrigger) -> list[ir.Trigger]:
        found = self.triggers.value(trigger.date)
        if found is None:
            return []
        object_name, value = found
        if value.type.kind not in {"date", "datetime"}:
            self.triggers.sink.report("QD220", trigger.date.span, type=value.type)
            return []
        offset = trigger.offset.value
        assert isinstance(offset, Duration)
        field = value.field if isinstance(value, ir.FieldOf) else "date"
        at = trigger.at.value.isoformat() if trigger.at is not None and isinstance(trigger.at.value, time) else None
        return [ir.DateReached(object_name, value, field, offset, trigger.direction, at, span=trigger.span)]

    def stays(self, trigger: s.StaysTrigger) -> list[ir.Trigger]:
        toks = self.triggers.tables.toks(trigger.subject)
        found = self.triggers.noun(toks)
        if found is None:
            self.triggers.report_object(toks, trigger.subject.span)
            return []
        self.triggers.expressions.forms[trigger.subject.span] = self.triggers.said_noun(toks, *found)
        self.triggers.set_subject(*found)
        condition = self.triggers.expressions.condition(trigger.condition, self.triggers.here())
        duration = trigger.duration.value
        if condition.type.kind == "error" or not isinstance(duration, Duration):
            return []
        return [ir.Stays(found[0].name, duration, condition, span=trigger.span)]

    def tick(self, trigger: s.CalendarTrigger) -> list[ir.Trigger]:
        toks = self.triggers.tables.toks(trigger.schedule)
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
            span = trigger.schedule.span
            self.triggers.sink.report("QD121", span, phrase=self.triggers.sink.quote(span))
            return []
        day = next((tok.item for tok in toks[:end] if _whole(tok.item) is not None), None)
        self.triggers.expressions.forms[trigger.schedule.span] = (
            *("tick", schedule, self.triggers.alone(toks[:end]), day),
            last if at is not None else None,
        )
        tick = attrs.evolve(schedule, at=at, span=trigger.span)
        if trigger.for_each is not None:
            found = self.triggers.expressions.collection(trigger.for_each, Scope(self.triggers.language))
            if found is None:
                return []
            collection = found.collection
            self.triggers.set_subject(self.triggers.vocabulary.objects[collection.object])
            tick = attrs.evolve(tick, for_each=collection)
        return [tick]

    def _at_words(self) -> frozenset[str | None]:
        pattern = compile_pattern("at", self.triggers.calendar["at"][0], self.triggers.language)
        return frozenset(e.stem for e in pattern.elements if e.stem is not None)

    def _schedule(self, toks: Sequence[Tok]) -> ir.Tick | None:
        words = [tok for tok in toks if not tok.article]
        stems = tuple(tok.stem for tok in words)
        alone = self.triggers.alone(toks)
        if alone:
            return ir.Tick(alone, day=1 if alone in {"week", "month"} else None)
        if len(stems) == 1:
            for number, forms in enumerate(self.triggers.calendar["weekdays"], 1):
                if stems[0] in {self.triggers.stem(form) for form in forms}:
                    return ir.Tick("week", day=number)
        day = next((whole for t in words if (whole := _whole(t.item)) is not None), None)
        for concept, day_of_month in (("first_of_month", 1), ("last_of_month", LAST_DAY)):
            for text in self.triggers.calendar[concept]:
                pattern = compile_pattern(concept, text, self.triggers.language)
                if any(True for _ in match(pattern.elements, words, 0, len(words))):
                    return ir.Tick("month", day=day_of_month)
        if day is None:
            return None
        for text in self.triggers.calendar["month_day"]:
            pattern = compile_pattern("day", text, self.triggers.language)
            if any(h["n"] for h in match(pattern.elements, words, 0, len(words))) and 1 <= day <= 31:
                return ir.Tick("month", day=day)
        for text in self.triggers.calendar["year_day"]:
            pattern = compile_pattern("year", text, self.triggers.language)
            for holes in match(pattern.elements, words, 0, len(words)):
                month = self._month(words[slice(*holes["m"])])
                if month is not None and 1 <= day <= 31:
                    return ir.Tick("year", day=day, month=month)
        return None

    def _month(self, toks: Sequence[Tok]) -> int | None:
        if len(toks) != 1:
            return None
        for number, forms in enumerate(self.triggers.calendar["months"], 1):
            if toks[0].stem in {self.triggers.stem(form) for form in forms}:
                return number
        return None


def _whole(item: s.Item | None) -> int | None:
    """The value of a literal that is a whole number."""
    if isinstance(item, s.Literal) and isinstance(item.value, Decimal) and item.value == item.value.to_integral_value():
        return int(item.value)
    return None
