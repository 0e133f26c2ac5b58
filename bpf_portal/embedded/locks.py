"""Locks of the kernel on files: released when their holder ends, however it ends."""

import fcntl
import os
from pathlib import Path

from .places import EmbeddedServerError


class FileLock:
    """One open lock file (`flock`). Forked children share it; programs it starts do not."""

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            self._descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except PermissionError as error:
            raise EmbeddedServerError(
                f"{path} belongs to another user, who started the servers of this folder: "
                "use that account, or set BPF_VAR to a folder of yours"
            ) from error

    def try_shared(self) -> bool:
        """Takes the lock with others; says whether it could at once."""
        return self._try(fcntl.LOCK_SH)

    def try_exclusive(self) -> bool:
        """Takes the lock alone; says whether it could at once."""
        return self._try(fcntl.LOCK_EX)

    def wait_shared(self) -> None:
        """Takes the lock with others, waiting for whoever holds it alone."""
        fcntl.flock(self._descriptor, fcntl.LOCK_SH)

    def wait_exclusive(self) -> None:
        """Takes the lock alone, waiting for all others."""
        fcntl.flock(self._descriptor, fcntl.LOCK_EX)

    def is_held_elsewhere(self) -> bool:
        """Whether another process holds the lock alone (asked without keeping it)."""
        if self.try_shared():
            fcntl.flock(self._descriptor, fcntl.LOCK_UN)
            return False
        return True

    def is_current(self) -> bool:
        """Whether the file others would open is still the one that is locked here."""
        try:
            there = os.stat(self.path)
        except FileNotFoundError:
            return False
        here = os.fstat(self._descriptor)
        return (there.st_dev, there.st_ino) == (here.st_dev, here.st_ino)

    def write(self, text: str) -> None:
        """Replaces the file's text, for those who only look."""
        os.ftruncate(self._descriptor, 0)
        os.pwrite(self._descriptor, text.encode(), 0)

    def read(self) -> str:
        """The text its holder wrote."""
        return os.pread(self._descriptor, 100, 0).decode()

    def close(self) -> None:
        """Lets go, unless a forked child still holds the same lock."""
        os.close(self._descriptor)

    def _try(self, kind: int) -> bool:
        try:
            fcntl.flock(self._descriptor, kind | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True
