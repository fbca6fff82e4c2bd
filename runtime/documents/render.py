"""From a template and facts to a file, through a process with limits."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from time import time
from typing import Any

from ..connectors.port import Postponed, Rejected

FORMS: Mapping[str, tuple[str, ...]] = {".docx": ("docx",), ".html": ("pdf", "html")}
"""What a template can become, by its ending, the usual one first."""

_KEPT = (
    "PATH",
    "PYTHONPATH",
    "HOME",
    "SYSTEMROOT",
    "LANG",
    "LC_ALL",
    "TMPDIR",
    "TEMP",
    "TMP",
    "FONTCONFIG_PATH",
    "FONTCONFIG_FILE",
    "XDG_CACHE_HOME",
    "LD_LIBRARY_PATH",
    "DYLD_FALLBACK_LIBRARY_PATH",
    "WEASYPRINT_DLL_DIRECTORIES",
    "VIRTUAL_ENV",
)

_PART = ".part"
_STOPPED = {1: "SIGHUP", 2: "SIGINT", 15: "SIGTERM"}
"""How a machine that shuts down, and whoever stops a service, ends all its processes: the template is not to blame."""

_STOPPED_BY_TIME = {-9, -24}
"""SIGKILL and SIGXCPU: what ends a process that has used up its time."""


def form_of(template: str, asked: str | None) -> str:
    """``docx``, ``pdf`` or ``html``. Raises :class:`~..connectors.port.Rejected` for what a template cannot become."""
    possible = FORMS.get(Path(template).suffix.lower())
    if possible is None:
        raise Rejected("document_kind", name=template, names=sorted(FORMS))
    wanted = possible[0] if asked is None else asked.strip().lower().lstrip(".")
    if wanted == "word":
        wanted = "docx"
    if wanted not in possible:
        raise Rejected("document_form", name=template, value=asked, names=list(possible))
    return wanted


def render(template: Path, target: Path, form: str, facts: Mapping[str, Any], *, seconds: int, megabytes: int) -> None:
    """Fill ``template`` and write ``target``, which is there whole or not at all.

    Raises :class:`~..connectors.port.Rejected` for what the template is to blame for, :class:`Postponed` when the
    machine could not do it now.
    """
    made = target.with_name(f".{os.getpid()}{_PART}")
    job = {
        "template": str(template),
        "target": str(made),
        "form": form,
        "facts": facts,
        "seconds": seconds,
        "megabytes": megabytes,
    }
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        _clear(target.parent, 2 * seconds + 60)
        _run(job, seconds)
        if not made.is_file():
            raise Rejected("document_broke", reason="-")
        _keep(made, target)
    except OSError as error:
        raise Postponed("document_not_written", name=str(target), reason=error.strerror or str(error)) from error
    finally:
        with suppress(OSError):
            made.unlink(missing_ok=True)
            # nothing is there where nothing was made
            target.parent.rmdir()


def _clear(folder: Path, seconds: float) -> None:
    """Remove what processes that were killed have left in the middle of their work."""
    for left in folder.glob(f".*{_PART}"):
        with suppress(OSError):
            if time() - left.stat().st_mtime > seconds:
                left.unlink()


def _keep(made: Path, target: Path) -> None:
    """Give a document its name once it is on the disk: the outbox will say that it was made."""
    with made.open("rb+") as file:
        os.fsync(file.fileno())
    made.replace(target)
    # some systems open no folders
    with suppress(OSError):
        folder = os.open(target.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


def _run(job: Mapping[str, Any], seconds: int) -> None:
    # `-P` keeps the current folder off the path: nothing there is imported
    command = [sys.executable, "-P", "-m", f"{__package__}.child"]
    try:
        done = subprocess.run(  # noqa: S603 - this very interpreter, on a module of ours
            command,
            input=json.dumps(job),
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            timeout=seconds + 5,
            check=False,
            env=_environment(),
            # Ctrl-C in a terminal is for those who can put a document off
            start_new_session=True,
        )
    except subprocess.TimeoutExpired:
        raise Rejected("document_slow", limit=seconds) from None
    if done.returncode == 0:
        return
    if done.returncode in _STOPPED_BY_TIME:
        raise Rejected("document_slow", limit=seconds)
    if -done.returncode in _STOPPED:
        raise Postponed("delivery_broke", error=_STOPPED[-done.returncode])
    try:
        told = json.loads(done.stdout)
        key, told_facts = told["key"], told["facts"]
    except (ValueError, TypeError, KeyError):
        last = done.stderr.strip().splitlines()[-1:] or [f"{done.returncode}"]
        raise Rejected("document_broke", reason=last[0][:200]) from None
    raise Rejected(key, **told_facts)


def _environment() -> dict[str, str]:
    """What the process needs of ours, which may hold secrets: where programs and packages are."""
    return {name: os.environ[name] for name in _KEPT if name in os.environ} | {"PYTHONIOENCODING": "utf-8"}
