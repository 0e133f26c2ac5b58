"""The chapter's other private-sector commitments: importing them."""

from collections.abc import Iterable
from contextlib import nullcontext
from datetime import date
from pathlib import Path

import pghistory
from django.core.exceptions import ValidationError
from django.core.validators import validate_slug
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from bpf_portal.core.access import require
from reviews.actions.published_table import Imported, Row, may_import, read_table
from reviews.models import ProgrammeCommitment

SHIPPED = Path(__file__).resolve().parent.parent / "reference" / "programme_commitments.csv"
COLUMNS = (
    "programme",
    "phase",
    "name_fr",
    "name_en",
    "kind",
    "starts_on",
    "ends_on",
    "committed_eur",
    "cumulative_eur",
    "note_fr",
    "note_en",
    "source",
)
FACTS = (
    "name_fr",
    "name_en",
    "kind",
    "starts_on",
    "ends_on",
    "committed",
    "cumulative",
    "note_fr",
    "note_en",
    "source",
)


def import_commitments(path: Path | str, *, actor: User | None = None) -> Imported:
    """Add or change programme commitments from a CSV file; an empty amount is unknown.

    All or nothing, by programme and phase. Amounts in EUR. Raises BrokenTable naming line and
    column, OSError, NotAllowed. Without an actor it is the system's own doing.
    """
    if actor is not None:
        require(may_import(actor))
    commitments = read_commitments(Path(path))
    with pghistory.context(user=actor.pk) if actor else nullcontext(), transaction.atomic():
        return _store(commitments, change=True)


def load_shipped_commitments() -> Imported:
    """Those that come with the portal. What is already there is left as somebody set it."""
    with transaction.atomic():
        return _store(read_commitments(SHIPPED), change=False)


def read_commitments(path: Path) -> list[ProgrammeCommitment]:
    """The commitments of a file, checked, not yet saved."""
    seen: dict[tuple[str, int], int] = {}
    commitments = []
    for row in read_table(path, COLUMNS):
        commitment = _commitment(row)
        key = (commitment.programme, commitment.phase)
        if key in seen:
            message = _("this programme and phase are already on line %(line)s")
            raise row.broken("programme", message % {"line": seen[key]})
        seen[key] = row.line
        commitments.append(commitment)
    return commitments


def _commitment(row: Row) -> ProgrammeCommitment:
    programme = row.text("programme", 40, required=True)
    try:
        validate_slug(programme)
    except ValidationError as error:
        raise row.broken("programme", _("only letters, digits, - and _")) from error
    phase = row.count("phase")
    if not phase or phase > 99:
        raise row.broken("phase", _("is not a phase from 1 to 99"))
    starts_on, ends_on = _period(row)
    committed, cumulative = row.amount("committed_eur"), row.amount("cumulative_eur")
    if committed is not None and cumulative is not None and committed > cumulative:
        raise row.broken("cumulative_eur", _("is less than the amount committed"))
    return ProgrammeCommitment(
        programme=programme,
        phase=phase,
        name_fr=row.text("name_fr", 150, required=True),
        name_en=row.text("name_en", 150, required=True),
        kind=row.text("kind", 60),
        starts_on=starts_on,
        ends_on=ends_on,
        committed=committed,
        cumulative=cumulative,
        note_fr=row.text("note_fr", 2000),
        note_en=row.text("note_en", 2000),
        source=row.text("source", 250, required=True),
    )


def _period(row: Row) -> tuple[date, date | None]:
    starts_on, ends_on = row.day("starts_on"), row.day("ends_on")
    if starts_on is None:
        raise row.broken("starts_on", _("is empty"))
    if ends_on is not None and ends_on < starts_on:
        raise row.broken("ends_on", _("is before the beginning"))
    return starts_on, ends_on


def _store(commitments: Iterable[ProgrammeCommitment], *, change: bool) -> Imported:
    """Save what is new and, where `change`, what differs: an unchanged row gets no history."""
    known = {
        (row.programme, row.phase): row for row in ProgrammeCommitment.objects.select_for_update()
    }
    added = changed = unchanged = 0
    for commitment in commitments:
        there = known.get((commitment.programme, commitment.phase))
        if there is None:
            commitment.save()
            added += 1
        elif not change or all(getattr(there, fact) == getattr(commitment, fact) for fact in FACTS):
            unchanged += 1
        else:
            for fact in FACTS:
                setattr(there, fact, getattr(commitment, fact))
            there.save()
            changed += 1
    return Imported(added, changed, unchanged)
