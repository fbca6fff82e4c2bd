// What VS Code starts: the server, the tests, the panels, the commands.

import * as vscode from "vscode";
import { Examples } from "./examples";
import { Panels } from "./panels";
import { type Position, type Range, asRange } from "./protocol";
import { Server } from "./server";
import { Translations } from "./translations";

/** What the extension offers to tests that run beside it. */
export interface Api {
  readonly server: Server;
  readonly examples: Examples;
  readonly panels: Panels;
}

export function activate(context: vscode.ExtensionContext): Api {
  const server = new Server({
    executeCommand: async (command, args, next) => {
      if (command === "quand.runExamples") {
        // the lens runs an example in the Test Explorer, where expected and obtained are shown side by side
        return await examples.run(String(args[0]), String(args[1] ?? ""));
      }
      const answer: unknown = await next(command, args);
      return command === "quand.listeners" ? await showListeners(args as [string, Position], answer as Place[]) : answer;
    },
  });
  const examples = new Examples(server);
  const panels = new Panels(server);
  const translations = new Translations(server);
  const commands: Record<string, () => unknown> = {
    "quand.newRule": newRule,
    "quand.runFile": () => withDocument((document) => examples.run(document.uri.toString(), "")),
    "quand.explainAtCursor": () => panels.explain(),
    "quand.showRule": () => panels.showRule(),
    "quand.showCascade": () => panels.showCascade(),
    "quand.translateBeside": () => withDocument((document) => translations.show(document)),
    "quand.restartServer": () => server.restart(),
    "quand.showLog": () => server.showLog(),
  };
  context.subscriptions.push(
    server,
    examples,
    panels,
    translations,
    ...Object.entries(commands).map(([name, run]) => vscode.commands.registerCommand(name, run)),
    vscode.workspace.onDidGrantWorkspaceTrust(() => server.restart()),
    vscode.workspace.onDidChangeConfiguration((change) => {
      if (change.affectsConfiguration("quand.server") || change.affectsConfiguration("quand.language")) {
        void server.restart();
      }
    }),
  );
  void server.start();
  return { server, examples, panels };
}

interface Place {
  readonly uri: string;
  readonly range: Range;
}

/** Peek at the rules that listen to an event; the server shows one that is alone. */
async function showListeners([uri, { line, character }]: [string, Position], places: readonly Place[]): Promise<void> {
  if (places.length > 1) {
    const found = places.map((place) => new vscode.Location(vscode.Uri.parse(place.uri), asRange(place.range)));
    const from = new vscode.Position(line, character);
    await vscode.commands.executeCommand("editor.action.peekLocations", vscode.Uri.parse(uri), from, found, "peek");
  }
}

async function newRule(): Promise<void> {
  const document = await vscode.workspace.openTextDocument({ language: "quand", content: "" });
  await vscode.window.showTextDocument(document);
}

async function withDocument(run: (document: vscode.TextDocument) => unknown): Promise<void> {
  const document = vscode.window.activeTextEditor?.document;
  if (document?.languageId === "quand") {
    await run(document);
  }
}
