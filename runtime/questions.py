"""What a store is asked in place of reading row after row: aggregates and collections, as SQL where it is exact.

The interpreter is the definition: a question that cannot be said exactly, a row on which SQL is doubtful, an answer
that does not come are its own to decide. What a transaction has changed without writing it is not in the tables:
statements leave out the rows it touched and those that refer to them, and the interpreter looks at these.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from ..dsl import ir
from ..dsl.types import Type
from ..dsl.values import Money, Reference, Value
from .aggregates import UNASKED, accepted, average, of_rows, total
from .budgets import Budgets
from .dates import Clockwork
from .model import Model
from .problems import Failure
from .state import State
from .stores.port import Asking, Unanswered
from .values import CONTEXT

if TYPE_CHECKING:
    from .interpret import Scope
    from .sql.plans import Plan, Planner, Reached

_DIGITS = 34
_MOST_BROKEN = 3
"""How many questions may break a transaction before no more are asked: a transaction is tried five times."""


class Questions:
    """The questions of one program; an engine has its own."""

    def __init__(self, model: Model, clockwork: Clockwork) -> None:
        self._model = model
        self._clockwork = clockwork
        self._plans: dict[int, tuple[Any, Plan | None]] = {}
        self._tables: Any = None
        self._planner: Planner | None = None
        self._broken = 0

    # --- plans ----------------------------------------------------------------------------------------------------

    def _plan(self, asked: ir.Aggregate | ir.Collection, store: Asking) -> Plan | None:
        """The plan of a question; ``None`` where it has none. Made for the tables as they are now."""
        if store.tables is not self._tables:
            self._plans.clear()
            self._tables, self._planner = store.tables, None
        found = self._plans.get(id(asked))
        if found is None:
            # what is kept by identity keeps the expression alive
            found = self._plans[id(asked)] = asked, self._made(asked, store)
        return found[1]

    def _made(self, asked: ir.Aggregate | ir.Collection, store: Asking) -> Plan | None:
        # sqlglot costs start-up time, and only stores that can be asked need it
        try:
            from .sql.plans import Planner
            from .sql.sqlite_functions import Functions
            from .sql.terms import Unsupported
        except ImportError:
            return None
        if self._planner is None:
            functions = Functions(self._clockwork, Budgets(self._model.settings.budgets), self._model)
            self._planner = Planner(self._model, self._clockwork, store.tables, store.dialect, functions)
        try:
            if isinstance(asked, ir.Collection):
                return self._planner.members(asked)
            return self._planner.aggregate(asked)
        except (Unsupported, RecursionError):
            return None

    # --- questions ------------------------------------------------------------------------------------------------

    def members(self, collection: ir.Collection, scope: Scope, owner: Value, since: Value) -> list[Reference] | None:
        """The members of a collection by identifier, or ``None``; those it is doubtful of have been looked at."""
        asked = self._ask(collection, collection, scope)
        if asked is None:
            return None
        plan, rows, touched = asked
        key = plan.table.key
        sure = {Reference(collection.object, key.decoded(row[:-1])) for row in rows if not row[-1]}
        doubtful = {Reference(collection.object, key.decoded(row[:-1])) for row in rows if row[-1]}
        found = set(sure)
        for reference in sorted(doubtful | touched):
            if accepted(collection, scope, owner, since, reference):
                found.add(reference)
        return sorted(found)

    def aggregate(self, expression: ir.Aggregate, scope: Scope, owner: Value, since: Value) -> Value:
        """The value of an aggregate, or :data:`UNASKED`."""
        try:
            asked = self._ask(expression, expression.collection, scope)
            if asked is None:
                return UNASKED
            plan, rows, touched = asked
            inner = [
                reference
                for reference in sorted(touched)
                if accepted(expression.collection, scope, owner, since, reference)
            ]
            return self._worth(expression, scope, plan, rows, inner)
        except Failure:
            return UNASKED

    def _ask(
        self, asked: ir.Aggregate | ir.Collection, collection: ir.Collection, scope: Scope
    ) -> tuple[Plan, Sequence[Sequence[Any]], set[Reference]] | None:
        """The rows of the statement, and the objects it leaves out."""
        store, changed = scope.state.asking()
        if store is None or self._broken >= _MOST_BROKEN:
            return None
        plan = self._plan(asked, store)
        if plan is None:
            return None
        for reference in scope.ghosts:
            changed.setdefault(reference.object, set()).add(reference.id)
        if plan.through & {kind for kind, names in changed.items() if names}:
            return None
        left = frozenset(each for each in (plan.base, *plan.reached) if changed.get(each.kind))
        statement = plan.statement(left)
        parameters = self._filled(plan, statement.names, scope)
        if parameters is None:
            return None
        for name, reached in statement.left_out.items():
            parameters[name] = _listed(store, reached.kind, changed[reached.kind])
        try:
            rows = store.select(statement.text, parameters, plan.functions)
        except Unanswered:
            # the transaction is over: it is done again, and this is not asked any more
            self._broken += 1
            self._plans[id(asked)] = asked, None
            raise
        if rows is None:
            return None
        return plan, rows, _touched(left, changed, scope.state)

    def _filled(self, plan: Plan, names: frozenset[str], scope: Scope) -> dict[str, Any] | None:
        from .interpret import evaluate
        from .sql.statements import filled
        from .stores.sql_values import Unfit

        parameters: dict[str, Any] = {}
        for each in plan.parameters:
            if each.name not in names:
                continue
            try:
                parameters[each.name] = filled(each, evaluate(each.expression, scope), plan.dialect)
            except (Unfit, Failure):
                return None
            if parameters[each.name] is None and each.name in plan.needed:
                return None
        return parameters

    # --- answers --------------------------------------------------------------------------------------------------

    def _worth(
        self,
        expression: ir.Aggregate,
        scope: Scope,
        plan: Plan,
        rows: Sequence[Sequence[Any]],
        touched: list[Reference],
    ) -> Value:
        from .interpret import evaluate

        kind = expression.kind
        variable = expression.collection.variable
        if kind in {"first", "last"}:
            if any(row[-1] for row in rows):
                return UNASKED
            kept = [Reference(expression.collection.object, plan.table.key.decoded(row[:-1])) for row in rows]
            order = expression.order_by
            candidates = sorted({*kept, *touched})
            if order is None:
                return of_rows(expression, scope, ((reference, reference.id) for reference in candidates))
            valued = ((each, evaluate(order, scope.with_variable(variable, each))) for each in candidates)
            return of_rows(expression, scope, valued)
        *columns, doubt = rows[0]
        if doubt:
            return UNASKED
        if kind == "count":
            return Decimal(columns[0] + len(touched))
        if kind in {"exists", "none"}:
            return bool(columns[0] + len(touched)) is (kind == "exists")
        assert expression.value is not None
        values: list[Value] = [evaluate(expression.value, scope.with_variable(variable, each)) for each in touched]
        if kind == "all":
            wrong, unknown = columns
            if wrong or False in values:
                return False
            return None if unknown or None in values else True
        values = [value for value in values if value is not None]
        if kind in {"sum", "average"}:
            return self._total(expression, scope, plan, columns, values)
        stored = _decoded(columns[0], plan.value_kind, self._model.settings.currency)
        both = [*([] if stored is None else [stored]), *values]
        return of_rows(expression, scope, ((Reference("", ""), value) for value in both))

    def _total(
        self, expression: ir.Aggregate, scope: Scope, plan: Plan, columns: list[Any], values: list[Value]
    ) -> Value:
        """The sum or the average, unless 34 digits might not be enough for a sum on the way."""
        stored, count, size = columns
        sizes = [Decimal(size or 0)]
        for value in values:
            amount = value.amount if isinstance(value, Money) else value
            if not isinstance(amount, Decimal):
                return UNASKED
            sizes.append(abs(amount))
        finest = max(0, *(-exponent for each in sizes if isinstance(exponent := each.as_tuple().exponent, int)))
        largest = max(each.adjusted() for each in sizes)
        if largest + 1 + len(str(len(sizes))) + finest > _DIGITS:
            return UNASKED
        if count:
            number = CONTEXT.plus(Decimal(stored))
            known = Money(number, self._model.settings.currency) if plan.value_kind == "money" else number
            values = [known, *values]
        if expression.kind == "sum":
            return total(values, expression.type.kind, scope)
        number_of = int(count) + len(values) - bool(count)
        return average(total(values, expression.type.kind, scope), number_of, scope) if number_of else None


def _decoded(raw: Any, kind: str, currency: str) -> Value:
    """A value that a database gave back."""
    from .stores.sql_values import decode

    found = decode(raw, Type("number" if kind == "money" else kind))
    return Money(found, currency) if kind == "money" and isinstance(found, Decimal) else found


def _listed(store: Asking, kind: str, names: Iterable[str]) -> Any:
    """Identifiers as one parameter: the contents of the key's column, as texts or as they are."""
    key = store.tables[kind].key
    made: list[Any] = []
    for name in sorted(names):
        encoded = key.encoded(name)
        if encoded is not None:
            made += encoded.values()
    if store.dialect != "sqlite":
        return [str(each) for each in made]
    # the one list that SQLite takes
    from json import dumps

    return dumps(made)


def _touched(left: Iterable[Reached], changed: Mapping[str, set[str]], state: State) -> set[Reference]:
    """The rows that a statement leaves out, as they are now."""
    found: set[Reference] = set()
    for reached in left:
        here = {Reference(reached.kind, name) for name in changed[reached.kind]}
        for kind, field, _ in reversed(reached.path):
            here = {Reference(kind, name) for target in here for name in state.find(kind, field, target)}
        found |= here
    return {reference for reference in found if state.get(reference) is not None}
