"""A process joins a server, and leaves it when it ends."""

import atexit
import logging
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

from .locks import FileLock
from .places import EmbeddedServerError
from .service import Service

_logger = logging.getLogger(__name__)
_START_SECONDS = 120.0
_STOP_SECONDS = 60.0
_POLL_SECONDS = 0.02

_guard = threading.Lock()
_joined: dict[tuple[str, Path], "_Membership"] = {}


class _Membership:
    """The lock by which one process, and those forked from it, use a server."""

    def __init__(self, service: Service) -> None:
        self.service = service
        self.process = os.getpid()
        self.users = FileLock(service.places.users_lock(service.name))
        self.users.wait_shared()

    def leave(self) -> None:
        """Lets go; the last one stops the server and waits until it has ended."""
        if self.process != os.getpid():
            return  # a forked child: its parent, or the keeper, sees to the end
        places, name = self.service.places, self.service.name
        self.users.close()
        try:
            users = FileLock(places.users_lock(name))
            keeper = FileLock(places.keeper_lock(name))
        except FileNotFoundError:
            return  # the folder was removed under us: the keeper sees that by itself
        if users.try_exclusive():
            if keeper.is_held_elsewhere():
                os.kill(int(keeper.read()), signal.SIGTERM)
        elif users.try_shared():
            return
        deadline = time.monotonic() + _STOP_SECONDS
        while keeper.is_held_elsewhere() and time.monotonic() < deadline:
            time.sleep(_POLL_SECONDS)


def join(service: Service) -> None:
    """Makes sure that the server runs and goes on running while this process lives."""
    key = (service.name, service.places.var)
    with _guard:
        if key in _joined:
            return
        service.places.make_folders()
        membership = _Membership(service)
        try:
            _ensure_kept(service)
        except BaseException:
            membership.leave()
            raise
        if not _joined:
            atexit.register(_leave_all)
        _joined[key] = membership


def _leave_all() -> None:
    for membership in _joined.values():
        try:
            membership.leave()
        except OSError:
            # The keeper stops the server within a moment anyway.
            _logger.warning("could not stop %s", membership.service.name, exc_info=True)
    _joined.clear()


def _ensure_kept(service: Service) -> None:
    """Returns when a keeper holds the server and the server answers."""
    starting = FileLock(service.places.start_lock(service.name))
    keeper = FileLock(service.places.keeper_lock(service.name))
    deadline = time.monotonic() + _START_SECONDS
    try:
        starting.wait_exclusive()
        while not (keeper.is_held_elsewhere() and service.answers()):
            if not keeper.is_held_elsewhere():
                _start_keeper(service)
            elif time.monotonic() > deadline:
                raise EmbeddedServerError(
                    f"{service.name} does not answer: see {service.places.log(service.name)}"
                )
            else:
                time.sleep(_POLL_SECONDS)
    finally:
        keeper.close()
        starting.close()


def _start_keeper(service: Service) -> None:
    """Starts the keeper in a session of its own and waits for its word.

    It is imported by its own name, not through `bpf_portal`, so that a package that comes to
    import the whole project never ends up inside a keeper.
    """
    here = Path(__file__).resolve().parent
    code = "import sys; sys.path.append(sys.argv.pop(1)); from embedded.keeper import main; main()"
    with service.places.log(service.name).open("ab") as log:
        starter = subprocess.Popen(
            [
                *(sys.executable, "-c", code, str(here.parent)),
                *(service.name, str(service.places.var)),
            ],
            cwd="/",
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=log,
            start_new_session=True,
        )
    said, _ = starter.communicate()
    answer = said.decode().strip()
    if answer != "ready":
        raise EmbeddedServerError(
            answer or f"{service.name} did not start: see {service.places.log(service.name)}"
        )
