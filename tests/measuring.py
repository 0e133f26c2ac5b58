"""Counts what a page costs: queries sent, and rows fetched for them.

The number of queries alone is not enough: a prefetch that loads every row is one query however long
the table is. So tests hold both, at two sizes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext


class Cost(NamedTuple):
    """Queries sent and rows fetched from the database."""

    queries: int
    rows: int


class _CountingCursor:
    """The driver's cursor, telling how many rows each fetch brought."""

    def __init__(self, cursor: Any, tell: Callable[[int], None]) -> None:
        self._cursor, self._tell = cursor, tell

    def __getattr__(self, name: str) -> Any:
        return getattr(self._cursor, name)

    def __iter__(self) -> Iterator[Any]:
        for row in self._cursor:
            self._tell(1)
            yield row

    def __enter__(self) -> _CountingCursor:
        self._cursor.__enter__()
        return self

    def __exit__(self, *error: Any) -> Any:
        return self._cursor.__exit__(*error)

    def fetchone(self) -> Any:
        row = self._cursor.fetchone()
        self._tell(int(row is not None))
        return row

    def fetchmany(self, *args: Any, **kwargs: Any) -> Any:
        return self._told(self._cursor.fetchmany(*args, **kwargs))

    def fetchall(self) -> Any:
        return self._told(self._cursor.fetchall())

    def _told(self, rows: list[Any]) -> list[Any]:
        self._tell(len(rows))
        return rows


@contextmanager
def counting_rows() -> Iterator[list[int]]:
    """Yields a list that gains the number of rows of every fetch, server-side cursors too."""
    counts: list[int] = []
    make = connection.create_cursor  # server-side cursors are made by it too
    connection.create_cursor = lambda *args, **kwargs: _CountingCursor(  # type: ignore[method-assign]
        make(*args, **kwargs), counts.append
    )
    try:
        yield counts
    finally:
        del connection.create_cursor


def counted(client: Client, url: str, *, status: int = 200) -> Cost:
    """What a GET of this page costs; the page must answer with `status`."""
    with counting_rows() as counts, CaptureQueriesContext(connection) as captured:
        response = client.get(url)
        if response.streaming:
            b"".join(response)
    assert response.status_code == status, f"{url}: {response.status_code}"
    statements = [q for q in captured if not q["sql"].startswith(("SAVEPOINT", "RELEASE"))]
    return Cost(len(statements), sum(counts))
