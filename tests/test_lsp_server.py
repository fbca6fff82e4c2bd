"""A real server in a process of its own, asked as editors ask, in the three encodings of positions."""

from __future__ import annotations

import os
import sys
from collections.abc import AsyncGenerator, Iterator
from pathlib import Path
from typing import Any

import pytest
import pytest_lsp
from lsprotocol import types as lsp
from pygls.exceptions import JsonRpcException
from pytest_lsp import ClientServerConfig, LanguageClient

from quand.lsp.document import column_in_units

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.xdist_group("lsp")]

HEAD = "# é😀 e\u0301\n"
BROKEN = "quand une affaire est créée et entonnoir = '😀 é' et étap = 'é😀' alors remise = 5 %\n"

CONFIG = ClientServerConfig(
    server_command=[sys.executable, "-m", "quand", "lsp", "--stdio"],
    server_env={**os.environ, "QUAND_LANG": "fr"},
)


@pytest_lsp.fixture(  # pyright: ignore[reportUnknownMemberType] - it has no types of its own
    config=CONFIG, scope="module", params=["utf-8", "utf-16", "utf-32"]
)
async def client(request: pytest.FixtureRequest, lsp_client: LanguageClient) -> AsyncGenerator[None, None]:
    capabilities = lsp.ClientCapabilities(
        general=lsp.GeneralClientCapabilities(position_encodings=[lsp.PositionEncodingKind(request.param)]),
        text_document=lsp.TextDocumentClientCapabilities(
            completion=lsp.CompletionClientCapabilities(
                completion_item=lsp.ClientCompletionItemOptions(
                    snippet_support=True, documentation_format=[lsp.MarkupKind.PlainText]
                )
            ),
            hover=lsp.HoverClientCapabilities(content_format=[lsp.MarkupKind.Markdown]),
            document_symbol=lsp.DocumentSymbolClientCapabilities(hierarchical_document_symbol_support=True),
            rename=lsp.RenameClientCapabilities(prepare_support=True),
        ),
    )
    result = await lsp_client.initialize_session(lsp.InitializeParams(capabilities=capabilities, root_uri=None))
    assert result.capabilities.position_encoding == request.param
    lsp_client.encoding = request.param  # pyright: ignore[reportAttributeAccessIssue]
    yield
    await lsp_client.shutdown_session()


class Editor:
    """One document in the editor; places are found by what stands there."""

    def __init__(self, client: Any, path: Path) -> None:
        self.client = client
        self.uri = path.as_uri()
        self.document = lsp.TextDocumentIdentifier(self.uri)
        self.text = ""
        self.version = 0

    async def open(self, text: str) -> list[lsp.Diagnostic]:
        self.text, self.version = text, self.version + 1
        item = lsp.TextDocumentItem(self.uri, "quand", self.version, text)
        self.client.text_document_did_open(lsp.DidOpenTextDocumentParams(item))
        return await self.findings()

    async def findings(self) -> list[lsp.Diagnostic]:
        while True:
            told = await self.client.wait_for_notification(lsp.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS)
            if told.uri == self.uri and told.version == self.version:
                return list(told.diagnostics)

    async def replace(self, old: str, new: str) -> list[lsp.Diagnostic]:
        range_ = self.range(old)
        self.text, self.version = self.text.replace(old, new, 1), self.version + 1
        change = lsp.TextDocumentContentChangePartial(range=range_, text=new)
        identifier = lsp.VersionedTextDocumentIdentifier(self.version, self.uri)
        self.client.text_document_did_change(lsp.DidChangeTextDocumentParams(identifier, [change]))
        return await self.findings()

    def position(self, offset: int) -> lsp.Position:
        line = self.text.count("\n", 0, offset)
        start = self.text.rfind("\n", 0, offset) + 1
        written = self.text[start:].split("\n", 1)[0]
        return lsp.Position(line, column_in_units(written, offset - start, self.client.encoding))

    def at(self, words: str) -> lsp.Position:
        return self.position(self.text.index(words))

    def range(self, words: str) -> lsp.Range:
        start = self.text.index(words)
        return lsp.Range(self.position(start), self.position(start + len(words)))

    def apply(self, edit: lsp.WorkspaceEdit) -> str:
        """The text after an edit of this document."""
        assert edit.changes is not None
        return self.edited(edit.changes[self.uri])

    def edited(self, edits: Any) -> str:
        text = self.text
        for each in sorted(edits, key=lambda e: (e.range.start.line, e.range.start.character), reverse=True):
            start, end = self._offset(each.range.start), self._offset(each.range.end)
            text = text[:start] + each.new_text + text[end:]
        return text

    def _offset(self, position: lsp.Position) -> int:
        places = (place for place in range(len(self.text) + 1) if self.position(place) == position)
        return next(places)


