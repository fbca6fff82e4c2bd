"""From rules as written to the rules of the IR."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal

import attrs

from . import ir
from . import syntax as s
from .actions import ActionResolver
from .expressions import ExpressionResolver
from .lexicon import languages
from .phrases import has_holes, plain_text
from .source import Span
from .triggers import TriggerResolver
from .values import Duration


class RuleResolver:
    """Resolves one rule. Its name is left empty when the author gave none."""

    def __init__(self, expressions: ExpressionResolver) -> None:
        self.expressions = expressions

    @property
    def sink(self):
        return self.expressions.sink

    def resolve(self, rule: s.RuleDeclaration) -> ir.Rule | None:
        """The rule, or ``None`` when anything of it was reported as an error."""
        before = self._errors()
        triggers = TriggerResolver(self.expressions)
        resolved = triggers.resolve(rule.triggers)
        scope = triggers.scope()
        unread = self._errors() > before or any(isinstance(t, s.InvalidSyntax) for t in rule.triggers)
        if not triggers.subjects and unread:
            return None
        condition = self.expressions.condition(rule.condition, scope) if rule.condition is not None else None
        actions = ActionResolver(self.expressions)
        done = actions.resolve(rule.actions, scope)
        otherwise = actions.resolve(rule.otherwise, scope) if rule.otherwise is not None else ()
        names = self._names(rule.names)
        made = ir.Rule(
            names.get("en", ""),
            names,
            triggers.subjects[0].symbol.name if len(triggers.subjects) == 1 else None,
            resolved,
            condition,
            done,
            otherwise,
            span=rule.span.shifted(self.sink.offset),
        )
        made = self._attributes(made, rule.attributes)
        if not names and remembers(made):
            self._report_unnamed(rule)
        if self._errors() > before:
            return None
        return made

    def _report_unnamed(self, rule: s.RuleDeclaration) -> None:
        """A rule that must be remembered has no name; the fix gives it one, in a header of its own or in its header."""
        title = self._title(rule)
        where = rule.triggers[0].span if rule.triggers else rule.span
        if rule.attributes:
            start = rule.attributes[0].span.start - 1
            fix = ("name_rule", Span(start, start), f'"{title}" ')
        else:
            start = rule.span.start
            fix = ("name_rule", Span(start, start), f'{self.expressions.keyword("openers", "rule")} "{title}"\n')
        self.sink.report("QD112", where, fixes=[fix])

    def _errors(self) -> int:
        return sum(1 for found in self.sink.found if found.diagnostic.severity == "error")

    def _names(self, names: Sequence[s.Text]) -> dict[str, str]:
        """The names of a rule by language; one name serves all."""
        if not names:
            return {}
        for name in names:
            if has_holes(name):
                self.sink.report("QD122", name.span)
            elif not plain_text(name).strip():
                self.sink.report("QD130", name.span)
        own = plain_text(names[0])
        other = plain_text(names[1]) if len(names) > 1 else own
        return {language: own if language == self.expressions.language else other for language in languages()}

    @staticmethod
    def _title(rule: s.RuleDeclaration) -> str:
        """A name to propose: the words of the first action."""
        for action in rule.actions:
            if isinstance(action, s.ActionCall):
                words = [w.text for item in action.head.items if isinstance(item, s.Phrase) for w in item.words]
                if words:
                    return " ".join(words).capitalize()
        return "?"

    def _attributes(self, rule: ir.Rule, attributes: Iterable[s.Attribute | s.InvalidSyntax]) -> ir.Rule:
        seen: set[str] = set()
        for attribute in attributes:
            if isinstance(attribute, s.InvalidSyntax):
                continue
            if attribute.kind in seen and attribute.kind != "tags":
                self.sink.report("QD128", attribute.span)
            seen.add(attribute.kind)
            values = [v.value for v in attribute.values if isinstance(v, s.Literal)]
            match attribute.kind:
                case "priority" if values and isinstance(values[0], Decimal) and values[0] % 1 == 0:
                    rule = attrs.evolve(rule, priority=int(values[0]))
                case "tags":
                    tags = tuple(plain_text(v) for v in attribute.values if isinstance(v, s.Text))
                    rule = attrs.evolve(rule, tags=rule.tags + tags)
                case "validity" if values and all(isinstance(v, date) for v in values):
                    dates = [v.isoformat() for v in values if isinstance(v, date)]
                    if len(dates) > 1 and dates[1] < dates[0]:
                        self.sink.report("QD129", attribute.span)
                    rule = attrs.evolve(rule, valid_from=dates[0], valid_to=dates[1] if len(dates) > 1 else None)
                case "until" if values and isinstance(values[0], date):
                    if rule.valid_from is not None and values[0].isoformat() < rule.valid_from:
                        self.sink.report("QD129", attribute.span)
                    rule = attrs.evolve(rule, valid_to=values[0].isoformat())
                case "disabled":
                    rule = attrs.evolve(rule, disabled=True)
                case "only_once":
                    rule = attrs.evolve(rule, remembers="once")
                case "once_a_day":
                    rule = attrs.evolve(rule, remembers="daily")
                case "tolerance" if values and isinstance(values[0], Duration):
                    rule = attrs.evolve(rule, tolerance=values[0])
                case _:
                    self.sink.report("QD123", attribute.span, kind=attribute.kind)
        return rule


def remembers(rule: ir.Rule) -> bool:
    """True for a rule that is remembered by its name: waits, date triggers, at most once."""
    if rule.remembers is not None:
        return True
    if any(isinstance(trigger, (ir.DateReached, ir.Stays)) for trigger in rule.triggers):
        return True
    return any(_waits(action) for action in (*rule.actions, *rule.otherwise))


def _waits(action: ir.Action) -> bool:
    if isinstance(action, ir.ForEach):
        return any(_waits(inner) for inner in action.body)
    return isinstance(action, ir.Wait)
