// Examples in the Test Explorer.

import * as assert from "node:assert/strict";
import * as vscode from "vscode";
import { type Test, api, at, open, until } from "./support";

const EXAMPLES = `# langue : fr
règle "Merci" / "Thanks"
quand une affaire est créée et montant > 500 €
alors créer une tâche "Remercier"

exemple "un merci"
  étant donné une affaire, montant = 600 €
  quand l'affaire est créée
  alors créer une tâche "Remercier"

exemple "pas de merci"
  étant donné une affaire, montant = 600 €
  quand l'affaire est créée
  alors jamais créer une tâche
`;

/** Run with the results watched: what the Test Explorer is told of each example. */
async function watched(run: () => Promise<unknown>): Promise<Map<string, readonly vscode.TestMessage[] | "passed">> {
  const { examples } = await api();
  const told = new Map<string, readonly vscode.TestMessage[] | "passed">();
  const make = examples.controller.createTestRun.bind(examples.controller);
  examples.controller.createTestRun = (...args) => {
    const made = make(...args);
    return new Proxy(made, {
      get(target, name) {
        const value: unknown = Reflect.get(target, name);
        if (typeof value !== "function") {
          return value;
        }
        return (item: vscode.TestItem, messages?: vscode.TestMessage | vscode.TestMessage[]) => {
          if (name === "passed") {
            told.set(item.label, "passed");
          } else if (name === "failed" || name === "errored") {
            told.set(item.label, [messages ?? []].flat());
          }
          return Reflect.apply(value as (...given: unknown[]) => unknown, target, [item, messages]) as unknown;
        };
      },
    });
  };
  try {
    await run();
  } finally {
    examples.controller.createTestRun = make;
  }
  return told;
}

export const examplesTests: readonly Test[] = [
  ["examples are listed under their file", async () => {
    const { examples } = await api();
    const editor = await open("examples/examples.rules", EXAMPLES);
    const file = await until("the file", () => examples.controller.items.get(editor.document.uri.toString()));
    await until("its examples", () => file.children.size === 2);
    const found = [...file.children].map(([, item]) => [item.label, item.range?.start.line]);
    assert.deepEqual(found, [["un merci", 5], ["pas de merci", 10]]);
  }],
  ["an example that fails shows what was expected and obtained, where it was expected", async () => {
    const editor = await open("examples/examples.rules", EXAMPLES);
    const { examples } = await api();
    const told = await watched(() => examples.run(editor.document.uri.toString(), ""));
    assert.equal(told.get("un merci"), "passed");
    const [message] = told.get("pas de merci") as vscode.TestMessage[];
    assert.match(message?.expectedOutput ?? "", /jamais créer une tâche/);
    assert.match(message?.actualOutput ?? "", /Remercier/);
    assert.equal(message?.location?.range.start.line, at(editor.document, "  alors jamais").line);
  }],
  ["the lens runs its example there", async () => {
    const editor = await open("examples/examples.rules", EXAMPLES);
    const lenses = await until("lenses", async () => {
      const found = await vscode.commands.executeCommand<vscode.CodeLens[]>("vscode.executeCodeLensProvider", editor.document.uri, 10);
      return found.length > 1 && found;
    });
    const lens = lenses.find(({ command }) => command?.arguments?.[1] === "un merci");
    assert.ok(lens?.command);
    const told = await watched(async () => vscode.commands.executeCommand("quand.runExamples", ...(lens.command?.arguments ?? [])));
    assert.deepEqual([...told], [["un merci", "passed"]]);
  }],
  ["rules with errors say so instead of running", async () => {
    const editor = await open("examples/examples.rules", EXAMPLES.replace("montant > 500", "montannt > 500"));
    const { examples } = await api();
    const told = await watched(() => examples.run(editor.document.uri.toString(), "un merci"));
    assert.match(String((told.get("un merci") as vscode.TestMessage[])[0]?.message), /errors|erreurs/);
    await open("examples/examples.rules", EXAMPLES);
  }],
  ["examples that go are forgotten", async () => {
    const { examples } = await api();
    const editor = await open("examples/examples.rules", EXAMPLES.slice(0, EXAMPLES.indexOf('exemple "pas')));
    const file = await until("the file", () => examples.controller.items.get(editor.document.uri.toString()));
    await until("one example", () => file.children.size === 1);
  }],
];
