// The panels beside the rules, and the translation.

import * as assert from "node:assert/strict";
import * as vscode from "vscode";
import { type Test, api, at, open, replaceAll, until } from "./support";

const RULES = `# langue : fr
règle "Gagnée" / "Won"
quand le montant d'une affaire dépasse 1 000 €
   et (remise = 5 % ou remise = 10 %)
alors étape = 'Gagnée'
sinon journaliser "non"

règle "Fête" / "Party"
quand l'étape d'une affaire devient 'Gagnée'
alors attendre 2 heures puis créer une tâche "Fêter"

exemple "la fête"
  étant donné une affaire, étape = 'Nouvelle'
  quand étape de l'affaire devient 'Gagnée'
  quand 2 heures passent
  alors créer une tâche "Fêter"
`;

async function shown(): Promise<vscode.TextEditor> {
  const editor = await open("panels/panels.rules", RULES);
  await replaceAll(editor.document, RULES);
  return await vscode.window.showTextDocument(editor.document, vscode.ViewColumn.One);
}

function put(editor: vscode.TextEditor, place: vscode.Position): void {
  editor.selection = new vscode.Selection(place, place);
}

export const panelTests: readonly Test[] = [
  ["a rule is shown as boxes, and the panel follows the cursor", async () => {
    const editor = await shown();
    const { panels } = await api();
    put(editor, at(editor.document, "dépasse"));
    await vscode.commands.executeCommand("quand.showRule");
    const html = await until("the panel", () => panels.content("rule"));
    for (const wanted of ["<h1>Gagnée</h1>", "l&#39;une de ces conditions", "étape = «\u00a0Gagnée\u00a0»", "sinon"]) {
      assert.ok(html.includes(wanted), `${wanted} is not in ${html}`);
    }
    put(editor, at(editor.document, "attendre"));
    await until("the other rule", () => panels.content("rule")?.includes("<h1>Fête</h1>"));
  }],
  ["the cascade shows which rule sets off which", async () => {
    const editor = await shown();
    const { panels } = await api();
    await vscode.commands.executeCommand("quand.showCascade");
    const html = await until("the panel", () => panels.content("cascade"));
    assert.match(html, /<path class="" d=/);
    assert.match(html, /étape \(affaire\)/);
    await replaceAll(editor.document, RULES.replace("alors étape = 'Gagnée'", "alors étape = 'Perdue'"));
    await until("the arrow is gone", () => !panels.content("cascade")?.includes("marker-end"));
  }],
  ["a rule is explained in words and by the examples", async () => {
    const editor = await shown();
    const { panels } = await api();
    put(editor, at(editor.document, "attendre"));
    await vscode.commands.executeCommand("quand.explainAtCursor");
    const html = await until("the panel", () => panels.content("explanation"));
    assert.match(html, /<h2>la fête<\/h2>/);
    assert.match(html, /s&#39;est déclenchée/);
  }],
  ["a file stands beside its translation, which follows it", async () => {
    const editor = await shown();
    await vscode.commands.executeCommand("quand.translateBeside");
    const translation = await until("the translation", () =>
      vscode.workspace.textDocuments.find(({ uri }) => uri.scheme === "quand-translation"),
    );
    assert.match(translation.getText(), /rule "Party" \/ "Fête"/);
    assert.equal(translation.languageId, "quand");
    await vscode.window.showTextDocument(editor.document, vscode.ViewColumn.One);
    await replaceAll(editor.document, RULES.replace('"Fêter"\n\nexemple', '"Fêter fort"\n\nexemple'));
    await until("the change", () => translation.getText().includes("Fêter fort"));
    await vscode.commands.executeCommand("workbench.action.closeEditorsInOtherGroups");
  }],
];
