// Which rules set off which, as a drawing: rules in columns, arrows that say what is written.

import type { Arrow, Cascade, RuleBox } from "../protocol";
import { type Columns, columnsOf } from "./layout";
import { escaped, typeset } from "./page";

const WIDTH = 230;
const PADDING = 10;
const LINE = 17;
const DETAIL_LINE = 14;
const WHY_LINE = 12;
const GAP_X = 150;
const GAP_Y = 26;
const MARGIN = 8;

/** Letters that fit a line of a box, of its detail, and of an arrow's text. */
const LETTERS = 31;
const DETAIL_LETTERS = 34;
const WHY_LETTERS = 24;

interface Box {
  readonly rule: RuleBox;
  readonly title: string[];
  readonly detail: string[];
  readonly height: number;
  x: number;
  y: number;
}

/** The drawing; `alone` is the heading of the rules that no rule sets off and that set off none. */
export function drawCascade({ rules, arrows }: Cascade, alone: string): string {
  const boxes = new Map(rules.map((rule) => [rule.name, boxOf(rule)]));
  const { columns, back } = columnsOf([...boxes.keys()], arrows);
  const height = stackColumns(columns, boxes, arrows);
  const drawn = new Set(columns.flat());
  const rest = [...boxes.keys()].filter((name) => !drawn.has(name));
  const across = Math.max(2, columns.length > 0 ? Math.floor((columns.length * (WIDTH + GAP_X)) / (WIDTH + 16)) : 3);
  const heading = rest.length > 0 && columns.length > 0 ? `<text class="heading" x="${MARGIN}" y="${height + 34}">${escaped(alone)}</text>` : "";
  let top = height + (heading === "" ? 0 : 48);
  for (let first = 0; first < rest.length; first += across) {
    const row = rest.slice(first, first + across);
    row.forEach((name, column) => stack([name], boxes, MARGIN + column * (WIDTH + 16), top));
    top = Math.max(...row.map((name) => bottom(boxes.get(name)))) + 16;
  }
  const right = Math.max(...[...boxes.values()].map(({ x }) => x + WIDTH)) + MARGIN + (back.size > 0 ? 40 : 0);
  const lower = Math.max(...[...boxes.values()].map((box) => bottom(box))) + MARGIN + (back.size > 0 ? 40 : 0);
  const lines = arrows.map((arrow) => drawArrow(arrow, boxes, back.has(arrow)));
  const reasons = [...boxes.values()].map((box) => drawReasons(box, arrows.filter((arrow) => arrow.target === box.rule.name && !back.has(arrow))));
  return `<svg viewBox="0 0 ${right} ${lower}" width="${right}" height="${lower}" role="img">
<defs>${marker("tip", "")}${marker("tip-back", "back")}</defs>
${lines.map(({ path }) => path).join("\n")}
${[...boxes.values()].map((box) => drawBox(box, !drawn.has(box.rule.name))).join("\n")}
${[...reasons, ...lines.map(({ text }) => text)].join("\n")}
${heading}
</svg>`;
}

/**
 * Put the columns beside each other: the tallest box upon box, in the others each box beside those it is joined to
 * where there is room. The lower end of all.
 */
function stackColumns(columns: Columns["columns"], boxes: ReadonlyMap<string, Box>, arrows: readonly Arrow[]): number {
  const left = (column: number): number => MARGIN + column * (WIDTH + GAP_X);
  const heights = columns.map((names, column) => stack(names, boxes, left(column), MARGIN));
  const tallest = heights.indexOf(Math.max(...heights));
  let height = heights[tallest] ?? MARGIN;
  const others = columns.map((_, column) => column).filter((column) => column !== tallest);
  for (const column of others.sort((one, other) => Math.abs(one - tallest) - Math.abs(other - tallest))) {
    const wanted = new Map((columns[column] ?? []).map((name) => [name, beside(name, boxes, arrows)]));
    const names = [...wanted.keys()].sort((one, other) => (wanted.get(one) ?? 0) - (wanted.get(other) ?? 0));
    let top = MARGIN;
    for (const name of names) {
      const place = Math.max(top, (wanted.get(name) ?? 0) - (boxes.get(name)?.height ?? 0) / 2);
      top = stack([name], boxes, left(column), place) + GAP_Y;
    }
    height = Math.max(height, top - GAP_Y);
  }
  return height;
}

/** The middle of the boxes that a rule is joined to. */
function beside(name: string, boxes: ReadonlyMap<string, Box>, arrows: readonly Arrow[]): number {
  const near = arrows.flatMap(({ source, target }) => (source === name ? [target] : target === name ? [source] : []));
  const middles = near.flatMap((other) => boxes.get(other) ?? []).map(({ y, height }) => y + height / 2);
  return middles.reduce((sum, middle) => sum + middle, 0) / Math.max(middles.length, 1);
}

/** Put boxes below each other; the lower end of the last. */
function stack(names: readonly string[], boxes: ReadonlyMap<string, Box>, x: number, top: number): number {
  let y = top;
  for (const name of names) {
    const box = boxes.get(name);
    if (box !== undefined) {
      box.x = x;
      box.y = y;
      y += box.height + GAP_Y;
    }
  }
  return y - GAP_Y;
}

