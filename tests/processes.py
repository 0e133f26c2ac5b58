"""Real processes that tests start, kill and wait for: a Celery worker, a Redis of one's own."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

import redis
from django.conf import settings
from django.db import connection
from django.db.models import Model

from bpf_portal.embedded.places import Places
from bpf_portal.embedded.redis_server import RedisServer

PATIENCE_SECONDS = 60


def database_url(name: str = "") -> str:
    """The address of the test database, or of another one there, for a process of its own."""
    current = connection.settings_dict
    host, port = str(current["HOST"]), current["PORT"] or 5432
    user, password = quote(str(current["USER"] or "")), quote(str(current["PASSWORD"] or ""))
    # A socket's folder stands as a path, as in `embedded.addresses`.
    place = f"/{host}" if host.startswith("/") else f"{host}:{port}"
    return (
        f"postgres://{user}{':' + password if password else ''}@{place}/{name or current['NAME']}"
    )


@contextmanager
def row_held(row: Model) -> Iterator[None]:
    """Somebody else has this row open for change: whoever writes to it has to wait."""
    other = connection.copy()
    try:
        with other.cursor() as cursor:
            other.set_autocommit(False)
            table = row._meta.db_table
            cursor.execute(f"SELECT 1 FROM {table} WHERE id = %s FOR UPDATE", [row.pk])  # noqa: S608
            yield
    finally:
        other.rollback()
        other.close()


def wait_until(condition: Callable[[], object], what: str) -> None:
    """Ask again and again until it is so; a minute later the test has failed."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        assert time.monotonic() < deadline, f"waited in vain until {what}"
        time.sleep(0.05)  # the pace of asking, not a guess of how long it takes


class OwnRedis:
    """A Redis on a socket in a folder of its own, which a test may stop, freeze and empty."""

    def __init__(self, folder: Path) -> None:
        self.server = RedisServer(Places(folder, folder / "sockets"))
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def socket(self) -> Path:
        return self.server.places.redis_socket

    @property
    def url(self) -> str:
        return f"unix://{self.socket}"

    @property
    def broker_url(self) -> str:
        return f"redis+socket://{self.socket}"

    def start(self) -> None:
        program = self.server.prepare()
        self.process = subprocess.Popen(
            program.arguments, cwd=program.folder, env=dict(program.environment)
        )
        wait_until(self.server.answers, "Redis answers")

    def stop(self) -> None:
        if self.process is not None:
            self.process.send_signal(signal.SIGCONT)
            self.process.terminate()
            self.process.wait(PATIENCE_SECONDS)
            self.process = None

    def freeze(self) -> None:
        """It accepts connections and never answers: worse than being away."""
        assert self.process is not None
        self.process.send_signal(signal.SIGSTOP)

    def forget_everything(self) -> None:
        """Its data are lost while it is stopped."""
        assert self.process is None
        shutil.rmtree(self.server.places.var / "redis")

    def untaken_messages(self) -> int:
        """Messages that no worker took."""
        with redis.Redis(unix_socket_path=str(self.socket)) as client:
            return int(client.llen("celery"))

    def waiting_messages(self) -> int:
        """Messages that no worker took, and those taken and not acknowledged."""
        with redis.Redis(unix_socket_path=str(self.socket)) as client:
            return int(client.llen("celery")) + int(client.hlen("unacked"))


class Worker:
    """A Celery worker on the test database and one Redis, started as in production.

    Alone in its process, unless it is `forking`: then a child does the work, which can be killed
    and is replaced at once.
    """

    def __init__(self, redis_url: str, *, forking: bool = False) -> None:
        environment = {
            **os.environ,
            "DATABASE_URL": database_url(),
            "REDIS_URL": redis_url,
            "BPF_VAR": str(Path(settings.MEDIA_ROOT).parent),
            "LOG_LEVEL": "WARNING",
        }
        environment.pop("CELERY_BROKER_URL", None)
        command = [
            *(sys.executable, "-m", "celery", "--quiet", "-A", "bpf_portal", "worker"),
            *(("--pool", "prefork", "--concurrency", "1") if forking else ("--pool", "solo")),
            *("--loglevel", "WARNING", "--without-gossip", "--without-mingle"),
        ]
        self.process = subprocess.Popen(command, env=environment, cwd=settings.BASE_DIR)

    def kill_children(self) -> None:
        """Whoever does the work, without a last word."""
        pid = self.process.pid
        for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split():
            os.kill(int(child), signal.SIGKILL)

    def kill(self) -> None:
        """Without a last word: no handler of the worker runs."""
        self.process.kill()
        self.process.wait(PATIENCE_SECONDS)

    def stop(self) -> None:
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(PATIENCE_SECONDS)
            except subprocess.TimeoutExpired:
                self.kill()
