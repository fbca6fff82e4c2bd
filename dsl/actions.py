"""From actions as written to the actions of the IR."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TypeAlias

import attrs

from . import ir
from . import syntax as s
from .builtin_actions import BuiltinActions
from .collections import Form
from .expressions import ExpressionResolver
from .patterns import Element, Holes, Pattern, match, pattern_set
from .phrases import text_of_words
from .reading import Reading
from .scope import Scope
from .source import Span
from .types import Type
from .unknown import phrase_of, suggest
from .vocabulary import ActionSymbol, FieldSymbol, display
from .words import Tok

OPEN_ACTIONS = frozenset({"call webhook"})
"""Actions that take any number of arguments under names of the author's own."""


Candidate: TypeAlias = tuple[Holes, Callable[[], ir.Action | None]]
"""What fills the holes of an action's phrase, and how the action is made."""


class ActionResolver:
    """Resolves a rule's actions; ``waits`` counts its waits, which are part of the keys of timers.

    ``partial`` accepts calls that lack required arguments: what an example expects.
    """

    def __init__(self, expressions: ExpressionResolver, partial: bool = False) -> None:
        self.expressions = expressions
        self.partial = partial
        self.language = expressions.language
        self.vocabulary = expressions.vocabulary
        self.tables = expressions.tables
        self.builtin = pattern_set(self.language, "actions")
        self.waits = 0
        self.builtins = BuiltinActions(self)

    @property
    def sink(self):
        return self.expressions.sink

    # --- lists ----------------------------------------------------------------------------------------------------

    def resolve(self, actions: Sequence[s.Action], scope: Scope) -> tuple[ir.Action, ...]:
        """A list of actions; everything after a wait in the list waits."""
        made: list[ir.Action] = []
        for position, action in enumerate(actions):
            if isinstance(action, s.Wait):
                wait = self._wait(action, actions[position + 1 :], scope)
                if wait is not None:
                    made.append(wait)
                return tuple(made)
            found = self.action(action, scope)
            created = found.object if isinstance(found, ir.Create) else None
            if found is None:
                created = self._object_created(action)
            if created is not None and created not in scope.created:
                scope = attrs.evolve(scope, created=(*scope.created, created))
            if found is not None:
                made.append(found)
        return tuple(made)

    def _object_created(self, action: s.Action) -> str | None:
        """The type of object that an action creates which is badly written otherwise."""
        if not isinstance(action, s.ActionCall):
            return None
        toks = self.tables.toks(action.head)
        ends = [len(toks)] if action.value is None else range(1, len(toks))
        for end in ends:
            for pattern, holes in self.builtin.matches(toks, 0, end):
                if pattern.concept == "create":
                    symbol = self.builtins.object_created(toks, *holes["o"])
                    if symbol is not None:
                        return symbol.name
        return None

    def _wait(self, wait: s.Wait, after: Sequence[s.Action], scope: Scope) -> ir.Wait | None:
        self.waits += 1
        number = self.waits
        duration = self.expressions.value(wait.duration, scope, Type("duration"))
        unless = self.expressions.condition(wait.unless, scope) if wait.unless is not None else None
        if not after:
            self.sink.report("QD221", wait.span)
        then = self.resolve(after, scope)
        if duration.type.kind == "error":
            return None
        return ir.Wait(duration, then, number, unless, span=wait.span)

    def action(self, action: s.Action, scope: Scope) -> ir.Action | None:
        """One action; what cannot be resolved is reported and ``None``."""
        match action:
            case s.ForEach():
                return self._for_each(action, scope)
            case s.ActionCall():
                return self._call(action, scope)
            case _:
                return None

    def _for_each(self, loop: s.ForEach, scope: Scope) -> ir.Action | None:
        found = self.expressions.collection(loop.collection, scope)
        if found is None:
            return None
        body = self.resolve(loop.actions, found.scope)
        return ir.ForEach(found.collection, body, span=loop.span)

    # --- calls and assignments ------------------------------------------------------------------------------------

    def _call(self, call: s.ActionCall, scope: Scope) -> ir.Action | None:
        toks = self.tables.toks(call.head)
        before = len(self.sink.found)
        if call.value is not None:
            assignment = self._assignment(call, toks, scope)
            if assignment is not None or len(self.sink.found) > before:
                return assignment
        return self.called(call, toks, scope)

    def called(self, call: s.ActionCall, toks: Sequence[Tok], scope: Scope) -> ir.Action | None:
        """The action whose phrase this is."""
        before = len(self.sink.found)
        tries = self._tries(call, toks, scope)
        if len(tries) > 1:
            self._report_ambiguous(call, toks, [shown for shown, _ in tries])
            return None
        if tries:
            return tries[0][1]()
        if len(self.sink.found) == before:
            # only a mistake needs it
            from .unknown_actions import report_unknown_action

            report_unknown_action(self, call, toks, scope)
        return None

    def _assignment(self, call: s.ActionCall, toks: Sequence[Tok], scope: Scope) -> ir.Action | None:
        """``étape = 'Gagnée'``, when the head is a field."""
        assert call.value is not None
        with self.expressions.muted():
            readings = self.expressions.readings(toks, 0, len(toks), scope, None)
        targets = [r for r in readings if isinstance(r.expression, ir.FieldOf)]
        if not targets:
            return None
        target = targets[0].expression
        assert isinstance(target, ir.FieldOf)
        self.expressions.forms[call.head.span] = targets[0].form
        symbol = self.field(target)
        if symbol is None or not self.writable(symbol, call.head.span):
            return None
        value = self.expressions.value(call.value, scope, target.type, self.expressions.choices_of(target))
        if value.type.kind == "error":
            return None
        if call.arguments:
            self.sink.report("QD106", call.arguments[0].span, name=phrase_of(toks), suggestions=[], allowed=[], any=1)
            return None
        return ir.Assign(target.object, target.field, value, span=call.span)

    def field(self, target: ir.FieldOf) -> FieldSymbol | None:
        owner = target.object.type.object
        return self.vocabulary.field(owner, target.field) if owner is not None else None

    def writable(self, symbol: FieldSymbol, span: Span) -> bool:
        owner = self.vocabulary.objects[symbol.owner]
        if symbol.computed or symbol.standard or owner.event:
            code = "QD215" if symbol.computed else "QD222"
            self.sink.report(code, span, name=display(symbol.names, self.language))
            return False
        return True

    # --- every way to read a call -----------------------------------------------------------------------------------

    def _report_ambiguous(self, call: s.ActionCall, toks: Sequence[Tok], splits: Sequence[Holes]) -> None:
        """Both readings, each as an edit that puts what fills the holes in parentheses."""
        fixes: list[tuple[str, list[tuple[Span, str]]]] = []
        for holes in splits:
            edits: list[tuple[Span, str]] = []
            for start, end in sorted(holes.values()):
                edits.append((Span(toks[start].span.start, toks[start].span.start), "("))
                edits.append((Span(toks[end - 1].span.end, toks[end - 1].span.end), ")"))
            fixes.append(("read_as", edits))
        span = call.head.span
        shown = [self.sink.quote_edited(span, edits) for _, edits in fixes]
        self.sink.report_edits("QD127", span, fixes, phrase=self.sink.quote(span), readings=shown)

    def _tries(self, call: s.ActionCall, toks: Sequence[Tok], scope: Scope) -> list[Candidate]:
        """The ways to read a call that make sense; each is finished, and reported about, when it is chosen."""
        found: list[tuple[ir.Action, Candidate]] = []
        candidates = self.candidates(call, toks, scope)
        for candidate in candidates:
            with self.expressions.muted():
                action = candidate[1]()
            if action is not None and all(action != other for other, _ in found):
                found.append((action, candidate))
        return [candidate for _, candidate in found] if found else candidates[:1]

    def candidates(self, call: s.ActionCall, toks: Sequence[Tok], scope: Scope) -> list[Candidate]:
        """Every split of a call into the phrase of an action and what fills its holes that might make sense."""
        made: list[Candidate] = []
        lengths = [len(toks)] if call.value is None else list(range(1, len(toks)))
        for symbol in self.vocabulary.actions.values():
            elements = self.elements(symbol)
            if elements is None or not toks or not _may_start(elements, toks[0]):
                continue
            for end in lengths:
                for merged, said in ((False, self._shortened(elements)), (True, self._merged(symbol, elements))):
                    for holes in (each for phrase in said for each in match(phrase, toks, 0, end)):
                        if self._holes_fit(symbol, holes, toks, scope):
                            build = self._declared(call, symbol, dict(holes), toks, end, scope, merged)
                            made.append((dict(holes), build))
        for end in lengths:
            for pattern, holes in self._builtin_matches(toks, end):
                build = self.builtins.candidate(pattern.concept, dict(holes), call, toks, end, scope)
                if build is not None:
                    recorded = self._recorded(build, pattern.concept, dict(holes), call, toks, scope)
                    made.append((dict(holes), recorded))
        return made

    def _builtin_matches(self, toks: Sequence[Tok], end: int) -> Iterator[tuple[Pattern, Holes]]:
        yield from self.builtin.matches(toks, 0, end)
        first = toks[0].stem
        if self.partial and end == 1 and first is not None:
            # `jamais refuser`: whatever the reason
            yield from ((p, {}) for p in self.builtin.by_first.get(first, ()) if p.concept == "refuse")

    def _shortened(self, elements: list[Element]) -> list[list[Element]]:
        """The phrase itself; what an example expects may leave out its end (``jamais envoyer un SMS``)."""
        if not self.partial:
            return [elements]
        holes = [n for n, element in enumerate(elements) if element.hole is not None]
        made = [elements]
        for hole in reversed(holes):
            end = hole
            while end and elements[end - 1].stem in self.expressions.reader.joining:
                end -= 1
            if end:
                made.append(elements[:end])
        return made

    def _merged(self, symbol: ActionSymbol, elements: list[Element]) -> Iterator[list[Element]]:
        """The phrase where its last words are those of what fills the hole: ``libérer la réservation 'R-1'``."""
        for number, element in enumerate(elements):
            parameter = symbol.parameter(element.hole) if element.hole is not None else None
            kind = parameter.type.object if parameter is not None and parameter.type is not None else None
            if kind is None:
                continue
            name = self.vocabulary.objects[kind].names.get(self.language)
            key = self.tables.name_key_of(self.tables.split(name.text)) if name is not None else []
            start = number - len(key)
            if start > 0 and [each.stem for each in elements[start:number]] == key:
                yield [*elements[:start], *elements[number:]]

    def elements(self, symbol: ActionSymbol) -> list[Element] | None:
        """The words and holes of an action's phrase; ``None`` where the language has none."""
        parts = symbol.patterns.get(self.language)
        if parts is None:
            return None
        return [Element(p.stem if p.hole is None else None, p.hole, p.optional) for p in parts if p.stem != "·"]

    def _holes_fit(self, symbol: ActionSymbol, holes: Holes, toks: Sequence[Tok], scope: Scope) -> bool:
        """True where every hole has a reading, of the right type if there is a choice."""
        for name, (start, end) in holes.items():
            parameter = symbol.parameter(name)
            assert parameter is not None and parameter.type is not None
            with self.expressions.muted():
                readings = self.expressions.readings(toks, start, end, scope, parameter.type)
            if not readings:
                return False
        return True

    def _first_argument(
        self, call: s.ActionCall, toks: Sequence[Tok], end: int
    ) -> list[tuple[tuple[str, ...], str, Span, s.Expression]]:
        """The parameter before a first ``=`` without comma."""
        if call.value is None:
            return []
        words = toks[end:]
        span = Span(words[0].span.start, words[-1].span.end)
        return [(tuple(t.stem or "" for t in words if not t.article), phrase_of(words), span, call.value)]

    def named_arguments(
        self, call: s.ActionCall, toks: Sequence[Tok], end: int
    ) -> list[tuple[tuple[str, ...], str, Span, s.Expression]]:
        made = self._first_argument(call, toks, end)
        for argument in call.arguments:
            if isinstance(argument, s.InvalidSyntax):
                continue
            name = argument.name
            written = name.text if isinstance(name, s.Name) else text_of_words(name.words)
            made.append((self.tables.name_key(name), written, name.span, argument.value))
        return made

    # --- how it was said --------------------------------------------------------------------------------------------

    def record(
        self, call: s.ActionCall, form: Form, toks: Sequence[Tok], end: int, names: Mapping[Span, FieldSymbol]
    ) -> None:
        """Remember how a call was said: its phrase, the parameter before a first ``=``, the names of arguments."""
        forms = self.expressions.forms
        first: FieldSymbol | str = ""
        if call.value is not None:
            first = names.get(_place(toks, end, len(toks))) or phrase_of(toks[end:])
        forms[call.head.span] = ("call", form, first)
        for span, symbol in names.items():
            forms[span] = ("parameter", symbol)

    def _recorded(
        self,
        build: Callable[[], ir.Action | None],
        concept: str,
        holes: Holes,
        call: s.ActionCall,
        toks: Sequence[Tok],
        scope: Scope,
    ) -> Callable[[], ir.Action | None]:
        """``build``, which also remembers how a built-in action was said."""

        def recording() -> ir.Action | None:
            said = {name: self.quietly(toks, *hole, scope) for name, hole in holes.items()}
            form = ("builtin", concept, {name: _first(name, readings) for name, readings in said.items() if readings})
            self.record(call, form, toks, len(toks), {})
            return build()

        return recording if self.expressions.recording and concept != "create" else build

    def _declared(
        self,
        call: s.ActionCall,
        symbol: ActionSymbol,
        holes: Holes,
        toks: Sequence[Tok],
        end: int,
        scope: Scope,
        merged: bool = False,
    ) -> Callable[[], ir.Action | None]:
        """``merged`` where a hole begins with the last words of the phrase, said once."""

        def build() -> ir.Action | None:
            given: dict[str, ir.Expression] = {}
            good = True
            said: dict[str, Form] = {}
            names: dict[Span, FieldSymbol] = {}
            for name, (start, stop) in holes.items():
                parameter = symbol.parameter(name)
                assert parameter is not None and parameter.type is not None
                value = self.hole_value(toks, start, stop, scope, parameter.type, parameter.choices)
                said[name] = self.expressions.forms.get(_place(toks, start, stop), ())
                good = good and value is not None
                if value is not None:
                    given[name] = value
            for key, written, span, syntax in self.named_arguments(call, toks, end):
                good = self._argument(symbol, key, written, span, syntax, scope, given) and good
                named = self._parameter(symbol.parameters, key)
                if named is not None:
                    names[span] = named
            for parameter in symbol.parameters:
                if parameter.required and parameter.name not in given and good and not self.partial:
                    self.sink.report(
                        "QD204",
                        call.head.span,
                        action=self.sink.quote(call.head.span),
                        name=display(parameter.names, self.language),
                        fixes=self._filled_in(call, parameter),
                        safe=False,
                    )
                    good = False
            if not good:
                return None
            article = "merged" if merged else _has_article(toks[:end], holes)
            self.record(call, ("action", symbol.name, said, article), toks, end, names)
            order = {p.name: n for n, p in enumerate(symbol.parameters)}
            arguments = sorted(given.items(), key=lambda pair: order.get(pair[0], len(order)))
            return ir.Call(symbol.name, tuple(ir.Argument(n, v) for n, v in arguments), span=call.span)

        return build

    def _filled_in(self, call: s.ActionCall, parameter: FieldSymbol) -> list[tuple[str, Span, str]]:
        """A missing argument with what may stand there: each of its choices, or a value to be replaced."""
        # only a call that lacks something needs it
        from .habits import habits

        name = display(parameter.names, self.language)
        end = Span(call.span.end, call.span.end)
        values = [f"'{choice.names.get(self.language, choice.name)}'" for choice in parameter.choices]
        if not values and parameter.type is not None:
            kinds = [member.kind for member in parameter.type.members] or [parameter.type.kind]
            placeholders = habits(self.language).placeholders
            values = [placeholders[kind] for kind in kinds if kind in placeholders][:1]
        return [("insert", end, f", {name} = {value}") for value in values]

    def _argument(
        self,
        symbol: ActionSymbol,
        key: tuple[str, ...],
        written: str,
        span: Span,
        syntax: s.Expression,
        scope: Scope,
        given: dict[str, ir.Expression],
    ) -> bool:
        parameter = self._parameter(symbol.parameters, key)
        if parameter is None:
            if symbol.name in OPEN_ACTIONS:
                given[written] = self.expressions.expression(syntax, scope)
                return given[written].type.kind != "error"
            names = [display(p.names, self.language) for p in symbol.parameters]
            suggestions = suggest(written, names)
            self.sink.report(
                "QD106",
                span,
                name=written,
                suggestions=suggestions,
                allowed=names,
                any=min(len(names), 1) + 1,
                needed=[
                    name for p, name in zip(symbol.parameters, names, strict=True) if p.required and p.name not in given
                ],
                fixes=[("replace_by", span, text) for text in suggestions[:1]],
            )
            return False
        if parameter.name in given:
            self.sink.report("QD107", span, name=written)
            return False
        assert parameter.type is not None
        value = self.expressions.value(syntax, scope, parameter.type, parameter.choices)
        if value.type.kind == "error":
            return False
        given[parameter.name] = value
        return True

    def _parameter(self, parameters: Sequence[FieldSymbol], key: tuple[str, ...]) -> FieldSymbol | None:
        for parameter in parameters:
            name = parameter.names.get(self.language)
            if name is not None and tuple(self.tables.name_key_of(self.tables.split(name.text))) == key:
                return parameter
        return None

    def hole_value(
        self, toks: Sequence[Tok], start: int, end: int, scope: Scope, expected: Type, choices: Sequence[ir.Choice]
    ) -> ir.Expression | None:
        """A hole's value, converted; a misfit is reported."""
        readings = self.expressions.readings(toks, start, end, scope, expected)
        span = _place(toks, start, end)
        if readings:
            self.expressions.forms[span] = readings[0].form
        if not readings:
            self.sink.report("QD103", span, phrase=self.sink.quote(span))
            return None
        if len(readings) > 1:
            self.sink.report("QD104", span, phrase=self.sink.quote(span), readings=len(readings))
            return None
        value = self.expressions.converted(readings[0].expression, span, expected, choices)
        return value if value.type.kind != "error" else None

    # --- built-in actions -----------------------------------------------------------------------------------------

    def quietly(self, toks: Sequence[Tok], start: int, end: int, scope: Scope) -> list[Reading]:
        with self.expressions.muted():
            return self.expressions.readings(toks, start, end, scope, None)


def _may_start(elements: Sequence[Element], tok: Tok) -> bool:
    return elements[0].stem is None or elements[0].stem == tok.stem


def _place(toks: Sequence[Tok], start: int, end: int) -> Span:
    return Span(toks[start].span.start, toks[end - 1].span.end)


def _has_article(toks: Sequence[Tok], holes: Holes) -> bool:
    """Whether an article stands before a word of the phrase itself."""
    inside = {position for start, end in holes.values() for position in range(start, end)}
    return any(tok.article and position not in inside for position, tok in enumerate(toks))


def _first(hole: str, readings: Sequence[Reading]) -> Form:
    """The form of the reading a built-in action takes for a hole: that of a field where one is changed."""
    fields = [r.form for r in readings if isinstance(r.expression, ir.FieldOf)] if hole == "f" else []
    return fields[0] if fields else readings[0].form
