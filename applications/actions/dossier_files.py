"""Reading dossiers from files that somebody names: never more than a dossier can hold."""

from pathlib import Path

# A dossier holds texts and names of files, not the files: more than this is something else.
LARGEST_FILE = 5 * 1024 * 1024


class Unreadable(Exception):
    """Why a file could not be read, in one line."""


def read_file(name: str) -> bytes:
    """The content of a file of at most 5 MB. Raises Unreadable."""
    try:
        with Path(name).open("rb") as file:
            content = file.read(LARGEST_FILE + 1)
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        raise Unreadable(f"cannot be read: {reason}") from error
    if len(content) > LARGEST_FILE:
        raise Unreadable(f"larger than {LARGEST_FILE // 1024 // 1024} MB, so not a dossier")
    return content


def printable(name: str) -> str:
    """A file name that stays on one line of a terminal."""
    return "".join(c if c.isprintable() else "?" for c in name)
