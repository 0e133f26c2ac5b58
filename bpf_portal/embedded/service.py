"""What the keeper has to know of a server."""

import signal
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, Protocol

from .places import Places


@dataclass(frozen=True)
class Program:
    """A program to run: its arguments, its folder, and the account it runs under."""

    arguments: tuple[str, ...]
    folder: Path
    environment: dict[str, str]
    account: tuple[int, int] | None
    """User and group number; None is whoever starts it."""


class Service(Protocol):
    """One kind of embedded server under one set of places."""

    name: ClassVar[str]
    stop_signal: ClassVar[signal.Signals]
    places: Places

    def prepare(self) -> Program:
        """Makes ready what the server needs, after a crash too; returns how to run it.

        Called by the keeper alone. Raises EmbeddedServerError.
        """
        ...

    def answers(self) -> bool:
        """Whether the server takes connections."""
        ...

    def complete(self) -> None:
        """Puts in what users rely on, once the server answers."""
        ...

    def tidy(self) -> None:
        """Removes what only makes sense while the server runs."""
        ...
