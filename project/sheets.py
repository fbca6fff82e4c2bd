"""Sheets beside the rules: CSV and XLSX files that hold the rows of decision tables."""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import date, datetime, time
from decimal import Decimal
from pathlib import Path
from typing import Any

from ..dsl.lexicon import lexicon
from ..dsl.sheets import Sheet, SheetProblem
from ..dsl.types import BOOLEAN, DATE, DATETIME, NUMBER, PERCENTAGE, TIME
from ..dsl.values import Value
from ..dsl.writing import write_literal

MAX_BYTES = 20_000_000
"""The largest sheet that is read, unzipped: a file of a few kilobytes may hold gigabytes of zeros."""
MAX_CELLS = 1_000_000


class Sheets:
    """Reads the sheets that the rules of a project name, values written in the project's ``language``.

    ``read`` are the paths that were asked for; ``lasting`` is false where an answer depends on more than their content.
    """

    def __init__(self, language: str) -> None:
        self.language = language
        self.read: set[str] = set()
        self.lasting = True

    def __call__(self, uri: str, name: str) -> Sheet:
        """The sheet ``name`` beside the rules file ``uri``. Raises :class:`SheetProblem`."""
        path = Path(uri).parent / name
        if Path(name).is_absolute() or ".." in Path(name).parts:
            raise SheetProblem("QD236", file=name)
        self.read.add(str(path))
        try:
            if path.stat().st_size > MAX_BYTES:
                raise SheetProblem("QD237", file=name, limit=MAX_BYTES // 1_000_000)
            if path.suffix.lower() == ".xlsx":
                return self._xlsx(path, name)
            return _csv(path, name)
        except OSError:
            raise SheetProblem("QD234", file=name) from None

    def _xlsx(self, path: Path, name: str) -> Sheet:
        try:
            # 0.16 s to import, and few projects keep tables in a workbook
            import zipfile

            import openpyxl
        except ImportError:
            self.lasting = False
            raise SheetProblem("QD235", file=name) from None
        try:
            with zipfile.ZipFile(path) as archive:
                if sum(part.file_size for part in archive.infolist()) > MAX_BYTES:
                    raise SheetProblem("QD237", file=name, limit=MAX_BYTES // 1_000_000)
            book: Any = openpyxl.load_workbook(path, read_only=True, data_only=True)
        except (zipfile.BadZipFile, KeyError, ValueError):
            raise SheetProblem("QD238", file=name) from None
        rows = [tuple(self._cell(cell) for cell in row) for row in book.worksheets[0].iter_rows()]
        book.close()
        return Sheet(tuple(_trimmed(rows)))

    def _cell(self, cell: Any) -> str:
        """A cell as an author would write it: ``5 %`` for 0.05 shown as a percentage."""
        value = cell.value
        if value is None:
            return ""
        lexicon_ = lexicon(self.language)
        if isinstance(value, bool):
            return write_literal(value, BOOLEAN, lexicon_)
        if isinstance(value, (int, float)):
            number: Value = Decimal(repr(value))
            shown = str(getattr(cell, "number_format", "") or "")
            return write_literal(number, PERCENTAGE if "%" in shown else NUMBER, lexicon_)
        if isinstance(value, datetime):
            if value.time() == time(0):
                return write_literal(value.date(), DATE, lexicon_)
            return write_literal(value, DATETIME, lexicon_)
        if isinstance(value, date):
            return write_literal(value, DATE, lexicon_)
        if isinstance(value, time):
            return write_literal(value, TIME, lexicon_)
        return str(value)


def _csv(path: Path, name: str) -> Sheet:
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        raise SheetProblem("QD238", file=name) from None
    # few projects keep tables in sheets
    import csv

    try:
        rows = [tuple(row) for row in csv.reader(io.StringIO(text), delimiter=_delimiter(text), strict=True)]
    except csv.Error:
        raise SheetProblem("QD238", file=name) from None
    if sum(len(row) for row in rows) > MAX_CELLS:
        raise SheetProblem("QD237", file=name, limit=MAX_BYTES // 1_000_000)
    return Sheet(tuple(_trimmed(rows)))


def _delimiter(text: str) -> str:
    """The separator the heading uses most; spreadsheets in French write semicolons."""
    heading = text.split("\n", 1)[0]
    return max(";,\t", key=heading.count)


def _trimmed(rows: list[tuple[str, ...]]) -> Iterator[tuple[str, ...]]:
    """The rows cut to the width of the heading where what is beyond is empty."""
    width = 0
    if rows:
        width = len(rows[0])
        while width and not rows[0][width - 1].strip():
            width -= 1
    for row in rows:
        beyond = [cell for cell in row[width:] if cell.strip()]
        yield row if beyond else row[:width]
