"""Who may do what on the company's side. Every rule answers (allowed, reason)."""

from allauth.account.models import EmailAddress
from django.utils.translation import gettext_lazy as _

from accounts.access import Visitor, approves, is_staff, runs_calls, writes_rules
from applications.models import (
    SIGNING_ROLES,
    Invitation,
    Membership,
    Organisation,
    Proposal,
    Submission,
)
from bpf_portal.core.access import YES, Answer, no

READS_ONLY = _("You may read this company's proposals, not change them.")


def may_write_for(user: Visitor, organisation: Organisation) -> Answer:
    """Owners, editors and legal representatives of the company write; readers read."""
    if not user.is_authenticated or not user.is_active:
        return no(_("Sign in first."))
    if not Organisation.objects.writable_by(user).filter(pk=organisation.pk).exists():
        return no(READS_ONLY)
    return YES


def may_write(user: Visitor, proposal: Proposal) -> Answer:
    """Whether the user may change the draft. Its state is checked by the action itself."""
    return may_write_for(user, proposal.organisation)


def may_answer_clause(user: Visitor, proposal: Proposal) -> Answer:
    """Owners and legal representatives bind the company; an editor writes, but does not sign."""
    if not user.is_authenticated or not user.is_active:
        return no(_("Sign in first."))
    signs = Membership.objects.filter(
        organisation_id=proposal.organisation_id, user=user, role__in=SIGNING_ROLES
    )
    if not signs.exists():
        return no(
            _("Only an owner or a legal representative of your company may answer the clause.")
        )
    return YES


def may_submit(user: Visitor, proposal: Proposal) -> Answer:
    return may_write(user, proposal)


def may_confirm_eligibility(user: Visitor) -> Answer:
    return YES if runs_calls(user) else no(_("Only a programme officer may do this."))


def may_decide_on_findings(user: Visitor) -> Answer:
    return may_confirm_eligibility(user)


def may_look_at_exclusion(user: Visitor) -> Answer:
    """An officer or an approver looks a second time at what somebody would exclude."""
    if not (runs_calls(user) or approves(user)):
        return no(_("Only a programme officer or an approver may do this."))
    return YES


def may_confirm_exclusion(user: Visitor, submission: Submission) -> Answer:
    """Four eyes: never the person who proposed it."""
    answer = may_look_at_exclusion(user)
    if answer and submission.exclusion_proposed_by_id == user.pk:
        return no(_("Somebody else must confirm the exclusion that you proposed."))
    return answer


def may_write_rules(user: Visitor) -> Answer:
    """Officers and administrators write rules, put them in force and choose them for a call."""
    if not writes_rules(user):
        return no(_("Only a programme officer or an administrator may do this."))
    return YES


def may_load_lists(user: Visitor) -> Answer:
    return YES if runs_calls(user) else no(_("Only a programme officer may do this."))


def may_answer_names(user: Visitor) -> Answer:
    return YES if runs_calls(user) else no(_("Only a programme officer may do this."))


def may_ask_countersignature(user: Visitor) -> Answer:
    """The officer who prepares the contract asks the local partners to countersign the clause."""
    return YES if runs_calls(user) else no(_("Only a programme officer may do this."))


def may_ask_registers(user: Visitor) -> Answer:
    return YES if runs_calls(user) else no(_("Only a programme officer may do this."))


def may_write_message(user: Visitor, proposal: Proposal) -> Answer:
    """Who may write the proposal may write about it, in whatever state it is."""
    if not may_write_for(user, proposal.organisation):
        return no(_("You may read this company's messages, not write any."))
    return YES


def may_answer_companies(user: Visitor) -> Answer:
    """LuxDev's side of a conversation: officers write; who reads everything only reads."""
    return YES if runs_calls(user) else no(_("Only a programme officer may do this."))


def may_request_correction(user: Visitor) -> Answer:
    return may_confirm_eligibility(user)


def may_manage_people(user: Visitor, organisation: Organisation) -> Answer:
    """Only an owner decides who belongs to the company, and in which role."""
    if not user.is_authenticated or not user.is_active:
        return no(_("Sign in first."))
    if not Organisation.objects.owned_by(user).filter(pk=organisation.pk).exists():
        return no(_("Only an owner of the company may do this."))
    return YES


def may_join_companies(user: Visitor) -> Answer:
    """Whoever works for the facility belongs to no company that applies to it."""
    if not user.is_authenticated or not user.is_active:
        return no(_("Sign in first."))
    if is_staff(user):
        return no(_("People who work for the facility cannot belong to a company that applies."))
    return YES


def may_accept(user: Visitor, invitation: Invitation) -> Answer:
    """The invited address must be the person's own, and confirmed.

    Compared letter by letter after `lower`: the database's own comparison takes a Turkish dotless
    i for an i, and with it another domain for the invited one.
    """
    answer = may_join_companies(user)
    if not answer:
        return answer
    confirmed = EmailAddress.objects.filter(user_id=user.pk, verified=True)
    addresses = {email.lower() for email in confirmed.values_list("email", flat=True)}
    if invitation.email not in addresses:
        return no(
            _(
                "This invitation was sent to another e-mail address than yours. Only the person"
                " at that address can accept it."
            )
        )
    return YES
