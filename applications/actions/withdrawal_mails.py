"""What is written when a company takes its proposal back."""

from django.utils.translation import gettext as _

from accounts.models import Role, User
from applications.actions.proposal_mails import link, people_of, write
from applications.models import Proposal, Submission, not_kept_out
from bpf_portal.core.texts import in_language


def tell_company(proposal: Proposal, reason: str) -> None:
    """A receipt to everybody in the company, in the language of the application."""
    with in_language(proposal.language):
        words = {"reference": proposal.reference, "title": proposal.title or proposal.reference}
        for person in people_of(proposal.organisation):
            write(
                person.email,
                _("%(reference)s: your proposal is withdrawn") % words,
                _("your proposal %(reference)s, “%(title)s”, was withdrawn from the call.") % words,
                *([_("Reason given: %(reason)s") % {"reason": reason}] if reason else []),
                _(
                    "It is examined no further. What was handed in, with its files, is kept and"
                    " stays readable for you:"
                ),
                link("proposals:detail", proposal.reference),
                about=proposal,
            )


def tell_officers(submission: Submission, reason: str) -> None:
    """Programme officers knew of it: it was handed in."""
    officers = not_kept_out(User.objects.in_role(Role.OFFICER), submission.proposal_id)
    for officer in officers.order_by("pk"):
        with in_language(officer.language):
            words = {"reference": submission.reference, "company": submission.lead_name}
            write(
                officer.email,
                _("%(reference)s was withdrawn by its company") % words,
                _("%(company)s withdrew the proposal %(reference)s.") % words,
                _("Reason given: %(reason)s") % {"reason": reason or "–"},
                link("admin:applications_submission_change", submission.pk),
            )
