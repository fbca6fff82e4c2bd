"""What an editor is told about every name of a project, and what comes of every change on offer, as compact texts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from quand.dsl import syntax as s
from quand.dsl.agreement import Agreement, Noun
from quand.dsl.diagnostic import Edit
from quand.dsl.lexicon import lexicon
from quand.dsl.source import Span
from quand.dsl.vocabulary import ActionSymbol
from quand.lsp.document import Change
from quand.lsp.features import hints, navigation, outline, tokens
from quand.lsp.features.actions import edits_of, other_actions
from quand.lsp.features.completion import complete
from quand.lsp.features.diagnostics import findings
from quand.lsp.features.extracting import nodes
from quand.lsp.features.hover import hover
from quand.lsp.features.rename import CannotRename, rename
from quand.lsp.features.running import outcomes_of
from quand.lsp.features.symbols import Key, Occurrence, in_declaration, symbol_of
from quand.lsp.features.trying import applied
from quand.lsp.snapshot import Snapshot
from quand.lsp.workspace import Workspace

EXAMPLES = Path(__file__).parent.parent / "examples"


class Opened:
    """The rules of an example in one language, all open in an editor."""

    def __init__(self, folder: Path) -> None:
        self.texts = {str(path): path.read_text(encoding="utf-8") for path in sorted(folder.glob("*.rules"))}
        self.workspace = Workspace()
        self.workspace.watched = True
        for name, text in self.texts.items():
            self.workspace.open(name, text, 1)

    def snapshot(self) -> Snapshot:
        return self.workspace.snapshot(next(iter(self.texts)))

    def write(self, texts: Mapping[str, str]) -> Snapshot:
        for name, text in texts.items():
            if self.workspace.documents[name].text != text:
                self.workspace.change(name, [Change(text)], 2, "utf-16")
        return self.snapshot()

    def apply(self, edits: Mapping[str, Sequence[Edit]]) -> Snapshot:
        snapshot = self.snapshot()
        return self.write({name: applied(snapshot.text(name), each) for name, each in edits.items()})

    def restore(self) -> Snapshot:
        return self.write(self.texts)


def names(snapshot: Snapshot, uri: str) -> list[Occurrence]:
    """All names in a file."""
    file = snapshot.parsed(uri)
    assert file is not None
    return [each for start, parsed in file.declarations for each in in_declaration(snapshot, uri, start, parsed)]


def described(folder: Path) -> list[str]:
    """A line for each different name of a project: where it is hovered, completed and renamed, and what comes of it."""
    opened = Opened(folder)
    lines: list[str] = []
    for uri in opened.texts:
        lines.append(f"=== {Path(uri).name}")
        snapshot = opened.snapshot()
        groups: dict[tuple[Key, str], list[Occurrence]] = {}
        for each in names(snapshot, uri):
            groups.setdefault((each.key, opened.texts[uri][each.span.start : each.span.end]), []).append(each)
        for (key, written), found in groups.items():
            lines.append(f"{key.kind} {key.owner or '-'}.{key.name} « {written} » × {len(found)}")
            lines += [f"  hover    {text}" for text in dict.fromkeys(_hovered(snapshot, each) for each in found)]
            used = next((each for each in found if not each.declares), None)
            lines.append(f"  complete {_completed(opened, uri, used) if used is not None else '(declared)'}")
            snapshot = opened.restore()
            lines.append(f"  rename   {_renamed(opened, uri, found[0])}")
            snapshot = opened.restore()
    return lines


def _hovered(snapshot: Snapshot, place: Occurrence) -> str:
    """What hovering over any character of a name shows; the same for each."""
    shown = {
        made.markdown
        for offset in range(place.span.start, place.span.end)
        if (made := hover(snapshot, place.uri, offset)) is not None and made.span == place.span
    }
    assert len(shown) <= 1
    return " / ".join(next(iter(shown), "-").replace("*", "").split("\n\n")[:3]).replace("\n", " ")


def _completed(opened: Opened, uri: str, place: Occurrence) -> str:
    """For each beginning of a name, as which proposal the whole comes; ``-`` where it does not come."""
    text = opened.texts[uri]
    written = text[place.span.start : place.span.end]
    ranks: list[str] = []
    for length in range(len(written)):
        typed = text[: place.span.start + length] + text[place.span.end :]
        snapshot = opened.write({uri: typed})
        proposed = complete(snapshot, uri, place.span.start + length)
        known = [number for number, each in enumerate(proposed) if _leads_to(each.label, written)]
        ranks.append(str(known[0]) if known else "-")
    return " ".join(ranks)


def _leads_to(label: str, written: str) -> bool:
    """Whether a proposal has the words of a name, or is the beginning of it."""
    if written.casefold().startswith(label.casefold()):
        return True
    words = iter(label.casefold().replace("'", " ").split())
    return all(any(word == other for other in words) for word in written.casefold().replace("'", " ").split())


def _renamed(opened: Opened, uri: str, place: Occurrence) -> str:
    """Rename a name and rename it back: the texts are those of the beginning."""
    snapshot = opened.snapshot()
    symbol = symbol_of(snapshot, place.key)
    assert symbol is not None
    if isinstance(symbol, ActionSymbol):
        return "-"
    name = symbol.names[place.language]
    agreement = Agreement(lexicon(place.language))
    article = agreement.article("indefinite", Noun(name.gender), "zorglub")
    try:
        changes = rename(snapshot, uri, place.span.start, f"{article} zorglub")
    except CannotRename as problem:
        return f"({problem})"
    places = sum(map(len, changes.values()))
    renamed = opened.apply(changes)
    again = next(
        each
        for each in names(renamed, uri)
        if each.language == place.language and _is_renamed(renamed, each, "zorglub")
    )
    back = agreement.article("indefinite", Noun(name.gender), name.text)
    restored = opened.apply(rename(renamed, uri, again.span.start, f"{back} {name.text}"))
    same = all(restored.text(each) == text for each, text in opened.texts.items())
    return f"{places} places, {'undone' if same else 'NOT UNDONE'}"


def _is_renamed(snapshot: Snapshot, place: Occurrence, name: str) -> bool:
    return name in snapshot.text(place.uri)[place.span.start : place.span.end]


# --- changes on offer -------------------------------------------------------------------------------------------------


def acted(folder: Path) -> list[str]:
    """A line for each change on offer: how often it was made, and what examples passed before and pass after it."""
    opened = Opened(folder)
    snapshot = opened.snapshot()
    passed = _passed(snapshot, opened)
    counts: dict[str, list[int]] = {}
    for uri in opened.texts:
        for span in dict.fromkeys(_places(snapshot, uri)):
            for action in other_actions(snapshot, uri, span):
                edits = edits_of(snapshot, uri, span, action)
                done = counts.setdefault(action.kind, [0, 0, 0])
                done[0] += 1
                if edits is None:
                    continue
                done[1] += 1
                after = opened.apply(edits)
                assert not after.compilation.errors, (action, [each.diagnostic for each in after.compilation.errors])
                again = _passed(after, opened)
                done[2] += action.kind == "example" or again == passed
                if action.kind == "example":
                    assert again[0] >= passed[0]
                snapshot = opened.restore()
    return [
        f"{kind}: offered {offered}, made {made}, examples as before {kept}"
        for kind, (offered, made, kept) in sorted(counts.items())
    ]


def _passed(snapshot: Snapshot, opened: Opened) -> tuple[int, int]:
    """How many cases of the examples pass, of how many."""
    outcomes = [each for uri in opened.texts for each in outcomes_of(snapshot, uri) or ()]
    return sum(each.passed for each in outcomes), len(outcomes)


def _places(snapshot: Snapshot, uri: str) -> Iterator[Span]:
    """Where changes may be on offer: the start of each rule, and each value and condition in it."""
    file = snapshot.parsed(uri)
    assert file is not None
    for start, parsed in file.declarations:
        rule = parsed.declaration
        if isinstance(rule, s.RuleDeclaration):
            yield Span(start + rule.span.start, start + rule.span.start)
            for node in nodes((rule.condition, rule.actions)):
                if isinstance(node, s.Binary | s.Comparison | s.Logic):
                    yield node.span.shifted(start)
    yield Span(0, 0)


# --- with an error ----------------------------------------------------------------------------------------------------


def with_an_error(folder: Path) -> list[str]:
    """What is still known of each file after a rule that cannot be read was put at its beginning and at its end."""
    opened = Opened(folder)
    lines: list[str] = []
    for uri, text in opened.texts.items():
        snapshot = opened.restore()
        before = _facts(snapshot, uri, 0)
        for broken, shift in (("quand (\n\n", 9), ("", 0)):
            changed = f"{broken}{text}" if broken else f"{text}\nquand (\n"
            snapshot = opened.write({uri: changed})
            after = _facts(snapshot, uri, shift)
            kept = {what: sum(each in after[what] for each in known) for what, known in before.items()}
            told = ", ".join(f"{what} {kept[what]}/{len(known)}" for what, known in before.items())
            codes = sorted({finding.code for finding in findings(snapshot, uri) if finding.severity == "error"})
            lines.append(f"{Path(uri).name} {'before' if broken else 'after'}: {told}; {' '.join(codes)}")
    return lines


def _facts(snapshot: Snapshot, uri: str, shift: int) -> dict[str, list[Any]]:
    """What features tell of a file, places counted from ``shift``."""
    found = names(snapshot, uri)
    once = {each.key: each for each in found}.values()
    whole = Span(0, len(snapshot.text(uri)))
    return {
        "names": [(each.key, each.span.shifted(-shift)) for each in found],
        "hover": [made.markdown for each in found if (made := hover(snapshot, uri, each.span.start)) is not None],
        "definition": [
            (place.uri, place.span.shifted(-shift if place.uri == uri else 0))
            for each in once
            if (place := navigation.definition(snapshot, uri, each.span.start)) is not None
        ],
        "outline": [(each.name, each.kind, each.span.shifted(-shift)) for each in outline.outline(snapshot, uri)],
        "tokens": [(each.type, each.span.shifted(-shift)) for each in tokens.tokens(snapshot, uri)],
        "hints": [(each.text, each.offset - shift) for each in hints.hints(snapshot, uri, whole)],
    }
