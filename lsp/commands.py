"""The commands of the server that are for panels of an editor: what they answer is plain JSON.

| command | arguments | answer |
| --- | --- | --- |
| ``quand.testExamples`` | uri, name of an example or nothing | what passed, what was expected and obtained |
| ``quand.listExamples`` | uri, or nothing for all folders that are open | examples: uri, name, range |
| ``quand.explain`` | uri, position | title and sections of lines |
| ``quand.ruleDiagram`` | uri, position | a rule as boxes in branches |
| ``quand.cascade`` | uri | the rules of the project and the arrows between them |
| ``quand.translation`` | uri | the file in the other language: language and text |

Each answers null where there is nothing to tell.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import attrs
from lsprotocol import types as lsp
from pygls.uris import to_fs_path

from ..dsl.source import Span
from .features.diagram import cascade, rule_diagram
from .features.explaining import explained
from .features.formatting import translation
from .features.outline import outline
from .features.running import run
from .snapshot import Snapshot

if TYPE_CHECKING:
    from .server import Server

_Command = Callable[..., Any]


def register(server: Server) -> None:
    """Offer the commands."""
    for name, command in COMMANDS.items():
        server.command(name)(_guarded(command))


def _guarded(command: _Command) -> _Command:
    """A command that answers null where it fails, and tells the log: an editor shows no traceback."""

    def call(ls: Any, *arguments: Any) -> Any:
        try:
            return command(ls, *arguments)
        except Exception as error:  # noqa: BLE001 - an editor shows no traceback
            ls.trouble(error)
            return None

    return call


def outcomes_of(server: Server, uri: str, example: str = "") -> list[dict[str, Any]] | None:
    """What comes of the examples of a file, or of the one of that name; nothing where the rules have errors."""
    snapshot, name = server.at(lsp.TextDocumentIdentifier(uri))
    made = run(snapshot, name, example)
    if made is None:
        return None
    return [
        {
            "uri": uri,
            "name": each.name,
            "passed": each.passed,
            "line": server.position(snapshot, name, each.span.start).line,
            "failures": [
                {
                    "expected": failure.expected,
                    "obtained": list(failure.obtained),
                    "range": _range(server, snapshot, name, failure.span) if failure.span is not None else None,
                }
                for failure in each.failures
            ],
        }
        for each in made
    ]


def list_examples(server: Server, uri: str | None = None) -> list[dict[str, Any]]:
    """The examples of a file, or of all folders that are open."""
    if uri is not None:
        snapshot, name = server.at(lsp.TextDocumentIdentifier(uri))
        return _examples(server, snapshot, name)
    folders = [Path(path) for each in server.workspace.folders if (path := to_fs_path(each))]
    return [
        example
        for snapshot in server.buffers.snapshots(folders)
        for file in snapshot.files
        for example in _examples(server, snapshot, file.uri)
    ]


def _examples(server: Server, snapshot: Snapshot, name: str) -> list[dict[str, Any]]:
    return [
        {"uri": server.uri_of(name), "name": entry.name, "range": _range(server, snapshot, name, entry.span)}
        for entry in outline(snapshot, name)
        if entry.kind == "example"
    ]


def explain(server: Server, uri: str, position: dict[str, int]) -> dict[str, Any] | None:
    """The rule or example at a position, in words and with the values of the examples."""
    snapshot, name, offset = _place(server, uri, position)
    told = explained(snapshot, name, offset)
    return attrs.asdict(told) if told is not None else None


def diagram(server: Server, uri: str, position: dict[str, int]) -> dict[str, Any] | None:
    """The rule at a position as boxes."""
    snapshot, name, offset = _place(server, uri, position)
    made = rule_diagram(snapshot, name, offset)
    return attrs.asdict(made) if made is not None else None


def cascade_of(server: Server, uri: str) -> dict[str, Any] | None:
    """The rules of the project of a file, and which sets off which."""
    snapshot, name = server.at(lsp.TextDocumentIdentifier(uri))
    made = cascade(snapshot, name)
    if made is None:
        return None
    rules = [
        {
            **attrs.asdict(box, filter=attrs.filters.exclude("span")),
            "uri": server.uri_of(box.uri),
            "range": _range(server, snapshot, box.uri, box.span),
        }
        for box in made.rules
    ]
    return {"rules": rules, "arrows": [attrs.asdict(arrow) for arrow in made.arrows]}


def translation_of(server: Server, uri: str) -> dict[str, str] | None:
    """A file in the other language; nothing where it has errors."""
    snapshot, name = server.at(lsp.TextDocumentIdentifier(uri))
    made = translation(snapshot, name)
    return next(({"language": language, "text": text} for language, text in made.items()), None)


def _place(server: Server, uri: str, position: dict[str, int]) -> tuple[Snapshot, str, int]:
    snapshot, name = server.at(lsp.TextDocumentIdentifier(uri))
    place = lsp.Position(int(position["line"]), int(position["character"]))
    return snapshot, name, server.offset(snapshot, name, place)


def _range(server: Server, snapshot: Snapshot, name: str, span: Span) -> dict[str, dict[str, int]]:
    place = server.range(snapshot, name, span)
    return {
        end: {"line": each.line, "character": each.character}
        for end, each in (("start", place.start), ("end", place.end))
    }


COMMANDS: dict[str, _Command] = {
    "quand.testExamples": outcomes_of,
    "quand.listExamples": list_examples,
    "quand.explain": explain,
    "quand.ruleDiagram": diagram,
    "quand.cascade": cascade_of,
    "quand.translation": translation_of,
}
