"""From triggers as written to the triggers of the IR, and the subject they are about."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from . import ir
from . import syntax as s
from .collections import Form
from .expressions import ExpressionResolver
from .lexicon import lexicon
from .operators import Mistyped, comparison
from .patterns import compile_pattern
from .reading import MOST_WORDS
from .scope import Scope
from .source import Span
from .suggest import closest
from .time_triggers import TimeTriggers
from .types import TEXT, reference_to, union_of
from .unknown import phrase_of
from .vocabulary import ObjectSymbol, display
from .words import LONGEST_NAME, Tok, after_articles


class Subject(NamedTuple):
    """What a rule is about: an object or event, and the name the author gave it (its stems)."""

    symbol: ObjectSymbol
    label: tuple[str, ...] = ()


class TriggerResolver:
    """Resolves the triggers of one rule.

    ``subject`` is what the trigger at hand is about, ``subjects`` what all of them are: of one kind as a rule.
    """

    def __init__(self, expressions: ExpressionResolver) -> None:
        self.expressions = expressions
        self.language = expressions.language
        self.vocabulary = expressions.vocabulary
        self.tables = expressions.tables
        self.subject: Subject | None = None
        self.subjects: list[Subject] = []
        self.known: dict[tuple[str, ...], ObjectSymbol] = {}
        self.time = TimeTriggers(self)
        phrases = lexicon(self.language).tables["phrases"]
        self.participles = {
            self.stem(form): concept for concept, forms in phrases["participles"].items() for form in forms
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

    def stem(self, form: str) -> str:
        return self.tables.stem(self.tables.lexicon.fold(form))

    def stems(self, form: str) -> tuple[str, ...]:
        """The stems of the words of a form of the tables, articles left out."""
        return tuple(tok.stem or "" for tok in self.tables.expand(self.tables.split(form)) if not tok.article)

    @property
    def sink(self):
        return self.expressions.sink

    def scope(self) -> Scope:
        """The scope of the rule once its triggers are resolved."""
        if len(self.subjects) < 2:
            return self.here()
        kinds = [each.symbol.name for each in self.subjects]
        variable = ir.Variable("subject", union_of(tuple(reference_to(kind) for kind in kinds)))
        several = tuple(ir.Apply("of_kind", (variable, ir.Constant(kind, TEXT)), reference_to(kind)) for kind in kinds)
        labels = [each.label for each in self.subjects]
        named = tuple((label, one) for label, one in zip(labels, several, strict=True) if label)
        return Scope(self.language, named=named, several=several)

    def here(self) -> Scope:
        """The scope of the trigger at hand."""
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
        if not isinstance(trigger, s.EventTrigger):
            return False
        if len(trigger.event.items) != 1 or not isinstance(trigger.event.items[0], (s.Text, s.Literal)):
            return False
        if isinstance(before, s.InvalidSyntax):
            # what stands before was told
            return True
        if not isinstance(before, s.BecomesTrigger) or not before.targets:
            return False
        start = before.targets[0].span.start
        word = self.expressions.keyword("tests", "one_of")
        self.sink.report(
            "QD211", trigger.event.span, fixes=[("one_of", Span(start, start), f"{word} ")], fix_args={"text": word}
        )
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
                return self.time.window(trigger)
            case s.DateTrigger():
                return self.time.date(trigger)
            case s.StaysTrigger():
                return self.time.stays(trigger)
            case s.CalendarTrigger():
                return self.time.tick(trigger)
            case s.InvalidSyntax():
                return []

    # --- the subject ----------------------------------------------------------------------------------------------

    def set_subject(self, symbol: ObjectSymbol, label: tuple[str, ...] = ()) -> None:
        known = next((each for each in self.subjects if each.symbol.name == symbol.name), None)
        if known is None:
            known = Subject(symbol, label)
            self.subjects.append(known)
        self.subject = known

    def _find_subject(self, value: s.Expression) -> bool:
        """The object an expression is about: ``l'étape d'une affaire``; an indefinite article marks it."""
        run = _first_run(value)
        if run is None:
            return self.subject is not None
        toks = self.tables.toks_of_items(run.items)
        candidates: list[tuple[int, int, ObjectSymbol]] = []
        for start in range(len(toks)):
            for end in range(min(len(toks), start + LONGEST_NAME), start, -1):
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
            self.sink.report("QD116", value.span, phrase=self.sink.quote(value.span))
            return False
        indefinite = [c for c in candidates if c[0] and not toks[c[0] - 1].definite]
        _, end, symbol = (indefinite or candidates)[-1]
        if self.subject is not None and any(c[2].name == self.subject.symbol.name for c in candidates):
            return True
        if self.subject is None or indefinite:
            self.set_subject(symbol, self._label(toks, end))
        return True

    @staticmethod
    def _label(toks: Sequence[Tok], position: int) -> tuple[str, ...]:
        if position < len(toks) and toks[position].text[:1].isupper():
            return (toks[position].stem or "",)
        return ()

    # --- object and declared events -------------------------------------------------------------------------------

    def without_auxiliary(self, toks: list[Tok]) -> list[Tok]:
        stems = [tok.stem for tok in toks]
        for form in self.auxiliaries:
            for position in range(len(toks) - len(form) + 1):
                if tuple(stems[position : position + len(form)]) == form:
                    return toks[:position] + toks[position + len(form) :]
        return toks

    def _event(self, trigger: s.EventTrigger, before: ir.Trigger | None) -> list[ir.Trigger]:
        toks = self.tables.toks(trigger.event)
        span = trigger.event.span
        if len(toks) > MOST_WORDS or any(tok.stem is None for tok in toks):
            self.sink.report("QD113", span, phrase=self.sink.quote(span), suggestions=self._event_suggestions(toks))
            return []
        words = self.without_auxiliary(toks)
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
            self.report_event(toks, span)
            return []
        found = self.noun(noun)
        if found is None:
            self.report_object(noun or toks, span)
            return []
        symbol, label = found
        forms[span] = ("event", self.said_noun(noun, symbol, label), concept, auxiliary)
        if symbol.event:
            return []
        self.set_subject(symbol, label)
        return [_OBJECT_EVENTS[concept](symbol.name, span=span)]

    def _auxiliary(self, toks: Sequence[Tok]) -> int:
        """The number of the auxiliary in the tables, -1 where there is none."""
        rest = self.without_auxiliary(list(toks))
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

    def noun(self, toks: Sequence[Tok]) -> tuple[ObjectSymbol, tuple[str, ...]] | None:
        """The object that words name, and the name the author gave it; ``None`` for no object or event."""
        if len(toks) == 1 and (symbol := self.known.get((toks[0].stem or "",))) is not None:
            return symbol, (toks[0].stem or "",)
        start = 0
        while start < len(toks) - 1 and (toks[start].article or toks[start].optional):
            start += 1
        for end in range(min(len(toks), start + LONGEST_NAME), start, -1):
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
        symbol = self.declared_event([tok for tok in toks if not tok.article])
        if symbol is None:
            return None
        self.set_subject(symbol)
        return ir.Occurred(symbol.name, span=span)

    def declared_event(self, toks: Sequence[Tok]) -> ObjectSymbol | None:
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

    def report_event(self, toks: Sequence[Tok], span: Span) -> None:
        self.sink.report("QD113", span, phrase=self.sink.quote(span), suggestions=self._event_suggestions(toks))

    def report_object(self, toks: Sequence[Tok], span: Span) -> None:
        start = after_articles(toks)
        place = Span(toks[start].span.start, toks[-1].span.end)
        phrase = self.sink.quote(place)
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

    def value(self, node: s.Expression) -> tuple[str, ir.Expression] | None:
        """An expression over the subject, and the subject's type."""
        if not self._find_subject(node) or self.subject is None:
            return None
        value = self.expressions.expression(node, self.here())
        if value.type.kind == "error":
            return None
        return self.subject.symbol.name, value

    def _change(self, trigger: s.ChangeTrigger) -> list[ir.Trigger]:
        found = self.value(trigger.value)
        return [ir.Changed(*found, span=trigger.span)] if found else []

    def _target(self, value: ir.Expression, node: s.Expression) -> ir.Expression | None:
        found = self.expressions.expression(node, self.here(), value.type)
        if found.type.kind == "error":
            return None
        made = self.expressions.converted(found, node.span, value.type, self.expressions.choices_of(value))
        return made if made.type.kind != "error" else None

    def _becomes(self, trigger: s.BecomesTrigger) -> list[ir.Trigger]:
        found = self.value(trigger.value)
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
        found = self.value(trigger.value)
        if found is None:
            return []
        object_name, value = found
        origin, target = self._target(value, trigger.origin), self._target(value, trigger.target)
        if origin is None or target is None:
            return []
        return [ir.GoesFrom(object_name, value, origin, target, span=trigger.span)]

    def _threshold(self, trigger: s.ThresholdTrigger) -> list[ir.Trigger]:
        found = self.value(trigger.value)
        if found is None:
            return []
        object_name, value = found
        bound = self.expressions.expression(trigger.bound, self.here(), value.type)
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

    def alone(self, toks: Sequence[Tok]) -> str:
        """What a schedule of one word is: ``hour``, ``day``, ``week``, ``month``; empty for another."""
        stems = [tok.stem for tok in toks if not tok.article]
        for every in ("hour", "day", "business_day", "week", "month"):
            if tuple(stems) in {self.stems(form) for form in self.calendar[every]}:
                return every
        return ""


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
