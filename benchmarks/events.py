"""Events and decisions a second at 10 to 10,000 rules, beside Python written by hand that does the same.

Run ``python benchmarks/events.py [EVENTS] [RUNS]`` (2,000 events and 3 runs unless said); the best run counts, both
sides in turn, once all functions are made. Each event matches one or two rules however many there are. Three things:

- *decide*: which rules' conditions hold of a record of typed values, against a function with one ``if`` for each rule;
- *process*: events as JSON over the memory store, with effects, cascades, identities and the decision log, against the
  same function with a dictionary for a store, which writes no log, knows no missing value and refuses nothing;
- *interpreted*: the same events by the reference interpreter, every rule being looked at.

The time a garbage collection takes with all rules in memory is shown too: programs live long, so a service does well
to call ``gc.freeze()`` once they are loaded.
"""

from __future__ import annotations

import gc
import json
import sys
from collections.abc import Callable
from decimal import Decimal
from random import Random
from time import perf_counter
from typing import Any

from quand.dsl.values import Money
from quand.project.library import compile_text
from quand.runtime.engine import Engine
from quand.runtime.program import Program
from quand.stdlib.actions import STANDARD_ACTIONS

SIZES = (10, 100, 1_000, 10_000)

FIELDS = {"funnel": "entonnoir", "source": "source", "stage": "étape"}
"""What rules are told apart by, in turn."""


def rules_text(count: int) -> str:
    """So many rules; the first word of each value is the field it belongs to, so that no two rules agree by chance."""
    written: list[str] = []
    for number in range(count):
        field, low = tuple(FIELDS)[number % 3], 1_000 + number % 7 * 500
        if field == "stage":
            trigger = f"le montant d'une affaire dépasse {low} € et étape = '{field} {number}'"
            action = f"probabilité = {1 + number % 90} %"
        else:
            other = "montant" if field == "funnel" else "longueur × largeur"
            limit = f"{low} €" if field == "funnel" else f"{number % 50} m²"
            trigger = f"une affaire est créée ou modifiée et {FIELDS[field]} = '{field} {number}' et {other} > {limit}"
            action = f'journaliser "Règle {number} : {{numéro}}"'
        written.append(f'règle "R{number}"\nquand {trigger}\nalors {action}\n')
    return "# langue : fr\n\n" + "\n".join(written)


Deal = dict[str, Any]


def handwritten(count: int) -> tuple[Callable[[Deal, Deal | None, list[str]], None], Callable[[Deal], list[str]]]:
    """The same rules as Python: what a change does to a deal, and which conditions hold of one."""
    change = ["def changed(deal, before, log):", " missing = before is None"]
    decide = ["def decide(deal):", " held = []"]
    for number in range(count):
        field, low = tuple(FIELDS)[number % 3], 1_000 + number % 7 * 500
        value = f"deal['{field}'] == '{field} {number}'"
        if field == "stage":
            risen = f"deal['amount'] > {low}"
            change.append(f" if {value} and {risen} and (missing or before['amount'] <= {low}):")
            change.append(f"  deal['probability'] = Decimal('{Decimal(1 + number % 90) / 100}')")
            decide.append(f" if {value}: held.append('R{number}')")
        else:
            condition = f"deal['amount'] > {low}" if field == "funnel" else f"deal['area'] > {number % 50}"
            change.append(f" if {value} and {condition}: log.append(f'Règle {number} : {{deal[\"number\"]}}')")
            decide.append(f" if {value} and {condition}: held.append('R{number}')")
    decide.append(" return held")
    names: dict[str, Any] = {"Decimal": Decimal}
    exec("\n".join([*change, *decide]), names)  # the yardstick is written by the benchmark itself
    return names["changed"], names["decide"]


def deals(count: int, rules: int, seed: int = 1) -> list[dict[str, Any]]:
    """Deals as JSON holds them; each has the values that some rules ask for."""
    random = Random(seed)
    made: list[dict[str, Any]] = []
    for number in range(count):
        chosen = {name: f"{name} {random.randrange(rules) // 3 * 3 + place}" for place, name in enumerate(FIELDS)}
        sizes = {"length": random.randrange(1, 12), "width": random.randrange(1, 12)}
        made.append(
            {"id": f"D{number % 500}", "number": f"N-{number}", "amount": random.randrange(9_000), **chosen, **sizes}
        )
    return made


