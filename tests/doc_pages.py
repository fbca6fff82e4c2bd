"""Pages of ``docs/`` as programs: what their blocks hold, and checking that each says what happens.

A page is Markdown. A block marked ``quand`` is a whole program. Blocks that follow it belong to it: ``csv rates.csv``
is a sheet beside the rules, ``toml`` the project's ``quand.toml``, a first ``json`` block the events, a second one what
comes of them: one object for each event told about, which has some keys of the result.

In a ``console`` block, lines that start with ``$`` are commands and the others what they say. Blocks with a name are
files that the commands find; ``rules`` is such a file that need not be right, ``sql shop.db`` a SQLite file made by
these statements.

A page in French and its twin in English have the same programs in the same order. ``docs/twins.toml`` pairs the texts
in quotes: with these replaced, the two programs compile to the same.
"""

from __future__ import annotations

import io
import json
import os
import re
import shlex
import sqlite3
import tempfile
import tomllib
from collections.abc import Iterator, Sequence
from contextlib import chdir, closing, redirect_stderr, redirect_stdout, suppress
from datetime import datetime
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple, cast
from unittest import mock

from quand.cli.main import main
from quand.dsl.ir_json import to_json
from quand.project.compile import Project
from quand.project.config import Config, read_config
from quand.project.engine import make_engine
from quand.project.files import read_files
from quand.project.report import as_text

DOCS = Path(__file__).parent.parent / "docs"
NOW = "2026-11-23T10:00:00+01:00"
"""The instant before the first event of a page: a Monday."""

_BLOCK = re.compile(r"^```([^\n`]+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_TEXT = re.compile(r"(?<!\w)'(?:\\.|(?<=\w)'(?=\w)|[^'\n])*'|\"(?:\\.|[^\"\n])*\"|« [^»\n]* »")
_HOLE = re.compile(r"\{[^{}]*\}")
_LONGEST = 110


class Block(NamedTuple):
    """A fenced block of a page; ``start`` and ``end`` are those of its text, ``line`` that of its first line."""

    label: str
    name: str
    text: str
    line: int
    start: int
    end: int


class Sample(NamedTuple):
    """A program of a page and the blocks that belong to it."""

    page: Path
    rules: Block
    others: tuple[Block, ...]

    def first(self, label: str) -> Block | None:
        return next((block for block in self.others if block.label == label), None)

    @property
    def place(self) -> str:
        return f"{self.page.name}:{self.rules.line}"

    @property
    def events(self) -> Block | None:
        return self.first("json")

    @property
    def results(self) -> Block | None:
        found = [block for block in self.others if block.label == "json"]
        return found[1] if len(found) > 1 else None


def blocks(text: str) -> list[Block]:
    """The fenced blocks of a page."""
    found: list[Block] = []
    for match in _BLOCK.finditer(text):
        label, _, name = match[1].strip().partition(" ")
        line = text.count("\n", 0, match.start(2)) + 1
        found.append(Block(label, name.strip(), match[2], line, match.start(2), match.end(2)))
    return found


def samples(page: Path) -> list[Sample]:
    """The programs of a page."""
    found: list[Sample] = []
    for block in blocks(page.read_text(encoding="utf-8")):
        if block.label == "quand":
            found.append(Sample(page, block, ()))
        elif found and (block.label in {"csv", "json"} or (block.label == "toml" and "pyproject" not in block.name)):
            last = found.pop()
            found.append(last._replace(others=(*last.others, block)))
    return found


class Run:
    """A sample checked and run, in a folder of its own."""

    def __init__(self, sample: Sample, rules: str | None = None, language: str | None = None) -> None:
        """``rules`` in place of the sample's own; ``language`` is the project's, that of the page unless given."""
        self.sample = sample
        with tempfile.TemporaryDirectory() as name, chdir(name):
            for block in sample.others:
                if block.label == "csv":
                    Path(Path(block.name).name).write_text(block.text, encoding="utf-8")
            Path("page.rules").write_text(sample.rules.text if rules is None else rules, encoding="utf-8")
            self.config = _config(sample, language or _language(sample.page))
            self.project = Project(self.config, read_files(["page.rules"]))
        findings = self.project.findings()
        self.report = "\n".join(as_text(finding, self.project.texts) for finding in findings)

    @property
    def ir(self) -> str | None:
        """The canonical compiled form; ``None`` where there are errors."""
        return None if self.project.program is None else to_json(self.project.program)

    def results(self) -> list[dict[str, Any]]:
        """What comes of the events, in order."""
        assert self.project.program is not None, self.report
        events = self.sample.events
        lines = [line for line in (events.text if events else "").splitlines() if line.strip()]
        engine = make_engine(self.project.program, self.config, now=datetime.fromisoformat(NOW), dry=True)
        return [engine.process_line(line, "e", number).to_plain() for number, line in enumerate(lines, 1)]


def _language(page: Path) -> str:
    """``en`` for ``reference.en.md``; English where the name does not say."""
    suffixes = page.suffixes
    return suffixes[0][1:] if len(suffixes) > 1 else "en"


def _config(sample: Sample, language: str) -> Config:
    block = sample.first("toml")
    path = Path("quand.toml")
    path.write_text(f'language = "{language}"\n{block.text if block else ""}', encoding="utf-8")
    return read_config(path)


def told(sample: Sample) -> list[dict[str, Any]]:
    """The results that a sample tells."""
    block = sample.results
    return [] if block is None else list(_objects(block.text))


def _objects(text: str) -> Iterator[dict[str, Any]]:
    decoder = json.JSONDecoder(parse_float=Decimal)
    position = 0
    while (position := _skip(text, position)) < len(text):
        value, position = decoder.raw_decode(text, position)
        yield value


def _skip(text: str, position: int) -> int:
    while position < len(text) and text[position].isspace():
        position += 1
    return position


def obtained(sample: Sample, results: Sequence[dict[str, Any]]) -> str:
    """The block of results as it should be: for each one told, the same keys, as they came out."""
    by_event = {result["event"]: result for result in results}
    shown: list[str] = []
    for number, expected in enumerate(told(sample)):
        result = by_event.get(expected["event"]) if "event" in expected else results[number]
        assert result is not None, f"{sample.place}: no event {expected['event']}"
        shown.append(_layout({key: result.get(key) for key in expected}))
    return "\n".join(shown) + "\n"


def _layout(result: dict[str, Any]) -> str:
    """JSON as people read it: on one line where it fits, else a line for each key and for each member of a list."""
    line = _json(result)
    if len(line) <= _LONGEST:
        return line
    lines: list[str] = []
    for key, value in result.items():
        if isinstance(value, list) and value and len(_json(value)) > _LONGEST - 20:
            members = ",\n".join(f"    {_json(member)}" for member in cast("list[Any]", value))
            lines.append(f"  {_json(key)}: [\n{members}\n  ]")
        else:
            lines.append(f"  {_json(key)}: {_json(value)}")
    return "{\n" + ",\n".join(lines) + "\n}"


def _json(value: Any) -> str:
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, dict):
        members = cast("dict[str, Any]", value).items()
        return "{" + ", ".join(f"{_json(key)}: {_json(member)}" for key, member in members) + "}"
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(_json(member) for member in cast("list[Any]", value)) + "]"
    return json.dumps(value, ensure_ascii=False)


