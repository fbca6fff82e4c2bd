// A file in the other language, beside it, kept up to date while it is written.

import * as vscode from "vscode";
import { ask } from "./protocol";
import type { Server } from "./server";

const SCHEME = "quand-translation";

/** Milliseconds without a change before a file is translated anew. */
const PAUSE = 300;

export class Translations implements vscode.TextDocumentContentProvider, vscode.Disposable {
  private readonly changed = new vscode.EventEmitter<vscode.Uri>();
  readonly onDidChange = this.changed.event;
  private readonly shown = new Map<string, vscode.Uri>();
  private readonly last = new Map<string, string>();
  private timer: NodeJS.Timeout | undefined;
  private readonly disposables: vscode.Disposable[];

  constructor(private readonly server: Server) {
    this.disposables = [
      this.changed,
      vscode.workspace.registerTextDocumentContentProvider(SCHEME, this),
      vscode.workspace.onDidChangeTextDocument(({ document }) => this.refresh(document.uri)),
      vscode.workspace.onDidCloseTextDocument((document) => {
        if (document.uri.scheme === SCHEME) {
          this.shown.delete(document.uri.query);
          this.last.delete(document.uri.query);
        }
      }),
      server.onStarted(() => this.shown.forEach((uri) => this.changed.fire(uri))),
    ];
  }

  /** Show a file in the other language, in the column beside. */
  async show(document: vscode.TextDocument): Promise<void> {
    const original = document.uri.toString();
    const client = this.server.running;
    const made = client && (await ask(client, "quand.translation", original));
    if (!made) {
      void vscode.window.showWarningMessage(
        vscode.l10n.t("This file cannot be translated: it has errors, or a part without an exact equal in the other language."),
      );
      return;
    }
    const name = document.uri.path.replace(/^.*\//, "").replace(/\.rules$/, "");
    const uri = vscode.Uri.from({ scheme: SCHEME, path: `/${name}.${made.language}.rules`, query: original });
    this.shown.set(original, uri);
    this.last.set(original, made.text);
    const translation = await vscode.workspace.openTextDocument(uri);
    await vscode.window.showTextDocument(translation, {
      viewColumn: vscode.ViewColumn.Beside,
      preserveFocus: true,
      preview: false,
    });
  }

  async provideTextDocumentContent(uri: vscode.Uri): Promise<string> {
    const client = this.server.running;
    const made = client && (await ask(client, "quand.translation", uri.query));
    if (made) {
      this.last.set(uri.query, made.text);
    }
    // while the file has errors, its last translation stays
    return this.last.get(uri.query) ?? "";
  }

  dispose(): void {
    clearTimeout(this.timer);
    this.disposables.forEach((each) => each.dispose());
  }

  private refresh(original: vscode.Uri): void {
    const uri = this.shown.get(original.toString());
    if (uri !== undefined) {
      clearTimeout(this.timer);
      this.timer = setTimeout(() => this.changed.fire(uri), PAUSE);
    }
  }
}
