"""The examples of the diagnostics (``docs/diagnostics/*.toml``): running them, and the pages made from them.

A code has a table with ``[QDnnn.fr]`` and ``[QDnnn.en]``, each with ``why``, ``wrong`` and ``right``: the rules that
bring the code about, and the same mended. Without ``wrong`` the rules are those under ``[rules]``; without ``right``
they are ``wrong``, and what is mended is something else:

- ``events``, ``right_events``: JSON Lines to process;
- ``config``, ``right_config``: the text of ``quand.toml``;
- ``files``, ``right_files``: sheets beside the rules, by name;
- ``encoding``: that of the file when it is wrong; ``padding``: how many characters of comments follow it, ``pad_file``
  says in which file; ``without``: a library that is not installed; ``altered``: what a hand changed in the compiled
  form (see ``_ALTERED``);
- ``only``: the one language in which the mistake can be made;
- ``later``: rules that take the place of the first once the first event is processed;
- ``table``: SQL that makes a table of the database in which the data are kept;
- ``sql``: the dialect in which the conditions are printed;
- ``traced``: what the trace says counts too; ``failing``: an action that its host fails to do; ``slow``: every look at
  the clock takes a second.

Any of them may stand under the code for both languages.
"""

from __future__ import annotations

import re
import sqlite3
import sys
import tempfile
import tomllib
from collections.abc import Generator, Iterator, Mapping
from contextlib import chdir, closing, contextmanager
from datetime import datetime
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple
from unittest import mock

import attrs

from quand.dsl import ir, messages
from quand.dsl.messages import languages, tables
from quand.dsl.types import BOOLEAN, NUMBER, PERCENTAGE, TEXT
from quand.project.compile import Project
from quand.project.config import Config, read_config
from quand.project.engine import Engine
from quand.project.files import read_files
from quand.project.findings import Finding
from quand.project.report import as_text
from quand.project.sql import rule_sql
from quand.project.stores import open_store
from quand.project.testing import run_examples
from quand.runtime import budgets
from quand.runtime.outcome import Outcome
from quand.runtime.problems import Failure, Problem
from quand.runtime.program import Program
from quand.runtime.stores.memory import MemoryStore
from quand.runtime.stores.port import Store
from quand.stdlib.calendars import holidays_of

DOCS = Path(__file__).parent.parent / "docs"
EXAMPLES = DOCS / "diagnostics"
PAGES = EXAMPLES / "pages.toml"
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

    def run(self, *, mended: bool = False) -> Found:
        """Check the rules and process the events, as they are or as they should be."""
        return _run(self.code, self.language, mended)


def codes() -> list[str]:
    """The codes that have messages, in order."""
    return sorted(key for key in tables(languages()[0]) if key.startswith("QD"))


@cache
def examples() -> Mapping[tuple[str, str], Example]:
    """All examples by code and language."""
    found: dict[tuple[str, str], Example] = {}
    for path in sorted(set(EXAMPLES.glob("*.toml")) - {PAGES}):
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


@cache
def _run(code: str, language: str, mended: bool) -> Found:
    with tempfile.TemporaryDirectory() as folder:
        return _Run(examples()[code, language], Path(folder), mended).found()


