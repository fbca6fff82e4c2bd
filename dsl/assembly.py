"""Putting the program together: the resolved rules and the whole vocabulary as the IR."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import attrs

from . import ir
from .declared import Declared
from .vocabulary import ActionSymbol, FieldSymbol, ObjectSymbol


class Assembly:
    """A program in the making."""

    def __init__(self, declared: Declared) -> None:
        self.vocabulary = declared.vocabulary
        self.definitions = declared.definitions
        self.settings = declared.settings

    def program(self, rules: Sequence[ir.Rule]) -> ir.Program:
        """The program of the resolved rules and the whole vocabulary."""
        objects = [o for o in self.vocabulary.objects.values() if not o.event]
        events = [o for o in self.vocabulary.objects.values() if o.event]
        return ir.Program(
            self.settings,
            tuple(sorted((self._object(o) for o in objects), key=lambda o: o.name)),
            tuple(sorted((self._event(e) for e in events), key=lambda e: e.name)),
            tuple(sorted((self._action(a) for a in self.vocabulary.actions.values()), key=lambda a: a.name)),
            tuple(self._globals()),
            _named(rules),
        )

    def _object(self, symbol: ObjectSymbol) -> ir.ObjectType:
        return ir.ObjectType(symbol.name, self._names(symbol), self._fields(symbol.name))

    def _event(self, symbol: ObjectSymbol) -> ir.EventType:
        return ir.EventType(symbol.name, self._names(symbol), self._fields(symbol.name))

    @staticmethod
    def _names(symbol: ObjectSymbol | FieldSymbol) -> dict[str, str]:
        return {language: name.text for language, name in symbol.names.items()}

    def _fields(self, owner: str) -> tuple[ir.Field, ...]:
        made = [self._field(symbol) for symbol in self.vocabulary.fields(owner)]
        return tuple(sorted(made, key=lambda field: field.name))

    def _field(self, symbol: FieldSymbol) -> ir.Field:
        definition = self.definitions.body_of(symbol) if symbol.computed else None
        default = self.definitions.default_of(symbol)
        if default is not None and default.type.kind == "error":
            # a standard default over fields that the project gave other types
            default = None
        return ir.Field(
            symbol.name,
            self._names(symbol),
            self.definitions.type_of_field(symbol),
            symbol.choices,
            symbol.identifier,
            symbol.required,
            symbol.unique,
            default,
            definition,
        )

    def _action(self, symbol: ActionSymbol) -> ir.ActionType:
        names = {
            language: " ".join(part.text for part in parts if part.hole is None and not part.optional)
            for language, parts in symbol.patterns.items()
        }
        return ir.ActionType(symbol.name, names, tuple(self._field(p) for p in symbol.parameters))

    def _globals(self) -> list[ir.GlobalDefinition]:
        made: list[ir.GlobalDefinition] = []
        for symbol in sorted(self.vocabulary.globals.values(), key=lambda g: g.name):
            names = {language: name.text for language, name in symbol.names.items()}
            body = self.definitions.body_of_global(symbol)
            made.append(ir.GlobalDefinition(symbol.name, names, self.definitions.type_of_global(symbol.name), body))
        return made


def _named(rules: Sequence[ir.Rule]) -> tuple[ir.Rule, ...]:
    """The rules by name; an unnamed one is ``rule-<8 digits of its hash>``, with ``-n`` for equal ones."""
    made: list[ir.Rule] = []
    seen: Counter[str] = Counter()
    for rule in rules:
        if rule.names:
            made.append(rule)
            continue
        # only unnamed rules need a digest
        from .ir_json import rule_hash

        name = f"rule-{rule_hash(rule)[:8]}"
        seen[name] += 1
        if seen[name] > 1:
            name = f"{name}-{seen[name]}"
        made.append(attrs.evolve(rule, name=name))
    return tuple(sorted(made, key=lambda rule: rule.name))
