"""What a program that embeds Quand calls."""

from __future__ import annotations

from os import PathLike, fspath

from ..runtime.program import Program
from .compile import load, load_text


def compile(*paths: str | PathLike[str], language: str | None = None) -> Program:  # noqa: A001 - the contract's name
    """Compile files and folders of rules, with the ``quand.toml`` found from the first one upwards.

    ``language`` is that of the messages (that of each file unless given). Raises :class:`~.compile.CompilationError`
    where there are errors, :class:`~.errors.ProjectError` for a path or a configuration that will not do.
    """
    project = load([fspath(path) for path in paths])
    return Program(project.checked(language))


def compile_text(source: str, language: str | None = None) -> Program:
    """Compile one text, with the default configuration. ``language`` is the text's, found out unless given.

    Raises :class:`~.compile.CompilationError` where there are errors.
    """
    return Program(load_text(source, language).checked(language))
