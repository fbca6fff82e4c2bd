// Runs the tests of test/api inside the extension host of a real VS Code.

import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { CACHE, address, startBrowser, startEditor, temporary, workspace } from "./editor.mjs";

const SECONDS = 240;

const results = path.join(temporary("results"), "results.json");
const folder = workspace();
const editor = await startEditor({ env: { QUAND_RESULTS: results } });
const { browser, page } = await startBrowser();
let failed = true;
try {
  const lines = [];
  const done = new Promise((resolve) => {
    page.exposeFunction("codeAutomationExit", (code) => resolve(code));
    page.exposeFunction("codeAutomationLog", (_kind, args) => lines.push(args.join(" ")));
  });
  await page.waitForTimeout(0);
  await page.goto(address(editor.port, folder, { tests: true }));
  const code = await Promise.race([done, page.waitForTimeout(SECONDS * 1000).then(() => "too slow")]);
  const told = existsSync(results) ? JSON.parse(readFileSync(results, "utf8")) : [];
  for (const { name, error, seconds } of told) {
    console.log(`${error === null ? "ok    " : "FAILED"} ${name} (${seconds.toFixed(1)} s)`);
    if (error !== null) {
      console.log(error.replace(/^/gm, "       "));
    }
  }
  failed = code !== 0 || told.length === 0 || told.some(({ error }) => error !== null);
  if (failed && told.length === 0) {
    console.log(`exit: ${code}\n${lines.join("\n")}\n${editor.log()}`);
    await page.screenshot({ path: path.join(CACHE, "screenshots", "api-failed.png") });
  }
} finally {
  await browser.close();
  editor.stop();
}
process.exit(failed ? 1 : 0);
