"""People say whether a proposal is eligible. One confirms it; to exclude it takes two."""

from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from applications.access import (
    may_confirm_eligibility,
    may_confirm_exclusion,
    may_look_at_exclusion,
)
from applications.actions import checking
from applications.actions.correcting import require_none_open
from applications.actions.finding_decisions import (
    ReasonRequired,
    append_decisions,
    locked_submission,
    refuse_while_proposed,
    stated_reason,
)
from applications.actions.finding_standing import newest_done_run, restate, standing_of
from applications.checks.decided import Standing
from applications.events import (
    EligibilityConfirmed,
    EligibilityReconsidered,
    ExclusionDismissed,
    ExclusionProposed,
)
from applications.models import (
    SUBMISSION_TRANSITIONS,
    CheckRun,
    FindingVerdict,
    Moment,
    Submission,
)
from bpf_portal.core.access import require
from bpf_portal.core.events import record
from bpf_portal.core.states import WrongState

#: What an answer on eligibility writes.
ANSWER_COLUMNS = (
    "state",
    "eligibility_confirmed_by",
    "eligibility_confirmed_at",
    "eligibility_reason",
    "exclusion_proposed_by",
    "exclusion_proposed_at",
)


def _checked_run(submission: Submission, action: str) -> CheckRun:
    """The run that people decide by. Raises WrongState while there is none, or a correction is
    awaited."""
    run = newest_done_run(submission)
    if run is None or not submission.outcome:
        raise WrongState(
            "submission",
            submission.state,
            action,
            _("The checks have not run yet. Please wait a moment."),
        )
    require_none_open(submission, action)
    return run


@transaction.atomic
def confirm_eligible(
    *, actor: User, submission_id: int, reason: str = "", moment: datetime | None = None
) -> Submission:
    """The proposal goes on. Findings on which nobody decided yet are overruled with the reason.

    Raises ReasonRequired, NotAllowed, WrongState (also while the checks have not run, or when a
    finding was confirmed as not met). `moment`: people decide now; the demonstration decided then.
    """
    require(may_confirm_eligibility(actor))
    submission = locked_submission(actor, submission_id)
    action, before = "confirm_eligible", submission.state
    target = SUBMISSION_TRANSITIONS.target(before, action)
    run = _checked_run(submission, action)
    refuse_while_proposed(submission, action)
    stands, now = standing_of(submission, run), moment or timezone.now()
    if stands.grounds:
        raise WrongState(
            "submission",
            before,
            action,
            _("A person found that a rule is not met. Take that back first, with the reason."),
        )
    if stands.open:
        reason = _reason_against_checks(reason)
        _overrule_open(submission, run, stands, actor, reason, now)
    _answer(submission, target, actor, reason, now)
    record(
        EligibilityConfirmed(
            eligible=True, machine=submission.outcome, reason=submission.eligibility_reason
        ),
        about=submission,
        actor=actor,
        from_state=before,
        to_state=target,
    )
    return submission


def _reason_against_checks(reason: str) -> str:
    if not reason.strip():
        raise ReasonRequired({"reason": [_("Say why: the checks came to another result.")]})
    return stated_reason(reason)


def _overrule_open(
    submission: Submission,
    run: CheckRun,
    stands: Standing,
    actor: User,
    reason: str,
    moment: datetime,
) -> None:
    open_rules = [each.code for each in stands.findings if each.waits]
    append_decisions(
        submission,
        run,
        run.findings.filter(code__in=open_rules),
        FindingVerdict.OVERRULED,
        actor=actor,
        reason=reason,
        moment=moment,
    )
    restate(submission, run)


def _answer(
    submission: Submission, target: str, actor: User, reason: str, moment: datetime
) -> None:
    submission.state = target
    submission.eligibility_confirmed_by = actor
    submission.eligibility_confirmed_at = moment
    submission.eligibility_reason = reason.strip()
    submission.save(update_fields=ANSWER_COLUMNS)


