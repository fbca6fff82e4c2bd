// The examples of the rules in the Test Explorer, with what was expected and what was obtained.

import * as vscode from "vscode";
import { type Example, type Outcome, ask, asRange } from "./protocol";
import type { Server } from "./server";

/** Milliseconds without a change before the examples of a file are looked for anew. */
const PAUSE = 400;

export class Examples implements vscode.Disposable {
  readonly controller = vscode.tests.createTestController("quandExamples", "Quand");
  private readonly timers = new Map<string, NodeJS.Timeout>();
  private readonly disposables: vscode.Disposable[];

  constructor(private readonly server: Server) {
    const profile = this.controller.createRunProfile(
      vscode.l10n.t("Run"),
      vscode.TestRunProfileKind.Run,
      async (request, token) => void (await this.runRequest(request, token)),
      true,
    );
    this.controller.refreshHandler = () => this.refreshAll();
    this.disposables = [
      this.controller,
      profile,
      server.onStarted(() => this.refreshAll()),
      vscode.workspace.onDidOpenTextDocument((document) => this.later(document)),
      vscode.workspace.onDidChangeTextDocument(({ document }) => this.later(document)),
      vscode.workspace.onDidDeleteFiles(() => this.refreshAll()),
      vscode.workspace.onDidRenameFiles(() => this.refreshAll()),
      vscode.workspace.onDidCloseTextDocument((document) => {
        if (document.isUntitled) {
          this.controller.items.delete(document.uri.toString());
        }
      }),
    ];
  }

  /** Run the example of that name, or all of a file, as its lens asks; whether all passed. */
  async run(uri: string, name: string): Promise<boolean> {
    const key = vscode.Uri.parse(uri).toString();
    await this.refresh(key);
    const file = this.controller.items.get(key);
    const wanted = file && (name === "" ? file : [...children(file)].find((item) => item.label === name));
    if (wanted === undefined) {
      void vscode.window.showInformationMessage(vscode.l10n.t("There is no example to run in this file."));
      return false;
    }
    const counts = await this.runRequest(new vscode.TestRunRequest([wanted]));
    void vscode.commands.executeCommand("setContext", "quand.tried", true);
    if (counts.failed === 0) {
      vscode.window.setStatusBarMessage(`$(pass-filled) ${vscode.l10n.t("Examples that pass: {0}", counts.passed)}`, 8000);
    } else {
      // expected and obtained, side by side below the line that expects
      void vscode.commands.executeCommand("testing.openOutputPeek").then(undefined, () => undefined);
      vscode.window.setStatusBarMessage(`$(error) ${vscode.l10n.t("Examples that fail: {0}", counts.failed)}`, 8000);
    }
    return counts.failed === 0;
  }

  dispose(): void {
    this.timers.forEach((timer) => clearTimeout(timer));
    this.disposables.forEach((each) => each.dispose());
  }

  // --- what examples there are ---------------------------------------------------------------------------------------

  private later(document: vscode.TextDocument): void {
    if (document.languageId !== "quand" || !["file", "untitled"].includes(document.uri.scheme)) {
      return;
    }
    const key = document.uri.toString();
    clearTimeout(this.timers.get(key));
    this.timers.set(key, setTimeout(() => void this.refresh(key), PAUSE));
  }

  private async refresh(key: string): Promise<void> {
    const client = this.server.running;
    const found = client && (await ask(client, "quand.listExamples", key));
    if (found) {
      this.list(key, found);
    }
  }

  private async refreshAll(): Promise<void> {
    const client = this.server.running;
    const found = client && (await ask(client, "quand.listExamples", null));
    if (!found) {
      return;
    }
    const files = new Map<string, Example[]>();
    for (const example of found) {
      const key = vscode.Uri.parse(example.uri).toString();
      files.set(key, [...(files.get(key) ?? []), example]);
    }
    this.controller.items.replace([]);
    files.forEach((examples, key) => this.list(key, examples));
  }

