// Each feature of the server, asked the way the editor asks.

import * as assert from "node:assert/strict";
import * as vscode from "vscode";
import { type Test, after, at, completions, label, open, problems, replaceAll, until } from "./support";

const RULES = `# langue : fr
## Le produit couvre la surface.
règle "Produit à la surface" / "Product by area"
quand une affaire est créée
   et entonnoir = 'Réparation clé en main'
alors ajouter produit 'Stratifié', quantité = surface

## Une marge, en argent.
définir la marge d'une affaire / margin = montant × 20 %

règle "Bonne marge" / "Good margin"
quand une affaire est créée
   et marge > 500 €
alors créer une tâche "Féliciter"

exemple "une bonne marge se fête"
  étant donné une affaire, montant = 10 000 €
  quand l'affaire est créée
  alors créer une tâche "Féliciter"
`;

const MISTAKE = RULES.replace("et marge > 500 €", "et marje > 500 €");

async function clean(): Promise<vscode.TextEditor> {
  const editor = await open("features/features.rules", RULES);
  await until("no problem is left", () => problems(editor.document).length === 0);
  return editor;
}

async function ask<T>(command: string, ...args: unknown[]): Promise<T> {
  return await vscode.commands.executeCommand<T>(command, ...args);
}

export const features: readonly Test[] = [
  ["a mistake is told in the language of the file, where it stands", async () => {
    const editor = await open("features/features.rules", MISTAKE);
    const [told] = await until("a problem", () => problems(editor.document).length > 0 && problems(editor.document));
    assert.equal(told?.source, "quand");
    assert.match(String(told?.message), /marje/);
    assert.match(String(told?.message), /marge/);
    assert.equal(editor.document.getText(told?.range), "marje");
  }],
  ["a quick fix mends it", async () => {
    const editor = await open("features/features.rules", MISTAKE);
    const [told] = await until("a problem", () => problems(editor.document).length > 0 && problems(editor.document));
    assert.ok(told);
    const actions = await ask<vscode.CodeAction[]>("vscode.executeCodeActionProvider", editor.document.uri, told.range);
    const fix = actions.find((action) => action.edit?.get(editor.document.uri).some(({ newText }) => newText === "marge"));
    assert.ok(fix?.edit, `no fix among ${actions.map(({ title }) => title).join(", ")}`);
    await vscode.workspace.applyEdit(fix.edit);
    await until("the mistake is gone", () => problems(editor.document).length === 0);
    assert.equal(editor.document.getText(), RULES);
  }],
  ["both readings of a mixed condition are offered", async () => {
    const editor = await open("mixed/mixed.rules", "# langue : fr\nquand une affaire est créée et montant > 5 ou montant < 2 et remise = 5 % alors journaliser \"x\"\n");
    const [told] = await until("a problem", () => problems(editor.document).length > 0 && problems(editor.document));
    assert.ok(told);
    const actions = await ask<vscode.CodeAction[]>("vscode.executeCodeActionProvider", editor.document.uri, told.range, "quickfix");
    assert.ok(actions.filter(({ edit }) => edit !== undefined).length >= 2, actions.map(({ title }) => title).join("; "));
  }],
  ["completion knows what may come next", async () => {
    const editor = await clean();
    const place = after(editor.document, "   et marge");
    const labels = (await completions(editor, at(editor.document, "marge > 500", 2))).map(label);
    assert.ok(labels.includes("marge"), labels.slice(0, 20).join(", "));
    await replaceAll(editor.document, RULES.replace("et marge > 500 €", "et "));
    const next = (await completions(editor, place.translate(0, -"marge".length))).map(label);
    for (const wanted of ["montant", "entonnoir", "marge"]) {
      assert.ok(next.includes(wanted), `${wanted} is not in ${next.slice(0, 30).join(", ")}`);
    }
  }],
  ["an accepted action brings its arguments as places to fill", async () => {
    const editor = await clean();
    await replaceAll(editor.document, RULES.replace('alors créer une tâche "Féliciter"', "alors envoyer"));
    const items = await completions(editor, after(editor.document, "alors envoyer"));
    const action = items.find((item) => label(item).startsWith("envoyer un SMS"));
    assert.ok(action, items.map(label).slice(0, 20).join(", "));
    assert.ok(action.insertText instanceof vscode.SnippetString, "it is no snippet");
    assert.match(action.insertText.value, /texte = .*\$/);
  }],
  ["hover tells the type and both names", async () => {
    const editor = await clean();
    const hovers = await ask<vscode.Hover[]>("vscode.executeHoverProvider", editor.document.uri, at(editor.document, "marge > 500", 2));
    const text = hovers.flatMap(({ contents }) => contents.map((each) => (typeof each === "string" ? each : each.value))).join("\n");
    assert.match(text, /\*\*marge\*\*/);
    assert.match(text, /margin/);
    assert.match(text, /Une marge, en argent/);
  }],
  ["a name leads to its definition and to its mentions", async () => {
    const editor = await clean();
    const place = at(editor.document, "marge > 500", 2);
    const [target] = await ask<(vscode.Location | vscode.LocationLink)[]>("vscode.executeDefinitionProvider", editor.document.uri, place);
    assert.ok(target);
    const range = "range" in target ? target.range : target.targetRange;
    assert.equal(range.start.line, at(editor.document, "définir la marge").line);
    const found = await ask<vscode.Location[]>("vscode.executeReferenceProvider", editor.document.uri, place);
    const lines = found.map(({ range: { start } }) => start.line).sort((one, other) => one - other);
    // the two names where it is defined, and where it is used
    const defined = at(editor.document, "définir la marge").line;
    assert.deepEqual(lines, [defined, defined, place.line]);
    const marked = await ask<vscode.DocumentHighlight[]>("vscode.executeDocumentHighlights", editor.document.uri, place);
    assert.equal(marked.length, 3);
  }],
  ["renaming mends articles", async () => {
    const editor = await clean();
    const edit = await ask<vscode.WorkspaceEdit>("vscode.executeDocumentRenameProvider", editor.document.uri, at(editor.document, "marge > 500", 2), "gain");
    assert.ok(await vscode.workspace.applyEdit(edit));
    const text = editor.document.getText();
    assert.match(text, /définir le gain d'une affaire/);
    assert.match(text, /et gain > 500 €/);
    await until("no problem is left", () => problems(editor.document).length === 0);
    await replaceAll(editor.document, RULES);
  }],
  ["formatting lines up what was typed crooked", async () => {
    const editor = await clean();
    await replaceAll(editor.document, RULES.replace("   et marge > 500 €", "et   marge>500 €"));
    const edits = await ask<vscode.TextEdit[]>("vscode.executeFormatDocumentProvider", editor.document.uri, { tabSize: 2, insertSpaces: true });
    const edit = new vscode.WorkspaceEdit();
    edit.set(editor.document.uri, edits);
    await vscode.workspace.applyEdit(edit);
    assert.match(editor.document.getText(), /\n {3}et marge > 500 €\n/);
    const again = await ask<vscode.TextEdit[] | undefined>("vscode.executeFormatDocumentProvider", editor.document.uri, { tabSize: 2, insertSpaces: true });
    assert.equal(again?.length ?? 0, 0);
    await replaceAll(editor.document, RULES);
  }],
  ["the outline lists the declarations", async () => {
    const editor = await clean();
    const symbols = await ask<vscode.DocumentSymbol[]>("vscode.executeDocumentSymbolProvider", editor.document.uri);
    const names = symbols.map(({ name }) => name);
    for (const wanted of ["Produit à la surface", "marge", "Bonne marge", "une bonne marge se fête"]) {
      assert.ok(names.some((name) => name.includes(wanted)), `${wanted} is not in ${names.join(", ")}`);
    }
    const found = await ask<vscode.SymbolInformation[]>("vscode.executeWorkspaceSymbolProvider", "bonne marge");
    assert.ok(found.some(({ name }) => name === "Bonne marge"));
  }],
  ["colours tell what each word stands for", async () => {
    const editor = await clean();
    const legend = await ask<vscode.SemanticTokensLegend>("vscode.provideDocumentSemanticTokensLegend", editor.document.uri);
    const tokens = await ask<vscode.SemanticTokens>("vscode.provideDocumentSemanticTokens", editor.document.uri);
    const kinds = new Set<string | undefined>();
    for (let n = 3; n < tokens.data.length; n += 5) {
      kinds.add(legend.tokenTypes[tokens.data[n] ?? 0]);
    }
    assert.ok(kinds.has("keyword") && kinds.size >= 4, [...kinds].join(", "));
  }],
  ["lenses stand above examples", async () => {
    const editor = await clean();
    const lenses = await ask<vscode.CodeLens[]>("vscode.executeCodeLensProvider", editor.document.uri, 10);
    const lens = lenses.find(({ command }) => command?.command === "quand.runExamples");
    assert.equal(lens?.range.start.line, at(editor.document, "exemple").line);
  }],
  ["definitions show their type", async () => {
    const editor = await clean();
    const range = new vscode.Range(0, 0, editor.document.lineCount, 0);
    const hints = await ask<vscode.InlayHint[]>("vscode.executeInlayHintProvider", editor.document.uri, range);
    const texts = hints.map(({ label: shown }) => (typeof shown === "string" ? shown : shown.map(({ value }) => value).join("")));
    assert.ok(texts.some((text) => text.includes("argent")), texts.join(", "));
  }],
  ["the call of an action shows its arguments", async () => {
    const editor = await clean();
    const help = await ask<vscode.SignatureHelp>("vscode.executeSignatureHelpProvider", editor.document.uri, after(editor.document, "'Stratifié', "));
    assert.match(help.signatures[0]?.label ?? "", /quantité/);
  }],
  ["declarations fold, and a selection grows over them", async () => {
    const editor = await clean();
    const folds = await ask<vscode.FoldingRange[]>("vscode.executeFoldingRangeProvider", editor.document.uri);
    assert.ok(folds.some(({ start }) => start === at(editor.document, 'règle "Bonne').line));
    const [grown] = await ask<vscode.SelectionRange[]>("vscode.executeSelectionRangeProvider", editor.document.uri, [at(editor.document, "marge > 500", 2)]);
    assert.ok(grown?.parent?.parent, "it does not grow");
  }],
  ["an unsaved file without a name is checked too", async () => {
    const document = await vscode.workspace.openTextDocument({ language: "quand", content: "quand une affaire est créée et montannt > 5 alors journaliser \"x\"\n" });
    await vscode.window.showTextDocument(document);
    const [told] = await until("a problem", () => problems(document).length > 0 && problems(document));
    assert.match(String(told?.message), /montannt/);
    await vscode.commands.executeCommand("workbench.action.revertAndCloseActiveEditor");
  }],
  ["accented words are one word", async () => {
    const editor = await clean();
    const range = editor.document.getWordRangeAtPosition(at(editor.document, "étant", 2));
    assert.equal(editor.document.getText(range), "étant");
  }],
];
