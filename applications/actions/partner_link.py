"""The link a partner gets: its secret, what stands behind it, and whether it can be answered."""

import base64
import hashlib

from django.utils.crypto import salted_hmac

from applications.actions.open_sections import is_open
from applications.models import (
    InvitationState,
    Partner,
    PartnerInvitation,
    Proposal,
    ProposalState,
    VoidReason,
)

#: What the partner confirms of itself; when the lead changes it, the confirmation falls away.
CONFIRMED_FACTS = ("legal_name", "registration_number", "country_id", "role")


def token_of(invitation: PartnerInvitation) -> str:
    """The link's secret. The portal's key makes it again, so that a reminder repeats the link."""
    key = salted_hmac("applications.partner", invitation.seed, algorithm="sha256")
    return base64.urlsafe_b64encode(key.digest()).rstrip(b"=").decode()


def invitation_of(token: str) -> PartnerInvitation:
    """The invitation behind a link, with all that its page shows. Raises DoesNotExist."""
    return PartnerInvitation.objects.select_related(
        "partner__country", "proposal__call", "proposal__organisation"
    ).get(token_sha256=sha256_of(token))


def why_closed(invitation: PartnerInvitation) -> str:
    """Why the link cannot be answered; empty while it can."""
    proposal = invitation.proposal
    reasons = (
        (invitation.state in ("confirmed", "declined"), "answered"),
        (invitation.partner_id is None, "removed"),
        (proposal.state == ProposalState.WITHDRAWN, "withdrawn"),
        (
            invitation.state == InvitationState.VOID,
            "replaced" if invitation.void_reason == VoidReason.REPLACED else "changed",
        ),
        (not is_open(proposal, "partners"), "handed_in"),
        (invitation.is_expired, "expired"),
    )
    return next((why for closed, why in reasons if closed), "")


def facts_shown(partner: Partner, proposal: Proposal) -> str:
    """A fingerprint of what somebody decides on: the partner as written, the project's text."""
    facts = [str(getattr(partner, name) or "") for name in (*CONFIRMED_FACTS, "registered_on")]
    return sha256_of("\x1f".join([*facts, proposal.title, proposal.summary]))[:32]


def sha256_of(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
