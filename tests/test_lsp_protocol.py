"""What the server does besides answering about a word: tokens that change, the cascade, links, files that move."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from lsp_client import Client, place, stretch

URI = "untitled:règles"
HEAD = "# é😀 e\u0301\n"
RULES = f"""{HEAD}règle "😀 Gagnée" / "Won"
quand l'étape d'une affaire devient 'Gagnée'
alors remise = 5 %

règle "Prévenir" / "Tell"
quand la remise d'une affaire change
alors notifier le responsable, message = "é😀 {{montant}}"

événement relance prête / reminder ready
  une affaire / deal : affaire

quand une relance est prête
alors journaliser "prête, voir https://example.org/é😀."

exemple "gagnée"
  étant donné une affaire, étape = 'Nouvelle'
  quand étape devient 'Gagnée'
  alors remise = 5 %

exemple "😀 perdue"
  étant donné une affaire, étape = 'Nouvelle'
  quand étape devient 'Perdue'
  alors remise = 5 %
"""

pytestmark = pytest.mark.xdist_group("lsp")


@pytest.fixture(scope="module", params=["utf-8", "utf-16", "utf-32"])
def encoding(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def client(encoding: str) -> Iterator[Client]:
    made = Client(general={"positionEncodings": [encoding]})
    assert made.capabilities["positionEncoding"] == encoding
    yield made
    made.close()


@pytest.fixture
def document(client: Client) -> Iterator[dict[str, Any]]:
    yield client.open(URI, RULES)
    client.tell("textDocument/didClose", {"textDocument": {"uri": URI}})


def test_only_the_tokens_that_changed_are_sent(client: Client, document: dict[str, Any], encoding: str) -> None:
    first = client.ask("textDocument/semanticTokens/full", document)
    same = client.ask("textDocument/semanticTokens/full/delta", {**document, "previousResultId": first["resultId"]})
    assert same["edits"] == []
    client.change(URI, 2, {"range": stretch(RULES, "5 %", encoding), "text": "15 % # 😀"})
    known = {**document, "previousResultId": same["resultId"]}
    changed = client.ask("textDocument/semanticTokens/full/delta", known)
    data = list(first["data"])
    (edit,) = changed["edits"]
    assert len(edit["data"]) < len(data) / 2
    data[edit["start"] : edit["start"] + edit["deleteCount"]] = edit["data"]
    assert data == client.ask("textDocument/semanticTokens/full", document)["data"]
    forgotten = client.ask("textDocument/semanticTokens/full/delta", {**document, "previousResultId": "x"})
    assert forgotten["data"] == data


def test_a_rule_knows_what_it_sets_off_and_what_sets_it_off(
    client: Client, document: dict[str, Any], encoding: str
) -> None:
    (rule,) = client.ask(
        "textDocument/prepareCallHierarchy", {**document, "position": place(RULES, "devient", encoding)}
    )
    assert rule["name"] == "😀 Gagnée"
    assert rule["selectionRange"] == stretch(RULES, '"😀 Gagnée"', encoding)
    (call,) = client.ask("callHierarchy/outgoingCalls", {"item": rule})
    assert (call["to"]["name"], call["to"]["detail"]) == ("Prévenir", "remise (affaire)")
    assert call["fromRanges"] == [stretch(RULES, "remise = 5 %", encoding)]
    (call,) = client.ask("callHierarchy/incomingCalls", {"item": call["to"]})
    assert call["from"]["name"] == "😀 Gagnée"
    where = {**document, "position": place(RULES, "exemple", encoding)}
    assert client.ask("textDocument/prepareCallHierarchy", where) is None


def test_addresses_are_links(client: Client, document: dict[str, Any], encoding: str) -> None:
    (link,) = client.ask("textDocument/documentLink", document)
    address = "https://example.org/é😀"
    assert link == {"range": stretch(RULES, address, encoding), "target": address}


def test_lenses_tell_what_passes_and_who_listens(client: Client, document: dict[str, Any], encoding: str) -> None:
    everything, event, first, second = client.ask("textDocument/codeLens", document)
    assert client.ask("codeLens/resolve", everything)["command"]["title"] == "2 exemples, 1 échoue"
    assert event["command"]["title"] == "1 règle l'attend"
    asked = {"command": event["command"]["command"], "arguments": event["command"]["arguments"]}
    (listener,) = client.ask("workspace/executeCommand", asked)
    assert listener["range"]["start"] == place(RULES, "quand une relance", encoding)
    assert [each["command"]["arguments"][1] for each in (first, second)] == ["gagnée", "😀 perdue"]
    assert first["range"] == stretch(RULES, '"gagnée"', encoding)


def test_what_was_obtained_is_shown_in_an_example(client: Client, document: dict[str, Any], encoding: str) -> None:
    everything = {"start": {"line": 0, "character": 0}, "end": {"line": 99, "character": 0}}
    context = {"frameId": 0, "stoppedLocation": everything}
    (value,) = client.ask("textDocument/inlineValue", {**document, "range": everything, "context": context})
    assert value["text"].startswith("obtenu : ")
    assert value["range"]["start"]["line"] == RULES[: RULES.rindex("remise")].count("\n")


def test_proposals_are_explained_when_they_are_looked_at(
    client: Client, document: dict[str, Any], encoding: str
) -> None:
    made = client.ask("textDocument/completion", {**document, "position": place(RULES, "notifier", encoding)})
    item = next(each for each in made["items"] if each["label"].startswith("notifier"))
    assert "documentation" not in item
    assert client.ask("completionItem/resolve", item)["documentation"]["value"]
    assert client.ask("completionItem/resolve", {"label": "x"})["label"] == "x"


@pytest.mark.parametrize(
    ("selected", "title", "written"),
    [
        ("étape d'une", "Écrire un exemple de cette règle", 'exemple "😀 Gagnée"\n  étant donnée une affaire'),
        ("règle", "Traduire ce fichier en anglais", 'rule "Won" / "😀 Gagnée"'),
    ],
)
def test_changes_are_made_when_they_are_chosen(
    client: Client, document: dict[str, Any], encoding: str, selected: str, title: str, written: str
) -> None:
    asked: dict[str, Any] = {**document, "range": stretch(RULES, selected, encoding), "context": {"diagnostics": []}}
    action = next(each for each in client.ask("textDocument/codeAction", asked) if each["title"] == title)
    assert "edit" not in action
    ((_, (edit,)),) = client.ask("codeAction/resolve", action)["edit"]["changes"].items()
    assert written in edit["newText"]


def test_a_field_that_is_missing_is_declared(client: Client, encoding: str) -> None:
    text = f"{HEAD}quand une affaire est créée et étage 😀 > 4 alors remise = 5 %\n".replace(" 😀", "")
    uri = "untitled:champ"
    asked = client.open(uri, text)
    here = {**asked, "range": stretch(text, "étage", encoding), "context": {"diagnostics": [], "only": ["quickfix"]}}
    action = next(each for each in client.ask("textDocument/codeAction", here) if "Ajouter le champ" in each["title"])
    ((_, (edit,)),) = client.ask("codeAction/resolve", action)["edit"]["changes"].items()
    assert edit["newText"] == "objet une affaire\n  étage : nombre\n\n"


def test_findings_that_stay_the_same_are_not_sent_again(client: Client, document: dict[str, Any]) -> None:
    first = client.ask("textDocument/diagnostic", document)
    assert (first["kind"], first["items"]) == ("full", [])
    again = client.ask("textDocument/diagnostic", {**document, "previousResultId": first["resultId"]})
    assert again == {"kind": "unchanged", "resultId": first["resultId"]}


# --- a folder -------------------------------------------------------------------------------------------------------

TABLE = """table la remise d'une affaire / discount : pourcentage, première ligne, depuis 'é tarif.csv'
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "quand.toml").write_text('vocabulary = ["mots.rules"]\n', encoding="utf-8")
    (tmp_path / "mots.rules").write_text("objet un chat / cat\n  un nom / name : texte\n", encoding="utf-8")
    (tmp_path / "règles.rules").write_text(TABLE, encoding="utf-8")
    (tmp_path / "é tarif.csv").write_text("montant;résultat\n> 5 €;5 %\n;0 %\n", encoding="utf-8")
    (tmp_path / "faux.rules").write_text("quand un chat est créé alors nom = 5\n", encoding="utf-8")
    return tmp_path


