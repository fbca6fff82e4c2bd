"""The compiled program: generated functions in place of the interpreter, equal to it on everything.

Making a function takes as long as interpreting its expression a few times, so the first evaluations are the
interpreter's, and nothing is made when a program starts. Functions are kept by the identity of the expression. A
program is shared between threads: two of them may make the same function, and either serves.
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

_MOST_FUNCTIONS = 200_000
"""Expressions that are not the program's own may come and go: beyond these, functions are made afresh."""


class Compiled:
    """An evaluator of expressions for :class:`~.interpret.Scope`: called like :func:`~.interpret.interpret`."""

    def __init__(self, model: Model, patience: int = 2) -> None:
        """``patience``: how many times an expression is interpreted before it gets a function."""
        self.model = model
        self._patience = patience
        self._functions: dict[int, tuple[ir.Expression, Generated]] = {}
        self._interpreted: dict[int, tuple[ir.Expression, int]] = {}
        self._computed: dict[int, Lazy] = {}
        self._globals: dict[str, Lazy] = {}

    def __call__(self, expression: ir.Expression, scope: Scope) -> Value:
        """The value of an expression; raises what the interpreter raises."""
        found = self._functions.get(id(expression))
        function = found[1] if found is not None else self._made(expression)
        if function is None:
            return interpret(expression, scope)
        try:
            return function(scope)
        except Unexpected:
            return interpret(expression, scope)

    def _made(self, expression: ir.Expression) -> Generated | None:
        """The function of an expression met often enough; what is kept by identity keeps the expression alive."""
        key = id(expression)
        _, count = self._interpreted.get(key, (None, 0))
        if count < self._patience:
            self._interpreted[key] = expression, count + 1
            return None
        if len(self._functions) >= _MOST_FUNCTIONS:
            self._functions.clear()
            self._interpreted.clear()
        function = function_for(expression, _ANYWHERE, self)
        self._functions[key] = expression, function
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
