"""Examples with their names resolved: what a test gives, does and expects. They are no part of a program's IR."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias

from . import ir
from .node import Node, node
from .source import Span, span_field


@node
class GivenObject(Node):
    """``étant donné un contrat C, numéro = 'K-1'``: an object known as ``Variable(variable)`` from here on."""

    variable: str
    object: str
    fields: tuple[ir.Argument, ...]
    span: Span = span_field()


@node
class ClockIs(Node):
    """``nous sommes le 31/05/2027 à 9h``: a date or an instant; as a given step it starts the clock there."""

    instant: ir.Expression
    span: Span = span_field()


@node
class TimePasses(Node):
    """``quand 3 heures passent``."""

    duration: ir.Expression
    span: Span = span_field()


@node
class ObjectEvent(Node):
    """``quand l'affaire est créée``; ``kind``: ``created updated deleted saved``; ``fields`` are what it carries."""

    kind: str
    variable: str
    object: str
    fields: tuple[ir.Argument, ...] = ()
    span: Span = span_field()


@node
class DeclaredEvent(Node):
    """``quand un appel est manqué, contact = le contact``."""

    event: str
    fields: tuple[ir.Argument, ...] = ()
    span: Span = span_field()


@node
class ExpectAction(Node):
    """An action that happened with at least these arguments, or ``never`` did. ``text`` is what the author wrote."""

    action: ir.Action
    never: bool
    text: str
    span: Span = span_field()


@node
class ExpectCondition(Node):
    """A condition that holds afterwards, or ``never`` does. ``text`` is what the author wrote."""

    condition: ir.Expression
    never: bool
    text: str
    span: Span = span_field()


Step: TypeAlias = GivenObject | ClockIs | TimePasses | ObjectEvent | DeclaredEvent | ExpectAction | ExpectCondition


@node
class Case(Node):
    """The steps of an example; one for each row of its table, ``row`` counted from 1, else ``None``."""

    given: tuple[Step, ...]
    steps: tuple[Step, ...]
    row: int | None = None
    span: Span = span_field()


@node
class Example(Node):
    """``exemple "un contrat se renouvelle"``; spans are absolute in the file ``uri``."""

    names: Mapping[str, str]
    cases: tuple[Case, ...]
    uri: str
    language: str
    span: Span = span_field()
