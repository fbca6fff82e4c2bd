"""The command ``quand``: picks the command, and turns whatever goes wrong into one line and an exit status."""

from __future__ import annotations

import errno
import gc
import os
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING

from ..project.version import __version__

if TYPE_CHECKING:
    from .session import Session

COMMANDS = {
    "check": ".check",
    "run": ".run",
    "worker": ".worker",
    "outbox": ".outbox",
    "test": ".test",
    "explain": ".explain",
    "simulate": ".simulate",
    "model": ".model",
    "compile": ".compile",
    "sql": ".sql",
    "fmt": ".fmt",
    "translate": ".translate",
    "vocabulary": ".vocabulary",
    "init": ".init",
    "lsp": ".lsp",
}
"""The module of each command, imported when the command is asked for."""

_UNWRITABLE = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO})
"""What becomes of an output that goes to a file."""

USAGE = 2
INTERRUPTED = 130

GARBAGE_THRESHOLD = 100_000
"""New objects before the first search for garbage: loading makes many that stay, and Python would search 80 times."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line and leave with its exit status: 0 fine, 1 something was found, 2 usage."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    if given == ["--version"]:
        # the commonest probe of scripts and editors pays for no library
        print(f"quand {__version__}")
        sys.exit(0)
    sys.exit(_run(given))


def _run(arguments: list[str]) -> int:
    gc.set_threshold(GARBAGE_THRESHOLD)
    from .session import prepare_streams, session

    prepare_streams()
    here = session(arguments, os.environ)
    command = _plain_check if _is_plain_check(arguments) else _command
    return _guarded(here, lambda: command(here, arguments))


def _is_plain_check(arguments: Sequence[str]) -> bool:
    """``quand check PATH...`` without an option: what editors and CI run most pays for no option parser."""
    return len(arguments) > 1 and arguments[0] == "check" and not any(a.startswith("-") for a in arguments[1:])


def _plain_check(here: Session, arguments: list[str]) -> int:
    from .checks import check

    return check(here, tuple(arguments[1:]))


def _command(here: Session, arguments: list[str]) -> int:
    import click

    from .commands import Group, usage_text

    try:
        return int(Group(here, COMMANDS, __version__).main(arguments, prog_name="quand", standalone_mode=False) or 0)
    except click.exceptions.NoArgsIsHelpError as error:
        print(error.format_message(), file=sys.stderr)
        return USAGE
    except click.ClickException as error:
        return _fail(f"quand: {usage_text(here, error)}", here.debug)
    except click.Abort:
        raise KeyboardInterrupt from None


def _guarded(here: Session, run: Callable[[], int]) -> int:
    """The exit status of a command, whatever goes wrong."""
    from .session import silence_stdout

    try:
        status = run()
        sys.stdout.flush()
        return status
    except BrokenPipeError:
        silence_stdout()
        return 1
    except KeyboardInterrupt:
        print(here.text("interrupted"), file=sys.stderr)
        return INTERRUPTED
    except Exception as error:  # noqa: BLE001 - no traceback ever reaches a user
        if isinstance(error, OSError) and error.filename is None:
            # the disk where the output goes is full; what it did not take is not tried again
            silence_stdout()
        return _fail(_unexpected(error, here.language), here.debug)


def _unexpected(error: Exception, language: str) -> str:
    from ..dsl.messages import ui
    from ..project.errors import ProjectError
    from ..runtime.stores.port import StoreError

    if isinstance(error, (ProjectError, StoreError)):
        return error.text(language)
    if isinstance(error, OSError) and error.filename is not None:
        return ProjectError.of("cannot_read", error).text(language)
    if isinstance(error, OSError) and error.errno in _UNWRITABLE:
        return ui("cannot_print", language, reason=errno.errorcode[error.errno])
    if isinstance(error, RecursionError):
        return ui("too_deep", language)
    return ui("internal_error", language, kind=type(error).__name__, reason=str(error))


def _fail(line: str, debug: bool) -> int:
    if debug:
        # only with --debug
        import traceback

        traceback.print_exc()
    # nobody can be told on a full disk
    with suppress(OSError):
        print(line, file=sys.stderr)
    return USAGE