@pytest.fixture
def editor(client: Any, tmp_path: Path) -> Iterator[Editor]:
    made = Editor(client, tmp_path / "règles 😀.rules")
    yield made
    client.text_document_did_close(lsp.DidCloseTextDocumentParams(made.document))


async def test_a_mistake_is_told_and_its_fix_mends_it(editor: Editor) -> None:
    (finding,) = await editor.open(HEAD + BROKEN)
    assert finding.range == editor.range("étap")
    assert finding.code == "QD102"
    assert "« étap » n'est pas un champ de « affaire »" in finding.message
    params = lsp.CodeActionParams(editor.document, finding.range, lsp.CodeActionContext([finding]))
    actions = await editor.client.text_document_code_action_async(params)
    fix = next(each for each in actions if each.kind == lsp.CodeActionKind.QuickFix)
    assert fix.title == "remplacer par « étape »"
    assert editor.apply(fix.edit) == (HEAD + BROKEN).replace("étap ", "étape ")
    assert await editor.replace("étap ", "étape ") == []


async def test_names_are_explained_where_they_stand(editor: Editor) -> None:
    await editor.open(HEAD + BROKEN)
    shown = await editor.client.text_document_hover_async(lsp.HoverParams(editor.document, editor.at("remise")))
    assert shown.contents.value.startswith("**remise** — champ de « affaire », « discount » en anglais")
    assert shown.range == editor.range("remise")


async def test_a_standard_name_leads_to_a_file(editor: Editor) -> None:
    await editor.open(BROKEN)
    place = await editor.client.text_document_definition_async(
        lsp.DefinitionParams(editor.document, editor.at("remise"))
    )
    assert place.uri.endswith("/stdlib/sales.rules")


async def test_what_may_come_next_replaces_what_was_typed(editor: Editor) -> None:
    await editor.open(HEAD + "quand une affaire est créée et entonnoir = '😀' et éch")
    found = await editor.client.text_document_completion_async(
        lsp.CompletionParams(editor.document, editor.position(len(editor.text)))
    )
    (item,) = [each for each in found.items if each.label == "échéance"]
    assert editor.edited([item.text_edit]).endswith("et échéance")


async def test_the_outline_and_the_places_of_a_name(editor: Editor) -> None:
    await editor.open(f'{HEAD}objet un café 😀\n\nrègle "é😀"\nquand une affaire est créée alors remise = 5 %\n')
    symbols = await editor.client.text_document_document_symbol_async(lsp.DocumentSymbolParams(editor.document))
    assert symbols[-1].name == "é😀"
    assert symbols[-1].selection_range == editor.range('"é😀"')


async def test_references_and_highlights(editor: Editor) -> None:
    text = (
        f"{HEAD}définir la café é = 5\n\nquand une affaire est créée et 'é😀' = 'x' et café é > 2 alors remise = 5 %\n"
    )
    await editor.open(text)
    place = editor.at("café é")
    places = await editor.client.text_document_references_async(
        lsp.ReferenceParams(lsp.ReferenceContext(True), editor.document, place)
    )
    second = text.index("café é > 2")
    ranges = [editor.range("café é"), lsp.Range(editor.position(second), editor.position(second + 6))]
    assert [each.range for each in places] == ranges
    lights = await editor.client.text_document_document_highlight_async(
        lsp.DocumentHighlightParams(editor.document, place)
    )
    assert [each.range for each in lights] == ranges


async def test_formatting(editor: Editor) -> None:
    await editor.open(HEAD + "quand   une affaire est créée et nom = '😀' alors   remise=5 %\n")
    options = lsp.FormattingOptions(tab_size=3, insert_spaces=True)
    edits = await editor.client.text_document_formatting_async(lsp.DocumentFormattingParams(editor.document, options))
    assert editor.edited(edits).endswith("quand une affaire est créée et nom = '😀' alors remise = 5 %\n")


async def test_folding(editor: Editor) -> None:
    await editor.open("# a\n# b\nquand une affaire est créée\nalors remise = 5 %\n")
    found = await editor.client.text_document_folding_range_async(lsp.FoldingRangeParams(editor.document))
    assert [(each.start_line, each.end_line) for each in found] == [(0, 1), (2, 3)]


