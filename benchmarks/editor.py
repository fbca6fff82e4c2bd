"""How quickly the editor's server answers in a 10,000-line file, and what it keeps of many edits.

Run ``python benchmarks/editor.py [LINES] [EDITS]``. A server runs in a process of its own and is asked as VS Code asks:
a keystroke, then completion, hover and the tokens of the visible range, then all the requests about the whole document
that follow a pause. Figures are the 95th percentile, in milliseconds, from sending to answer; *work* is processor time.
Exits with 1 when a figure is above its limit.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from queue import Queue
from random import Random
from typing import Any

from generated_rules import Rules

KEYSTROKES = 60
URI = "untitled:rules"


class Editor:
    """An editor's side of the protocol, as little of it as is needed."""

    def __init__(self) -> None:
        environment = {**os.environ, "QUAND_LANG": "fr"}
        command = [sys.executable, "-m", "quand", "lsp", "--stdio"]
        self.server = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment)
        self._count = 0
        self._messages: Queue[tuple[float, dict[str, Any]]] = Queue()
        self._told: list[tuple[float, dict[str, Any]]] = []
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        assert self.server.stdout is not None
        while True:
            length = 0
            while (line := self.server.stdout.readline()) != b"\r\n":
                if not line:
                    return
                if line.lower().startswith(b"content-length:"):
                    length = int(line.split(b":")[1])
            body = self.server.stdout.read(length)
            self._messages.put((time.perf_counter(), json.loads(body)))

    def _send(self, message: dict[str, Any]) -> None:
        assert self.server.stdin is not None
        body = json.dumps({"jsonrpc": "2.0", **message}).encode()
        self.server.stdin.write(b"Content-Length: %d\r\n\r\n%s" % (len(body), body))
        self.server.stdin.flush()

    def tell(self, method: str, params: dict[str, Any]) -> None:
        self._send({"method": method, "params": params})

    def start(self, method: str, params: dict[str, Any]) -> int:
        """Send a request; gives its number."""
        self._count += 1
        self._send({"id": self._count, "method": method, "params": params})
        return self._count

    def wait(self, number: int) -> tuple[float, Any]:
        """When the answer to a request came, and the answer."""
        while True:
            at, message = self._messages.get(timeout=120)
            if message.get("id") == number and "method" not in message:
                return at, message.get("result")
            self._told.append((at, message))

    def ask(self, method: str, params: dict[str, Any]) -> tuple[float, Any]:
        """How long a request took, in seconds, and its answer."""
        begun = time.perf_counter()
        at, answer = self.wait(self.start(method, params))
        return at - begun, answer

    def findings(self, version: int) -> float:
        """When the findings of a version of the document came."""
        while True:
            for at, message in self._told:
                if message.get("method") == "textDocument/publishDiagnostics":
                    if message["params"].get("version", 0) >= version:
                        self._told.clear()
                        return at
            self._told.append(self._messages.get(timeout=120))

    def memory(self) -> int:
        """The resident memory of the server, in kibibytes."""
        status = Path(f"/proc/{self.server.pid}/status").read_text()
        return int(next(line for line in status.splitlines() if line.startswith("VmRSS")).split()[1])

    def cpu(self) -> float:
        """The processor time of the server's main thread, in seconds."""
        return int(Path(f"/proc/{self.server.pid}/schedstat").read_text().split()[0]) / 1e9

    def close(self) -> None:
        self.server.kill()
        self.server.wait()


DOCUMENT = {"textDocument": {"uri": URI}}


def opened(text: str) -> tuple[Editor, float]:
    """A server with a text open, and the seconds until its findings came."""
    begun = time.perf_counter()
    editor = Editor()
    capabilities: dict[str, Any] = {"textDocument": {"synchronization": {}}}
    editor.ask("initialize", {"processId": None, "rootUri": None, "capabilities": capabilities})
    editor.tell("initialized", {})
    document = {"uri": URI, "languageId": "quand", "version": 1, "text": text}
    editor.tell("textDocument/didOpen", {"textDocument": document})
    return editor, editor.findings(1) - begun


class Typist:
    """Types a word into rules here and there, and takes it back."""

    def __init__(self, editor: Editor, text: str) -> None:
        self.editor = editor
        self.lines = text.split("\n")
        self.version = 1
        self.random = Random(1)
        self.line, self.column = self._place()
        self.written = 0

    def _place(self) -> tuple[int, int]:
        """The end of a condition somewhere in the file."""
        places = [number for number, line in enumerate(self.lines) if line.strip().startswith("et ")]
        line = self.random.choice(places)
        return line, len(self.lines[line])

    def type(self) -> dict[str, Any]:
        """Type one letter; after a word it is deleted, and the next one is written elsewhere."""
        word = " et montant > 5"
        if self.written == len(word):
            end = {"line": self.line, "character": self.column + len(word)}
            change = {"range": {"start": {"line": self.line, "character": self.column}, "end": end}, "text": ""}
            self.line, self.column = self._place()
            self.written = 0
        else:
            here = {"line": self.line, "character": self.column + self.written}
            change = {"range": {"start": here, "end": here}, "text": word[self.written]}
            self.written += 1
        self.version += 1
        document = {"uri": URI, "version": self.version}
        self.editor.tell("textDocument/didChange", {"textDocument": document, "contentChanges": [change]})
        return {"line": self.line, "character": self.column + self.written}

    def visible(self, place: dict[str, Any]) -> dict[str, Any]:
        line = place["line"]
        return {"start": {"line": max(line - 25, 0), "character": 0}, "end": {"line": line + 25, "character": 0}}


