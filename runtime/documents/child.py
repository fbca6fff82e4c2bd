"""The process that fills one template: it reads a job from standard input and says on standard output what came of it.

Templates are other people's programs. This process has limits of time, memory and size, none of the data but what the
job holds, and ends with it.
"""

from __future__ import annotations

import contextlib
import json
import sys
from pathlib import Path
from typing import Any

from .written import World, Wrong


def main() -> int:
    """0 when the document was written; otherwise the reason is on standard output as JSON."""
    job = json.load(sys.stdin)
    _limit(job["seconds"], job["megabytes"])
    sys.setrecursionlimit(500)
    # whatever libraries print is nobody's answer
    with contextlib.redirect_stdout(sys.stderr):
        wrong = attempt(job)
    if wrong is None:
        return 0
    print(json.dumps({"key": wrong.key, "facts": wrong.facts}))
    return 3


def attempt(job: dict[str, Any]) -> Wrong | None:
    """Do a job; what is wrong, if it could not be done. Never raises, whatever the template does."""
    try:
        _fill(job)
    except Wrong as wrong:
        return wrong
    except MemoryError:
        return Wrong("document_memory", limit=job["megabytes"])
    except Exception as error:  # noqa: BLE001 - a template may bring about anything, and nobody is shown a traceback
        return _broken(error)
    return None


def _fill(job: dict[str, Any]) -> None:
    template, target = Path(job["template"]), Path(job["target"])
    world = World(job["facts"])
    if template.suffix.lower() == ".docx":
        from .word import fill

        fill(template, target, world)
    elif job["form"] == "pdf":
        from .page import print_pdf

        print_pdf(template, target, world)
    else:
        from .page import fill

        fill(template, target, world)


def _limit(seconds: int, megabytes: int) -> None:
    try:
        import resource
    except ImportError:  # Windows knows no limits; the parent watches the time
        return
    size = megabytes * 1_000_000
    for limit, most in (
        (resource.RLIMIT_AS, size),
        (resource.RLIMIT_CPU, seconds),
        (resource.RLIMIT_FSIZE, 200_000_000),
        (resource.RLIMIT_CORE, 0),
    ):
        hard = resource.getrlimit(limit)[1]
        resource.setrlimit(limit, (most if hard == resource.RLIM_INFINITY else min(most, hard), hard))


def _broken(error: Exception) -> Wrong:
    # imported by now if a template was read at all
    from jinja2 import TemplateError, TemplateNotFound, TemplateSyntaxError
    from jinja2.exceptions import SecurityError

    match error:
        case SecurityError():
            return Wrong("document_forbidden")
        case TemplateNotFound():
            return Wrong("document_no_template", name=str(error.name))
        case TemplateSyntaxError():
            near = " ".join(" ".join(getattr(error, "docx_context", ())).split())[:120]
            if near:
                return Wrong("document_syntax_near", reason=error.message, near=near)
            return Wrong("document_syntax", line=error.lineno, reason=error.message)
        case ImportError():
            return Wrong("document_extra", name=error.name or str(error))
        case RecursionError():
            return Wrong("document_recursion")
        case _:
            reason = str(error) if isinstance(error, TemplateError) else f"{type(error).__name__}: {error}"
            return Wrong("document_broke", reason=reason[:200])


if __name__ == "__main__":
    raise SystemExit(main())
