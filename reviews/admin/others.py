"""What one reviewer may know of the others who review the same proposal, at this moment.

Every page of a reviewer that shows something of the others takes it from here, and only here.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _

from accounts.models import User
from reviews.models import (
    Assignment,
    AssignmentState,
    Remark,
    Rights,
    Score,
)


@dataclass(frozen=True)
class OthersSheet:
    """A submitted sheet of somebody else; `by` is a name, or what stands for it."""

    by: str
    total: Decimal | None
    comment: str
    scores: Sequence[Score]


@dataclass(frozen=True)
class SaidRemark:
    """A remark; `own` is the reader's."""

    by: str
    own: bool
    text: str
    at: datetime


@dataclass(frozen=True)
class Others:
    """`sheets` and `remarks` are None where they are not to be seen now."""

    sheets: Sequence[OthersSheet] | None = None
    remarks: Sequence[SaidRemark] | None = None


def reviewers_of_the_same() -> ArraySubquery:
    """An annotation of an assignment: the ids of all who were asked about its submission."""
    same = Assignment.objects.filter(submission=OuterRef("submission")).order_by()
    return ArraySubquery(same.values("reviewer_id"))


def others_of(assignment: Assignment, rights: Rights) -> Others:
    """Only once one's own sheet is submitted, and what the phase allows. At most two queries.

    `assignment` carries `all_reviewers` (`reviewers_of_the_same`).
    """
    if assignment.state != AssignmentState.SUBMITTED:
        return Others()
    names = _Names(assignment, rights)
    return Others(
        sheets=_sheets(assignment, names) if rights.scores else None,
        remarks=_remarks(assignment, names) if rights.discuss else None,
    )


class _Names:
    """Names where the phase shows them; else a letter that says nothing of the person."""

    def __init__(self, assignment: Assignment, rights: Rights) -> None:
        reviewers: list[int] = assignment.all_reviewers  # type: ignore[attr-defined]
        # In an order that nobody can tell from the order of names, accounts or assignments.
        mixed = sorted(reviewers, key=lambda pk: _mark(assignment.submission_id, pk))
        self.letters = {pk: _letter(place) for place, pk in enumerate(mixed)}
        self.shown = rights.names
        self.reader = assignment.reviewer_id

    def of(self, user: User) -> str:
        if self.shown:
            return str(user)
        return _("Reviewer %(letter)s") % {"letter": self.letters.get(user.pk, "?")}


def _mark(submission_id: int, reviewer_id: int) -> str:
    return salted_hmac("reviewers", f"{submission_id}:{reviewer_id}").hexdigest()


def _letter(place: int) -> str:
    return chr(ord("A") + place) if place < 26 else str(place + 1)


def _sheets(assignment: Assignment, names: _Names) -> list[OthersSheet]:
    rows = (
        Score.objects.filter(
            sheet__assignment__submission=assignment.submission_id,
            sheet__assignment__state=AssignmentState.SUBMITTED,
        )
        .exclude(sheet__assignment=assignment.pk)
        .select_related("criterion", "sheet__assignment__reviewer")
        .order_by("sheet_id", "criterion__position")
    )
    by_sheet: dict[int, list[Score]] = {}
    for score in rows:
        by_sheet.setdefault(score.sheet_id, []).append(score)
    sheets = [
        OthersSheet(
            by=names.of(scores[0].sheet.assignment.reviewer),
            total=scores[0].sheet.total,
            comment=scores[0].sheet.comment,
            scores=scores,
        )
        for scores in by_sheet.values()
    ]
    return sorted(sheets, key=lambda sheet: sheet.by)


def _remarks(assignment: Assignment, names: _Names) -> list[SaidRemark]:
    rows = Remark.objects.filter(submission=assignment.submission_id).select_related("author")
    return [
        SaidRemark(
            by=_("You") if row.author_id == names.reader else names.of(row.author),
            own=row.author_id == names.reader,
            text=row.text,
            at=row.written_at,
        )
        for row in rows
    ]
