"""Sending a plan: everything is asked again, dossier by dossier, and each pair gets its answer."""

from datetime import date, timedelta

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from accounts.models import Role, User
from applications.models import SUBMISSION_TRANSITIONS, Submission
from bpf_portal.core import jobs
from bpf_portal.core.access import require
from bpf_portal.core.events import record
from reviews.access import may_run_call
from reviews.actions import interests, reviewer_mails
from reviews.actions.assigning import enter, refuse_past
from reviews.events import PlanSendingBegun, PlanSent
from reviews.matching import Why
from reviews.models import (
    GONE_STATES,
    PLAN_TRANSITIONS,
    Assignment,
    AssignmentPlan,
    AssignmentState,
    Conflict,
    Decision,
    PlannedReview,
    PlannedState,
    PlanStep,
    PlanWork,
    ReviewPhase,
)

#: So many dossiers are sent while one waits; more is for a worker.
AT_ONCE = 15
#: Why a pair could not be sent, beside `reviews.matching.Why`.
CLOSED, NO_REVIEWER = "closed", "no_reviewer"


def send_plan(*, actor: User, plan_id: int, due_on: date) -> PlanWork:
    """Ask everybody who is planned. A few dossiers are sent at once, many by a worker; once begun
    it is finished, whatever happens to the page. What came in between is told at each pair.

    Raises ValidationError (an empty plan; a day in the past, or after the scoring), WrongState,
    NotAllowed or AssignmentPlan.DoesNotExist.
    """
    work = _begin(actor, plan_id, due_on)
    if work.progress_total <= AT_ONCE:
        jobs.run(PlanWork, work.pk, send)
    return work


@transaction.atomic
def _begin(actor: User, plan_id: int, due_on: date) -> PlanWork:
    require(may_run_call(actor))
    plan = AssignmentPlan.objects.select_for_update(of=("self",)).get(pk=plan_id)
    before, target = plan.state, PLAN_TRANSITIONS.target(plan.state, "send")
    refuse_past(due_on)
    _refuse_after_scoring(plan, due_on)
    dossiers = _waiting(plan).values("submission").distinct().count()
    if not dossiers:
        raise ValidationError(_("Nobody is planned: there is nothing to send."))
    plan.state, plan.due_on = target, due_on
    plan.sent_by, plan.sent_at = actor, timezone.now()
    plan.save(update_fields=["state", "due_on", "sent_by", "sent_at"])
    record(
        PlanSendingBegun(due_on=str(due_on)),
        about=plan,
        actor=actor,
        from_state=before,
        to_state=target,
    )
    work = PlanWork.objects.create(plan=plan, step=PlanStep.SEND, progress_total=dossiers)
    if dossiers > AT_ONCE:
        jobs.send_after_commit(work)
    return work


def scoring_until(call_id: int, stage: str) -> tuple[bool, date | None]:
    """Whether reviewers may still score now or later, and the last day (None: without end)."""
    phases = ReviewPhase.objects.filter(call=call_id, stage=stage, score=True)
    ends = list(phases.values_list("ends_at", flat=True))
    coming = [end for end in ends if end is None or end > timezone.now()]
    if not coming or None in coming:
        return bool(coming), None
    last = max(end for end in coming if end is not None)
    return True, (timezone.localtime(last) - timedelta(microseconds=1)).date()


def _refuse_after_scoring(plan: AssignmentPlan, due_on: date) -> None:
    possible, last = scoring_until(plan.call_id, plan.stage)
    if not possible:
        sentence = _("No phase lets reviewers score any more: change the review phases first.")
        raise ValidationError({"due_on": [sentence]})
    if last is not None and due_on > last:
        sentence = _("Reviewers may score until %(day)s: choose that day or an earlier one.")
        raise ValidationError({"due_on": [sentence % {"day": date_format(last, "j F Y")}]})


def _waiting(plan: AssignmentPlan):  # type: ignore[no-untyped-def]
    return PlannedReview.objects.filter(plan=plan, state=PlannedState.PLANNED)


def send(work: PlanWork) -> None:
    """The job's work: a transaction for each dossier, then one for each reviewer's mail. Taken up
    again, it goes on where it stopped."""
    plan = AssignmentPlan.objects.select_related("sent_by").get(pk=work.plan_id)
    actor = plan.sent_by
    if actor is None:
        return
    waiting = list(_waiting(plan).order_by("submission").values_list("submission", flat=True))
    for number, submission_id in enumerate(dict.fromkeys(waiting), start=1):
        _send_dossier(plan, actor, submission_id)
        if number % 10 == 0:
            work.report_progress(number, work.progress_total)
    untold = _untold(plan).order_by("reviewer").values_list("reviewer", flat=True)
    for reviewer_id in list(untold.distinct()):
        _tell(plan, reviewer_id)
    work.report_progress(work.progress_total, work.progress_total)
    _finish(plan)


