"""The intermediate representation: what a program means, in no human language.

Names are English declared names (the declared name where there is no English one), overloads are resolved, choices
carry their English names, and both skins of a rule give equal nodes. ``dsl/ir_json.py`` writes and reads it as
canonical JSON, ``dsl/invariants.py`` says what always holds. This module never imports the parser.

Every expression has a ``type``. A missing value is ``None`` wherever a value may stand.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias

import attrs

from .node import Node, node
from .source import Span, span_field
from .types import BOOLEAN, TEXT, Type
from .values import Duration, Value

IR_VERSION = 1

# --- expressions --------------------------------------------------------------------------------------------------


@node
class Constant(Node):
    """A literal: ``5 %``, ``'Or'``, ``vide`` (value ``None``)."""

    value: Value
    type: Type
    span: Span = span_field()


@node
class Variable(Node):
    """An object in scope, or the value of a loop.

    ``"subject"`` is the trigger's object (for a declared event its occurrence); ``"each1"``, ``"each2"``... are the
    rows of collections from the outside in; ``"created:<object>"`` is the object made earlier among the same actions;
    any other name was given by the author (``une affaire A``); ``"input"`` is the column's value in a cell of a
    decision table.
    """

    name: str
    type: Type
    span: Span = span_field()


@node
class FieldOf(Node):
    """``montant de l'affaire``: a stored field, a field with a default, or a definition of the object's type.

    Missing when the object is missing or not there. The object's own type is ``object.type``; for a union or any
    object the field is looked up on the value's type.
    """

    object: Expression
    field: str
    type: Type
    span: Span = span_field()


@node
class Global(Node):
    """A definition without an object."""

    name: str
    type: Type
    span: Span = span_field()


@node
class Previous(Node):
    """``ancien montant``: the expression read in the state before the wave."""

    value: Expression
    type: Type
    span: Span = span_field()


@node
class Apply(Node):
    """A built-in function or operator with its overload resolved; the names are those of ``dsl/signatures.py``."""

    function: str
    arguments: tuple[Expression, ...]
    type: Type
    span: Span = span_field()


@node
class And(Node):
    """Kleene conjunction of two parts or more."""

    parts: tuple[Expression, ...]
    type: Type = BOOLEAN
    span: Span = span_field()


@node
class Or(Node):
    """Kleene disjunction of two parts or more."""

    parts: tuple[Expression, ...]
    type: Type = BOOLEAN
    span: Span = span_field()


@node
class Not(Node):
    """Kleene negation."""

    operand: Expression
    type: Type = BOOLEAN
    span: Span = span_field()


@node
class If(Node):
    """``si c alors a sinon b``: ``otherwise`` when the condition is false or unknown."""

    condition: Expression
    then: Expression
    otherwise: Expression
    type: Type
    span: Span = span_field()


@node
class Interpolate(Node):
    """A text with values in it; missing as soon as one part is. Parts of another type than text are written in the
    project's language."""

    parts: tuple[Expression, ...]
    type: Type = TEXT
    span: Span = span_field()


@node
class OrElse(Node):
    """``{prénom sinon 'client'}``: the first value unless it is missing."""

    value: Expression
    otherwise: Expression
    type: Type
    span: Span = span_field()


@node
class Collection(Node):
    """``affaires du contact dont étape = 'Gagnée' depuis 30 jours``.

    Objects of type ``object`` (or occurrences of the declared event of that name), bound to ``variable`` one by one:
    all of them; those whose reference ``via`` is ``owner``; or, with ``list_field``, the members of that list field
    of ``owner``. ``where`` must be true; with ``since``, only those created (or that occurred) after now minus it.
    """

    object: str
    variable: str
    via: str | None = None
    list_field: str | None = None
    owner: Expression | None = None
    where: Expression | None = None
    since: Expression | None = None
    span: Span = span_field()


@node
class Aggregate(Node):
    """``somme des montants des affaires du contact``.

    ``kind``: ``count sum average minimum maximum exists none all first last``. ``value`` is what is summed and the
    like, or the condition of ``all``, over the collection's variable; ``order_by`` and ``descending`` belong to
    ``first`` and ``last`` (``last`` with an ascending order is the first with the order turned; ties go by
    identifier). Their result is a reference.
    """

    kind: str
    collection: Collection
    value: Expression | None
    type: Type
    order_by: Expression | None = None
    descending: bool = False
    span: Span = span_field()


@node
class Lookup(Node):
    """``l'utilisateur 'Marie'``: the object with that identifier, else the one with that unique name."""

    object: str
    key: Expression
    type: Type
    span: Span = span_field()


@node
class DecisionRow(Node):
    """A row of a decision table: a test over ``Variable("input")`` for each column, ``None`` where anything fits."""

    tests: tuple[Expression | None, ...]
    result: Expression
    span: Span = span_field()


