// What the commands of the server answer (lsp/commands.py), and how they are asked.

import * as vscode from "vscode";
import type { LanguageClient } from "vscode-languageclient/node";

export interface Position {
  readonly line: number;
  readonly character: number;
}

export interface Range {
  readonly start: Position;
  readonly end: Position;
}

export function asRange({ start, end }: Range): vscode.Range {
  return new vscode.Range(start.line, start.character, end.line, end.character);
}

export interface Example {
  readonly uri: string;
  readonly name: string;
  readonly range: Range;
}

export interface Failure {
  readonly expected: string;
  readonly obtained: readonly string[];
  readonly range: Range | null;
}

/** What came of one case of an example: of the example, or of a row of its table. */
export interface Outcome {
  readonly uri: string;
  readonly name: string;
  readonly passed: boolean;
  readonly line: number;
  readonly failures: readonly Failure[];
}

export interface Part {
  readonly kind: "trigger" | "test" | "all" | "any" | "not" | "action" | "wait" | "unless" | "each";
  readonly text: string;
  readonly parts: readonly Part[];
}

export interface Branch {
  readonly kind: "when" | "if" | "then" | "otherwise";
  readonly title: string;
  readonly parts: readonly Part[];
}

export interface RuleDiagram {
  readonly name: string;
  readonly title: string;
  readonly branches: readonly Branch[];
}

export interface RuleBox {
  readonly name: string;
  readonly title: string;
  readonly detail: string;
  readonly uri: string;
  readonly range: Range;
  readonly disabled: boolean;
}

export interface Arrow {
  readonly source: string;
  readonly target: string;
  readonly text: string;
}

export interface Cascade {
  readonly rules: readonly RuleBox[];
  readonly arrows: readonly Arrow[];
}

export interface Explanation {
  readonly title: string;
  readonly sections: readonly { readonly heading: string; readonly lines: readonly string[] }[];
}

export interface Translation {
  readonly language: string;
  readonly text: string;
}

interface Commands {
  "quand.listExamples": { arguments: [string | null]; answer: Example[] };
  "quand.testExamples": { arguments: [string, string]; answer: Outcome[] };
  "quand.ruleDiagram": { arguments: [string, Position]; answer: RuleDiagram };
  "quand.cascade": { arguments: [string]; answer: Cascade };
  "quand.explain": { arguments: [string, Position]; answer: Explanation };
  "quand.translation": { arguments: [string]; answer: Translation };
}

/** Ask the server; null where it has nothing to tell. */
export async function ask<Name extends keyof Commands>(
  client: LanguageClient,
  command: Name,
  ...args: Commands[Name]["arguments"]
): Promise<Commands[Name]["answer"] | null> {
  return await client.sendRequest<Commands[Name]["answer"] | null>("workspace/executeCommand", {
    command,
    arguments: args,
  });
}
