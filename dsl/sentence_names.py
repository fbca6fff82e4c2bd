"""Names and values as a person of one language writes them: the ground of :mod:`~.sentences`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from functools import cached_property
from typing import Any, TypeAlias
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from . import ir
from .agreement import Agreement, Noun
from .lexicon import lexicon
from .messages import section
from .pieces import VALUE, WORD, Piece, text_of
from .types import TEXT, Type
from .values import Money, Reference, Value
from .vocabulary import DisplayName, Vocabulary
from .writing import write_literal, write_value

Words: TypeAlias = tuple[str, ...]
Kind: TypeAlias = ir.ObjectType | ir.EventType

_PLAIN_SPACES = str.maketrans({"\u00a0": " ", "\u202f": " "})


class Names:
    """The names of one program in one language, and values written for readers.

    Without a ``vocabulary``, the articles of names whose gender cannot be told are left out.
    """

    def __init__(self, program: ir.Program, language: str, vocabulary: Vocabulary | None = None) -> None:
        self.program = program
        self.language = language
        self.vocabulary = vocabulary
        self.lexicon = lexicon(language)
        self.phrases: Mapping[str, Any] = self.lexicon.tables["phrases"]
        self.keywords: Mapping[str, Any] = self.lexicon.tables["keywords"]
        self.agreement = Agreement(self.lexicon)
        self._kinds: dict[str, ir.ObjectType | ir.EventType] = {
            kind.name: kind for kind in (*program.objects, *program.events)
        }

    def value(self, value: Value, type_: Type, choices: Sequence[ir.Choice] = ()) -> str:
        """A value as a reader expects it; texts in quotation marks, a choice by its name in the language."""
        if isinstance(value, str):
            return self._quoted(self._choice(value, type_, choices))
        if isinstance(value, datetime) and value.tzinfo is not None:
            value = value.astimezone(self._timezone)
        if type(value) is tuple:
            return ", ".join(self.value(member, type_.members[0] if type_.members else TEXT) for member in value)
        if isinstance(value, Money) and value.amount == value.amount.to_integral_value():
            return write_literal(value, type_, self.lexicon)
        return write_value(value, type_, self.lexicon, self.program.settings.currency).translate(_PLAIN_SPACES)

    def kind(self, name: str, article: str = "", *, plural: bool = False) -> str:
        """The name of an object or event, with an article (``definite``, ``indefinite``) or without."""
        return self._joined(self._noun(self._names_of(name), article, plural))

    def field(self, kind: str, name: str) -> str:
        """The name of a field."""
        return " ".join(self._field_name(kind, name))

    # --- names ----------------------------------------------------------------------------------------------------

    @cached_property
    def _timezone(self) -> ZoneInfo:
        try:
            return ZoneInfo(self.program.settings.timezone)
        except (ZoneInfoNotFoundError, ValueError):
            return ZoneInfo("UTC")

    @cached_property
    def _standard(self) -> Mapping[str, Any]:
        return self.lexicon.tables["standard_fields"]

    @property
    def colon(self) -> str:
        """What stands between a label and its value, spaces included."""
        return section(self.language, "format").get("colon", ": ")

    def _quoted(self, text: str) -> str:
        opening, closing = section(self.language, "format").get("quotes", ['"', '"'])
        return f"{opening}{text}{closing}"

    def _choice(self, value: str, type_: Type, choices: Sequence[ir.Choice]) -> str:
        if not choices and type_.kind == "choice":
            choices = self._choices_by_option.get(type_.options, ())
        found = next((choice for choice in choices if choice.name == value), None)
        return value if found is None else found.names.get(self.language, value)

    @cached_property
    def _choices_by_option(self) -> dict[tuple[str, ...], tuple[ir.Choice, ...]]:
        fields = [field for kind in self._kinds.values() for field in kind.fields]
        fields += [parameter for action in self.program.actions for parameter in action.parameters]
        return {tuple(choice.name for choice in field.choices): field.choices for field in fields if field.choices}

    def _names_of(self, kind: str) -> DisplayName:
        symbol = self.vocabulary.objects.get(kind) if self.vocabulary is not None else None
        if symbol is not None and self.language in symbol.names:
            return symbol.names[self.language]
        known = self._kinds.get(kind)
        return DisplayName(kind if known is None else known.names.get(self.language, kind))

    def _noun(self, name: DisplayName, article: str, plural: bool = False) -> Words:
        text = self.agreement.plural_name(name.text) if plural and not name.plural else name.text
        words = tuple(text.split())
        return (*self._article(article, Noun(name.gender, plural or name.plural), words[0]), *words)

    def _article(self, article: str, noun: Noun, word: str) -> Words:
        known = noun.gender or noun.plural or not self.agreement.gendered
        found = self.agreement.article(article, noun, word) if article and known else ""
        return (found,) if found else ()

    def _field_of(self, kind: str | None, name: str) -> ir.Field | None:
        known = self._kinds.get(kind or "")
        return None if known is None else next((field for field in known.fields if field.name == name), None)

    def _field_noun(self, kind: str | None, name: str) -> DisplayName:
        symbol = self.vocabulary.field(kind or "", name) if self.vocabulary is not None else None
        if symbol is not None and self.language in symbol.names:
            return symbol.names[self.language]
        return DisplayName(" ".join(self._field_name(kind, name)))

    def _field_name(self, kind: str | None, name: str) -> Words:
        field = self._field_of(kind, name)
        if field is None:
            return tuple(self._standard.get(name.replace(" ", "_"), [name])[0].split())
        return tuple(field.names.get(self.language, name).split())

    def _keyword(self, group: str, concept: str, noun: Noun | None = None) -> Words:
        forms: list[str] = self.keywords[group][concept]
        return self._chosen(forms[0], noun)

    def _chosen(self, form: str, noun: Noun | None = None) -> Words:
        """A form with each choice of words made: singular and masculine unless the noun says otherwise."""
        noun = noun or Noun()
        made: list[str] = []
        for word in form.split():
            options = word.split("|")
            position = (2 if noun.plural else 0) + (noun.gender == "feminine") if len(options) == 4 else noun.plural
            made.append(options[position] if position < len(options) else options[0])
        return tuple(made)

    def _joined(self, words: Iterable[str]) -> str:
        """The words as they are written beside each other: ``de le contact`` is ``du contact``."""
        pieces = [Piece(word, WORD if word[:1].isalpha() and " " not in word else VALUE) for word in words]
        return text_of(self.agreement.join(pieces))

    def _noun_of(self, expression: ir.Expression) -> Noun:
        if isinstance(expression, ir.FieldOf):
            name = self._field_noun(expression.object.type.object, expression.field)
            return Noun(name.gender, name.plural)
        return Noun()

    def _agreeing(self, pattern: str, noun: Noun) -> str:
        """A pattern whose adjectives agree."""
        return " ".join(self.agreement.agree(word, noun) for word in pattern.split())

    def _argument(self, value: Value, field: ir.Field | None) -> str:
        return self.value(value, field.type if field else _type_of(value), field.choices if field else ())


def comma(words: Words) -> Words:
    """The words with a comma behind them."""
    return (*words[:-1], words[-1] + ",") if words else words


def _type_of(value: Value) -> Type:
    return Type("reference") if isinstance(value, Reference) else Type("money") if isinstance(value, Money) else TEXT
