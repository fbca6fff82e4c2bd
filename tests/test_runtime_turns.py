"""Events that come from several threads are processed in the order in which they came."""

from __future__ import annotations

import threading
import time

import pytest

from quand.runtime.turns import Turns


def test_who_comes_first_is_served_first() -> None:
    turns = Turns()
    served: list[int] = []

    def serve(number: int) -> None:
        with turns:
            served.append(number)

    threads = [threading.Thread(target=serve, args=(number,)) for number in range(30)]
    with turns:
        for number, thread in enumerate(threads, start=1):
            thread.start()
            while len(turns._waiting) < number:  # pyright: ignore[reportPrivateUsage]
                time.sleep(0.001)
    for thread in threads:
        thread.join(10)
    assert served == list(range(30))


def test_nobody_is_in_at_once_with_another() -> None:
    turns = Turns()
    inside, most, done = 0, 0, 0

    def work() -> None:
        nonlocal inside, most, done
        for _ in range(200):
            with turns:
                inside += 1
                most = max(most, inside)
                inside -= 1
                done += 1

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert (most, done) == (1, 1600)


def test_the_owner_may_come_again_and_an_error_gives_the_turn_back() -> None:
    turns = Turns()
    with pytest.raises(KeyError), turns, turns:
        raise KeyError
    with turns:
        pass
