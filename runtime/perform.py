"""The actions of one firing: from the IR to writes, timers and effects."""

from __future__ import annotations

from decimal import Decimal
from itertools import islice
from typing import TYPE_CHECKING, Any

from ..dsl import ir
from ..dsl.messages import ui
from ..dsl.values import Duration, Money, Reference, Value
from .aggregates import members
from .calls import ActionCall, SkipAction
from .interpret import Scope, evaluate, write_in_text
from .missing import empty_fields, is_copy
from .outcome import Performed
from .problems import Refusal, problem
from .timers import new_wait
from .values import CONTEXT, negate_duration
from .writes import Assignment, Author, Creation, Deletion, Difference

if TYPE_CHECKING:
    from .turn import Turn
    from .wave import Wave

SUBJECT_LINKS = {"task": "subject"}
"""Objects that point at the subject of the rule that creates them, unless the author says otherwise, and where."""


class Performer:
    """Does the actions of one firing of a rule. What it does goes to the wave and the turn it belongs to."""

    def __init__(
        self, turn: Turn, wave: Wave, rule: ir.Rule, subject: Reference | None, branch: str | None, number: int
    ) -> None:
        """``number`` is that of the firing within the turn."""
        self.turn = turn
        self.wave = wave
        self.rule = rule
        self.subject = subject
        self.branch = branch
        self.author = Author(rule.name, rule.priority, number)
        self.effects: list[Performed] = []
        self._told: set[tuple[object, ...]] = set()

    # --- the list of actions --------------------------------------------------------------------------------------

    def run(self, actions: tuple[ir.Action, ...], scope: Scope) -> None:
        """Do the actions in order; each sees the objects the earlier ones created."""
        for action in actions:
            self.turn.budgets.check_time()
            try:
                scope = self._do(action, scope) or scope
            except SkipAction as skipped:
                self._tell(skipped.code, skipped.object_id, skipped.field, **skipped.args_of_message)

    def _do(self, action: ir.Action, scope: Scope) -> Scope | None:
        """One action; the scope of the next ones where it makes objects."""
        match action:
            case ir.Call():
                return self._call(action, scope)
            case ir.Create():
                return self._create(action, scope)
            case ir.Delete():
                return self._delete(action, scope)
            case ir.Assign():
                return self._assign(action, scope)
            case ir.Adjust():
                return self._adjust(action, scope)
            case ir.AddToList():
                return self._add_to_list(action, scope)
            case ir.ForEach():
                return self._for_each(action, scope)
            case ir.Refuse():
                return self._refuse(action, scope)
            case ir.Wait():
                return self._wait(action, scope)
            case ir.CancelReminders():
                return self._cancel_reminders(action, scope)

    def _tell(self, code: str, object_id: str | None, field: str | None, **args: Any) -> None:
        key = (code, object_id, field, args.get("action"))
        if key not in self._told:
            self._told.add(key)
            self.turn.problems.append(
                problem(
                    code,
                    self.turn.language,
                    rule=self.rule.name,
                    object_id=object_id,
                    field=field,
                    args=args,
                    titles=self.turn.model.rule_titles,
                )
            )

    def _missing(self, action: str, expression: ir.Expression, scope: Scope) -> SkipAction:
        """What to raise for a value that is missing; of several empty fields the exception tells the last."""
        causes = empty_fields(expression, scope)
        if not causes:
            return SkipAction("QD502", object_id=self.subject and self.subject.id, action=action)
        for reference, field in causes[:-1]:
            self._tell("QD501", reference.id, field, **self._names(reference, field, action))
        reference, field = causes[-1]
        return SkipAction("QD501", object_id=reference.id, field=field, **self._names(reference, field, action))

    def _names(self, reference: Reference, field: str, action: str) -> dict[str, str]:
        return {"action": action, "named": self.turn.model.field_name(reference.object, field)}

    def _needed(self, action: str, expression: ir.Expression, scope: Scope) -> Value:
        """A value an action cannot do without."""
        value = evaluate(expression, scope)
        if value is None:
            raise self._missing(action, expression, scope)
        return value

    def _given(self, action: str, expression: ir.Expression, scope: Scope) -> Value:
        """A value that may be empty, but not unknown."""
        value = evaluate(expression, scope)
        if value is None and not is_copy(expression, scope):
            raise self._missing(action, expression, scope)
        return value

    def _object(self, action: str, expression: ir.Expression, scope: Scope) -> Reference:
        """The object an action is about; it must be there, and not deleted just now."""
        value = self._needed(action, expression, scope)
        if not isinstance(value, Reference):
            raise SkipAction("QD502", object_id=self.subject and self.subject.id, action=action)
        if value not in self.wave.writes.creations and self.turn.state.get(value) is None:
            raise SkipAction("QD513", object_id=value.id, action=action)
        return value

    def _label(self, doing: str, kind: str = "", field: str = "") -> str:
        """What is being done, for messages, in the project's language."""
        model = self.turn.model
        shown = {"kind": model.kind_name(kind), "field": model.field_name(kind, field)}
        return ui(f"doing_{doing}", self.turn.language, **shown)

    # --- writes, also for the bodies of actions -------------------------------------------------------------------

    def create(self, kind: str, fields: dict[str, Value]) -> Reference:
        """An object to be made; missing values are left out. Raises :class:`SkipAction` for a required one."""
        model = self.turn.model
        record: dict[str, Value] = {
            name: fitted
            for name, value in fields.items()
            if (fitted := self.turn.fitted(kind, name, value)) is not None
        }
        for name, field in model.fields(kind).items():
            if field.required and name not in record and field.default is None:
                label = self._label("create", kind)
                raise SkipAction("QD514", field=name, action=label, named=model.field_name(kind, name))
        given = record.pop(model.identifier(kind), None)
        identifier = given if isinstance(given, str) else self.turn.next_identifier()
        reference = Reference(kind, identifier)
        if self.turn.state.get(reference) is not None or reference in self.wave.writes.creations:
            raise SkipAction("QD517", object_id=identifier, action=self._label("create", kind))
        self.turn.count_object(reference, self.rule.name)
        self.wave.writes.creations[reference] = Creation(reference, record, self.rule.name)
        return reference

    def assign(self, reference: Reference, field: str, value: Value) -> None:
        """Write a field; ``None`` empties it. Raises :class:`SkipAction` for a required field."""
        model = self.turn.model
        found = model.field(reference.object, field)
        if value is None and found is not None and found.required and found.default is None:
            raise SkipAction(
                "QD514",
                object_id=reference.id,
                field=field,
                action=self._label("assign", reference.object, field),
                named=model.field_name(reference.object, field),
            )
        self.turn.count_object(reference, self.rule.name)
        fitted = self.turn.fitted(reference.object, field, value)
        self.wave.writes.assign(Assignment(reference, field, fitted, self.author))

    def increase(self, reference: Reference, field: str, amount: Value) -> None:
        """Note a difference."""
        self.turn.count_object(reference, self.rule.name)
        self.wave.writes.fields.append(Difference(reference, field, amount, self.author))

    def delete(self, reference: Reference) -> None:
        """Note a deletion."""
        self.turn.count_object(reference, self.rule.name)
        self.wave.writes.deletions.setdefault(reference, Deletion(reference, self.author))

    # --- one handler for each kind of action ----------------------------------------------------------------------

    def _call(self, action: ir.Call, scope: Scope) -> Scope:
        name = action.action
        given = {argument.name: argument.value for argument in action.arguments}
        declared = self.turn.model.actions.get(name)
        label = declared.names.get(self.turn.language, name) if declared is not None else name
        args: dict[str, Value] = {}
        for parameter in declared.parameters if declared else ():
            expression = given.pop(parameter.name, parameter.default)
            if expression is None:
                continue
            read = self._needed if parameter.required else self._given
            args[parameter.name] = _worded(read(label, expression, scope), expression, parameter, scope)
        for extra, expression in given.items():
            args[extra] = self._given(label, expression, scope)
        before = len(self.wave.writes.creations)
        call = ActionCall(name, label, args, scope, self)
        body = self.turn.actions.get(name)
        if body is None:
            call.send()
        else:
            body(call)
        shown = {**args, **call.links}
        self.effects.append(Performed(name, shown))
        if call.outgoing:
            self.turn.send(name, shown, self.rule.name, self.subject)
        created = self.wave.writes.creations
        for reference in reversed([*islice(reversed(created), len(created) - before)]):
            scope = self._seen(scope, reference)
        return scope

    def _seen(self, scope: Scope, reference: Reference) -> Scope:
        """The scope of the actions that follow a creation: *the created object* can be read."""
        record = self.wave.writes.creations[reference].record
        return scope.with_variable(f"created:{reference.object}", reference).with_ghost(reference, record)

    def _create(self, action: ir.Create, scope: Scope) -> Scope:
        kind = action.object
        label = self._label("create", kind)
        fields = {
            field.name: _worded(
                self._given(label, field.value, scope), field.value, self.turn.model.field(kind, field.name), scope
            )
            for field in action.fields
        }
        link = SUBJECT_LINKS.get(kind)
        linked = link is not None and link not in fields and self.subject is not None
        if linked and link is not None and self.turn.model.field(kind, link) is not None:
            fields[link] = self.subject
        reference = self.create(kind, fields)
        self.effects.append(Performed(f"create {kind}", fields))
        return self._seen(scope, reference)

    def _delete(self, action: ir.Delete, scope: Scope) -> None:
        reference = self._object(self._label("delete"), action.target, scope)
        self.delete(reference)
        self.effects.append(Performed("delete", {"object": reference}))

    def _assign(self, action: ir.Assign, scope: Scope) -> None:
        label = self._label("assign", _kind(action.target), action.field)
        reference = self._object(label, action.target, scope)
        value = self._given(label, action.value, scope)
        field = self.turn.model.field(reference.object, action.field)
        self.assign(reference, action.field, _worded(value, action.value, field, scope))

    def _adjust(self, action: ir.Adjust, scope: Scope) -> None:
        label = self._label(action.direction, _kind(action.target), action.field)
        reference = self._object(label, action.target, scope)
        amount = self._needed(label, action.amount, scope)
        field = self.turn.model.field(reference.object, action.field)
        current = self.wave.writes.assigned_by(self.author, reference, action.field)
        if current is None:
            current = self._needed(label, ir.FieldOf(action.target, action.field, action.amount.type), scope)
        if isinstance(amount, Decimal):
            amount = _like(current, amount, field, action.amount.type.kind == "percentage")
        self.increase(reference, action.field, _negated(amount) if action.direction == "decrease" else amount)

    def _add_to_list(self, action: ir.AddToList, scope: Scope) -> None:
        label = self._label("add", _kind(action.target), action.field)
        reference = self._object(label, action.target, scope)
        self.increase(reference, action.field, (self._needed(label, action.value, scope),))

    def _for_each(self, action: ir.ForEach, scope: Scope) -> None:
        for _, inner in list(members(action.collection, scope, evaluate)):
            self.run(action.body, inner)

    def _refuse(self, action: ir.Refuse, scope: Scope) -> None:
        reason = evaluate(action.reason, scope)
        raise Refusal(
            reason if isinstance(reason, str) else None,
            rule=self.rule.name,
            object_id=self.subject and self.subject.id,
        )

    def _wait(self, action: ir.Wait, scope: Scope) -> None:
        duration = self._needed(self._label("wait"), action.duration, scope)
        if isinstance(duration, Duration):
            due = scope.clockwork.add_to_instant(scope.now, duration)
            self.turn.add_timer(new_wait(self, action.number, due, scope.variables))

    def _cancel_reminders(self, action: ir.CancelReminders, scope: Scope) -> None:
        value = self._needed(self._label("cancel"), action.target, scope)
        if isinstance(value, Reference):
            self.turn.drop_timers(self.turn.timers_of(value))