  private list(key: string, examples: readonly Example[]): void {
    if (examples.length === 0) {
      this.controller.items.delete(key);
      return;
    }
    const uri = vscode.Uri.parse(key);
    let file = this.controller.items.get(key);
    if (file === undefined) {
      file = this.controller.createTestItem(key, vscode.workspace.asRelativePath(uri), uri);
      this.controller.items.add(file);
    }
    file.children.replace(
      examples.map((example, number) => {
        const item = this.controller.createTestItem(`${key}#${example.name}#${number}`, example.name, uri);
        item.range = asRange(example.range);
        return item;
      }),
    );
  }

  // --- running -------------------------------------------------------------------------------------------------------

  private async runRequest(
    request: vscode.TestRunRequest,
    token?: vscode.CancellationToken,
  ): Promise<{ passed: number; failed: number }> {
    const run = this.controller.createTestRun(request);
    const counts = { passed: 0, failed: 0 };
    const excluded = new Set(request.exclude?.map((item) => item.id));
    const included = request.include ?? [...children(this.controller)];
    for (const [key, items] of byFile(included.filter((item) => !excluded.has(item.id)))) {
      const wanted = items.filter((item) => !excluded.has(item.id));
      if (token?.isCancellationRequested) {
        wanted.forEach((item) => run.skipped(item));
        continue;
      }
      wanted.forEach((item) => run.started(item));
      const only = wanted.length === 1 ? (wanted[0]?.label ?? "") : "";
      const client = this.server.running;
      const outcomes = client && (await ask(client, "quand.testExamples", key, only));
      for (const item of wanted) {
        const passed = report(run, item, outcomes);
        counts[passed ? "passed" : "failed"] += 1;
      }
    }
    run.end();
    return counts;
  }
}

/** Tell the Test Explorer what came of an example; whether it passed. */
function report(run: vscode.TestRun, item: vscode.TestItem, outcomes: readonly Outcome[] | null | undefined): boolean {
  if (!outcomes) {
    const why = vscode.l10n.t("The rules have errors, so no example was run: the list of problems says which.");
    run.errored(item, new vscode.TestMessage(why));
    return false;
  }
  const cases = outcomes.filter(({ line }) => item.range && line >= item.range.start.line && line <= item.range.end.line);
  const messages = cases.flatMap((each) => each.failures.map((failure) => asMessage(item, each, failure)));
  if (cases.length === 0) {
    run.skipped(item);
  } else if (cases.every((each) => each.passed)) {
    run.passed(item);
    return true;
  } else {
    run.failed(item, messages);
    for (const each of cases.filter((one) => !one.passed)) {
      run.appendOutput(`${each.name}\r\n`, undefined, item);
      for (const failure of each.failures) {
        run.appendOutput(`  ${failure.expected}\r\n${failure.obtained.map((line) => `    ${line}\r\n`).join("")}`, undefined, item);
      }
    }
  }
  return false;
}

function asMessage(item: vscode.TestItem, outcome: Outcome, failure: Outcome["failures"][number]): vscode.TestMessage {
  const obtained = failure.obtained.join("\n");
  const message = vscode.TestMessage.diff(
    `${outcome.name}\n${vscode.l10n.t("Expected: {0}", failure.expected)}\n${vscode.l10n.t("Obtained: {0}", obtained)}`,
    argumentsBelow(failure.expected),
    argumentsBelow(obtained),
  );
  if (item.uri !== undefined) {
    const place = failure.range !== null ? asRange(failure.range) : new vscode.Position(outcome.line, 0);
    message.location = new vscode.Location(item.uri, place);
  }
  return message;
}

/** Each argument on a line of its own, so that those that differ stand beside each other. */
function argumentsBelow(action: string): string {
  return action.replace(/, (?=[^,=\n]+ = )/g, ",\n  ");
}

function* children(of: vscode.TestItem | vscode.TestController): Iterable<vscode.TestItem> {
  for (const [, item] of "children" in of ? of.children : of.items) {
    yield item;
  }
}

/** The examples that items stand for, by the uri of their file. */
function byFile(items: readonly vscode.TestItem[]): Map<string, vscode.TestItem[]> {
  const made = new Map<string, vscode.TestItem[]>();
  for (const item of items) {
    const key = item.parent?.id ?? item.id;
    const examples = item.parent === undefined ? [...children(item)] : [item];
    made.set(key, [...new Set([...(made.get(key) ?? []), ...examples])]);
  }
  return made;
}
