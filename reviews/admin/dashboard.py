"""The first page of the admin: what waits for whom, and where each call stands."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.db.models import Count, Q, Sum
from django.http import HttpRequest
from django.templatetags.static import static
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.access import approves, has_role, runs_calls
from accounts.models import Role, User
from applications.models import (
    Call,
    Stage,
    Submission,
    SubmissionState,
    Thread,
    ThreadState,
)
from bpf_portal.core.access import Text
from bpf_portal.core.jobs import JobState
from bpf_portal.core.queue import failed_count
from reviews.access import may_retry_job
from reviews.admin.agreements import overdue
from reviews.admin.my_reviews import calls_to_declare, due, progress, with_progress
from reviews.admin.pages import person
from reviews.admin.wording import assignment_badge
from reviews.forms.filters import WAITING, waiting_for
from reviews.models import (
    Agreement,
    Assignment,
    AssignmentState,
    Conflict,
    ConflictState,
    Decision,
    DecisionState,
)

#: How long after its deadline a call stays on the dashboard, and how many calls it shows.
RECENT = timedelta(days=500)
SHOWN_CALLS = 6
SHOWN_REVIEWS = 20


@dataclass(frozen=True)
class Task:
    """Something that waits, with the list behind it."""

    label: Text
    count: int
    address: str


@dataclass
class StagePipeline:
    """How many proposals of a stage stand where, and what they ask for (EUR)."""

    code: str
    label: Text
    counts: dict[str, int] = field(default_factory=dict)
    requested: Decimal = Decimal(0)

    @property
    def states(self) -> list[tuple[Text, int]]:
        return [(SubmissionState(code).label, self.counts.get(code, 0)) for code in PIPELINE]

    @property
    def total(self) -> int:
        return sum(self.counts.values())


@dataclass
class CallOverview:
    """One call: its stages, its money (EUR) and its next deadline."""

    call: Call
    stages: dict[str, StagePipeline] = field(default_factory=dict)
    awarded: Decimal = Decimal(0)

    @property
    def share_awarded(self) -> int:
        """Percent of the envelope that is awarded; 0 where no envelope is published."""
        envelope = self.call.envelope
        return min(100, int(100 * self.awarded / envelope)) if envelope else 0

    @property
    def filled_stages(self) -> list[StagePipeline]:
        return [stage for stage in self.stages.values() if stage.total]


PIPELINE = tuple(SubmissionState.values)


def stylesheet(request: HttpRequest) -> str:
    return static("desk/desk.css")


def environment(request: HttpRequest) -> list[str] | None:
    """A label on every page where the data is invented."""
    return [str(_("Demonstration")), "warning"] if settings.DEMO else None


def dashboard(request: HttpRequest, context: dict[str, Any]) -> dict[str, Any]:
    """Unfold's callback. A fixed number of queries, at most twelve for every role."""
    user = person(request)
    if has_role(user, Role.REVIEWER):
        return {**context, **_for_reviewer(user)}
    overviews = call_overviews(Call.objects.visible_to(user))
    return {**context, "tasks": _tasks(user), "overviews": overviews}


def _for_reviewer(user: User) -> dict[str, Any]:
    open_ones = Assignment.objects.visible_to(user).exclude(state=AssignmentState.SUBMITTED)
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
    return {"reviews": reviews, "undeclared": calls_to_declare(user), "is_reviewer": True}


def _tasks(user: User) -> list[Task]:
    if runs_calls(user):
        return [
            *_officer_tasks(user),
            _conflicts(user),
            _publishing(user),
            _messages(user),
            _renewals(user),
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


def _renewals(user: User) -> Task:
    late = Agreement.objects.visible_to(user).filter(overdue()).count()
    address = f"{reverse('admin:reviews_agreement_changelist')}?state=overdue"
    return Task(_("due diligence overdue"), late, address)


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


def _conflicts(user: User) -> Task:
    waiting = Conflict.objects.visible_to(user).filter(state=ConflictState.SUSPECTED)
    address = reverse("admin:reviews_conflict_changelist")
    label = _("possible conflicts of interest to look at")
    return Task(label, waiting.count(), f"{address}?state={ConflictState.SUSPECTED}")


def _second_looks(user: User) -> Task:
    address = reverse("admin:applications_submission_changelist")
    waiting = Submission.objects.visible_to(user).filter(waiting_for("second_look"))
    label = dict(WAITING)["second_look"]
    return Task(label, waiting.count(), f"{address}?waiting=second_look")


def _messages(user: User) -> Task:
    waiting = Thread.objects.visible_to(user).waiting()
    address = reverse("admin:applications_thread_changelist")
    return Task(_("messages to answer"), waiting.count(), f"{address}?state={ThreadState.WAITING}")


def _publishing(user: User) -> Task:
    confirmed = Decision.objects.visible_to(user).filter(state=DecisionState.CONFIRMED)
    return Task(_("decisions to publish"), confirmed.count(), _decisions(DecisionState.CONFIRMED))


def _decisions(state: str) -> str:
    return f"{reverse('admin:reviews_decision_changelist')}?state={state}"


def call_overviews(calls: Any) -> list[CallOverview]:
    """The newest calls with their pipelines and money. Three queries."""
    recent = calls.filter(published=True, deadline_at__gte=timezone.now() - RECENT)
    found = {
        call.pk: CallOverview(
            call, {code: StagePipeline(code, label) for code, label in Stage.choices}
        )
        for call in recent.order_by("deadline_at")[:SHOWN_CALLS]
    }
    counted = (
        Submission.objects.filter(call__in=found)
        .order_by()
        .values_list("call_id", "stage", "state")
        .annotate(Count("pk"), Sum("requested"))
    )
    for call_id, stage, state, count, requested in counted:
        pipeline = found[call_id].stages[stage]
        pipeline.counts[state] = count
        pipeline.requested += requested
    awarded = (
        Decision.objects.filter(Q(submission__call__in=found), amount__isnull=False)
        .order_by()
        .values_list("submission__call_id")
        .annotate(Sum("amount"))
    )
    for call_id, amount in awarded:
        found[call_id].awarded = amount
    return list(found.values())
