"""The human-rights clause: the company's answer, and asking for it."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from applications.access import may_answer_clause, may_write
from applications.actions.drafting import editing
from applications.actions.open_sections import require_open
from applications.events import ClauseAnswered, SignatureAsked
from applications.models import SIGNING_ROLES, ClauseAcceptance, ClauseVersion, Proposal
from bpf_portal.core import mail
from bpf_portal.core.access import Text, require
from bpf_portal.core.events import record
from bpf_portal.core.models import Event
from bpf_portal.core.texts import in_language

#: The section that it belongs to.
SECTION = "due_diligence"
#: One mail a day to those who sign, whoever of their colleagues presses the button.
ASK_AGAIN_AFTER = timedelta(days=1)


class CannotAsk(Exception):
    """Why nobody was asked to sign, in words for the person who tried. Nothing was written."""

    message: Text = ""


class AskedAlready(CannotAsk):
    message = _("They were asked already today. You can ask again tomorrow.")


class NobodyElseSigns(CannotAsk):
    message = _(
        "Nobody else of your company may sign in the portal. An owner can invite a legal"
        " representative."
    )


def answer_clause(
    *,
    actor: User,
    proposal: Proposal,
    expected_version: int,
    clause: ClauseVersion,
    accepted: bool,
    signatory: str,
    function: str,
    legal_representative: bool,
) -> ClauseAcceptance:
    """Store who accepted or refused which text, when, with the SHA-256 of that text.

    A later answer replaces the earlier one, which stays in the history. From the hand-in on the
    database refuses any other, but for a correction of the due diligence. Raises NotAllowed,
    WrongState or ChangedElsewhere.
    """
    with editing(
        actor=actor, proposal=proposal, expected_version=expected_version, section=SECTION
    ) as locked:
        require(may_answer_clause(actor, locked))
        answer, _created = ClauseAcceptance.objects.update_or_create(
            proposal=locked,
            defaults={
                "clause": clause,
                "sha256": clause.sha256,
                "accepted": accepted,
                "signatory": signatory,
                "function": function,
                "legal_representative": legal_representative,
                "accepted_at": timezone.now(),
                "accepted_by": actor,
                "partner_countersigned": False,
            },
        )
        record(
            ClauseAnswered(
                clause=clause.version,
                sha256=clause.sha256,
                accepted=accepted,
                signatory=signatory,
            ),
            about=locked,
            actor=actor,
        )
    return answer


@transaction.atomic
def ask_for_signature(*, actor: User, proposal_id: int) -> list[User]:
    """Write to those of the company who may sign, each in their language; returns them.

    Raises AskedAlready (within a day), NobodyElseSigns, NotAllowed, WrongState.
    """
    proposal = (
        Proposal.objects.visible_to(actor)
        .select_for_update(of=("self",))
        .select_related("organisation")
        .get(pk=proposal_id)
    )
    require(may_write(actor, proposal))
    require_open(proposal, SECTION)
    asked_at = last_asked(proposal)
    if asked_at is not None and asked_at > timezone.now() - ASK_AGAIN_AFTER:
        raise AskedAlready
    signatories = _signatories(proposal, but=actor)
    if not signatories:
        raise NobodyElseSigns
    for each in signatories:
        _write_to(each, proposal, actor)
    record(SignatureAsked(people=[each.pk for each in signatories]), about=proposal, actor=actor)
    return signatories


def last_asked(proposal: Proposal) -> datetime | None:
    """When those who sign were last written to; None: never."""
    asked = Event.objects.filter(
        aggregate=SignatureAsked.aggregate,
        aggregate_id=proposal.pk,
        name=SignatureAsked.__name__,
    )
    return asked.order_by("-id").values_list("at", flat=True).first()


def _signatories(proposal: Proposal, *, but: User) -> list[User]:
    people = User.objects.filter(
        is_active=True,
        memberships__organisation=proposal.organisation_id,
        memberships__role__in=SIGNING_ROLES,
    )
    return list(people.exclude(pk=but.pk).order_by("pk"))


def _write_to(signatory: User, proposal: Proposal, asker: User) -> None:
    context = {
        "person": str(asker),
        "company": proposal.organisation.legal_name,
        "title": proposal.title,
        "reference": proposal.reference,
        "link": settings.PORTAL_URL.rstrip("/")
        + reverse("proposals:clause", args=[proposal.reference]),
    }
    with in_language(signatory.language):
        mail.send(
            to=signatory.email,
            subject=render_to_string("proposals/clause_mail_subject.txt", context),
            body=render_to_string("proposals/clause_mail_body.txt", context),
            about=proposal,
        )
