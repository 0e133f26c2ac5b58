"""The whole portal in one terminal: what `script/server` runs once everything is installed.

Web, worker and beat are children of this process. One that dies is started again; Ctrl-C, or the
end of this process in any other way, ends all of them and then the embedded servers.
"""

import os
import secrets
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from bpf_portal import embedded
from bpf_portal.embedded.children import WAKING, start_child

_PROJECT = Path(__file__).resolve().parent.parent
_PATIENCE_SECONDS = 20.0
_START_SECONDS = 60.0
_WATCH_SECONDS = 0.25
_MOST_DEATHS, _WITHIN_SECONDS = 5, 60.0
_DEMONSTRATION = ("applicant", "reviewer", "officer", "approver", "auditor")


def main() -> None:
    """Prepares the database, then serves until told to end."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "bpf_portal.settings")
    if sys.argv[1:] == ["prepare"]:
        _prepare()
        return
    var = Path(os.environ.get("BPF_VAR") or _PROJECT / "var").resolve()
    port = os.environ.get("PORT") or "8000"
    if not _is_free(port):
        sys.exit(f"script/server: port {port} is in use: set PORT to another")
    _ensure_secret_key(var)
    signal.pthread_sigmask(signal.SIG_BLOCK, WAKING)
    try:
        embedded.ensure_from_environment()
    except embedded.EmbeddedServerError as error:
        sys.exit(f"script/server: {error}")
    supervisor = Supervisor()
    if supervisor.run_once([sys.executable, "-m", "bpf_portal.serving", "prepare"]):
        sys.exit(supervisor.serve(_commands(port, var), f"http://127.0.0.1:{port}/"))
    sys.exit(1)


def _commands(port: str, var: Path) -> dict[str, Sequence[str]]:
    """The processes of one installation; in containers each runs by itself."""
    celery = [sys.executable, "-m", "celery", "--quiet", "-A", "bpf_portal"]
    return {
        "web": [
            *(sys.executable, "-m", "gunicorn", "bpf_portal.wsgi", "--bind", f"127.0.0.1:{port}"),
            *("--workers", "2", "--threads", "4", "--timeout", "60", "--log-level", "warning"),
            "--no-control-socket",
        ],
        "worker": [
            *(*celery, "worker", "--concurrency", "2", "--loglevel", "WARNING"),
            *("--without-gossip", "--without-mingle"),
        ],
        "beat": [
            *(*celery, "beat", "--loglevel", "WARNING", "--pidfile", ""),
            *("--schedule", str(var / "celerybeat-schedule")),
        ],
    }


@dataclass
class _Child:
    name: str
    command: Sequence[str]
    process: subprocess.Popen[bytes]
    deaths: list[float] = field(default_factory=list)


class Supervisor:
    """Keeps processes running. Expects the signals of `WAKING` to be blocked."""

    def __init__(self) -> None:
        self.children: list[_Child] = []
        self.announced = False

    def run_once(self, command: Sequence[str]) -> bool:
        """Runs a command to its end; says whether it succeeded and nobody asked to stop."""
        child = self._start("prepare", command)
        while child.process.poll() is None:
            if self._asked_to_end():
                self._end_all()
                return False
        self.children.remove(child)
        return child.process.returncode == 0

    def serve(self, commands: dict[str, Sequence[str]], address: str) -> int:
        """Runs all commands until told to end (0), or until one cannot be kept alive (1)."""
        for name, command in commands.items():
            self._start(name, command)
        started = time.monotonic()
        try:
            while not self._asked_to_end():
                if not self._revive():
                    return 1
                if not self.announced:
                    self._announce(address, started)
            return 0
        finally:
            self._end_all()

    def _start(self, name: str, command: Sequence[str]) -> _Child:
        child = _Child(name, command, self._run(command))
        self.children.append(child)
        return child

    def _run(self, command: Sequence[str]) -> subprocess.Popen[bytes]:
        return start_child(
            command,
            folder=_PROJECT,
            environment=os.environ,
            on_parents_death=signal.SIGTERM,
        )

    def _asked_to_end(self) -> bool:
        """Waits a moment for a signal; says whether it was one to end."""
        woken = signal.sigtimedwait(WAKING, _WATCH_SECONDS)
        return woken is not None and woken.si_signo != signal.SIGCHLD

    def _revive(self) -> bool:
        """Starts again what has died; False when one dies again and again."""
        for child in self.children:
            code = child.process.poll()
            if code is None:
                continue
            now = time.monotonic()
            child.deaths = [then for then in child.deaths if now - then < _WITHIN_SECONDS] + [now]
            if len(child.deaths) >= _MOST_DEATHS:
                _say(f"{child.name} died {_MOST_DEATHS} times within a minute: ending everything")
                return False
            _say(f"{child.name} died (exit {code}), starting it again")
            child.process = self._run(child.command)
        return True

    def _announce(self, address: str, started: float) -> None:
        """Says where the portal is, once it answers."""
        try:
            with urllib.request.urlopen(f"{address}healthz", timeout=5):  # noqa: S310 - our own
                pass
        except urllib.error.HTTPError as error:
            _say(f"the portal answers {error.code} at {address}healthz")
        except OSError:
            if time.monotonic() - started > _START_SECONDS:
                _say(f"the portal does not answer yet at {address}")
                self.announced = True
            return
        self.announced = True
        _say(f"the portal is at {address} (Ctrl-C ends it)")
        if os.environ.get("DEMO", "") not in ("", "0"):
            _say("demonstration accounts, password bpf-demo:")
            for role in _DEMONSTRATION:
                _say(f"  {role}@example.org")

    def _end_all(self) -> None:
        """Asks every process to end and kills, with all it started, what does not in time."""
        for child in self.children:
            if child.process.poll() is None:
                child.process.terminate()
        deadline = time.monotonic() + _PATIENCE_SECONDS
        for child in self.children:
            try:
                child.process.wait(max(0.0, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                os.killpg(child.process.pid, signal.SIGKILL)
                child.process.wait()
        self.children.clear()


def _prepare() -> None:
    """Brings the database up to date: tables, reference data, and at first a demonstration."""
    import django
    from django.contrib.auth import get_user_model
    from django.core.management import call_command

    embedded.ensure_from_environment()
    django.setup()
    from django.conf import settings

    call_command("migrate", interactive=False, verbosity=0)
    call_command("load_reference")
    if settings.DEMO and not get_user_model()._base_manager.exists():
        call_command("seed_demo")


def _ensure_secret_key(var: Path) -> None:
    """Makes this installation's own key at first start, readable by its user only."""
    if os.environ.get("SECRET_KEY") or os.environ.get("SECRET_KEY_FILE"):
        return
    var.mkdir(parents=True, exist_ok=True)
    try:
        descriptor = os.open(var / "secret-key", os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return
    with os.fdopen(descriptor, "w") as stored:
        stored.write(secrets.token_urlsafe(50) + "\n")


def _is_free(port: str) -> bool:
    """Whether the web process will get the port (one that just closed counts as free)."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", int(port)))
        except OSError:
            return False
    return True


def _say(text: str) -> None:
    print(text, flush=True)


if __name__ == "__main__":
    main()
