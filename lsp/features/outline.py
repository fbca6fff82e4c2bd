"""The declarations of a file as an outline, the symbols of a project, and what can be folded."""

from __future__ import annotations

from collections.abc import Iterator

from ...dsl import syntax as s
from ...dsl.fold import fold
from ...dsl.node import Node, node
from ...dsl.phrases import plain_text, text_of_words
from ...dsl.source import LineIndex, Span
from ..snapshot import Snapshot


@node
class Entry(Node):
    """A declaration or a part of one. ``kind``: ``object event field definition table action parameter rule example
    process stage``; ``detail`` is a further text, ``name_span`` where its name stands."""

    name: str
    kind: str
    span: Span
    name_span: Span
    detail: str = ""
    children: tuple[Entry, ...] = ()


@node
class WorkspaceEntry(Node):
    """An entry of the outline with its file."""

    uri: str
    entry: Entry
    container: str = ""


@node
class Fold(Node):
    """Lines that can be folded, both counted from 0; ``kind`` is ``region`` or ``comment``."""

    start: int
    end: int
    kind: str


def outline(snapshot: Snapshot, uri: str) -> list[Entry]:
    """The declarations of a file, in order."""
    file = snapshot.parsed(uri)
    if file is None:
        return []
    made = (entry_of(parsed, start) for start, parsed in file.declarations)
    return [entry for entry in made if entry is not None]


def entry_of(parsed: s.ParsedDeclaration, start: int = 0) -> Entry | None:
    """The entry of a declaration whose text starts there, if it has one."""
    return _entry(start, parsed)


def workspace_entries(snapshot: Snapshot, query: str) -> list[WorkspaceEntry]:
    """The entries of all files of a project whose name holds each word of ``query``."""
    wanted = fold(query).split()
    made: list[WorkspaceEntry] = []
    for uri, _ in snapshot.compilation.files:
        for entry in outline(snapshot, uri):
            for each, container in ((entry, ""), *((child, entry.name) for child in entry.children)):
                if all(word in fold(each.name) for word in wanted):
                    made.append(WorkspaceEntry(uri, each, container))
    return made


def folds(snapshot: Snapshot, uri: str) -> list[Fold]:
    """What can be folded: declarations, and comments of several lines."""
    file = snapshot.parsed(uri)
    if file is None:
        return []
    index = snapshot.index(uri)
    made: list[Fold] = []
    for start, parsed in file.declarations:
        line, _ = index.position(start)
        made += [Fold(each.start + line, each.end + line, each.kind) for each in folds_of(parsed)]
    if not file.declarations:
        made += _comments(index)
    return made


def folds_of(parsed: s.ParsedDeclaration) -> list[Fold]:
    """What can be folded in the text of a declaration, its lines counted from the first of them."""
    index = LineIndex(parsed.text)
    span = parsed.declaration.span
    first, _ = index.position(span.start)
    last, _ = index.position(max(span.end - 1, span.start))
    made = _comments(index)
    if last > first:
        made.append(Fold(first, last, "region"))
    return sorted(made, key=lambda fold_: (fold_.start, -fold_.end))


def _comments(index: LineIndex) -> list[Fold]:
    made: list[Fold] = []
    first = -1
    for line in range(index.line_count + 1):
        comment = line < index.line_count and index.line_text(line).lstrip().startswith("#")
        if comment and first < 0:
            first = line
        elif not comment and first >= 0:
            if line - 1 > first:
                made.append(Fold(first, line - 1, "comment"))
            first = -1
    return made


def _entry(start: int, parsed: s.ParsedDeclaration) -> Entry | None:
    declaration = parsed.declaration
    span = declaration.span.shifted(start)
    match declaration:
        case s.ObjectDeclaration() | s.EventDeclaration():
            kind = "object" if isinstance(declaration, s.ObjectDeclaration) else "event"
            return _named(start, declaration.names, kind, span, _fields(start, declaration.fields, "field"))
        case s.DefinitionDeclaration():
            return _named(start, declaration.names, "definition", span)
        case s.TableDeclaration():
            return _named(start, declaration.names, "table", span)
        case s.ProcessDeclaration():
            stages = tuple(
                Entry(plain_text(e.name), "stage", e.span.shifted(start), e.name.span.shifted(start))
                for e in declaration.entries
                if isinstance(e, s.Stage)
            )
            return _named(start, declaration.names, "process", span, stages)
        case s.ActionDeclaration():
            name_span = declaration.pattern.span.shifted(start)
            name = _pattern(declaration.pattern)
            return _made(name, "action", span, name_span, "", _fields(start, declaration.parameters, "parameter"))
        case s.RuleDeclaration():
            if declaration.names:
                name_span = declaration.names[0].span.shifted(start)
                name = plain_text(declaration.names[0])
            else:
                name_span, name = _first_line(start, parsed, span)
            return _made(name, "rule", span, name_span, "", ())
        case s.ExampleDeclaration():
            return _made(plain_text(declaration.name), "example", span, declaration.name.span.shifted(start), "", ())
        case s.InvalidSyntax():
            if not span.end - span.start:
                return None
            name_span, name = _first_line(start, parsed, span)
            return _made(name, "unread", span, name_span, "", ())
        case _:
            return None


def _made(name: str, kind: str, span: Span, name_span: Span, detail: str, children: tuple[Entry, ...]) -> Entry:
    """An entry whose range holds its name, and whose name is not empty, as editors ask."""
    return Entry(name.strip() or "?", kind, span.to(name_span), name_span, detail, children)


def _named(start: int, names: s.Names, kind: str, span: Span, children: tuple[Entry, ...] = ()) -> Entry:
    other = _text(names.other) if names.other is not None else ""
    return _made(_text(names.phrase), kind, span, names.phrase.span.shifted(start), other, children)


def _fields(start: int, fields: tuple[s.FieldDeclaration | s.InvalidSyntax, ...], kind: str) -> tuple[Entry, ...]:
    return tuple(
        _named(start, field.names, kind, field.span.shifted(start))
        for field in fields
        if isinstance(field, s.FieldDeclaration)
    )


def _text(phrase: s.Phrase | s.Name) -> str:
    return phrase.text if isinstance(phrase, s.Name) else text_of_words(phrase.words)


def _pattern(pattern: s.ActionPattern) -> str:
    return " ".join(_pieces(pattern))


def _pieces(pattern: s.ActionPattern) -> Iterator[str]:
    for part in pattern.parts:
        yield f"{{{_text(part.name)}}}" if isinstance(part, s.PatternHole) else text_of_words(part.words)


def _first_line(start: int, parsed: s.ParsedDeclaration, span: Span) -> tuple[Span, str]:
    """The first line of a declaration without a name stands for it."""
    written = parsed.text[span.start - start : span.end - start]
    lines = written.splitlines()
    line = lines[0].rstrip() if lines else ""
    return Span(span.start, span.start + len(line)), line
