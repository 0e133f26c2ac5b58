"""The company's proposals: the list, the task list of one, giving one up."""

from collections.abc import Sequence
from dataclasses import dataclass
from http import HTTPStatus

from django.apps import apps
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Page, Paginator
from django.db.models import (
    BigIntegerField,
    CharField,
    Exists,
    F,
    OuterRef,
    Prefetch,
    QuerySet,
    Subquery,
    Value,
)
from django.db.models.functions import Cast, Coalesce, NullIf
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.models import User
from applications.actions.completeness import (
    Missing,
    fetch_for_missing,
    missing,
    section_states,
)
from applications.actions.drafting import withdraw_proposal
from applications.actions.foreseeing import foresee, said
from applications.checks import RenderedFinding
from applications.forms.beginning import WithdrawForm
from applications.models import (
    PROPOSAL_TRANSITIONS,
    Call,
    CorrectionRequest,
    JoinRequest,
    Membership,
    Organisation,
    Proposal,
    ProposalState,
    Submission,
)
from applications.models.message import unread_count
from applications.views import documents, organisations, sections, timeline
from applications.views.access import own_proposal, person
from applications.views.outcome import Outcome, published_outcomes
from applications.views.section_titles import SECTION_TITLES
from applications.views.standing import Standing, standing
from applications.views.submission import read_submission
from bpf_portal.core.access import Text
from bpf_portal.core.kept import keeps_what_is_typed
from bpf_portal.core.states import WrongState

PER_PAGE = 20


@dataclass(frozen=True)
class Row:
    """A proposal in the list."""

    proposal: Proposal
    standing: Standing
    outcomes: Sequence[Outcome]


@dataclass(frozen=True)
class Task:
    """A section in the task list."""

    section: str
    title: Text
    state: str
    url: str
    missing: Sequence[Missing]
    refused: Sequence[RenderedFinding]


def _handed_in() -> Prefetch[str, QuerySet[Submission], str]:
    """What the company may know before publication: never where LuxDev stands with it."""
    due = CorrectionRequest.objects.open().filter(
        submission=OuterRef("pk"), due_on__gte=timezone.localdate()
    )
    known = (
        Submission.objects.only("proposal", "stage", "submitted_at", "late", "sha256", "reference")
        .annotate(correction_due=Subquery(due.values("due_on")[:1]))
        .order_by("-submitted_at", "-pk")
    )
    return Prefetch("submissions", queryset=known, to_attr="handed_in")


@require_safe
def list_proposals(request: HttpRequest) -> HttpResponse:
    """One's own proposals, newest first, and the open calls to begin one for."""
    user = person(request)
    proposals = (
        Proposal.objects.visible_to(user)
        .select_related("call", "organisation")
        .prefetch_related(_handed_in())
        .order_by("-updated_at", "-pk")
    )
    page = Paginator(proposals, PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "rows": _rows(user, page),
        "open_calls": list(Call.objects.open_at(timezone.now()).order_by("deadline_at")),
        "organisations": list(Organisation.objects.filter(memberships__user=user)),
        "asked_to_join": list(
            JoinRequest.objects.visible_to(user)
            .waiting()
            .select_related("country", "asked_by", "organisation")
        ),
    }
    return render(request, "proposals/list.html", context)


def _rows(user: User, page: Page[Proposal]) -> list[Row]:
    shown = list(page.object_list)
    asked = [proposal for proposal in shown if proposal.handed_in]  # type: ignore[attr-defined]
    outcomes = published_outcomes(user, asked)
    return [
        Row(
            proposal,
            standing(proposal, proposal.handed_in, outcomes.get(proposal.pk, [])),  # type: ignore[attr-defined]
            outcomes.get(proposal.pk, []),
        )
        for proposal in shown
    ]


@require_safe
def detail(request: HttpRequest, reference: str) -> HttpResponse:
    """A draft as its list of tasks; what was handed in as it was handed in."""
    user = person(request)
    proposal = _with_history(user, reference)
    submissions: list[Submission] = proposal.handed_in  # type: ignore[attr-defined]
    outcomes = published_outcomes(user, [proposal])[proposal.pk] if submissions else []
    corrections = _corrections(user, proposal) if submissions else []
    context = {
        "proposal": proposal,
        "standing": standing(proposal, submissions, outcomes),
        "submissions": submissions,
        "outcomes": outcomes,
        "read_only": not proposal.is_writable,  # type: ignore[attr-defined]
        **timeline.panel(proposal, submissions, outcomes, corrections),
        "may_withdraw": PROPOSAL_TRANSITIONS.allows(proposal.state, "withdraw"),
    }
    if proposal.is_draft:
        fetch_for_missing(proposal, "organisation__people", "other_funding")
        gaps = missing(proposal)
        tasks = _tasks(proposal, gaps)
        context |= {
            "tasks": tasks,
            "refused": any(task.refused for task in tasks),
            "missing": gaps,
            "saved_by": proposal.saved_by,  # type: ignore[attr-defined]
        }
        return render(request, "proposals/detail.html", context)
    if submissions:
        context["reading"] = read_submission(user, submissions[0].pk)
        context["corrections"] = [
            each for each in corrections if each.submission_id == submissions[0].pk
        ]
    return render(request, "proposals/handed_in.html", context)


