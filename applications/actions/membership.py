"""A company's people: invited, let in, given another role, gone. A company always has an owner.

Every action locks the company's row first and asks its rule afterwards: of two owners who demote
each other at the same moment, the second is no owner any more.
"""

import secrets
from datetime import timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from applications.access import may_accept, may_join_companies, may_manage_people
from applications.actions import membership_mails
from applications.actions.organising import normalised_register_number
from applications.events import (
    InvitationAccepted,
    InvitationWithdrawn,
    JoiningAnswered,
    JoiningRequested,
    OwnershipHandedOver,
    PersonInvited,
    PersonLeft,
    PersonRemoved,
    RoleChanged,
)
from applications.models import (
    Invitation,
    JoinRequest,
    Membership,
    MembershipRole,
    Organisation,
    token_digest,
)
from bpf_portal.core.access import Text, require
from bpf_portal.core.events import record

#: More than a company needs, and too few to fill strangers' mailboxes through the portal.
INVITATIONS_A_DAY = 30


class MembershipProblem(Exception):
    """Why it cannot be done, in words for the person who tried. Nothing was written."""

    message: Text = ""


class LastOwner(MembershipProblem):
    message = _(
        "You are the only owner. Make somebody else an owner first: a company is never without one."
    )


class CannotSucceed(MembershipProblem):
    message = _("Choose another person of the company, with an account that is open.")


class AlreadyMember(MembershipProblem):
    message = _("The person with this address belongs to the company already.")


class YouBelongAlready(MembershipProblem):
    message = _("You belong to this company already.")


class TooManyInvitations(MembershipProblem):
    message = _("Your company sent many invitations today. Please send the others tomorrow.")


class InvitationUsed(MembershipProblem):
    message = _("This invitation was accepted already. It can be used once.")


class InvitationExpired(MembershipProblem):
    message = _("This invitation is no longer valid: the time for it is over.")


class InvitationTakenBack(MembershipProblem):
    message = _("This invitation was withdrawn, or replaced by a newer one.")


class UnknownCompany(MembershipProblem):
    message = _(
        "No company with this number is in the portal yet. Check the number, or enter the company."
    )


class NobodyToAsk(MembershipProblem):
    message = _("Nobody of this company can answer in the portal. Please write to the facility.")


class AskedAlready(MembershipProblem):
    message = _("You have asked already. The owners of the company have not answered yet.")


class AskedInVain(MembershipProblem):
    message = _("Your request was declined. An owner of the company can still invite you.")


class AnsweredAlready(MembershipProblem):
    message = _("This request was answered already.")


def _locked(organisation_id: int) -> Organisation:
    return Organisation.objects.select_for_update(of=("self",)).get(pk=organisation_id)


def _managed(actor: User, organisation_id: int) -> Organisation:
    """The company, locked, if the actor is its owner now."""
    organisation = _locked(organisation_id)
    require(may_manage_people(actor, organisation))
    return organisation


# --- invitations ------------------------------------------------------------------------------


@transaction.atomic
def invite_person(
    *, actor: User, organisation_id: int, email: str, role: str, language: str
) -> Invitation:
    """Send a link to the address, valid for 14 days. It replaces an earlier one that still waits.

    Raises AlreadyMember, TooManyInvitations, NotAllowed.
    """
    organisation = _managed(actor, organisation_id)
    address = email.strip().lower()
    people = User.objects.filter(memberships__organisation=organisation)
    if address in {each.lower() for each in people.values_list("email", flat=True)}:
        raise AlreadyMember
    since = timezone.now() - timedelta(days=1)
    if organisation.invitations.filter(created_at__gte=since).count() >= INVITATIONS_A_DAY:
        raise TooManyInvitations
    _take_back_waiting(actor, organisation, address)
    token = secrets.token_urlsafe(32)
    invitation = Invitation.objects.create(
        organisation=organisation,
        email=address,
        role=MembershipRole(role),
        language=language,
        token_sha256=token_digest(token),
        invited_by=actor,
    )
    record(PersonInvited(invitation=invitation.pk, role=role), about=organisation, actor=actor)
    membership_mails.send_invitation(invitation, token)
    return invitation


def _take_back_waiting(actor: User, organisation: Organisation, address: str) -> None:
    for invitation in organisation.invitations.waiting().filter(email=address):
        _take_back(actor, organisation, invitation)


