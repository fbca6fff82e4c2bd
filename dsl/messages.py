"""Prose for people: the only place where facts become sentences.

The sentences stand in ``grammar/messages/<language>.toml``:

- a table per code (``[QD101]``) with ``message`` and, where there is one, ``help``, and ``help_suggestions`` for when
  close names were found;
- ``[labels]`` and ``[fixes]``: the short texts that :class:`~.diagnostic.Label` and :class:`~.diagnostic.Fix` name;
- ``[words]``: what facts carry as keys (kinds of tokens, concepts) and people read as words;
- ``[types]``: the types of the language; ``[format]``: how lists and quotes are written; ``[ui]``: texts of commands.

A sentence has placeholders: ``{name}`` is the argument of that name; ``{names:and}`` a list joined by the word for
*and* (by the word for *or* without it); ``{names:quoted}`` puts each in quotation marks; ``{kind:word}`` looks it up in
``[words]``; ``{count:rule|rules}`` chooses by number. ``{{`` is a brace.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, cast

from .prepared import read_tables

if TYPE_CHECKING:
    from .diagnostic import Diagnostic
    from .types import Type

MESSAGES_FOLDER = Path(__file__).parent.parent / "grammar" / "messages"

PLACEHOLDER = re.compile(r"\{\{|\}\}|\{(\w+)(?::([^{}]*))?\}")

ObjectNames = Callable[[str], str]
"""From the English name of an object to its name in the language of the message."""


class RenderedMessage(NamedTuple):
    """A diagnostic in words; ``labels`` and ``fixes`` are in the order of the diagnostic's own."""

    message: str
    help: str
    labels: tuple[str, ...]
    fixes: tuple[str, ...]


@cache
def languages() -> tuple[str, ...]:
    """The codes of the languages that have messages, in alphabetical order."""
    return tuple(sorted(path.stem for path in MESSAGES_FOLDER.glob("*.toml")))


@cache
def tables(language: str) -> Mapping[str, Any]:
    """All messages of a language, by section. Raises ``KeyError`` for a language without any."""
    path = MESSAGES_FOLDER / f"{language}.toml"
    if not path.is_file():
        raise KeyError(language)
    return read_tables(path)


def section(language: str, name: str) -> Mapping[str, Any]:
    """A section of the messages of a language; empty where there is none."""
    return tables(language).get(name, {})


def render(diagnostic: Diagnostic, language: str, object_name: ObjectNames | None = None) -> RenderedMessage:
    """The words for a diagnostic. A code or a key that the tables do not know is shown as it is; nothing is raised."""
    entry = section(language, diagnostic.code)
    writer = _Writer(language, object_name)
    message = entry.get("message")
    return RenderedMessage(
        writer.fill(message, diagnostic.args) if message else writer.bare(diagnostic.code, diagnostic.args),
        writer.fill(entry.get(_help_key(entry, diagnostic), ""), diagnostic.args),
        tuple(
            writer.fill(section(language, "labels").get(label.text, label.text), label.args)
            for label in diagnostic.labels
        ),
        tuple(
            writer.fill(section(language, "fixes").get(fix.title, fix.title), {**diagnostic.args, **fix.args})
            for fix in diagnostic.fixes
        ),
    )


def _help_key(entry: Mapping[str, Any], diagnostic: Diagnostic) -> str:
    """``help_suggestions`` where the finding has any and the code has words for them."""
    return "help_suggestions" if diagnostic.args.get("suggestions") and "help_suggestions" in entry else "help"


def ui(key: str, language: str, **args: Any) -> str:
    """A text of the ``[ui]`` section; a key it does not have is shown as it is."""
    return _Writer(language, None).fill(section(language, "ui").get(key, key), args)


def word(key: str, language: str) -> str:
    """The word for a concept, from the ``[words]`` section; the key itself where there is none."""
    return section(language, "words").get(key, key)


def type_name(type_: Type, language: str, object_name: ObjectNames | None = None) -> str:
    """A type in words with its article: ``un nombre en m``."""
    return _Writer(language, object_name).type_name(type_)


def join(items: list[str], language: str, conjunction: str = "or") -> str:
    """``A, B ou C``; ``conjunction`` is ``"or"`` or ``"and"``."""
    if len(items) < 2:
        return "".join(items)
    return ", ".join(items[:-1]) + f" {section(language, 'format').get(conjunction, conjunction)} " + items[-1]


class _Writer:
    """Fills the placeholders of one message."""

    __slots__ = ("language", "object_name")

    def __init__(self, language: str, object_name: ObjectNames | None) -> None:
        self.language = language
        self.object_name = object_name

    def fill(self, template: str, args: Mapping[str, Any]) -> str:
        if "{" not in template and "}" not in template:
            return template

        def replace(match: re.Match[str]) -> str:
            name, form = match.group(1), match.group(2) or ""
            if name is None:
                return match.group()[0]
            if name not in args:
                return "?"
            return self.write(args[name], form)

        return PLACEHOLDER.sub(replace, template)

    def write(self, value: Any, form: str) -> str:
        """An argument in words; ``form`` is what follows the colon of its placeholder."""
        if "|" in form:
            one, _, many = form.partition("|")
            return one if value in self._format("singular", [1]) else many
        if form == "unit" and value is None:
            return word("no_unit", self.language)
        if form == "chain":
            return " → ".join(str(member) for member in value)
        if isinstance(value, list) or type(cast("object", value)) is tuple:
            members = list(cast("Iterable[Any]", value))
            item_form = "" if form in {"or", "and"} else form
            return join(
                [self.write(member, item_form) for member in members], self.language, "and" if form == "and" else "or"
            )
        if type(value) in {str, int}:
            text = str(value)
        else:
            # only diagnostics hold other values, and commands are to start quickly
            from .diagnostic import Diagnostic
            from .types import Type
            from .writing import write_fact

            if isinstance(value, Type):
                return self.type_name(value)
            if isinstance(value, Diagnostic):
                return render(value, self.language, self.object_name).message
            text = write_fact(value, self.language)
        if form == "word":
            return word(text, self.language)
        if form == "quoted":
            opening, closing = self._format("quotes", ["“", "”"])
            return f"{opening}{text}{closing}"
        return text

    def type_name(self, type_: Type) -> str:
        if type_.kind == "union":
            return join([self.type_name(member) for member in type_.members], self.language)
        names = section(self.language, "types")
        key = f"{type_.kind}_in_unit" if type_.unit else type_.kind
        template = names.get(key)
        if template is None:
            return str(type_)
        shown = type_.object or ""
        if type_.object and self.object_name:
            shown = self.object_name(type_.object)
        member = self.type_name(type_.members[0]) if type_.members else ""
        return self.fill(template, {"unit": type_.unit or "", "object": shown, "member": member})

    def bare(self, code: str, args: Mapping[str, Any]) -> str:
        """What is shown for a code without words: the code and its facts."""
        facts = ", ".join(f"{name} = {self.write(value, '')}" for name, value in args.items())
        return f"{code} ({facts})" if facts else code

    def _format(self, key: str, default: Any) -> Any:
        return section(self.language, "format").get(key, default)