def _corrections(user: User, proposal: Proposal) -> list[CorrectionRequest]:
    """What was asked to be corrected, at either stage, the newest first."""
    asked = CorrectionRequest.objects.visible_to(user).filter(submission__proposal=proposal)
    return list(asked.select_related("closed_by"))


def _with_history(user: User, reference: str) -> Proposal:
    """One's own proposal with what it handed in and who saved it last; else 404."""
    writable = Proposal.objects.writable_by(user).filter(pk=OuterRef("pk"))
    history = apps.get_model("applications", "ProposalEvent")  # made by pghistory
    last_save = (
        history.objects.filter(pgh_obj_id=OuterRef("pk"))
        .order_by("-pgh_id")
        .annotate(person=F("pgh_context__metadata__user"))
        .values("person")[:1]
    )
    proposals = (
        Proposal.objects.visible_to(user)
        .select_related(
            "call__rule_set", "organisation", "due_diligence", "clause_acceptance__clause"
        )
        .annotate(is_writable=Exists(writable), saved_by_id=Subquery(last_save))
        .annotate(saved_by=_colleague(OuterRef("saved_by_id")))
        .annotate(unread_messages=unread_count(user, thread__proposal=OuterRef("pk")))
        .prefetch_related(_handed_in())
    )
    return get_object_or_404(proposals, reference=reference)


def _colleague(person: OuterRef) -> Subquery:
    """The name of that person, while they belong to the proposal's company."""
    name = Coalesce(NullIf("user__full_name", Value("")), "user__email", output_field=CharField())
    colleagues = Membership.objects.filter(
        organisation=OuterRef("organisation"), user_id=Cast(person, BigIntegerField())
    )
    return Subquery(colleagues.annotate(name=name).values("name")[:1])


def _tasks(proposal: Proposal, gaps: Sequence[Missing]) -> list[Task]:
    refused: dict[str, list[RenderedFinding]] = {}
    language = "fr" if get_language() == "fr" else "en"
    for name, finding in said(foresee(proposal, gaps), proposal, language):
        refused.setdefault(name, []).append(finding)
    return [
        Task(
            section,
            SECTION_TITLES[section],
            state,
            reverse("proposals:section", args=[proposal.reference, section]),
            [gap for gap in gaps if gap.section == section],
            refused.get(section, []),
        )
        for section, state in section_states(proposal, gaps, refused).items()
    ]


@keeps_what_is_typed
def section(request: HttpRequest, reference: str, section: str) -> HttpResponse:
    """One section of a draft; each kind of section has its own page."""
    if section == "company":
        return organisations.section(request, reference)
    if section == "documents":
        return documents.section(request, reference)
    return sections.section(request, reference, section)


@require_http_methods(["GET", "HEAD", "POST"])
def withdraw(request: HttpRequest, reference: str) -> HttpResponse:
    """Take a proposal back, draft or handed in. It stays readable."""
    user = person(request)
    proposal = own_proposal(user, reference)
    handed_in = proposal.state == ProposalState.SUBMITTED
    form = WithdrawForm(request.POST if request.method == "POST" else None, handed_in=handed_in)
    if request.method == "POST" and form.is_valid():
        try:
            withdraw_proposal(
                actor=user, proposal_id=proposal.pk, reason=form.cleaned_data["reason"]
            )
        except WrongState as error:
            messages.warning(request, str(error.message))
        except ValidationError:  # handed in by a colleague since the page was opened
            return redirect("proposals:withdraw", proposal.reference)
        else:
            messages.success(request, _("Your proposal is withdrawn. A mail confirms it."))
        return redirect("proposals:detail", proposal.reference)
    status = HTTPStatus.UNPROCESSABLE_ENTITY if request.method == "POST" else HTTPStatus.OK
    context = {
        "proposal": proposal,
        "form": form,
        "handed_in": handed_in,
        "possible": PROPOSAL_TRANSITIONS.allows(proposal.state, "withdraw"),
    }
    return render(request, "proposals/withdraw.html", context, status=status)
