"""Findings as text for people: the place, the source underlined, the reason, the fix."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from ..dsl.messages import ui, word

if TYPE_CHECKING:
    from .findings import Finding, Texts

Style = Callable[[str, str], str]
"""From a text and a role (``error warning info place mark help``) to the text in colour."""


def plain(text: str, role: str) -> str:
    """No colour."""
    return text


def as_text(finding: Finding, texts: Texts, style: Style = plain) -> str:
    """One finding, several lines, without a final line break."""
    # where nothing was found, nothing is shown
    from .snippet import snippet

    language = finding.language
    place = finding.place
    title = f"{word(finding.severity, language)}[{finding.code}]"
    index = texts.index(place.file)
    shown = snippet(index, place.span)
    numbers = [shown.line, *(related.place.line for related in finding.related)]
    gutter = " " * len(str(max(numbers)))
    lines = [
        f"{style(title, finding.severity)}: {finding.message}",
        f"{gutter}{style('-->', 'place')} {place.file}:{place.line}:{place.column}",
    ]
    if shown.text:
        lines.append(f"{gutter} {style('|', 'place')}")
        lines.append(f"{style(str(shown.line).rjust(len(gutter)), 'place')} {style('|', 'place')} {shown.text}")
        lines.append(f"{gutter} {style('|', 'place')} {_underline(shown.underline, finding.severity, style)}")
    for related in finding.related:
        there = related.place
        other = snippet(texts.index(there.file), there.span, "-")
        where = f"{there.file}:{there.line}:{there.column}"
        lines.append(f"{gutter}{style(':::', 'place')} {where}: {style(related.message, 'help')}")
        if other.text:
            lines.append(f"{style(str(other.line).rjust(len(gutter)), 'place')} {style('|', 'place')} {other.text}")
            lines.append(f"{gutter} {style('|', 'place')} {_underline(other.underline, 'help', style)}")
    notes = [(ui("report_help", language), finding.help)] if finding.help else []
    notes += [(ui("report_fix", language), fix.title) for fix in finding.fixes]
    for kind, text in notes:
        lines.append(f"{gutter} {style('=', 'place')} {style(kind, 'help')}: {text}")
    return "\n".join(lines)


def summary(found: Sequence[Finding], files: int, language: str) -> str:
    """One line that says how many errors and warnings there are in how many files."""
    counts = [sum(finding.severity == severity for finding in found) for severity in ("error", "warning")]
    parts = [
        ui(key, language, count=count)
        for key, count in zip(("count_errors", "count_warnings"), counts, strict=True)
        if count
    ]
    where = ui("in_files", language, count=files)
    return f"{', '.join(parts)} {where}" if parts else ui("nothing_found", language, where=where)


def _underline(underline: str, role: str, style: Style) -> str:
    marks = underline.lstrip(" ")
    return " " * (len(underline) - len(marks)) + style(marks, role)
