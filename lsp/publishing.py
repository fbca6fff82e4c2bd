"""Telling what is wrong: to editors that wait to be told, and to those that ask."""

from __future__ import annotations

import asyncio
import gc
import json
import zlib
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lsprotocol import types as lsp
from pygls.uris import to_fs_path

from ..dsl.messages import ui
from .features import diagnostics as found
from .guard import guarded
from .snapshot import Snapshot
from .wire import Raw, as_raw

if TYPE_CHECKING:
    from .server import Server

DEBOUNCE = 0.08
"""Seconds without a change before findings are published."""

SEVERITIES = {
    "error": lsp.DiagnosticSeverity.Error,
    "warning": lsp.DiagnosticSeverity.Warning,
    "info": lsp.DiagnosticSeverity.Information,
}


class Publisher:
    """Publishes the findings of projects whose files changed, once nothing has changed for a while."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self.published: set[str] = set()
        self._waiting: asyncio.TimerHandle | None = None
        self._stale: set[str] = set()
        self._settled: set[str] = set()

    def changed(self, name: str) -> None:
        """Publish the findings of the project of a file, once nothing has changed for a while."""
        self._stale.add(name)
        if self._waiting is not None:
            self._waiting.cancel()
        self._waiting = asyncio.get_running_loop().call_later(DEBOUNCE, self._publish)

    def _publish(self) -> None:
        stale, self._stale = self._stale, set()
        try:
            done: set[int] = set()
            for name in sorted(stale):
                snapshot = self.server.buffers.snapshot(name)
                if id(snapshot) not in done:
                    done.add(id(snapshot))
                    self.publish(snapshot)
                self._publish_problem(name)
                if name not in snapshot.texts:
                    self._publish_none(name)
            self._settle()
        except Exception as error:  # noqa: BLE001 - an editor shows no traceback
            self.server.trouble(error)

    def _settle(self) -> None:
        """Keep what was made of files that were just opened out of the searches for garbage, which are long else."""
        opened = set(self.server.buffers.documents)
        if opened - self._settled:
            gc.collect()
            gc.freeze()
        self._settled = opened

    @property
    def pulls(self) -> bool:
        """Whether the editor asks for findings itself; telling it would show each twice."""
        text_document = self.server.client_capabilities.text_document
        return text_document is not None and text_document.diagnostic is not None

    def publish(self, snapshot: Snapshot) -> None:
        """Send what was found in the files of a project; a file without findings that had some is told so."""
        if self.pulls:
            return
        for file in snapshot.files:
            document = self.server.buffers.documents.get(file.uri)
            made = items(self.server, snapshot, file.uri)
            if not made and file.uri not in self.published and document is None:
                continue
            if made or document is not None:
                self.published.add(file.uri)
            else:
                self.published.discard(file.uri)
            self._send(file.uri, made, document.version if document is not None else None)

    def _send(self, name: str, made: list[dict[str, Any]], version: int | None = None) -> None:
        told: dict[str, Any] = {"uri": self.server.uri_of(name), "diagnostics": made}
        if version is not None:
            told["version"] = version
        self.server.protocol.notify_raw(lsp.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS, as_raw(told).json)

    def _publish_problem(self, name: str) -> None:
        """What is wrong with the configuration of the project of a file, in the configuration; or that nothing is."""
        buffers = self.server.buffers
        config, problem = buffers.config_path(name), buffers.problem(name)
        if config is None or (problem is None and str(config) not in self.published):
            return
        if problem is None:
            self._publish_none(str(config))
            return
        line = max((problem.line or 1) - 1, 0)
        told = {
            "range": {"start": {"line": line, "character": 0}, "end": {"line": line + 1, "character": 0}},
            "message": ui(problem.key, self.server.language, **problem.args_by_name),
            "severity": lsp.DiagnosticSeverity.Error.value,
            "source": "quand",
        }
        self.published.add(str(config))
        self._send(str(config), [told])

    def _publish_none(self, name: str) -> None:
        self.published.discard(name)
        self._send(name, [])


def items(server: Server, snapshot: Snapshot, name: str) -> list[dict[str, Any]]:
    """What was found in a file, as the protocol writes it; the standard vocabulary is nobody's to mend."""
    if snapshot.standard:
        return []
    return [_item(server, snapshot, name, finding) for finding in found.findings(snapshot, name)]


def _item(server: Server, snapshot: Snapshot, name: str, finding: found.Finding) -> dict[str, Any]:
    made: dict[str, Any] = {
        "range": server.plain_range(snapshot, name, finding.span),
        "message": finding.message,
        "severity": SEVERITIES[finding.severity].value,
        "code": finding.code,
        "source": "quand",
    }
    if finding.related:
        made["relatedInformation"] = [
            {
                "location": {
                    "uri": server.uri_of(each.uri),
                    "range": server.plain_range(snapshot, each.uri, each.span),
                },
                "message": each.message,
            }
            for each in finding.related
        ]
    return made


@guarded
def pull_diagnostics(server: Server, params: lsp.DocumentDiagnosticParams) -> Raw:
    snapshot, name = server.at(params.text_document)
    return Raw(_report(server, snapshot, name, params.previous_result_id))


@guarded
def pull_workspace(server: Server, params: lsp.WorkspaceDiagnosticParams) -> Raw:
    """The findings of all files of the projects that are open, the unchanged ones by their name alone."""
    known = {server.name_of(each.uri): each.value for each in params.previous_result_ids}
    folders = [Path(path) for uri in server.workspace.folders if (path := to_fs_path(uri))]
    made: list[str] = []
    for snapshot in server.buffers.snapshots(folders):
        for file in snapshot.files:
            document = server.buffers.documents.get(file.uri)
            place = {"uri": server.uri_of(file.uri), "version": document.version if document is not None else None}
            report = _report(server, snapshot, file.uri, known.get(file.uri))
            made.append(f"{json.dumps(place, ensure_ascii=False)[:-1]},{report[1:]}")
    return Raw(f'{{"items":[{",".join(made)}]}}')


def _report(server: Server, snapshot: Snapshot, name: str, before: str | None) -> str:
    """The findings of a file; only that they are the same where the editor has them."""
    text = as_raw(items(server, snapshot, name)).json
    result = f"{zlib.crc32(text.encode()):x}-{len(text)}"
    if result == before:
        return f'{{"kind":"unchanged","resultId":"{result}"}}'
    return f'{{"kind":"full","resultId":"{result}","items":{text}}}'
