"""Reviews whose day is over: counted, and their reviewers reminded, once a day at most."""

from datetime import date

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from applications.models import Call, SubmissionState
from bpf_portal.core.access import require
from bpf_portal.core.events import record
from reviews.access import may_run_call
from reviews.actions import reviewer_mails
from reviews.actions.plan_sending import scoring_until
from reviews.actions.staffing import UNFINISHED
from reviews.events import ReviewerReminded
from reviews.models import Assignment, Conflict, Decision


def late(rows: QuerySet[Assignment], day: date | None = None) -> QuerySet[Assignment]:
    """Of these, what is unfinished after its day, of proposals that still wait for it. Whoever has
    a conflict is not awaited."""
    conflict = Conflict.objects.standing().filter(
        person=OuterRef("reviewer"), proposal=OuterRef("submission__proposal")
    )
    decided = Decision.objects.filter(submission=OuterRef("submission"))
    return rows.filter(
        ~Exists(conflict),
        ~Exists(decided),
        due_on__lt=day or timezone.localdate(),
        state__in=UNFINISHED,
        submission__state=SubmissionState.IN_REVIEW,
    )


@transaction.atomic
def remind_late_reviewers(*, actor: User, call_id: int, stage: str) -> int:
    """One mail to each reviewer who is late at this stage, about all of it; who was reminded today
    already is left in peace. Returns how many people were reminded.

    Raises ValidationError (nobody is late, all were reminded today, no phase lets them score),
    NotAllowed or Call.DoesNotExist.
    """
    require(may_run_call(actor))
    call = Call.objects.visible_to(actor).get(pk=call_id)
    today = timezone.localdate()
    rows = Assignment.objects.visible_to(actor).filter(
        submission__call=call, submission__stage=stage, reviewer__is_active=True
    )
    found = list(
        late(rows)
        .select_for_update(of=("self",))
        .select_related("submission", "reviewer")
        .defer("submission__document", "submission__search")
        .order_by("reviewer", "due_on", "pk")
    )
    if not found:
        raise ValidationError(_("Nobody is late."))
    if not scoring_until(call.pk, stage)[0]:
        raise ValidationError(
            _("No phase lets reviewers score any more: change the review phases first.")
        )
    by_person: dict[int, list[Assignment]] = {}
    for row in found:
        by_person.setdefault(row.reviewer_id, []).append(row)
    waiting = {
        pk: theirs
        for pk, theirs in by_person.items()
        if not any(row.reminded_on == today for row in theirs)
    }
    if not waiting:
        raise ValidationError(_("Everybody who is late was reminded today already."))
    for theirs in waiting.values():
        _remind(theirs, actor, today)
    return len(waiting)


def _remind(theirs: list[Assignment], actor: User, today: date) -> None:
    reviewer_mails.remind(theirs)
    for row in theirs:
        row.reminded_on = today
        row.save(update_fields=["reminded_on"])
        record(
            ReviewerReminded(
                submission=row.submission_id,
                reviewer=str(row.reviewer),
                due_on=str(row.due_on),
            ),
            about=row,
            actor=actor,
        )
