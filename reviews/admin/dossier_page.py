"""The page of one dossier: what it needs, in at most twelve queries."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce, JSONObject, NullIf
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

from accounts.access import runs_calls
from accounts.models import Role, User
from applications.access import may_confirm_exclusion, may_decide_on_findings, may_look_at_exclusion
from applications.actions.checking import StatedFinding, rendered_findings
from applications.models import (
    CheckRun,
    Document,
    Message,
    Submission,
    SubmissionState,
    ThreadState,
)
from bpf_portal.core.jobs import JobState
from reviews.access import may_recuse_themselves
from reviews.actions.deciding import kinds_for
from reviews.admin.corrections import Asked, asked_as_rows, asked_for, correction_actions
from reviews.admin.dossier import sections
from reviews.admin.finding_answers import (
    FindingAnswers,
    answers_to,
    decisions_as_rows,
    questions_as_rows,
)
from reviews.admin.findings import grouped
from reviews.admin.history import history
from reviews.admin.labels import Labels
from reviews.admin.pages import find_or_404, person, reason_of, render_page, status_of
from reviews.admin.wording import (
    DUE_DILIGENCE,
    OUTCOMES,
    assignment_badge,
    decision_badge,
    submission_badge,
    thread_badge,
)
from reviews.forms.assigning import AssignForm
from reviews.forms.desk_form import DeskForm
from reviews.forms.eligibility import EligibilityForm, ReasonForm, SecondLookForm
from reviews.forms.interests import RecusalForm
from reviews.forms.messages import AnswerForm
from reviews.models import (
    Assignment,
    AssignmentState,
    Conflict,
    ConflictState,
    Decision,
    DecisionState,
    Score,
    ScoreSheet,
)

#: Messages beside a dossier; the conversation has a page of its own.
SHOWN_MESSAGES = 3

Forms = Mapping[str, DeskForm]


def dossiers(request: HttpRequest) -> QuerySet[Submission]:
    """Submissions with what their page shows beside them."""
    runs = CheckRun.objects.filter(submission=OuterRef("pk")).order_by("-pk")
    others = Submission.objects.filter(proposal=OuterRef("proposal")).exclude(pk=OuterRef("pk"))
    corrections = Decision.objects.corrections_in_hand().filter(submission=OuterRef("pk"))
    return (
        Submission.objects.visible_to(person(request))
        .defer("search")
        .select_related(
            "call__rule_set",
            "eligibility_confirmed_by",
            "exclusion_proposed_by",
            "decision__prepared_by",
            "decision__confirmed_by",
            "decision__letter",
        )
        .annotate(
            done_run=Subquery(runs.filter(state=JobState.DONE).values("pk")[:1]),
            newest_run_state=Subquery(runs.values("state")[:1]),
            last_messages=_last_messages(),
            asked_rows=asked_as_rows(),
            decision_rows=decisions_as_rows(),
            question_rows=questions_as_rows(),
            correction_in_hand=Subquery(corrections.values("pk")[:1]),
            other_stage_id=Subquery(others.values("pk")[:1]),
        )
    )


def dossier_page(
    request: HttpRequest,
    object_id: int,
    *,
    refused: Exception | None = None,
    forms: Forms | None = None,
) -> HttpResponse:
    """The dossier; after a refused action with its form as it was typed, and 403, 409 or 422."""
    submission = find_or_404(dossiers(request), pk=object_id)
    labels = Labels(submission.call_id)
    decision: Decision | None = getattr(submission, "decision", None)
    assignments = _assignments(submission)
    messages: list[dict[str, Any]] = submission.last_messages
    corrections = asked_for(submission)
    found, answers = _findings(person(request), submission, labels, forms or {})
    context = {
        "title": submission.reference,
        "submission": submission,
        "badges": {
            "state": submission_badge(submission.state),
            "outcome": OUTCOMES[submission.outcome],
            "due_diligence": DUE_DILIGENCE[submission.due_diligence],
            "decided_outcome": OUTCOMES[submission.decided_outcome],
            "decided_due_diligence": DUE_DILIGENCE[submission.decided_due_diligence],
        },
        "countries": labels.country_list(submission.countries),
        "lead_country": labels.country(submission.lead_country),
        "sections": sections(submission.document, labels),
        "findings": grouped(found, answers),
        "grounds": [each.title for each in found if answers[each.code].is_ground],
        "refused_form": next(iter((forms or {}).values()), None),
        "checks_waiting": submission.newest_run_state in (JobState.QUEUED, JobState.RUNNING),
        "documents": _documents(person(request), submission, labels),
        "assignments": [
            (each, assignment_badge(each.state), read_earlier_text(each, submission))
            for each in assignments
        ],
        "sheets": sheets_of(submission) if submission.review_count else [],
        "decision": decision,
        "decision_badge": decision_badge(decision.state) if decision else None,
        "history": history(
            submission,
            assignment_ids=[each.pk for each in assignments],
        ),
        "letters": [{**each, "sent_at": parse_datetime(each["sent_at"])} for each in messages],
        "thread": _thread(messages),
        "write": _write_form(request, forms or {}),
        "corrections": corrections,
        "actions": _actions(request, submission, decision, assignments, corrections, forms or {}),
        "recusal": _recusal_form(person(request), forms or {}),
        "problem": reason_of(refused) if refused else "",
    }
    status = status_of(refused) if refused else 200
    return render_page(request, "reviews/dossier.html", context, status=status)


def _findings(
    user: User, submission: Submission, labels: Labels, forms: Forms
) -> tuple[list[StatedFinding], dict[str, FindingAnswers]]:
    """The newest finished run's findings, and what people said of each, by rule."""
    run_id = submission.done_run  # type: ignore[attr-defined]
    if run_id is None:
        return [], {}
    found = rendered_findings(CheckRun(pk=run_id), labels.language, labels.by_kind)
    may_decide = bool(may_decide_on_findings(user))
    refused = forms.get("finding")
    return found, answers_to(found, submission, labels, may_decide=may_decide, refused=refused)


