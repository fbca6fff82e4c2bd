// Run inside the editor's extension host; what comes of it is written to the file QUAND_RESULTS.

import * as fs from "node:fs";
import { examplesTests } from "./examples";
import { changes } from "./changes";
import { features } from "./features";
import { panelTests } from "./panels";
import { recovery } from "./recovery";
import { api, until } from "./support";

export async function run(): Promise<void> {
  const results: { name: string; error: string | null; seconds: number }[] = [];
  const { server } = await api();
  await until("the server", () => server.running, 30);
  const only = process.env["QUAND_ONLY"] ?? "";
  for (const [name, test] of [...recovery.slice(0, 1), ...features, ...changes, ...examplesTests, ...panelTests, ...recovery.slice(1)]) {
    if (!name.includes(only)) {
      continue;
    }
    const start = Date.now();
    let error: string | null = null;
    try {
      await test();
    } catch (problem) {
      error = problem instanceof Error ? (problem.stack ?? problem.message) : String(problem);
    }
    results.push({ name, error, seconds: (Date.now() - start) / 1000 });
    fs.writeFileSync(process.env["QUAND_RESULTS"] ?? "results.json", JSON.stringify(results));
  }
  if (results.some(({ error }) => error !== null)) {
    throw new Error("some tests failed");
  }
}
