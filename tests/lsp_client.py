"""An editor's side of the protocol, as little of it as tests need; messages are plain data."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from queue import Queue
from typing import Any

TIMEOUT = 60


class Client:
    """A server in a process of its own. ``told`` are the notifications and requests that came from it."""

    def __init__(self, **capabilities: Any) -> None:
        environment = {**os.environ, "QUAND_LANG": "fr"}
        command = [sys.executable, "-m", "quand", "lsp", "--stdio"]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment)
        self.told: list[dict[str, Any]] = []
        self._count = 0
        self._messages: Queue[dict[str, Any] | None] = Queue()
        threading.Thread(target=self._read, daemon=True).start()
        folders = capabilities.pop("folders", [])
        workspace = [{"uri": uri, "name": uri.rsplit("/", 1)[-1]} for uri in folders]
        params = {"processId": None, "rootUri": None, "capabilities": capabilities, "workspaceFolders": workspace}
        self.capabilities: dict[str, Any] = self.ask("initialize", params)["capabilities"]
        self.tell("initialized", {})

    def _read(self) -> None:
        assert self.process.stdout is not None
        while True:
            length = 0
            while (line := self.process.stdout.readline()) != b"\r\n":
                if not line:
                    self._messages.put(None)
                    return
                if line.lower().startswith(b"content-length:"):
                    length = int(line.split(b":")[1])
            self._messages.put(json.loads(self.process.stdout.read(length)))

    def send(self, body: bytes) -> None:
        """Send some bytes as a message."""
        assert self.process.stdin is not None
        self.process.stdin.write(b"Content-Length: %d\r\n\r\n%s" % (len(body), body))
        self.process.stdin.flush()

    def tell(self, method: str, params: Any) -> None:
        self.send(json.dumps({"jsonrpc": "2.0", "method": method, "params": params}).encode())

    def answer(self, method: str, params: Any) -> dict[str, Any]:
        """The whole answer to a request, its error if it has one."""
        self._count += 1
        request = {"jsonrpc": "2.0", "id": self._count, "method": method, "params": params}
        self.send(json.dumps(request).encode())
        while True:
            message = self._messages.get(timeout=TIMEOUT)
            assert message is not None, "the server is gone"
            if message.get("id") == self._count and "method" not in message:
                return message
            self._heard(message)

    def ask(self, method: str, params: Any) -> Any:
        message = self.answer(method, params)
        assert "error" not in message, message["error"]
        return message["result"]

    def _heard(self, message: dict[str, Any]) -> None:
        self.told.append(message)
        if "id" in message and "method" in message:
            self.send(json.dumps({"jsonrpc": "2.0", "id": message["id"], "result": None}).encode())

    def findings(self, uri: str) -> list[dict[str, Any]]:
        """The next findings that are told about a file."""
        while True:
            for message in self.told:
                if message.get("method") == "textDocument/publishDiagnostics" and message["params"]["uri"] == uri:
                    self.told.remove(message)
                    return message["params"]["diagnostics"]
            message = self._messages.get(timeout=TIMEOUT)
            assert message is not None, "the server is gone"
            self._heard(message)

    def open(self, uri: str, text: str, version: int = 1) -> dict[str, Any]:
        """Open a document; gives what requests about it are made with."""
        document = {"uri": uri, "languageId": "quand", "version": version, "text": text}
        self.tell("textDocument/didOpen", {"textDocument": document})
        return {"textDocument": {"uri": uri}}

    def change(self, uri: str, version: int, *changes: dict[str, Any]) -> None:
        document = {"uri": uri, "version": version}
        self.tell("textDocument/didChange", {"textDocument": document, "contentChanges": list(changes)})

    def close(self) -> None:
        self.process.kill()
        self.process.wait()


def place(text: str, found: str, encoding: str = "utf-16") -> dict[str, int]:
    """The position where something stands in a text, in the units of an encoding."""
    offset = text.index(found)
    start = text.rfind("\n", 0, offset) + 1
    widths = {"utf-8": 1, "utf-16": 2, "utf-32": 4}
    codec = encoding if encoding == "utf-8" else f"{encoding}-le"
    column = len(text[start:offset].encode(codec)) // widths[encoding]
    return {"line": text.count("\n", 0, offset), "character": column}


def stretch(text: str, found: str, encoding: str = "utf-16") -> dict[str, Any]:
    """The range of something in a text."""
    start = place(text, found, encoding)
    widths = {"utf-8": 1, "utf-16": 2, "utf-32": 4}
    codec = encoding if encoding == "utf-8" else f"{encoding}-le"
    end = start["character"] + len(found.encode(codec)) // widths[encoding]
    return {"start": start, "end": {"line": start["line"], "character": end}}
