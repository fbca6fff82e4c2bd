"""Computed fields: the bodies of definitions, defaults and decision tables, resolved when first needed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TypeAlias, cast

from . import ir
from . import syntax as s
from .expressions import ExpressionResolver
from .node import Node, compared_fields
from .operators import FAILED
from .scope import Scope
from .sheets import ReadSheet, no_sheets
from .sink import Sink
from .table_analysis import analyse_table
from .tables import resolve_table
from .types import Type, number_in, reference_to
from .vocabulary import FieldSymbol, GlobalSymbol, Vocabulary, display

ResolverFor: TypeAlias = Callable[[str], ExpressionResolver]


class Definitions:
    """Resolves bodies on demand, each once, and reports the ones that need themselves."""

    def __init__(self, vocabulary: Vocabulary, resolver_for: ResolverFor, read_sheet: ReadSheet = no_sheets) -> None:
        self.vocabulary = vocabulary
        self.read_sheet = read_sheet
        self.resolver_for = resolver_for
        self._bodies: dict[tuple[str, str], ir.Expression] = {}
        self._defaults: dict[tuple[str, str], ir.Expression] = {}
        self._open: list[tuple[tuple[str, str], str]] = []

    # --- types the resolver asks for ------------------------------------------------------------------------------

    def type_of_field(self, symbol: FieldSymbol) -> Type:
        """The type of a field; that of a definition is its body's."""
        if symbol.type is not None:
            return symbol.type
        body = self.body_of(symbol)
        return self._typed(body, symbol.unit)

    def type_of_global(self, name: str) -> Type:
        symbol = self.vocabulary.globals[name]
        return self._typed(self.body_of_global(symbol), symbol.unit)

    @staticmethod
    def _typed(body: ir.Expression, unit: str | None) -> Type:
        if unit is not None and body.type.kind in {"number", "integer"}:
            return number_in(unit)
        return body.type

    # --- bodies ---------------------------------------------------------------------------------------------------

    def body_of(self, symbol: FieldSymbol) -> ir.Expression:
        """The body of a definition or table."""
        key = (symbol.owner, symbol.name)
        known = self._bodies.get(key)
        if known is not None:
            return known
        name = display(symbol.names, symbol.place.language)
        if self._circular(key, name, symbol.sink, symbol.place.span):
            return FAILED
        subject = ir.Variable("subject", reference_to(symbol.owner))
        scope = Scope(symbol.place.language, subject)
        self._open.append((key, name))
        try:
            resolver = self.resolver_for(symbol.place.language)
            assert symbol.sink is not None
            with resolver.reporting_to(symbol.sink):
                if symbol.table is not None:
                    assert symbol.type is not None
                    table, body = resolve_table(
                        resolver, symbol.table, symbol.type, symbol.choices, scope, self.read_sheet
                    )
                    if isinstance(body, ir.Decision):
                        analyse_table(resolver, table, body)
                else:
                    assert symbol.definition is not None
                    body = self._checked_unit(resolver, symbol.definition, scope, symbol.unit)
        finally:
            self._open.pop()
        self._bodies[key] = body
        return body

    def body_of_global(self, symbol: GlobalSymbol) -> ir.Expression:
        """The body of a definition without an object."""
        key = ("", symbol.name)
        known = self._bodies.get(key)
        if known is not None:
            return known
        name = display(symbol.names, symbol.place.language)
        if self._circular(key, name, symbol.sink, symbol.place.span):
            return FAILED
        self._open.append((key, name))
        try:
            resolver = self.resolver_for(symbol.place.language)
            assert symbol.sink is not None and symbol.definition is not None
            with resolver.reporting_to(symbol.sink):
                body = self._checked_unit(resolver, symbol.definition, Scope(symbol.place.language), symbol.unit)
        finally:
            self._open.pop()
        self._bodies[key] = body
        return body

    @staticmethod
    def _checked_unit(
        resolver: ExpressionResolver, node: s.Expression, scope: Scope, unit: str | None
    ) -> ir.Expression:
        if unit is None:
            return resolver.expression(node, scope)
        return resolver.value(node, scope, number_in(unit))

    def default_of(self, symbol: FieldSymbol) -> ir.Expression | None:
        """The default of a field, converted to its type; ``None`` where it has none."""
        if symbol.default is None or symbol.sink is None or symbol.type is None:
            return None
        key = (symbol.owner, symbol.name)
        known = self._defaults.get(key)
        if known is None:
            resolver = self.resolver_for(symbol.place.language)
            subject = ir.Variable("subject", reference_to(symbol.owner)) if symbol.owner else None
            with resolver.reporting_to(symbol.sink):
                known = resolver.value(
                    symbol.default, Scope(symbol.place.language, subject), symbol.type, symbol.choices
                )
            if symbol.owner:
                self._defaults[key] = known
        return known

    def report_circles(self, symbols: Iterable[FieldSymbol]) -> None:
        """Report defaults that need themselves; their types are declared, so resolving them meets no circle."""
        told: set[tuple[str, str]] = set()
        for symbol in symbols:
            cycle = self._cycle(symbol, [])
            if cycle is None or symbol.sink is None or any((f.owner, f.name) in told for f in cycle):
                continue
            told.update((f.owner, f.name) for f in cycle)
            names = [display(f.names, symbol.place.language) for f in [*cycle, symbol]]
            offset = symbol.sink.offset
            place = s.Span(symbol.place.span.start - offset, symbol.place.span.end - offset)
            symbol.sink.report("QD301", place, name=names[0], cycle=names)

    def _cycle(self, symbol: FieldSymbol, path: list[FieldSymbol]) -> list[FieldSymbol] | None:
        """The fields from a field back to itself over the values they are read from, if there are such."""
        start = path[0] if path else symbol
        for known in self._read_from(symbol):
            if known is start:
                return [*path, symbol]
            if known not in path and known is not symbol and len(path) < _LONGEST_CYCLE:
                found = self._cycle(known, [*path, symbol])
                if found is not None:
                    return found
        return None

    def _read_from(self, symbol: FieldSymbol) -> list[FieldSymbol]:
        """The fields of the same object that a default reads, which have a default themselves."""
        body = self.default_of(symbol)
        names = dict.fromkeys(own_fields(body)) if body is not None else {}
        fields = [self.vocabulary.field(symbol.owner, name) for name in names]
        return [field for field in fields if field is not None and field.default is not None]

    def _circular(self, key: tuple[str, str], name: str, sink: Sink | None, span: s.Span) -> bool:
        """Report a definition that is being resolved already; the cycle is named."""
        position = next((n for n, (open_key, _) in enumerate(self._open) if open_key == key), None)
        if position is None:
            return False
        names = [open_name for _, open_name in self._open[position:]]
        self._bodies[key] = FAILED
        if sink is not None:
            place = s.Span(span.start - sink.offset, span.end - sink.offset)
            sink.report("QD301", place, name=name, cycle=[*names, name])
        return True


_LONGEST_CYCLE = 20


def own_fields(node: object) -> Iterator[str]:
    """The fields of the subject that an expression reads."""
    if isinstance(node, ir.FieldOf) and isinstance(node.object, ir.Variable) and node.object.name == "subject":
        yield node.field
    elif isinstance(node, Node):
        for name in compared_fields(type(node)):
            yield from own_fields(getattr(node, name))
    elif type(node) is tuple:
        for member in cast("tuple[object, ...]", node):
            yield from own_fields(member)
