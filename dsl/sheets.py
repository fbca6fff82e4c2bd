"""Decision tables whose rows stand in a sheet beside the rules: the first row names the columns.

Reading the file is the caller's: this module gets its cells as texts and points at them by their address (``B3``).
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import contextmanager
from typing import Any, TypeAlias

import attrs

from . import syntax as s
from .diagnostic import Diagnostic
from .node import Node, node
from .parser import parse_cell, parse_expression
from .sink import FileDiagnostic, Sink
from .source import Span


@node
class Sheet(Node):
    """The cells of a sheet as an author would write them in a table."""

    rows: tuple[tuple[str, ...], ...]


class SheetProblem(Exception):
    """A sheet that cannot be read; ``code`` and ``args_`` make the diagnostic."""

    def __init__(self, code: str, **args: Any) -> None:
        super().__init__(code)
        self.code = code
        self.args_ = args


ReadSheet: TypeAlias = Callable[[str, str], Sheet]
"""From the uri of a rules file and the name it gives to the sheet; raises :class:`SheetProblem`."""


def no_sheets(uri: str, name: str) -> Sheet:
    """For a text without a place: no file stands beside it."""
    raise SheetProblem("QD234", file=name)


class CellSink(Sink):
    """Reports what is wrong in a cell at the place in the rules that names the sheet."""

    __slots__ = ("address", "file", "where")

    def __init__(self, sink: Sink, where: Span, file: str, address: str) -> None:
        super().__init__(sink.found, sink.uri, sink.language, sink.offset, sink.standard, sink.text)
        self.muted = sink.muted
        self.where = where
        self.file = file
        self.address = address

    def found_in_cell(self, reason: Diagnostic) -> None:
        """Report a finding about the text of the cell."""
        self.found.append(
            FileDiagnostic(
                self.uri,
                self.language,
                Diagnostic(
                    "QD233",
                    self.where.shifted(self.offset),
                    {"file": self.file, "cell": self.address, "reason": reason},
                    reason.severity,
                ),
            )
        )

    def report(self, code: str, span: Span, **details: Any) -> None:
        if self.muted:
            self.suppressed += 1
        else:
            severity = details.pop("severity", "error")
            args = {key: value for key, value in details.items() if key not in _PLACES}
            self.found_in_cell(Diagnostic(code, span, args, severity))


_PLACES = frozenset({"labels", "fixes", "fix_args", "safe"})


def address_of(row: int, column: int) -> str:
    """``B3`` for row 2 and column 1, both counted from 0."""
    letters = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return f"{letters}{row + 1}"


class SheetTable:
    """A table declaration with the columns and rows of a sheet in place of its own."""

    def __init__(self, table: s.TableDeclaration, sheet: Sheet, where: Span, file: str) -> None:
        self.where = where
        self.file = file
        self.sheet = sheet
        self.table = table

    def filled(self, sink: Sink, language: str) -> s.TableDeclaration:
        """The declaration with what the sheet holds; a cell that cannot be read is reported by its address."""
        rows = [row for row in self.sheet.rows if any(cell.strip() for cell in row)]
        heading = rows[0] if rows else ()
        columns: list[s.Expression] = []
        for number, text in enumerate(heading):
            parsed = parse_expression(text.strip(), language)
            self._report(sink, 0, number, parsed.diagnostics)
            columns.append(parsed.expression)
        made: list[s.TableRow] = []
        for number, row in enumerate(rows[1:], 1):
            cells: list[s.Cell] = []
            for column, text in enumerate(row):
                cell = parse_cell(text.strip(), language)
                self._report(sink, number, column, cell.diagnostics)
                cells.append(cell.cell)
            made.append(s.TableRow(tuple(cells), span=self.where))
        return attrs.evolve(self.table, columns=tuple(columns), rows=tuple(made))

    def _report(self, sink: Sink, row: int, column: int, found: tuple[Diagnostic, ...]) -> None:
        for diagnostic in found:
            CellSink(sink, self.where, self.file, address_of(row, column)).found_in_cell(diagnostic)

    @contextmanager
    def at(self, holder: Any, row: int, column: int) -> Generator[None]:
        """Report about a cell inside the block; ``holder.sink`` is swapped meanwhile."""
        before = holder.sink
        holder.sink = CellSink(before, self.where, self.file, address_of(row, column))
        try:
            yield
        finally:
            holder.sink = before
