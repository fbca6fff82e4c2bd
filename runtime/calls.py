"""What the body of an action gets: its arguments, the snapshot, and ways to say what is to be written."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any, TypeAlias

from ..dsl.values import Reference, Value
from .interpret import Scope
from .problems import Failure, Refusal, problem
from .writes import Creation

if TYPE_CHECKING:
    from .perform import Performer


class SkipAction(Exception):
    """Raised by a body: the action is not done, and the result says why; the rest goes on."""

    def __init__(self, code: str, *, object_id: str | None = None, field: str | None = None, **args: Any) -> None:
        super().__init__(code)
        self.code = code
        self.object_id = object_id
        self.field = field
        self.args_of_message = args


class ActionCall:
    """One action being done.

    ``action`` is the name results carry, ``label`` its phrase for messages. ``args`` are the arguments by English
    name, ``None`` for one given but empty; a body may add to ``links`` what the results show besides. ``subject`` is
    the rule's subject, ``now`` the instant of the event. Reading goes to the snapshot of the wave; nothing that other
    rules of the wave do can be seen, but what they create, by :meth:`pending`, which bodies use to agree on one object.
    """

    __slots__ = ("_performer", "_scope", "action", "args", "label", "links", "outgoing")

    def __init__(self, action: str, label: str, args: dict[str, Value], scope: Scope, performer: Performer) -> None:
        self.action = action
        self.label = label
        self.args = args
        self.links: dict[str, Value] = {}
        self.outgoing = False
        self._scope = scope
        self._performer = performer

    @property
    def subject(self) -> Reference | None:
        return self._performer.subject

    @property
    def rule(self) -> str:
        return self._performer.rule.name

    @property
    def now(self) -> datetime:
        return self._scope.now

    # --- reading --------------------------------------------------------------------------------------------------

    def read(self, reference: Reference, field: str) -> Value:
        """A field of an object in the snapshot, missing where the object is not there."""
        return self._scope.read(reference, field)

    def exists(self, reference: Reference) -> bool:
        return self._scope.record(reference) is not None

    def has_field(self, kind: str, field: str) -> bool:
        """Whether objects of a type have a field of that English name."""
        return self._scope.model.field(kind, field) is not None

    def all(self, kind: str) -> list[Reference]:
        """All objects of a type, by identifier."""
        return [Reference(kind, name) for name in self._scope.state.identifiers(kind)]

    def referring(self, kind: str, field: str, value: Value) -> list[Reference]:
        """The objects of a type whose field has that value, by identifier."""
        if self._scope.model.is_stored(kind, field):
            return [Reference(kind, name) for name in self._scope.state.find(kind, field, value)]
        return [reference for reference in self.all(kind) if self.read(reference, field) == value]

    def pending(self, kind: str) -> list[Creation]:
        """What this wave has created so far of a type, in the order of the firings."""
        creations = self._performer.wave.writes.creations.values()
        return [creation for creation in creations if creation.reference.object == kind]

    def pending_values(self, field: str) -> list[Value]:
        """The values this wave assigns to fields of that name."""
        return self._performer.wave.writes.assigned(field)

    def recall(self, key: str) -> str | None:
        """A note that an earlier call of this action left."""
        return self._performer.turn.recall(f"action:{self.action}:{key}")

    # --- writing --------------------------------------------------------------------------------------------------

    def remember(self, key: str, note: str) -> None:
        """Leave a note to later calls of this action; it lasts when the event is committed."""
        self._performer.turn.remember(f"action:{self.action}:{key}", note)

    def create(self, kind: str, fields: Mapping[str, Value]) -> Reference:
        """Make an object; its identifier is the next one of the event."""
        return self._performer.create(kind, dict(fields))

    def assign(self, reference: Reference, field: str, value: Value) -> None:
        self._performer.assign(reference, field, value)

    def increase(self, reference: Reference, field: str, amount: Value) -> None:
        """A difference; negative to decrease."""
        self._performer.increase(reference, field, amount)

    def delete(self, reference: Reference) -> None:
        self._performer.delete(reference)

    def send(self) -> None:
        """The action goes out of the program: it is put in the outbox and delivered after the commit."""
        self.outgoing = True

    def skip(self, code: str, *, object_id: str | None = None, field: str | None = None, **args: Any) -> SkipAction:
        """What to raise so that the action is left out and the result says why."""
        return SkipAction(code, object_id=object_id, field=field, action=self.label, **args)

    def refuse(self, code: str, *, object_id: str | None = None, **args: Any) -> Refusal:
        """What to raise so that the whole change is refused."""
        facts = {"action": self.label, **args}
        told = problem(
            code,
            self._scope.model.settings.language,
            rule=self.rule,
            object_id=object_id,
            args=facts,
            titles=self._scope.model.rule_titles,
        )
        return Refusal(told.message, rule=self.rule, object_id=object_id, code=code, **facts)

    def fail(self, code: str, **args: Any) -> Failure:
        """What to raise so that the event fails whole."""
        return Failure(code, rule=self.rule, action=self.label, **args)


ActionBody: TypeAlias = Callable[[ActionCall], None]
Actions: TypeAlias = Mapping[str, ActionBody]
"""Bodies by the name results carry; a declared action without one goes out as it is."""
