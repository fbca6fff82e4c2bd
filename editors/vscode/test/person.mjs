// A person who never saw Quand: opens an empty file, writes the renovation rule with what the editor proposes, mends a
// mistake, runs the example from its lens, looks at the pictures. A screenshot of each step goes to the cache folder.

import { cpSync, mkdirSync, readFileSync } from "node:fs";
import path from "node:path";
import assert from "node:assert/strict";
import { CACHE, EXTENSION, address, startBrowser, startEditor, workspace } from "./editor.mjs";

const SHOTS = path.join(CACHE, "screenshots");
mkdirSync(SHOTS, { recursive: true });

const folder = workspace();
cpSync(path.join(EXTENSION, "../../examples/boutique/fr"), path.join(folder, "boutique"), { recursive: true });
const editor = await startEditor({
  locale: "fr",
  install: path.join(EXTENSION, "quand.vsix"),
  settings: {
    "workbench.colorTheme": "Default Light Modern",
    "editor.minimap.enabled": false,
    "window.autoDetectColorScheme": false,
  },
});
const { browser, page } = await startBrowser();
let number = 0;

async function shot(name) {
  number += 1;
  await page.screenshot({ path: path.join(SHOTS, `${String(number).padStart(2, "0")}-${name}.png`) });
  console.log(`ok     ${name}`);
}

const lines = () => page.locator(".monaco-editor .view-lines").first();
const suggestions = page.locator(".suggest-widget.visible .monaco-list-row");

/** What stands in the editor, as one sees it. */
async function text() {
  return (await lines().innerText()).replaceAll("\u00a0", " ");
}

async function type(written) {
  for (const [number, line] of written.split("\n").entries()) {
    if (number > 0) {
      await page.keyboard.press("Enter");
      // who starts a line thinks for a moment
      await page.waitForTimeout(250);
    }
    await page.keyboard.type(line, { delay: 25 });
  }
}

/** Type the beginning of a word, and take what is proposed. */
async function take(beginning, wanted) {
  await type(beginning);
  const row = suggestions.filter({ hasText: wanted }).first();
  try {
    await row.waitFor({ timeout: 4000 }).catch(async () => {
      // on a busy machine the editor gives up, and a person asks again
      console.log(`       “${wanted}” asked for by Ctrl+Space`);
      await page.keyboard.press("Control+Space");
      await row.waitFor({ timeout: 8000 });
    });
  } catch (problem) {
    await page.screenshot({ path: path.join(SHOTS, "failed.png") });
    throw new Error(`“${wanted}” is not proposed after “${beginning}” but: ${(await suggestions.allInnerTexts()).join(" | ")}\n${await text()}`);
  }
  for (let tries = 0; tries < 30 && !(await row.evaluate((each) => each.classList.contains("focused"))); tries++) {
    await page.keyboard.press("ArrowDown");
  }
  await page.keyboard.press("Enter");
  await suggestions.first().waitFor({ state: "hidden", timeout: 5000 }).catch(() => undefined);
}

/** Run a command by its title. */
async function command(title) {
  const row = page.locator(".quick-input-list .monaco-list-row").filter({ hasText: title }).first();
  for (let tries = 0; tries < 20; tries++) {
    await page.keyboard.press("F1");
    await page.locator(".quick-input-widget input").fill(`>${title}`);
    // a moment after the start the extension is not there yet
    const found = await row.waitFor({ timeout: 1500 }).then(() => true, () => false);
    if (found) {
      await row.click();
      return;
    }
    await page.keyboard.press("Escape");
  }
  throw new Error(`there is no command “${title}”`);
}