def test_files_are_checked_watched_and_renamed(folder: Path) -> None:
    watching = {"didChangeWatchedFiles": {"dynamicRegistration": True}}
    client = Client(workspace=watching, folders=[folder.as_uri()])
    try:
        uri = (folder / "règles.rules").as_uri()
        document = client.open(uri, TABLE)
        assert client.findings(uri) == []
        registered = next(each for each in client.told if each.get("method") == "client/registerCapability")
        globs = [
            each["globPattern"] for each in registered["params"]["registrations"][0]["registerOptions"]["watchers"]
        ]
        assert "**/quand.toml" in globs

        reports = client.ask("workspace/diagnostic", {"previousResultIds": []})["items"]
        assert {each["uri"].rsplit("/", 1)[1]: len(each["items"]) for each in reports} == {
            "faux.rules": 1,
            "mots.rules": 0,
            "r%C3%A8gles.rules": 0,
        }
        known = [{"uri": each["uri"], "value": each["resultId"]} for each in reports]
        again = client.ask("workspace/diagnostic", {"previousResultIds": known})["items"]
        assert {each["kind"] for each in again} == {"unchanged"}

        (link,) = client.ask("textDocument/documentLink", document)
        assert (link["range"], link["target"]) == (stretch(TABLE, "é tarif.csv"), (folder / "é tarif.csv").as_uri())

        old, new = folder / "é tarif.csv", folder / "prix" / "tarif.csv"
        renaming = {"files": [{"oldUri": old.as_uri(), "newUri": new.as_uri()}]}
        edit = client.ask("workspace/willRenameFiles", renaming)
        assert edit["changes"] == {uri: [{"range": stretch(TABLE, "é tarif.csv"), "newText": "prix/tarif.csv"}]}
        old, new = folder / "mots.rules", folder / "vocabulaire.rules"
        renaming = {"files": [{"oldUri": old.as_uri(), "newUri": new.as_uri()}]}
        (changed,) = client.ask("workspace/willRenameFiles", renaming)["changes"].values()
        assert [each["newText"] for each in changed] == ["vocabulaire.rules"]
        old.rename(new)
        (folder / "quand.toml").write_text('vocabulary = ["vocabulaire.rules"]\n', encoding="utf-8")
        client.tell("workspace/didRenameFiles", renaming)
        reports = client.ask("workspace/diagnostic", {"previousResultIds": []})["items"]
        assert {each["uri"].rsplit("/", 1)[1] for each in reports} >= {"vocabulaire.rules"}

        # the sheet changes, then goes
        (folder / "é tarif.csv").write_text("montant;résultat\n> 5 €;vert\n", encoding="utf-8")
        told = {"changes": [{"uri": (folder / "é tarif.csv").as_uri(), "type": 2}]}
        client.tell("workspace/didChangeWatchedFiles", told)
        assert [each["code"] for each in client.ask("textDocument/diagnostic", document)["items"]] == ["QD233"]
        (folder / "é tarif.csv").unlink()
        client.tell("workspace/didChangeWatchedFiles", told)
        assert [each["code"] for each in client.ask("textDocument/diagnostic", document)["items"]] == ["QD234"]
    finally:
        client.close()


