"""Where each call stands: a picture of its pipeline, its money, its days, and who is late."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal

from django.db.models import Count, Q, QuerySet, Sum
from django.utils import timezone

from accounts.models import User
from applications.models import Call, Stage, Submission, SubmissionState
from bpf_portal.core.access import Text
from reviews.actions.late_reviews import late
from reviews.models import Assignment, Decision

#: How long after its deadline a call stays on the dashboard, and how many calls it shows.
RECENT = timedelta(days=500)
SHOWN_CALLS = 6
PIPELINE = tuple(SubmissionState.values)


@dataclass(frozen=True)
class Part:
    """A state's part of the picture of a stage: from `start`, `count` wide, in proposals."""

    state: str
    label: Text
    start: int
    count: int


@dataclass
class StagePipeline:
    """How many proposals of a stage stand where, and what they ask for (EUR)."""

    code: str
    label: Text
    counts: dict[str, int] = field(default_factory=dict)
    requested: Decimal = Decimal(0)
    #: Reviews whose day is over.
    late: int = 0

    @property
    def states(self) -> list[tuple[Text, int]]:
        return [(SubmissionState(code).label, self.counts.get(code, 0)) for code in PIPELINE]

    @property
    def parts(self) -> list[Part]:
        found, start = [], 0
        for code in PIPELINE:
            if count := self.counts.get(code, 0):
                found.append(Part(code, SubmissionState(code).label, start, count))
                start += count
        return found

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


def call_overviews(user: User) -> list[CallOverview]:
    """The newest calls with their pipelines and money, as far as this person may see. Three
    queries."""
    recent = Call.objects.visible_to(user).filter(
        published=True, deadline_at__gte=timezone.now() - RECENT
    )
    found = {
        call.pk: CallOverview(
            call, {code: StagePipeline(code, label) for code, label in Stage.choices}
        )
        for call in recent.order_by("deadline_at")[:SHOWN_CALLS]
    }
    counted = (
        Submission.objects.visible_to(user)
        .filter(call__in=found)
        .order_by()
        .values_list("call_id", "stage", "state")
        .annotate(Count("pk"), Sum("requested"))
    )
    for call_id, stage, state, count, requested in counted:
        pipeline = found[call_id].stages[stage]
        pipeline.counts[state] = count
        pipeline.requested += requested
    awarded = (
        Decision.objects.visible_to(user)
        .filter(Q(standing_for__call__in=found), amount__isnull=False)
        .order_by()
        .values_list("submission__call_id")
        .annotate(Sum("amount"))
    )
    for call_id, amount in awarded:
        found[call_id].awarded = amount
    return list(found.values())


def note_late_reviews(user: User, overviews: Iterable[CallOverview]) -> int:
    """Put the number of late reviews to each stage; returns that of all calls. One query."""
    rows: QuerySet[Assignment] = late(Assignment.objects.visible_to(user))
    by_call = {overview.call.pk: overview for overview in overviews}
    counted = rows.order_by().values_list("submission__call_id", "submission__stage")
    whole = 0
    for call_id, stage, count in counted.annotate(Count("pk")):
        whole += count
        if call_id in by_call:
            by_call[call_id].stages[stage].late = count
    return whole