@node
class Decision(Node):
    """The body of a decision table. ``policy``: ``first unique all sum``; ``otherwise`` is the row that says so."""

    inputs: tuple[Expression, ...]
    rows: tuple[DecisionRow, ...]
    policy: str
    type: Type
    otherwise: Expression | None = None
    span: Span = span_field()


Expression: TypeAlias = (
    Constant
    | Variable
    | FieldOf
    | Global
    | Previous
    | Apply
    | And
    | Or
    | Not
    | If
    | Interpolate
    | OrElse
    | Aggregate
    | Lookup
    | Decision
)

# --- vocabulary ---------------------------------------------------------------------------------------------------


@node
class Choice(Node):
    """A value of a choice: its English name and its names by language (``{"fr": "Or", "en": "Gold"}``)."""

    name: str
    names: Mapping[str, str]


@node
class Field(Node):
    """A field of an object or event, or a parameter of an action.

    ``default`` is read while no value was given; ``definition`` makes it a computed field, never stored. Both are
    expressions over ``Variable("subject")``, the object itself.
    """

    name: str
    names: Mapping[str, str]
    type: Type
    choices: tuple[Choice, ...] = ()
    identifier: bool = False
    required: bool = False
    unique: bool = False
    default: Expression | None = None
    definition: Expression | None = None


@node
class ObjectType(Node):
    """A type of object; ``fields`` in order of declaration, the standard ones included."""

    name: str
    names: Mapping[str, str]
    fields: tuple[Field, ...]


@node
class EventType(Node):
    """A declared event. Its occurrences can be counted like objects."""

    name: str
    names: Mapping[str, str]
    fields: tuple[Field, ...]


@node
class ActionType(Node):
    """A declared action, by the name results carry; ``parameters`` hold its holes and its named arguments.

    ``names`` is its phrase without holes, by language.
    """

    name: str
    names: Mapping[str, str]
    parameters: tuple[Field, ...]


@node
class GlobalDefinition(Node):
    """``définir le seuil d'alerte = 5`` without an object."""

    name: str
    names: Mapping[str, str]
    type: Type
    value: Expression


# --- triggers: the subject is Variable("subject") -----------------------------------------------------------------


@node
class Created(Node):
    object: str
    span: Span = span_field()


@node
class Updated(Node):
    """Some stored field of the object changed (not on creation)."""

    object: str
    span: Span = span_field()


@node
class Deleted(Node):
    object: str
    span: Span = span_field()


@node
class Saved(Node):
    """Created, or updated by an event whether or not a value changed."""

    object: str
    span: Span = span_field()


@node
class Changed(Node):
    """``l'étape d'une affaire change``: the value differs from the one before; never on creation."""

    object: str
    value: Expression
    span: Span = span_field()


@node
class Edge(Node):
    """The condition is true after the change and was not before: ``devient``, ``dépasse``, ``descend sous``..."""

    object: str
    condition: Expression
    span: Span = span_field()


@node
class GoesFrom(Node):
    """``passe de 'Nouvelle' à 'Perdue'``: the value was ``origin`` before and is ``target`` after."""

    object: str
    value: Expression
    origin: Expression
    target: Expression
    span: Span = span_field()


@node
class Occurred(Node):
    """A declared event happened; the subject is its occurrence."""

    event: str
    span: Span = span_field()


@node
class Repeated(Node):
    """``3 appels manqués d'un même contact en 2 heures``, or ``3 affaires créées en 2 heures``.

    ``event`` is a declared event, or an object whose creations are counted; ``same`` one of its fields, or ``None``.
    """

    event: str
    count: int
    within: Duration
    same: str | None = None
    span: Span = span_field()


@node
class DateReached(Node):
    """``30 jours avant la date de fin d'un contrat, à 9h``; ``direction``: ``before``, ``after``.

    ``at`` is ISO local time; a date without it rings at 00:00, an instant without it at that instant.
    ``field`` is the name of the date field, part of the timer's key.
    """

    object: str
    date: Expression
    field: str
    offset: Duration
    direction: str
    at: str | None = None
    span: Span = span_field()


@node
class Stays(Node):
    """``une affaire reste 5 jours en étape = 'Négociation'``."""

    object: str
    duration: Duration
    condition: Expression
    span: Span = span_field()


@node
class Tick(Node):
    """``chaque lundi à 9h pour chaque affaire dont ...``.

    ``every``: ``hour day business_day week month year``; ``day`` is the weekday (1 is Monday) or the day of the month,
    ``month`` the month of a year; ``at`` is ISO local time (00:00 unless said). With ``for_each``, the rule runs once
    for each object of the collection, which is then its subject.
    """

    every: str
    day: int | None = None
    month: int | None = None
    at: str | None = None
    for_each: Collection | None = None
    span: Span = span_field()


