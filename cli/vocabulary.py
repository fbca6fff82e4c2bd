"""``quand vocabulary``: what rules can talk about, each name with the one it has in the other language."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import click

from ..project.compile import Project, load, load_text
from ..project.errors import ProjectError
from ..project.paths import STDIN
from ..project.vocabulary import Entry, Member, found, listed, near
from .commands import Command, OneOf
from .session import Session, print_data
from .terminal import style_for

FORMATS = ("text", "json")
_HERE = "."
_WIDEST = 40


def command(session: Session) -> click.Command:
    return Command(
        session,
        "vocabulary",
        vocabulary,
        [
            click.Argument(["arguments"], nargs=-1, metavar=session.text("vocabulary_metavar")),
            click.Option(
                ["--format", "form"],
                type=OneOf(session, FORMATS),
                default="text",
                help=session.text("vocabulary_format_help"),
            ),
        ],
    )


def vocabulary(session: Session, arguments: tuple[str, ...], form: str) -> int:
    """0; what is no path is a name, and only that is listed. One that is not known is a :class:`ProjectError`."""
    paths = [each for each in arguments if each == STDIN or Path(each).exists() or each.endswith(".rules")]
    names = [each for each in arguments if each not in paths]
    project = _project(paths)
    language = session.asked or _language(project, paths)
    entries = listed(project, language)
    if names:
        entries = [entry for name in names for entry in _named(entries, name)]
    if form == "json":
        print_data(json.dumps(_plain(entries), ensure_ascii=False, sort_keys=True))
    else:
        for line in _lines(session, entries, language, whole=bool(names)):
            print(line)
    return 0


def _project(paths: Sequence[str]) -> Project:
    """The project of some paths; without any, that of this folder where it has rules, else the standard vocabulary."""
    if paths or any(Path(_HERE).glob("**/*.rules")):
        return load(paths or [_HERE])
    return load_text("")


def _language(project: Project, paths: Sequence[str]) -> str:
    """The language of the only file, else that of the project."""
    files = dict(project.compilation.files)
    if len(paths) == 1 and paths[0] in files:
        return files[paths[0]].language
    return project.config.settings.language


def _named(entries: Sequence[Entry], name: str) -> list[Entry]:
    known = found(entries, name)
    if not known:
        close = near(entries, name)
        raise ProjectError("no_such_word_near" if close else "no_such_word", name=name, near=close)
    return known


# --- as text --------------------------------------------------------------------------------------------------------


def _lines(session: Session, entries: Sequence[Entry], language: str, whole: bool) -> Iterator[str]:
    """A line for each name; the fields that all objects have are told once unless ``whole``."""
    style = style_for(sys.stdout)
    kind = ""
    for entry in entries:
        if kind:
            yield ""
        if entry.kind != kind:
            kind = entry.kind
            yield style(session.text(f"vocabulary_{kind}s"), "help")
            common = [_both(member.names, language) for member in entry.members if member.common]
            if common and kind == "object" and not whole:
                yield session.text("vocabulary_common", names=common)
            yield ""
        yield f"{_both(entry.names, language)}{_about(entry.type, entry.documentation)}"
        rows = [
            (_both(member.names, language), _member(session, entry, member, language))
            for member in entry.members
            if whole or not member.common
        ]
        width = min(max((len(name) for name, _ in rows), default=0), _WIDEST)
        yield from (f"  {name:{width}}  {text}".rstrip() for name, text in rows)


def _both(names: Mapping[str, str], language: str, form: str = "{}") -> str:
    """``affaire / deal``: the name in the language, then the others; ``form`` is what each is written in."""
    texts = [names.get(language, ""), *(text for code, text in sorted(names.items()) if code != language)]
    return " / ".join(form.format(text) for text in dict.fromkeys(filter(None, texts)))


def _about(*parts: str) -> str:
    said = " — ".join(filter(None, parts))
    return f" — {said}" if said else ""


def _member(session: Session, entry: Entry, member: Member, language: str) -> str:
    said = member.type
    if member.values:
        values = [_both(value, language, "'{}'") for value in member.values]
        said = f"{said} ({', '.join(values)})"
    facts = [session.text(f"vocabulary_{fact}") for fact in member.facts]
    # a hole of an action says nothing that the action does not
    about = member.documentation if member.documentation != entry.documentation else ""
    return ", ".join([said, *facts]) + _about(about)


# --- as data --------------------------------------------------------------------------------------------------------


def _plain(entries: Sequence[Entry]) -> dict[str, list[dict[str, object]]]:
    made: dict[str, list[dict[str, object]]] = {"objects": [], "events": [], "actions": [], "definitions": []}
    for entry in entries:
        shown: dict[str, object] = {
            "name": entry.name,
            "names": dict(entry.names),
            "standard": entry.standard,
            "documentation": entry.documentation,
        }
        if entry.kind == "definition":
            shown["type"] = entry.type
        else:
            members = [member._asdict() for member in entry.members]
            shown["arguments" if entry.kind == "action" else "fields"] = members
        made[f"{entry.kind}s"].append(shown)
    return made
