"""Mails to reviewers. They name the reference and nothing else of a proposal, and nobody."""

from collections.abc import Sequence

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


def ask_to_review_all(assignments: Sequence[Assignment]) -> None:
    """One mail about all that one reviewer is asked at once, with one day."""
    if len(assignments) == 1:
        ask_to_review(assignments[0])
        return
    first = assignments[0]
    with in_language(first.reviewer.language) as say:
        mail.send(
            to=first.reviewer.email,
            subject=say(_("%(n)d proposals for you to review")) % {"n": len(assignments)},
            body=say(
                _(
                    "Good day,\n\nyou are asked to review these proposals by %(day)s:\n\n"
                    "%(references)s\n\nPlease sign in, declare for each of them first whether you"
                    " have an interest in it, and then score it.\n\nBusiness Partnership Facility"
                )
            )
            % {
                "references": "\n".join(each.submission.reference for each in assignments),
                "day": first.due_on.strftime("%d.%m.%Y"),
            },
        )


def take_back(assignment: Assignment, reason: str) -> None:
    with in_language(assignment.reviewer.language) as say:
        words = {"reference": assignment.submission.reference, "reason": reason}
        mail.send(
            to=assignment.reviewer.email,
            subject=say(_("%(reference)s: your review is no longer needed")) % words,
            body=say(
                _(
                    "Good day,\n\nyou no longer need to review the proposal %(reference)s:\n\n"
                    "%(reason)s\n\nThank you for your time. What you wrote is kept, and the"
                    " proposal is no longer open to you.\n\nBusiness Partnership Facility"
                )
            )
            % words,
        )


def remind(assignments: Sequence[Assignment]) -> None:
    """One mail about all that one reviewer is late with."""
    first = assignments[0]
    with in_language(first.reviewer.language) as say:
        lines = [
            f"{row.submission.reference} ({row.due_on.strftime('%d.%m.%Y')})" for row in assignments
        ]
        mail.send(
            to=first.reviewer.email,
            subject=say(_("Reminder: your reviews are awaited")),
            body=say(
                _(
                    "Good day,\n\nthe day is over by which you were asked to review:\n\n"
                    "%(lines)s\n\nPlease sign in and submit your scores, or tell us if you"
                    " cannot.\n\nBusiness Partnership Facility"
                )
            )
            % {"lines": "\n".join(lines)},
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
