"""The first page of the admin: what waits for whom, and where each call stands."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db.models import Count, IntegerField, Q, QuerySet, Subquery
from django.http import HttpRequest
from django.templatetags.static import static
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.access import approves, has_role, runs_calls
from accounts.models import Role, User
from applications.models import (
    Submission,
    Thread,
    ThreadState,
)
from bpf_portal.core.access import Text
from bpf_portal.core.jobs import JobState
from bpf_portal.core.queue import failed_count
from reviews.access import may_retry_job
from reviews.admin.agreements import overdue
from reviews.admin.auditing import for_auditor
from reviews.admin.call_overviews import CallOverview, call_overviews, note_late_reviews
from reviews.admin.my_reviews import calls_to_declare, due, progress, with_progress
from reviews.admin.pages import person
from reviews.admin.wording import assignment_badge
from reviews.forms.filters import LATE, WAITING, waiting_for
from reviews.models import (
    Agreement,
    Assignment,
    AssignmentState,
    Conflict,
    ConflictState,
    Decision,
    DecisionState,
    MeetingState,
    Member,
)

SHOWN_REVIEWS = 20
SHOWN_DECISIONS = 10


@dataclass(frozen=True)
class Task:
    """Something that waits, with the list behind it."""

    label: Text
    count: int
    address: str


def stylesheet(request: HttpRequest) -> str:
    return static("desk/desk.css")


def environment(request: HttpRequest) -> list[str] | None:
    """A label on every page where the data is invented."""
    return [str(_("Demonstration")), "warning"] if settings.DEMO else None


def dashboard(request: HttpRequest, context: dict[str, Any]) -> dict[str, Any]:
    """Unfold's callback. A fixed number of queries, at most twelve for every role."""
    user = person(request)
    committees = _committees(user)
    if has_role(user, Role.REVIEWER):
        return {**context, "committees": committees, **_for_reviewer(user)}
    overviews = call_overviews(user)
    found: dict[str, Any] = {
        "committees": committees,
        "overviews": overviews,
        "tasks": _tasks(user, overviews),
    }
    if approves(user):
        found["to_sign"] = _to_sign(user)
    if has_role(user, Role.AUDITOR):
        found |= for_auditor(user)
    found["is_administrator"] = has_role(user, Role.ADMINISTRATOR)
    return {**context, **found}


def _committees(user: User) -> list[Member]:
    """The meetings to come, or in session, in which this person sits. One query."""
    rows = Member.objects.filter(
        user=user, meeting__state__in=(MeetingState.PLANNED, MeetingState.OPEN)
    )
    return list(rows.select_related("meeting__call").order_by("meeting__held_on", "pk"))


def _for_reviewer(user: User) -> dict[str, Any]:
    """What waits, the first due first; the next one that is open now; how far one is. Three
    queries."""
    mine = Assignment.objects.visible_to(user).filter(reviewer=user)
    open_ones = mine.exclude(state=AssignmentState.SUBMITTED)
    rows = list(with_progress(open_ones).order_by("due_on", "id")[:SHOWN_REVIEWS])
    reviews = [
        {
            "assignment": row,
            "open_now": row.open_now,  # type: ignore[attr-defined]
            "badge": assignment_badge(row.state),
            "due": due(row),
            "progress": progress(row),
        }
        for row in rows
    ]
    overdue_ones = Q(due_on__lt=timezone.localdate()) & ~Q(state=AssignmentState.SUBMITTED)
    return {
        "reviews": reviews,
        "next": next((each for each in reviews if each["open_now"]), None),
        "done": mine.aggregate(
            all=Count("pk"),
            submitted=Count("pk", filter=Q(state=AssignmentState.SUBMITTED)),
            late=Count("pk", filter=overdue_ones),
        ),
        "undeclared": calls_to_declare(user),
        "is_reviewer": True,
    }


