"""How long commands take to start, against the import of the library each cannot do without.

Run ``python benchmarks/startup.py [RUNS]``; each figure is the best of RUNS runs (20 unless said), taken in turn, with
the start of Python on both sides. Time is processor time, which other work on the machine disturbs least. Exits with 1
when a ratio is above its limit.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path
from resource import RUSAGE_CHILDREN, getrusage
from typing import NamedTuple

RULE = """règle "Remise {n}" / "Discount {n}"
quand l'étape d'une affaire devient 'Étape {n}' et montant > {n} 000 €
alors remise = {n} %

"""


class Comparison(NamedTuple):
    """A command, what it is compared with, and how many times as long it may take."""

    name: str
    command: list[str]
    yardstick: list[str]
    limit: float
    cache: str = "off"
    """``QUAND_CACHE``: nothing is remembered between runs, unless a folder is given."""


def comparisons(folder: Path) -> list[Comparison]:
    rules = folder / "ten.rules"
    rules.write_text("".join(RULE.format(n=n) for n in range(1, 11)), encoding="utf-8")
    quand = [str(Path(sys.executable).parent / "quand")]
    check = [*quand, "check", str(rules)]
    lark = [sys.executable, "-c", "import lark"]
    return [
        Comparison("quand --version", [*quand, "--version"], [sys.executable, "-c", "import click"], 1.3),
        Comparison("quand check, first time", check, lark, 2.5),
        Comparison("quand check, no change", check, lark, 2.5, str(folder / "cache")),
    ]


def seconds(command: list[str], cache: str) -> float:
    """The processor time of a command, its own and the system's."""
    # Byte code is kept, as on any machine where the command has run once.
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"}
    start = getrusage(RUSAGE_CHILDREN)
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, env=environment | {"QUAND_CACHE": cache})
    end = getrusage(RUSAGE_CHILDREN)
    return end.ru_utime - start.ru_utime + end.ru_stime - start.ru_stime


def best(comparison: Comparison, runs: int) -> tuple[float, float]:
    """The least time of the command and of its yardstick, run in turn so that both see the same machine."""
    commands = comparison.command, comparison.yardstick
    pairs = [[seconds(command, comparison.cache) for command in commands] for _ in range(runs + 1)][1:]
    return min(pair[0] for pair in pairs), min(pair[1] for pair in pairs)


def main() -> int:
    runs = int(sys.argv[1]) if len(sys.argv) > 1 else 20
    slow = False
    with tempfile.TemporaryDirectory() as folder:
        for comparison in comparisons(Path(folder)):
            taken, yardstick = best(comparison, runs)
            ratio = taken / yardstick
            slow = slow or ratio > comparison.limit
            print(
                f"{comparison.name:24} {taken * 1000:6.0f} ms  {' '.join(comparison.yardstick[2:])}:"
                f" {yardstick * 1000:.0f} ms  ratio {ratio:.2f} (at most {comparison.limit})"
            )
    return int(slow)


if __name__ == "__main__":
    sys.exit(main())