def _documents(user: User, submission: Submission, labels: Labels) -> list[tuple[Document, str]]:
    """The files handed in; the page offers only those that may be opened, and says why not."""
    files = Document.objects.visible_to(user).with_scan_trouble().handed_in_with(submission)
    return [(each, labels.term("document", each.kind)) for each in files]


def _assignments(submission: Submission) -> list[Assignment]:
    suspected = Conflict.objects.filter(
        person=OuterRef("reviewer"),
        proposal=submission.proposal_id,
        state=ConflictState.SUSPECTED,
    )
    rows = submission.assignments.select_related("reviewer", "score_sheet")
    return list(rows.annotate(conflict_id=Subquery(suspected.values("pk")[:1])))


def read_earlier_text(assignment: Assignment, submission: Submission) -> bool:
    """Whether the reviewer scored what was handed in before a correction."""
    submitted = assignment.state == AssignmentState.SUBMITTED
    return submitted and assignment.score_sheet.revision < submission.revision


def sheets_of(submission: Submission) -> list[dict[str, Any]]:
    """The submitted sheets with every score and its justification. One query."""
    sheets = ScoreSheet.objects.filter(
        assignment__submission=submission, assignment__state=AssignmentState.SUBMITTED
    )
    rows = Score.objects.filter(sheet__in=sheets).select_related(
        "criterion", "sheet__assignment__reviewer"
    )
    found: dict[int, dict[str, Any]] = {}
    for score in rows.order_by("sheet_id", "criterion__position"):
        sheet = score.sheet
        entry = found.setdefault(
            sheet.pk,
            {"reviewer": sheet.assignment.reviewer, "sheet": sheet, "scores": []},
        )
        entry["scores"].append(score)
    return list(found.values())


def _last_messages() -> ArraySubquery:
    """The last words of the conversation with the company, newest first, as part of its row."""
    name = Coalesce(NullIf("author__full_name", Value("")), "author__email")
    told = JSONObject(
        author=name,
        side="side",
        text="text",
        sent_at="sent_at",
        thread="thread",
        state="thread__state",
    )
    rows = Message.objects.filter(thread__proposal=OuterRef("proposal")).order_by("-pk")
    return ArraySubquery(rows.values(told=told)[:SHOWN_MESSAGES])


def _thread(messages: list[dict[str, Any]]) -> dict[str, Any] | None:
    if not messages:
        return None
    state = messages[0]["state"]
    return {
        "pk": messages[0]["thread"],
        "badge": thread_badge(state),
        "waits": state == ThreadState.WAITING,
    }


def _write_form(request: HttpRequest, forms: Forms) -> DeskForm | None:
    return forms.get("write") or AnswerForm() if runs_calls(request.user) else None


def _recusal_form(user: User, forms: Forms) -> DeskForm | None:
    """For whoever handles proposals, under every dossier."""
    if not may_recuse_themselves(user):
        return None
    return forms.get("recuse") or RecusalForm(auto_id="recusal_%s")


def _actions(
    request: HttpRequest,
    submission: Submission,
    decision: Decision | None,
    assignments: list[Assignment],
    corrections: list[Asked],
    forms: Forms,
) -> dict[str, Any]:
    """What may be done now, mostly by an officer. The actions ask again."""
    second = _second_look(person(request), submission, forms)
    if not runs_calls(request.user):
        return second
    state = submission.state
    offered = {**correction_actions(submission, decision, corrections, forms), **second}
    waiting = "withdraw_correction" in offered
    if state == SubmissionState.RECEIVED and submission.outcome and not (waiting or second):
        offered["confirm"] = forms.get("confirm") or EligibilityForm()
    if state in (SubmissionState.ELIGIBLE, SubmissionState.INELIGIBLE) and decision is None:
        offered["reconsider"] = forms.get("reconsider") or ReasonForm(auto_id="reconsider_%s")
    if state in (SubmissionState.RECEIVED, SubmissionState.ELIGIBLE):
        offered["rerun"] = True
    if state in (SubmissionState.ELIGIBLE, SubmissionState.IN_REVIEW) and not decision:
        offered["assign"] = forms.get("assign") or assign_form(assignments=assignments)
    if (
        not waiting
        and kinds_for(submission)
        and (decision is None or decision.state == DecisionState.RETURNED)
    ):
        offered["decide"] = _("Prepare the decision") if not decision else _("Prepare it again")
    return offered


def _second_look(user: User, submission: Submission, forms: Forms) -> dict[str, Any]:
    """Where an exclusion is proposed: the form, and why this person may not confirm it."""
    proposed = submission.exclusion_proposed_by_id is not None
    if submission.state != SubmissionState.RECEIVED or not proposed:
        return {}
    if not may_look_at_exclusion(user):
        return {}
    may_confirm = may_confirm_exclusion(user, submission)
    form = forms.get("second_look") or SecondLookForm()
    return {"second_look": {"form": form, "refused": may_confirm.reason}}


def assign_form(data: Any = None, *, assignments: list[Assignment]) -> AssignForm:
    """Active reviewers who were not asked yet; due in two weeks unless said otherwise."""
    released = AssignmentState.RELEASED
    asked = [each.reviewer_id for each in assignments if each.state != released]
    reviewers = User.objects.in_role(Role.REVIEWER).exclude(pk__in=asked)
    due_on = timezone.localdate() + timedelta(days=14)
    return AssignForm(data, reviewers=reviewers, initial={"due_on": due_on})
