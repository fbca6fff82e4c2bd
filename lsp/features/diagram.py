"""Rules as pictures: the parts of one rule, and which rules set off which."""

from __future__ import annotations

from collections.abc import Iterable

import attrs

from ...dsl import ir
from ...dsl.messages import ui
from ...dsl.node import Node, node
from ...dsl.sentences import Sentences
from ...dsl.source import Span
from ...dsl.syntax import RuleDeclaration
from ...project.cascade import Link, links
from ..snapshot import Snapshot


@node
class Part(Node):
    """A box: what stands in it, and the boxes inside.

    ``kind``: ``trigger test all any not action wait unless each``.
    """

    kind: str
    text: str
    parts: tuple[Part, ...] = ()


@node
class Branch(Node):
    """A column of boxes under a word: *when*, *if*, *then*, *otherwise*, by ``kind`` and in the file's language."""

    kind: str
    title: str
    parts: tuple[Part, ...]


@node
class RuleDiagram(Node):
    """A rule as a picture; ``name`` is how results call it."""

    name: str
    title: str
    branches: tuple[Branch, ...]


@node
class RuleBox(Node):
    """A rule in the cascade: where it stands, and what it waits for as a sentence."""

    name: str
    title: str
    detail: str
    uri: str
    span: Span
    disabled: bool = False


@node
class Arrow(Node):
    """``source`` can set off ``target`` (names of rules), because of ``text``."""

    source: str
    target: str
    text: str


@node
class Cascade(Node):
    """The rules of a project that set off each other or are set off from outside."""

    rules: tuple[RuleBox, ...]
    arrows: tuple[Arrow, ...]


def sentences_of(snapshot: Snapshot, uri: str) -> Sentences | None:
    """Sentences about the project in the language of a file; ``None`` where nothing could be compiled."""
    recorded = snapshot.compilation.recorded
    if recorded is None:
        return None
    return Sentences(recorded.program, snapshot.language(uri), snapshot.compilation.vocabulary)


def rule_at(snapshot: Snapshot, uri: str, offset: int) -> ir.Rule | None:
    """The rule that an offset is in, with the name results call it by; ``None`` where there is none without errors."""
    placed = snapshot.declaration(uri, offset)
    recorded = snapshot.compilation.recorded
    if placed is None or recorded is None or not isinstance(placed[1].declaration, RuleDeclaration):
        return None
    rule = recorded.rules.get((uri, placed[0]))
    return _named(recorded.program, rule) if rule is not None else None


def _named(program: ir.Program, rule: ir.Rule) -> ir.Rule | None:
    """The rule of the program; one without a name was given one there."""
    if rule.names:
        return rule
    nameless = (each for each in program.rules if not each.names)
    return next((each for each in nameless if attrs.evolve(each, name=rule.name) == rule), None)


def rule_diagram(snapshot: Snapshot, uri: str, offset: int) -> RuleDiagram | None:
    """The rule that an offset is in, as a picture."""
    rule = rule_at(snapshot, uri, offset)
    sentences = sentences_of(snapshot, uri)
    if rule is None or sentences is None:
        return None
    drawing = _Drawing(sentences)
    triggers = tuple(Part("trigger", sentences.trigger(trigger)) for trigger in rule.triggers)
    branches = [Branch("when", sentences.branch("when"), triggers)]
    if rule.condition is not None:
        branches.append(Branch("if", sentences.branch("if"), (drawing.condition(rule.condition),)))
    branches.append(Branch("then", sentences.branch("then"), drawing.actions(rule.actions)))
    if rule.otherwise:
        branches.append(Branch("otherwise", sentences.branch("otherwise"), drawing.actions(rule.otherwise)))
    return RuleDiagram(rule.name, _title(rule, sentences), tuple(branches))


class _Drawing:
    def __init__(self, sentences: Sentences) -> None:
        self.sentences = sentences

    def condition(self, condition: ir.Expression) -> Part:
        language = self.sentences.language
        match condition:
            case ir.And():
                return Part("all", ui("explain_all_of", language), tuple(map(self.condition, condition.parts)))
            case ir.Or():
                return Part("any", ui("explain_one_of", language), tuple(map(self.condition, condition.parts)))
            case ir.Not(operand=ir.And() | ir.Or()):
                return Part("not", ui("explain_not", language), (self.condition(condition.operand),))
            case _:
                return Part("test", self.sentences.expression(condition))

    def actions(self, actions: Iterable[ir.Action]) -> tuple[Part, ...]:
        return tuple(map(self.action, actions))

    def action(self, action: ir.Action) -> Part:
        match action:
            case ir.Wait():
                parts = self.actions(action.then)
                if action.unless is not None:
                    said = f"{self.sentences.branch('unless')} {self.sentences.expression(action.unless)}"
                    parts = (Part("unless", said), *parts)
                word: str = self.sentences.keywords["actions"]["wait"][0]
                return Part("wait", f"{word} {self.sentences.expression(action.duration)}", parts)
            case ir.ForEach():
                said = self.sentences.action(attrs.evolve(action, body=()))
                return Part("each", said.rstrip(" :\u00a0"), self.actions(action.body))
            case _:
                return Part("action", self.sentences.action(action))


def cascade(snapshot: Snapshot, uri: str) -> Cascade | None:
    """Which rules of a project set off which, told in the language of a file."""
    recorded = snapshot.compilation.recorded
    sentences = sentences_of(snapshot, uri)
    if recorded is None or sentences is None:
        return None
    boxes: list[RuleBox] = []
    for (file, offset), each in recorded.rules.items():
        rule = _named(recorded.program, each)
        parsed = snapshot.declaration(file, offset)
        if rule is not None and parsed is not None:
            span = parsed[1].declaration.span.shifted(offset)
            waits = ", ".join(map(sentences.trigger, rule.triggers))
            boxes.append(RuleBox(rule.name, _title(rule, sentences), waits, file, span, rule.disabled))
    known = {box.name for box in boxes}
    joined: dict[tuple[str, str], list[str]] = {}
    for link in links(recorded.program):
        if link.source in known and link.target in known:
            joined.setdefault((link.source, link.target), []).append(_because(link, sentences))
    arrows = (Arrow(source, target, ", ".join(dict.fromkeys(why))) for (source, target), why in joined.items())
    return Cascade(tuple(boxes), tuple(arrows))


def _because(link: Link, sentences: Sentences) -> str:
    known = sentences.kind(link.object) if link.object != "*" else ""
    if link.field is None:
        return f"{known} ({ui(f'explain_{link.kind}', sentences.language)})"
    field = sentences.field(link.object, link.field)
    return f"{field} ({known})" if known else field


def _title(rule: ir.Rule, sentences: Sentences) -> str:
    """The name of a rule; of one without a name, what it waits for."""
    return rule.names.get(sentences.language, rule.name) if rule.names else sentences.trigger(rule.triggers[0])
