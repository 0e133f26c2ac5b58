"""Partners confirm their part by a link, without an account; the lead asks, reminds and sees.

The partner acts without an actor: the event tells the name that was given.
"""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from django.conf import settings
from django.db import transaction
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from applications.access import may_write
from applications.actions.drafting import NotByItself, editing
from applications.actions.open_sections import require_open
from applications.actions.partner_link import (
    CONFIRMED_FACTS,
    facts_shown,
    sha256_of,
    token_of,
    why_closed,
)
from applications.events import (
    PartnerAsked,
    PartnerConfirmed,
    PartnerCorrectionsTaken,
    PartnerDeclined,
    PartnerInvitationVoided,
    PartnerReminded,
)
from applications.models import (
    INVITATION_TRANSITIONS,
    InvitationState,
    Partner,
    PartnerInvitation,
    Proposal,
    VoidReason,
)
from bpf_portal.core import mail
from bpf_portal.core.access import Text, require
from bpf_portal.core.events import record
from bpf_portal.core.states import WrongState
from bpf_portal.core.texts import in_language

VALID_FOR = timedelta(days=30)
REMIND_AFTER = timedelta(days=1)
#: Links to one address for one proposal in a day: typing errors are corrected, nobody is flooded.
MOST_LINKS_A_DAY = 3
#: What the partner may correct.
CORRECTABLE = ("legal_name", "registration_number", "registered_on")


class NotNow(Exception):
    """A mail to this partner cannot leave now; `message` says why. Nothing was written."""

    def __init__(self, message: Text) -> None:
        super().__init__(str(message))
        self.message = message


class LinkClosed(Exception):
    """The link is known and can no longer be answered.

    `why`: answered, replaced, removed, withdrawn, handed_in or expired.
    """

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


class DetailsChanged(Exception):
    """What the page showed is no longer what is written; nothing was stored."""


@dataclass(frozen=True, kw_only=True)
class PartnerAnswer:
    """What a partner confirms. `contribution_amount` in EUR; an own line of 0 is an answer too."""

    legal_name: str
    registration_number: str
    registered_on: date | None
    contribution: str
    contribution_amount: Decimal
    human_rights_commitment: bool
    answered_by: str
    answered_by_function: str


# --- the lead asks ------------------------------------------------------------------------------
@transaction.atomic
def ask_partner(*, actor: User, proposal_id: int, partner_id: int) -> PartnerInvitation:
    """Send the partner a link; an older one stops working.

    Raises NotAllowed, WrongState (no draft, or confirmed already), NotNow, Partner.DoesNotExist.
    """
    proposal = _own_draft(actor, proposal_id)
    partner = proposal.partners.get(pk=partner_id)
    now = timezone.now()
    if not partner.contact_email:
        raise NotNow(_("Enter the contact's e-mail address first, and save."))
    if not proposal.title or not partner.legal_name:
        raise NotNow(_("Give the project its title and the partner its name first."))
    latest = proposal.partner_invitations.filter(
        email__iexact=partner.contact_email, sent_at__gt=now - REMIND_AFTER
    )
    if latest.count() >= MOST_LINKS_A_DAY:
        raise NotNow(_("Several links were sent to this address today. Try again tomorrow."))
    previous = partner.invitations.current().select_for_update().first()
    if previous is not None:
        if previous.state == InvitationState.CONFIRMED:
            raise WrongState("partner invitation", previous.state, "ask")
        _void(previous, VoidReason.REPLACED, actor)
    invitation = PartnerInvitation(
        proposal=proposal,
        partner=partner,
        email=partner.contact_email,
        language=partner.language,
        seed=secrets.token_hex(32),
        sent_at=now,
        sent_by=actor,
        expires_at=now + VALID_FOR,
    )
    invitation.token_sha256 = sha256_of(token_of(invitation))
    invitation.save()
    _write_to_partner(invitation, proposal, reminder=False)
    record(
        PartnerAsked(partner=partner.pk, invitation=invitation.pk, email=invitation.email),
        about=proposal,
        actor=actor,
        to_state=invitation.state,
    )
    return invitation


@transaction.atomic
def remind_partner(*, actor: User, proposal_id: int, partner_id: int) -> PartnerInvitation:
    """Send the same link once more, at most once a day.

    Raises NotAllowed, WrongState, NotNow or PartnerInvitation.DoesNotExist.
    """
    proposal = _own_draft(actor, proposal_id)
    invitation = (
        proposal.partner_invitations.current()
        .select_for_update(of=("self",))
        .get(partner_id=partner_id)
    )
    state = INVITATION_TRANSITIONS.target(invitation.state, "remind")
    if invitation.is_expired:
        raise NotNow(_("The link has expired: send a new one."))
    now = timezone.now()
    if now < may_remind_from(invitation):
        raise NotNow(_("A partner can be reminded once a day."))
    invitation.state, invitation.reminded_at = state, now
    # The same link as before, unless the portal's key was changed meanwhile.
    invitation.token_sha256 = sha256_of(token_of(invitation))
    invitation.save(update_fields=["state", "reminded_at", "token_sha256"])
    _write_to_partner(invitation, proposal, reminder=True)
    record(
        PartnerReminded(partner=partner_id, invitation=invitation.pk, email=invitation.email),
        about=proposal,
        actor=actor,
    )
    return invitation


