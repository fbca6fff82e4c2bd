"""From ``exemple`` blocks to examples that can be run."""

from __future__ import annotations

from collections.abc import Sequence

import attrs

from . import ir
from . import syntax as s
from .actions import ActionResolver
from .example_model import (
    Case,
    ClockIs,
    DeclaredEvent,
    Example,
    ExpectAction,
    ExpectCondition,
    GivenObject,
    ObjectEvent,
    Step,
    TimePasses,
)
from .expressions import ExpressionResolver
from .lexicon import languages
from .patterns import pattern_set
from .phrases import plain_text, text_of_words
from .scope import Scope
from .source import Span
from .triggers import TriggerResolver
from .types import reference_to
from .unknown import phrase_of, report_no_field, suggest
from .vocabulary import ObjectSymbol, display
from .words import Tok


class ExampleResolver:
    """Resolves one example; ``source`` is the text of its declaration, to quote what the author wrote."""

    def __init__(self, expressions: ExpressionResolver, source: str) -> None:
        self.expressions = expressions
        self.source = source
        self.language = expressions.language
        self.vocabulary = expressions.vocabulary
        self.tables = expressions.tables
        self.patterns = pattern_set(self.language, "examples")
        self.scope = Scope(self.language)
        self.given = 0
        self.made: set[str] = set()

    @property
    def sink(self):
        return self.expressions.sink

    def resolve(self, example: s.ExampleDeclaration) -> Example:
        """The example with a case for each row of its table."""
        own = plain_text(example.name)
        other = plain_text(example.other) if example.other is not None else own
        names = {language: own if language == self.language else other for language in languages()}
        cases: list[Case] = []
        if example.columns:
            for number, row in enumerate(example.rows, 1):
                values = self._row(example.columns, row)
                if values is not None:
                    cases.append(self._case(example, values, number, row.span))
        else:
            cases.append(self._case(example, (), None, example.span))
        return Example(
            names,
            tuple(cases),
            self.sink.uri,
            self.language,
            span=example.span.shifted(self.sink.offset),
        )

    def _row(
        self, columns: Sequence[s.Expression], row: s.TableRow
    ) -> tuple[tuple[tuple[str, ...], ir.Expression], ...] | None:
        if len(row.cells) != len(columns):
            self.sink.report("QD230", row.span, expected=len(columns), found=len(row.cells))
            return None
        made: list[tuple[tuple[str, ...], ir.Expression]] = []
        for column, cell in zip(columns, row.cells, strict=True):
            key = self._column_key(column)
            test = cell.tests[0] if cell.tests else None
            if key is None:
                self.sink.report("QD124", column.span)
                return None
            if test is None:
                made.append((key, ir.Constant(None, ir.Type("empty"))))
            elif isinstance(test, s.CellTest) and test.kind == "value" and len(cell.tests) == 1:
                made.append((key, self.expressions.expression(test.operands[0], Scope(self.language))))
            else:
                self.sink.report("QD232", cell.span)
                return None
        return tuple(made)

    def _column_key(self, column: s.Expression) -> tuple[str, ...] | None:
        if not isinstance(column, s.Run) or len(column.items) != 1:
            return None
        item = column.items[0]
        return self.tables.name_key(item) if isinstance(item, (s.Phrase, s.Name)) else None

    def _case(
        self,
        example: s.ExampleDeclaration,
        values: tuple[tuple[tuple[str, ...], ir.Expression], ...],
        row: int | None,
        span: Span,
    ) -> Case:
        self.scope = Scope(self.language, values=values)
        self.given = 0
        self.made = set()
        given: list[Step] = []
        steps: list[Step] = []
        for step in example.steps:
            match step:
                case s.Given():
                    made = self._given(step)
                    if made is not None:
                        given.append(made)
                case s.When():
                    steps.extend(self._when(step))
                case s.Then():
                    for expectation in step.expectations:
                        if isinstance(expectation, s.Expectation):
                            found = self._expectation(expectation)
                            if found is not None:
                                steps.append(found)
                case s.InvalidSyntax():
                    pass
        return Case(tuple(given), tuple(steps), row, span=span.shifted(self.sink.offset))

    # --- given ----------------------------------------------------------------------------------------------------

    def _given(self, step: s.Given) -> Step | None:
        toks = self.tables.toks(step.head)
        clock = self._clock(toks, step.span)
        if clock is not None:
            return clock
        found = self._noun(toks)
        if found is None:
            self._unknown_object(toks, step.head.span)
            return None
        symbol, label = found
        self.expressions.forms[step.head.span] = TriggerResolver(self.expressions).said_noun(toks, symbol, label)
        return self._new_object(symbol, label, step.arguments, step.span)

    def _new_object(
        self,
        symbol: ObjectSymbol,
        label: tuple[str, ...],
        arguments: Sequence[s.Argument | s.InvalidSyntax],
        span: Span,
    ) -> GivenObject:
        fields = self._fields(symbol, arguments)
        self.given += 1
        variable = ir.Variable(f"given{self.given}", reference_to(symbol.name))
        named = (*self.scope.named, (label or (f"·{variable.name}",), variable))
        subject = self.scope.subject or variable
        self.scope = attrs.evolve(self.scope, subject=subject, named=named)
        return GivenObject(variable.name, symbol.name, fields, span=span)

    def _noun(self, toks: Sequence[Tok]) -> tuple[ObjectSymbol, tuple[str, ...]] | None:
        found = TriggerResolver(self.expressions).noun(toks)
        return None if found is None or found[0].event else found

    def _fields(
        self, symbol: ObjectSymbol, arguments: Sequence[s.Argument | s.InvalidSyntax]
    ) -> tuple[ir.Argument, ...]:
        made: list[ir.Argument] = []
        for argument in arguments:
            if isinstance(argument, s.InvalidSyntax):
                continue
            name = argument.name
            field = self.vocabulary.field_of(symbol.name, self.language, self.tables.name_key(name))
            if field is None:
                written = name.text if isinstance(name, s.Name) else text_of_words(name.words)
                names = [display(f.names, self.language) for f in self.vocabulary.fields(symbol.name)]
                suggestions = suggest(written, names)
                report_no_field(self.expressions, name.span, written, symbol.name, suggestions)
                continue
            self.expressions.forms[name.span] = ("parameter", field)
            type_ = self.expressions.field_type(field)
            value = self.expressions.value(argument.value, self.scope, type_, field.choices)
            if value.type.kind != "error":
                made.append(ir.Argument(field.name, value))
        return tuple(made)

    def _clock(self, toks: Sequence[Tok], span: Span) -> ClockIs | None:
        for pattern, holes in self.patterns.matches(toks, 0, len(toks)):
            if pattern.concept == "clock":
                for reading in self.expressions.readings(toks, *holes["d"], self.scope, None):
                    if reading.expression.type.kind in {"date", "datetime", "time"}:
                        place = Span(toks[0].span.start, toks[-1].span.end)
                        self.expressions.forms[place] = ("clock", reading.expression.type.kind, reading.form)
                        return ClockIs(reading.expression, span=span)
        return None

    # --- when -----------------------------------------------------------------------------------------------------

    def _when(self, step: s.When) -> list[Step]:
        event = step.event
        if isinstance(event, s.BecomesTrigger):
            return self._becomes(step, event)
        if isinstance(event, s.InvalidSyntax):
            return []
        if not isinstance(event, s.EventTrigger):
            self.sink.report("QD125", event.span)
            return []
        toks = self.tables.toks(event.event)
        clock = self._clock(toks, step.span)
        if clock is not None:
            return [clock]
        for pattern, holes in self.patterns.matches(toks, 0, len(toks)):
            if pattern.concept == "time_passes":
                for reading in self.expressions.readings(toks, *holes["d"], self.scope, None):
                    if reading.expression.type.kind == "duration":
                        self.expressions.forms[event.event.span] = ("time_passes", reading.form)
                        return [TimePasses(reading.expression, span=step.span)]
        return self._event(step, event)

    def _event(self, step: s.When, event: s.EventTrigger) -> list[Step]:
        triggers = TriggerResolver(self.expressions)
        triggers.known = dict(self._labels())
        resolved = triggers.resolve([event])
        if not resolved:
            return []
        trigger = resolved[0]
        if isinstance(trigger, ir.Occurred):
            symbol = self.vocabulary.objects[trigger.event]
            return [DeclaredEvent(trigger.event, self._fields(symbol, step.arguments), span=step.span)]
        kind = type(trigger).__name__.lower()
        assert triggers.subject is not None
        symbol, label = triggers.subject
        variable = self._given_object(symbol, label)
        if kind == "created" and variable is not None:
            if not label and self._is_another(event.event, variable):
                variable = None
            else:
                self.made.add(variable.name)
        made: list[Step] = []
        if variable is None:
            given = self._new_object(symbol, label, step.arguments, step.span)
            made.append(given)
            variable = ir.Variable(given.variable, reference_to(symbol.name))
            self.made.add(variable.name)
            fields: tuple[ir.Argument, ...] = ()
        else:
            fields = self._fields(symbol, step.arguments)
        self.scope = attrs.evolve(self.scope, subject=variable)
        made.append(ObjectEvent(kind, variable.name, symbol.name, fields, span=step.span))
        return made

    def _labels(self) -> list[tuple[tuple[str, ...], ObjectSymbol]]:
        """The names of the objects given, with their types."""
        return [
            (label, self.vocabulary.objects[variable.type.object])
            for label, variable in self.scope.named
            if variable.type.object is not None and not label[0].startswith("·given")
        ]

    def _is_another(self, event: s.Run, variable: ir.Variable) -> bool:
        """``une affaire est créée`` is another one than a given ``affaire A``, or than one created before."""
        toks = self.tables.toks(event)
        indefinite = not any(tok.article and tok.definite for tok in toks)
        named = any(v == variable and not label[0].startswith("·given") for label, v in self.scope.named)
        return indefinite and (named or variable.name in self.made)

    def _given_object(self, symbol: ObjectSymbol, label: tuple[str, ...]) -> ir.Variable | None:
        """The object given before that an event is about."""
        named = [(key, v) for key, v in self.scope.named if isinstance(v, ir.Variable)]
        same = [(key, v) for key, v in named if v.type.object == symbol.name]
        if label:
            return next((v for key, v in same if key == label), None)
        return same[-1][1] if same else None

    def _becomes(self, step: s.When, event: s.BecomesTrigger) -> list[Step]:
        target = self.expressions.expression(event.value, self.scope)
        if not isinstance(target, ir.FieldOf) or not isinstance(target.object, ir.Variable) or not event.targets:
            if target.type.kind != "error":
                self.sink.report("QD125", event.span)
            return []
        choices = self.expressions.choices_of(target)
        value = self.expressions.value(event.targets[0], self.scope, target.type, choices)
        if value.type.kind == "error":
            return []
        owner = target.object
        assert owner.type.object is not None
        symbol = self.vocabulary.objects[owner.type.object]
        fields = (ir.Argument(target.field, value), *self._fields(symbol, step.arguments))
        self.scope = attrs.evolve(self.scope, subject=owner)
        return [ObjectEvent("updated", owner.name, symbol.name, fields, span=step.span)]

    # --- then -----------------------------------------------------------------------------------------------------

    def _expectation(self, expectation: s.Expectation) -> Step | None:
        text = self.source[expectation.span.start : expectation.span.end].strip()
        action = self._as_action(expectation)
        if action is not None:
            return ExpectAction(action, expectation.never, text, span=expectation.span)
        before = len(self.sink.found)
        condition = self.expressions.condition(expectation.body, self.scope)
        if condition.type.kind == "error":
            assert len(self.sink.found) > before or self.sink.muted
            return None
        return ExpectCondition(condition, expectation.never, text, span=expectation.span)

    def _as_action(self, expectation: s.Expectation) -> ir.Action | None:
        """The expectation as an action, unless it is a condition. Its arguments need not be complete."""
        body = expectation.body
        head, value = body, None
        if isinstance(body, s.Comparison) and body.operator == "eq" and isinstance(body.left, s.Run):
            head, value = body.left, body.right
        if not isinstance(head, s.Run):
            return None
        call = s.ActionCall(head, value, False, expectation.arguments, span=expectation.span)
        resolver = ActionResolver(self.expressions, partial=True)
        toks = self.tables.toks(head)
        with self.expressions.muted():
            candidates = resolver.candidates(call, toks, self.scope)
        if not candidates:
            return None
        return resolver.action(call, self.scope) if value is None else resolver.called(call, toks, self.scope)

    def _unknown_object(self, toks: Sequence[Tok], span: Span) -> None:
        names = [display(o.names, self.language) for o in self.vocabulary.objects.values() if not o.event]
        self.sink.report("QD117", span, name=self.sink.quote(span), suggestions=suggest(phrase_of(toks), names))
