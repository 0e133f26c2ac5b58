"""The ranking of a call's stage, and publishing confirmed decisions together."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.access import approves, runs_calls
from applications.models import Call, Stage, Submission
from bpf_portal.core.states import WrongState
from reviews.access import may_publish
from reviews.actions.deciding import publish_decisions
from reviews.actions.ranking import ranked
from reviews.admin.lists import PER_PAGE, Page, paginate
from reviews.admin.pages import RUNNING, find_or_404, render_page, require_role
from reviews.admin.wording import Badge, decision_badge, submission_badge
from reviews.models import CallRubric, Criterion, Decision, DecisionState, Rubric


@dataclass(frozen=True)
class Line:
    """One proposal of the ranking, with its marks."""

    place: int
    submission: Submission
    decision: Decision | None
    decision_badge: Badge | None
    state_badge: Badge
    under_threshold: bool
    under_floor: bool
    cumulative: Decimal
    over_envelope: bool
    publishable: bool


def ranking_index(request: HttpRequest) -> HttpResponse:
    """The calls, each with its two stages."""
    user = require_role(request, *RUNNING)
    calls = Call.objects.visible_to(user).order_by("-deadline_at")
    context = {"title": _("Ranking"), "calls": calls, "stages": Stage.choices}
    return render_page(request, "reviews/ranking_index.html", context)


def ranking(request: HttpRequest, code: str, stage: str) -> HttpResponse:
    """By stored score, best first; not yet scored ones at the end. At most seven queries."""
    user = require_role(request, *RUNNING)
    call: Call = find_or_404(Call.objects.visible_to(user), code=code)
    if stage not in Stage.values:
        raise Http404
    grid = CallRubric.objects.filter(call=call, stage=stage).select_related("rubric").first()
    page = paginate(request, ranked(Submission.objects.visible_to(user), call, stage))
    rubric = grid.rubric if grid else None
    lines = _lines(request, page, rubric, call.envelope)
    context = {
        "title": _("Ranking"),
        "call": call,
        "stage": Stage(stage).label,
        "stage_code": stage,
        "other_stages": [choice for choice in Stage.choices if choice[0] != stage],
        "rubric": rubric,
        "page": page,
        "lines": lines,
        "may_prepare": runs_calls(user),
        "may_publish": any(line.publishable for line in lines),
    }
    return render_page(request, "reviews/ranking.html", context)


def _lines(
    request: HttpRequest, page: Page, rubric: Rubric | None, envelope: Decimal | None
) -> list[Line]:
    floor = _floor(rubric)
    first = (page.number - 1) * PER_PAGE + 1
    return [
        _line(request, first + offset, row, rubric, floor, envelope)
        for offset, row in enumerate(page.rows)
    ]


def _floor(rubric: Rubric | None) -> int | None:
    """The floor that some criterion of the grid has (human rights)."""
    if rubric is None:
        return None
    floors = Criterion.objects.filter(rubric=rubric, floor__isnull=False)
    return floors.values_list("floor", flat=True).first()


def _line(
    request: HttpRequest,
    place: int,
    row: Any,
    rubric: Rubric | None,
    floor: int | None,
    envelope: Decimal | None,
) -> Line:
    decision: Decision | None = getattr(row, "decision", None)
    scored = row.score_mean is not None
    lowest = row.lowest_human_rights
    return Line(
        place=place,
        submission=row,
        decision=decision,
        decision_badge=decision_badge(decision.state) if decision else None,
        state_badge=submission_badge(row.state),
        under_threshold=bool(scored and rubric and row.score_mean < rubric.threshold),
        under_floor=floor is not None and lowest is not None and lowest < floor,
        cumulative=row.cumulative,
        over_envelope=envelope is not None and row.cumulative > envelope,
        publishable=decision is not None and bool(may_publish(request.user, decision)),
    )


@require_POST
def publish_selected(request: HttpRequest) -> HttpResponse:
    """Publish the ticked decisions. Each is asked for again and has its own line in the answer."""
    user = require_role(request, *RUNNING)
    if not (runs_calls(user) or approves(user)):
        raise Http404
    ids = {int(text) for text in request.POST.getlist("decision") if text.isdecimal()}
    rows = Decision.objects.visible_to(user).filter(pk__in=ids).select_related("submission")
    decisions = list(rows.defer("submission__document", "submission__search"))
    if not decisions:
        messages.warning(request, _("Tick at least one confirmed decision."))
    batches = _publish(request, decisions)
    if len(batches) == 1:
        return redirect("admin:letter_batch", batches[0])
    return redirect(_back(request))


def _publish(request: HttpRequest, decisions: list[Decision]) -> list[int]:
    user = require_role(request, *RUNNING)
    ready = []
    for decision in decisions:
        answer = may_publish(user, decision)
        if answer or decision.state == DecisionState.PUBLISHED:
            ready.append(decision)
        else:
            messages.error(request, f"{decision.submission.reference}: {answer.reason}")
    if not ready:
        return []
    try:
        batches = publish_decisions(actor=user, decision_ids=[each.pk for each in ready])
    except WrongState as error:
        messages.error(request, str(error.message))
        return []
    for decision in ready:
        messages.success(request, f"{decision.submission.reference}: {_('published')}")
    return [batch.pk for batch in batches]


def _back(request: HttpRequest) -> str:
    target = request.POST.get("next", "")
    here = url_has_allowed_host_and_scheme(target, allowed_hosts={request.get_host()})
    return target if here else "admin:reviews_decision_changelist"