async def test_a_file_is_translated_when_it_is_asked_for(editor: Editor) -> None:
    await editor.open("quand une affaire est créée et nom = '😀' alors remise = 5 %\n")
    context = lsp.CodeActionContext([], only=[lsp.CodeActionKind.Source])
    actions = await editor.client.text_document_code_action_async(
        lsp.CodeActionParams(editor.document, editor.range("quand"), context)
    )
    (action,) = actions
    assert action.title == "Traduire ce fichier en anglais"
    made = await editor.client.code_action_resolve_async(action)
    assert editor.apply(made.edit).endswith("when a deal is created and name = '😀' then discount = 5 %\n")


async def test_closing_a_buffer_tells_nothing_is_left(editor: Editor) -> None:
    await editor.open(BROKEN)
    editor.client.text_document_did_close(lsp.DidCloseTextDocumentParams(editor.document))
    told = await editor.client.wait_for_notification(lsp.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS)
    while told.uri != editor.uri:
        # what was still under way for another buffer
        told = await editor.client.wait_for_notification(lsp.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS)
    assert (told.uri, list(told.diagnostics)) == (editor.uri, [])


async def test_symbols_of_the_workspace(editor: Editor) -> None:
    await editor.open(f'{HEAD}règle "Né ici 😀"\nquand une affaire est créée alors remise = 5 %\n')
    found = await editor.client.workspace_symbol_async(lsp.WorkspaceSymbolParams("Né ici"))
    assert [(each.name, each.location.range) for each in found] == [("Né ici 😀", editor.range('"Né ici 😀"'))]


RENAMED = f"""{HEAD}objet une café
  un prix : argent

quand le prix d'une café dépasse 5 € et 'é😀' = 'x' alors prix = 3 €
"""


async def test_a_name_is_renamed_everywhere(editor: Editor) -> None:
    await editor.open(RENAMED)
    place = editor.at("café dépasse")
    prepared = await editor.client.text_document_prepare_rename_async(lsp.PrepareRenameParams(editor.document, place))
    assert prepared.placeholder == "café"
    edit = await editor.client.text_document_rename_async(lsp.RenameParams(editor.document, place, "un thé"))
    assert editor.apply(edit) == RENAMED.replace("une café", "un thé")


async def test_what_cannot_be_renamed_says_why(editor: Editor) -> None:
    await editor.open(BROKEN)
    with pytest.raises(JsonRpcException, match="vient du vocabulaire standard"):
        await editor.client.text_document_rename_async(
            lsp.RenameParams(editor.document, editor.at("affaire"), "dossier")
        )


async def test_tokens_count_in_the_units_of_the_editor(editor: Editor) -> None:
    await editor.open(BROKEN)
    legend = ["comment", "string", "keyword"]
    made = await editor.client.text_document_semantic_tokens_full_async(lsp.SemanticTokensParams(editor.document))
    places: list[lsp.Range] = []
    line = column = 0
    for new, start, width, type_, _ in zip(*[iter(made.data)] * 5, strict=True):
        line, column = line + new, start if new else column + start
        if type_ == legend.index("string"):
            places.append(lsp.Range(lsp.Position(line, column), lsp.Position(line, column + width)))
    assert places == [editor.range("'😀 é'"), editor.range("'é😀'")]
    params = lsp.SemanticTokensRangeParams(editor.document, editor.range("quand"))
    part = await editor.client.text_document_semantic_tokens_range_async(params)
    assert part.data == made.data


EXAMPLE = """
exemple "é😀"
  étant donné une affaire, montant = 10 €
  quand l'affaire est créée
  alors remise = 5 %
"""


async def test_examples_run_from_their_lens(editor: Editor) -> None:
    await editor.open(f"{HEAD}quand une affaire est créée alors remise = 5 %\n{EXAMPLE}")
    everything, lens = await editor.client.text_document_code_lens_async(lsp.CodeLensParams(editor.document))
    assert everything.range == lens.range == editor.range('"é😀"')
    assert (await editor.client.code_lens_resolve_async(everything)).command.title == "1 exemple, il passe"
    made = await editor.client.workspace_execute_command_async(
        lsp.ExecuteCommandParams(lens.command.command, arguments=lens.command.arguments)
    )
    assert [(each["name"], each["passed"]) for each in made] == [("é😀", True)]


async def test_types_of_definitions_are_shown(editor: Editor) -> None:
    await editor.open(f"{HEAD}définir le prix é / price = 5 €\n")
    whole = lsp.Range(lsp.Position(0, 0), lsp.Position(9, 0))
    (hint,) = await editor.client.text_document_inlay_hint_async(lsp.InlayHintParams(editor.document, whole))
    assert (hint.position, hint.label) == (editor.at(" = 5"), " : un montant d'argent")


