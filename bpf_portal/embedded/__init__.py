"""PostgreSQL and Redis out of wheels, for a machine that has none.

Every process that needs a server *joins* it: it holds a shared lock on a file for as long as it
lives. One keeper process per server (`keeper.py`) is the server's parent, restarts it when it
dies, and stops it when nobody holds the lock any more. The locks are the kernel's, so a process
that is killed leaves nothing to clean up, and a forked one (Celery's pool, gunicorn's workers)
shares its parent's membership.

This package imports nothing of Django: settings ask it for addresses.
"""

import os
from pathlib import Path

from .membership import join
from .places import Addresses, EmbeddedServerError, Places
from .postgres import Postgres
from .redis_server import RedisServer

__all__ = [
    "Addresses",
    "EmbeddedServerError",
    "addresses",
    "ensure_from_environment",
    "ensure_running",
]

_PROJECT = Path(__file__).resolve().parent.parent.parent


def addresses(var: Path) -> Addresses:
    """The addresses of the embedded servers under `var`. Deterministic; starts nothing.

    The servers listen on Unix sockets only, in a folder no other user can enter.
    """
    return Places.of(var).addresses


def ensure_running(*, database: bool, redis: bool, var: Path) -> None:
    """Finds or starts the servers under `var` and uses them until this process ends.

    Safe to call from several processes at once, and again in the same process. The last process
    to end stops the servers before it is gone.

    Raises EmbeddedServerError, with what to do about it, when a server does not come up.
    """
    places = Places.of(var)
    if redis:
        join(RedisServer(places))
    if database:
        join(Postgres(places))


def ensure_from_environment() -> None:
    """Starts what the environment does not name by DATABASE_URL and REDIS_URL, under BPF_VAR.

    As in the settings, DATABASE_URL_FILE names a file that holds the value.
    """
    var = Path(os.environ.get("BPF_VAR") or _PROJECT / "var")
    ensure_running(
        database=not _is_given("DATABASE_URL"),
        redis=not _is_given("REDIS_URL"),
        var=var,
    )


def _is_given(name: str) -> bool:
    return bool(os.environ.get(name) or os.environ.get(f"{name}_FILE"))
