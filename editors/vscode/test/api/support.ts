// What the tests inside the editor share: documents, places found by what stands there, waiting.

import * as assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";
import * as vscode from "vscode";
import type { Api } from "../../src/extension";

export type Test = readonly [name: string, run: () => Promise<void>];

/** The folder that is open. */
export function folder(): string {
  const first = vscode.workspace.workspaceFolders?.[0];
  assert.ok(first, "no folder is open");
  return first.uri.fsPath;
}

export async function api(): Promise<Api> {
  const extension = vscode.extensions.getExtension<Api>("quand.quand");
  assert.ok(extension, "the extension is not there");
  return await extension.activate();
}

/** Open a file of the folder with that text, in the editor. */
export async function open(name: string, text: string): Promise<vscode.TextEditor> {
  const file = path.join(folder(), name);
  fs.mkdirSync(path.dirname(file), { recursive: true });
  fs.writeFileSync(file, text);
  const document = await vscode.workspace.openTextDocument(file);
  const editor = await vscode.window.showTextDocument(document, vscode.ViewColumn.One);
  if (document.getText() !== text) {
    await replaceAll(document, text);
  }
  return editor;
}

export async function replaceAll(document: vscode.TextDocument, text: string): Promise<void> {
  // a file that is being read again refuses edits for a moment
  await until("the edit", async () => {
    const edit = new vscode.WorkspaceEdit();
    edit.replace(document.uri, new vscode.Range(0, 0, document.lineCount, 0), text);
    return await vscode.workspace.applyEdit(edit);
  });
}

/** Where `text` stands, `into` letters after its beginning. */
export function at(document: vscode.TextDocument, text: string, into = 0): vscode.Position {
  const offset = document.getText().indexOf(text);
  assert.notEqual(offset, -1, `“${text}” is not in the file`);
  return document.positionAt(offset + into);
}

export function after(document: vscode.TextDocument, text: string): vscode.Position {
  return at(document, text, text.length);
}

/** Wait until something holds, and give it. */
export async function until<T>(
  what: string,
  look: () => T | undefined | false | null | Promise<T | undefined | false | null>,
  seconds = 20,
): Promise<T> {
  const end = Date.now() + seconds * 1000;
  for (;;) {
    const found = await look();
    if (found) {
      return found;
    }
    assert.ok(Date.now() < end, `${what}: waited ${seconds} s`);
    await new Promise((go) => setTimeout(go, 50));
  }
}

export function problems(document: vscode.TextDocument): vscode.Diagnostic[] {
  return vscode.languages.getDiagnostics(document.uri);
}

export async function completions(editor: vscode.TextEditor, position: vscode.Position): Promise<vscode.CompletionItem[]> {
  const list = await vscode.commands.executeCommand<vscode.CompletionList>(
    "vscode.executeCompletionItemProvider",
    editor.document.uri,
    position,
  );
  return list.items;
}

export function label(item: vscode.CompletionItem): string {
  return typeof item.label === "string" ? item.label : item.label.label;
}
