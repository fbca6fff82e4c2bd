"""What a database, or a file of records, holds, in plain words: what a vocabulary can be written from."""

from __future__ import annotations

from typing import Any

from ...dsl.node import Node, node

ROWS = 5000
"""Rows looked at in each table."""


@node
class Column(Node):
    """A column. ``kind`` is what its type declares: ``text integer number real boolean date time datetime binary``;
    what is known from elsewhere may be ``money``, ``percentage`` or ``any``.

    ``scale`` are its decimals, ``length`` the characters of a text. ``default`` is the constant that fills it, as SQL
    writes it. ``choices`` are all values its type allows. ``values`` are those of the rows looked at, the missing ones
    left out.
    """

    name: str
    kind: str
    scale: int | None = None
    length: int | None = None
    nullable: bool = True
    default: str | None = None
    filled: bool = False
    """Whether the database itself gives a value where none is given."""
    comment: str = ""
    choices: tuple[str, ...] = ()
    values: tuple[Any, ...] = ()


@node
class ForeignKey(Node):
    """Columns that hold the key of another table."""

    columns: tuple[str, ...]
    table: str
    referred: tuple[str, ...]


@node
class Table(Node):
    """A table. ``key`` are the columns of its primary key, ``unique`` columns that are unique by themselves.

    ``checks`` are its conditions, as SQL writes them.
    """

    name: str
    columns: tuple[Column, ...]
    key: tuple[str, ...] = ()
    foreign: tuple[ForeignKey, ...] = ()
    unique: frozenset[str] = frozenset()
    checks: tuple[str, ...] = ()
    comment: str = ""
