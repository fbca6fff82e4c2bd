"""Whether edits are good: the project is compiled with them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from ...dsl.diagnostic import Edit
from ...project.files import RulesFile
from ..snapshot import Snapshot


def applied(text: str, edits: Sequence[Edit]) -> str:
    """A text after edits, none of which overlap."""
    for edit in sorted(edits, key=lambda each: each.span, reverse=True):
        text = text[: edit.span.start] + edit.text + text[edit.span.end :]
    return text


def after(snapshot: Snapshot, edits: Mapping[str, Sequence[Edit]]) -> Snapshot:
    """The project after edits."""
    files = [
        RulesFile(file.uri, applied(file.text, edits.get(file.uri, ())), file.diagnostics) for file in snapshot.files
    ]
    return Snapshot(snapshot.config, files, snapshot.standard)


def errors_of(snapshot: Snapshot) -> Counter[str]:
    """How often each error was found."""
    return Counter(each.diagnostic.code for each in snapshot.compilation.errors)


def adds_no_error(snapshot: Snapshot, edits: Mapping[str, Sequence[Edit]]) -> bool:
    """Whether nothing new is wrong after edits."""
    return not errors_of(after(snapshot, edits)) - errors_of(snapshot)


def mends(snapshot: Snapshot, edits: Mapping[str, Sequence[Edit]], code: str) -> bool:
    """Whether there is an error of a code less after edits, and not more errors in all."""
    before, now = errors_of(snapshot), errors_of(after(snapshot, edits))
    return now[code] < before[code] and now.total() <= before.total()
