"""Processes that are really killed: forked, so that a life costs milliseconds, and watched through a pipe."""

from __future__ import annotations

import os
import select
import signal
import sys
import threading
import time
import urllib.request
from collections import Counter
from collections.abc import Callable, Generator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from quand.runtime.stores.port import Effect

Told = Callable[[bytes], object]
"""Writes a byte to the parent."""


class Life:
    """A child process doing ``work``, which tells its progress byte by byte."""

    def __init__(self, work: Callable[[Told], None]) -> None:
        self._reader, writer = os.pipe()
        self.pid = os.fork()
        if self.pid == 0:
            status = 1
            try:
                os.close(self._reader)
                work(lambda byte: os.write(writer, byte))
                status = 0
            except BaseException as error:  # noqa: BLE001 - nothing of the parent may go on in the child
                print(f"{type(error).__name__}: {error}", file=sys.stderr, flush=True)
            finally:
                os._exit(status)
        os.close(writer)
        self.told = b""
        self.status: int | None = None

    def read(self, seconds: float = 60.0) -> bytes:
        """What was told since; empty when the process has ended."""
        ready, _, _ = select.select([self._reader], [], [], seconds)
        assert ready, "the process says nothing"
        found = os.read(self._reader, 65536)
        self.told += found
        return found

    def kill(self) -> None:
        """As ``kill -9`` does."""
        os.kill(self.pid, signal.SIGKILL)
        self.wait()

    def wait(self) -> int:
        """The exit status, negative for a signal."""
        if self.status is None:
            _, status = os.waitpid(self.pid, 0)
            os.close(self._reader)
            self.status = os.waitstatus_to_exitcode(status)
        return self.status

    def run_until(self, enough: Callable[[bytes], bool], pause: float = 0.0) -> bool:
        """Let it run until what it told is enough, then a moment more, and kill it. Whether it had ended by itself."""
        while self.read():
            if enough(self.told):
                time.sleep(pause)
                self.kill()
                return False
        assert self.wait() == 0
        return True


class CountingGateway:
    """An HTTP gateway that honours keys; ``calls`` counts requests by key, ``contents`` what first came under each."""

    def __init__(self) -> None:
        self.calls: Counter[str] = Counter()
        self.contents: dict[str, bytes] = {}
        self._lock = threading.Lock()

    def note(self, key: str, content: bytes) -> None:
        with self._lock:
            self.calls[key] += 1
            assert self.contents.setdefault(key, content) == content


@contextmanager
def gateway() -> Generator[tuple[CountingGateway, Callable[[Effect], None]]]:
    """A gateway in this process, and the function that sends to it from any other."""
    counting = CountingGateway()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            content = self.rfile.read(int(self.headers["Content-Length"]))
            counting.note(self.headers["Idempotency-Key"], content)
            self.send_response(204)
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 (its name there)
            """Nothing to say."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
    address = f"http://127.0.0.1:{server.server_address[1]}/"

    def send(effect: Effect) -> None:
        content = str(dict(effect.arguments)).encode()
        request = urllib.request.Request(address, content, {"Idempotency-Key": effect.key})
        urllib.request.urlopen(request, timeout=5).close()

    try:
        yield counting, send
    finally:
        server.shutdown()
        server.server_close()
