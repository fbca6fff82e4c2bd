"""After any edits the server answers as one that opened the text afresh."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from random import Random
from typing import Any

import pytest
from lsprotocol import types as lsp

from quand.dsl.compile import compile_sources
from quand.lsp import asking, changing, publishing, showing
from quand.lsp.document import Change, Position
from quand.lsp.server import Server
from quand.lsp.workspace import Workspace

QUICK, LONG = 150, 10_000

FOLDER = "/nowhere"
WORDS = f"{FOLDER}/mots.rules"
RULES = f"{FOLDER}/rules.rules"

TEXTS = {
    WORDS: """vocabulaire : aucun

## ce que l'on vend / what is sold
objet une voiture / car
  une marque / brand : choix parmi 'Renault' / 'Renault', 'Citroën' / 'Citroen'
  un prix / price : montant d'argent
  un poids / weight : nombre en kg
  un garage / garage : garage

objet un garage / garage
  un nom / name : texte, obligatoire
  une ville / city : texte

événement une panne est signalée / breakdown reported
  une voiture / car : voiture

définir le prix net d'une voiture / net price = prix - 10 %

action réviser {voiture : voiture} / service {car : car}
  une date / date : date
""",
    RULES: """# é😀 e\u0301
règle "Trop chère" / "Too dear"
quand une voiture est créée
   et prix net > 10 000 €
   et marque = 'Renault'
alors poids = 5 kg

quand une panne est signalée
alors réviser la voiture, date = aujourd'hui

quand une voiture est modifiée et poids > 3 et prix > 5 € alors prix = 4 €

table la remise d'une voiture / discount : pourcentage, première ligne
  | marque    | prix       | résultat |
  | 'Renault' | > 10 000 € | 5 %      |
  | -         | -          | 0 %      |

exemple "une voiture"
  étant donné une voiture, prix = 20 000 €, marque = 'Renault'
  quand la voiture est créée
  alors poids = 5 kg
