"""What ``quand check`` does. It stands apart from its options, so that a plain check pays for no option parser."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from ..project.checking import check_paths
from .session import Session, print_data
from .terminal import print_findings

if TYPE_CHECKING:
    from ..project.findings import Finding


def check(
    session: Session, paths: tuple[str, ...], form: str = "text", strict: bool = False, no_cache: bool = False
) -> int:
    """0 when clean or with warnings only; 1 with errors, or with warnings when ``strict``."""
    checked = check_paths(paths, session.asked, use_cache=not no_cache)
    found = checked.findings
    if form == "text":
        print_findings(found, checked, session, sys.stdout)
    else:
        # the other formats cost start-up time
        from ..project.formats import FORMATS as WRITERS

        print_data(WRITERS[form](found, checked.uris))
    return _status(found, strict)


def _status(found: list[Finding], strict: bool) -> int:
    failing = {"error", "warning"} if strict else {"error"}
    return int(any(finding.severity in failing for finding in found))
