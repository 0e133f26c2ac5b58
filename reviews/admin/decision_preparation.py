"""Preparing a decision, with what the reviewers wrote beside the form."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from accounts.models import Role
from applications.actions.exclusion_grounds import confirmed_grounds
from applications.models import Submission
from reviews.actions.deciding import kinds_for, prepare_decision, why_no_award
from reviews.admin.attempts import attempt
from reviews.admin.dossier_page import sheets_of
from reviews.admin.pages import (
    find_or_404,
    reason_of,
    render_page,
    require_role,
    status_of,
)
from reviews.admin.wording import OUTCOMES, submission_badge
from reviews.forms.deciding import DecisionForm
from reviews.models import CallRubric, Criterion, Decision, DecisionKind, DecisionState


def decision_preparation(request: HttpRequest, object_id: int) -> HttpResponse:
    """The officer's form. A proposal that is not to be decided now shows why there is none."""
    user = require_role(request, Role.OFFICER)
    rows = Submission.objects.visible_to(user).defer("search")
    submission = find_or_404(rows.select_related("call__rule_set", "decision"), pk=object_id)
    criteria = criteria_of(submission)
    if request.method != "POST":
        return _page(request, submission, _empty_form(submission, criteria))
    form = DecisionForm(request.POST, kinds=kinds_for(submission), criteria=criteria)

    def act() -> str:
        prepare_decision(
            actor=user,
            submission_id=submission.pk,
            kind=form.cleaned_data["kind"],
            amount=form.cleaned_data.get("amount"),
            conditions=form.cleaned_data["conditions"],
            grounds=form.cleaned_data["grounds"],
            reasons=form.reasons(),
        )
        return _("The decision is prepared. An approver confirms it.")

    return attempt(
        request,
        form,
        act,
        done=lambda: redirect("admin:applications_submission_change", submission.pk),
        refused=lambda error: _page(request, submission, form, error),
    )


def criteria_of(submission: Submission) -> list[Criterion]:
    """The criteria of the call's grid, where reviewers scored; none for an ineligible proposal."""
    if not submission.review_count:
        return []
    grid = CallRubric.objects.filter(call=submission.call_id, stage=submission.stage)
    rubrics = grid.values("rubric_id")
    return list(Criterion.objects.filter(rubric__in=rubrics).order_by("position"))


def _empty_form(submission: Submission, criteria: list[Criterion]) -> DecisionForm:
    """Empty, or with what was prepared before it was sent back."""
    initial: dict[str, Any] = {}
    decision: Decision | None = getattr(submission, "decision", None)
    if decision is not None:
        initial = {
            "kind": decision.kind,
            "amount": decision.amount,
            "conditions": decision.conditions,
            "grounds": decision.grounds,
            **{f"reason_{each.criterion_id}": each.text for each in decision.reasons.all()},
        }
    elif len(kinds_for(submission)) == 1:
        initial = {"kind": kinds_for(submission)[0]}
    return DecisionForm(initial=initial, kinds=kinds_for(submission), criteria=criteria)


def _page(
    request: HttpRequest,
    submission: Submission,
    form: DecisionForm,
    refused: Exception | None = None,
) -> HttpResponse:
    decision: Decision | None = getattr(submission, "decision", None)
    may_prepare = bool(kinds_for(submission)) and (
        decision is None or decision.state == DecisionState.RETURNED
    )
    awardable = DecisionKind.SELECTED in kinds_for(submission)
    context = {
        "title": _("Decision on %(reference)s") % {"reference": submission.reference},
        "submission": submission,
        "decision": decision,
        "may_prepare": may_prepare or refused is not None,
        "state_badge": submission_badge(submission.state),
        "outcome_badge": OUTCOMES[submission.decided_outcome],
        "found": confirmed_grounds(submission, submission.language),
        "form": form,
        "awardable": awardable,
        "why_no_award": why_no_award(submission) if awardable else "",
        "sheets": sheets_of(submission) if submission.review_count else [],
        "problem": reason_of(refused) if refused else "",
    }
    status = status_of(refused) if refused else 200
    return render_page(request, "reviews/decision_form.html", context, status=status)
