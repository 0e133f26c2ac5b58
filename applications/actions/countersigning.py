"""Before the contract the local partners countersign the clause, by a link and without an account.

The partner acts without an actor: the event tells the name that was given.
"""

import base64
import secrets
from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from applications.access import may_ask_countersignature
from applications.actions.fresh_checks import check_as_of_today
from applications.actions.partner_link import sha256_of
from applications.events import ClauseCountersigned, CountersignatureAsked, CountersignatureRefused
from applications.models import (
    COUNTERSIGNATURE_TRANSITIONS,
    ClauseAcceptance,
    ClauseVersion,
    Countersignature,
    CountersignatureState,
    Moment,
    Partner,
    PartnerRole,
    Proposal,
    Submission,
)
from bpf_portal.core import mail
from bpf_portal.core.access import Text, require
from bpf_portal.core.events import record
from bpf_portal.core.texts import in_language

VALID_FOR = timedelta(days=60)
ASK_AGAIN_AFTER = timedelta(days=1)


class CannotAsk(Exception):
    """Why nobody was asked, in words; `message`. Nothing was written."""

    def __init__(self, message: Text) -> None:
        super().__init__(str(message))
        self.message = message


class LinkClosed(Exception):
    """The link is known and can no longer be answered; `why`: answered, replaced or expired."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


# --- LuxDev asks --------------------------------------------------------------------------------
@transaction.atomic
def ask_countersignatures(*, actor: User, submission_id: int) -> list[Countersignature]:
    """Send a link, in its language, to every local partner that has not signed the lead's clause.

    An older link stops working. Raises NotAllowed, CannotAsk or Submission.DoesNotExist.
    """
    require(may_ask_countersignature(actor))
    submission = Submission.objects.visible_to(actor).only("pk", "proposal").get(pk=submission_id)
    proposal = _locked(submission.proposal_id)
    accepted = ClauseAcceptance.objects.filter(proposal=proposal).select_related("clause").first()
    if accepted is None or not accepted.accepted:
        raise CannotAsk(_("The company itself has not accepted the clause yet."))
    partners = list(proposal.partners.filter(role=PartnerRole.LOCAL))
    if without := [each.legal_name for each in partners if not each.contact_email]:
        text = gettext("There is no e-mail address of %(partners)s.")
        raise CannotAsk(text % {"partners": ", ".join(without)})
    sent = [
        asked
        for partner in partners
        if (asked := _ask(partner, proposal, accepted, actor)) is not None
    ]
    if not sent:
        raise CannotAsk(_("All local partners have signed, or were asked within the last day."))
    return sent


def _ask(
    partner: Partner, proposal: Proposal, accepted: ClauseAcceptance, actor: User
) -> Countersignature | None:
    now = timezone.now()
    before = partner.countersignatures.current().select_for_update(of=("self",)).first()
    if before is not None:
        same = before.clause.version == accepted.clause.version
        if same and before.state == CountersignatureState.SIGNED:
            return None
        if (
            same
            and before.state == CountersignatureState.SENT
            and (now < before.sent_at + ASK_AGAIN_AFTER)
        ):
            return None
        before.state = COUNTERSIGNATURE_TRANSITIONS.target(before.state, "void")
        before.save(update_fields=["state"])
    asked = Countersignature(
        proposal=proposal,
        partner=partner,
        clause=_in_its_language(accepted.clause, partner.language),
        email=partner.contact_email,
        seed=secrets.token_hex(32),
        sent_at=now,
        sent_by=actor,
        expires_at=now + VALID_FOR,
    )
    asked.token_sha256 = sha256_of(token_of(asked))
    asked.save()
    _write(asked, proposal, partner)
    record(
        CountersignatureAsked(partner=partner.pk, email=asked.email, clause=str(asked.clause)),
        about=proposal,
        actor=actor,
        to_state=asked.state,
    )
    return asked


def _in_its_language(clause: ClauseVersion, language: str) -> ClauseVersion:
    """The lead's version in the partner's language; the lead's own text where there is none."""
    other = ClauseVersion.objects.filter(version=clause.version, language=language).first()
    return other or clause


def token_of(asked: Countersignature) -> str:
    """The link's secret: the portal's key makes it again."""
    key = salted_hmac("applications.countersignature", asked.seed, algorithm="sha256")
    return base64.urlsafe_b64encode(key.digest()).rstrip(b"=").decode()


def _write(asked: Countersignature, proposal: Proposal, partner: Partner) -> None:
    context = {
        "lead": proposal.organisation.legal_name,
        "title": proposal.title,
        "link": _address("partner:countersign", token_of(asked)),
        "expires_at": asked.expires_at,
    }
    with in_language(partner.language):
        subject = render_to_string("partner/countersign_subject.txt", context)
        body = render_to_string("partner/countersign_body.txt", context)
    mail.send(to=asked.email, subject=subject, body=body)


