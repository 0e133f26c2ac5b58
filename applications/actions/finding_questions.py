"""A company is asked about a finding: in its conversation, in the language of its application."""

from collections.abc import Sequence

from django.core.files import File
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from applications.access import may_answer_companies
from applications.actions.checking_context import labels_for
from applications.actions.finding_decisions import current_finding, locked_submission
from applications.actions.messaging import write_to_company
from applications.checks.texts import render_reason, rule_title
from applications.events import FindingAsked
from applications.models import Finding, FindingQuestion, Submission
from bpf_portal.core.access import require
from bpf_portal.core.events import record
from bpf_portal.core.texts import in_language


def proposed_question(submission: Submission, finding: Finding) -> str:
    """What the message may say, for the officer to change: the finding as the company reads it."""
    language = submission.language
    text = render_reason(
        finding.code,
        finding.reason,
        finding.values,
        finding.source,
        language,
        labels_for(language),
        to_company=True,
    )
    with in_language(language):
        return _(
            "Your proposal %(reference)s was checked. On the point “%(rule)s” the check says:\n\n"
            "%(message)s\n%(remedy)s\n\n"
            "Please tell us in this conversation what we should know about it, with a document"
            " where there is one."
        ) % {
            "reference": submission.reference,
            "rule": rule_title(finding.code, language),
            "message": text.message,
            "remedy": text.remedy,
        }


@transaction.atomic
def ask_about_finding(
    *,
    actor: User,
    submission_id: int,
    code: str,
    facts: str,
    text: str,
    uploads: Sequence[File[bytes]] = (),
) -> FindingQuestion:
    """Write to the company about this finding. Raises what `write_to_company` raises, and
    WrongState where the newest run found something else."""
    require(may_answer_companies(actor))
    submission = locked_submission(actor, submission_id)
    run, finding = current_finding(submission, code, facts, "ask")
    message = write_to_company(
        actor=actor, proposal_id=submission.proposal_id, text=text, uploads=uploads
    )
    question = FindingQuestion.objects.create(
        submission=submission, check_run=run, code=finding.code, facts=facts, message=message
    )
    record(
        FindingAsked(rule=code, check_run=run.pk, message=message.pk),
        about=submission,
        actor=actor,
    )
    return question
