"""Findings for other programs: JSON, SARIF, JUnit, GitHub annotations."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Any

from .findings import Finding, Place
from .version import __version__


def _range(place: Place) -> dict[str, int]:
    return {
        "line": place.line,
        "column": place.column,
        "end_line": place.end_line,
        "end_column": place.end_column,
    }


def as_json(found: Sequence[Finding], files: Sequence[str]) -> str:
    """The object the contract describes; lines and columns start at 1, columns count characters."""
    return json.dumps({"diagnostics": [_json_finding(finding) for finding in found]}, ensure_ascii=False, indent=2)


def _json_finding(finding: Finding) -> dict[str, Any]:
    return {
        "file": finding.place.file,
        **_range(finding.place),
        "code": finding.code,
        "severity": finding.severity,
        "message": finding.message,
        "help": finding.help,
        "related": [
            {"file": related.place.file, **_range(related.place), "message": related.message}
            for related in finding.related
        ],
        "fixes": [
            {
                "title": fix.title,
                "edits": [{"file": edit.place.file, **_range(edit.place), "text": edit.text} for edit in fix.edits],
            }
            for fix in finding.fixes
        ],
    }


_SARIF_LEVELS = {"error": "error", "warning": "warning", "info": "note"}


def as_sarif(found: Sequence[Finding], files: Sequence[str]) -> str:
    """A SARIF 2.1.0 log with one run."""
    codes = sorted({finding.code for finding in found})
    run = {
        "tool": {
            "driver": {
                "name": "quand",
                "version": __version__,
                "rules": [{"id": code} for code in codes],
            }
        },
        "columnKind": "unicodeCodePoints",
        "artifacts": [{"location": {"uri": _sarif_uri(file)}} for file in files],
        "results": [_sarif_result(finding, codes.index(finding.code)) for finding in found],
    }
    log = {"$schema": "https://json.schemastore.org/sarif-2.1.0.json", "version": "2.1.0", "runs": [run]}
    return json.dumps(log, ensure_ascii=False, indent=2)


def _sarif_result(finding: Finding, rule_index: int) -> dict[str, Any]:
    text = f"{finding.message}\n{finding.help}" if finding.help else finding.message
    result: dict[str, Any] = {
        "ruleId": finding.code,
        "ruleIndex": rule_index,
        "level": _SARIF_LEVELS[finding.severity],
        "message": {"text": text},
        "locations": [_sarif_location(finding.place)],
    }
    if finding.related:
        result["relatedLocations"] = [
            {**_sarif_location(related.place), "message": {"text": related.message}} for related in finding.related
        ]
    if finding.fixes:
        result["fixes"] = [
            {
                "description": {"text": fix.title},
                "artifactChanges": [
                    {
                        "artifactLocation": {"uri": _sarif_uri(finding.place.file)},
                        "replacements": [
                            {"deletedRegion": _sarif_region(edit.place), "insertedContent": {"text": edit.text}}
                            for edit in fix.edits
                        ],
                    }
                ],
            }
            for fix in finding.fixes
        ]
    return result


def _sarif_location(place: Place) -> dict[str, Any]:
    return {
        "physicalLocation": {
            "artifactLocation": {"uri": _sarif_uri(place.file)},
            "region": _sarif_region(place),
        }
    }


def _sarif_region(place: Place) -> dict[str, int]:
    return {
        "startLine": place.line,
        "startColumn": place.column,
        "endLine": place.end_line,
        "endColumn": place.end_column,
    }


def _sarif_uri(file: str) -> str:
    # urllib costs start-up time and serves this format only
    from urllib.parse import quote

    return quote(file.replace("\\", "/"))


def as_junit(found: Sequence[Finding], files: Sequence[str]) -> str:
    """A JUnit report: a test case per file, which fails where the file has errors or warnings."""
    cases: list[str] = []
    for file in files:
        own = [finding for finding in found if finding.place.file == file]
        inner = "".join(_junit_failure(finding) for finding in own)
        cases.append(f'    <testcase classname="quand.check" name="{xml_text(file)}">{inner}</testcase>')
    failures = len({finding.place.file for finding in found})
    head = f'  <testsuite name="quand check" tests="{len(files)}" failures="{failures}" errors="0">'
    return "\n".join(
        [
            '<?xml version="1.0" encoding="UTF-8"?>',
            f'<testsuites tests="{len(files)}" failures="{failures}" errors="0">',
            head,
            *cases,
            "  </testsuite>",
            "</testsuites>",
        ]
    )


def _junit_failure(finding: Finding) -> str:
    place = finding.place
    text = f"{place.file}:{place.line}:{place.column}: {finding.message}"
    text = f"{text}\n{finding.help}" if finding.help else text
    return f'<failure type="{xml_text(finding.code)}" message="{xml_text(finding.message)}">{xml_text(text)}</failure>'


def xml_text(text: str) -> str:
    """The text as XML content or attribute; characters XML cannot hold are replaced."""
    escaped = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace('"', "&quot;")
    return "".join(c if c in "\t\n" or (c >= " " and not "\ufffe" <= c <= "\uffff") else "\ufffd" for c in escaped)


_GITHUB_COMMANDS = {"error": "error", "warning": "warning", "info": "notice"}


def as_github(found: Sequence[Finding], files: Sequence[str]) -> str:
    """One workflow command per finding, which GitHub shows beside the line."""
    lines: list[str] = []
    for finding in found:
        place = finding.place
        properties = {
            "file": place.file,
            "line": place.line,
            "endLine": place.end_line,
            "col": place.column,
            "endColumn": place.end_column,
            "title": finding.code,
        }
        written = ",".join(f"{name}={_github(str(value), property=True)}" for name, value in properties.items())
        message = f"{finding.message}\n{finding.help}" if finding.help else finding.message
        lines.append(f"::{_GITHUB_COMMANDS[finding.severity]} {written}::{_github(message)}")
    return "\n".join(lines)


def _github(text: str, *, property: bool = False) -> str:  # noqa: A002 - GitHub's own word
    text = text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")
    return text.replace(":", "%3A").replace(",", "%2C") if property else text


FORMATS: dict[str, Callable[[Sequence[Finding], Sequence[str]], str]] = {
    "json": as_json,
    "sarif": as_sarif,
    "junit": as_junit,
    "github": as_github,
}
"""Each format by its name on the command line; a function of the findings and of the files that were checked."""
