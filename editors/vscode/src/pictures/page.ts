// The page around a picture: nothing from outside may load, colours are those of the editor's theme.

import { randomBytes } from "node:crypto";

const STYLE = `
  body { color: var(--vscode-foreground); font-family: var(--vscode-font-family); font-size: var(--vscode-font-size); padding: 12px 20px 24px; line-height: 1.45; }
  h1 { font-size: 1.35em; font-weight: 600; margin: 0 0 14px; }
  h2 { font-size: 1.05em; font-weight: 600; margin: 22px 0 8px; padding-top: 12px; border-top: 1px solid var(--vscode-panel-border, var(--vscode-widget-border, #8884)); }
  .none { color: var(--vscode-descriptionForeground); }

  .branch { margin: 0 0 6px; padding-left: 14px; border-left: 3px solid var(--vscode-charts-blue); }
  .branch.if { border-color: var(--vscode-charts-yellow); }
  .branch.then { border-color: var(--vscode-charts-green); }
  .branch.otherwise { border-color: var(--vscode-charts-orange); }
  .branch > .word { display: block; font-weight: 600; padding: 2px 0; }
  .branches { display: flex; flex-wrap: wrap; gap: 8px 28px; align-items: flex-start; }
  .branches > .branch { flex: 1 1 16em; }
  .down { color: var(--vscode-descriptionForeground); padding: 0 0 6px 9px; line-height: 1; }
  .box { display: block; width: fit-content; max-width: 44em; margin: 6px 0; padding: 6px 12px; border: 1px solid var(--vscode-panel-border, var(--vscode-widget-border, #8888)); border-radius: 6px; background: var(--vscode-editorWidget-background); overflow-wrap: anywhere; }
  .trigger { border-radius: 16px; }
  .all, .any, .not, .wait, .each { border-style: dashed; }
  .label { color: var(--vscode-descriptionForeground); font-size: 0.92em; }
  .unless { border-color: var(--vscode-charts-orange); }
  .also { color: var(--vscode-descriptionForeground); padding-left: 12px; font-size: 0.92em; }

  .line { white-space: pre-wrap; overflow-wrap: anywhere; }
  .in1 { padding-left: 1.2em; } .in2 { padding-left: 2.4em; } .in3 { padding-left: 3.6em; } .in4 { padding-left: 4.8em; } .in5 { padding-left: 6em; }
  .line.in0 { margin-top: 6px; }
  .line.head { color: var(--vscode-descriptionForeground); margin-top: 4px; }

  svg { display: block; }
  svg text { fill: var(--vscode-foreground); font-family: var(--vscode-font-family); font-size: 13px; }
  svg text.detail { fill: var(--vscode-descriptionForeground); font-size: 11px; }
  svg text.why { fill: var(--vscode-foreground); font-size: 11px; paint-order: stroke; stroke: var(--vscode-editor-background); stroke-width: 5px; stroke-linejoin: round; }
  svg text.heading { fill: var(--vscode-descriptionForeground); font-size: 12px; }
  svg rect { fill: var(--vscode-editorWidget-background); stroke: var(--vscode-charts-blue); }
  svg .rule { cursor: pointer; }
  svg .rule:hover rect, svg .rule:focus rect { stroke: var(--vscode-focusBorder); stroke-width: 2; }
  svg .rule:focus { outline: none; }
  svg .alone rect { stroke: var(--vscode-panel-border, #8888); }
  svg .disabled rect { stroke-dasharray: 4 3; }
  svg .disabled text { opacity: 0.65; }
  svg path { fill: none; stroke: var(--vscode-charts-green); stroke-width: 1.5; }
  svg path.back { stroke: var(--vscode-charts-orange); }
  svg marker path { fill: var(--vscode-charts-green); stroke: none; }
  svg marker.back path { fill: var(--vscode-charts-orange); }
`;

const SCRIPT = `
  const api = acquireVsCodeApi();
  const go = (target) => {
    const rule = target.closest("[data-place]");
    if (rule) { api.postMessage(JSON.parse(rule.dataset.place)); }
  };
  document.addEventListener("click", (event) => go(event.target));
  document.addEventListener("keydown", (event) => { if (event.key === "Enter" || event.key === " ") { event.preventDefault(); go(event.target); } });
`;

/** A whole page around a body. */
export function page(body: string): string {
  const nonce = randomBytes(16).toString("base64");
  return `<!DOCTYPE html>
<html>
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'nonce-${nonce}'; script-src 'nonce-${nonce}';">
<meta name="viewport" content="width=device-width, initial-scale=1">
<style nonce="${nonce}">${STYLE}</style>
</head>
<body>
${body}
<script nonce="${nonce}">${SCRIPT}</script>
</body>
</html>`;
}

/** A sentence in place of a picture. */
export function said(sentence: string): string {
  return `<p class="none">${escaped(sentence)}</p>`;
}

/** A text whose lines do not begin with a French sign, nor end with one. */
export function typeset(text: string): string {
  return text.replace(/ (?=[»:;!?€%])/g, "\u00a0").replace(/(?<=«) /g, "\u00a0");
}

/** Text as HTML and in attributes between double quotation marks. */
export function escaped(text: string): string {
  const signs: Record<string, string> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" };
  return typeset(text).replace(/[&<>"']/g, (sign) => signs[sign] ?? sign);
}
