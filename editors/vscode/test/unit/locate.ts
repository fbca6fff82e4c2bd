// Where the server is looked for; no program is run.

import assert from "node:assert/strict";
import { test } from "node:test";
import { type Settings, type Surroundings, locate } from "../../src/locate";

const NOTHING: Settings = { path: "", python: "" };

function around(files: readonly string[], more: Partial<Surroundings> = {}): Surroundings {
  return {
    windows: false,
    folders: ["/work/rules"],
    trusted: true,
    searchPath: "/usr/local/bin:/usr/bin",
    home: "/home/anne",
    isProgram: (file) => files.includes(file),
    ...more,
  };
}

const ENVIRONMENT = "/work/rules/.venv/bin/quand";
const ON_PATH = "/usr/bin/quand";

test("the environment of the folder comes before the PATH", () => {
  assert.deepEqual(locate(NOTHING, around([ON_PATH, ENVIRONMENT])), {
    kind: "found",
    command: ENVIRONMENT,
    args: ["lsp"],
    from: "environment",
  });
});

test("venv and env are environments too, in every folder of the workspace", () => {
  const found = locate(NOTHING, around(["/two/env/bin/quand"], { folders: ["/one", "/two"] }));
  assert.equal(found.kind === "found" && found.command, "/two/env/bin/quand");
});

test("the setting comes first; home and folder may be named in it", () => {
  for (const written of ["~/quand", "${userHome}/quand", "/home/anne/quand"]) {
    const found = locate({ ...NOTHING, path: written }, around(["/home/anne/quand", ENVIRONMENT]));
    assert.equal(found.kind === "found" && found.command, "/home/anne/quand", written);
  }
  for (const written of ["bin/quand", "${workspaceFolder}/bin/quand"]) {
    const found = locate({ ...NOTHING, path: written }, around(["/work/rules/bin/quand"]));
    assert.equal(found.kind === "found" && found.command, "/work/rules/bin/quand", written);
  }
});

test("a setting that leads nowhere is told, nothing else is taken instead", () => {
  assert.deepEqual(locate({ ...NOTHING, path: "/gone/quand" }, around([ENVIRONMENT])), {
    kind: "wrong setting",
    file: "/gone/quand",
  });
});

test("a Python runs the module without the folder's own modules", () => {
  const found = locate({ ...NOTHING, python: "/usr/bin/python3" }, around(["/usr/bin/python3"]));
  assert.deepEqual(found.kind === "found" && found.args, ["-P", "-m", "quand", "lsp"]);
});

test("nothing of a folder that is not trusted is run", () => {
  const untrusted = { trusted: false, searchPath: "/work/rules/bin:/usr/bin" };
  const inside = "/work/rules/bin/quand";
  assert.deepEqual(locate(NOTHING, around([ENVIRONMENT, inside], untrusted)), { kind: "none" });
  assert.equal(locate({ ...NOTHING, path: inside }, around([inside], untrusted)).kind, "wrong setting");
  assert.equal(locate({ ...NOTHING, path: "bin/quand" }, around([inside], untrusted)).kind, "wrong setting");
  const found = locate(NOTHING, around([ENVIRONMENT, inside, ON_PATH], untrusted));
  assert.equal(found.kind === "found" && found.command, ON_PATH);
});

test("a PATH entry that is relative is never the folder that is open", () => {
  assert.deepEqual(locate(NOTHING, around(["quand", "bin/quand"], { searchPath: ".:bin:" })), { kind: "none" });
});

test("on Windows the program is an .exe", () => {
  const windows = { windows: true, folders: ["C:\\rules"], searchPath: "C:\\Tools;C:\\Windows" };
  const found = locate(NOTHING, around(["C:\\rules\\.venv\\Scripts\\quand.exe"], windows));
  assert.equal(found.kind === "found" && found.command, "C:\\rules\\.venv\\Scripts\\quand.exe");
  const onPath = locate(NOTHING, around(["C:\\Tools\\quand.exe"], windows));
  assert.equal(onPath.kind === "found" && onPath.from, "PATH");
});