try {
  await page.goto(address(editor.port, folder, { development: false }));
  await page.locator(".monaco-workbench").waitFor({ timeout: 60000 });
  await page.locator(".explorer-folders-view").waitFor({ timeout: 30000 });
  await command("Quand: Nouveau fichier de règles");
  await page.locator(".tab", { hasText: "Untitled" }).waitFor();
  await lines().click();
  await shot("empty-file");

  // the heading, from the snippet of the language
  await type("# langue : fr");
  await page.keyboard.press("Enter");
  await take("règ", "règle");
  await shot("snippet-of-a-rule");
  await page.keyboard.press("Escape");
  await page.keyboard.press("Control+a");
  await page.keyboard.press("Delete");
  await type('# langue : fr\nrègle "Produit à la surface"\n');

  await take("quand une aff", "affaire");
  await type(" ");
  await suggestions.first().waitFor({ timeout: 8000 });
  await shot("what-may-come-after-the-object");
  await take("est cr", "créée");
  await type("\net ");
  await suggestions.first().waitFor({ timeout: 8000 });
  await shot("the-fields-of-the-object");
  await take("ento", "entonnoir");
  await type(" = 'Réparation clé en main'");
  await page.keyboard.press("Escape");
  await type("\nalors ");
  await take("ajouter", "ajouter un produit");
  await page.waitForTimeout(400);
  await shot("an-action-with-its-places");
  await page.keyboard.press("Escape");
  await page.keyboard.press("Escape");
  await page.keyboard.press("Home");
  await page.keyboard.press("Shift+End");
  await page.keyboard.press("Delete");
  await type("alors ajouter un produit 'Stratifié', quantité = surfase");
  await page.keyboard.press("Escape");
  await page.locator(".squiggly-error").first().waitFor({ timeout: 10000 });
  await shot("a-mistake");

  await page.keyboard.press("ArrowLeft");
  await page.keyboard.press("Control+.");
  const fix = page.locator(".action-widget .monaco-list-row", { hasText: "surface" }).first();
  await fix.waitFor({ timeout: 8000 });
  await shot("its-quick-fixes");
  await page.keyboard.press("Enter");
  await page.locator(".squiggly-error").first().waitFor({ state: "detached", timeout: 10000 });
  assert.match(await text(), /quantité = surface/);
  await shot("mended");

  await page.keyboard.press("Control+End");
  await type("\n\n");
  await type("exemple \"le stratifié suit la surface\"\n");
  await type("étant donné une affaire, entonnoir = 'Réparation clé en main', longueur = 5, largeur = 6");
  await page.keyboard.press("Escape");
  await type("\nquand l'affaire est créée");
  await page.keyboard.press("Escape");
  await type("\nalors ajouter un produit 'Stratifié', quantité = 31");
  await page.keyboard.press("Escape");
  const lens = page.locator(".codelens-decoration a", { hasText: "Lancer l'exemple" }).first();
  await lens.waitFor({ timeout: 10000 });
  await shot("an-example-with-its-lens");
  await lens.click();
  await page.locator(".codicon-testing-failed-icon, .codicon-testing-error-icon").first().waitFor({ timeout: 15000 });
  await page.waitForTimeout(1200);
  await shot("expected-and-obtained");
  await page.keyboard.press("Escape");
  await page.keyboard.press("Control+End");
  await page.keyboard.press("Backspace");
  await type("0");
  await page.keyboard.press("Escape");
  await lens.click();
  await page.locator(".codicon-testing-passed-icon").first().waitFor({ timeout: 15000 });
  await page.locator(".statusbar-item", { hasText: "Exemples réussis : 1" }).waitFor({ timeout: 5000 });
  await shot("the-example-passes");

  // saved, hovered, looked at
  await page.keyboard.press("Control+s");
  await page.locator(".quick-input-widget:visible", { hasText: "Save As" }).waitFor({ timeout: 10000 });
  await page.waitForTimeout(500);
  await page.locator(".quick-input-widget input").fill(path.join(folder, "renovation.rules"));
  await page.keyboard.press("Enter");
  await page.locator(".tab", { hasText: "renovation.rules" }).waitFor({ timeout: 10000 });
  assert.match(readFileSync(path.join(folder, "renovation.rules"), "utf8"), /quantité = 30/);
  await page.getByText("surface", { exact: false }).nth(2).hover();
  await page.waitForTimeout(1200);
  await shot("hover");
  await page.keyboard.press("Control+Home");
  await page.keyboard.press("ArrowDown");
  await command("Quand: Montrer cette règle en schéma");
  await page.waitForTimeout(2500);
  assert.ok(await page.locator(".tab", { hasText: "Règle" }).isVisible());
  await shot("the-rule-as-a-diagram");
  await lines().click();
  await page.keyboard.press("Control+Home");
  await page.keyboard.press("ArrowDown");
  await command("Quand: Expliquer la règle");
  await page.waitForTimeout(2500);
  await shot("explained");
  await command("View: Close Editors in Other Groups").catch(() => undefined);
  await page.waitForTimeout(500);
  await lines().click();
  await command("Quand: Montrer ce fichier dans l'autre langue");
  await page.locator(".tab", { hasText: "renovation.en.rules" }).waitFor({ timeout: 10000 });
  await page.waitForTimeout(1500);
  await shot("side-by-side-in-english");

  // a larger project, in a dark theme
  await command("View: Close All Editors").catch(() => undefined);
  await page.locator(".explorer-folders-view").getByText("boutique", { exact: true }).click();
  await page.locator(".explorer-folders-view").getByText("commandes.rules", { exact: true }).dblclick();
  await page.locator(".tab", { hasText: "commandes.rules" }).waitFor({ timeout: 10000 });
  await command("Quand: Montrer quelles règles");
  await page.waitForTimeout(2500);
  await shot("the-cascade");
  await command("Preferences: Toggle between Light/Dark Themes");
  await page.waitForTimeout(1500);
  await shot("the-cascade-in-the-dark");
  const cascade = page.frameLocator("iframe.webview").frameLocator("#active-frame");
  await cascade.locator("svg .rule").first().click();
  await page.waitForTimeout(1500);
  await shot("a-rule-that-was-clicked");
  await page.keyboard.press("ArrowDown");
  await command("Quand: Montrer cette règle en schéma");
  await page.waitForTimeout(2000);
  await shot("a-rule-in-the-dark");
} catch (problem) {
  await page.screenshot({ path: path.join(SHOTS, "failed.png") });
  console.log(`FAILED ${problem.stack}`);
  console.log(await text().catch(() => ""));
  process.exitCode = 1;
} finally {
  await browser.close();
  editor.stop();
}