def _address(name: str, *args: object) -> str:
    return f"{settings.PORTAL_URL.rstrip('/')}{reverse(name, args=args)}"


def _locked(proposal_id: int) -> Proposal:
    rows = Proposal.objects.select_for_update(of=("self",)).select_related("organisation")
    return rows.get(pk=proposal_id)


# --- the partner answers ------------------------------------------------------------------------
def countersignature_of(token: str) -> Countersignature:
    """What stands behind a link, with all that its page shows. Raises DoesNotExist."""
    rows = Countersignature.objects.select_related("partner", "clause", "proposal__organisation")
    return rows.get(token_sha256=sha256_of(token))


def why_closed(asked: Countersignature) -> str:
    """Why the link cannot be answered; empty while it can."""
    if asked.state in (CountersignatureState.SIGNED, CountersignatureState.REFUSED):
        return "answered"
    if asked.state == CountersignatureState.VOID:
        return "replaced"
    return "expired" if asked.is_expired else ""


@transaction.atomic
def sign_clause(*, token: str, signatory: str, function: str) -> Countersignature:
    """The partner countersigns the text that its page shows. Once the last local partner has, the
    rules are checked again. Raises LinkClosed or Countersignature.DoesNotExist."""
    asked = _for_answer(token)
    _answer(asked, "sign", signatory, function)
    record(
        ClauseCountersigned(
            partner=asked.partner_id,
            person=signatory,
            function=function,
            clause=str(asked.clause),
            sha256=asked.clause.sha256,
        ),
        about=asked.proposal,
        actor=None,
        from_state=CountersignatureState.SENT,
        to_state=asked.state,
    )
    if _is_whole(asked.proposal, asked.clause.version):
        accepted = ClauseAcceptance.objects.filter(
            proposal=asked.proposal, clause__version=asked.clause.version, accepted=True
        )
        if accepted.update(partner_countersigned=True):
            filed = asked.proposal.submissions.select_related("call__rule_set").latest("pk")
            check_as_of_today(filed, Moment.CONTRACT, None)
    _tell_sender(asked)
    return asked


@transaction.atomic
def refuse_clause(*, token: str, signatory: str, function: str, reason: str) -> Countersignature:
    """The partner does not sign, and says why. Raises what `sign_clause` raises."""
    asked = _for_answer(token)
    asked.reason = reason
    _answer(asked, "refuse", signatory, function)
    record(
        CountersignatureRefused(partner=asked.partner_id, person=signatory, reason=reason),
        about=asked.proposal,
        actor=None,
        from_state=CountersignatureState.SENT,
        to_state=asked.state,
    )
    _tell_sender(asked)
    return asked


def _for_answer(token: str) -> Countersignature:
    known = Countersignature.objects.only("proposal_id").get(token_sha256=sha256_of(token))
    _locked(known.proposal_id)
    asked = (
        Countersignature.objects.select_for_update(of=("self",))
        .select_related("partner", "clause", "proposal__organisation", "sent_by")
        .get(pk=known.pk)
    )
    if why := why_closed(asked):
        raise LinkClosed(why)
    return asked


def _answer(asked: Countersignature, action: str, signatory: str, function: str) -> None:
    asked.state = COUNTERSIGNATURE_TRANSITIONS.target(asked.state, action)
    asked.answered_at = timezone.now()
    asked.signatory, asked.function = signatory, function
    asked.save()


def _is_whole(proposal: Proposal, version: str) -> bool:
    """Whether every local partner has signed this version."""
    local = set(proposal.partners.filter(role=PartnerRole.LOCAL).values_list("pk", flat=True))
    signed = proposal.countersignatures.filter(
        state=CountersignatureState.SIGNED, clause__version=version
    ).values_list("partner_id", flat=True)
    return bool(local) and local <= set(signed)


def _tell_sender(asked: Countersignature) -> None:
    officer = asked.sent_by
    if not officer.is_active:
        return
    filed = asked.proposal.submissions.order_by("-pk").only("pk").first()
    context = {
        "partner": asked.partner.legal_name,
        "reference": asked.proposal.reference,
        "signed": asked.state == CountersignatureState.SIGNED,
        "link": _address("admin:applications_submission_change", filed.pk) if filed else "",
    }
    with in_language(officer.language):
        subject = render_to_string("partner/countersigned_subject.txt", context)
        body = render_to_string("partner/countersigned_body.txt", context)
    mail.send(to=officer.email, subject=subject, body=body)
