"""What goes over the wire: answers that are JSON already, and documents that are kept in one place only."""

from __future__ import annotations

import asyncio
import inspect
import json
from collections.abc import Generator
from typing import Any

from lsprotocol import types as lsp
from pygls.protocol import LanguageServerProtocol
from pygls.protocol.language_server import lsp_method


class Raw:
    """An answer in JSON. Putting large answers together from texts is far quicker than from objects."""

    __slots__ = ("json",)

    def __init__(self, text: str) -> None:
        self.json = text


class Protocol(LanguageServerProtocol):
    """The protocol, with answers in JSON, and without a second copy of each document.

    The copy that the library keeps splits the whole text anew at each change.
    """

    def _send_response(self, msg_id: Any, result: Any = None, error: Any = None) -> None:
        if isinstance(result, Raw) and error is None:
            self._result_types.pop(msg_id, None)
            self._send_text(f'{{"id":{json.dumps(msg_id)},"jsonrpc":"2.0","result":{result.json}}}')
        else:
            super()._send_response(msg_id, result, error)

    def notify_raw(self, method: str, params: str) -> None:
        """Send a notification whose parameters are JSON."""
        self._send_text(f'{{"jsonrpc":"2.0","method":{json.dumps(method)},"params":{params}}}')

    def _send_text(self, body: str) -> None:
        if self.writer is None:
            return
        data = body.encode(self.CHARSET)
        if self._include_headers:
            data = f"Content-Length: {len(data)}\r\n\r\n".encode("ascii") + data
        written = self.writer.write(data)
        if inspect.isawaitable(written):
            task = asyncio.ensure_future(written)
            task.add_done_callback(lambda done: done.cancelled() or done.exception())

    def _handler(self, method: str) -> Any:
        return self.fm.features[method]  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType] - untyped

    @lsp_method(lsp.TEXT_DOCUMENT_DID_OPEN)
    def lsp_text_document__did_open(self, params: lsp.DidOpenTextDocumentParams) -> Generator[Any, Any, None]:
        yield self._handler(lsp.TEXT_DOCUMENT_DID_OPEN), (params,), None

    @lsp_method(lsp.TEXT_DOCUMENT_DID_CHANGE)
    def lsp_text_document__did_change(self, params: lsp.DidChangeTextDocumentParams) -> Generator[Any, Any, None]:
        yield self._handler(lsp.TEXT_DOCUMENT_DID_CHANGE), (params,), None

    @lsp_method(lsp.TEXT_DOCUMENT_DID_CLOSE)
    def lsp_text_document__did_close(self, params: lsp.DidCloseTextDocumentParams) -> Generator[Any, Any, None]:
        yield self._handler(lsp.TEXT_DOCUMENT_DID_CLOSE), (params,), None


def as_raw(value: object) -> Raw:
    """A plain value as an answer."""
    return Raw(json.dumps(value, ensure_ascii=False, separators=(",", ":")))


__all__ = ["Protocol", "Raw", "as_raw"]
