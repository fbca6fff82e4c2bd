"""A program as the runtime looks things up in it: types and fields by name, rules by name and by what they await."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache, cached_property

from ..dsl import ir
from ..dsl.fold import fold
from ..dsl.ir_json import rule_hash
from ..dsl.lexicon import languages, lexicon
from ..dsl.types import DATETIME, TEXT


@cache
def standard_fields() -> Mapping[str, ir.Field]:
    """What every object has, whether its type lists them or not; the names are those of the tables of words."""
    types = {"id": TEXT, "created at": DATETIME, "updated at": DATETIME, "origin": TEXT}
    tables = {language: lexicon(language).tables["standard_fields"] for language in languages()}
    return {
        name: ir.Field(name, {language: table[name.replace(" ", "_")][0] for language, table in tables.items()}, type_)
        for name, type_ in types.items()
    }


KEPT_BY_ENGINE = frozenset({"id", "created at", "updated at", "origin"})
"""Fields that the engine alone writes; writing them is no change that a rule hears of."""

Kind = ir.ObjectType | ir.EventType


class Model:
    """Look-ups over a program; immutable once built, so threads may share it.

    ``kinds`` are the objects and the declared events by English name.
    """

    def __init__(self, program: ir.Program) -> None:
        self.program = program
        self.settings = program.settings
        self.kinds: dict[str, Kind] = {kind.name: kind for kind in (*program.objects, *program.events)}
        self.objects = {kind.name: kind for kind in program.objects}
        self.events = {kind.name: kind for kind in program.events}
        self.actions = {action.name: action for action in program.actions}
        self.definitions = {definition.name: definition for definition in program.definitions}
        self.rules = {rule.name: rule for rule in program.rules}
        self._versions: dict[str, str] = {}
        self._fields = {
            name: {**standard_fields(), **{field.name: field for field in kind.fields}}
            for name, kind in self.kinds.items()
        }
        self._identifiers = {
            name: next((field.name for field in kind.fields if field.identifier), "id")
            for name, kind in self.kinds.items()
        }

    def field(self, kind: str, name: str) -> ir.Field | None:
        """A field of an object or event by English name."""
        fields = self._fields.get(kind)
        return None if fields is None else fields.get(name)

    def fields(self, kind: str) -> Mapping[str, ir.Field]:
        """All fields of an object or event, the standard ones included. Raises ``KeyError`` for an unknown type."""
        return self._fields[kind]

    def kind_name(self, kind: str) -> str:
        """The name of an object or event in the project's language; the name itself where there is none."""
        found = self.kinds.get(kind)
        return kind if found is None else found.names.get(self.settings.language, kind)

    def field_name(self, kind: str, name: str) -> str:
        """The name of a field in the project's language; the name itself where there is no such field."""
        found = self.field(kind, name)
        return name if found is None else found.names.get(self.settings.language, name)

    def identifier(self, kind: str) -> str:
        """The field that is the identifier of an object: ``id`` unless one says so."""
        return self._identifiers.get(kind, "id")

    def is_identifier(self, kind: str, field: str) -> bool:
        """Whether a field holds the identifier itself, which is stored nowhere else."""
        return field in {"id", self.identifier(kind)}

    def is_kept(self, kind: str, field: str) -> bool:
        """Whether the engine alone writes the field, so that results never list it."""
        return field in KEPT_BY_ENGINE or field == self.identifier(kind)

    def is_stored(self, kind: str, field: str) -> bool:
        """Whether the field can be looked up in stored records: no definition, no default, not the identifier."""
        found = self.field(kind, field)
        return (
            found is not None
            and found.definition is None
            and found.default is None
            and not self.is_identifier(kind, field)
        )

    def rule_version(self, name: str) -> str | None:
        """The digest of what a rule says, which tells its versions apart; ``None`` for no such rule."""
        version = self._versions.get(name)
        if version is None and name in self.rules:
            version = self._versions[name] = rule_hash(self.rules[name])
        return version

    @cached_property
    def rule_titles(self) -> Mapping[str, str]:
        """The names of rules in the project's language, by English name, where there are two."""
        language = self.settings.language
        return {name: title for name, rule in self.rules.items() if (title := rule.names.get(language, name)) != name}

    def listening_rules(self) -> Iterator[ir.Rule]:
        """The rules that may ever fire on something that happens."""
        return (rule for rule in self.program.rules if not rule.disabled)

    @cached_property
    def field_names(self) -> dict[str, dict[str, str]]:
        """For each object and event, from a name in any language, folded, to the English name of the field."""
        return {
            kind: {fold(name): field.name for field in fields.values() for name in (*field.names.values(), field.name)}
            for kind, fields in self._fields.items()
        }

    @cached_property
    def kind_names(self) -> dict[str, str]:
        """From the folded name of an object or declared event in any language to its English name."""
        return {fold(name): kind.name for kind in self.kinds.values() for name in (*kind.names.values(), kind.name)}

    def kind_named(self, name: str) -> str | None:
        """The English name of an object or declared event by a name in any language."""
        return self.kind_names.get(fold(" ".join(name.split())))

    def field_named(self, kind: str, name: str) -> str | None:
        """The English name of a field by a name in any language."""
        return self.field_names[kind].get(fold(" ".join(name.split())))

    def choice_name(self, kind: str, field: str, value: str) -> str:
        """A choice in the project's language, by its English name; the field may be unknown."""
        found = self.field(kind, field)
        choices = found.choices if found is not None else self._choices
        for choice in choices:
            if choice.name == value:
                return choice.names.get(self.settings.language, value)
        return value

    @cached_property
    def _choices(self) -> tuple[ir.Choice, ...]:
        fields = (field for fields in self._fields.values() for field in fields.values())
        return tuple(choice for field in fields for choice in field.choices)

    def choice(self, field: ir.Field, text: str) -> str | None:
        """The English name of a choice by one of its names, or ``None``."""
        for choice in field.choices:
            if text == choice.name or text in choice.names.values():
                return choice.name
        return None
