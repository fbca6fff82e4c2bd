// The drawing of cascades, and what stands in pages.

import assert from "node:assert/strict";
import { test } from "node:test";
import { drawCascade, wrapped } from "../../src/pictures/cascade";
import { columnsOf } from "../../src/pictures/layout";
import { page } from "../../src/pictures/page";

const arc = (source: string, target: string) => ({ source, target });

test("each rule stands one column after those that set it off", () => {
  const { columns, back } = columnsOf(["c", "b", "a", "x"], [arc("a", "b"), arc("b", "c"), arc("a", "c")]);
  assert.deepEqual(columns, [["a"], ["b"], ["c"]]);
  assert.equal(back.size, 0);
});

test("a circle is cut where it closes", () => {
  const arcs = [arc("a", "b"), arc("b", "a"), arc("b", "b")];
  const { columns, back } = columnsOf(["a", "b"], arcs);
  assert.deepEqual(columns, [["a"], ["b"]]);
  assert.deepEqual([...back], [arcs[1], arcs[2]]);
});

test("nothing that rules say becomes markup", () => {
  const place = { start: { line: 0, character: 0 }, end: { line: 1, character: 0 } };
  const rule = { name: "a", title: '<img src="x">', detail: "</svg><script>", uri: "file:///a'b.rules", range: place, disabled: false };
  const drawn = drawCascade({ rules: [rule], arrows: [{ source: "a", target: "a", text: "<b>" }] }, "alone");
  assert.ok(!/<img|<script|<b>/.test(drawn), drawn);
});

test("a page loads nothing, and runs only its own script", () => {
  const made = page("<p>x</p>");
  assert.match(made, /default-src 'none'; style-src 'nonce-([^']+)'; script-src 'nonce-\1'/);
  assert.doesNotMatch(made, /https?:\/\/|style="/);
});

test("long texts are cut at words", () => {
  assert.deepEqual(wrapped("une affaire est créée et le reste", 12, 2), ["une affaire", "est créée…"]);
  assert.deepEqual(wrapped("anticonstitutionnellement", 10, 2), ["anticonst…"]);
});