def _kind(target: ir.Expression) -> str:
    """The type of the objects an expression stands for, where it says."""
    return target.type.object or ""


def _worded(value: Value, expression: ir.Expression, field: ir.Field | None, scope: Scope) -> Value:
    """A choice that becomes a text does so in the project's language."""
    if isinstance(value, str) and expression.type.kind == "choice" and field is not None and field.type.kind == "text":
        return write_in_text(value, expression, scope, scope.model.settings)
    return value


def _like(current: Value, amount: Decimal, field: ir.Field | None, percentage: bool) -> Value:
    """A bare number or a percentage as a difference of what it is added to.

    A percentage is of the value, unless the value is a percentage itself: 5 % and 3 % make 8 %.
    """
    if percentage and not (field is not None and field.type.kind == "percentage"):
        if isinstance(current, Money):
            return Money(CONTEXT.multiply(current.amount, amount), current.currency)
        return CONTEXT.multiply(current, amount) if isinstance(current, Decimal) else None
    return Money(amount, current.currency) if isinstance(current, Money) else amount


def _negated(amount: Value) -> Value:
    match amount:
        case Decimal():
            return CONTEXT.minus(amount)
        case Money():
            return Money(CONTEXT.minus(amount.amount), amount.currency)
        case Duration():
            return negate_duration(amount)
        case _:
            return amount
