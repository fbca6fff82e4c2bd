"""The compiled program: generated functions in place of the interpreter, equal to it on everything.

Functions are made when an expression is first evaluated, so that starting costs nothing, and kept by the identity of
the expression. A program is shared between threads: two of them may make the same function, and either serves.
"""

from __future__ import annotations

from ..dsl import ir
from ..dsl.values import Value
from .codegen import Place, function_for
from .codegen_support import Generated, Lazy, Unexpected
from .interpret import Scope, interpret
from .model import Model

_OVER_SUBJECT = Place(("subject",), closed=True)
_ALONE = Place((), closed=True)
_ANYWHERE = Place()

_MOST_FUNCTIONS = 100_000
"""Expressions that are not the program's own may come and go: beyond these, functions are made afresh."""


class Compiled:
    """An evaluator of expressions for :class:`~.interpret.Scope`: called like :func:`~.interpret.interpret`."""

    def __init__(self, model: Model) -> None:
        self.model = model
        self._functions: dict[int, tuple[ir.Expression, Generated]] = {}
        self._computed: dict[int, Lazy] = {}
        self._globals: dict[str, Lazy] = {}

    def __call__(self, expression: ir.Expression, scope: Scope) -> Value:
        """The value of an expression; raises what the interpreter raises."""
        found = self._functions.get(id(expression))
        function = found[1] if found is not None else self._made(expression)
        try:
            return function(scope)
        except Unexpected:
            return interpret(expression, scope)

    def _made(self, expression: ir.Expression) -> Generated:
        if len(self._functions) >= _MOST_FUNCTIONS:
            self._functions.clear()
        function = function_for(expression, _ANYWHERE, self)
        # the expression is kept too: its identity must not go to another one
        self._functions[id(expression)] = expression, function
        return function

    def computed_body(self, expression: ir.Expression) -> Lazy:
        """The function of a definition or a default of the program over its subject."""
        body = self._computed.get(id(expression))
        if body is None:
            body = self._computed[id(expression)] = Lazy(lambda: function_for(expression, _OVER_SUBJECT, self))
        return body

    def global_body(self, name: str) -> Lazy:
        """The function of a definition without an object. Raises ``KeyError`` for one the program does not have."""
        body = self._globals.get(name)
        if body is None:
            value = self.model.definitions[name].value
            body = self._globals[name] = Lazy(lambda: function_for(value, _ALONE, self))
        return body