def rewritten(page: Path) -> str:
    """The page with its results as they came out."""
    text = page.read_text(encoding="utf-8")
    for sample in reversed(samples(page)):
        block = sample.results
        if block is not None:
            text = text[: block.start] + obtained(sample, Run(sample).results()) + text[block.end :]
    return text


# --- consoles -----------------------------------------------------------------------------------------------------


class Console:
    """The commands of a page, run in a folder where its named blocks before them are files.

    ``$ quand ...`` runs the command line, ``$ cd ...`` changes the folder.
    """

    def __init__(self, page: Path) -> None:
        self.page = page
        self.text = page.read_text(encoding="utf-8")

    def blocks(self) -> Iterator[tuple[Block, str]]:
        """Each block of commands, and what it should say."""
        environment = {"QUAND_LANG": _language(self.page), "NO_COLOR": "1", "COLUMNS": "100"}
        with tempfile.TemporaryDirectory() as name, chdir(name), mock.patch.dict(os.environ, environment):
            for block in blocks(self.text):
                if block.label == "console":
                    yield block, "".join(self._told(block))
                elif block.label == "sql":
                    with closing(sqlite3.connect(block.name)) as connection:
                        connection.executescript(block.text)
                elif block.name:
                    Path(block.name).write_text(block.text, encoding="utf-8")

    def rewritten(self) -> str:
        """The page with what the commands say."""
        text = self.text
        for block, told in reversed(list(self.blocks())):
            text = text[: block.start] + told + text[block.end :]
        return text

    def _told(self, block: Block) -> Iterator[str]:
        for line in block.text.splitlines():
            if line.startswith("$ "):
                words = shlex.split(line[2:])
                yield f"{line}\n"
                if words[0] == "cd":
                    os.chdir(words[1])
                else:
                    assert words[0] == "quand", line
                    yield _said(words[1:])


def _said(arguments: Sequence[str]) -> str:
    """What the command line writes, on both streams."""
    stream = io.TextIOWrapper(io.BytesIO(), encoding="utf-8", write_through=True)
    with redirect_stdout(stream), redirect_stderr(stream), suppress(SystemExit):
        main(arguments)
    stream.seek(0)
    return stream.read().replace("\u202f", " ").replace("\u00a0", " ")


# --- twins --------------------------------------------------------------------------------------------------------


@cache
def _twins() -> dict[str, str]:
    texts = tomllib.loads((DOCS / "twins.toml").read_text(encoding="utf-8"))["texts"]
    return {_HOLE.sub("{}", french): english for french, english in texts.items()}


def in_english_texts(rules: str) -> str:
    """French rules with the texts in quotes replaced by those their English twin has."""
    return _TEXT.sub(_replaced, rules)


def _replaced(match: re.Match[str]) -> str:
    written = match[0]
    edge = 2 if written.startswith("«") else 1
    inner = written[edge:-edge]
    english = _twins().get(_HOLE.sub("{}", inner))
    text = match.string
    has_both = text[match.end() :].lstrip(" ").startswith("/") or text[: match.start()].rstrip(" ").endswith("/")
    if english is None or has_both:
        return written
    holes = iter(_HOLE.findall(inner))
    return written[:edge] + re.sub(r"\{\}", lambda _: next(holes), english) + written[-edge:]