@transaction.atomic
def _send_dossier(plan: AssignmentPlan, actor: User, submission_id: int) -> None:
    rows = list(_waiting(plan).filter(submission=submission_id).select_for_update())
    submission = (
        Submission.objects.visible_to(actor)
        .select_for_update(of=("self",))
        .defer("search")
        .filter(pk=submission_id)
        .first()
    )
    if not may_run_call(actor) or submission is None or not _takes_reviewers(submission):
        for row in rows:
            _answer(row, PlannedState.REFUSED, CLOSED)
        return
    people = _reviewers(rows)
    possible = [row for row in rows if _may_be_asked(row, submission, people)]
    due_on = max(plan.due_on or timezone.localdate(), timezone.localdate())
    if possible:
        asked = [people[row.reviewer_id] for row in possible]
        enter(submission, asked, actor=actor, due_on=due_on)
    for row in possible:
        found = interests.look_for_conflicts(people[row.reviewer_id], [submission])
        _answer(row, PlannedState.HELD if found else PlannedState.ASKED)


def _reviewers(rows: list[PlannedReview]) -> dict[int, User]:
    ids = [row.reviewer_id for row in rows]
    return User.objects.in_role(Role.REVIEWER).in_bulk(ids)


def _takes_reviewers(submission: Submission) -> bool:
    if not SUBMISSION_TRANSITIONS.allows(submission.state, "assign"):
        return False
    return not Decision.objects.filter(submission=submission).exists()


def _may_be_asked(row: PlannedReview, submission: Submission, people: dict[int, User]) -> bool:
    """Whether nothing came in between; else the row says what."""
    conflicts = Conflict.objects.standing().filter(
        person=row.reviewer_id, proposal=submission.proposal_id
    )
    asked = submission.assignments.filter(reviewer=row.reviewer_id)
    if row.reviewer_id not in people:
        _answer(row, PlannedState.REFUSED, NO_REVIEWER)
    elif conflicts.exists():
        _answer(row, PlannedState.REFUSED, Why.CONFLICT)
    elif asked.exclude(state=AssignmentState.RELEASED).exists():
        _answer(row, PlannedState.REFUSED, Why.ASKED_ALREADY)
    else:
        return True
    return False


def _answer(row: PlannedReview, state: str, refused: str = "") -> None:
    row.state, row.refused = state, str(refused)
    row.save(update_fields=["state", "refused"])


def _untold(plan: AssignmentPlan):  # type: ignore[no-untyped-def]
    return PlannedReview.objects.filter(plan=plan, state=PlannedState.ASKED, told_at=None)


@transaction.atomic
def _tell(plan: AssignmentPlan, reviewer_id: int) -> None:
    """One mail, about what is still theirs."""
    rows = list(_untold(plan).filter(reviewer=reviewer_id).select_for_update())
    assignments = (
        Assignment.objects.filter(
            reviewer=reviewer_id, submission__in=[row.submission_id for row in rows]
        )
        .exclude(state__in=GONE_STATES)
        .select_related("submission", "reviewer")
        .defer("submission__document", "submission__search")
        .order_by("submission__reference")
    )
    if found := list(assignments):
        reviewer_mails.ask_to_review_all(found)
    _untold(plan).filter(pk__in=[row.pk for row in rows]).update(told_at=timezone.now())


@transaction.atomic
def _finish(plan: AssignmentPlan) -> None:
    plan = AssignmentPlan.objects.select_for_update(of=("self",)).get(pk=plan.pk)
    if not PLAN_TRANSITIONS.allows(plan.state, "finish"):
        return
    before, plan.state = plan.state, PLAN_TRANSITIONS.target(plan.state, "finish")
    plan.save(update_fields=["state"])
    states = list(plan.reviews.values_list("state", flat=True))
    record(
        PlanSent(
            asked=states.count(PlannedState.ASKED),
            held=states.count(PlannedState.HELD),
            refused=states.count(PlannedState.REFUSED),
        ),
        about=plan,
        actor=plan.sent_by,
        from_state=before,
        to_state=plan.state,
    )
