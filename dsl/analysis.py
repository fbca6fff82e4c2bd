"""What the rules of a program say together: conditions never true, conflicts, names given twice."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from . import ir
from . import syntax as s
from .conditions import never_true
from .conflicts import Weighed, find_conflicts
from .memory import Part
from .sink import Sink
from .source import Span
from .vocabulary import Vocabulary, display


class PlacedRule(NamedTuple):
    """A rule with where it is reported about, and what is remembered of its declaration."""

    rule: ir.Rule
    sink: Sink
    part: Part

    @property
    def heading(self) -> Span:
        """What stands for a rule in a report: its name, else its first trigger."""
        rule = self.part.parsed.declaration
        assert isinstance(rule, s.RuleDeclaration)
        if rule.names:
            return rule.names[0].span
        return rule.triggers[0].span if rule.triggers else rule.span

    @property
    def condition(self) -> Span | None:
        rule = self.part.parsed.declaration
        assert isinstance(rule, s.RuleDeclaration)
        return rule.condition.span if rule.condition is not None else None


def analyse(rules: Sequence[PlacedRule], vocabulary: Vocabulary) -> None:
    """Report what is wrong with rules that are each well-formed. What concerns one rule is found out once for it."""
    _names(rules)
    for placed in rules:
        weighed = placed.part.weighed
        if weighed is None:
            weighed = placed.part.weighed = Weighed(placed.rule, _never(placed.rule))
        if weighed.never and placed.condition is not None:
            placed.sink.report("QD310", placed.condition, severity="warning")
    _conflicts(rules, vocabulary)


def _never(rule: ir.Rule) -> bool:
    if rule.otherwise:
        return False
    states = [t.condition for t in rule.triggers if isinstance(t, ir.Edge)]
    if len(rule.triggers) == 1 and states:
        return never_true(rule.condition, states[0])
    return never_true(rule.condition)


def _names(rules: Sequence[PlacedRule]) -> None:
    """A remembered or reported rule is known by its name, so two rules never share one."""
    seen: dict[str, PlacedRule] = {}
    for placed in rules:
        for name in dict.fromkeys(placed.rule.names.values()):
            before = seen.get(name)
            if before is not None and before is not placed:
                placed.sink.report(
                    "QD126",
                    placed.heading,
                    name=name,
                    labels=[("declared_here", before.sink.place(before.heading))],
                )
                break
            seen[name] = placed


def _conflicts(rules: Sequence[PlacedRule], vocabulary: Vocabulary) -> None:
    by_rule = {id(placed.part.weighed): placed for placed in rules}
    for conflict in find_conflicts([placed.part.weighed for placed in rules if placed.part.weighed is not None]):
        first, second = by_rule[id(conflict.first)], by_rule[id(conflict.second)]
        language = second.sink.language
        symbol = vocabulary.field(conflict.object, conflict.field)
        second.sink.report(
            "QD302" if conflict.certain else "QD303",
            second.heading,
            severity="error" if conflict.certain else "warning",
            field=display(symbol.names, language) if symbol is not None else conflict.field,
            other=_title(first.rule, language),
            labels=[("other_rule", first.sink.place(first.heading))],
        )


def _title(rule: ir.Rule, language: str) -> str:
    return rule.names.get(language, rule.name)
