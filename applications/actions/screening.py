"""Names that are like those of a sanctions list: kept for a person, answered, compared anew."""

from __future__ import annotations

from functools import cache

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from applications.access import may_answer_names
from applications.actions import checking
from applications.actions.checking_context import living_lists, rule_parameters
from applications.actions.screening_record import keep_screening
from applications.actions.submission_context import with_answers
from applications.checks import CheckContext, Dossier, RuleParameters, SanctionsList
from applications.checks.findings import Verdict
from applications.checks.screening import SANCTIONS, sanctions
from applications.events import NameAnswered, NameCleared, NameConfirmed, NameReopened
from applications.models import (
    MATCH_TRANSITIONS,
    CheckRun,
    MatchState,
    Moment,
    NameMatch,
    Rescreening,
    Submission,
)
from bpf_portal.core import jobs
from bpf_portal.core.access import require
from bpf_portal.core.events import record
from bpf_portal.core.jobs import JobState

_ANSWERS: dict[str, type[NameAnswered]] = {
    "clear": NameCleared,
    "confirm": NameConfirmed,
    "reopen": NameReopened,
}
_REASON_LENGTH = 10_000


@transaction.atomic
def answer_name(*, actor: User, match_id: int, action: str, reason: str) -> NameMatch:
    """Say that a name is somebody else's (`clear`), the listed one's (`confirm`), or that it must
    be looked at once more (`reopen`); the reason is kept with who and when.

    The living proposals with this name are checked again. Nothing is refused by it: a confirmed
    name leaves the finding to be looked at. Raises NotAllowed, WrongState or ValidationError.
    """
    require(may_answer_names(actor))
    match = NameMatch.objects.visible_to(actor).select_for_update().get(pk=match_id)
    if not reason.strip():
        raise ValidationError({"reason": [_("Say why: others must be able to follow it.")]})
    before, target = match.state, MATCH_TRANSITIONS.target(match.state, action)
    answered = target != MatchState.OPEN
    match.state, match.reason = target, reason.strip()[:_REASON_LENGTH]
    match.answered_by = actor if answered else None
    match.answered_at = timezone.now() if answered else None
    match.save(update_fields=["state", "reason", "answered_by", "answered_at"])
    record(
        _ANSWERS[action](reason=match.reason),
        about=match,
        actor=actor,
        from_state=before,
        to_state=target,
    )
    with_this_name = Submission.objects.living().filter(screenings__matches=match).distinct()
    for submission in with_this_name.select_related("call__rule_set"):
        checking.request_check(submission=submission, moment=Moment.SCREENING, actor=actor)
    return match


# --- a new list: every living proposal once more ------------------------------------------------

_STEP = 100


def rescreen(job: Rescreening) -> None:
    """The job's work: compare every living proposal with the lists in force. Only where that says
    something else than before are the checks run again.

    In steps, each kept with how far it came: who takes the job up goes on from there.
    """
    lists, parameters = living_lists(), cache(rule_parameters)
    left = _left(job).count()
    job.report_progress(job.progress_done, job.progress_done + left)
    while rows := list(_left(job).select_related("call__rule_set").order_by("pk")[:_STEP]):
        with transaction.atomic():
            _require_mine(job)
            for submission in rows:
                job.changed += _compare(submission, parameters(submission.call.rule_set), lists)
            job.done_up_to = rows[-1].pk
            job.save(update_fields=["done_up_to", "changed"])
            job.report_progress(job.progress_done + len(rows), job.progress_total)


def _left(job: Rescreening) -> QuerySet[Submission]:
    return Submission.objects.living().filter(pk__gt=job.done_up_to)


def _require_mine(job: Rescreening) -> None:
    """Hold the row until the step is kept, so that no step is done twice."""
    mine = Rescreening.objects.select_for_update().filter(pk=job.pk, claimed_by=job.claimed_by)
    if not mine.exists():
        raise jobs.LeaseLost(f"Rescreening {job.pk} was taken over by another worker")


def _compare(
    submission: Submission, parameters: RuleParameters, lists: tuple[SanctionsList, ...]
) -> bool:
    """Whether the checks have to run again. Where not, it stands that the names were compared."""
    newest = submission.check_runs.first()
    if newest is None or newest.state == JobState.QUEUED:
        return False  # that run will see the new list
    dossier = Dossier.from_frozen(submission.document)
    general = CheckContext(newest.reference_date, sanctions_lists=lists)
    context = with_answers(general, submission.organisation_id)
    if newest.state == JobState.DONE and _said(newest) == _says(
        sanctions(dossier, parameters, context)
    ):
        keep_screening(
            submission=submission,
            dossier=dossier,
            parameters=parameters,
            context=context,
            check_run=None,
        )
        return False
    checking.request_check(submission=submission, moment=Moment.SCREENING)
    return True


_Said = tuple[str, str, object]


def _said(run: CheckRun) -> _Said | None:
    """What the finding of that run said, but for the versions of the lists."""
    row = run.findings.filter(code=SANCTIONS).first()
    return (row.outcome, row.reason, row.values.get("matches")) if row else None


def _says(verdict: Verdict | None) -> _Said | None:
    if verdict is None:
        return None
    return verdict.outcome.value, verdict.reason, verdict.values.get("matches")
