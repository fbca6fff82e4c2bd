// Where the server is: a setting, the virtual environment of the workspace, the PATH; nothing is ever downloaded.

import * as path from "node:path";

/** A command that starts the server, and where it was found. */
export interface Found {
  readonly kind: "found";
  readonly command: string;
  readonly args: readonly string[];
  readonly from: "path setting" | "python setting" | "environment" | "PATH";
}

/** There is no server: a setting leads nowhere, or there is none anywhere. */
export type Missing = { readonly kind: "wrong setting"; readonly file: string } | { readonly kind: "none" };

/** What is looked at; nothing else of the machine is. */
export interface Surroundings {
  readonly windows: boolean;
  /** The folders of the workspace. */
  readonly folders: readonly string[];
  /** Whether programs of those folders may be run. */
  readonly trusted: boolean;
  /** The PATH. */
  readonly searchPath: string;
  readonly home: string;
  readonly isProgram: (file: string) => boolean;
}

export interface Settings {
  readonly path: string;
  readonly python: string;
}

/** The names that people give to the virtual environment of a folder. */
const ENVIRONMENTS = [".venv", "venv", "env"];

const SERVE = ["lsp"];

export function locate(settings: Settings, around: Surroundings): Found | Missing {
  const paths = around.windows ? path.win32 : path.posix;
  for (const [from, written, args] of [
    ["path setting", settings.path, SERVE],
    // -P: no module of the folder it runs in stands before the installed ones
    ["python setting", settings.python, ["-P", "-m", "quand", ...SERVE]],
  ] as const) {
    if (written.trim() !== "") {
      const candidates = fromSetting(written.trim(), around);
      const command = candidates.find(around.isProgram);
      return command === undefined
        ? { kind: "wrong setting", file: candidates[0] ?? written }
        : { kind: "found", command, args, from };
    }
  }
  const inEnvironment = around.windows ? ["Scripts", "quand.exe"] : ["bin", "quand"];
  if (around.trusted) {
    for (const folder of around.folders) {
      for (const environment of ENVIRONMENTS) {
        const command = paths.join(folder, environment, ...inEnvironment);
        if (around.isProgram(command)) {
          return { kind: "found", command, args: SERVE, from: "environment" };
        }
      }
    }
  }
  for (const folder of around.searchPath.split(paths.delimiter)) {
    // a relative entry would mean the folder that is open
    if (!paths.isAbsolute(folder) || (!around.trusted && isInside(folder, around))) {
      continue;
    }
    const command = paths.join(folder, around.windows ? "quand.exe" : "quand");
    if (around.isProgram(command)) {
      return { kind: "found", command, args: SERVE, from: "PATH" };
    }
  }
  return { kind: "none" };
}

/** The files a setting may mean: `~` is the home folder, and what is relative starts at a folder of the workspace. */
function fromSetting(written: string, around: Surroundings): string[] {
  const paths = around.windows ? path.win32 : path.posix;
  const first = around.folders[0] ?? "";
  const named = written
    .replace(/^~(?=$|[\\/])/, () => around.home)
    .replace(/\$\{workspaceFolder\}/g, () => first)
    .replace(/\$\{userHome\}/g, () => around.home);
  if (paths.isAbsolute(named)) {
    return !around.trusted && isInside(named, around) ? [] : [named];
  }
  return around.trusted ? around.folders.map((folder) => paths.join(folder, named)) : [];
}

function isInside(file: string, around: Surroundings): boolean {
  const paths = around.windows ? path.win32 : path.posix;
  return around.folders.some((folder) => {
    const way = paths.relative(folder, file);
    return way === "" || (!way.startsWith("..") && !paths.isAbsolute(way));
  });
}
