// What the server changes besides mending mistakes, and what it shows besides words: actions, calls, links, values.

import * as assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";
import * as vscode from "vscode";
import { type Test, after, at, folder, open, problems, replaceAll, until } from "./support";

const RULES = `# langue : fr
règle "Gagnée" / "Won"
quand une affaire est créée
   et montant - montant × 10 % > 1 000 €
alors étape = 'Gagnée'

règle "Fête" / "Party"
quand l'étape d'une affaire devient 'Gagnée'
alors créer une tâche "Fêter"

table le taux d'une affaire / rate : pourcentage, première ligne, depuis 'taux.csv'

exemple "la fête"
  étant donné une affaire, montant = 5 000 €
  quand l'affaire est créée
  alors créer une tâche "Fêter fort"
`;

async function clean(): Promise<vscode.TextEditor> {
  fs.mkdirSync(path.join(folder(), "changes"), { recursive: true });
  fs.writeFileSync(path.join(folder(), "changes", "taux.csv"), "montant;résultat\n< 1000 €;5 %\n;10 %\n");
  const editor = await open("changes/changes.rules", RULES);
  await replaceAll(editor.document, RULES);
  await until("no error is left", () => problems(editor.document).every(({ severity }) => severity !== vscode.DiagnosticSeverity.Error));
  return editor;
}

async function ask<T>(command: string, ...args: unknown[]): Promise<T> {
  return await vscode.commands.executeCommand<T>(command, ...args);
}

/** The action of that kind with that title, made ready to apply. */
async function action(editor: vscode.TextEditor, range: vscode.Range, title: RegExp): Promise<vscode.CodeAction> {
  const uri = editor.document.uri;
  return await until(`${title}`, async () => {
    const found = await ask<vscode.CodeAction[]>("vscode.executeCodeActionProvider", uri, range, undefined, 30);
    return found.find((each) => title.test(each.title));
  });
}

export const changes: readonly Test[] = [
  ["calls lead from a rule to those it sets off, and back", async () => {
    const editor = await clean();
    const [rule] = await ask<vscode.CallHierarchyItem[]>("vscode.prepareCallHierarchy", editor.document.uri, at(editor.document, '"Gagnée"', 2));
    assert.equal(rule?.name, "Gagnée");
    const [call] = await ask<vscode.CallHierarchyOutgoingCall[]>("vscode.provideOutgoingCalls", rule);
    assert.equal(call?.to.name, "Fête");
    const [back] = await ask<vscode.CallHierarchyIncomingCall[]>("vscode.provideIncomingCalls", call.to);
    assert.equal(back?.from.name, "Gagnée");
  }],
  ["a calculation becomes a definition", async () => {
    const editor = await clean();
    const range = new vscode.Range(at(editor.document, "montant - montant"), after(editor.document, "× 10 %"));
    const made = await action(editor, range, /En faire une définition/);
    assert.ok(made.edit && (await vscode.workspace.applyEdit(made.edit)));
    assert.match(editor.document.getText(), /définir .* d'une affaire = montant - montant × 10 %/);
  }],
  ["an example is written for a rule", async () => {
    const editor = await clean();
    const place = at(editor.document, '"Fête"', 2);
    const made = await action(editor, new vscode.Range(place, place), /Écrire un exemple/);
    assert.ok(made.edit && (await vscode.workspace.applyEdit(made.edit)));
    assert.equal(editor.document.getText().match(/^exemple /gm)?.length, 2);
  }],
  ["a field that is missing is added to its object", async () => {
    const editor = await open("changes/missing/missing.rules", "# langue : fr\nobjet un chat / cat\n  un nom / name : texte\n\nquand un chat est créé et poids > 5 alors journaliser \"x\"\n");
    await until("a problem", () => problems(editor.document).length > 0);
    const range = new vscode.Range(at(editor.document, "poids"), after(editor.document, "poids"));
    const made = await action(editor, range, /Ajouter le champ/);
    assert.ok(made.edit && (await vscode.workspace.applyEdit(made.edit)));
    assert.match(editor.document.getText(), /poids.* : nombre/);
    await until("it is mended", () => problems(editor.document).length === 0);
  }],
  ["the whole file becomes English, and keeps its meaning", async () => {
    // a sheet has its headings in one language, so it stays out
    const text = RULES.replace(/^table .*\n/m, "");
    const editor = await open("changes/english/english.rules", text);
    await replaceAll(editor.document, text);
    const place = new vscode.Position(0, 0);
    const made = await action(editor, new vscode.Range(place, place), /Traduire ce fichier en anglais/);
    assert.ok(made.edit && (await vscode.workspace.applyEdit(made.edit)));
    assert.match(editor.document.getText(), /rule "Won" \/ "Gagnée"\nwhen a deal is created/);
    await until("no error", () => problems(editor.document).every(({ severity }) => severity !== vscode.DiagnosticSeverity.Error));
  }],
  ["some lines are formatted, and a new one is indented", async () => {
    const editor = await clean();
    const options = { tabSize: 2, insertSpaces: true };
    await replaceAll(editor.document, RULES.replace("alors étape =", "alors   étape   =").replace("alors créer une", "alors   créer   une"));
    const line = editor.document.lineAt(at(editor.document, "alors   étape").line).range;
    const edits = await ask<vscode.TextEdit[]>("vscode.executeFormatRangeProvider", editor.document.uri, line, options);
    const edit = new vscode.WorkspaceEdit();
    edit.set(editor.document.uri, edits);
    assert.ok(await vscode.workspace.applyEdit(edit));
    assert.match(editor.document.getText(), /\nalors étape = 'Gagnée'\n[^]*alors {3}créer {3}une/);
    await replaceAll(editor.document, "# langue : fr\nquand une affaire est créée\n");
    const typed = await ask<vscode.TextEdit[]>("vscode.executeFormatOnTypeProvider", editor.document.uri, new vscode.Position(2, 0), "\n", options);
    assert.deepEqual(typed.map(({ newText }) => newText), ["   "]);
  }],
  ["the sheet of a table is a link, and follows its file when that is renamed", async () => {
    const editor = await clean();
    const links = await ask<vscode.DocumentLink[]>("vscode.executeLinkProvider", editor.document.uri, 10);
    assert.ok(links.some(({ target }) => target?.path.endsWith("/taux.csv")), links.map(({ target }) => `${target}`).join());
    await editor.document.save();
    const edit = new vscode.WorkspaceEdit();
    const [from, to] = ["taux.csv", "tarifs.csv"].map((name) => vscode.Uri.file(path.join(folder(), "changes", name)));
    assert.ok(from && to);
    edit.renameFile(from, to);
    assert.ok(await vscode.workspace.applyEdit(edit));
    await until("the name in the rules", () => editor.document.getText().includes("depuis 'tarifs.csv'"));
  }],
  ["the lens tells what comes of the examples, and values stand where they were expected", async () => {
    const editor = await clean();
    const lenses = await ask<vscode.CodeLens[]>("vscode.executeCodeLensProvider", editor.document.uri, 10);
    assert.ok(lenses.some(({ command }) => command?.title === "1 exemple, 1 échoue"), lenses.map(({ command }) => command?.title).join(" | "));
    const all = new vscode.Range(0, 0, editor.document.lineCount, 0);
    const values = await ask<vscode.InlineValueText[]>("vscode.executeInlineValueProvider", editor.document.uri, all, { frameId: 0, stoppedLocation: all });
    assert.ok(values.some(({ text }) => /obtenu/.test(text)), JSON.stringify(values));
  }],
];