async def test_a_call_shows_its_arguments(editor: Editor) -> None:
    await editor.open(f"{HEAD}quand une affaire est créée et nom = '😀' alors envoyer un SMS au contact, texte = ")
    made = await editor.client.text_document_signature_help_async(
        lsp.SignatureHelpParams(editor.document, editor.position(len(editor.text)))
    )
    assert made.signatures[0].label == "envoyer un SMS à {destinataire}, texte = un texte"
    assert made.active_parameter == 1


async def test_a_selection_grows(editor: Editor) -> None:
    await editor.open(HEAD + BROKEN)
    (made,) = await editor.client.text_document_selection_range_async(
        lsp.SelectionRangeParams(editor.document, [editor.at("remise")])
    )
    assert made.range == editor.range("remise")
    assert made.parent.range == editor.range("remise = 5 %")


async def test_a_new_line_is_indented(editor: Editor) -> None:
    await editor.open(f"{HEAD}quand une affaire est créée\n")
    options = lsp.FormattingOptions(tab_size=3, insert_spaces=True)
    edits = await editor.client.text_document_on_type_formatting_async(
        lsp.DocumentOnTypeFormattingParams(editor.document, editor.position(len(editor.text)), "\n", options)
    )
    assert [each.new_text for each in edits] == ["   "]


async def test_some_lines_are_formatted(editor: Editor) -> None:
    line = "quand   une affaire est créée et nom = '😀' alors   remise=5 %\n"
    await editor.open(f"{HEAD}{line}\n{line}")
    options = lsp.FormattingOptions(tab_size=3, insert_spaces=True)
    edits = await editor.client.text_document_range_formatting_async(
        lsp.DocumentRangeFormattingParams(editor.document, editor.range("quand"), options)
    )
    assert editor.edited(edits).endswith(f"quand une affaire est créée et nom = '😀' alors remise = 5 %\n\n{line}")


async def test_findings_may_be_asked_for(editor: Editor) -> None:
    told = await editor.open(HEAD + BROKEN)
    asked = await editor.client.text_document_diagnostic_async(lsp.DocumentDiagnosticParams(editor.document))
    assert list(asked.items) == told


async def test_changes_on_disk_are_seen(editor: Editor, tmp_path: Path) -> None:
    text = "quand un chat est créé alors nom = 'x'\n"
    assert await editor.open(text)
    (tmp_path / "mots.rules").write_text("objet un chat\n  un nom : texte\n", encoding="utf-8")
    uri = (tmp_path / "mots.rules").as_uri()
    editor.client.workspace_did_change_watched_files(
        lsp.DidChangeWatchedFilesParams([lsp.FileEvent(uri, lsp.FileChangeType.Created)])
    )
    assert await editor.findings() == []


async def test_a_mistake_in_the_configuration_is_shown_there(editor: Editor, tmp_path: Path) -> None:
    config = tmp_path / "quand.toml"
    config.write_text('# é\nlanguage = "xx"\n', encoding="utf-8")
    await editor.open("quand une affaire est créée alors remise = 5 %\n")
    while config.as_uri() not in editor.client.diagnostics:
        await editor.client.wait_for_notification(lsp.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS)
    (told,) = editor.client.diagnostics[config.as_uri()]
    assert told.range.start.line == 1
    config.unlink()


async def test_every_feature_answers_in_a_file_that_is_all_errors(editor: Editor) -> None:
    await editor.open("quand quand (\n\nobjet\n'é😀\n\nrègle « \n|||\n")
    client, document, place = editor.client, editor.document, lsp.Position(2, 3)
    whole = lsp.Range(lsp.Position(0, 0), lsp.Position(9, 0))
    assert await client.text_document_document_symbol_async(lsp.DocumentSymbolParams(document)) is not None
    assert await client.text_document_completion_async(lsp.CompletionParams(document, place)) is not None
    assert await client.text_document_hover_async(lsp.HoverParams(document, place)) is None
    assert await client.text_document_definition_async(lsp.DefinitionParams(document, place)) is None
    assert await client.text_document_signature_help_async(lsp.SignatureHelpParams(document, place)) is None
    assert await client.text_document_semantic_tokens_full_async(lsp.SemanticTokensParams(document)) is not None
    assert await client.text_document_inlay_hint_async(lsp.InlayHintParams(document, whole)) is not None
    assert not [each for each in client.log_messages if each.type == lsp.MessageType.Error]
