"""The years before the portal, as their public sources tell them: importing them."""

from collections.abc import Iterable
from contextlib import nullcontext
from pathlib import Path

import pghistory
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from bpf_portal.core.access import require
from reviews.actions.published_table import Imported, Row, may_import, read_table
from reviews.models import PublishedEdition

#: The facility's first year.
FIRST_YEAR = 2016
LAST_YEAR = 2100
SHIPPED = Path(__file__).resolve().parent.parent / "reference" / "editions.csv"
COLUMNS = (
    "year",
    "edition",
    "received",
    "shortlisted",
    "selected",
    "cumulative_selected",
    "awarded_eur",
    "note",
    "source",
)
FACTS = tuple("awarded" if name == "awarded_eur" else name for name in COLUMNS if name != "year")


def import_editions(path: Path | str, *, actor: User | None = None) -> Imported:
    """Add or change the years of a CSV file; an empty cell is an unknown number, never zero.

    All or nothing, and the same file twice changes nothing. Amounts in EUR. Raises BrokenTable
    naming line and column, OSError, NotAllowed. Without an actor it is the system's own doing.
    """
    if actor is not None:
        require(may_import(actor))
    editions = read_editions(Path(path))
    with pghistory.context(user=actor.pk) if actor else nullcontext(), transaction.atomic():
        return _store(editions, change=True)


def load_shipped_editions() -> Imported:
    """The years that come with the portal. Years already there are left as somebody set them."""
    with transaction.atomic():
        return _store(read_editions(SHIPPED), change=False)


def read_editions(path: Path) -> list[PublishedEdition]:
    """The years of a file, checked row by row and against each other, not yet saved."""
    rows = read_table(path, COLUMNS)
    editions = [_edition(row) for row in rows]
    _check_years_once(rows, editions)
    _check_totals_grow(rows, editions)
    return editions


def _edition(row: Row) -> PublishedEdition:
    edition = PublishedEdition(
        year=_year(row),
        edition=row.text("edition", 20),
        received=row.count("received"),
        shortlisted=row.count("shortlisted"),
        selected=row.count("selected"),
        cumulative_selected=row.count("cumulative_selected"),
        awarded=row.amount("awarded_eur"),
        note=row.text("note", 2000),
        source=row.text("source", 250, required=True),
    )
    for part, whole in (
        ("shortlisted", "received"),
        ("selected", "received"),
        ("selected", "cumulative_selected"),
    ):
        small, large = getattr(edition, part), getattr(edition, whole)
        if small is not None and large is not None and small > large:
            message = _("%(small)s is more than %(whole)s, which is %(large)s")
            raise row.broken(part, message % {"small": small, "whole": whole, "large": large})
    return edition


def _year(row: Row) -> int:
    year = row.count("year")
    if year is None:
        raise row.broken("year", _("is empty"))
    if not FIRST_YEAR <= year <= LAST_YEAR:
        message = _("%(year)s is not a year from %(first)s to %(last)s")
        raise row.broken("year", message % {"year": year, "first": FIRST_YEAR, "last": LAST_YEAR})
    return year


def _check_years_once(rows: list[Row], editions: list[PublishedEdition]) -> None:
    seen: dict[int, int] = {}
    for row, edition in zip(rows, editions, strict=True):
        if edition.year in seen:
            message = _("%(year)s is already on line %(line)s")
            raise row.broken("year", message % {"year": edition.year, "line": seen[edition.year]})
        seen[edition.year] = row.line


def _check_totals_grow(rows: list[Row], editions: list[PublishedEdition]) -> None:
    """The number since 2016 never falls from one year to the next."""
    earlier: PublishedEdition | None = None
    in_order = sorted(zip(rows, editions, strict=True), key=lambda pair: pair[1].year)
    for row, edition in in_order:
        total = edition.cumulative_selected
        if total is None:
            continue
        if earlier is not None and total < (earlier.cumulative_selected or 0):
            message = _("%(total)s is less than the %(before)s of %(year)s")
            values = {"total": total, "before": earlier.cumulative_selected, "year": earlier.year}
            raise row.broken("cumulative_selected", message % values)
        earlier = edition


def _store(editions: Iterable[PublishedEdition], *, change: bool) -> Imported:
    """Save what is new and, where `change`, what differs: an unchanged row gets no history."""
    known = {row.year: row for row in PublishedEdition.objects.select_for_update()}
    added = changed = unchanged = 0
    for edition in editions:
        there = known.get(edition.year)
        if there is None:
            edition.save()
            added += 1
        elif not change or all(getattr(there, fact) == getattr(edition, fact) for fact in FACTS):
            unchanged += 1
        else:
            for fact in FACTS:
                setattr(there, fact, getattr(edition, fact))
            there.save()
            changed += 1
    return Imported(added, changed, unchanged)
