// Which rules set off which, as a drawing: rules in columns, arrows that say what is written.

import type { Arrow, Cascade, RuleBox } from "../protocol";
import { columnsOf } from "./layout";
import { escaped } from "./page";

const WIDTH = 230;
const PADDING = 10;
const LINE = 17;
const DETAIL_LINE = 14;
const GAP_X = 170;
const GAP_Y = 26;
const MARGIN = 8;

/** Letters that fit a line of a box, of its detail, and of an arrow's text. */
const LETTERS = 31;
const DETAIL_LETTERS = 37;
const WHY_LETTERS = 26;

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
  let height = MARGIN;
  columns.forEach((names, column) => {
    height = Math.max(height, stack(names, boxes, MARGIN + column * (WIDTH + GAP_X), MARGIN));
  });
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
  return `<svg viewBox="0 0 ${right} ${lower}" width="${right}" height="${lower}" role="img">
<defs>${marker("tip", "")}${marker("tip-back", "back")}</defs>
${lines.map(({ path }) => path).join("\n")}
${[...boxes.values()].map((box) => drawBox(box, !drawn.has(box.rule.name))).join("\n")}
${lines.map(({ text }) => text).join("\n")}
${heading}
</svg>`;
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
  const end = { x: to.x, y: to.y + to.height / 2 };
  const start = { x: from.x + WIDTH, y: from.y + from.height / 2 };
  let [way, middle] = ["", { x: (start.x + end.x) / 2, y: (start.y + end.y) / 2 }];
  if (!back) {
    const bend = Math.max(40, (end.x - start.x) / 2);
    way = `M${start.x} ${start.y} C${start.x + bend} ${start.y} ${end.x - bend} ${end.y} ${end.x - 2} ${end.y}`;
    // near the target, where arrows from one rule have parted
    middle = { x: end.x - GAP_X / 2, y: start.x + GAP_X < end.x ? end.y : (start.y + end.y) / 2 };
  } else if (from === to) {
    const low = from.y + from.height;
    way = `M${from.x + WIDTH - 60} ${low} c0 34 44 34 44 ${2}`;
    middle = { x: from.x + WIDTH - 38, y: low + 34 };
  } else {
    const low = Math.max(from.y + from.height, to.y + to.height) + 30;
    way = `M${from.x + WIDTH / 2} ${from.y + from.height} C${from.x + WIDTH / 2} ${low} ${to.x + WIDTH / 2} ${low} ${to.x + WIDTH / 2} ${to.y + to.height + 2}`;
    middle = { x: (from.x + to.x + WIDTH) / 2, y: low - 4 };
  }
  const why = wrapped(arrow.text, WHY_LETTERS, 2);
  const lines = why.map((line, row) => `<tspan x="${middle.x}" dy="${row === 0 ? 0 : 13}">${escaped(line)}</tspan>`);
  const top = middle.y - (why.length - 1) * 6 - 4;
  return {
    path: `<path class="${back ? "back" : ""}" d="${way}" marker-end="url(#${back ? "tip-back" : "tip"})"/>`,
    text: `<text class="why" text-anchor="middle" x="${middle.x}" y="${top}"><title>${escaped(arrow.text)}</title>${lines.join("")}</text>`,
  };
}

function marker(id: string, kind: string): string {
  return `<marker id="${id}" class="${kind}" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="8" markerHeight="8" orient="auto-start-reverse"><path d="M0 0 L10 5 L0 10 z"/></marker>`;
}

/** A text in lines of about that many letters, the last one cut where there are too many. */
export function wrapped(text: string, letters: number, most: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(/\s+/)) {
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
