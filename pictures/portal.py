"""A portal with demonstration data, for the time that the pictures take."""

import os
import signal
import socket
import subprocess
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

_PROJECT = Path(__file__).resolve().parent.parent
#: An empty database is migrated first.
_START_SECONDS = 600.0


@dataclass(frozen=True)
class Portal:
    """Where it answers, and the folder in which it leaves its mails (None: that is not known)."""

    address: str
    mails: Path | None = None


@contextmanager
def running_portal() -> Iterator[Portal]:
    """Raises TimeoutError when it does not answer within ten minutes."""
    with tempfile.TemporaryDirectory(prefix="bpf-pictures-") as folder:
        address = f"http://127.0.0.1:{_free_port()}"
        portal = Portal(address, Path(folder) / "mails")
        environment = {
            **os.environ,
            "BPF_VAR": folder,
            "DEMO": "1",
            # The path keeps its own slash behind the three of the address.
            "EMAIL_URL": f"filemail:///{portal.mails}",
        }
        for name in ("DATABASE_URL", "REDIS_URL"):
            environment.pop(name, None)
        environment["PORT"] = address.rsplit(":", 1)[1]
        process = subprocess.Popen(
            [_PROJECT / "script" / "server"],
            cwd=_PROJECT,
            env=environment,
            stdout=subprocess.DEVNULL,
        )
        try:
            _wait_for(process, f"{address}/readyz")
            yield portal
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_for(process: subprocess.Popen[bytes], address: str) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise RuntimeError(f"the portal ended with {process.returncode}")
        try:
            with urllib.request.urlopen(address, timeout=5):  # noqa: S310 - our own
                return
        except (urllib.error.URLError, TimeoutError):
            time.sleep(0.5)
    raise TimeoutError(f"the portal does not answer at {address}")
