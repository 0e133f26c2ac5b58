"""Mails to reviewers. They name the reference and nothing else of a proposal, and nobody."""

from django.utils.translation import gettext_lazy as _

from bpf_portal.core import mail
from bpf_portal.core.texts import in_language
from reviews.models import Assignment


def ask_to_review(assignment: Assignment) -> None:
    with in_language(assignment.reviewer.language) as say:
        mail.send(
            to=assignment.reviewer.email,
            subject=say(_("A proposal for you to review")),
            body=say(
                _(
                    "Good day,\n\nyou are asked to review the proposal %(reference)s by"
                    " %(day)s. Please sign in, declare first whether you have an interest in it,"
                    " and then score it.\n\nBusiness Partnership Facility"
                )
            )
            % {
                "reference": assignment.submission.reference,
                "day": assignment.due_on.strftime("%d.%m.%Y"),
            },
        )


def give_back(assignment: Assignment, reason: str) -> None:
    with in_language(assignment.reviewer.language) as say:
        words = {"reference": assignment.submission.reference, "reason": reason}
        mail.send(
            to=assignment.reviewer.email,
            subject=say(_("%(reference)s: your score sheet is open again")) % words,
            body=say(
                _(
                    "Good day,\n\nyour score sheet for the proposal %(reference)s was given back"
                    " to you:\n\n%(reason)s\n\nWhat you submitted is kept. Please sign in, change"
                    " what is needed and submit it again.\n\nBusiness Partnership Facility"
                )
            )
            % words,
        )