function bottom(box: Box | undefined): number {
  return box === undefined ? 0 : box.y + box.height;
}

function boxOf(rule: RuleBox): Box {
  const title = wrapped(rule.title, LETTERS, 3);
  const detail = rule.detail === rule.title ? [] : wrapped(rule.detail, DETAIL_LETTERS, 3);
  const height = 2 * PADDING + title.length * LINE + detail.length * DETAIL_LINE;
  return { rule, title, detail, height, x: 0, y: 0 };
}

function drawBox({ rule, title, detail, height, x, y }: Box, alone: boolean): string {
  const place = escaped(JSON.stringify({ uri: rule.uri, range: rule.range }));
  const first = y + PADDING + 12;
  const texts = [
    ...title.map((line, row) => `<text x="${x + PADDING}" y="${first + row * LINE}">${escaped(line)}</text>`),
    ...detail.map((line, row) => {
      const at = first + title.length * LINE + row * DETAIL_LINE;
      return `<text class="detail" x="${x + PADDING}" y="${at}">${escaped(line)}</text>`;
    }),
  ];
  const classes = ["rule", ...(alone ? ["alone"] : []), ...(rule.disabled ? ["disabled"] : [])].join(" ");
  return `<g class="${classes}" data-place="${place}" tabindex="0" role="link"><title>${escaped(`${rule.title}\n${rule.detail}`)}</title><rect x="${x}" y="${y}" width="${WIDTH}" height="${height}" rx="6"/>${texts.join("")}</g>`;
}

function drawArrow(arrow: Arrow, boxes: ReadonlyMap<string, Box>, back: boolean): { path: string; text: string } {
  const [from, to] = [boxes.get(arrow.source), boxes.get(arrow.target)];
  if (from === undefined || to === undefined) {
    return { path: "", text: "" };
  }
  if (!back) {
    const start = { x: from.x + WIDTH, y: from.y + from.height / 2 };
    const end = { x: to.x - 2, y: to.y + to.height / 2 };
    // what leads over a column bends close to it, so that arrows part before they reach their boxes
    const bend = Math.max(40, (end.x - start.x) / 2);
    return { path: path("", `M${start.x} ${start.y} C${start.x + bend} ${start.y} ${end.x - bend} ${end.y} ${end.x} ${end.y}`), text: "" };
  }
  if (from === to) {
    const low = from.y + from.height;
    const way = `M${from.x + WIDTH - 60} ${low} c0 34 44 34 44 2`;
    return { path: path("back", way), text: why(arrow.text, from.x + WIDTH - 70, low + 16, "end") };
  }
  const low = Math.max(bottom(from), bottom(to)) + 30;
  const [start, end] = [from.x + WIDTH / 2, to.x + WIDTH / 2];
  const way = `M${start} ${bottom(from)} C${start} ${low} ${end} ${low} ${end} ${bottom(to) + 2}`;
  return { path: path("back", way), text: why(arrow.text, (start + end) / 2, low - 8, "middle") };
}

/** Why a rule is set off, once for all arrows that end there. */
function drawReasons(box: Box, arrows: readonly Arrow[]): string {
  const reasons = [...new Set(arrows.map(({ text }) => text))].join(", ");
  return reasons === "" ? "" : why(reasons, box.x - 14, box.y + box.height / 2 - 6, "end");
}

/** A text by an arrow; its last line stands at `y`. */
function why(text: string, x: number, y: number, anchor: "middle" | "end"): string {
  const lines = wrapped(text, WHY_LETTERS, 3);
  const spans = lines.map((line, row) => `<tspan x="${x}" dy="${row === 0 ? 0 : WHY_LINE}">${escaped(line)}</tspan>`);
  const top = y - (lines.length - 1) * WHY_LINE;
  return `<text class="why" text-anchor="${anchor}" x="${x}" y="${top}"><title>${escaped(text)}</title>${spans.join("")}</text>`;
}

function path(kind: string, way: string): string {
  return `<path class="${kind}" d="${way}" marker-end="url(#${kind === "" ? "tip" : "tip-back"})"/>`;
}

function marker(id: string, kind: string): string {
  return `<marker id="${id}" class="${kind}" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="8" markerHeight="8" orient="auto-start-reverse"><path d="M0 0 L10 5 L0 10 z"/></marker>`;
}

/** A text in lines of about that many letters, the last one cut where there are too many. */
export function wrapped(text: string, letters: number, most: number): string[] {
  const lines: string[] = [];
  for (const word of typeset(text).split(" ")) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + word.length < letters) {
      lines[lines.length - 1] = `${last} ${word}`;
    } else {
      lines.push(word.length > letters ? `${word.slice(0, letters - 1)}…` : word);
    }
  }
  if (lines.length > most) {
    lines.length = most;
    const last = lines[most - 1] ?? "";
    lines[most - 1] = `${last.length < letters ? last : last.slice(0, Math.max(last.lastIndexOf(" "), 1))}…`;
  }
  return lines;
}
