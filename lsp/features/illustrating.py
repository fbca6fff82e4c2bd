"""An example for a rule: an object for which it fires, and what it does then."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal

from ...dsl import ir
from ...dsl import syntax as s
from ...dsl.agreement import Agreement, Noun
from ...dsl.diagnostic import Edit
from ...dsl.lexicon import lexicon
from ...dsl.phrases import plain_text
from ...dsl.source import Span
from ...dsl.types import Type
from ...dsl.values import Money
from ...dsl.vocabulary import display
from ...dsl.words import word_tables
from ...dsl.writing import write_literal
from ..snapshot import Snapshot
from .trying import adds_no_error

_TYPES = {"number": "number", "quantity": "number", "money": "money", "percentage": "percentage"}
_STEPS = {"gt": 1, "lt": -1, "ge": 0, "le": 0, "eq": 0}
"""How far from the value it is compared with a value has to be."""


def can_illustrate(snapshot: Snapshot, uri: str, offset: int) -> bool:
    """Whether an offset is in a rule without errors."""
    return _rule_at(snapshot, uri, offset) is not None


def illustrated(snapshot: Snapshot, uri: str, offset: int) -> Mapping[str, Sequence[Edit]] | None:
    """The edits that put an example behind a rule; ``None`` where none was found that can be read."""
    found = _rule_at(snapshot, uri, offset)
    if found is None:
        return None
    start, parsed, declaration, rule = found
    writer = _Writer(snapshot, parsed, declaration, rule)
    end = start + declaration.span.end
    for conditions in (True, False):
        for most in (len(declaration.actions), 1):
            text = writer.example(conditions, most)
            edits = {uri: [Edit(Span(end, end), f"\n\n{text}")]} if text else {}
            if edits and adds_no_error(snapshot, edits):
                return edits
    return None


def _rule_at(
    snapshot: Snapshot, uri: str, offset: int
) -> tuple[int, s.ParsedDeclaration, s.RuleDeclaration, ir.Rule] | None:
    around = snapshot.declaration(uri, offset)
    if around is None or not isinstance(around[1].declaration, s.RuleDeclaration):
        return None
    part = snapshot.part(uri, around[0])
    if part is None or part.rule is None:
        return None
    return *around, around[1].declaration, part.rule


class _Writer:
    """Writes an example in the words of the rule itself."""

    def __init__(
        self, snapshot: Snapshot, parsed: s.ParsedDeclaration, declaration: s.RuleDeclaration, rule: ir.Rule
    ) -> None:
        self.snapshot = snapshot
        self.text = parsed.text
        self.language = parsed.language
        self.declaration = declaration
        self.rule = rule
        self.resolver = snapshot.resolver(parsed.language)
        self.tables = word_tables(parsed.language)

    def example(self, conditions: bool, most: int) -> str:
        """The example; with the values the rule asks for where ``conditions``, and at most so many expectations."""
        happening = self._when(", ".join(self._values()) if conditions else "")
        expected = self._then(most)
        if not happening or not expected:
            return ""
        opener = self.resolver.keyword("openers", "example")
        return "\n".join([f'{opener} "{self._name()}"', *happening, *expected])

    def _name(self) -> str:
        names = self.declaration.names
        title = plain_text(names[0]) if names else " ".join(self._written(self.declaration.triggers[0].span).split())
        return title.replace('"', "'").replace("{", "(").replace("}", ")")

    def _written(self, span: Span) -> str:
        return " ".join(self.text[span.start : span.end].split())

    def _keyword(self, concept: str) -> str:
        return self.resolver.keyword("reserved", concept)

    # --- what happens -----------------------------------------------------------------------------------------------

    def _when(self, values: str) -> list[str]:
        trigger, written = self.rule.triggers[0], self.declaration.triggers[0]
        when = self._keyword("when")
        values = f", {values}" if values else ""
        match trigger:
            case ir.Created() | ir.Saved():
                return [f"  {when} {self._written(written.span)}{values}"]
            case ir.Occurred():
                return [f"  {when} {self._written(written.span)}"]
            case (
                ir.Edge(condition=ir.Apply(arguments=(ir.FieldOf() as field, *_)))
                | ir.Edge(condition=ir.FieldOf() as field)
            ):
                pass
            case _:
                return []
        if not isinstance(written, s.BecomesTrigger) or self.rule.subject is None:
            return []
        symbol = self.snapshot.vocabulary.field(self.rule.subject, field.field)
        if symbol is None:
            return []
        given = self._given()
        becomes = " ".join(self.text[written.value.span.end : written.targets[0].span.end].split())
        return [f"  {given}{values}", f"  {when} {display(symbol.names, self.language)} {becomes}"]

    def _given(self) -> str:
        """``étant donné une affaire``."""
        assert self.rule.subject is not None
        noun = self.snapshot.vocabulary.objects[self.rule.subject].names[self.language]
        agreement = Agreement(lexicon(self.language))
        article = agreement.article("indefinite", Noun(noun.gender), noun.text)
        (words, *_) = next(
            group["given"] for group in lexicon(self.language).tables["keywords"].values() if "given" in group
        )
        feminine = int(noun.gender == "feminine")
        agreed = [(form.split("|") * 2)[feminine] if "|" in form else form for form in words.split()]
        return " ".join([*agreed, article, noun.text])

    def _values(self) -> Iterator[str]:
        """Values of the fields of the subject that the conditions of the rule accept."""
        if self.rule.subject is None:
            return
        for part in _conjuncts(self.declaration.condition):
            if isinstance(part, s.Comparison) and part.operator in _STEPS and part.left is not None:
                name = self._field(part.left)
                value = self._accepted(part.right, _STEPS[part.operator])
                if name and value:
                    yield f"{name} = {value}"

    def _field(self, node: s.Expression) -> str:
        """The name of the field of the subject that an expression is, if it is one that can be given."""
        if not isinstance(node, s.Run) or len(node.items) != 1 or not isinstance(node.items[0], s.Phrase):
            return ""
        key = tuple(self.tables.name_key_of(node.items[0].words))
        assert self.rule.subject is not None
        symbol = self.snapshot.vocabulary.field_of(self.rule.subject, self.language, key)
        return "" if symbol is None or symbol.computed else display(symbol.names, self.language)

    def _accepted(self, node: s.Expression, step: int) -> str:
        """A value as far from the one written as is asked for."""
        if not isinstance(node, s.Run) or len(node.items) != 1:
            return ""
        item = node.items[0]
        if isinstance(item, s.Text):
            return self._written(item.span) if not step else ""
        if not isinstance(item, s.Literal):
            return ""
        if not step:
            return self._written(item.span)
        value = item.value
        if isinstance(value, Money):
            return write_literal(Money(value.amount + step, value.currency), Type("money"), lexicon(self.language))
        if isinstance(value, Decimal) and item.kind in _TYPES:
            far = Decimal(step) / 100 if item.kind == "percentage" else Decimal(step)
            return write_literal(value + far, Type(_TYPES[item.kind], unit=item.unit), lexicon(self.language))
        return ""

    # --- what is expected -------------------------------------------------------------------------------------------

    def _then(self, most: int) -> list[str]:
        """What the rule does, at once and after its waits."""
        made: list[str] = []
        expected: list[str] = []
        then, and_ = self._keyword("then"), self._keyword("and")

        def told() -> list[str]:
            return [f"  {then} {expected[0]}", *(f"    {and_} {each}" for each in expected[1:])] if expected else []

        for action in self.declaration.actions[: max(most, 1) + sum(_waits(a) for a in self.declaration.actions)]:
            match action:
                case s.ActionCall():
                    expected.append(self._written(action.span))
                case s.Wait():
                    made += told()
                    expected = []
                    pattern: str = lexicon(self.language).tables["phrases"]["examples"]["time_passes"][0]
                    passing = pattern.replace("{d}", self._written(action.duration.span))
                    made.append(f"  {self._keyword('when')} {passing}")
                case _:
                    break
        return [*made, *told()] if expected or made else []


def _waits(action: s.Action) -> bool:
    return isinstance(action, s.Wait)


def _conjuncts(node: s.Expression | None) -> Iterator[s.Expression]:
    """The conditions that must all hold."""
    if isinstance(node, s.Logic) and set(node.connectors) == {"and"}:
        for part in node.parts:
            yield from _conjuncts(part)
    elif isinstance(node, s.Run) and len(node.items) == 1 and isinstance(node.items[0], s.Group):
        yield from _conjuncts(node.items[0].inner)
    elif node is not None:
        yield node
