"""A plan of who is to read what: to look at, to change dossier by dossier, and to send."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.access import runs_calls
from accounts.models import User
from applications.models import RiskLevel, Stage, Submission
from bpf_portal.core.access import Text, require
from reviews.access import may_run_call
from reviews.actions.plan_sending import send_plan
from reviews.actions.planning import change_plan, discard_plan, staffing_for
from reviews.actions.staffing import Staffing
from reviews.admin.assignments import name_of, usual_day
from reviews.admin.attempts import attempt
from reviews.admin.dossier_reviewers import BARRING, candidates, dossier_facts, ticked
from reviews.admin.labels import Labels
from reviews.admin.lists import PER_PAGE, page_of
from reviews.admin.pages import (
    RUNNING,
    find_or_404,
    reason_of,
    render_page,
    require_role,
    status_of,
)
from reviews.admin.planning_words import AGAINST, in_favour, lacking, obstacles
from reviews.admin.wording import Badge, plan_badge, planned_badge
from reviews.forms.desk_form import DeskForm
from reviews.forms.planning import PlannedForm, SendForm
from reviews.matching import Unmet, Why, obstacle, unmet
from reviews.models import AssignmentPlan, PlannedReview, PlannedState, PlanState


@dataclass(frozen=True)
class Pair:
    """One planned review, and what came in between since it was planned."""

    name: str
    why: list[Text]
    by_hand: bool
    badge: Badge | None
    against: Text
    load: int


@dataclass
class Line:
    """One dossier of the plan."""

    submission: Submission
    risky: bool
    open: bool
    reading: list[str] = field(default_factory=list)
    pairs: list[Pair] = field(default_factory=list)
    gaps: list[tuple[str, list[str]]] = field(default_factory=list)


@dataclass(frozen=True)
class Load:
    """What one reviewer has to do, and would have besides with the plan."""

    name: str
    now: int
    more: int
    full: bool


def plan_page(request: HttpRequest, pk: int) -> HttpResponse:
    """POST (`do`): send it or give it up. At most twelve queries, whatever the number of pairs."""
    user = require_role(request, *RUNNING)
    plan = _plan(user, pk)
    if request.method != "POST":
        return _page(request, plan)
    require(may_run_call(user))
    if request.POST.get("do") == "discard":
        return _discard(request, plan)
    form = SendForm(request.POST)

    def act() -> str:
        send_plan(actor=user, plan_id=pk, due_on=form.cleaned_data["due_on"])
        return _("The plan is sent.")

    return attempt(
        request,
        form,
        act,
        done=lambda: redirect("admin:assignment_plan", pk),
        refused=lambda error: _page(request, plan, form, error),
    )


def _discard(request: HttpRequest, plan: AssignmentPlan) -> HttpResponse:
    form = DeskForm(request.POST)

    def act() -> str:
        discard_plan(actor=require_role(request, *RUNNING), plan_id=plan.pk)
        return _("The plan is given up. Nobody was asked.")

    return attempt(
        request,
        form,
        act,
        done=lambda: redirect("admin:assignments", plan.call.code, plan.stage),
        refused=lambda error: _page(request, plan, form, error),
    )


def _plan(user: User, pk: int) -> AssignmentPlan:
    rows = AssignmentPlan.objects.visible_to(user).select_related("call", "made_by", "sent_by")
    found: AssignmentPlan = find_or_404(rows, pk=pk)
    return found


def _page(
    request: HttpRequest,
    plan: AssignmentPlan,
    form: DeskForm | None = None,
    refused: Exception | None = None,
) -> HttpResponse:
    user = require_role(request, *RUNNING)
    staffing = staffing_for(plan, user)
    rows = list(
        PlannedReview.objects.visible_to(user)
        .filter(plan=plan)
        .select_related("submission", "reviewer")
        .defer("submission__document", "submission__search")
        .order_by("submission__reference", "pk")
    )
    lines = _lines(plan, rows, staffing)
    is_open = plan.state == PlanState.OPEN
    planned = [row for row in rows if row.state == PlannedState.PLANNED]
    context: dict[str, Any] = {
        "title": _("Plan of reviewers"),
        "plan": plan,
        "stage": Stage(plan.stage),
        "badge": plan_badge(plan.state),
        "is_open": is_open,
        "work": plan.work.order_by("-pk").first(),
        "page": page_of(request, lines, PER_PAGE),
        "counts": _counts(rows),
        "dossiers": len({row.submission_id for row in planned}),
        "people": len({row.reviewer_id for row in planned}),
        "short": sum(1 for line in lines if line.gaps),
        "only_short": request.GET.get("show") == "short",
        "form": form,
        "problem": reason_of(refused) if refused else "",
    }
    if is_open:
        loads = _people(plan, planned, staffing)
        context["loads"] = loads
        context["widest"] = max([plan.most, *(each.now + each.more for each in loads)])
    if is_open and runs_calls(user):
        day = usual_day(plan.call_id, plan.stage)
        context["send"] = form if isinstance(form, SendForm) else SendForm(initial={"due_on": day})
    if request.GET.get("show") == "short":
        context["page"] = page_of(request, [line for line in lines if line.gaps], PER_PAGE)
    status = status_of(refused) if refused else 200
    return render_page(request, "reviews/assignment_plan.html", context, status=status)


def _counts(rows: list[PlannedReview]) -> list[tuple[Badge, int]]:
    found = [(state, sum(row.state == state for row in rows)) for state in PlannedState.values]
    return [(planned_badge(state), count) for state, count in found if count]


def _lines(plan: AssignmentPlan, rows: list[PlannedReview], staffing: Staffing) -> list[Line]:
    """While it is open: every dossier that has planned reviews or lacks somebody; later what became
    of it."""
    found: dict[int, Line] = {}
    is_open = plan.state == PlanState.OPEN
    loads = _loads(rows, staffing)
    for row in rows:
        line = found.setdefault(row.submission_id, _new_line(row.submission, staffing))
        line.pairs.append(_pair(row, staffing, loads, is_open=is_open))
    if not is_open:
        return list(found.values())
    for gap in _gaps(rows, staffing):
        line = found.setdefault(gap.paper, _new_line(staffing.submissions[gap.paper], staffing))
        line.gaps.append((lacking(gap), obstacles(gap)))
    return sorted(found.values(), key=lambda line: line.submission.reference)


def _new_line(submission: Submission, staffing: Staffing) -> Line:
    listed = staffing.submissions.get(submission.pk)
    reading = staffing.reading(listed) if listed else []
    return Line(
        submission=submission,
        risky=submission.risk_level == RiskLevel.HIGH,
        open=listed is not None,
        reading=[name_of(staffing, each.reviewer_id) for each in reading],
    )


def _gaps(rows: list[PlannedReview], staffing: Staffing) -> tuple[Unmet, ...]:
    pairs = [
        (row.submission_id, row.reviewer_id) for row in rows if row.state == PlannedState.PLANNED
    ]
    return unmet(list(staffing.papers.values()), list(staffing.readers.values()), pairs)


def _loads(rows: list[PlannedReview], staffing: Staffing) -> dict[int, int]:
    """What each reviewer would have to do with the plan."""
    loads = {pk: reader.load for pk, reader in staffing.readers.items()}
    for row in rows:
        if row.state == PlannedState.PLANNED and row.reviewer_id in loads:
            loads[row.reviewer_id] += 1
    return loads


def _people(plan: AssignmentPlan, planned: list[PlannedReview], staffing: Staffing) -> list[Load]:
    """Every reviewer, the busiest first."""
    more = Counter(row.reviewer_id for row in planned)
    found = [
        Load(
            name=name_of(staffing, pk),
            now=reader.load,
            more=more[pk],
            full=reader.load + more[pk] >= plan.most,
        )
        for pk, reader in staffing.readers.items()
    ]
    return sorted(found, key=lambda each: (-each.now - each.more, each.name))


def _pair(row: PlannedReview, staffing: Staffing, loads: dict[int, int], *, is_open: bool) -> Pair:
    planned = row.state == PlannedState.PLANNED
    against = AGAINST[row.refused] if row.refused else ""
    if is_open and planned:
        against = _in_between(row, staffing)
    return Pair(
        name=str(row.reviewer),
        why=in_favour(row.why),
        by_hand=row.by_hand,
        badge=None if planned else planned_badge(row.state),
        against=against,
        load=loads.get(row.reviewer_id, 0),
    )


def _in_between(row: PlannedReview, staffing: Staffing) -> Text:
    """Why this pair could not be sent as things stand now."""
    paper = staffing.papers.get(row.submission_id)
    reader = staffing.readers.get(row.reviewer_id)
    if paper is None:
        return AGAINST["closed"]
    if reader is None:
        return AGAINST["no_reviewer"]
    why_not = obstacle(paper, reader)
    return AGAINST[why_not] if why_not in BARRING or why_not == Why.LANGUAGE else ""


def planned_dossier(request: HttpRequest, pk: int, submission: int) -> HttpResponse:
    """Who is planned for one dossier; POST changes it. For officers, while the plan is open."""
    user = require_role(request, *RUNNING)
    plan = _plan(user, pk)
    if not runs_calls(user) or plan.state != PlanState.OPEN:
        raise Http404
    staffing = staffing_for(plan, user, alone=submission)
    if submission not in staffing.submissions:
        raise Http404
    rows = PlannedReview.objects.visible_to(user).filter(plan=plan, submission=submission)
    planned = sorted(rows.filter(state=PlannedState.PLANNED).values_list("reviewer_id", flat=True))
    seen = ",".join(map(str, planned))
    people = staffing.reviewers.values()
    if request.method != "POST":
        form = PlannedForm(reviewers=people, initial={"reviewers": planned, "seen": seen})
        return _planned_page(request, plan, staffing, submission, form)
    form = PlannedForm(request.POST, reviewers=people)

    def act() -> str:
        change_plan(
            actor=user,
            plan_id=pk,
            submission_id=submission,
            reviewer_ids=form.reviewer_ids(),
            seen=form.seen_ids(),
        )
        return _("The plan is changed.")

    back = f"{reverse('admin:assignment_plan', args=(pk,))}#dossier-{submission}"
    return attempt(
        request,
        form,
        act,
        done=lambda: redirect(back),
        refused=lambda error: _planned_page(request, plan, staffing, submission, form, error),
    )


def _planned_page(
    request: HttpRequest,
    plan: AssignmentPlan,
    staffing: Staffing,
    pk: int,
    form: PlannedForm,
    refused: Exception | None = None,
) -> HttpResponse:
    submission = staffing.submissions[pk]
    reading = [name_of(staffing, each.reviewer_id) for each in staffing.reading(submission)]
    context: dict[str, Any] = {
        "title": _("Planned reviewers of %(reference)s") % {"reference": submission.reference},
        "plan": plan,
        "stage": Stage(plan.stage),
        **dossier_facts(submission, Labels(plan.call_id)),
        "reading": reading,
        "candidates": candidates(submission, staffing, ticked(form)),
        "planned": form,
        "form": form,
        "problem": reason_of(refused) if refused else "",
    }
    status = status_of(refused) if refused else 200
    return render_page(request, "reviews/planned_dossier.html", context, status=status)
