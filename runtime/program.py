"""A compiled program: immutable, shared between threads, saved and loaded as JSON without the parser."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..dsl import ir
from ..dsl.invariants import check
from ..dsl.ir_json import IRError, from_json, to_json
from .business import Calendar
from .candidates import Candidates
from .compile import Compiled
from .decide import Decider
from .index import Index
from .model import Model

if TYPE_CHECKING:
    import sqlite3


class Program:
    """What ``quand.compile`` gives: an IR with what the runtime looks up in it."""

    def __init__(self, program: ir.Program) -> None:
        self.ir = program
        self.model = Model(program)

    @cached_property
    def index(self) -> Index:
        """From what happens to the rules that may care."""
        return Index(self.model)

    @cached_property
    def candidates(self) -> Candidates:
        """From what happens to the rules that can fire, by the values their conditions ask for."""
        return Candidates(self.model)

    @cached_property
    def evaluator(self) -> Compiled:
        """What gives the values of expressions: functions generated from them."""
        return Compiled(self.model)

    @cached_property
    def _decider(self) -> Decider:
        return Decider(self.model, self.evaluator)

    def to_json(self) -> str:
        """The canonical JSON of the IR, without source positions."""
        return to_json(self.ir)

    def save(self, path: str | Path) -> None:
        """Write the IR as JSON. Raises ``OSError``."""
        Path(path).write_text(self.to_json(), encoding="utf-8", newline="\n")

    def lend_functions(self, connection: sqlite3.Connection) -> None:
        """Give a connection the functions and the collation that ``quand sql --dialect sqlite`` prints.

        Those that the rules use; business time follows the project's hours, without holidays.
        """
        # sqlglot costs start-up time and is an extra
        from .sql.rules import lend_functions

        lend_functions(self.model, connection)

    @classmethod
    def load(cls, path: str | Path) -> Program:
        """Read what :meth:`save` wrote. Raises ``OSError``, or :class:`~..dsl.ir_json.IRError` for another content."""
        program = from_json(Path(path).read_text(encoding="utf-8"))
        broken = check(program)
        if broken:
            raise IRError(broken[0])
        return cls(program)

    def decide(
        self,
        record: Mapping[str, Any],
        object: str | None = None,  # noqa: A002 (the word of the language)
        *,
        now: datetime | None = None,
        calendar: Calendar | None = None,
    ) -> list[str]:
        """The names of the rules whose condition holds of a record, by descending priority, then name.

        ``record`` maps names of fields, in any language, to values: typed ones, or what an event may hold. Rules over
        ``object`` are asked; without it those whose object has all the fields named. Triggers, dates of validity and
        other objects play no part; nothing is stored. Raises ``ValueError`` for a field or a value that no rule's
        object has room for.
        """
        return [rule.name for rule in self._decider.rules(record, object, now, calendar)]