def percentile(values: list[float]) -> float:
    """The 95th percentile of times, in milliseconds."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * 0.95))] * 1000


def while_typing(editor: Editor, typist: Typist) -> dict[str, float]:
    """What is asked right after each keystroke, one after the other."""
    times: dict[str, list[float]] = {}
    for _ in range(KEYSTROKES):
        place = typist.type()
        start = {"line": place["line"], "character": 6}
        for name, method, params in (
            ("completion", "completion", {"position": place}),
            ("hover", "hover", {"position": start}),
            ("tokens of the visible range", "semanticTokens/range", {"range": typist.visible(place)}),
        ):
            cpu = editor.cpu()
            times.setdefault(name, []).append(editor.ask(f"textDocument/{method}", {**DOCUMENT, **params})[0])
            times.setdefault(f"{name}, work", []).append(editor.cpu() - cpu)
        time.sleep(0.02)
    return {name: percentile(each) for name, each in times.items()}


def findings(editor: Editor, typist: Typist) -> dict[str, float]:
    """From a keystroke to its findings, and the work that this is for the server."""
    waits: list[float] = []
    work: list[float] = []
    for _ in range(KEYSTROKES):
        begun, cpu = time.perf_counter(), editor.cpu()
        typist.type()
        waits.append(editor.findings(typist.version) - begun)
        work.append(editor.cpu() - cpu)
    return {"findings, with the pause before": percentile(waits), "findings, work": percentile(work)}


def burst(editor: Editor, typist: Typist) -> dict[str, float]:
    """Everything VS Code asks about a document after a keystroke, at once, with a completion in the middle."""
    result = editor.ask("textDocument/semanticTokens/full", DOCUMENT)[1]["resultId"]
    times: dict[str, list[float]] = {"burst, all answers": [], "burst, completion": [], "burst, work": []}
    for _ in range(KEYSTROKES):
        begun, cpu = time.perf_counter(), editor.cpu()
        place = typist.type()
        visible = typist.visible(place)
        here = {"start": place, "end": place}
        asked = [
            editor.start("textDocument/semanticTokens/full/delta", {**DOCUMENT, "previousResultId": result}),
            editor.start("textDocument/documentSymbol", DOCUMENT),
            editor.start("textDocument/foldingRange", DOCUMENT),
            editor.start("textDocument/codeLens", DOCUMENT),
            editor.start("textDocument/completion", {**DOCUMENT, "position": place}),
            editor.start("textDocument/inlayHint", {**DOCUMENT, "range": visible}),
            editor.start("textDocument/documentLink", DOCUMENT),
            editor.start("textDocument/codeAction", {**DOCUMENT, "range": here, "context": {"diagnostics": []}}),
            editor.start("textDocument/documentHighlight", {**DOCUMENT, "position": place}),
        ]
        at = begun
        for number, request in enumerate(asked):
            at, answer = editor.wait(request)
            if number == 0:
                result = answer["resultId"]
            elif number == 4:
                times["burst, completion"].append(at - begun)
        times["burst, all answers"].append(at - begun)
        times["burst, work"].append(editor.cpu() - cpu)
        editor.findings(typist.version)
    return {name: percentile(each) for name, each in times.items()}


def growth(editor: Editor, typist: Typist, edits: int) -> float:
    """How much memory the server gained from the tenth part of the edits to the last of them, in percent."""
    before = 0
    for number in range(1, edits + 1):
        place = typist.type()
        if number % 5 == 0:
            editor.ask("textDocument/completion", {**DOCUMENT, "position": place})
        if number % 25 == 0:
            editor.findings(typist.version)
        if number == edits // 10:
            before = editor.memory()
    return (editor.memory() - before) / before * 100


LIMITS = {
    "completion, work": 50.0,
    "hover, work": 50.0,
    "tokens of the visible range, work": 50.0,
    "findings, with the pause before": 150.0,
    "findings, work": 50.0,
}
"""Where the work is measured, the limit is on that: other work on the machine disturbs it least."""


def small_project() -> float:
    """Milliseconds from the start of the server to the first findings of a small project."""
    times: list[float] = []
    for _ in range(3):
        editor, taken = opened(Rules(2).text(100))
        editor.close()
        times.append(taken)
    return min(times) * 1000


def main() -> int:
    lines = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
    edits = int(sys.argv[2]) if len(sys.argv) > 2 else 10_000
    slow = False

    def show(name: str, value: float, unit: str, limit: float | None) -> None:
        nonlocal slow
        slow = slow or (limit is not None and value > limit)
        print(f"{name:36} {value:8.1f} {unit}{f'  (at most {limit:.0f})' if limit is not None else ''}", flush=True)

    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        show("start to findings, small project", small_project(), "ms", 1500)
        text = Rules(1).text(lines)
        editor, taken = opened(text)
        show(f"open {text.count(chr(10)):,} lines", taken * 1000, "ms", None)
        typist = Typist(editor, text)
        for measure in (while_typing, findings, burst):
            for name, value in measure(editor, typist).items():
                show(name, value, "ms", LIMITS.get(name))
        show("memory", editor.memory() / 1024, "MiB", None)
        if edits:
            show(f"memory, edit {edits // 10:,} to {edits:,}", growth(editor, typist, edits), "%", 5)
        editor.close()
    return int(slow)


if __name__ == "__main__":
    sys.exit(main())
