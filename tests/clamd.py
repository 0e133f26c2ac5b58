"""A virus scanner for tests: a real socket server that speaks clamd's protocol, and clamd itself
with one signature of our own, since signatures cannot be downloaded everywhere."""

from __future__ import annotations

import shutil
import socket
import socketserver
import struct
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from tests.processes import PATIENCE_SECONDS, wait_until

#: The test file that every scanner knows (eicar.org), in two halves: this one is no virus.
EICAR = rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$" + rb"EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"


class Scanner(socketserver.ThreadingMixIn, socketserver.UnixStreamServer):
    """Finds EICAR. `answer` replaces what it says; an empty one hangs up. `held` stops it before
    it answers, with the whole file received (`asked`)."""

    daemon_threads = True

    def __init__(self, path: Path) -> None:
        super().__init__(str(path), _Conversation)
        self.path = path
        self.answer: bytes | None = None
        self.asked = threading.Semaphore(0)
        self.may_answer = threading.Event()
        self.may_answer.set()

    @property
    def url(self) -> str:
        return f"unix://{self.path}"


class _Conversation(socketserver.StreamRequestHandler):
    server: Scanner

    def handle(self) -> None:
        assert self.rfile.readline() == b"nINSTREAM\n"
        content = b""
        while length := struct.unpack("!L", self.rfile.read(4))[0]:
            content += self.rfile.read(length)
        self.server.asked.release()
        self.server.may_answer.wait(PATIENCE_SECONDS)
        found = b"stream: Eicar-Test-Signature FOUND\n" if EICAR in content else b"stream: OK\n"
        answer = found if self.server.answer is None else self.server.answer
        with suppress(BrokenPipeError):  # whoever asked was killed meanwhile
            self.wfile.write(answer)


@contextmanager
def running_scanner(folder: Path) -> Iterator[Scanner]:
    with Scanner(folder / "clamd.sock") as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield server
        finally:
            server.may_answer.set()
            server.shutdown()
            thread.join()


@contextmanager
def running_clamd(folder: Path) -> Iterator[str]:
    """The real daemon, knowing EICAR only; its address."""
    program = shutil.which("clamd", path="/usr/sbin:/usr/local/sbin:/usr/bin:/usr/local/bin")
    assert program
    place = folder / "real.sock"
    (folder / "signatures").mkdir()
    signature = f"Eicar-Test-Signature:0:*:{EICAR.hex()}\n"
    (folder / "signatures" / "own.ndb").write_text(signature)
    settings = folder / "clamd.conf"
    settings.write_text(
        f"DatabaseDirectory {folder}/signatures\nLocalSocket {place}\nForeground yes\n"
    )
    with subprocess.Popen(
        [program, "--config-file", str(settings)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as process:
        try:
            wait_until(lambda: _answers(place), "clamd answers")
            yield f"unix://{place}"
        finally:
            process.terminate()


def _answers(place: Path) -> bool:
    with socket.socket(socket.AF_UNIX) as asking:
        return asking.connect_ex(str(place)) == 0
