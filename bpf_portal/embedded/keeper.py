"""The keeper: parent of one embedded server, for as long as somebody uses it."""

import os
import signal
import subprocess
import sys
import time
from collections import deque
from collections.abc import Callable
from pathlib import Path

from .children import WAKING, start_child
from .locks import FileLock
from .places import EmbeddedServerError, Places
from .postgres import Postgres
from .redis_server import RedisServer
from .service import Program, Service

_START_SECONDS = 90.0
_STOP_SECONDS = 30.0
_POLL_SECONDS = 0.02
_WATCH_SECONDS = 0.25
_LOG_BYTES = 10_000_000
# A server that dies this often within a minute is not saved by one more start.
_MOST_DEATHS, _WITHIN_SECONDS = 5, 60.0


def main() -> None:
    """Keeps the server named on the command line: `postgres` or `redis`, and the folder `var`.

    Says "ready" (or why not) on standard output once the server answers, and goes to the
    background.
    """
    name, var = sys.argv[1], Path(sys.argv[2])
    places = Places.of(var)
    service: Service = Postgres(places) if name == Postgres.name else RedisServer(places)
    said, to_say = os.pipe()
    if os.fork():
        os.close(to_say)
        with os.fdopen(said) as answer:
            text = answer.read()
        print(text, flush=True)
        os._exit(0 if text == "ready" else 1)
    os.close(said)
    # The caller waits for the end of its pipe, which the keeper outlives.
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())

    def say(text: str) -> None:
        os.write(to_say, text.encode())
        os.close(to_say)

    sys.exit(Keeper(service).keep(say))


class Keeper:
    """Starts one server, watches it, and stops it when its last user has gone."""

    def __init__(self, service: Service) -> None:
        self.service = service
        self.server: subprocess.Popen[bytes] | None = None
        places = service.places
        self.alive = FileLock(places.keeper_lock(service.name))
        self.users = FileLock(places.users_lock(service.name))

    def keep(self, say: Callable[[str], None]) -> int:
        """The keeper's whole life; returns its exit code."""
        if not self.alive.try_exclusive():
            say(f"another process already keeps {self.service.name}")
            return 1
        self.alive.write(str(os.getpid()))
        signal.pthread_sigmask(signal.SIG_BLOCK, WAKING)
        try:
            self._start()
        except Exception as error:
            self._stop()
            say(f"{self.service.name}: {error}")
            if isinstance(error, EmbeddedServerError):
                return 1
            raise
        say("ready")
        try:
            return self._watch()
        finally:
            self._stop()

    def _watch(self) -> int:
        """Returns when nobody uses the server any more, or when it cannot be kept alive."""
        deaths: deque[float] = deque(maxlen=_MOST_DEATHS)
        while not self.users.try_exclusive():
            woken = signal.sigtimedwait(WAKING, _WATCH_SECONDS)
            if woken is not None and woken.si_signo != signal.SIGCHLD:
                return 0
            if not self.alive.is_current():
                self._log("its folder was removed")
                return 0
            server = self.server
            if server is None or server.poll() is None:
                continue
            deaths.append(time.monotonic())
            if len(deaths) == _MOST_DEATHS and deaths[-1] - deaths[0] < _WITHIN_SECONDS:
                self._log("died too often, giving up")
                return 1
            self._log(f"died (exit {server.returncode}), starting it again")
            self._start()
        return 0

    def _start(self) -> None:
        """Runs the server and waits until it answers. Raises EmbeddedServerError."""
        log = self.service.places.log(self.service.name)
        if log.exists() and log.stat().st_size > _LOG_BYTES:
            log.replace(log.with_suffix(".log.1"))
        program = self.service.prepare()
        with log.open("ab") as output:
            self.server = _run(program, output.fileno())
        deadline = time.monotonic() + _START_SECONDS
        while not self.service.answers():
            if self.server.poll() is not None:
                raise EmbeddedServerError(f"it ended at once: {_last_line(log)} (see {log})")
            if time.monotonic() > deadline:
                raise EmbeddedServerError(f"it does not answer: see {log}")
            time.sleep(_POLL_SECONDS)
        self.service.complete()

    def _stop(self) -> None:
        server = self.server
        if server is not None and server.poll() is None:
            for number in (self.service.stop_signal, signal.SIGQUIT, signal.SIGKILL):
                server.send_signal(number)
                try:
                    server.wait(_STOP_SECONDS)
                    break
                except subprocess.TimeoutExpired:
                    self._log(f"does not end on {number.name}")
        self.service.tidy()

    def _log(self, text: str) -> None:
        print(f"keeper of {self.service.name}: {text}", file=sys.stderr, flush=True)


def _run(program: Program, output: int) -> subprocess.Popen[bytes]:
    """Starts the server; both kinds shut down in order on SIGINT, should the keeper be killed."""
    return start_child(
        program.arguments,
        folder=program.folder,
        environment=program.environment,
        on_parents_death=signal.SIGINT,
        account=program.account,
        output=output,
        umask=0o077,
    )


def _last_line(log: Path) -> str:
    lines = log.read_text(errors="replace").strip().splitlines()
    return lines[-1] if lines else "it said nothing"