@transaction.atomic
def propose_exclusion(
    *, actor: User, submission_id: int, reason: str = "", moment: datetime | None = None
) -> Submission:
    """The first of two people says that the proposal is not eligible; nothing changes yet.

    It stands on findings that a person confirmed: the letter names these, and nothing else. Raises
    ValidationError where there is none, WrongState, NotAllowed.
    """
    require(may_confirm_eligibility(actor))
    submission = locked_submission(actor, submission_id)
    action = "propose_exclusion"
    SUBMISSION_TRANSITIONS.target(submission.state, action)
    run = _checked_run(submission, action)
    refuse_while_proposed(submission, action)
    grounds = standing_of(submission, run).grounds
    if not grounds:
        raise ValidationError(
            {
                "answer": [
                    _(
                        "Confirm first, among the findings, each rule that is not met: the letter"
                        " gives these as the reasons."
                    )
                ]
            }
        )
    submission.exclusion_proposed_by = actor
    submission.exclusion_proposed_at = moment or timezone.now()
    submission.eligibility_reason = reason.strip()
    submission.save(update_fields=ANSWER_COLUMNS)
    record(
        ExclusionProposed(rules=sorted(grounds), reason=submission.eligibility_reason),
        about=submission,
        actor=actor,
    )
    return submission


@transaction.atomic
def confirm_exclusion(
    *, actor: User, submission_id: int, moment: datetime | None = None
) -> Submission:
    """The second look, by somebody else. Raises NotAllowed for the first person, and WrongState
    where nothing was proposed, or a newer run no longer bears it out."""
    submission = locked_submission(actor, submission_id)
    require(may_confirm_exclusion(actor, submission))
    action, before = "confirm_ineligible", submission.state
    target = SUBMISSION_TRANSITIONS.target(before, action)
    _require_proposed(submission, action)
    if not standing_of(submission, _checked_run(submission, action)).grounds:
        raise WrongState(
            "submission",
            before,
            action,
            _("The checks found something else since. Dismiss the exclusion and decide anew."),
        )
    _answer(submission, target, actor, submission.eligibility_reason, moment or timezone.now())
    record(
        EligibilityConfirmed(
            eligible=False, machine=submission.outcome, reason=submission.eligibility_reason
        ),
        about=submission,
        actor=actor,
        from_state=before,
        to_state=target,
    )
    return submission


@transaction.atomic
def dismiss_exclusion(*, actor: User, submission_id: int, reason: str) -> Submission:
    """The proposal is not excluded, or not yet: the findings are open to decisions again."""
    submission = locked_submission(actor, submission_id)
    require(may_look_at_exclusion(actor))
    action = "dismiss_exclusion"
    SUBMISSION_TRANSITIONS.target(submission.state, action)
    _require_proposed(submission, action)
    said = stated_reason(reason)
    submission.exclusion_proposed_by = submission.exclusion_proposed_at = None
    submission.eligibility_reason = ""
    submission.save(update_fields=ANSWER_COLUMNS)
    record(ExclusionDismissed(reason=said), about=submission, actor=actor)
    return submission


def _require_proposed(submission: Submission, action: str) -> None:
    if submission.exclusion_proposed_by_id is None:
        raise WrongState("submission", submission.state, action)


@transaction.atomic
def reconsider_eligibility(*, actor: User, submission_id: int, reason: str) -> Submission:
    """Open the question again, before reviewers were assigned. The reason is kept."""
    require(may_confirm_eligibility(actor))
    if not reason.strip():
        raise ReasonRequired({"reason": [_("Say why.")]})
    submission = locked_submission(actor, submission_id)
    if hasattr(submission, "decision"):  # the reverse of a relation that `reviews` declares
        raise WrongState(
            "submission",
            submission.state,
            "reconsider_eligibility",
            _("A decision was already prepared on this proposal."),
        )
    before = submission.state
    submission.state = SUBMISSION_TRANSITIONS.target(before, "reconsider_eligibility")
    submission.eligibility_confirmed_by = submission.eligibility_confirmed_at = None
    submission.exclusion_proposed_by = submission.exclusion_proposed_at = None
    submission.eligibility_reason = ""
    submission.save(update_fields=ANSWER_COLUMNS)
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
    submission = locked_submission(actor, submission_id)
    return checking.request_check(submission=submission, moment=Moment.RERUN, actor=actor)
