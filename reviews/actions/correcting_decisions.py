"""A published decision never changes: another one corrects it, which names it and says why."""

from collections.abc import Mapping
from decimal import Decimal

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from applications.models import Submission
from bpf_portal.core.access import Text, require
from bpf_portal.core.events import record
from bpf_portal.core.states import WrongState
from reviews.access import may_run_call
from reviews.actions.deciding import Said, refuse_wrong
from reviews.actions.replacing import why_not_instead, why_not_replaceable
from reviews.events import CorrectionDropped, CorrectionPrepared
from reviews.models import (
    DECISION_TRANSITIONS,
    IN_HAND,
    KINDS_BY_STAGE,
    Decision,
    DecisionKind,
    DecisionState,
)

IN_PREPARATION = _("A correction of this decision is being prepared already.")


def kinds_instead(old: Decision) -> tuple[DecisionKind, ...]:
    """What can be decided in place of a published decision.

    An exclusion stays one, with other grounds: what was never reviewed cannot be selected.
    """
    if old.kind == DecisionKind.INELIGIBLE:
        return (DecisionKind.INELIGIBLE,)
    return KINDS_BY_STAGE[old.submission.stage]


def correction_in_hand(old: Decision) -> Decision | None:
    """The correction of this decision that is neither published nor given up. One query."""
    return old.corrections.filter(state__in=IN_HAND).first()


def why_no_correction(old: Decision, pending: Decision | None) -> Text:
    """Why no correction can be prepared; empty where one can."""
    if pending is not None and pending.state != DecisionState.RETURNED:
        return IN_PREPARATION
    return why_not_replaceable(old)


@transaction.atomic
def prepare_correction(
    *,
    actor: User,
    decision_id: int,
    kind: str,
    correction_reason: str,
    amount: Decimal | None = None,
    conditions: str = "",
    grounds: str = "",
    reasons: Mapping[int, str] | None = None,
) -> Decision:
    """Prepare the decision that is to replace the published one; again after it was sent back.

    A committee's outcome does not bind it: what the committee concluded was published, and two
    people answer for what changes, with the reason that the company reads. Raises ValidationError
    by field, WrongState, NotAllowed, Decision.DoesNotExist.
    """
    require(may_run_call(actor))
    mine = Decision.objects.visible_to(actor)
    submission = (
        Submission.objects.select_for_update(of=("self",))
        .select_related("call__rule_set")
        .get(pk=mine.values_list("submission_id", flat=True).get(pk=decision_id))
    )
    old = mine.select_for_update(of=("self",)).get(pk=decision_id)
    old.submission = submission
    pending = correction_in_hand(old)
    if why_not := why_no_correction(old, pending):
        raise WrongState("decision", old.state, "correct", why_not)
    if not correction_reason.strip():
        raise ValidationError({"correction_reason": [_("The company must be told why.")]})
    if why_not := why_not_instead(old, kind):
        raise ValidationError({"kind": [why_not]})
    said = Said(kind, amount, conditions, grounds, reasons or {})
    said = refuse_wrong(submission, kinds_instead(old), said, old=old)
    before = pending.state if pending else ""
    new = pending or Decision(submission=submission, replaces=old)
    new.correction_reason = correction_reason.strip()
    said.store(new, actor)
    record(
        CorrectionPrepared(
            submission=submission.pk,
            kind=kind,
            amount=str(amount or ""),
            replaces=old.pk,
            reason=new.correction_reason,
        ),
        about=new,
        actor=actor,
        from_state=before,
        to_state=new.state,
    )
    return new


@transaction.atomic
def drop_correction(*, actor: User, decision_id: int, reason: str) -> Decision:
    """Leave the published decision as it is after all; what was prepared is kept, with the reason.

    Raises ValidationError, WrongState (also for a decision that corrects none), NotAllowed.
    """
    require(may_run_call(actor))
    rows = Decision.objects.visible_to(actor).select_for_update(of=("self",))
    decision = rows.get(pk=decision_id)
    if not reason.strip():
        raise ValidationError({"reason": [_("Say why.")]})
    before = decision.state
    if decision.replaces_id is None:
        raise WrongState("decision", before, "drop")
    decision.state = DECISION_TRANSITIONS.target(before, "drop")
    decision.confirmed_by = decision.confirmed_at = None
    decision.returned_reason = reason.strip()
    decision.save(update_fields=["state", "confirmed_by", "confirmed_at", "returned_reason"])
    record(
        CorrectionDropped(
            submission=decision.submission_id, kind=decision.kind, reason=reason.strip()
        ),
        about=decision,
        actor=actor,
        from_state=before,
        to_state=decision.state,
    )
    return decision
