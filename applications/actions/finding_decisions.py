"""A person decides, finding by finding. Each answer is a row of its own that stays."""

from collections.abc import Iterable
from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from applications.access import may_decide_on_findings
from applications.actions.finding_standing import answers_on, newest_done_run, restate
from applications.checks.decided import facts_of
from applications.events import FindingDecided
from applications.models import (
    FINDING_TRANSITIONS,
    SHORTEST_REASON,
    CheckRun,
    Finding,
    FindingDecision,
    FindingQuestion,
    FindingVerdict,
    Message,
    Side,
    Submission,
    SubmissionState,
)
from bpf_portal.core.access import require
from bpf_portal.core.events import record
from bpf_portal.core.states import WrongState

#: Where an answer to a finding still counts for something.
DECIDABLE = (SubmissionState.RECEIVED, SubmissionState.ELIGIBLE, SubmissionState.IN_REVIEW)
VERDICTS = {
    "confirm": FindingVerdict.CONFIRMED,
    "overrule": FindingVerdict.OVERRULED,
    "clear": FindingVerdict.CLEARED,
    "take_back": FindingVerdict.TAKEN_BACK,
}


class ReasonRequired(ValidationError):
    """The file must say why."""


def locked_submission(actor: User, submission_id: int) -> Submission:
    return (
        Submission.objects.visible_to(actor)
        .select_for_update(of=("self",))
        .select_related("call__rule_set")
        .get(pk=submission_id)
    )


def stated_reason(reason: str) -> str:
    """The reason, cleaned. Raises ReasonRequired where it is too short to explain anything."""
    text = reason.strip()
    if "\0" in text:
        raise ReasonRequired({"reason": [_("Null characters are not allowed.")]})
    if len(text) < SHORTEST_REASON:
        raise ReasonRequired(
            {
                "reason": [
                    _("Say why, in at least %(count)d characters. The reason is kept.")
                    % {"count": SHORTEST_REASON}
                ]
            }
        )
    return text


@transaction.atomic
def decide_on_finding(
    *,
    actor: User,
    submission_id: int,
    code: str,
    facts: str,
    action: str,
    reason: str = "",
    moment: datetime | None = None,
) -> FindingDecision:
    """Confirm, overrule or clear the finding of this rule, or take such an answer back.

    `facts` is the fingerprint of what the person has read; where the newest run found something
    else meanwhile, nothing is decided. `moment`: people decide now; the demonstration decided then.
    Raises NotAllowed, WrongState, ValidationError by field, Submission.DoesNotExist.
    """
    require(may_decide_on_findings(actor))
    submission = locked_submission(actor, submission_id)
    run, finding = current_finding(submission, code, facts, action)
    before = answers_on(submission).in_force(code, facts)
    FINDING_TRANSITIONS.target(before.verdict if before else "open", action)
    _refuse_wrong(submission, finding, action)
    said = reason.strip() if action == "confirm" and not reason.strip() else stated_reason(reason)
    (decision,) = append_decisions(
        submission, run, [finding], VERDICTS[action], actor=actor, reason=said, moment=moment
    )
    restate(submission, run)
    return decision


def current_finding(
    submission: Submission, code: str, facts: str, action: str
) -> tuple[CheckRun, Finding]:
    """The newest finding of this rule. Raises WrongState where it is not what was read, or where
    no answer to it counts."""
    state, run = submission.state, newest_done_run(submission)
    if state not in DECIDABLE:
        raise WrongState("finding", state, action)
    refuse_while_proposed(submission, action)
    if run is None or not submission.outcome:
        raise WrongState(
            "finding", state, action, _("The checks have not run yet. Please wait a moment.")
        )
    finding = run.findings.filter(code=code).first()
    if finding is None or facts_of(finding) != facts:
        raise WrongState(
            "finding",
            state,
            action,
            _("The checks found something else meanwhile. Read the finding as it is now."),
        )
    return run, finding


def refuse_while_proposed(submission: Submission, action: str) -> None:
    """What the second person looks at does not move under their eyes."""
    if submission.state == SubmissionState.RECEIVED and submission.exclusion_proposed_by_id:
        raise WrongState(
            "submission",
            submission.state,
            action,
            _("An exclusion waits for its second look. Confirm or dismiss it first."),
        )


def _refuse_wrong(submission: Submission, finding: Finding, action: str) -> None:
    if finding.outcome == "pass" and action in ("confirm", "clear"):
        raise ValidationError(
            {"action": [_("This rule is met: there is nothing to confirm or to settle.")]}
        )
    if action == "clear" and not _is_answered(submission, finding.code):
        raise ValidationError(
            {"action": [_("The company has not answered a question about this finding yet.")]}
        )


def _is_answered(submission: Submission, code: str) -> bool:
    asked = FindingQuestion.objects.filter(submission=submission, code=code)
    first = asked.order_by("pk").values_list("message_id", "message__thread_id").first()
    if first is None:
        return False
    message, thread = first
    return Message.objects.filter(thread=thread, pk__gt=message, side=Side.COMPANY).exists()


def append_decisions(
    submission: Submission,
    run: CheckRun,
    findings: Iterable[Finding],
    verdict: str,
    *,
    actor: User,
    reason: str,
    moment: datetime | None = None,
) -> list[FindingDecision]:
    """One row and one event for each finding. The caller has asked the rules and locked the row."""
    rows = FindingDecision.objects.bulk_create(
        FindingDecision(
            submission=submission,
            check_run=run,
            code=finding.code,
            facts=facts_of(finding),
            outcome=finding.outcome,
            reason_code=finding.reason,
            observed=finding.observed,
            required=finding.required,
            values=finding.values,
            verdict=verdict,
            reason=reason,
            decided_by=actor,
            decided_at=moment or timezone.now(),
        )
        for finding in findings
    )
    for row in rows:
        record(
            FindingDecided(
                rule=row.code,
                check_run=run.pk,
                outcome=row.outcome,
                verdict=verdict,
                reason=reason,
            ),
            about=submission,
            actor=actor,
        )
    return rows
