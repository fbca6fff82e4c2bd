"""Which tables and columns of a database hold which objects and fields, where their names do not say so."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias

import attrs

from ...dsl.node import Node, node


@node
class TableMapping(Node):
    """Where the objects of a type are kept.

    ``table`` is a table, by its exact name; the one that the name of the object finds where it is ``None``.
    ``columns`` are columns by the name of the field they hold, in any language; ``scales`` the decimals of columns of
    binary floats, by field.
    """

    table: str | None = None
    columns: Mapping[str, str] = attrs.field(factory=dict[str, str])
    scales: Mapping[str, int] = attrs.field(factory=dict[str, int])


Tables: TypeAlias = Mapping[str, TableMapping]
"""By the name of the object or declared event, in any language."""
