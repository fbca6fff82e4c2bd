"""How golden cases are written (``docs/tests.md``): reading them from Markdown, and wording what was obtained alike.

Knows nothing about the language: a case is blocks of text by their label; an outcome or a finding is one line each.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from difflib import ndiff
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple, cast
from zlib import crc32

from quand.dsl.messages import languages
from quand.project.config import Config, read_config
from quand.project.findings import Finding
from quand.runtime.outcome import Outcome

GOLDEN = Path(__file__).parent / "golden"

_BLOCK = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_OPTION = re.compile(r"^(pending|pending-text|as-typed|now): (.+)$", re.MULTILINE)
_SPACES = {0xA0: "~", 0x202F: "˙"}
"""How the no-break space and the narrow one are shown, which look like any other space."""
_UNNAMED = re.compile(r"\brule-[0-9a-f]{8}\b")


class Case(NamedTuple):
    """One case: the text under a ``##`` heading of a golden file.

    ``blocks`` are its code blocks by label (``fr``, ``en``, ``toml``, ``events``, ``results``, ``json``,
    ``diagnostics``); ``options`` its lines ``pending: <reason>`` and ``now: <instant>``.
    """

    file: Path
    title: str
    options: Mapping[str, str]
    blocks: Mapping[str, str]

    @property
    def name(self) -> str:
        """``triggers/becomes: a title``."""
        return f"{self.file.relative_to(GOLDEN).with_suffix('')}: {self.title}"

    @property
    def pending(self) -> str | None:
        """The defect that this case shows, while there is one."""
        return self.options.get("pending")

    def lines(self, label: str) -> list[str]:
        """The lines of a block, blank ones left out; none where there is no such block."""
        return [line.rstrip() for line in self.blocks.get(label, "").splitlines() if line.strip()]


def read_cases(folder: Path = GOLDEN) -> list[Case]:
    """All cases of the Markdown files under a folder, in order."""
    return [case for file in sorted(folder.rglob("*.md")) for case in _cases(file)]


def _cases(file: Path) -> Iterator[Case]:
    for part in re.split(r"^## ", file.read_text(encoding="utf-8"), flags=re.MULTILINE)[1:]:
        title, _, body = part.partition("\n")
        blocks = dict(_BLOCK.findall(body))
        options = dict(_OPTION.findall(_BLOCK.sub("", body)))
        yield Case(file, title.strip(), options, blocks)


def config_of(case: Case) -> Config:
    """The configuration of a case: its ``toml`` block, else the defaults."""
    if "toml" not in case.blocks:
        return Config()
    with TemporaryDirectory() as folder:
        path = Path(folder, "quand.toml")
        path.write_text(case.blocks["toml"], encoding="utf-8")
        return read_config(path)


def sampled(case: Case) -> list[str]:
    """The languages in which costly checks look at a case: one, always the same; all with ``QUAND_THOROUGH`` set."""
    found = languages()
    return list(found) if os.environ.get("QUAND_THOROUGH") else [found[crc32(case.title.encode()) % len(found)]]


def write_block(case: Case, label: str, lines: Iterable[str]) -> Case:
    """Replace what one block of a case says by these lines, in its file too."""
    text = case.file.read_text(encoding="utf-8")
    start = text.index(f"\n## {case.title}\n")
    end = text.find("\n## ", start + 1)
    part = text[start : end if end >= 0 else None]
    body = "".join(f"{line}\n" for line in lines)
    written = re.sub(
        rf"^```{label}\n(?:.*?^)?```$",
        lambda _: f"```{label}\n{body}```",
        part,
        count=1,
        flags=re.MULTILINE | re.DOTALL,
    )
    case.file.write_text(text.replace(part, written, 1), encoding="utf-8")
    return case._replace(blocks={**case.blocks, label: body})


# --- outcomes -----------------------------------------------------------------------------------------------------


def outcome_lines(number: int, outcome: Outcome) -> list[str]:
    """What came of the event of a line, one fact a line, each after the event's number; nothing for a quiet success."""
    plain = outcome.to_plain()
    told = [] if plain["status"] == "applied" else [plain["status"]]
    for firing in plain["fired"]:
        branch = f" {firing['branch']}" if "branch" in firing else ""
        at = f" at {firing['at']}" if "at" in firing else ""
        told.append(f"fired {firing['rule']} {_identifier(firing['object'])}{branch}{at}")
        told += [f"  {effect['action']} {_pairs(effect['args'])}".rstrip() for effect in firing["effects"]]
    for change in plain["changes"]:
        how = "created " if change.get("created") else "deleted " if change.get("deleted") else ""
        told.append(f"change {change['object']} {_identifier(change['id'])} {how}{_pairs(change['set'])}".rstrip())
    told += [f"timer {timer['rule']} {_identifier(timer['object'])} {timer['due']}" for timer in plain["timers"]]
    for problem in plain["problems"]:
        told.append(" ".join(["problem", problem["code"], *_about(problem)]))
    return [f"{number} {_anonymous(line)}" for line in told]


def json_line(outcome: Outcome) -> str:
    """The result to the letter, but for the hash in the name of an unnamed rule."""
    return _anonymous(outcome.to_json())


def _anonymous(text: str) -> str:
    return _UNNAMED.sub("rule-*", text).translate(_SPACES)


def _identifier(identifier: str | None) -> str:
    return "-" if identifier is None else identifier


def _about(problem: Mapping[str, str | None]) -> Iterator[str]:
    for key in ("rule", "object", "field"):
        if problem[key] is not None:
            yield f"{key}={problem[key]}"


def _pairs(values: Mapping[str, Any]) -> str:
    return ", ".join(f"{name}={_json(value)}" for name, value in values.items())


def _json(value: Any) -> str:
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, list):
        return "[" + ", ".join(_json(item) for item in cast("list[Any]", value)) + "]"
    if isinstance(value, Mapping):
        items = cast("Mapping[str, Any]", value).items()
        return "{" + ", ".join(f"{json.dumps(key)}: {_json(item)}" for key, item in items) + "}"
    return json.dumps(value, ensure_ascii=False)


# --- findings -----------------------------------------------------------------------------------------------------


def finding_lines(language: str, text: str, findings: Iterable[Finding]) -> list[str]:
    """What the checker says about a text: ``fr 2 QD101 «word»`` and, below it, what each fix makes of its lines."""
    told: list[str] = []
    for finding in findings:
        place = finding.place
        shown = text[place.span.start : place.span.end].replace("\n", "⏎")
        severity = "" if finding.severity == "error" else f" {finding.severity}"
        told.append(f"{language} {place.line} {finding.code}{severity} «{shown}»")
        for fix in finding.fixes:
            told += [f"{language}   → {line}" for line in changed_lines(text, applied(text, fix.edits))]
    return told


def applied(text: str, edits: Iterable[Any]) -> str:
    """A text with the edits of one fix made in it."""
    for edit in sorted(edits, key=lambda edit: edit.place.span.start, reverse=True):
        span = edit.place.span
        text = text[: span.start] + edit.text + text[span.end :]
    return text


def changed_lines(before: str, after: str) -> list[str]:
    """The lines of a text that were not in the one before, shown without their indentation."""
    return [line[2:].strip() for line in ndiff(before.splitlines(), after.splitlines()) if line.startswith("+ ")]
