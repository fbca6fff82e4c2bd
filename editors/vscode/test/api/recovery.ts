// What happens to the server and under it: it is found, it dies, files come and go.

import * as assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";
import * as vscode from "vscode";
import { type Test, api, at, folder, open, problems, replaceAll, until } from "./support";

const RULE = '# langue : fr\nquand une affaire est créée et montant > 5 € alors journaliser "x"\n';
const WRONG = RULE.replace("montant", "montannt");

export const recovery: readonly Test[] = [
  ["the server is the one of the folder's virtual environment", async () => {
    const { server } = await api();
    await until("the server", () => server.running);
    const arguments_ = fs.readFileSync(`/proc/${server.pid}/cmdline`, "utf8").split("\0");
    assert.ok(arguments_.some((each) => each.endsWith("quand")), arguments_.join(" "));
    assert.ok(fs.existsSync(path.join(folder(), ".venv", "started")), "the environment's own command was not run");
  }],
  ["a server that is killed comes back, and knows the text as it stands", async () => {
    const { server } = await api();
    const editor = await open("recovery/recovery.rules", RULE);
    await until("no problem", () => problems(editor.document).length === 0);
    for (let time = 0; time < 3; time++) {
      const pid = server.pid;
      assert.ok(pid);
      process.kill(pid, "SIGKILL");
      await until("another server", () => server.pid !== pid && server.running);
      await replaceAll(editor.document, WRONG);
      await until("the mistake", () => problems(editor.document).length === 1);
      await replaceAll(editor.document, RULE);
      await until("no problem", () => problems(editor.document).length === 0);
    }
    const hovers = await vscode.commands.executeCommand<vscode.Hover[]>("vscode.executeHoverProvider", editor.document.uri, at(editor.document, "montant", 2));
    assert.equal(hovers.length, 1);
  }],
  ["files that are deleted, renamed and made under the server are noticed", async () => {
    const editor = await open("shared/use.rules", '# langue : fr\nquand une affaire est créée et marge brute > 5 € alors journaliser "x"\n');
    await until("a problem", () => problems(editor.document).length > 0);
    const file = path.join(folder(), "shared", "vocabulaire.rules");
    fs.writeFileSync(file, "# langue : fr\ndéfinir la marge brute d'une affaire = montant × 20 %\n");
    await until("it is found", () => problems(editor.document).length === 0);
    fs.renameSync(file, `${file}.txt`);
    await until("it is gone", () => problems(editor.document).length > 0);
    fs.renameSync(`${file}.txt`, path.join(folder(), "shared", "mots.rules"));
    await until("it is back", () => problems(editor.document).length === 0);
    fs.rmSync(path.join(folder(), "shared", "mots.rules"));
    await until("it is deleted", () => problems(editor.document).length > 0);
  }],
  ["restarting by hand works", async () => {
    const { server } = await api();
    const pid = server.pid;
    await vscode.commands.executeCommand("quand.restartServer");
    await until("another server", () => server.pid !== pid && server.running);
    const editor = await open("recovery/recovery.rules", WRONG);
    await until("the mistake", () => problems(editor.document).length === 1);
    await replaceAll(editor.document, RULE);
  }],
  ["a server that cannot start is not started again and again", async () => {
    const { server } = await api();
    const settings = vscode.workspace.getConfiguration("quand");
    for (const [status, most] of [[2, 1], [1, 15]] as const) {
      const [program, count] = ["broken", "count"].map((name) => path.join(folder(), `${name}-${status}`));
      assert.ok(program && count);
      fs.writeFileSync(program, `#!/bin/sh\necho x >>${count}\necho "not installed" >&2\nexit ${status}\n`, { mode: 0o755 });
      await settings.update("server.path", program, vscode.ConfigurationTarget.Workspace);
      await until("the program is run", () => fs.existsSync(count));
      await new Promise((go) => setTimeout(go, 2000));
      const runs = fs.readFileSync(count, "utf8").length / 2;
      assert.ok(runs <= most, `${runs} times`);
      assert.equal(server.running, undefined);
    }
    await settings.update("server.path", undefined, vscode.ConfigurationTarget.Workspace);
    await until("the server", () => server.running);
  }],
  ["a setting that leads nowhere is told, and emptying it mends it", async () => {
    const { server } = await api();
    const settings = vscode.workspace.getConfiguration("quand");
    await settings.update("server.path", "/nowhere/quand", vscode.ConfigurationTarget.Workspace);
    await until("no server", () => !server.running);
    await settings.update("server.path", undefined, vscode.ConfigurationTarget.Workspace);
    await until("the server", () => server.running);
  }],
];
