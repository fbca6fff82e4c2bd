"""Close names: what the author may have meant."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from .fold import fold


def distance(a: str, b: str, limit: int) -> int:
    """Optimal string alignment distance (insertions, deletions, substitutions, swaps), ``limit + 1`` when above it."""
    if abs(len(a) - len(b)) > limit:
        return limit + 1
    before: list[int] = []
    previous = list(range(len(b) + 1))
    for i, left in enumerate(a, 1):
        current = [i]
        for j, right in enumerate(b, 1):
            cost = min(previous[j] + 1, current[j - 1] + 1, previous[j - 1] + (left != right))
            if i > 1 and j > 1 and left == b[j - 2] and a[i - 2] == right:
                cost = min(cost, before[j - 2] + 1)
            current.append(cost)
        if min(current) > limit:
            return limit + 1
        before, previous = previous, current
    return previous[-1]


def closest(wanted: str, names: Iterable[str], most: int = 3) -> list[str]:
    """The names close enough to be meant, the closest first; ``wanted`` and ``names`` are compared folded.

    Close enough is one edit in three letters; a name that starts with all of what was written counts too.
    """
    limit = max(1, len(wanted) // 3)
    scored: list[tuple[int, str]] = []
    for name in dict.fromkeys(names):
        score = distance(wanted, name, limit)
        if score > limit and len(wanted) >= 3 and name.startswith(wanted + " "):
            score = limit
        if score <= limit:
            scored.append((score, name))
    scored.sort()
    return [name for _, name in scored[:most]]


def nearest(wanted: str, names: Sequence[str], most: int) -> list[str]:
    """At most ``most`` names, in their own order: those not too far from ``wanted``, the first ones without any."""
    folded = fold(wanted)
    distances: list[tuple[float, str]] = []
    for name in names:
        longest = max(len(folded), len(name))
        distances.append((distance(folded, fold(name), longest) / longest, name))
    near = [name for far, name in sorted(distances) if far <= _NOT_TOO_FAR][:most]
    kept = near if len(near) > 1 else names[:most]
    return [name for name in names if name in kept]


_NOT_TOO_FAR = 0.6
