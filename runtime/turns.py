"""Threads that take their turn: first come, first served."""

from __future__ import annotations

import threading
from collections import deque
from typing import Any


class Turns:
    """A lock that is given to those who wait in the order in which they came; its owner may take it again.

    Python's own lock is given to any of them, so that of two events about one object the later might be the first.
    """

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._waiting: deque[threading.Lock] = deque()
        self._taken = False
        self._owner: int | None = None
        """The thread whose turn it is; only that thread ever finds itself here."""
        self._depth = 0

    def __enter__(self) -> None:
        me = threading.get_ident()
        if self._owner == me:
            self._depth += 1
            return
        with self._guard:
            turn = None
            if self._taken:
                turn = threading.Lock()
                turn.acquire()
                self._waiting.append(turn)
            self._taken = True
        if turn is not None:
            self._wait(turn)
        self._owner, self._depth = me, 1

    def __exit__(self, *_: Any) -> None:
        self._depth -= 1
        if not self._depth:
            self._owner = None
            self._pass_on()

    def _wait(self, turn: threading.Lock) -> None:
        """Until somebody passes the turn on; who is interrupted leaves the queue."""
        try:
            turn.acquire()
        except BaseException:
            with self._guard:
                given = turn not in self._waiting
                if not given:
                    self._waiting.remove(turn)
            if given:
                self._pass_on()
            raise

    def _pass_on(self) -> None:
        with self._guard:
            if self._waiting:
                self._waiting.popleft().release()
            else:
                self._taken = False
