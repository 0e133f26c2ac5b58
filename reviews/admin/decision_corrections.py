"""Preparing the decision that is to replace a published one."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from accounts.models import Role
from applications.actions.exclusion_grounds import confirmed_grounds
from bpf_portal.core.access import Text
from reviews.actions.committee_outcomes import newest_item
from reviews.actions.correcting_decisions import (
    correction_in_hand,
    kinds_instead,
    prepare_correction,
    why_no_correction,
)
from reviews.actions.deciding import why_no_award
from reviews.admin.attempts import attempt
from reviews.admin.decision_preparation import criteria_of
from reviews.admin.dossier_page import sheets_of
from reviews.admin.pages import (
    find_or_404,
    reason_of,
    render_page,
    require_role,
    status_of,
)
from reviews.forms.deciding import CorrectedDecisionForm
from reviews.models import TOLD, Criterion, Decision, DecisionKind, ItemState


def decision_correction(request: HttpRequest, object_id: int) -> HttpResponse:
    """The officer's form, filled with the decision as it stands; or why there is none."""
    user = require_role(request, Role.OFFICER)
    rows = Decision.objects.visible_to(user).filter(state__in=TOLD)
    related = rows.select_related("submission__call__rule_set").defer("submission__search")
    old = find_or_404(related, pk=object_id)
    pending = correction_in_hand(old)
    criteria = criteria_of(old.submission)
    if request.method != "POST":
        form = _filled(old, pending, criteria)
        return _page(request, old, form, why_not=why_no_correction(old, pending))
    form = CorrectedDecisionForm(request.POST, kinds=kinds_instead(old), criteria=criteria)

    def act() -> str:
        prepare_correction(
            actor=user,
            decision_id=old.pk,
            kind=form.cleaned_data["kind"],
            correction_reason=form.cleaned_data["correction_reason"],
            amount=form.cleaned_data.get("amount"),
            conditions=form.cleaned_data["conditions"],
            grounds=form.cleaned_data["grounds"],
            reasons=form.reasons(),
        )
        return _("The correction is prepared. An approver confirms it.")

    def done() -> HttpResponse:
        new = correction_in_hand(old)
        return redirect("admin:reviews_decision_change", new.pk if new else old.pk)

    return attempt(
        request,
        form,
        act,
        done=done,
        refused=lambda error: _page(request, old, form, refused=error),
    )


def _filled(
    old: Decision, pending: Decision | None, criteria: list[Criterion]
) -> CorrectedDecisionForm:
    """With what was prepared before it was sent back, else with what stands."""
    shown = pending or old
    initial: dict[str, Any] = {
        "kind": shown.kind,
        "amount": shown.amount,
        "conditions": shown.conditions,
        "grounds": shown.grounds,
        "correction_reason": pending.correction_reason if pending else "",
        **{f"reason_{each.criterion_id}": each.text for each in shown.reasons.all()},
    }
    return CorrectedDecisionForm(initial=initial, kinds=kinds_instead(old), criteria=criteria)


def _page(
    request: HttpRequest,
    old: Decision,
    form: CorrectedDecisionForm,
    *,
    why_not: Text = "",
    refused: Exception | None = None,
) -> HttpResponse:
    submission = old.submission
    awardable = DecisionKind.SELECTED in kinds_instead(old)
    item = newest_item(submission)
    context = {
        "title": _("Correction of the decision on %(reference)s")
        % {"reference": submission.reference},
        "submission": submission,
        "decision": old,
        "why_not": why_not,
        "form": form,
        "found": confirmed_grounds(submission, submission.language)
        if old.kind == DecisionKind.INELIGIBLE
        else (),
        "why_no_award": why_no_award(submission) if awardable else "",
        "concluded": item if item and item.state == ItemState.CONCLUDED else None,
        "sheets": sheets_of(submission) if submission.review_count else [],
        "problem": reason_of(refused) if refused else "",
    }
    status = status_of(refused) if refused else 200
    return render_page(request, "reviews/decision_correction.html", context, status=status)
