// An explanation: its sections, their lines indented as the server indents them.

import type { Explanation } from "../protocol";
import { escaped } from "./page";

const MOST_INDENTED = 5;

export function drawExplanation({ title, sections }: Explanation): string {
  const made = sections.map(({ heading, lines }) => {
    const head = heading === "" ? "" : `<h2>${escaped(heading)}</h2>`;
    return head + lines.filter((line) => line.trim() !== "").map((line, number, all) => drawLine(line, all[number + 1])).join("\n");
  });
  return `<h1>${escaped(title)}</h1>\n${made.join("\n")}`;
}

function drawLine(line: string, next: string | undefined): string {
  const depth = indentation(line);
  const heads = next !== undefined && indentation(next) > depth && depth > 0;
  return `<div class="line in${Math.min(depth, MOST_INDENTED)}${heads ? " head" : ""}">${escaped(line.trim())}</div>`;
}

/** How deep a line stands; two spaces are one step. */
function indentation(line: string): number {
  return (line.length - line.trimStart().length) >> 1;
}
