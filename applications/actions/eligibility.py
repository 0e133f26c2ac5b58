"""An officer confirms what the checks found, or overrules it with a reason."""

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from applications.access import may_confirm_eligibility
from applications.actions import checking
from applications.actions.correcting import require_none_open
from applications.events import EligibilityConfirmed, EligibilityReconsidered
from applications.models import SUBMISSION_TRANSITIONS, CheckRun, Moment, Submission
from bpf_portal.core.access import require
from bpf_portal.core.events import record
from bpf_portal.core.states import WrongState


class ReasonRequired(ValidationError):
    """The officer's answer is not what the checks said, so the file must say why."""


def _locked(actor: User, submission_id: int) -> Submission:
    return (
        Submission.objects.visible_to(actor)
        .select_for_update(of=("self",))
        .select_related("call__rule_set")
        .get(pk=submission_id)
    )


@transaction.atomic
def confirm_eligibility(
    *, actor: User, submission_id: int, eligible: bool, reason: str = ""
) -> Submission:
    """The officer's answer on eligibility. Nobody is rejected by the machine.

    A reason is needed unless the answer is exactly what the checks said. Raises ReasonRequired,
    WrongState (also while the checks have not run), NotAllowed.
    """
    require(may_confirm_eligibility(actor))
    submission = _locked(actor, submission_id)
    action = "confirm_eligible" if eligible else "confirm_ineligible"
    before, target = submission.state, SUBMISSION_TRANSITIONS.target(submission.state, action)
    if not submission.outcome:
        raise WrongState(
            "submission", before, action, _("The checks have not run yet. Please wait a moment.")
        )
    require_none_open(submission, action)
    machine_agrees = submission.outcome == ("eligible" if eligible else "ineligible")
    if not machine_agrees and not reason.strip():
        raise ReasonRequired({"reason": [_("Say why: the checks came to another result.")]})
    submission.state = target
    submission.eligibility_confirmed_by = actor
    submission.eligibility_confirmed_at = timezone.now()
    submission.eligibility_reason = reason.strip()
    submission.save(
        update_fields=[
            "state",
            "eligibility_confirmed_by",
            "eligibility_confirmed_at",
            "eligibility_reason",
        ]
    )
    record(
        EligibilityConfirmed(
            eligible=eligible, machine=submission.outcome, reason=submission.eligibility_reason
        ),
        about=submission,
        actor=actor,
        from_state=before,
        to_state=target,
    )
    return submission


@transaction.atomic
def reconsider_eligibility(*, actor: User, submission_id: int, reason: str) -> Submission:
    """Open the question again, before reviewers were assigned. The reason is kept."""
    require(may_confirm_eligibility(actor))
    if not reason.strip():
        raise ReasonRequired({"reason": [_("Say why.")]})
    submission = _locked(actor, submission_id)
    if hasattr(submission, "decision"):  # the reverse of a relation that `reviews` declares
        raise WrongState(
            "submission",
            submission.state,
            "reconsider_eligibility",
            _("A decision was already prepared on this proposal."),
        )
    before = submission.state
    submission.state = SUBMISSION_TRANSITIONS.target(before, "reconsider_eligibility")
    submission.eligibility_confirmed_by = None
    submission.eligibility_confirmed_at = None
    submission.eligibility_reason = ""
    submission.save(
        update_fields=[
            "state",
            "eligibility_confirmed_by",
            "eligibility_confirmed_at",
            "eligibility_reason",
        ]
    )
    record(
        EligibilityReconsidered(reason=reason.strip()),
        about=submission,
        actor=actor,
        from_state=before,
        to_state=submission.state,
    )
    return submission


@transaction.atomic
def run_checks_again(*, actor: User, submission_id: int) -> CheckRun:
    """A new run beside the earlier ones, under the call's rule set as it is now."""
    require(may_confirm_eligibility(actor))
    submission = _locked(actor, submission_id)
    return checking.request_check(submission=submission, moment=Moment.RERUN, actor=actor)