def may_remind_from(invitation: PartnerInvitation) -> datetime:
    """The moment from which a reminder may leave: a day after the last mail."""
    return (invitation.reminded_at or invitation.sent_at) + REMIND_AFTER


def _own_draft(actor: User, proposal_id: int) -> Proposal:
    proposal = (
        Proposal.objects.visible_to(actor)
        .select_for_update(of=("self",))
        .select_related("organisation")
        .get(pk=proposal_id)
    )
    require(may_write(actor, proposal))
    require_open(proposal, "partners")
    return proposal


def _write_to_partner(invitation: PartnerInvitation, proposal: Proposal, *, reminder: bool) -> None:
    context = {
        "lead": proposal.organisation.legal_name,
        "title": proposal.title,
        "link": _address("partner:confirm", token_of(invitation)),
        "expires_at": invitation.expires_at,
        "reminder": reminder,
    }
    with in_language(invitation.language):
        subject = render_to_string("partner/mail_subject.txt", context)
        body = render_to_string("partner/mail_body.txt", context)
    mail.send(to=invitation.email, subject=subject, body=body)


def _address(name: str, *args: object) -> str:
    return f"{settings.PORTAL_URL.rstrip('/')}{reverse(name, args=args)}"


# --- the partner answers ------------------------------------------------------------------------
@transaction.atomic
def confirm_partner(*, token: str, seen: str, answer: PartnerAnswer) -> PartnerInvitation:
    """Store what the partner confirms; what the lead wrote stays as it is.

    `seen` is `facts_shown` of the page that was answered. Raises LinkClosed, DetailsChanged or
    PartnerInvitation.DoesNotExist.
    """
    invitation, partner = _locked_for_answer(token, seen)
    invitation.state = INVITATION_TRANSITIONS.target(invitation.state, "confirm")
    invitation.confirmed_at = partner.confirmed_at = timezone.now()
    for name, value in asdict(answer).items():
        setattr(invitation, name, value)
    invitation.save()
    partner.save(update_fields=["confirmed_at"])
    record(
        PartnerConfirmed(
            partner=partner.pk,
            invitation=invitation.pk,
            legal_name=answer.legal_name,
            person=answer.answered_by,
            function=answer.answered_by_function,
            human_rights_commitment=answer.human_rights_commitment,
        ),
        about=invitation.proposal,
        actor=None,
        from_state=InvitationState.SENT,
        to_state=invitation.state,
    )
    _tell_the_lead(invitation, partner)
    return invitation


@transaction.atomic
def decline_partner(*, token: str, seen: str, reason: str, answered_by: str) -> PartnerInvitation:
    """The partner does not take part, and says why. Raises what `confirm_partner` raises."""
    invitation, partner = _locked_for_answer(token, seen)
    invitation.state = INVITATION_TRANSITIONS.target(invitation.state, "decline")
    invitation.declined_at = timezone.now()
    invitation.reason, invitation.answered_by = reason, answered_by
    invitation.save()
    record(
        PartnerDeclined(
            partner=partner.pk, invitation=invitation.pk, person=answered_by, reason=reason
        ),
        about=invitation.proposal,
        actor=None,
        from_state=InvitationState.SENT,
        to_state=invitation.state,
    )
    _tell_the_lead(invitation, partner)
    return invitation


def _locked_for_answer(token: str, seen: str) -> tuple[PartnerInvitation, Partner]:
    """The proposal is locked first, as by everything that changes it or hands it in."""
    known = PartnerInvitation.objects.only("proposal_id").get(token_sha256=sha256_of(token))
    Proposal.objects.select_for_update(of=("self",)).get(pk=known.proposal_id)
    invitation = (
        PartnerInvitation.objects.select_for_update(of=("self",))
        .select_related("partner", "proposal__organisation", "sent_by")
        .get(pk=known.pk)
    )
    why = why_closed(invitation)
    if why or invitation.partner is None:
        raise LinkClosed(why)
    if seen != facts_shown(invitation.partner, invitation.proposal):
        raise DetailsChanged
    return invitation, invitation.partner


