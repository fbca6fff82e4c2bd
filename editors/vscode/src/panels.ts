// The panels beside the rules: a rule as a diagram, the cascade, an explanation. They follow the cursor and the text.

import * as vscode from "vscode";
import { drawCascade } from "./pictures/cascade";
import { drawExplanation } from "./pictures/explanation";
import { page, said } from "./pictures/page";
import { drawRule } from "./pictures/rule";
import { type Range, asRange, ask } from "./protocol";
import type { Server } from "./server";

type Kind = "rule" | "cascade" | "explanation";

/** Milliseconds without a change before a panel is drawn anew. */
const PAUSE = 250;

interface Shown {
  readonly panel: vscode.WebviewPanel;
  uri: string;
  position: vscode.Position;
  /** What the panel shows, for those who look at it without eyes. */
  html: string;
}

export class Panels implements vscode.Disposable {
  private readonly shown = new Map<Kind, Shown>();
  private timer: NodeJS.Timeout | undefined;
  private readonly disposables: vscode.Disposable[];

  constructor(private readonly server: Server) {
    this.disposables = [
      vscode.workspace.onDidChangeTextDocument(({ document }) => this.later(document, undefined)),
      vscode.window.onDidChangeTextEditorSelection(({ textEditor, selections }) =>
        this.later(textEditor.document, selections[0]?.active),
      ),
      server.onStarted(() => this.redraw()),
    ];
  }

  async showRule(): Promise<void> {
    await this.show("rule", vscode.l10n.t("Rule"));
  }

  async showCascade(): Promise<void> {
    await this.show("cascade", vscode.l10n.t("Cascade"));
  }

  async explain(): Promise<void> {
    await this.show("explanation", vscode.l10n.t("Explanation"));
  }

  /** The body of a panel that is open. */
  content(kind: Kind): string | undefined {
    return this.shown.get(kind)?.html;
  }

  dispose(): void {
    clearTimeout(this.timer);
    this.shown.forEach(({ panel }) => panel.dispose());
    this.disposables.forEach((each) => each.dispose());
  }

  private async show(kind: Kind, title: string): Promise<void> {
    const editor = vscode.window.activeTextEditor;
    if (editor?.document.languageId !== "quand") {
      return;
    }
    let shown = this.shown.get(kind);
    if (shown === undefined) {
      const panel = vscode.window.createWebviewPanel(
        `quand.${kind}`,
        title,
        { viewColumn: vscode.ViewColumn.Beside, preserveFocus: true },
        { enableScripts: true, localResourceRoots: [] },
      );
      shown = { panel, uri: "", position: editor.selection.active, html: "" };
      this.shown.set(kind, shown);
      panel.onDidDispose(() => this.shown.delete(kind));
      panel.webview.onDidReceiveMessage((message: { uri: string; range: Range }) => void reveal(message));
    } else {
      shown.panel.reveal(undefined, true);
    }
    shown.uri = editor.document.uri.toString();
    shown.position = editor.selection.active;
    await this.draw(kind, shown);
  }

  private later(document: vscode.TextDocument, position: vscode.Position | undefined): void {
    if (document.languageId !== "quand" || this.shown.size === 0) {
      return;
    }
    for (const shown of this.shown.values()) {
      if (position !== undefined) {
        shown.uri = document.uri.toString();
        shown.position = position;
      }
    }
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.redraw(), PAUSE);
  }

  private redraw(): void {
    for (const [kind, shown] of this.shown) {
      if (shown.panel.visible) {
        void this.draw(kind, shown);
      }
    }
  }

  private async draw(kind: Kind, shown: Shown): Promise<void> {
    const body = await this.body(kind, shown);
    // what cannot be drawn at this moment leaves the last picture
    if (body !== undefined && this.shown.get(kind) === shown) {
      shown.html = body;
      shown.panel.webview.html = page(body);
    } else if (shown.html === "") {
      const none = kind === "cascade" ? vscode.l10n.t("There are no rules here yet.") : vscode.l10n.t("Put the cursor into a rule without errors.");
      shown.panel.webview.html = page(said(none));
    }
  }

  private async body(kind: Kind, { uri, position }: Shown): Promise<string | undefined> {
    const client = this.server.running;
    if (client === undefined) {
      return undefined;
    }
    if (kind === "rule") {
      const rule = await ask(client, "quand.ruleDiagram", uri, position);
      return rule ? drawRule(rule) : undefined;
    }
    if (kind === "cascade") {
      const cascade = await ask(client, "quand.cascade", uri);
      return cascade && cascade.rules.length > 0 ? drawCascade(cascade, vscode.l10n.t("Set off from outside only")) : undefined;
    }
    const told = await ask(client, "quand.explain", uri, position);
    return told ? drawExplanation(told) : undefined;
  }
}

/** Show the place of a rule that was clicked, where its file is shown already, else in the first column. */
async function reveal({ uri, range }: { uri: string; range: Range }): Promise<void> {
  const file = vscode.Uri.parse(uri);
  const open = vscode.window.visibleTextEditors.find(({ document }) => document.uri.toString() === file.toString());
  const place = asRange(range).start;
  const editor = await vscode.window.showTextDocument(file, { viewColumn: open?.viewColumn ?? vscode.ViewColumn.One });
  editor.selection = new vscode.Selection(place, place);
  editor.revealRange(asRange(range), vscode.TextEditorRevealType.InCenterIfOutsideViewport);
}