# --- trouble --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b"[]",
        b"null",
        b'"text"',
        b'{"jsonrpc": "2.0"}',
        b'{"jsonrpc": "1.0", "id": 1, "method": "x"}',
        b'{"jsonrpc": "2.0", "id": 99, "method": "textDocument/hover", "params": {"textDocument": 5}}',
        b'{"jsonrpc": "2.0", "id": 99, "method": "no/such", "params": {}}',
        b'{"jsonrpc": "2.0", "method": "textDocument/didChange", "params": {}}',
        b'{"jsonrpc": "2.0", "method": "textDocument/didOpen"}',
        b"\xff\xfe\xfd",
    ],
)
def test_a_malformed_message_changes_nothing(client: Client, document: dict[str, Any], body: bytes) -> None:
    client.send(body)
    assert len(client.ask("textDocument/documentSymbol", document)) == 6


def test_a_document_that_was_never_opened_has_nothing(client: Client) -> None:
    nowhere = {"textDocument": {"uri": "untitled:nowhere"}}
    start = {"line": 7, "character": 7}
    client.change("untitled:nowhere", 3, {"text": "x"})
    client.tell("textDocument/didClose", nowhere)
    for method in ("documentSymbol", "foldingRange", "codeLens", "documentLink"):
        assert client.ask(f"textDocument/{method}", nowhere) == []
    assert client.ask("textDocument/semanticTokens/full", nowhere)["data"] == []
    for method in ("hover", "definition", "prepareCallHierarchy"):
        assert client.ask(f"textDocument/{method}", {**nowhere, "position": start}) is None


def test_a_server_that_was_killed_is_followed_by_one_that_knows_as_much() -> None:
    outlines: list[Any] = []
    for _ in range(2):
        server = Client()
        outlines.append(server.ask("textDocument/documentSymbol", server.open(URI, RULES)))
        server.close()
    assert outlines[0] == outlines[1]
    assert len(outlines[0]) == 6


def test_only_what_is_answered_is_declared(client: Client) -> None:
    """Each capability is one that these tests, or those of single words, ask for."""
    known = json.dumps(client.capabilities)
    for name in (
        *("completionProvider", "hoverProvider", "signatureHelpProvider", "definitionProvider", "referencesProvider"),
        *("documentHighlightProvider", "documentSymbolProvider", "codeActionProvider", "codeLensProvider"),
        *("documentLinkProvider", "documentFormattingProvider", "documentRangeFormattingProvider", "renameProvider"),
        *("documentOnTypeFormattingProvider", "foldingRangeProvider", "selectionRangeProvider"),
        *("callHierarchyProvider", "semanticTokensProvider", "inlineValueProvider", "inlayHintProvider"),
        *("diagnosticProvider", "workspaceSymbolProvider", "executeCommandProvider"),
    ):
        assert f'"{name}"' in known
    undeclared = set(client.capabilities) - {"positionEncoding", "textDocumentSync", "workspace"}
    assert len(undeclared) == 23