def _tell_the_lead(invitation: PartnerInvitation, partner: Partner) -> None:
    """A mail to whoever sent the link; what was answered stands on the partners' page only."""
    reference = invitation.proposal.reference
    context = {
        "partner": partner.legal_name,
        "reference": reference,
        "link": _address("proposals:section", reference, "partners"),
    }
    with in_language(invitation.sent_by.language):
        subject = render_to_string("partner/answered_subject.txt", context)
        body = render_to_string("partner/answered_body.txt", context)
    mail.send(to=invitation.sent_by.email, subject=subject, body=body, about=invitation.proposal)


# --- the lead goes on writing -------------------------------------------------------------------
def corrections(
    invitation: PartnerInvitation, partner: Partner
) -> dict[str, tuple[object, object]]:
    """Field -> what the lead wrote and what the partner wrote, where the two differ."""
    pairs = {name: (getattr(partner, name), getattr(invitation, name)) for name in CORRECTABLE}
    return {name: pair for name, pair in pairs.items() if (pair[0] or "") != (pair[1] or "")}


def take_corrections(*, actor: User, proposal: Proposal, partner_id: int, seen: str) -> Partner:
    """Put the partner's own words in the place of the lead's; its confirmation stays.

    `seen` is `facts_shown` of the page. Raises DetailsChanged where the partner's row was changed
    since; NotAllowed, WrongState, ChangedElsewhere or PartnerInvitation.DoesNotExist.
    """
    with editing(
        actor=actor, proposal=proposal, expected_version=proposal.version, section="partners"
    ) as locked:
        invitation = locked.partner_invitations.select_related("partner").get(
            partner_id=partner_id, state=InvitationState.CONFIRMED
        )
        partner = locked.partners.get(pk=partner_id)
        if seen != facts_shown(partner, locked):
            raise DetailsChanged
        differing = sorted(corrections(invitation, partner))
        if not differing:
            raise DetailsChanged
        for name in differing:
            setattr(partner, name, getattr(invitation, name))
        partner.save(update_fields=differing)
        record(
            PartnerCorrectionsTaken(
                partner=partner.pk, invitation=invitation.pk, fields=", ".join(differing)
            ),
            about=locked,
            actor=actor,
        )
    return partner


@contextmanager
def editing_partners(
    *,
    actor: User,
    proposal: Proposal,
    expected_version: int,
    section: str = "partners",
    by_itself: bool = False,
) -> Iterator[Proposal]:
    """`drafting.editing` for the list of partners: what no longer fits its confirmation loses it.

    A link loses its use with the address it was sent to. Raises what `editing` raises; and
    NotByItself where the page saves `by_itself` and a link or a confirmation would be lost to a
    word half typed.
    """
    with editing(
        actor=actor, proposal=proposal, expected_version=expected_version, section=section
    ) as locked:
        before = {partner.pk: partner for partner in locked.partners.all()}
        yield locked
        after = {partner.pk: partner for partner in locked.partners.all()}
        for invitation in locked.partner_invitations.current().select_for_update(of=("self",)):
            number = invitation.partner_id
            old, new = before.get(number or 0), after.get(number or 0)
            if reason := _why_void(invitation, old, new):
                if by_itself:
                    raise NotByItself(
                        _("Not saved yet: press Save. The partner then has to confirm again.")
                    )
                _void(invitation, reason, actor)


def _why_void(
    invitation: PartnerInvitation, old: Partner | None, new: Partner | None
) -> VoidReason | None:
    if old is None or new is None:
        return VoidReason.REMOVED
    if invitation.state == InvitationState.SENT:
        moved = new.contact_email.casefold() != invitation.email.casefold()
        return VoidReason.ADDRESS if moved else None
    if invitation.state != InvitationState.CONFIRMED:
        return None
    changed = [name for name in CONFIRMED_FACTS if getattr(old, name) != getattr(new, name)]
    # Where the lead writes what the partner itself confirmed, the two agree.
    agreed = all(
        name in CORRECTABLE and getattr(new, name) == getattr(invitation, name) for name in changed
    )
    return None if agreed else VoidReason.CHANGED


def _void(invitation: PartnerInvitation, reason: VoidReason, actor: User) -> None:
    before = invitation.state
    invitation.state = INVITATION_TRANSITIONS.target(before, "void")
    invitation.voided_at, invitation.void_reason = timezone.now(), reason
    invitation.save(update_fields=["state", "voided_at", "void_reason"])
    if before == InvitationState.CONFIRMED and invitation.partner_id:
        Partner.objects.filter(pk=invitation.partner_id).update(confirmed_at=None)
    record(
        PartnerInvitationVoided(
            partner=invitation.partner_id, invitation=invitation.pk, reason=reason
        ),
        about=invitation.proposal,
        actor=actor,
        from_state=before,
        to_state=invitation.state,
    )