""",
}

PIECES = [
    *("\n", "\n\n", " ", "  ", "é", "😀", "e\u0301", "'", '"', "(", ")", "5", " €", " %", ",", " = ", " > "),
    *("#", "## ", "{", "}", "\r\n"),
    *("quand ", "alors ", "et ", "ou ", "si ", "sinon ", "règle ", "objet ", "définir ", "exemple ", "table "),
    *("action ", "une voiture", "le prix", "poids", "marque", "garage", "prix net", "ville", "voiture est créée"),
    "'Renault'",
    "quand un garage est créé alors ville = 'Metz'\n",
    "\nquand une voiture est créée\nalors prix = 7 €\n",
    "\nobjet un camion / truck\n  un volume / volume : nombre\n",
    "\n# language: en\n",
    "\nvocabulaire : aucun\n",
]  # fmt: skip


class Alone(Server):
    """A server that is asked directly."""

    encoding = "utf-16"  # pyright: ignore[reportAssignmentType, reportIncompatibleMethodOverride]

    def __init__(self) -> None:
        super().__init__("fr")
        self.buffers.watched = True


def asked(server: Alone, name: str, line: int, column: int) -> Iterator[tuple[str, Any]]:
    """What a server answers about a document, and about a place in it."""
    document = lsp.TextDocumentIdentifier(f"file://{name}")
    place = lsp.Position(line, column)
    around = lsp.Range(lsp.Position(max(line - 3, 0), 0), lsp.Position(line + 3, 0))
    here = lsp.Range(place, place)
    snapshot, _ = server.at(document)
    yield "findings", publishing.items(server, snapshot, name)
    yield "outline", showing.document_symbols(server, lsp.DocumentSymbolParams(document))
    yield "folds", showing.folding(server, lsp.FoldingRangeParams(document))
    yield "lenses", showing.code_lenses(server, lsp.CodeLensParams(document))
    yield "links", showing.document_links(server, lsp.DocumentLinkParams(document))
    yield "hints", showing.inlay_hints(server, lsp.InlayHintParams(document, around))
    yield "tokens around", showing.semantic_tokens_range(server, lsp.SemanticTokensRangeParams(document, around))
    yield "tokens", asyncio.run(_tokens(server, document))
    yield "completion", asking.completion(server, lsp.CompletionParams(document, place))
    yield "hover", asking.hovering(server, lsp.HoverParams(document, place))
    yield "definition", asking.define(server, lsp.DefinitionParams(document, place))
    yield "highlights", asking.highlight(server, lsp.DocumentHighlightParams(document, place))
    references = lsp.ReferenceParams(lsp.ReferenceContext(True), document, place)
    yield "references", asking.refer(server, references)
    yield "signature", asking.signature_help(server, lsp.SignatureHelpParams(document, place))
    yield "calls", asking.prepare_calls(server, lsp.CallHierarchyPrepareParams(document, place))
    yield "actions", changing.code_actions(server, lsp.CodeActionParams(document, here, lsp.CodeActionContext([])))


async def _tokens(server: Alone, document: lsp.TextDocumentIdentifier) -> list[int]:
    """All tokens; the changes since the last time make the same of those as asking for all."""
    params: Any = lsp.SemanticTokensParams(document)
    told = server.showing.told.get(server.name_of(document.uri))
    before = _data(told.tokens.json) if told is not None else []
    delta: Any = lsp.SemanticTokensDeltaParams(document, told.result if told is not None else "")
    changed = _json(await showing.semantic_tokens_delta(server, delta))
    whole: list[int] = _json(await showing.semantic_tokens(server, params))["data"]
    if "edits" in changed:
        for edit in changed["edits"]:
            before[edit["start"] : edit["start"] + edit["deleteCount"]] = edit["data"]
        assert before == whole
    return whole


def _json(answer: Any) -> Any:
    return json.loads(answer.json)


def _data(text: str) -> list[int]:
    return json.loads(text)


def plain(answer: Any) -> Any:
    """An answer without the names that a server gives to its own answers."""
    return _json(answer) if hasattr(answer, "json") else answer


def change(random: Random, text: str) -> tuple[int, int, str]:
    """An edit: a stretch of the text, and what replaces it."""
    start = random.randrange(len(text) + 1)
    kind = random.random()
    if kind < 0.5:
        return start, start, random.choice(PIECES)
    if kind < 0.7:
        return start, min(start + random.randrange(1, 12), len(text)), ""
    lines = text.splitlines(keepends=True)
    number = random.randrange(len(lines)) if lines else 0
    first = sum(map(len, lines[:number]))
    last = first + len(lines[number]) if lines else 0
    if kind < 0.85:
        return first, last, ""
    return first, first, random.choice(lines) if lines else ""


def place_of(text: str, offset: int) -> Position:
    """The line and column of an offset as an editor counts them."""
    before = text[:offset].replace("\r\n", "\n ").replace("\r", "\n")
    line = before.rfind("\n") + 1
    start = max(text.rfind("\n", 0, offset), text.rfind("\r", 0, offset)) + 1
    column = len(text[start:offset].encode("utf-16-le")) // 2
    return Position(before.count("\n"), column) if line or start == 0 else Position(0, column)


def edited(count: int, seed: int) -> None:
    """Edit two files in turn; compare after each edit. Now and then the texts are those of the beginning again."""
    random = Random(seed)
    server, fresh = Alone(), Alone()
    texts = dict(TEXTS)
    for name, text in texts.items():
        server.buffers.open(name, text, 1)
    for number in range(count):
        name = random.choice(list(texts))
        before = texts[name]
        if number % 40 == 39:
            server.buffers.change(name, [Change(TEXTS[name])], number, "utf-16")
            texts[name] = TEXTS[name]
            offset = 0
        else:
            start, end, new = change(random, before)
            if "\r" in before[max(start - 1, 0) : end + 1] or "\r" in new:
                # a line break that is cut in two has no place of its own: the whole text is sent
                texts[name] = before[:start] + new + before[end:]
                server.buffers.change(name, [Change(texts[name])], number, "utf-16")
            else:
                places = place_of(before, start), place_of(before, end)
                texts[name] = before[:start] + new + before[end:]
                server.buffers.change(name, [Change(new, *places)], number, "utf-16")
            offset = min(start + len(new), len(texts[name]))
        assert server.buffers.documents[name].text == texts[name]
        fresh.buffers = Workspace()
        fresh.buffers.watched = True
        fresh.showing.told.clear()
        for each, text in texts.items():
            fresh.buffers.open(each, text, 1)
        line, column = place_of(texts[name], offset)
        expected = dict(asked(fresh, name, line, column))
        for what, answer in asked(server, name, line, column):
            assert plain(answer) == plain(expected[what]), f"{what}, after edit {number} of seed {seed}:\n{texts[name]}"
        if number % 10 == 0:
            _compiled_alike(server, name, texts[name])


def _compiled_alike(server: Alone, name: str, text: str) -> None:
    """The compilation that remembers is the one that does not, to the last field."""
    snapshot, _ = server.at(lsp.TextDocumentIdentifier(f"file://{name}"))
    alone = compile_sources(snapshot.sources, snapshot.config.settings, snapshot.sheets, record_forms=True)
    known = snapshot.compilation
    assert known.diagnostics == alone.diagnostics
    assert known.examples == alone.examples
    assert [example.span for example in known.examples] == [example.span for example in alone.examples]
    assert known.recorded is not None and alone.recorded is not None
    assert known.recorded.program == alone.recorded.program
    assert dict(known.recorded.forms) == dict(alone.recorded.forms)
    assert [rule.span for rule in known.recorded.rules.values()] == [r.span for r in alone.recorded.rules.values()]
    places = [[each.place.span for each in c.vocabulary.all_fields()] for c in (known, alone)]
    assert places[0] == places[1]
    assert text in [source.text for source in snapshot.sources]


@pytest.mark.parametrize("seed", range(3))
def test_answers_after_edits_are_those_of_a_fresh_server(seed: int) -> None:
    edited(QUICK // 3, seed)


@pytest.mark.long
@pytest.mark.parametrize("seed", range(100, 110))
def test_answers_after_very_many_edits_are_those_of_a_fresh_server(seed: int) -> None:
    edited(LONG // 10, seed)
