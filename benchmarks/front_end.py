"""How many lines of rules a minute are read, resolved, checked and analysed, on one core.

Run ``python benchmarks/front_end.py [LINES] [RUNS]`` (10,000 lines and 5 runs unless said). The lines are varied
French rules, blank ones not counted, with the standard vocabulary around them; each run compiles from nothing, tables
of words being loaded. The time with the garbage collector off is shown beside it, and ``--profile`` tells where the
time goes. Exits with 1 below the limit.
"""

from __future__ import annotations

import gc
import sys
from time import perf_counter

from generated_rules import Rules

from quand.dsl.compile import Compilation, SourceText, compile_sources
from quand.dsl.parser import parse_file
from quand.project.compile import standard_sources

LIMIT = 100_000
"""Lines a minute."""


def compiled(text: str) -> Compilation:
    return compile_sources([*standard_sources(), SourceText("generated.rules", text)])


def seconds(text: str, runs: int, collecting: bool, parsing_only: bool = False) -> float:
    """The least time of a run."""
    best = float("inf")
    for _ in range(runs):
        gc.collect()
        if not collecting:
            gc.disable()
        start = perf_counter()
        if parsing_only:
            parse_file(text, "fr", "fr")
        else:
            compiled(text)
        best = min(best, perf_counter() - start)
        gc.enable()
    return best


def profile(text: str) -> None:
    import cProfile
    import pstats

    profiler = cProfile.Profile()
    profiler.runcall(compiled, text)
    pstats.Stats(profiler).sort_stats("tottime").print_stats(40)


def main() -> int:
    numbers = [int(argument) for argument in sys.argv[1:] if argument.isdecimal()]
    lines, runs = (*numbers, 10_000, 5)[:2] if len(numbers) != 1 else (numbers[0], 5)
    text = Rules().text(lines)
    lines = sum(1 for line in text.splitlines() if line.strip())
    found = compiled(Rules(2).text(50)), compiled(text)  # the first one loads tables and grammar
    errors = len(found[1].errors)
    rules = len(found[1].program.rules) if found[1].program is not None else 0
    del found
    if "--profile" in sys.argv:
        profile(text)
    parsing = seconds(text, runs, collecting=True, parsing_only=True)
    whole = seconds(text, runs, collecting=True)
    uncollected = seconds(text, runs, collecting=False)
    print(f"{lines} lines, {rules} rules, {errors} errors; best of {runs} runs")
    for name, taken in (("parse", parsing), ("compile", whole), ("compile, collector off", uncollected)):
        print(f"{name:24} {taken:6.2f} s  {lines / taken * 60:10,.0f} lines a minute")
    print(f"at least {LIMIT:,} lines a minute: {'yes' if lines / whole * 60 >= LIMIT else 'no'}")
    return int(errors > 0 or lines / whole * 60 < LIMIT)


if __name__ == "__main__":
    sys.exit(main())
