"""How many lines of rules a minute are read, resolved, checked and analysed, on one core.

Run ``python benchmarks/front_end.py [LINES] [RUNS]`` (10,000 lines and 3 runs unless said). The lines are varied
French rules, blank ones not counted, with the standard vocabulary around them. Each run is a process of its own over
other rules, so that nothing is remembered from one to the next; only the tables of words are loaded before the clock
starts. ``--profile`` tells where the time goes. Exits with 1 below the limit.
"""

from __future__ import annotations

import gc
import subprocess
import sys
from collections.abc import Callable
from time import perf_counter

from generated_rules import Rules

LIMIT = 100_000
"""Lines a minute."""

MEASURES = {
    "parse": "parsing alone",
    "compile": "parse, resolve, check, analyse",
    "uncollected": "the same, garbage collector off",
}


def work(measure: str, text: str) -> Callable[[], int]:
    """What is measured; it gives the number of errors."""
    from quand.dsl.compile import SourceText, compile_sources
    from quand.dsl.parser import parse_file
    from quand.project.compile import standard_sources

    def parse(source: str) -> int:
        return sum(len(parsed.diagnostics) for _, parsed in parse_file(source, "fr", "fr").declarations)

    def compiled(source: str) -> int:
        return len(compile_sources([*standard_sources(), SourceText("generated.rules", source)]).errors)

    compiled(Rules(0).text(100))
    return (lambda: parse(text)) if measure == "parse" else (lambda: compiled(text))


def measured(measure: str, lines: int, seed: int) -> None:
    """The work of one process: prints the lines, the errors and the seconds."""
    text = Rules(seed).text(lines)
    run = work(measure, text)
    gc.collect()
    if measure == "uncollected":
        gc.disable()
    start = perf_counter()
    errors = run()
    taken = perf_counter() - start
    print(sum(1 for line in text.splitlines() if line.strip()), errors, taken)


def best(measure: str, lines: int, runs: int) -> tuple[int, float]:
    """The errors of all runs, and the best number of lines a second."""
    errors, rate = 0, 0.0
    for seed in range(1, runs + 1):
        command = [sys.executable, __file__, "--once", measure, str(lines), str(seed)]
        count, wrong, taken = subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()
        errors += int(wrong)
        rate = max(rate, int(count) / float(taken))
    return errors, rate


def profile(lines: int) -> None:
    import cProfile
    import pstats

    run = work("compile", Rules(1).text(lines))
    profiler = cProfile.Profile()
    profiler.runcall(run)
    pstats.Stats(profiler).sort_stats("tottime").print_stats(50)


def main() -> int:
    if "--once" in sys.argv:
        measure, lines, seed = sys.argv[2:]
        measured(measure, int(lines), int(seed))
        return 0
    numbers = [int(argument) for argument in sys.argv[1:] if argument.isdecimal()]
    lines, runs = (*numbers, *(10_000, 3)[len(numbers) :])
    if "--profile" in sys.argv:
        profile(lines)
        return 0
    results = {measure: best(measure, lines, runs) for measure in MEASURES}
    print(f"{lines:,} lines, {sum(errors for errors, _ in results.values())} errors; best of {runs} runs")
    for measure, (_, rate) in results.items():
        print(f"{MEASURES[measure]:34} {lines / rate:6.2f} s {rate * 60:12,.0f} lines a minute")
    fast = results["compile"][1] * 60 >= LIMIT
    print(f"at least {LIMIT:,} lines a minute: {'yes' if fast else 'no'}")
    return int(not fast or any(errors for errors, _ in results.values()))


if __name__ == "__main__":
    sys.exit(main())
