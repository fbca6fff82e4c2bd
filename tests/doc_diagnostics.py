"""The examples of the diagnostics (``docs/diagnostics/*.toml``): running them, and the pages made from them.

A code has a table with ``[QDnnn.fr]`` and ``[QDnnn.en]``, each with ``why``, ``wrong`` and ``right``: the rules that
bring the code about, and the same mended. Without ``wrong`` the rules are those under ``[rules]``; without ``right``
they are ``wrong``, and what is mended is something else:

- ``events``, ``right_events``: JSON Lines to process;
- ``config``, ``right_config``: the text of ``quand.toml``;
- ``files``, ``right_files``: sheets beside the rules, by name;
- ``encoding``: that of the file when it is wrong; ``padding``: how many characters of comments follow it, ``pad_file``
  says in which file; ``without``: a library that is not installed;
- ``only``: the one language in which the mistake can be made;
- ``later``: rules that take the place of the first once the first event is processed;
- ``failing``: an action that its host fails to do; ``slow``: every look at the clock takes a second.

Any of them may stand under the code for both languages.
"""

from __future__ import annotations

import builtins
import tomllib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple
from unittest import mock

from quand.dsl import messages
from quand.dsl.messages import languages, tables
from quand.project.compile import Project
from quand.project.config import Config, read_config
from quand.project.engine import Engine
from quand.project.files import read_files
from quand.project.findings import Finding
from quand.project.report import as_text
from quand.project.testing import run_examples
from quand.runtime import budgets
from quand.runtime.problems import Problem
from quand.runtime.program import Program
from quand.runtime.stores.memory import MemoryStore

DOCS = Path(__file__).parent.parent / "docs"
EXAMPLES = DOCS / "diagnostics"
NOW = "2026-11-23T10:00:00+01:00"
"""The instant before the first event: a Monday."""


class Found(NamedTuple):
    """What came of an example: the findings of the checker, and the problems met by events."""

    findings: list[Finding]
    problems: list[Problem]
    report: str

    @property
    def codes(self) -> list[str]:
        """All codes, in order, each once."""
        told = [*(finding.code for finding in self.findings), *(problem.code for problem in self.problems)]
        return list(dict.fromkeys(told))


class Example(NamedTuple):
    """The example of a code in a language."""

    code: str
    language: str
    keys: Mapping[str, Any]

    def text(self, key: str) -> str:
        return str(self.keys.get(key, "")).strip("\n")

    @property
    def wrong(self) -> str:
        return self.text("wrong")

    @property
    def right(self) -> str:
        return self.text("right") or self.wrong

    def run(self, folder: Path, *, mended: bool = False) -> Found:
        """Check the rules and process the events, as they are or as they should be, in an empty folder."""
        return _Run(self, folder, mended).found()


def codes() -> list[str]:
    """The codes that have messages, in order."""
    return sorted(key for key in tables(languages()[0]) if key.startswith("QD"))


@cache
def examples() -> Mapping[tuple[str, str], Example]:
    """All examples by code and language."""
    found: dict[tuple[str, str], Example] = {}
    for path in sorted(EXAMPLES.glob("*.toml")):
        content = tomllib.loads(path.read_text(encoding="utf-8"))
        usual = content.pop("rules", {})
        for code, table in content.items():
            shared = {key: value for key, value in table.items() if key not in languages()}
            for language in languages():
                # a mistake that only one language allows is shown in that language to all
                written_in = table.get("only", language)
                why = table[language].get("why", "")
                keys = {"wrong": usual.get(language, ""), **shared, **table[written_in], "why": why}
                found[code, language] = Example(code, written_in, keys)
    return found


class _Run:
    """One run of an example."""

    def __init__(self, example: Example, folder: Path, mended: bool) -> None:
        self.example = example
        self.folder = folder
        self.mended = mended

    def key(self, name: str) -> Any:
        keys = self.example.keys
        return keys.get(f"right_{name}", keys.get(name)) if self.mended else keys.get(name)

    def found(self) -> Found:
        with self.missing():
            config = self.config()
            project = self.project(config, self.example.right if self.mended else self.example.wrong)
            findings = project.findings(self.example.language)
            report = "\n\n".join(as_text(finding, project.texts) for finding in findings)
            program = project.program
            problems = self.problems(config, project) if program is not None else []
        return Found(findings, problems, report)

    def config(self) -> Config:
        text = f'language = "{self.example.language}"\n{self.key("config") or ""}'
        path = self.folder / "quand.toml"
        path.write_text(text, encoding="utf-8")
        return read_config(path)

    def project(self, config: Config, text: str) -> Project:
        keys = self.example.keys
        padding = "" if self.mended else "# ...\n" * (keys.get("padding", 0) // 6)
        padded = keys.get("pad_file", "")
        for name, content in (self.key("files") or {}).items():
            (self.folder / name).write_text(content + (padding if name == padded else ""), encoding="utf-8")
        encoding = "utf-8" if self.mended else keys.get("encoding", "utf-8")
        path = self.folder / _FILE[self.example.language]
        path.write_bytes(f"{text}\n{'' if padded else padding}".encode(encoding))
        with _inside(self.folder):
            return Project(config, read_files([path.name]))

    def problems(self, config: Config, project: Project) -> list[Problem]:
        assert project.program is not None
        problems: list[Problem] = []
        for run in run_examples(project) if project.compilation.examples else []:
            problems += run.result.problems
        lines = str(self.key("events") or "").strip().splitlines()
        if not lines:
            return problems
        store = MemoryStore()
        engine = self.engine(project, store)
        with self.slowness():
            for number, line in enumerate(lines, 1):
                outcome = engine.process_line(line, "events", number)
                problems += outcome.problems
                for entry in outcome.trace or ():
                    problems += [Problem("QD503", "") for part in entry.parts if part.value is None]
                if number == 1 and self.key("later"):
                    engine = self.engine(self.project(config, str(self.key("later"))), store)
        return problems

    def engine(self, project: Project, store: MemoryStore) -> Engine:
        assert project.program is not None
        engine = Engine(Program(project.program), store, now=datetime.fromisoformat(NOW), traced=True)
        failing = self.key("failing")
        if failing and not self.mended:
            engine.action(failing)(_fail)
        return engine

    @contextmanager
    def missing(self) -> Iterator[None]:
        """Without a library, when the example says so."""
        name = self.example.keys.get("without")
        if not name or self.mended:
            yield
            return
        real = builtins.__import__

        def refusing(module: str, *args: Any, **kwargs: Any) -> Any:
            if module.split(".")[0] == name:
                raise ImportError(name)
            return real(module, *args, **kwargs)

        with mock.patch.object(builtins, "__import__", refusing):
            yield

    @contextmanager
    def slowness(self) -> Iterator[None]:
        if not self.example.keys.get("slow") or self.mended:
            yield
            return
        seconds = iter(range(1_000_000))
        with mock.patch.object(budgets, "monotonic", lambda: next(seconds)):
            yield


_FILE = {"fr": "regles.rules", "en": "rules.rules"}


def _fail(effect: object) -> None:
    raise ConnectionError("no answer")


@contextmanager
def _inside(folder: Path) -> Iterator[None]:
    """Paths in reports are told from this folder."""
    from contextlib import chdir

    with chdir(folder):
        yield


__all__ = ["EXAMPLES", "Example", "Found", "codes", "examples", "messages"]
