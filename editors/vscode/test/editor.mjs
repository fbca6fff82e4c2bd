// A real VS Code without a window: code-server, and a browser that looks at it.
// The cache folder comes from `editors/test`, which fills it.

import { execFileSync, spawn } from "node:child_process";
import { mkdtempSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";

export const EXTENSION = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "..");
export const CACHE = process.env.QUAND_EDITORS ?? path.resolve(EXTENSION, "../../.dev/editors");
const COMMAND = process.env.QUAND_COMMAND ?? path.resolve(EXTENSION, "../../.venv/bin/quand");
const { chromium } = createRequire(path.join(CACHE, "tools/package.json"))("playwright-core");

/** A folder that goes when the tests end. */
export function temporary(name) {
  const folder = mkdtempSync(path.join(tmpdir(), `quand-${name}-`));
  process.on("exit", () => rmSync(folder, { recursive: true, force: true, maxRetries: 3 }));
  return folder;
}

/** A folder to open, with a virtual environment whose `quand` is that of QUAND_COMMAND. */
export function workspace() {
  const folder = temporary("folder");
  const bin = path.join(folder, ".venv", "bin");
  mkdirSync(bin, { recursive: true });
  const started = path.join(folder, ".venv", "started");
  writeFileSync(path.join(bin, "quand"), `#!/bin/sh\ntouch ${started}\nexec ${COMMAND} "$@"\n`, { mode: 0o755 });
  return folder;
}

/** Start code-server, with the package of an extension installed; `stop` ends it and its children. */
export async function startEditor({ trusted = true, env = {}, settings = {}, install, locale = "en" } = {}) {
  const home = temporary("home");
  const port = await freePort();
  mkdirSync(path.join(home, "data", "User"), { recursive: true });
  const all = {
    "workbench.startupEditor": "none",
    "telemetry.telemetryLevel": "off",
    "extensions.ignoreRecommendations": true,
    "workbench.tips.enabled": false,
    "chat.commandCenter.enabled": false,
    "workbench.secondarySideBar.defaultVisibility": "hidden",
    ...settings,
  };
  writeFileSync(path.join(home, "data", "User", "settings.json"), JSON.stringify(all));
  // a language pack with no sentence of the editor's own: those of extensions are all that is looked at
  const pack = path.join(home, "pack.json");
  writeFileSync(pack, JSON.stringify({ version: "1.0.0", contents: {} }));
  const from = [{ extensionIdentifier: { id: "test.language-pack" }, version: "1.0.0" }];
  const packs = { [locale]: { hash: locale, label: locale, extensions: from, translations: { vscode: pack } } };
  writeFileSync(path.join(home, "data", "languagepacks.json"), JSON.stringify(packs));
  const entry = path.join(CACHE, "code-server/node_modules/code-server/out/node/entry.js");
  const options = ["--auth", "none", "--bind-addr", `127.0.0.1:${port}`, "--user-data-dir", path.join(home, "data")];
  options.push("--extensions-dir", path.join(home, "extensions"), "--disable-telemetry", "--disable-update-check", "--locale", locale);
  if (install !== undefined) {
    execFileSync(process.execPath, [entry, ...options, "--install-extension", install], { stdio: "ignore", env: { ...process.env, HOME: home } });
  }
  if (trusted) {
    options.push("--disable-workspace-trust");
  }
  const child = spawn(process.execPath, [entry, ...options], {
    detached: true,
    env: { ...process.env, HOME: home, ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let log = "";
  child.stdout.on("data", (text) => (log += text));
  child.stderr.on("data", (text) => (log += text));
  const stop = () => {
    try {
      process.kill(-child.pid, "SIGKILL");
    } catch {
      // it is gone already
    }
  };
  process.on("exit", stop);
  for (let tries = 0; ; tries++) {
    try {
      await fetch(`http://127.0.0.1:${port}/healthz`);
      return { port, home, stop, log: () => log };
    } catch {
      if (tries > 150) {
        stop();
        throw new Error(`code-server does not start:\n${log}`);
      }
      await new Promise((go) => setTimeout(go, 200));
    }
  }
}

/** A browser with one page. */
export async function startBrowser({ locale = "en-US", dark = false } = {}) {
  const browser = await chromium.launch({
    executablePath: process.env.QUAND_CHROMIUM ?? "/usr/bin/chromium",
    headless: true,
    args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
  });
  const context = await browser.newContext({ locale, viewport: { width: 1400, height: 860 }, colorScheme: dark ? "dark" : "light" });
  const page = await context.newPage();
  return { browser, page };
}

/** The address of a folder in the editor; with the extension under development, and tests to run. */
export function address(port, folder, { tests = false, development = true } = {}) {
  const remote = (file) => `vscode-remote://127.0.0.1:${port}${file}`;
  const payload = [];
  if (development) {
    payload.push(["extensionDevelopmentPath", remote(EXTENSION)]);
  }
  if (tests) {
    payload.push(["extensionTestsPath", remote(path.join(EXTENSION, "out/test/index.js"))]);
  }
  return `http://127.0.0.1:${port}/?folder=${encodeURIComponent(folder)}&payload=${encodeURIComponent(JSON.stringify(payload))}`;
}

async function freePort() {
  return await new Promise((done) => {
    const server = createServer();
    server.listen(0, "127.0.0.1", () => {
      const { port } = server.address();
      server.close(() => done(port));
    });
  });
}
