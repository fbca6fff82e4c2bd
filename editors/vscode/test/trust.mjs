// A folder that is not trusted: its own environment is not run, the extension says what to do, and trust mends it.

import assert from "node:assert/strict";
import { existsSync, writeFileSync } from "node:fs";
import path from "node:path";
import { CACHE, EXTENSION, address, startBrowser, startEditor, workspace } from "./editor.mjs";

const folder = workspace();
writeFileSync(path.join(folder, "first.rules"), "quand une affaire est créée et montannt > 5 alors remise = 5 %\n");
const editor = await startEditor({
  trusted: false,
  install: path.join(EXTENSION, "quand.vsix"),
  settings: { "security.workspace.trust.startupPrompt": "never", "security.workspace.trust.enabled": true, "security.workspace.trust.banner": "never" },
  // no other `quand` than that of the folder
  env: { PATH: "/usr/bin:/bin" },
});
const { browser, page } = await startBrowser();
const started = path.join(folder, ".venv", "started");
try {
  await page.goto(address(editor.port, folder, { development: false }));
  await page.locator(".explorer-folders-view").waitFor({ timeout: 60000 });
  await page.getByText("first.rules").first().dblclick();
  await page.locator(".monaco-editor .view-line").first().waitFor({ timeout: 20000 });
  await page.getByText("this folder is not trusted").first().waitFor({ timeout: 30000 });
  assert.ok(!existsSync(started), "a program of the folder was run");
  await page.screenshot({ path: path.join(CACHE, "screenshots", "trust-missing.png") });
  console.log("ok     nothing of the folder is run, and one sentence says what to do");
  await page.keyboard.press("F1");
  await page.locator(".quick-input-widget input").fill(">Workspaces: Manage Workspace Trust");
  await page.locator(".quick-input-list .monaco-list-row").first().click();
  await page.locator(".workspace-trust-editor .monaco-button", { hasText: "Trust" }).first().click();
  await page.getByText("first.rules").first().dblclick();
  await page.locator(".squiggly-error").first().waitFor({ timeout: 30000 });
  assert.ok(existsSync(started));
  console.log("ok     once the folder is trusted, its own server checks the file");
} catch (problem) {
  await page.screenshot({ path: path.join(CACHE, "screenshots", "trust-failed.png") });
  console.log(`FAILED ${problem.stack}`);
  process.exitCode = 1;
} finally {
  await browser.close();
  editor.stop();
}
