"""Running PostgreSQL for root: under an account of its own, without opening anybody's home.

PostgreSQL refuses to run as root. Its account must reach the programs and the data, and both
often lie below a folder closed to others, like root's home. Such a folder stays closed: programs
and data then live in `/var/lib/bpf-portal`, and `var/postgres` is a link to the data.
"""

import os
import pwd
import shutil
import stat
import subprocess
from pathlib import Path

from .places import EmbeddedServerError

SHARED_HOME = Path("/var/lib/bpf-portal")
_ACCOUNT = "bpf-postgres"


def postgres_account() -> tuple[int, int] | None:
    """User and group number PostgreSQL runs under; None is the present user, who is not root.

    Makes the account where it is missing. Raises EmbeddedServerError.
    """
    if os.geteuid() != 0:
        return None
    entry = _find()
    if entry is None:
        useradd = shutil.which("useradd", path=f"{os.defpath}:/usr/sbin:/sbin")
        if useradd is None:
            raise EmbeddedServerError(
                "PostgreSQL does not run as root and there is no useradd to make an account: "
                "run this as another user, or set DATABASE_URL"
            )
        made = subprocess.run(
            [
                *(useradd, "--system", "--no-create-home", "--home-dir", "/nonexistent"),
                *("--shell", "/usr/sbin/nologin", "--user-group", _ACCOUNT),
            ],
            capture_output=True,
            text=True,
            check=False,
        )
        # Another process may have made it in the same moment: what counts is that it is there.
        entry = _find()
        if entry is None:
            raise EmbeddedServerError(f"cannot make the account {_ACCOUNT}: {made.stderr.strip()}")
    return entry.pw_uid, entry.pw_gid


def is_open_to_others(path: Path) -> bool:
    """Whether any account may enter `path` (a folder) or read and run it (a file)."""
    path = path.resolve()
    needed = stat.S_IXOTH if path.is_dir() else stat.S_IXOTH | stat.S_IROTH
    return path.stat().st_mode & needed == needed and leads_open(path)


def leads_open(path: Path) -> bool:
    """Whether any account may pass through all folders above `path`."""
    return all(folder.stat().st_mode & stat.S_IXOTH for folder in path.resolve().parents)


def copy_for_others(source: Path, target: Path, *, ignore: tuple[str, ...]) -> None:
    """Copies a folder so that any account may read and run what is in it.

    Writes beside the target and renames, so that nobody ever sees half a copy.
    """
    draft = target.with_name(f"{target.name}.{os.getpid()}.incomplete")
    shutil.rmtree(draft, ignore_errors=True)
    draft.parent.mkdir(mode=0o755, parents=True, exist_ok=True)
    shutil.copytree(source, draft, symlinks=True, ignore=shutil.ignore_patterns(*ignore))
    for path in (draft, *draft.rglob("*")):
        if not path.is_symlink():
            mode = path.stat().st_mode
            runs = path.is_dir() or mode & stat.S_IXUSR
            path.chmod(0o755 if runs else 0o644)
    try:
        draft.rename(target)
    except OSError:
        if not target.is_dir():
            raise
        shutil.rmtree(draft)  # somebody else was first


def _find() -> pwd.struct_passwd | None:
    try:
        return pwd.getpwnam(_ACCOUNT)
    except KeyError:
        return None
