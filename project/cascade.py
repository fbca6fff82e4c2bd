"""The cascade: which rule can set off which, by what one writes and the other waits for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ..dsl import ir
from ..dsl.node import Node, node
from ..runtime.index import reads
from ..runtime.model import Model
from ..stdlib.actions import STANDARD_WRITES


@node
class Write(Node):
    """What an action does to objects of a type (``"*"`` for any): ``field`` is ``None`` where it makes or deletes one.

    ``values`` are what is written, by field.
    """

    object: str
    kind: str
    field: str | None = None
    values: tuple[ir.Argument, ...] = ()


@node
class Link(Node):
    """``source`` can set off ``target`` (names of rules) by what it does to ``field`` of objects of type ``object``.

    ``kind``: ``created deleted written``; ``field`` is ``None`` for the first two.
    """

    source: str
    target: str
    object: str
    kind: str
    field: str | None = None


def links(program: ir.Program) -> tuple[Link, ...]:
    """The links between the rules of a program, in the order of its rules; those of a rule with itself too.

    A link is a possibility: the condition of the target may still keep it quiet. Disabled rules have none.
    """
    model = Model(program)
    rules = [rule for rule in program.rules if not rule.disabled]
    awaited = [(rule.name, [_Awaited(trigger, model) for trigger in rule.triggers]) for rule in rules]
    made: dict[Link, None] = {}
    for rule in rules:
        for write in _writes((*rule.actions, *rule.otherwise)):
            for target, triggers in awaited:
                if any(each.hears(write) for each in triggers):
                    made[Link(rule.name, target, write.object, write.kind, write.field)] = None
    return tuple(made)


class _Awaited:
    """What a trigger waits for."""

    def __init__(self, trigger: ir.Trigger, model: Model) -> None:
        self.trigger = trigger
        self.model = model
        self.found = reads(trigger, model)

    def hears(self, write: Write) -> bool:
        match self.trigger:
            case ir.Created() | ir.Saved() | ir.Updated() | ir.Deleted():
                return self._same(write) and write.kind in _HEARD[type(self.trigger)]
            case ir.Changed() | ir.GoesFrom() if write.kind == "created" and self._same(write):
                # neither looks at an object that was not there before
                return any(each.kind == write.object != self.trigger.object for each in self.found)
            case _:
                return self._reads(write)

    def _same(self, write: Write) -> bool:
        return write.object in {"*", getattr(self.trigger, "object", None)}

    def _reads(self, write: Write) -> bool:
        if self._never(write):
            return False
        if write.kind != "written":
            return any(each.kind in {write.object, "*"} for each in self.found)
        return any(
            each.field == write.field and ("*" in {each.kind, write.object} or each.kind == write.object)
            for each in self.found
        )

    def _never(self, write: Write) -> bool:
        """Whether what is written is certainly another value than the one awaited."""
        match self.trigger:
            case ir.Edge(condition=ir.Apply(function="equal", arguments=(ir.FieldOf() as field, awaited))):
                pass
            case ir.GoesFrom(value=ir.FieldOf() as field, target=awaited):
                pass
            case _:
                return False
        if not isinstance(awaited, ir.Constant) or field.object.type.object != write.object:
            return False
        written = next((each.value for each in write.values if each.name == field.field), None)
        if written is None:
            known = self.model.field(write.object, field.field)
            return write.kind == "created" and known is not None and known.default is None and known.definition is None
        return isinstance(written, ir.Constant) and awaited.value != written.value


_HEARD = {
    ir.Created: {"created"},
    ir.Saved: {"created", "written"},
    ir.Updated: {"written"},
    ir.Deleted: {"deleted"},
}


def _writes(actions: Iterable[ir.Action]) -> Iterator[Write]:
    for action in actions:
        match action:
            case ir.Create():
                yield Write(action.object, "created", values=action.fields)
            case ir.Delete():
                yield Write(_kind(action.target), "deleted")
            case ir.Assign():
                written = (ir.Argument(action.field, action.value),)
                yield Write(_kind(action.target), "written", action.field, written)
            case ir.Adjust() | ir.AddToList():
                yield Write(_kind(action.target), "written", action.field)
            case ir.ForEach():
                yield from _writes(action.body)
            case ir.Wait():
                yield from _writes(action.then)
            case ir.Call():
                given = {argument.name: argument.value for argument in action.arguments}
                for kind, what, field in STANDARD_WRITES.get(action.action, ()):
                    target = given.get(kind)
                    yield Write(_kind(target) if target is not None else kind, what, field)
            case _:
                pass


def _kind(target: ir.Expression) -> str:
    return target.type.object or "*"
