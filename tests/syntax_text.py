"""Syntax trees in one line, for tests: operands as written, everything else as what it is.

``montant > 5`` is ``{montant gt 5}``, a group keeps its parentheses, a filter follows ``?``, a node with fields is
``Name(field, field)``.
"""

from __future__ import annotations

from typing import Any, cast

from quand.dsl import syntax as s
from quand.dsl.node import Node, compared_fields
from quand.dsl.phrases import text_of_words


def shown(node: Any) -> str:
    """A node, a list of nodes or a plain value in one line."""
    match node:
        case s.Phrase():
            return text_of_words(node.words)
        case s.Name():
            return f"[{node.text}]"
        case s.Literal():
            return node.text
        case s.Text():
            return node.quote + "".join(map(_text_part, node.parts)) + node.quote
        case s.Group():
            return f"({shown(node.inner)})"
        case s.PairCall():
            return f"{node.function}({shown(node.first)}; {shown(node.second)})"
        case s.Run():
            where = "" if node.where is None else f" ?{shown(node.where)}"
            rest = "".join(f" +{shown(item)}" for item in node.rest)
            return " · ".join(map(shown, node.items)) + where + rest
        case s.Binary():
            return f"<{shown(node.left)} {node.operator} {shown(node.right)}>"
        case s.Negative():
            return f"-{shown(node.operand)}"
        case s.Comparison():
            return f"{{{'' if node.left is None else shown(node.left) + ' '}{node.form} {shown(node.right)}}}"
        case s.Logic():
            rest = zip(node.connectors, node.parts[1:], strict=True)
            return shown(node.parts[0]) + "".join(f" {word} {shown(part)}" for word, part in rest)
        case s.InvalidSyntax():
            return "INVALID"
        case s.Names():
            return shown(node.phrase) + ("" if node.other is None else f" / {shown(node.other)}")
        case Node():
            fields = [getattr(node, name) for name in compared_fields(type(node))]
            return f"{type(node).__name__}({', '.join(shown(field) for field in fields if field not in _ABSENT)})"
        case tuple():
            return "[" + ", ".join(map(shown, cast("tuple[Any, ...]", node))) + "]"
        case bool():
            return "yes" if node else "no"
        case _:
            return str(node)


_ABSENT: tuple[Any, ...] = (None, (), "", False)


def _text_part(part: str | s.Interpolation) -> str:
    if isinstance(part, str):
        return part
    return "{" + shown(part.value) + ("" if part.otherwise is None else f" | {shown(part.otherwise)}") + "}"
