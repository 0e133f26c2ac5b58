"""Where each partner of a draft stands with its confirmation, as the lead sees it."""

from dataclasses import dataclass, field
from datetime import date, datetime

from django.db.models import Prefetch
from django.utils import formats, timezone
from django.utils.translation import gettext_lazy as _

from applications.actions.partner_link import facts_shown
from applications.actions.partnering import corrections, may_remind_from
from applications.models import (
    InvitationState,
    Partner,
    PartnerInvitation,
    Proposal,
    VoidReason,
)
from bpf_portal.core.access import Text

LABELS: dict[str, Text] = {
    "legal_name": _("Legal name"),
    "registration_number": _("Registration number"),
    "registered_on": _("Date of registration"),
}
#: What stands on the badge, and its colour.
BADGES: dict[str, tuple[Text, str]] = {
    "no_address": (_("no e-mail address"), "neutral"),
    "not_asked": (_("not asked yet"), "neutral"),
    "waiting": (_("no answer yet"), "waiting"),
    "expired": (_("link expired"), "attention"),
    "confirmed": (_("confirmed"), "done"),
    "declined": (_("declined"), "refused"),
    "ask_again": (_("ask again"), "attention"),
}


@dataclass(frozen=True)
class Correction:
    """A field that the partner wrote differently."""

    label: Text
    lead: str
    partner: str


@dataclass(frozen=True)
class PartnerStanding:
    """One partner: `state` is a key of BADGES, `invitation` the last request if there is one."""

    partner: Partner
    state: str
    facts: str
    invitation: PartnerInvitation | None = None
    corrections: list[Correction] = field(default_factory=list)

    @property
    def label(self) -> Text:
        return BADGES[self.state][0]

    @property
    def tone(self) -> str:
        return BADGES[self.state][1]

    @property
    def remind_from(self) -> datetime | None:
        """From when a reminder may leave; None where there is nothing to remind of."""
        if self.invitation is None or self.state != "waiting":
            return None
        return may_remind_from(self.invitation)

    @property
    def may_remind(self) -> bool:
        return self.remind_from is not None and self.remind_from <= timezone.now()

    @property
    def may_ask(self) -> bool:
        return self.state in ("not_asked", "expired", "declined", "ask_again", "waiting")

    @property
    def why_again(self) -> Text:
        """Why an earlier request or confirmation no longer counts."""
        if self.invitation is None or self.state != "ask_again":
            return ""
        if self.invitation.void_reason == VoidReason.CHANGED:
            return _(
                "The name, number, country or role was changed after the confirmation, which"
                " therefore no longer counts."
            )
        return _("The e-mail address was changed; the link sent to the old one no longer works.")


def standings(proposal: Proposal) -> list[PartnerStanding]:
    """All partners in the order of their section, with the last request to each. Two queries."""
    last = PartnerInvitation.objects.order_by("partner_id", "-pk").distinct("partner_id")
    partners = proposal.partners.prefetch_related(
        Prefetch("invitations", queryset=last, to_attr="last_invitation")
    )
    return [_standing(partner, proposal) for partner in partners]


def _standing(partner: Partner, proposal: Proposal) -> PartnerStanding:
    found: list[PartnerInvitation] = partner.last_invitation  # type: ignore[attr-defined]
    invitation = found[0] if found else None
    state = _state(partner, invitation)
    differing = {}
    if invitation is not None and state == "confirmed":
        differing = corrections(invitation, partner)
    return PartnerStanding(
        partner,
        state,
        facts_shown(partner, proposal),
        invitation,
        [Correction(LABELS[name], _text(a), _text(b)) for name, (a, b) in differing.items()],
    )


def _state(partner: Partner, invitation: PartnerInvitation | None) -> str:
    if invitation is not None and invitation.state == InvitationState.CONFIRMED:
        return "confirmed"
    if not partner.contact_email:
        return "no_address"
    if invitation is None:
        return "not_asked"
    if invitation.state == InvitationState.VOID:
        return "ask_again"
    if invitation.state == InvitationState.DECLINED:
        return "declined"
    return "expired" if invitation.is_expired else "waiting"


def _text(value: object) -> str:
    if isinstance(value, date):
        return formats.date_format(value, "j F Y")
    return str(value or "–")
