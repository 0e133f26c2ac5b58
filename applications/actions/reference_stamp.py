"""What the checks read besides the dossiers is kept in each process until any of it changes."""

from __future__ import annotations

from functools import cache

from django.db import connection

from applications.actions.checking_context import ContextBuilder
from applications.models import (
    Call,
    ClauseVersion,
    CountryList,
    CountryListEntry,
    CountryRating,
    DocumentRequirement,
    SanctionsList,
    Term,
)

#: Everything that a `ContextBuilder` reads. Triggers write each change of them into a history that
#: is only added to.
_READ = (
    Call,
    ClauseVersion,
    CountryList,
    CountryListEntry,
    CountryRating,
    DocumentRequirement,
    SanctionsList,
    Term,
)

Stamp = frozenset[tuple[str, int, int | None]]
_kept: tuple[Stamp, ContextBuilder] | None = None


def shared_builder() -> ContextBuilder:
    """The builder of this process, a new one where a list, a call or a word has changed since. One
    query; where nothing changed, what it read before is not read again."""
    global _kept
    stamp = _stamp()
    if _kept is None or _kept[0] != stamp:
        _kept = (stamp, ContextBuilder())
    return _kept[1]


def _stamp() -> Stamp:
    """How long each history is, and its newest entry: what was rolled back takes no part, and a
    change that is committed after a later one is counted all the same."""
    with connection.cursor() as cursor:
        cursor.execute(_statement())
        return frozenset(cursor.fetchall())


@cache
def _statement() -> str:
    histories = [model.pgh_event_model._meta.db_table for model in _READ]  # type: ignore[union-attr]
    return " UNION ALL ".join(
        f"SELECT '{table}', count(*), max(pgh_id) FROM \"{table}\""  # noqa: S608 - our own tables
        for table in histories
    )
