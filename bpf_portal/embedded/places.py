"""Where the embedded servers keep their data, sockets, locks and logs."""

import hashlib
import os
import stat
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

DATABASE = "bpf"
ROLE = "bpf"

# A Unix socket's path has 108 bytes with its terminating zero (`man 7 unix`).
_LONGEST_SOCKET_PATH = 107
_POSTGRES_FOLDER = "pg"
_POSTGRES_SOCKET = ".s.PGSQL.5432"
_REDIS_SOCKET = "redis.sock"
# Root's PostgreSQL runs under an account of its own, which must reach the socket's folder
# wherever the project lies (often a home that is closed to others).
_ROOT_SOCKETS = Path("/run/bpf-portal")


class EmbeddedServerError(RuntimeError):
    """An embedded server could not be used; the message says why and what to do."""


@dataclass(frozen=True)
class Addresses:
    """What `DATABASE_URL` and `REDIS_URL` would say of the embedded servers."""

    database_url: str
    redis_url: str


@dataclass(frozen=True)
class Places:
    """The folders and files of one pair of embedded servers."""

    var: Path
    sockets: Path

    @classmethod
    def of(cls, var: Path) -> "Places":
        """The places for `var`, the same for every process of this user."""
        var = var.expanduser().resolve()
        name = hashlib.sha256(os.fsencode(var)).hexdigest()[:16]
        if os.geteuid() == 0:
            return cls(var, _ROOT_SOCKETS / name)
        sockets = var / "run"
        longest = sockets / _POSTGRES_FOLDER / _POSTGRES_SOCKET
        if len(os.fsencode(longest)) > _LONGEST_SOCKET_PATH:
            sockets = Path(f"/tmp/bpf-{os.geteuid()}-{name}")  # noqa: S108 - checked before use
        return cls(var, sockets)

    @property
    def addresses(self) -> Addresses:
        """The addresses, in the form django-environ and redis-py read."""
        return Addresses(
            database_url=f"postgres://{ROLE}@/{quote(str(self.postgres_sockets))}/{DATABASE}",
            redis_url=f"unix://{quote(str(self.redis_socket))}",
        )

    @property
    def postgres_sockets(self) -> Path:
        """The folder of PostgreSQL's socket: its account's own, which nobody else enters."""
        return self.sockets / _POSTGRES_FOLDER

    @property
    def redis_socket(self) -> Path:
        return self.sockets / _REDIS_SOCKET

    def users_lock(self, service: str) -> Path:
        """Held (shared) by every process that uses the server."""
        return self.var / "run" / f"{service}.users"

    def start_lock(self, service: str) -> Path:
        """Held while a process makes sure that there is a keeper."""
        return self.var / "run" / f"{service}.start"

    def keeper_lock(self, service: str) -> Path:
        """Held by the keeper for its lifetime; the file carries its process number."""
        return self.var / "run" / f"{service}.keeper"

    def log(self, service: str) -> Path:
        return self.var / "log" / f"{service}.log"

    def make_folders(self) -> None:
        """Makes the folders of this user under `var`.

        Raises EmbeddedServerError when `var` belongs to somebody else.
        """
        try:
            self.var.mkdir(parents=True, exist_ok=True)
            for folder in ("run", "log"):
                (self.var / folder).mkdir(mode=0o700, exist_ok=True)
        except OSError as error:
            raise EmbeddedServerError(
                f"{self.var} cannot be written ({error.strerror}): set BPF_VAR to a folder of yours"
            ) from error

    def make_socket_folder(self) -> None:
        """Makes the folder of the sockets, which root's PostgreSQL passes through."""
        make_private_folder(self.sockets, owner=os.geteuid())
        if os.geteuid() == 0:
            self.sockets.chmod(0o711)


def make_private_folder(path: Path, *, owner: int) -> None:
    """Makes `path` so that only `owner` (and root) enters, or checks that it already is so.

    The check matters in the shared temporary folder, where others could have put theirs first.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    path.mkdir(mode=0o700, exist_ok=True)
    if path.lstat().st_uid != owner and os.geteuid() == 0:
        os.chown(path, owner, -1, follow_symlinks=False)
    found = path.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != owner:
        raise EmbeddedServerError(f"{path} belongs to somebody else: remove it, or set BPF_VAR")
    path.chmod(0o700)
