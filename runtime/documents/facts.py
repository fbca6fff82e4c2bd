"""What a template may speak of: an object, what it refers to and what refers to it, as JSON for another process.

The process that renders has neither the data nor the rules. It is given every field of the subject and of what is
reached from it, computed ones included, as they are now.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any, Final

import attrs

from ...dsl.agreement import Agreement
from ...dsl.lexicon import languages, lexicon
from ...dsl.types import format_type
from ...dsl.values import Duration, Money, Reference, Value
from ..aggregates import referring
from ..dates import Clockwork
from ..interpret import Scope
from ..model import Model
from ..problems import Failure
from ..state import State
from ..stores.port import Transaction
from .exchange import encoded, key_of

DEEPEST: Final = 3
"""How many references may be followed from the subject."""

MOST_OBJECTS: Final = 2000
"""How many objects a document may speak of."""


@attrs.frozen
class Facts:
    """Gathers what the data of one program say. Safe to share between threads."""

    model: Model
    clockwork: Clockwork

    def about(self, subject: Reference | None, transaction: Transaction, now: datetime) -> dict[str, Any]:
        """The facts about ``subject`` at an instant, as JSON takes them.

        Raises :class:`~..stores.port.StoreError`. A field that cannot be computed holds the reason why.
        """
        state = State(transaction)
        gathering = _Gathering(self.model, Scope(self.model, self.clockwork, state, state, now))
        root = None if subject is None else gathering.add(subject, 0)
        gathering.follow()
        settings = self.model.settings
        return {
            "language": settings.language,
            "currency": settings.currency,
            "today": encoded(self.clockwork.day(now), self.clockwork.timezone),
            "root": root,
            "objects": gathering.objects,
            "kinds": gathering.kinds,
        }


class _Gathering:
    """The objects found so far; those that wait have been reached and not yet read."""

    def __init__(self, model: Model, scope: Scope) -> None:
        self._model = model
        self._scope = scope
        self._numbers: dict[Reference, int] = {}
        self._waiting: list[tuple[Reference, int]] = []
        self.objects: list[dict[str, Any]] = []
        self.kinds: dict[str, dict[str, Any]] = {}

    def add(self, reference: Reference, depth: int) -> int | None:
        """The number of an object; ``None`` for one that is not there, or too far away."""
        number = self._numbers.get(reference)
        if number is not None:
            return number
        if depth > DEEPEST or len(self.objects) >= MOST_OBJECTS or self._scope.record(reference) is None:
            return None
        number = self._numbers[reference] = len(self.objects)
        self.objects.append({"kind": reference.object, "id": reference.id})
        self._waiting.append((reference, depth))
        return number

    def follow(self) -> None:
        """Read the objects, nearest first, and whatever they lead to."""
        # the list grows while it is read
        for reference, depth in self._waiting:
            told = self.objects[self._numbers[reference]]
            kind = self._kind(reference.object)
            told["fields"] = {name: self._field(reference, name, depth) for name in kind["types"]}
            if depth == 0:
                told["lists"] = {
                    f"{made} {via}": [number for number in map(self._neighbour, found) if number is not None]
                    for made, via in self._referrers(reference.object)
                    if (found := referring(self._scope, made, via, reference))
                }

    def _neighbour(self, reference: Reference) -> int | None:
        return self.add(reference, 1)

    def _field(self, reference: Reference, name: str, depth: int) -> Any:
        try:
            value = self._scope.read(reference, name)
        except Failure as failure:
            return ["failed", failure.problem(self._model.settings.language).message]
        return self._encoded(value, depth)

    def _encoded(self, value: Value, depth: int) -> Any:
        if isinstance(value, Reference):
            return ["object", self.add(value, depth + 1), value.id]
        if isinstance(value, tuple) and not isinstance(value, Money | Duration):
            return ["list", [self._encoded(each, depth) for each in value]]
        return encoded(value, self._scope.clockwork.timezone)

    # --- names ----------------------------------------------------------------------------------------------------

    def _kind(self, name: str) -> dict[str, Any]:
        """What is said of a type of object: its names, its fields and theirs, and what refers to it."""
        found = self.kinds.get(name)
        if found is not None:
            return found
        fields = self._model.fields(name)
        kind = self._model.kinds[name]
        found = self.kinds[name] = {
            "names": _keys([*kind.names.values(), name]),
            "title": self._model.kind_name(name),
            "fields": {key: each for each, field in fields.items() for key in _keys([*field.names.values(), each])},
            "titles": {each: self._model.field_name(name, each) for each in fields},
            "types": {each: format_type(field.type) for each, field in fields.items()},
            "choices": {
                each: {choice.name: dict(choice.names) for choice in field.choices}
                for each, field in fields.items()
                if field.choices
            },
            "lists": {key: f"{made} {via}" for made, via in self._referrers(name) for key in self._list_keys(made)},
        }
        return found

    def _referrers(self, name: str) -> list[tuple[str, str]]:
        """The types that refer to one, each with the first of its fields that does."""
        found: dict[str, str] = {}
        for kind, declared in self._model.objects.items():
            for field in declared.fields:
                if field.type.kind == "reference" and field.type.object == name:
                    found.setdefault(kind, field.name)
        return sorted(found.items())

    def _list_keys(self, name: str) -> list[str]:
        names = self._model.kinds[name].names
        several = [Agreement(lexicon(each)).plural_name(names[each]) for each in languages() if each in names]
        return _keys(several)


def _keys(names: Iterable[str]) -> list[str]:
    return sorted({key_of(name) for name in names})