def _take_back(actor: User, organisation: Organisation, invitation: Invitation) -> None:
    invitation.withdrawn_at = timezone.now()
    invitation.save(update_fields=["withdrawn_at"])
    record(InvitationWithdrawn(invitation=invitation.pk), about=organisation, actor=actor)


@transaction.atomic
def withdraw_invitation(*, actor: User, organisation_id: int, invitation_id: int) -> None:
    """Make the link useless. Raises InvitationUsed, NotAllowed; a second click changes nothing."""
    organisation = _managed(actor, organisation_id)
    invitation = organisation.invitations.get(pk=invitation_id)
    if invitation.accepted_at is not None:
        raise InvitationUsed
    if invitation.withdrawn_at is None:
        _take_back(actor, organisation, invitation)


def require_open(invitation: Invitation) -> None:
    """Raises InvitationUsed, InvitationTakenBack or InvitationExpired."""
    if invitation.accepted_at is not None:
        raise InvitationUsed
    if invitation.withdrawn_at is not None:
        raise InvitationTakenBack
    if invitation.is_expired:
        raise InvitationExpired


@transaction.atomic
def accept_invitation(*, actor: User, token: str) -> Membership:
    """Join by the link. Somebody who belongs to the company already keeps their role.

    Raises NotAllowed (not the invited address, or staff), InvitationUsed, InvitationExpired,
    InvitationTakenBack, Invitation.DoesNotExist.
    """
    found = Invitation.objects.get(token_sha256=token_digest(token))
    organisation = _locked(found.organisation_id)
    invitation = organisation.invitations.select_related("invited_by").get(pk=found.pk)
    require(may_accept(actor, invitation))
    require_open(invitation)
    membership, _created = organisation.memberships.get_or_create(
        user=actor, defaults={"role": invitation.role}
    )
    invitation.accepted_at, invitation.accepted_by = timezone.now(), actor
    invitation.save(update_fields=["accepted_at", "accepted_by"])
    record(
        InvitationAccepted(invitation=invitation.pk, person=actor.pk, role=membership.role),
        about=organisation,
        actor=actor,
    )
    # Who was invited meanwhile need not be answered any more.
    for waiting in organisation.join_requests.waiting().filter(asked_by=actor):
        _answer(waiting, by=invitation.invited_by, accepted=True, role=membership.role)
    return membership


# --- asking to join ---------------------------------------------------------------------------


@transaction.atomic
def ask_to_join(
    *, actor: User, country_id: str, registration_number: str, message: str = ""
) -> JoinRequest:
    """Ask the owners of the company with this number. The asker sees nothing of it until then.

    Raises UnknownCompany, YouBelongAlready, AskedAlready, AskedInVain, NobodyToAsk, NotAllowed.
    """
    require(may_join_companies(actor))
    number = normalised_register_number(country_id, registration_number)
    found = Organisation.objects.filter(country_id=country_id, registration_number=number).first()
    if found is None or not number:
        raise UnknownCompany
    organisation = _locked(found.pk)
    if organisation.memberships.filter(user=actor).exists():
        raise YouBelongAlready
    earlier = organisation.join_requests.filter(asked_by=actor)
    if earlier.waiting().exists():
        raise AskedAlready
    if earlier.filter(accepted=False).exists():
        raise AskedInVain
    owners = _active_owners(organisation)
    if not owners:
        raise NobodyToAsk
    join_request = JoinRequest.objects.create(
        organisation=organisation,
        asked_by=actor,
        country_id=country_id,
        number=number,
        message=message.strip(),
    )
    record(JoiningRequested(join_request=join_request.pk), about=organisation, actor=actor)
    membership_mails.tell_owners_of_request(join_request, owners)
    return join_request


@transaction.atomic
def accept_join_request(
    *, actor: User, organisation_id: int, request_id: int, role: str
) -> Membership:
    """Let the person in, in this role. Raises AnsweredAlready, NotAllowed."""
    organisation = _managed(actor, organisation_id)
    join_request = _waiting_request(organisation, request_id)
    asker = join_request.asked_by
    membership, _created = organisation.memberships.get_or_create(
        user=asker, defaults={"role": MembershipRole(role)}
    )
    _answer(join_request, by=actor, accepted=True, role=membership.role)
    _take_back_waiting(actor, organisation, asker.email.lower())
    membership_mails.tell_answer(join_request)
    return membership


