"""A file put together from its printed declarations: one blank line between them, the comments where they were."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from typing import Final, NamedTuple

from .fold import SPACES
from .lexicon import languages, lexicon
from .pieces import read_break
from .syntax import ParsedDeclaration, ParsedFile, RuleDeclaration

_LINES: Final = re.compile("\r\n|\r|\n")
_SPACE: Final = f"{SPACES}\ufeff\f\v"
_RULE_INDENT: Final = 3
_INDENT: Final = 2


class Page(NamedTuple):
    """A file, the language it is printed in, and its declarations as printed (``None``: as they stand)."""

    file: ParsedFile
    language: str
    printed: Sequence[str | None]


class _Above(NamedTuple):
    """What stands above a declaration: the end of the one before it, then comments with blank lines between."""

    attached: list[str]
    comments: list[str]


def print_page(page: Page) -> str:
    """The text of the file; it ends with one line break, and its line breaks are of the kind it had."""
    text = page.file.text
    blocks: list[str] = []
    for number, ((_, parsed), printed) in enumerate(zip(page.file.declarations, page.printed, strict=True)):
        above = _above(parsed, number > 0)
        if above.attached:
            indent = " " * _indent(page.file.declarations[number - 1][1])
            blocks[-1] = "\n".join([blocks[-1], *(indent + comment for comment in above.attached)])
        body = _as_it_stands(parsed) if printed is None else printed
        blocks.append("\n".join([*(_switched(each, page.language) for each in above.comments), body]))
    if not blocks:
        blocks = ["\n".join(_switched(line, page.language) for line in _collapsed(_LINES.split(text)))]
    elif page.file.declarations:
        blocks[-1] += _below(page.file.declarations[-1][1])
    made = "\n\n".join(blocks).rstrip("\n")
    first = _LINES.search(text)
    end = "\r\n" if first is not None and first[0] == "\r\n" else "\n"
    return _LINES.sub(end, f"{made}\n") if made else ""


def _indent(parsed: ParsedDeclaration) -> int:
    return _RULE_INDENT if isinstance(parsed.declaration, RuleDeclaration) else _INDENT


def _first_line(parsed: ParsedDeclaration) -> int:
    """The offset of the start of the line of a declaration's first word."""
    start = parsed.tokens[0].span.start if parsed.tokens else len(parsed.text)
    return max(parsed.text.rfind("\n", 0, start), parsed.text.rfind("\r", 0, start)) + 1


def _above(parsed: ParsedDeclaration, follows: bool) -> _Above:
    lines = _LINES.split(parsed.text[: _first_line(parsed)])[:-1]
    attached: list[str] = []
    while follows and lines and lines[0].strip(_SPACE) and lines[0][:1].isspace():
        attached.append(lines.pop(0).strip(_SPACE))
    return _Above(attached, _collapsed(lines))


def _collapsed(lines: Sequence[str]) -> list[str]:
    """The lines without spaces around them, blank ones at most one at a time and none at the start."""
    made: list[str] = []
    for line in (line.strip(_SPACE) for line in lines):
        if line or (made and made[-1]):
            made.append(line)
    return made


def _as_it_stands(parsed: ParsedDeclaration) -> str:
    """The text of a declaration from its first line on."""
    end = len(parsed.text) - len(parsed.trailing)
    return _LINES.sub("\n", parsed.text[_first_line(parsed) : end]) + _LINES.split(parsed.trailing)[0].rstrip(_SPACE)


def _below(parsed: ParsedDeclaration) -> str:
    """The comments after the last declaration of a file."""
    found = read_break(f"{parsed.trailing}\n" if parsed.trailing.endswith(("\n", "\r")) else f"{parsed.trailing}\n\n")
    lines = list(found.lines) if found is not None else []
    while lines and not lines[-1]:
        lines.pop()
    return "".join(f"\n{line}" for line in lines)


def comments_of(parsed: ParsedDeclaration) -> list[str]:
    """The comments between the tokens of a declaration."""
    made: list[str] = []
    for token in parsed.tokens[1:]:
        made.extend(line for each in _LINES.split(token.leading) if (line := each.strip(_SPACE)))
    return made


# --- the comment that says the language ---------------------------------------------------------------------------


@cache
def _language_comment() -> re.Pattern[str]:
    words = "|".join(re.escape(word) for each in languages() for word in _words(each))
    codes = "|".join(map(re.escape, languages()))
    return re.compile(f"(#+[{SPACES}]*)(?:{words})[{SPACES}]*:[{SPACES}]*(?:{codes})\\b(.*)", re.IGNORECASE | re.DOTALL)


def _words(language: str) -> list[str]:
    return lexicon(language).tables["keywords"]["language_comment"]


def language_comment(language: str) -> str:
    """The comment that says which language a file is in: ``# langue : fr``."""
    space = " " if ":" in lexicon(language).tables["layout"]["spaced"] else ""
    return f"# {_words(language)[0]}{space}: {language}"


def _switched(comment: str, language: str) -> str:
    """A comment; where it says the language of the file, it says this one."""
    found = _language_comment().fullmatch(comment)
    return language_comment(language) + found[2] if found else comment
