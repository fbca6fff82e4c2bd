"""``quand lsp`` as a command."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
from typing import Any

import pytest

RUN = "import sys; {before}; sys.argv = ['quand', 'lsp', *{arguments!r}]; from quand.cli.main import main; main()"


def run(*arguments: str, before: str = "pass", given: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    code = RUN.format(before=before, arguments=arguments)
    environment = {**os.environ, "QUAND_LANG": "fr", "PYTHONIOENCODING": "utf-8"}
    return subprocess.run(
        [sys.executable, "-c", code], input=given, capture_output=True, env=environment, timeout=30, check=False
    )


@pytest.mark.parametrize("module", ["pygls", "lsprotocol"])
def test_without_the_extra_one_line_says_what_to_install(module: str) -> None:
    done = run(before=f"sys.modules[{module!r}] = None")
    assert done.returncode == 2
    assert done.stderr.decode() == (
        "Le serveur pour les éditeurs n'est pas installé ; installez-le par : pip install 'quand[lsp]'\n"
    )


def test_a_port_is_a_port() -> None:
    done = run("--tcp", "0")
    assert (done.returncode, done.stderr.decode()) == (2, "quand: le port va de 1 à 65535\n")


def test_an_editor_in_a_browser_is_served_over_a_websocket() -> None:
    from websockets.sync.client import connect

    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "quand", "lsp", "--ws", str(port)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as server:
        try:
            deadline = time.monotonic() + 20
            while True:
                try:
                    editor = connect(f"ws://127.0.0.1:{port}")
                    break
                except OSError:
                    assert time.monotonic() < deadline
                    time.sleep(0.05)
            with editor:
                params: dict[str, Any] = {"processId": None, "rootUri": None, "capabilities": {}}
                editor.send(json.dumps({"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": params}))
                assert json.loads(editor.recv(10))["result"]["serverInfo"]["name"] == "quand"
                document = {"uri": "untitled:a", "languageId": "quand", "version": 1, "text": "objet un chat\n"}
                opened = {"jsonrpc": "2.0", "method": "textDocument/didOpen", "params": {"textDocument": document}}
                editor.send(json.dumps(opened))
                asked = {"textDocument": {"uri": "untitled:a"}}
                method = "textDocument/foldingRange"
                editor.send(json.dumps({"jsonrpc": "2.0", "id": 2, "method": method, "params": asked}))
                assert json.loads(editor.recv(10)) == {"id": 2, "jsonrpc": "2.0", "result": []}
        finally:
            server.kill()


@pytest.mark.parametrize("given", [b"", b"Content-Length: 5\r\n\r\nabcde", b"hello\r\n\r\n"])
def test_what_is_no_message_ends_nothing_badly(given: bytes) -> None:
    done = run("--stdio", given=given)
    assert done.returncode == 0
    assert b"Traceback" not in done.stderr + done.stdout


def test_other_commands_do_not_pay_for_the_protocol() -> None:
    code = "import sys, quand.cli.main, quand.cli.lsp; print('lsprotocol' in sys.modules or 'pygls' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"
