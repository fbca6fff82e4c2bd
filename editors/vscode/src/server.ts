// The language server as the extension sees it: found, started, started again when it dies.

import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, statSync } from "node:fs";
import { homedir } from "node:os";
import * as vscode from "vscode";
import {
  CloseAction,
  ErrorAction,
  LanguageClient,
  type LanguageClientOptions,
  type Middleware,
  State,
} from "vscode-languageclient/node";
import { type Found, locate } from "./locate";

/** The exit status of `quand lsp` where the extra for editors is not installed; it says so in one line. */
const NOT_INSTALLED = 2;

/** How often the server may die within how many milliseconds before it is left alone. */
const MOST_CRASHES = 10;
const CRASH_WINDOW = 60_000;

export class Server implements vscode.Disposable {
  private client: LanguageClient | undefined;
  private process: ChildProcess | undefined;
  private exit: Promise<number | null> = Promise.resolve(null);
  private crashes: number[] = [];
  /** Whether it was said already why the server that was started last is not there. */
  private told = false;
  private readonly log = vscode.window.createOutputChannel("Quand", { log: true });
  private readonly started = new vscode.EventEmitter<LanguageClient>();
  /** Told each time the server is there, also after it came back. */
  readonly onStarted = this.started.event;

  constructor(private readonly middleware: Middleware) {}

  /** The client of a server that answers; nothing where there is none. */
  get running(): LanguageClient | undefined {
    return this.client?.state === State.Running ? this.client : undefined;
  }

  /** The number of the server's process. */
  get pid(): number | undefined {
    return this.process?.pid;
  }

  showLog(): void {
    this.log.show();
  }

  async start(): Promise<void> {
    const settings = vscode.workspace.getConfiguration("quand");
    const found = locate(
      { path: settings.get("server.path", ""), python: settings.get("server.python", "") },
      {
        windows: process.platform === "win32",
        folders: (vscode.workspace.workspaceFolders ?? [])
          .filter((folder) => folder.uri.scheme === "file")
          .map((folder) => folder.uri.fsPath),
        trusted: vscode.workspace.isTrusted,
        searchPath: process.env["PATH"] ?? process.env["Path"] ?? "",
        home: homedir(),
        isProgram: (file) => existsSync(file) && statSync(file).isFile(),
      },
    );
    if (found.kind === "found") {
      await this.connect(found, settings.get("language", "auto"));
    } else if (found.kind === "wrong setting") {
      this.complain(vscode.l10n.t("There is no program {0}: correct the setting that names it, or empty it.", found.file));
    } else if (!vscode.workspace.isTrusted) {
      this.complain(
        vscode.l10n.t("Quand was not found on the PATH, and this folder is not trusted: trust it to use the Quand of its virtual environment."),
      );
    } else {
      this.complain(
        vscode.l10n.t("Quand was not found: install it with “pip install 'quand[lsp]'” in the folder's virtual environment, or say in the settings where it is."),
      );
    }
  }

  async stop(): Promise<void> {
    const client = this.client;
    this.client = undefined;
    await vscode.commands.executeCommand("setContext", "quand.running", false);
    // a client that never came to run cannot be stopped, and says so
    await client?.dispose().catch(() => undefined);
  }

  async restart(): Promise<void> {
    await this.stop();
    this.crashes = [];
    await this.start();
  }

  dispose(): void {
    void this.stop();
    this.started.dispose();
    this.log.dispose();
  }

  private async connect(found: Found, language: string): Promise<void> {
    this.log.info(`${found.from}: ${found.command} ${found.args.join(" ")}`);
    const client = new LanguageClient("quand", "Quand", () => this.spawn(found, language), this.options());
    this.client = client;
    client.onDidChangeState(({ newState }) => {
      if (newState === State.Running) {
        void vscode.commands.executeCommand("setContext", "quand.running", true);
        this.started.fire(client);
      }
    });
    try {
      await client.start();
    } catch (error) {
      this.log.error(String(error));
      if (this.client === client && !this.told) {
        this.complain(vscode.l10n.t("The language server of Quand does not start ({0}): its log says why.", found.command));
      }
    }
  }

  private spawn(found: Found, language: string): Promise<ChildProcess> {
    const spoken = language === "auto" ? vscode.env.language.slice(0, 2) : language;
    const child = spawn(found.command, [...found.args], {
      cwd: vscode.workspace.workspaceFolders?.[0]?.uri.fsPath ?? homedir(),
      env: { ...process.env, QUAND_LANG: spoken, PYTHONUTF8: "1" },
      windowsHide: true,
    });
    this.process = child;
    this.told = false;
    let said = "";
    child.stderr.setEncoding("utf8");
    child.stderr.on("data", (text: string) => {
      said = (said + text).slice(-2000);
      this.log.warn(text.trimEnd());
    });
    child.on("error", (error) => this.complain(error.message));
    this.exit = new Promise((ended) => child.once("exit", ended));
    child.on("exit", (code, signal) => {
      this.log.info(`exit ${code ?? signal ?? ""}`);
      if (code === NOT_INSTALLED) {
        this.complain(said.trim().split("\n").at(-1) ?? "");
      }
    });
    return Promise.resolve(child);
  }

  private options(): LanguageClientOptions {
    return {
      documentSelector: ["file", "untitled"].map((scheme) => ({ scheme, language: "quand" })),
      outputChannel: this.log,
      middleware: this.middleware,
      // what `connect` catches
      initializationFailedHandler: () => false,
      errorHandler: {
        error: () => ({ action: ErrorAction.Continue, handled: true }),
        closed: () => this.closed(),
      },
    };
  }

  /** The server is gone: it comes back, unless it does nothing but die. */
  private async closed(): Promise<{ action: CloseAction; handled: boolean }> {
    void vscode.commands.executeCommand("setContext", "quand.running", false);
    // its pipes may close a moment before it ends
    const status = await Promise.race([this.exit, new Promise<null>((go) => setTimeout(go, 1000, null))]);
    const now = Date.now();
    this.crashes = [...this.crashes.filter((moment) => now - moment < CRASH_WINDOW), now];
    if (this.crashes.length <= MOST_CRASHES && status !== NOT_INSTALLED) {
      return { action: CloseAction.Restart, handled: true };
    }
    if (status !== NOT_INSTALLED) {
      this.complain(vscode.l10n.t("The language server of Quand stops again and again: its log says why."));
    }
    return { action: CloseAction.DoNotRestart, handled: true };
  }

  private complain(sentence: string): void {
    this.told = true;
    this.log.error(sentence);
    const settings = vscode.l10n.t("Settings");
    const again = vscode.l10n.t("Look again");
    const log = vscode.l10n.t("Log");
    void vscode.window.showErrorMessage(sentence, again, settings, log).then((chosen) => {
      if (chosen === settings) {
        void vscode.commands.executeCommand("workbench.action.openSettings", "quand.server");
      } else if (chosen === again) {
        void this.restart();
      } else if (chosen === log) {
        this.showLog();
      }
    });
  }
}