@transaction.atomic
def decline_join_request(*, actor: User, organisation_id: int, request_id: int) -> None:
    """Keep the person out; they are told. Raises AnsweredAlready, NotAllowed."""
    organisation = _managed(actor, organisation_id)
    join_request = _waiting_request(organisation, request_id)
    _answer(join_request, by=actor, accepted=False, role="")
    membership_mails.tell_answer(join_request)


def _waiting_request(organisation: Organisation, request_id: int) -> JoinRequest:
    join_request = organisation.join_requests.select_related("asked_by").get(pk=request_id)
    if join_request.answered_at is not None:
        raise AnsweredAlready
    return join_request


def _answer(join_request: JoinRequest, *, by: User, accepted: bool, role: str) -> None:
    join_request.answered_at, join_request.answered_by = timezone.now(), by
    join_request.accepted = accepted
    join_request.save(update_fields=["answered_at", "answered_by", "accepted"])
    record(
        JoiningAnswered(join_request=join_request.pk, accepted=accepted, role=role),
        about=join_request.organisation,
        actor=by,
    )


# --- roles ------------------------------------------------------------------------------------


def _active_owners(organisation: Organisation) -> list[User]:
    """Those who can still act: an owner whose account was closed is none."""
    return list(
        User.objects.filter(
            is_active=True,
            memberships__organisation=organisation,
            memberships__role=MembershipRole.OWNER,
        ).order_by("pk")
    )


def _require_another_owner(organisation: Organisation, membership: Membership) -> None:
    owners = {owner.pk for owner in _active_owners(organisation)}
    if membership.role == MembershipRole.OWNER and not owners - {membership.user_id}:
        raise LastOwner


@transaction.atomic
def change_role(*, actor: User, organisation_id: int, membership_id: int, role: str) -> Membership:
    """Give one of the company's people another role. Raises LastOwner, NotAllowed."""
    organisation = _managed(actor, organisation_id)
    membership = organisation.memberships.get(pk=membership_id)
    before, after = membership.role, MembershipRole(role)
    if before == after:
        return membership
    _require_another_owner(organisation, membership)
    membership.role = after
    membership.save(update_fields=["role"])
    record(
        RoleChanged(person=membership.user_id, before=before, after=after),
        about=organisation,
        actor=actor,
    )
    return membership


@transaction.atomic
def hand_over(*, actor: User, organisation_id: int, membership_id: int) -> Membership:
    """Make somebody else the owner in one's own place; the actor stays as editor.

    Raises CannotSucceed when the other account is closed or the actor's own, NotAllowed.
    """
    organisation = _managed(actor, organisation_id)
    successor = organisation.memberships.select_related("user").get(pk=membership_id)
    if successor.user_id == actor.pk or not successor.user.is_active:
        raise CannotSucceed
    successor.role = MembershipRole.OWNER
    successor.save(update_fields=["role"])
    organisation.memberships.filter(user=actor).update(role=MembershipRole.EDITOR)
    record(OwnershipHandedOver(person=successor.user_id), about=organisation, actor=actor)
    membership_mails.tell_new_owner(successor.user, organisation, actor)
    return successor


@transaction.atomic
def remove_person(*, actor: User, organisation_id: int, membership_id: int) -> None:
    """Take the person's access away at once; they are told. Raises LastOwner, NotAllowed."""
    organisation = _managed(actor, organisation_id)
    membership = organisation.memberships.select_related("user").get(pk=membership_id)
    _require_another_owner(organisation, membership)
    membership.delete()
    record(
        PersonRemoved(person=membership.user_id, role=membership.role),
        about=organisation,
        actor=actor,
    )
    membership_mails.tell_removed(membership.user, organisation)


@transaction.atomic
def leave_company(*, actor: User, organisation_id: int) -> None:
    """Leave of one's own will. Raises LastOwner, Membership.DoesNotExist."""
    organisation = _locked(organisation_id)
    membership = organisation.memberships.get(user=actor)
    _require_another_owner(organisation, membership)
    membership.delete()
    record(PersonLeft(person=actor.pk, role=membership.role), about=organisation, actor=actor)