class _Run:
    """One run of an example, in an empty folder."""

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
        usual = Config()
        text = self.key("config")
        if not text:
            return attrs.evolve(usual, settings=attrs.evolve(usual.settings, language=self.example.language))
        text = f'language = "{self.example.language}"\n{text}'
        path = self.folder / "quand.toml"
        path.write_text(text, encoding="utf-8")
        return read_config(path)

    def project(self, config: Config, text: str) -> Project:
        keys = self.example.keys
        padding = "" if self.mended else "# ...\n" * (keys.get("padding", 0) // 6)
        padded = keys.get("pad_file", "")
        files: dict[str, str] = self.key("files") or {}
        for name, content in files.items():
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
        if self.key("sql"):
            problems += self.unsaid(project, str(self.key("sql")))
        lines = str(self.key("events") or "").strip().splitlines()
        if not lines:
            return problems
        store = self.store()
        try:
            engine = self.engine(project, store)
        except Failure as failure:
            return [*problems, failure.problem(self.example.language)]
        with self.slowness():
            for number, line in enumerate(lines, 1):
                outcome = engine.process_line(line, "events", number)
                problems += outcome.problems
                if self.key("traced"):
                    problems += _unknown(outcome)
                if number == 1 and self.key("later"):
                    engine = self.engine(self.project(config, str(self.key("later"))), store)
        return problems

    def unsaid(self, project: Project, dialect: str) -> list[Problem]:
        """Why conditions are not said in SQL."""
        language = self.example.language
        reasons = [found.unsaid for found in rule_sql(project, dialect, language) if found.unsaid is not None]
        return [Problem(reason.code, messages.render(reason, language).message) for reason in reasons]

    def store(self) -> Store:
        """In memory, or in a file with a table that is there already."""
        table = self.key("table")
        if not table:
            return MemoryStore()
        path = self.folder / "crm.db"
        with closing(sqlite3.connect(path)) as connection:
            connection.execute(table)
        return open_store(f"sqlite:///{path}")

    def engine(self, project: Project, store: Store) -> Engine:
        assert project.program is not None
        program = project.program
        if not self.mended and self.key("altered"):
            program = _ALTERED[self.key("altered")](program)
        engine = Engine(Program(program), store, now=datetime.fromisoformat(NOW), traced=True)
        failing = self.key("failing")
        if failing and not self.mended:
            engine.action(failing)(_fail)
        return engine

    @contextmanager
    def missing(self) -> Generator[None]:
        """Without a library, when the example says so."""
        name = self.example.keys.get("without")
        if not name or self.mended:
            yield
            return
        holidays_of.cache_clear()
        with mock.patch.dict(sys.modules, {name: None}):
            yield
        holidays_of.cache_clear()

    @contextmanager
    def slowness(self) -> Generator[None]:
        if not self.example.keys.get("slow") or self.mended:
            yield
            return
        seconds = iter(range(1_000_000))
        with mock.patch.object(budgets, "monotonic", side_effect=seconds):
            yield


def _unknown(outcome: Outcome) -> list[Problem]:
    """The conditions that came out unknown, as the trace words them."""
    conditions = [entry.condition for entry in outcome.trace or () if entry.condition is not None]
    return [Problem("QD503", part.message) for part in conditions if part.message]


_FILE = {"fr": "regles.rules", "en": "rules.rules"}


def _elsewhere(program: ir.Program) -> ir.Program:
    """A time zone that does not exist."""
    return attrs.evolve(program, settings=attrs.evolve(program.settings, timezone="Mars/Olympus"))


def _assigning(program: ir.Program, value: ir.Expression) -> ir.Program:
    (rule,) = program.rules
    (assign,) = rule.actions
    assert isinstance(assign, ir.Assign)
    return attrs.evolve(program, rules=(attrs.evolve(rule, actions=(attrs.evolve(assign, value=value),)),))


def _overlapping(program: ir.Program) -> ir.Program:
    """A table of which two rows fit, which the checker would have refused."""
    row = ir.DecisionRow((None,), ir.Constant(Decimal(1), PERCENTAGE))
    table = ir.Decision((ir.Constant(None, PERCENTAGE),), (row, row), "unique", PERCENTAGE)
    return _assigning(program, table)


def _disordered(program: ir.Program) -> ir.Program:
    """A number compared with a text."""
    sides = (ir.Constant(Decimal(1), NUMBER), ir.Constant("a", TEXT))
    one = ir.Constant(Decimal(1), PERCENTAGE)
    chosen = ir.If(ir.Apply("greater", sides, BOOLEAN), one, one, PERCENTAGE)
    return _assigning(program, chosen)


_ALTERED = {"timezone": _elsewhere, "table": _overlapping, "order": _disordered}


def _fail(effect: object) -> None:
    raise ConnectionError("no answer")


@contextmanager
def _inside(folder: Path) -> Generator[None]:
    """Paths in reports are told from this folder."""
    with chdir(folder):
        yield


# --- pages --------------------------------------------------------------------------------------------------------


def page(language: str) -> tuple[Path, str]:
    """Where the page of a language is, and what it should say."""
    words = tomllib.loads(PAGES.read_text(encoding="utf-8"))[language]
    parts = [words["opening"].strip()]
    section = ""
    for code in codes():
        if code[:3] != section:
            section = code[:3]
            parts.append(words["sections"][section].strip())
        if (code, language) in examples():
            parts += _entry(examples()[code, language], language, words)
    return DOCS / words["file"], "\n\n".join(parts) + "\n"


def _entry(example: Example, language: str, words: Mapping[str, Any]) -> Iterator[str]:
    """The paragraphs about one code."""
    found = example.run()
    told = tables(language)[example.code]
    yield f"### {example.code}"
    yield f"*{_blanks(told['message'])}*"
    yield example.text("why")
    help_ = next((finding.help for finding in found.findings if finding.help), "") or _blanks(told.get("help", ""))
    if help_:
        yield f"{words['mend']} {help_.rstrip('.')}."
    yield words["wrong_in"][example.language]
    yield from _program(example, words, "")
    if found.report:
        yield words["says"]
        yield f"```text\n{_spaces(found.report)}\n```"
    elif found.problems:
        yield words["says"]
        message = next(problem.message for problem in found.problems if problem.code == example.code)
        yield f"```text\n{_spaces(message)}\n```"
    if _mended_in_text(example):
        yield words["right"]
        yield from _program(example, words, "right_")


def _program(example: Example, words: Mapping[str, Any], side: str) -> Iterator[str]:
    """The rules and what goes with them; of the mended side, what differs."""
    keys = example.keys
    rules = example.right if side else example.wrong
    if not side or rules != example.wrong:
        yield f"```quand\n{_visible(rules)}\n```"
    files: dict[str, str] = keys.get(f"{side}files") or {}
    for name, content in files.items():
        if name in rules and content and "padding" not in keys:
            yield words["file_named"].format(name=name)
            yield f"```csv\n{content.strip()}\n```"
    if keys.get(f"{side}config"):
        yield words["config"]
        yield f"```toml\n{keys[f'{side}config'].strip()}\n```"
    if keys.get(f"{side}later"):
        yield words["later"]
        yield f"```quand\n{keys[f'{side}later'].strip()}\n```"
    if keys.get(f"{side}events"):
        events = keys[f"{side}events"].strip()
        yield words["many_events" if "\n" in events else "events"]
        yield f"```json\n{events}\n```"


def _mended_in_text(example: Example) -> bool:
    """Whether what mends it can be shown."""
    shown = any(example.keys.get(f"right_{name}") for name in ("files", "config", "later", "events"))
    return shown or example.right != example.wrong


def _blanks(template: str) -> str:
    """A message whose facts are left open."""
    opened = messages.PLACEHOLDER.sub(_blank, template)
    return opened.replace("*", r"\*").replace("<", r"\<")


def _blank(match: re.Match[str]) -> str:
    name, form = match.group(1), match.group(2) or ""
    if name is None:
        return match.group()[0]
    return form.partition("|")[2] if "|" in form else "…"


def _spaces(text: str) -> str:
    """Ordinary spaces: others would look the same and break when copied."""
    return text.replace("\u202f", " ").replace("\u00a0", " ")


def _visible(text: str) -> str:
    """What cannot be seen is shown by its code point, and what is too long to be read cut."""
    text = text.replace("\u200b", "⟨U+200B⟩")
    return re.sub(r"\({20,}", lambda row: f"{row[0][:10]}…", text)
