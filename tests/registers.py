"""A company register for tests: a real HTTP server that speaks VIES's and the adapter's protocol,
and every kind of nonsense."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from tests.processes import PATIENCE_SECONDS


class RegisterServer(ThreadingHTTPServer):
    """`status`, `body` and `headers` are what it answers; `requests` what it was asked. `held`
    stops it before it answers, with the question received (`asked`)."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Conversation)
        self.status = 200
        self.body: bytes | dict[str, Any] = {"found": True, "name": ""}
        self.headers: dict[str, str] = {}
        self.requests: list[tuple[str, str, bytes]] = []
        self.asked = threading.Semaphore(0)
        self.may_answer = threading.Event()
        self.may_answer.set()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/rest"


class _Conversation(BaseHTTPRequestHandler):
    server: RegisterServer

    def do_GET(self) -> None:
        content = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.server.requests.append((self.command, self.path, content))
        self.server.asked.release()
        self.server.may_answer.wait(PATIENCE_SECONDS)
        body = self.server.body
        answer = body if isinstance(body, bytes) else json.dumps(body).encode()
        with suppress(ConnectionError):  # whoever asked was killed or had enough
            self.send_response(self.server.status)
            for name, value in self.server.headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(answer)

    do_POST = do_GET

    def log_message(self, format: str, *args: object) -> None:
        """The tests ask `requests` instead."""


@contextmanager
def running_register() -> Iterator[RegisterServer]:
    with RegisterServer() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield server
        finally:
            server.may_answer.set()
            server.shutdown()
            thread.join()
