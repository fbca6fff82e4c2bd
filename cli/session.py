"""What holds for one run of the command line: its language, and whether to show tracebacks."""

from __future__ import annotations

import locale
import os
import sys
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from ..dsl.messages import languages, ui

DEFAULT_LANGUAGE = "fr"


class Session(NamedTuple):
    """``asked`` is the language of ``--lang``, if given; ``language`` the one of help, messages and reports."""

    asked: str | None
    language: str
    debug: bool

    def text(self, key: str, **args: Any) -> str:
        """A text of the ``[ui]`` messages in the language of this session."""
        return ui(key, self.language, **args)


def session(arguments: Sequence[str], environment: Mapping[str, str]) -> Session:
    """The session these arguments ask for. The language is needed before click reads them, for its own texts."""
    asked = _option(arguments, "--lang")
    known = languages()
    asked = asked if asked in known else None
    chosen = asked or environment.get("QUAND_LANG", "").lower()
    language = chosen if chosen in known else _locale_language(environment, known)
    return Session(asked, language, "--debug" in arguments)


def _option(arguments: Sequence[str], name: str) -> str | None:
    value = None
    for position, argument in enumerate(arguments):
        if argument == "--":
            break
        if argument == name and position + 1 < len(arguments):
            value = arguments[position + 1]
        elif argument.startswith(name + "="):
            value = argument[len(name) + 1 :]
    return value


def _locale_language(environment: Mapping[str, str], known: Sequence[str]) -> str:
    """The language of the locale, where it names one that is known."""
    for variable in ("LC_ALL", "LC_MESSAGES", "LANG"):
        if value := environment.get(variable):
            break
    else:
        # Windows sets no variable
        value = (locale.getlocale()[0] or "") if sys.platform == "win32" else ""
    language = value[:2].lower()
    return language if language in known else DEFAULT_LANGUAGE


def prepare_streams() -> None:
    """Make printing never fail on a character the terminal cannot show; the character is replaced."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            # a file opened later would get the number of the closed stream, and with it whatever is printed
            setattr(sys, name, open(os.devnull, mode, encoding="utf-8"))  # noqa: PTH123, SIM115 - as long as the process
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors="replace")


def print_data(text: str) -> None:
    """Print a line for a program: UTF-8 whatever the terminal speaks."""
    buffer = getattr(sys.stdout, "buffer", None)
    if buffer is None:
        sys.stdout.write(text + "\n")
        return
    sys.stdout.flush()
    buffer.write(text.encode("utf-8", "surrogatepass") + b"\n")
    buffer.flush()


def silence_stdout() -> None:
    """After a broken pipe: let the interpreter's own flush at exit fail in silence."""
    devnull = os.open(os.devnull, os.O_WRONLY)
    os.dup2(devnull, sys.stdout.fileno())
