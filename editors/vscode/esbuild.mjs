// Bundles the extension; with --tests, also the tests that run inside the editor and those that need no editor.
import { build } from "esbuild";

const shared = {
  bundle: true,
  platform: "node",
  format: "cjs",
  target: "node20",
  external: ["vscode"],
  logLevel: "warning",
  sourcemap: process.argv.includes("--tests"),
};

await build({ ...shared, entryPoints: ["src/extension.ts"], outfile: "out/extension.js", minify: !process.argv.includes("--tests") });
if (process.argv.includes("--tests")) {
  await build({ ...shared, entryPoints: ["test/api/index.ts"], outfile: "out/test/index.js" });
  await build({ ...shared, entryPoints: ["test/unit/locate.ts", "test/unit/cascade.ts"], outdir: "out/unit" });
}