def by_hand(lines: list[str], changed: Callable[[Deal, Deal | None, list[str]], None]) -> list[str]:
    """Events by hand: parse, keep in a dictionary, run the rules until nothing changes."""
    store: dict[str, Deal] = {}
    seen: set[str] = set()
    log: list[str] = []
    for line in lines:
        event = json.loads(line)
        if event["id"] in seen:
            continue
        seen.add(event["id"])
        data = event["data"]
        before = store.get(data["id"])
        deal = {**(before or {}), **data, "amount": Decimal(data["amount"])}
        deal["area"] = Decimal(data["length"]) * Decimal(data["width"])
        store[data["id"]] = deal
        while before != deal:
            old = dict(deal)
            changed(deal, before, log)
            before = old
    return log


def by_engine(lines: list[str], program: Program, interpreted: bool) -> Engine:
    engine = Engine(program, actions=STANDARD_ACTIONS, interpreted=interpreted)
    for number, line in enumerate(lines):
        outcome = engine.process_line(line, "benchmark", number)
        assert outcome.status == "applied", outcome.to_json()
    return engine


def best(runs: int, *works: Callable[[], object]) -> list[float]:
    """The least time of each, all run in turn."""
    times: list[list[float]] = [[] for _ in works]
    for _ in range(runs):
        for work, taken in zip(works, times, strict=True):
            gc.collect()
            start = perf_counter()
            work()
            taken.append(perf_counter() - start)
    return [min(taken) for taken in times]


def collection_time() -> float:
    start = perf_counter()
    gc.collect()
    return perf_counter() - start


def row(rules: int, name: str, rate: float, by_hand: float | None = None) -> None:
    beside = "" if by_hand is None else f"  by hand {by_hand:12,.0f}/s  {by_hand / rate:6.1f} times as fast"
    print(f"{rules:6,} rules  {name:12} {rate:10,.0f}/s{beside}", flush=True)


def measure(rules: int, count: int, runs: int) -> None:
    start = perf_counter()
    program = compile_text(rules_text(rules), "fr")
    compiled = perf_counter() - start
    changed, decide = handwritten(rules)
    given = deals(count, rules)
    lines = [json.dumps({"id": f"e{n}", "event": "deal.saved", "data": data}) for n, data in enumerate(given)]
    records: list[Deal] = [{name: _typed(name, value) for name, value in data.items()} for data in given]
    plain: list[Deal] = [
        {**record, "amount": record["amount"].amount, "area": record["length"] * record["width"]} for record in records
    ]
    few = max(1, min(count, 500_000 // rules))

    for _ in range(3):  # so that all functions are made
        warmed = by_engine(lines, program, interpreted=False)
        assert len(list(warmed.store.effects())) == len(by_hand(lines, changed)), "both sides do the same"
        for record in records:
            program.decide(record, "deal")
    assert all(program.decide(records[n], "deal") == sorted(decide(plain[n])) for n in range(few))

    decided, decided_by_hand = best(
        runs,
        lambda: [program.decide(record, "deal") for record in records],
        lambda: [decide(deal) for deal in plain[:few]],
    )
    processed, processed_by_hand = best(
        runs, lambda: by_engine(lines, program, interpreted=False), lambda: by_hand(lines, changed)
    )
    (interpreted,) = best(1, lambda: by_engine(lines[:few], program, interpreted=True))
    row(rules, "decide", count / decided, few / decided_by_hand)
    row(rules, "process", count / processed, count / processed_by_hand)
    row(rules, "interpreted", few / interpreted)
    print(f"{'':13} compiled in {compiled:.1f} s; a garbage collection takes {collection_time() * 1000:.0f} ms")


def _typed(name: str, value: Any) -> Any:
    if name == "amount":
        return Money(Decimal(value), "EUR")
    return Decimal(value) if isinstance(value, int) else value


def main() -> int:
    count, runs = (int(given) for given in (*sys.argv[1:3], *("2000", "3")[len(sys.argv) - 1 :]))
    for rules in SIZES:
        measure(rules, count, runs)
        gc.collect()
    return 0


if __name__ == "__main__":
    sys.exit(main())