def _tasks(user: User, overviews: list[CallOverview]) -> list[Task]:
    if runs_calls(user):
        return [
            *_officer_tasks(user),
            _late_reviews(user, overviews),
            *_rows_that_wait(user),
            _failed_work(),
        ]
    if approves(user):
        waiting = Decision.objects.visible_to(user).filter(state=DecisionState.PREPARED)
        count = waiting.exclude(prepared_by=user).count()
        return [
            _second_looks(user),
            Task(_("decisions to confirm"), count, _decisions(DecisionState.PREPARED)),
            _publishing(user),
        ]
    return [_failed_work()] if may_retry_job(user) else []


def _to_sign(user: User) -> list[Decision]:
    """The prepared decisions that this person may confirm, the oldest first. One query."""
    rows = Decision.objects.visible_to(user).filter(state=DecisionState.PREPARED)
    rows = rows.exclude(prepared_by=user).select_related("submission", "prepared_by")
    rows = rows.defer("submission__document", "submission__search")
    return list(rows.order_by("prepared_at", "pk")[:SHOWN_DECISIONS])


def _late_reviews(user: User, overviews: list[CallOverview]) -> Task:
    address = f"{reverse('admin:reviews_assignment_changelist')}?state={LATE}"
    return Task(_("late reviews"), note_late_reviews(user, overviews), address)


def _rows_that_wait(user: User) -> Iterable[Task]:
    """Conflicts, decisions, messages and renewals. One query for the four."""
    lists = {
        _("possible conflicts of interest to look at"): (
            Conflict.objects.visible_to(user).filter(state=ConflictState.SUSPECTED),
            f"{reverse('admin:reviews_conflict_changelist')}?state={ConflictState.SUSPECTED}",
        ),
        _("decisions to publish"): (
            Decision.objects.visible_to(user).filter(state=DecisionState.CONFIRMED),
            _decisions(DecisionState.CONFIRMED),
        ),
        _("messages to answer"): (
            Thread.objects.visible_to(user).waiting(),
            f"{reverse('admin:applications_thread_changelist')}?state={ThreadState.WAITING}",
        ),
        _("due diligence overdue"): (
            Agreement.objects.visible_to(user).filter(overdue()),
            f"{reverse('admin:reviews_agreement_changelist')}?state=overdue",
        ),
    }
    counts = _counts(user, (rows for rows, _address in lists.values()))
    for (label, (_rows, address)), count in zip(lists.items(), counts, strict=True):
        yield Task(label, count, address)


class RowCount(Subquery):
    """How many rows a query has, as a column of another one."""

    template = "(SELECT COUNT(*) FROM (%(subquery)s) AS counted)"
    output_field = IntegerField()


def _counts(user: User, lists: Iterable[QuerySet[Any]]) -> tuple[int, ...]:
    """How many rows each of these has, in one query."""
    columns = [RowCount(rows.order_by().values("pk")) for rows in lists]
    return User.objects.filter(pk=user.pk).values_list(*columns).get()


def _failed_work() -> Task:
    address = f"{reverse('admin:work')}?state={JobState.FAILED}"
    return Task(_("tasks that failed"), failed_count(), address)


def _officer_tasks(user: User) -> Iterable[Task]:
    address = reverse("admin:applications_submission_changelist")
    rows = Submission.objects.visible_to(user)
    counts = rows.aggregate(
        **{code: Count("pk", filter=waiting_for(code)) for code, _label in WAITING}
    )
    for code, label in WAITING:
        yield Task(label, counts[code], f"{address}?waiting={code}")


def _second_looks(user: User) -> Task:
    address = reverse("admin:applications_submission_changelist")
    waiting = Submission.objects.visible_to(user).filter(waiting_for("second_look"))
    label = dict(WAITING)["second_look"]
    return Task(label, waiting.count(), f"{address}?waiting=second_look")


def _publishing(user: User) -> Task:
    confirmed = Decision.objects.visible_to(user).filter(state=DecisionState.CONFIRMED)
    return Task(_("decisions to publish"), confirmed.count(), _decisions(DecisionState.CONFIRMED))


def _decisions(state: str) -> str:
    return f"{reverse('admin:reviews_decision_changelist')}?state={state}"
