"""Who reads what of a call's stage, who is lacking, and how it is planned."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.contrib.admin.sites import AdminSite
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts.access import runs_calls
from accounts.models import User
from applications.models import Call, RiskLevel, Stage, Submission
from bpf_portal.core.access import Text, require
from reviews.access import may_run_call
from reviews.actions.late_reviews import remind_late_reviewers
from reviews.actions.plan_sending import scoring_until
from reviews.actions.planning import make_plan
from reviews.actions.staffing import UNFINISHED, Staffing, profile_of, staffing_of
from reviews.admin.attempts import attempt
from reviews.admin.labels import Labels
from reviews.admin.lists import page_of
from reviews.admin.pages import (
    RUNNING,
    find_or_404,
    reason_of,
    render_page,
    require_role,
    status_of,
)
from reviews.admin.wording import Badge, assignment_badge, plan_badge
from reviews.forms.desk_form import DeskForm
from reviews.forms.planning import ProposeForm, RuleForm
from reviews.matching import needs_expert
from reviews.models import AssignmentPlan, ConflictState, PlanWay

#: What a plan asks for where there was none before [A].
WANTED, MOST = 2, 10
#: Plans that the page names.
SHOWN_PLANS = 5
DUE_IN = timedelta(days=14)


#: Why somebody may not read a proposal.
KEPT_OUT: dict[str, Text] = {
    ConflictState.SUSPECTED: gettext_lazy("possible conflict, to be looked at"),
    ConflictState.RECUSED: gettext_lazy("recused"),
}


@dataclass(frozen=True)
class Line:
    """One dossier: who reads it, who may not, and what it lacks."""

    submission: Submission
    countries: str
    sectors: str
    risky: bool
    people: list[tuple[str, Badge]]
    kept_out: list[str]
    missing: int
    no_expert: bool
    late: list[str]


@dataclass(frozen=True)
class Person:
    """One reviewer: what they bring and what they have to do."""

    user: User
    languages: str
    sectors: str
    countries: str
    human_rights: bool
    reads: list[str]
    elsewhere: int
    declared: bool
    has_profile: bool


def assignment_urls(site: AdminSite) -> list[URLPattern]:
    from reviews.admin.assignment_plans import plan_page, planned_dossier
    from reviews.admin.dossier_reviewers import dossier_reviewers

    view = site.admin_view
    stage = "assignments/<slug:code>/<slug:stage>/"
    plan = "assignments/plans/<int:pk>/"
    return [
        path(plan, view(plan_page), name="assignment_plan"),
        path(f"{plan}<int:submission>/", view(planned_dossier), name="assignment_plan_dossier"),
        path(stage, view(assignments), name="assignments"),
        path(f"{stage}<int:pk>/", view(dossier_reviewers), name="assignment_dossier"),
    ]


def call_and_stage(user: User, code: str, stage: str) -> Call:
    call: Call = find_or_404(Call.objects.visible_to(user), code=code)
    if stage not in Stage.values:
        raise Http404
    return call


def assignments(request: HttpRequest, code: str, stage: str) -> HttpResponse:
    """The whole stage; POST makes a plan (`do`: propose or rule). At most twelve queries."""
    user = require_role(request, *RUNNING)
    call = call_and_stage(user, code, stage)
    plans = list(
        AssignmentPlan.objects.visible_to(user).filter(call=call, stage=stage)[:SHOWN_PLANS]
    )
    wanted = plans[0].wanted if plans else WANTED
    most = plans[0].most if plans else MOST
    staffing = staffing_of(user, call, stage, wanted=wanted, most=most)
    labels = Labels(call.pk)
    if request.method != "POST":
        return _page(request, call, stage, staffing, labels, plans)
    require(may_run_call(user))
    if request.POST.get("do") == "remind":
        form = DeskForm(request.POST)
        return attempt(
            request,
            form,
            lambda: _remind(user, call, stage),
            done=lambda: redirect(request.path),
            refused=lambda error: _page(request, call, stage, staffing, labels, plans, form, error),
        )
    ruled = request.POST.get("do") == "rule"
    asked = _rule_form(staffing, labels, stage, request.POST) if ruled else None
    form = asked or ProposeForm(request.POST)
    made: list[AssignmentPlan] = []

    def act() -> str:
        made.append(make_plan(actor=user, call_id=call.pk, stage=stage, **_asked(form, staffing)))
        return _("Here is the plan. Nobody is asked before you send it.")

    return attempt(
        request,
        form,
        act,
        done=lambda: redirect("admin:assignment_plan", made[0].pk),
        refused=lambda error: _page(request, call, stage, staffing, labels, plans, form, error),
    )


def _remind(user: User, call: Call, stage: str) -> str:
    count = remind_late_reviewers(actor=user, call_id=call.pk, stage=stage)
    return ngettext("%(n)d reviewer was reminded.", "%(n)d reviewers were reminded.", count) % {
        "n": count
    }


def _asked(form: DeskForm, staffing: Staffing) -> dict[str, Any]:
    given = form.cleaned_data
    if isinstance(form, RuleForm):
        return {
            "way": given["way"],
            "wanted": staffing.wanted,
            "most": staffing.most,
            "parameters": form.parameters(),
        }
    return {
        "way": PlanWay.OPTIMISED,
        "wanted": given["wanted"],
        "most": given["most"],
        "parameters": {name: given[name] for name in ("favour", "experts_only", "for_risk")},
    }


def _rule_form(staffing: Staffing, labels: Labels, stage: str, *args: Any) -> RuleForm:
    rows = staffing.submissions.values()
    sectors = {code for row in rows for code in row.sectors}
    countries = {code for row in rows for code in row.countries}
    return RuleForm(
        *args,
        stage=stage,
        sectors=sorted(
            ((code, labels.term("sector", code)) for code in sectors), key=lambda each: each[1]
        ),
        countries=[each for each in labels.countries.items() if each[0] in countries],
        reviewers=staffing.reviewers.values(),
    )


def _page(
    request: HttpRequest,
    call: Call,
    stage: str,
    staffing: Staffing,
    labels: Labels,
    plans: Sequence[AssignmentPlan],
    form: DeskForm | None = None,
    refused: Exception | None = None,
) -> HttpResponse:
    lines = [_line(row, staffing, labels) for row in staffing.submissions.values()]
    only_short = request.GET.get("show") == "short"
    shown = [line for line in lines if line.missing or line.no_expert] if only_short else lines
    possible, until = scoring_until(call.pk, stage)
    context: dict[str, Any] = {
        "title": _("Reviewers"),
        "call": call,
        "stage": Stage(stage),
        "other_stages": [choice for choice in Stage.choices if choice[0] != stage],
        "all": len(lines),
        "short": sum(1 for line in lines if line.missing),
        "no_expert": sum(1 for line in lines if line.no_expert),
        "wanted": staffing.wanted,
        "only_short": only_short,
        "page": page_of(request, shown),
        "people": [_person(user, staffing, labels) for user in staffing.reviewers.values()],
        "may_score": possible,
        "late": [line for line in lines if line.late],
        "until": until,
        "plans": [(plan, plan_badge(plan.state)) for plan in plans],
        "living": next((plan for plan in plans if plan.state in ("being_made", "open")), None),
        "form": form,
        "problem": reason_of(refused) if refused else "",
    }
    if runs_calls(request.user):
        context |= _forms(staffing, labels, stage, form)
    status = status_of(refused) if refused else 200
    return render_page(request, "reviews/assignments.html", context, status=status)


def _forms(
    staffing: Staffing, labels: Labels, stage: str, form: DeskForm | None
) -> dict[str, DeskForm]:
    initial = {
        "wanted": staffing.wanted,
        "most": staffing.most,
        "favour": "balanced",
        "for_risk": True,
    }
    return {
        "propose": form if isinstance(form, ProposeForm) else ProposeForm(initial=initial),
        "rule": form if isinstance(form, RuleForm) else _rule_form(staffing, labels, stage),
    }


def _line(row: Submission, staffing: Staffing, labels: Labels) -> Line:
    paper = staffing.papers[row.pk]
    readers = list(staffing.readers.values())
    reading = staffing.reading(row)
    return Line(
        submission=row,
        countries=labels.country_list(row.countries),
        sectors=labels.terms("sector", row.sectors),
        risky=row.risk_level == RiskLevel.HIGH,
        people=[(name_of(staffing, a.reviewer_id), assignment_badge(a.state)) for a in reading],
        kept_out=kept_out(row, staffing),
        missing=max(0, paper.wanted - len(paper.has)),
        no_expert=needs_expert(paper, readers),
        late=[
            name_of(staffing, each.reviewer_id)
            for each in reading
            if each.state in UNFINISHED and each.due_on < timezone.localdate()
        ],
    )


def kept_out(row: Submission, staffing: Staffing) -> list[str]:
    """Who may not read it, and why."""
    found = [
        f"{name_of(staffing, person)} ({KEPT_OUT[conflict.state]})"
        for (person, proposal), conflict in staffing.standing.items()
        if proposal == row.proposal_id and person in staffing.reviewers
    ]
    return sorted(found)


def name_of(staffing: Staffing, reviewer_id: int) -> str:
    """Somebody who is no reviewer any more may still have a sheet."""
    user = staffing.reviewers.get(reviewer_id)
    return str(user) if user else _("a former reviewer")


def _person(user: User, staffing: Staffing, labels: Labels) -> Person:
    profile = profile_of(user)
    reads = [
        row.reference
        for row in staffing.submissions.values()
        if any(a.reviewer_id == user.pk for a in staffing.reading(row))
    ]
    return Person(
        user=user,
        languages=", ".join(code.upper() for code in profile.languages) if profile else "",
        sectors=labels.terms("sector", profile.sectors) if profile else "",
        countries=labels.country_list(profile.countries) if profile else "",
        human_rights=bool(profile and profile.human_rights),
        reads=reads,
        elsewhere=user.elsewhere,  # type: ignore[attr-defined]
        declared=user.declared,  # type: ignore[attr-defined]
        has_profile=profile is not None,
    )


def usual_day(call_id: int, stage: str) -> date:
    """Two weeks from now, or the end of the scoring if that comes first."""
    _possible, until = scoring_until(call_id, stage)
    soon = timezone.localdate() + DUE_IN
    return min(soon, until) if until else soon
