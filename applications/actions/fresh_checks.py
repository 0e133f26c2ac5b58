"""Checks as of today: what an award or a contract may stand on, and what stands in its way.

Aid from other sources, countries and registers change between the deadline and the award.
"""

from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from applications.access import may_confirm_eligibility
from applications.actions import checking, registers
from applications.actions.finding_decisions import locked_submission
from applications.actions.finding_standing import standing_of
from applications.checks.findings import DueDiligenceOutcome, ReportOutcome
from applications.checks.texts import rule_title
from applications.models import CheckRun, Moment, Submission, SubmissionState
from bpf_portal.core.access import Text, require
from bpf_portal.core.jobs import JobState
from bpf_portal.core.states import WrongState

STILL_RUNNING = _("The checks as of today are running. Try again in a moment.")
CHECK_FAILED = _("The last check failed. Have it tried again under “Work in hand”.")
TOO_OLD = _(
    "The rules were last checked as of an earlier day. Have them checked as of today first: aid"
    " from other sources, countries and registers may have changed."
)
RULE_NOT_MET = _("The checks as of today say, and a person confirmed, that a rule is not met.")
CLAUSE_REFUSED = _("The company refused the human-rights clause.")


@transaction.atomic
def check_before_award(*, actor: User, submission_id: int) -> CheckRun:
    """Have the rules checked as of today, and old answers of registers asked anew.

    Also once it is decided: a decision may be corrected. Raises NotAllowed, WrongState where
    nothing is being decided, Submission.DoesNotExist.
    """
    require(may_confirm_eligibility(actor))
    submission = locked_submission(actor, submission_id)
    if submission.state not in (SubmissionState.IN_REVIEW, SubmissionState.DECIDED):
        raise WrongState("submission", submission.state, "check_before_award")
    return check_as_of_today(submission, Moment.AWARD, actor)


def check_as_of_today(submission: Submission, moment: Moment, actor: User | None) -> CheckRun:
    """The same for any moment, in the caller's transaction. One that waits already is enough."""
    waiting = submission.check_runs.filter(moment=moment, state=JobState.QUEUED).first()
    if waiting is not None:
        return waiting
    registers.ask_again_before(submission, since=timezone.now() - _valid_for(), actor=actor)
    return checking.request_check(submission=submission, moment=moment, actor=actor)


def why_not_on_these_checks(submission: Submission) -> Text:
    """Why neither award nor contract may stand on the checks as they are; empty where they may.

    Findings that people decided on are decided. Four queries at most.
    """
    newest = submission.check_runs.order_by("-pk").first()
    if newest is None or newest.state in (JobState.QUEUED, JobState.RUNNING):
        return STILL_RUNNING
    if newest.state == JobState.FAILED:
        return CHECK_FAILED
    if newest.reference_date < timezone.localdate() - _valid_for():
        return TOO_OLD
    stands = standing_of(submission, newest)
    if waiting := [each.code for each in stands.findings if each.waits]:
        language = "fr" if get_language() == "fr" else "en"
        titles = ", ".join(rule_title(code, language) for code in waiting)
        return gettext(
            "The checks found something that nobody decided on yet: %(rules)s. Decide on it in the"
            " dossier first."
        ) % {"rules": titles}
    if stands.outcome is ReportOutcome.INELIGIBLE:
        return RULE_NOT_MET
    return CLAUSE_REFUSED if stands.due_diligence is DueDiligenceOutcome.REFUSED else ""


def _valid_for() -> timedelta:
    return timedelta(days=settings.CHECK_VALID_DAYS)
