// A rule as a picture: what sets it off, the tree of its condition, its branches side by side.

import type { Branch, Part, RuleDiagram } from "../protocol";
import { escaped } from "./page";

const DOWN = `<div class="down" aria-hidden="true">↓</div>`;

/** The kinds of boxes that hold others. */
const GROUPS = new Set(["all", "any", "not"]);

export function drawRule(rule: RuleDiagram): string {
  const before = rule.branches.filter(({ kind }) => kind === "when" || kind === "if");
  const after = rule.branches.filter(({ kind }) => kind === "then" || kind === "otherwise");
  const first = before.map((each) => branch(each) + DOWN).join("\n");
  return `<h1>${escaped(rule.title)}</h1>\n${first}\n<div class="branches">${after.map(branch).join("\n")}</div>`;
}

function branch({ kind, title, parts }: Branch): string {
  return `<section class="branch ${kind}"><span class="word">${escaped(title)}</span>${parts.map(box).join("")}</section>`;
}

function box(part: Part): string {
  const text = GROUPS.has(part.kind)
    ? `<span class="label">${escaped(part.text)}</span>`
    : `<span>${escaped(part.text)}</span>`;
  return `<div class="box ${part.kind}">${text}${part.parts.map(box).join("")}</div>`;
}
