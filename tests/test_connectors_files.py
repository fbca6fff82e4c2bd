"""Notifications and lines of the log that go to files."""

from __future__ import annotations

import errno
import json
import logging
from datetime import UTC, datetime
from pathlib import Path

import pytest

from quand.dsl.values import Reference
from quand.runtime.connectors.notify import FileConnector, LogConnector
from quand.runtime.connectors.port import Postponed
from quand.runtime.stores.port import Effect

HOSTILE = 'x\r\n{"key": "forged"}\n\x00\x1b[31m\ud800 <b>'
EFFECT = Effect(
    "e1#1",
    "notify",
    {"user": Reference("user", "U-1"), "message": HOSTILE, "text": HOSTILE},
    "R",
    Reference("deal", "A-1"),
    "e1",
    datetime(2026, 11, 23, 10, tzinfo=UTC),
)


def nobody(reference: Reference) -> None:
    """Reads nothing."""


def test_a_notification_is_one_line_of_the_file(tmp_path: Path) -> None:
    connector = FileConnector(tmp_path / "n.jsonl", to="user")
    assert connector.recipient(EFFECT, nobody) == "U-1"
    for _ in range(2):
        connector.send(EFFECT, "U-1", nobody)
    lines = (tmp_path / "n.jsonl").read_text(encoding="utf-8").splitlines()
    assert len(lines) == 2
    told = json.loads(lines[0])
    assert (told["key"], told["action"], told["rule"], told["object"]) == ("e1#1", "notify", "R", "A-1")
    assert (told["at"], told["user"]) == ("2026-11-23T10:00:00Z", "U-1")
    assert told["message"] == HOSTILE.replace("\ud800", "?")


def test_a_file_that_cannot_be_written_is_tried_later(tmp_path: Path) -> None:
    with pytest.raises(Postponed) as caught:
        FileConnector(tmp_path / "no" / "n.jsonl").send(EFFECT, "", nobody)
    assert "n.jsonl" in caught.value.text("fr")


def test_what_a_full_disk_cut_off_spoils_no_other_line(tmp_path: Path) -> None:
    (tmp_path / "n.jsonl").write_text('{"key": "e1#1", "mess')
    FileConnector(tmp_path / "n.jsonl").send(EFFECT, "", nobody)
    assert json.loads((tmp_path / "n.jsonl").read_text(encoding="utf-8").splitlines()[1])["key"] == "e1#1"


def test_a_line_is_whole_or_tried_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    taken = iter([10, 5])

    def write(descriptor: int, content: bytes) -> int:
        for size in taken:
            return size
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("os.write", write)
    with pytest.raises(Postponed, match="file_not_written"):
        FileConnector(tmp_path / "n.jsonl").send(EFFECT, "", nobody)


def test_a_line_of_the_log_is_one_line(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, "quand.log"):
        LogConnector().send(EFFECT, "", nobody)
    assert caplog.messages == ['x {"key": "forged"} [31m <b>']
