"""The reviewers of one dossier, by hand: who reads it, who could, what speaks for and against."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.access import runs_calls
from accounts.models import User
from applications.models import Call, RiskLevel, Stage, Submission
from bpf_portal.core.access import Text, require
from reviews.access import may_run_call
from reviews.actions.assigning import assign_reviewers, release_reviewer
from reviews.actions.staffing import Staffing, alike_pairs, staffing_of
from reviews.admin.assignments import MOST, WANTED, call_and_stage, name_of, usual_day
from reviews.admin.attempts import attempt
from reviews.admin.labels import Labels
from reviews.admin.my_reviews import due
from reviews.admin.pages import (
    RUNNING,
    find_or_404,
    reason_of,
    render_page,
    require_role,
    status_of,
)
from reviews.admin.planning_words import AGAINST, in_favour
from reviews.admin.wording import Badge, assignment_badge
from reviews.forms.desk_form import DeskForm
from reviews.forms.eligibility import ReasonForm
from reviews.forms.planning import AskForm
from reviews.matching import Paper, Reader, Weights, Why, obstacle, reasons, worth
from reviews.models import ASSIGNMENT_TRANSITIONS, Assignment

#: Nobody with one of these is asked; everything else an officer may overrule.
BARRING = (Why.CONFLICT, Why.ASKED_ALREADY)


@dataclass(frozen=True)
class Candidate:
    """A reviewer for one dossier: for, against, and what they have to do."""

    user: User
    languages: str
    favour: list[Text]
    against: Text
    barred: bool
    load: int
    declared: bool
    chosen: bool


@dataclass(frozen=True)
class Reading:
    """Somebody who is asked."""

    assignment: Assignment
    name: str
    badge: Badge
    due: str
    releasable: bool


def candidates(
    submission: Submission, staffing: Staffing, chosen: Collection[int]
) -> list[Candidate]:
    """Those who could be asked, the best first; whoever is asked already stands elsewhere."""
    paper = staffing.papers[submission.pk]
    found = [
        (_rank(paper, reader), _candidate(paper, reader, staffing, chosen))
        for reader in staffing.readers.values()
        if obstacle(paper, reader) != Why.ASKED_ALREADY
    ]
    return [each for _key, each in sorted(found, key=lambda pair: pair[0])]


def _rank(paper: Paper, reader: Reader) -> tuple[int, int, int, int]:
    why_not = obstacle(paper, reader)
    hindered = 2 if why_not in BARRING else int(why_not is not None)
    return hindered, -worth(paper, reader, Weights()), reader.load, reader.key


def _candidate(
    paper: Paper, reader: Reader, staffing: Staffing, chosen: Collection[int]
) -> Candidate:
    user = staffing.reviewers[reader.key]
    why_not = obstacle(paper, reader)
    return Candidate(
        user=user,
        languages=", ".join(sorted(code.upper() for code in reader.languages)),
        favour=in_favour(why for why in reasons(paper, reader) if why != Why.LOAD),
        against=AGAINST[why_not] if why_not else "",
        barred=why_not in BARRING,
        load=reader.load,
        declared=user.declared,  # type: ignore[attr-defined]
        chosen=reader.key in chosen,
    )


def ticked(form: DeskForm) -> set[int]:
    """Who is ticked on the page that shows this form."""
    value = form["reviewers"].value() or []
    return {int(pk) for pk in value if str(pk).isascii() and str(pk).isdigit()}


def dossier_facts(submission: Submission, labels: Labels) -> dict[str, Any]:
    return {
        "submission": submission,
        "countries": labels.country_list(submission.countries),
        "sectors": labels.terms("sector", submission.sectors),
        "risky": submission.risk_level == RiskLevel.HIGH,
        "risk": submission.get_risk_level_display(),
    }


def dossier_reviewers(request: HttpRequest, code: str, stage: str, pk: int) -> HttpResponse:
    """POST (`do`): ask the ticked ones, or take one review back. At most twelve queries."""
    user = require_role(request, *RUNNING)
    call = call_and_stage(user, code, stage)
    staffing = staffing_of(user, call, stage, alone=pk, wanted=WANTED, most=MOST)
    if pk not in staffing.submissions:
        find_or_404(Submission.objects.none())
    submission = staffing.submissions[pk]
    staffing = staffing.with_limits(alike=frozenset(alike_pairs(staffing, [pk])))
    if request.method != "POST":
        return _page(request, call, staffing, submission)
    require(may_run_call(user))
    if request.POST.get("do") == "release":
        return _release(request, call, staffing, submission)
    form = AskForm(request.POST, reviewers=staffing.reviewers.values())

    def act() -> str:
        new = assign_reviewers(
            actor=user,
            submission_id=pk,
            reviewer_ids=form.reviewer_ids(),
            due_on=form.cleaned_data["due_on"],
        )
        return ngettext("%(n)d reviewer was asked.", "%(n)d reviewers were asked.", len(new)) % {
            "n": len(new)
        }

    return attempt(
        request,
        form,
        act,
        done=lambda: redirect(request.path),
        refused=lambda error: _page(request, call, staffing, submission, form, error),
    )


def _release(
    request: HttpRequest, call: Call, staffing: Staffing, submission: Submission
) -> HttpResponse:
    number = request.POST.get("assignment", "")
    wanted = int(number) if number.isascii() and number.isdigit() and len(number) < 18 else 0
    asked = find_or_404(Assignment.objects.filter(submission=submission), pk=wanted)
    form = ReasonForm(request.POST, auto_id=f"release_{asked.pk}_%s")

    def act() -> str:
        release_reviewer(
            actor=require_role(request, *RUNNING),
            assignment_id=asked.pk,
            reason=form.cleaned_data["reason"],
        )
        return _("The review is taken back; the reviewer was told.")

    return attempt(
        request,
        form,
        act,
        done=lambda: redirect(request.path),
        refused=lambda error: _page(request, call, staffing, submission, form, error, asked.pk),
    )


def _page(
    request: HttpRequest,
    call: Call,
    staffing: Staffing,
    submission: Submission,
    form: DeskForm | None = None,
    refused: Exception | None = None,
    releasing: int = 0,
) -> HttpResponse:
    stage = submission.stage
    ask = form if isinstance(form, AskForm) else None
    if ask is None:
        ask = AskForm(
            reviewers=staffing.reviewers.values(),
            initial={"due_on": usual_day(call.pk, stage)},
        )
    context: dict[str, Any] = {
        "title": _("Reviewers of %(reference)s") % {"reference": submission.reference},
        "call": call,
        "stage": Stage(stage),
        **dossier_facts(submission, Labels(call.pk)),
        "readings": _readings(submission, staffing, form, releasing),
        "candidates": candidates(submission, staffing, ticked(ask)),
        "ask": ask,
        "may_ask": runs_calls(request.user),
        "form": form,
        "problem": reason_of(refused) if refused else "",
    }
    status = status_of(refused) if refused else 200
    return render_page(request, "reviews/dossier_reviewers.html", context, status=status)


def _readings(
    submission: Submission, staffing: Staffing, form: DeskForm | None, releasing: int
) -> list[tuple[Reading, DeskForm]]:
    found = []
    for row in staffing.assignments.get(submission.pk, ()):
        reading = Reading(
            assignment=row,
            name=name_of(staffing, row.reviewer_id),
            badge=assignment_badge(row.state),
            due=due(row),
            releasable=ASSIGNMENT_TRANSITIONS.allows(row.state, "release"),
        )
        own = form if form is not None and releasing == row.pk else None
        found.append((reading, own or ReasonForm(auto_id=f"release_{row.pk}_%s")))
    return found
