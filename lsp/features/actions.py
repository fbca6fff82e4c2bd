"""Changes on offer besides the fixes of findings: each is made when it is chosen, and kept only if it is good."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from ...dsl.diagnostic import Edit
from ...dsl.lexicon import languages
from ...dsl.messages import ui
from ...dsl.node import Node, node
from ...dsl.source import Span
from ..snapshot import Snapshot
from .creating import Missing, created, missing, title
from .diagnostics import findings
from .extracting import can_extract, extracted
from .formatting import translated
from .illustrating import can_illustrate, illustrated


@node
class Action(Node):
    """A change on offer: what it does, its title, its sort (``quickfix refactor rewrite source fix_all``)."""

    kind: str
    title: str
    sort: str
    argument: str = ""


_NAMES = "QD1"
"""What codes about names start with."""


def other_actions(snapshot: Snapshot, uri: str, span: Span) -> list[Action]:
    """What is offered for a range, or for its file."""
    language = snapshot.language(uri)
    made: list[Action] = []
    for wanted in missing(snapshot, uri, span):
        argument = json.dumps([wanted.code, *wanted.span, wanted.name, wanted.owner])
        made.append(Action("create", title(snapshot, uri, wanted), "quickfix", argument))
    if can_extract(snapshot, uri, span):
        made.append(Action("extract", ui("editor_extract", language), "refactor"))
    if can_illustrate(snapshot, uri, span.start):
        made.append(Action("example", ui("editor_write_example", language), "rewrite"))
    if safe_edits(snapshot, uri):
        made.append(Action("fix_all", ui("editor_fix_all", language), "fix_all"))
    made += [
        Action("translate", ui("editor_translate", language, other=other), "source", other)
        for other in languages()
        if other != language
    ]
    return made


def edits_of(snapshot: Snapshot, uri: str, span: Span, action: Action) -> Mapping[str, Sequence[Edit]] | None:
    """The edits, by file, of an action that was offered for a range; ``None`` where it cannot be done."""
    match action.kind:
        case "fix_all":
            return {uri: safe_edits(snapshot, uri)}
        case "translate":
            edits = translated(snapshot, uri, action.argument)
            return {uri: edits} if edits is not None else None
        case "extract":
            return extracted(snapshot, uri, span)
        case "example":
            return illustrated(snapshot, uri, span.start)
        case "create":
            code, start, end, name, owner = json.loads(action.argument)
            return created(snapshot, uri, Missing(code, Span(start, end), name, owner))
        case _:
            return None


def safe_edits(snapshot: Snapshot, uri: str) -> list[Edit]:
    """The edits of all safe fixes of a file that are the only ones of their finding.

    A name that is close to the one written is not surely the one meant; edits that touch earlier ones are left out.
    """
    made: list[Edit] = []
    ended = -1
    for finding in findings(snapshot, uri):
        fix = next((fix for fix in finding.fixes if fix.safe), None)
        if fix is None or len(finding.fixes) > 1 or finding.code.startswith(_NAMES):
            continue
        edits = sorted(fix.edits, key=lambda edit: edit.span)
        if edits and edits[0].span.start > ended:
            made += edits
            ended = edits[-1].span.end
    return made