Trigger: TypeAlias = (
    Created | Updated | Deleted | Saved | Changed | Edge | GoesFrom | Occurred | Repeated | DateReached | Stays | Tick
)

# --- actions ------------------------------------------------------------------------------------------------------


@node
class Argument(Node):
    """A named argument, or a field of an object to create."""

    name: str
    value: Expression


@node
class Call(Node):
    """A declared action with the arguments given, in the order of declaration."""

    action: str
    arguments: tuple[Argument, ...]
    span: Span = span_field()


@node
class Create(Node):
    """``créer une tâche "Rappeler", échéance = dans 2 heures``; later actions see it as ``created:<object>``."""

    object: str
    fields: tuple[Argument, ...]
    span: Span = span_field()


@node
class Delete(Node):
    target: Expression
    span: Span = span_field()


@node
class Assign(Node):
    """``étape = 'Gagnée'``; ``target`` is the object."""

    target: Expression
    field: str
    value: Expression
    span: Span = span_field()


@node
class Adjust(Node):
    """``augmenter``/``diminuer le bonus de 5``: a difference; those of one wave add up.

    ``direction``: ``increase``, ``decrease``. A percentage is of the value in the snapshot.
    """

    target: Expression
    field: str
    amount: Expression
    direction: str
    span: Span = span_field()


@node
class AddToList(Node):
    """``ajouter l'article aux favoris du contact``: a difference."""

    target: Expression
    field: str
    value: Expression
    span: Span = span_field()


@node
class ForEach(Node):
    """``pour chaque commande dont ... : ...``; the members go by identifier."""

    collection: Collection
    body: tuple[Action, ...]
    span: Span = span_field()


@node
class Refuse(Node):
    """``refuser "motif"``: the whole change is rolled back and its sender told why."""

    reason: Expression
    span: Span = span_field()


@node
class Wait(Node):
    """``attendre 2 heures, sauf si ..., puis <then>``; ``number`` counts a rule's waits from 1, part of its key."""

    duration: Expression
    then: tuple[Action, ...]
    number: int
    unless: Expression | None = None
    span: Span = span_field()


@node
class CancelReminders(Node):
    """``annuler les rappels de l'affaire``: the pending timers of that object."""

    target: Expression
    span: Span = span_field()


Action: TypeAlias = Call | Create | Delete | Assign | Adjust | AddToList | ForEach | Refuse | Wait | CancelReminders

# --- rules and programs -------------------------------------------------------------------------------------------


@node
class Rule(Node):
    """A rule by its English name; ``subject`` is the type of its object or event, ``None`` for a bare calendar rule
    and where the triggers are about several types (the variable is their union, and read through ``of_kind``).

    ``remembers`` is ``None``, ``"once"`` (``une seule fois``) or ``"daily"`` (``une fois par jour``). ``valid_from``
    and ``valid_to`` are ISO local dates, both included. ``tolerance`` belongs to calendar rules.
    """

    name: str
    names: Mapping[str, str]
    subject: str | None
    triggers: tuple[Trigger, ...]
    condition: Expression | None
    actions: tuple[Action, ...]
    otherwise: tuple[Action, ...] = ()
    priority: int = 0
    tags: tuple[str, ...] = ()
    valid_from: str | None = None
    valid_to: str | None = None
    disabled: bool = False
    remembers: str | None = None
    tolerance: Duration | None = None
    span: Span = span_field()


def subject_kinds(rule: Rule) -> tuple[str, ...]:
    """The types of object or event that a rule can be about; none for a bare calendar rule."""
    if rule.subject is not None:
        return (rule.subject,)
    kinds: dict[str, None] = {}
    for trigger in rule.triggers:
        match trigger:
            case Occurred() | Repeated():
                kinds[trigger.event] = None
            case Tick():
                if trigger.for_each is not None:
                    kinds[trigger.for_each.object] = None
            case _:
                kinds[trigger.object] = None
    return tuple(kinds)


@node
class Settings(Node):
    """What ``quand.toml`` says that changes the meaning of rules.

    ``hours`` are business hours by ISO weekday ("1" is Monday): ``{"1": "09:00-18:00"}``, several ranges separated by
    commas.
    """

    language: str = "fr"
    timezone: str = "Europe/Paris"
    currency: str = "EUR"
    holidays: str = "FR"
    hours: Mapping[str, str] = attrs.field(factory=lambda: {str(day): "09:00-18:00" for day in range(1, 6)})
    budgets: Mapping[str, int] = attrs.field(factory=dict[str, int])


@node
class Program(Node):
    """Everything a runtime needs."""

    settings: Settings
    objects: tuple[ObjectType, ...]
    events: tuple[EventType, ...]
    actions: tuple[ActionType, ...]
    definitions: tuple[GlobalDefinition, ...]
    rules: tuple[Rule, ...]
    version: int = IR_VERSION
