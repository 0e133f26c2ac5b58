"""Who may do what on the company's side. Every rule answers (allowed, reason)."""

from django.utils.translation import gettext_lazy as _

from accounts.access import Visitor, runs_calls
from applications.models import Organisation, Proposal
from bpf_portal.core.access import YES, Answer, no


def may_write_for(user: Visitor, organisation: Organisation) -> Answer:
    """Owners, editors and legal representatives of the company write; readers read."""
    if not user.is_authenticated or not user.is_active:
        return no(_("Sign in first."))
    if not Organisation.objects.writable_by(user).filter(pk=organisation.pk).exists():
        return no(_("You may read this company's proposals, not change them."))
    return YES


def may_write(user: Visitor, proposal: Proposal) -> Answer:
    """Whether the user may change the draft. Its state is checked by the action itself."""
    return may_write_for(user, proposal.organisation)


def may_submit(user: Visitor, proposal: Proposal) -> Answer:
    return may_write(user, proposal)


def may_confirm_eligibility(user: Visitor) -> Answer:
    return YES if runs_calls(user) else no(_("Only a programme officer may do this."))
