"""What a compilation remembers for the next one, so that a change costs what it concerns.

A declaration is resolved anew when its text or the vocabulary changed. What was made of it, a :class:`Part`, knows
nothing of where it stands: its spans are relative to it, and are shifted when findings are gathered.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from . import ir
from . import syntax as s
from .diagnostic import Diagnostic, Edit, Fix, Label
from .rereading import Parsed, parse_again
from .sink import FileDiagnostic, Sink
from .source import Span

if TYPE_CHECKING:
    from .conflicts import Weighed
    from .declared import Declared
    from .example_model import Example


class Placed(NamedTuple):
    """A declaration and where its text starts."""

    uri: str
    language: str
    standard: bool
    offset: int
    parsed: s.ParsedDeclaration


class Part:
    """A declaration and what was made of it, good while its text and the vocabulary stay the same.

    ``found`` and the spans of ``rule``, ``example`` and ``forms`` are relative to the declaration. ``answers`` are for
    whoever derives more from it: they are kept as long as the part.
    """

    __slots__ = (
        *("_told", "answers", "example", "forms", "found", "parsed", "plain", "proposed", "read", "rule", "weighed"),
    )

    def __init__(self, parsed: s.ParsedDeclaration) -> None:
        self.parsed = parsed
        self.read = False
        self.found: Sequence[Diagnostic] = ()
        self.proposed: Sequence[Diagnostic] | None = None
        """What is told instead of what was found, where fixes could be proposed, unless it is told ``plain``."""
        self.plain = False
        self.forms: dict[Span, Any] = {}
        self.rule: ir.Rule | None = None
        self.example: Example | None = None
        self.weighed: Weighed | None = None
        self.answers: dict[Any, Any] = {}
        self._told: tuple[str, int, Sequence[Diagnostic], tuple[FileDiagnostic, ...]] | None = None

    def problems(self) -> Sequence[Diagnostic]:
        """What is told to be wrong, relative to the declaration."""
        return self.as_found() if self.plain or self.proposed is None else self.proposed

    def as_found(self) -> Sequence[Diagnostic]:
        """What was found to be wrong, before fixes were looked for."""
        if not self.found and not self.parsed.diagnostics:
            return ()
        return [each for each in (*self.parsed.diagnostics, *self.found) if isinstance(each, Diagnostic)]

    def told(self, placed: Placed) -> Sequence[FileDiagnostic]:
        """What was found about the declaration, at the place where it stands."""
        problems = self.problems()
        if not problems:
            return ()
        known = self._told
        if known is None or known[0] != placed.uri or known[1] != placed.offset or known[2] != problems:
            made = tuple(
                FileDiagnostic(placed.uri, placed.language, moved(each, placed.uri, placed.offset)) for each in problems
            )
            known = self._told = (placed.uri, placed.offset, problems, made)
        return known[3]


def moved(found: Diagnostic, uri: str, distance: int) -> Diagnostic:
    """A finding about a declaration that stands further on; labels of its own file move with it."""
    if not distance:
        return found
    return Diagnostic(
        found.code,
        found.span.shifted(distance),
        found.args,
        found.severity,
        tuple(
            Label(label.span.shifted(distance), label.text, label.args, label.uri)
            if label.uri is None or label.uri == uri
            else label
            for label in found.labels
        ),
        tuple(
            Fix(fix.title, tuple(Edit(e.span.shifted(distance), e.text) for e in fix.edits), fix.args, fix.safe)
            for fix in found.fixes
        ),
    )


class Memory:
    """What is remembered of the last compilation of a project. One is for one project whose sheets do not change."""

    def __init__(self) -> None:
        self.declared: Declared | None = None
        self._files: dict[str, Parsed] = {}
        self._parts: dict[tuple[str, int, int], Part] = {}

    def forget(self) -> None:
        """Make everything anew: something else than the texts may have changed, the sheet of a table say."""
        self.declared = None
        self._parts = {}

    def parse(self, uri: str, text: str, language: str | None, default: str) -> s.ParsedFile:
        """The syntax tree of a file; what did not change since the last time is not read again."""
        return self.read(uri, text, language, default).file

    def read(self, uri: str, text: str, language: str | None, default: str) -> Parsed:
        """The syntax tree of a file, and how it was split."""
        parsed = self._files[uri] = parse_again(text, language, default, self._files.get(uri))
        return parsed

    def keep_files(self, uris: Mapping[str, object]) -> None:
        """Forget the files that are no longer there."""
        for uri in [uri for uri in self._files if uri not in uris]:
            del self._files[uri]

    def parts(self, layout: Sequence[Placed]) -> list[Part]:
        """The part of each declaration, the one of the last compilation where there is one."""
        before, made = self._parts, dict[tuple[str, int, int], Part]()
        parts: list[Part] = []
        for placed in layout:
            key = (placed.uri, id(placed.parsed), 0)
            while key in made:
                key = (key[0], key[1], key[2] + 1)
            part = before.get(key)
            # a part keeps what it was parsed from, so that no other has its identity
            made[key] = part = part if part is not None else Part(placed.parsed)
            parts.append(part)
        self._parts = made
        return parts


def own_sink(placed: Placed, found: list[FileDiagnostic], offset: int) -> Sink:
    """A sink for one declaration; with the offset 0 what it finds is relative."""
    return Sink(found, placed.uri, placed.language, offset, placed.standard, placed.parsed.text)
