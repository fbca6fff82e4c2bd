"""The guide for hosts is one program: its blocks of Python run in order and print what the page tells.

``QUAND_DOCS=update`` (``make docs``) writes what they print anew.
"""

from __future__ import annotations

import io
import os
from collections.abc import Iterator
from contextlib import redirect_stdout
from pathlib import Path
from typing import Any

import pytest
from doc_pages import DOCS, Block, blocks

PAGE = DOCS / "embedding.md"


def printed(text: str) -> Iterator[tuple[Block, str]]:
    """Each block of what is printed, and what the block of Python before it prints; named blocks become files."""
    names: dict[str, Any] = {"__name__": "host"}
    output = ""
    for block in blocks(text):
        if block.label == "python":
            stream = io.StringIO()
            code = compile("\n" * (block.line - 1) + block.text, str(PAGE), "exec")
            with redirect_stdout(stream):
                exec(code, names)
            output = stream.getvalue()
        elif block.label == "text":
            yield block, output
        elif block.name:
            path = Path(block.name)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(block.text, encoding="utf-8")


def test_the_blocks_run_and_print_what_the_page_tells(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    text = PAGE.read_text(encoding="utf-8")
    found = list(printed(text))
    if os.environ.get("QUAND_DOCS") == "update":
        for block, output in reversed(found):
            text = text[: block.start] + output + text[block.end :]
        PAGE.write_text(text, encoding="utf-8")
    else:
        assert [(block.line, block.text) for block, _ in found] == [(block.line, output) for block, output in found]
