"""Partners confirm by a link: nobody else can, nothing is overwritten, nothing closed breaks."""

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from html import unescape
from typing import Any

import pytest
from django.conf import settings
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from applications.actions import drafting, partnering, submitting
from applications.actions.completeness import with_everything
from applications.actions.dossier_document import document_of
from applications.checks import Dossier
from applications.models import (
    InvitationState,
    Partner,
    PartnerInvitation,
    Proposal,
    VoidReason,
)
from bpf_portal.core.access import NotAllowed
from bpf_portal.core.models import Event, OutgoingEmail
from bpf_portal.core.states import WrongState
from tests import builders
from tests.applications.pages import form_data
from tests.measuring import counted

pytestmark = pytest.mark.django_db
SignIn = Callable[..., Client]
ADDRESS = "awa@example.org"


@pytest.fixture
def proposal(applicant: User) -> Proposal:
    complete = builders.build_complete_proposal(applicant)
    complete.partners.update(contact_email=ADDRESS, contact_name="Awa Ndiaye", language="en")
    return complete


@pytest.fixture
def partner(proposal: Proposal) -> Partner:
    return proposal.partners.get()


def ask(actor: User, partner: Partner) -> str:
    """Ask the partner; returns the path of the link in the mail."""
    partnering.ask_partner(actor=actor, proposal_id=partner.proposal_id, partner_id=partner.pk)
    return last_link()


def last_link() -> str:
    body = OutgoingEmail.objects.filter(recipient=ADDRESS).latest("pk").body
    (link,) = (word for word in body.split() if "/partner/" in word)
    assert link.startswith(settings.PORTAL_URL)
    return link.removeprefix(settings.PORTAL_URL.rstrip("/"))


@pytest.fixture
def link(applicant: User, partner: Partner) -> str:
    return ask(applicant, partner)


@pytest.fixture
def visitor() -> Client:
    """Somebody without an account, whose browser speaks neither language."""
    return Client(headers={"accept-language": "wo"})


ANSWER: dict[str, Any] = {
    "contribution": "We run the weather stations.",
    "contribution_amount": "30,000.00",
    "human_rights_commitment": "yes",
    "answered_by": "Awa Ndiaye",
    "answered_by_function": "Manager",
    "answer": "confirm",
}


def confirm(visitor: Client, link: str, **changes: Any) -> Any:
    return visitor.post(link, form_data(visitor.get(link), **{**ANSWER, **changes}))


def decline(visitor: Client, link: str, **changes: Any) -> Any:
    words = {"decline-reason": "Nobody asked us.", "decline-answered_by": "Awa Ndiaye"}
    return visitor.post(
        link, form_data(visitor.get(link), **{**words, **changes, "answer": "decline"})
    )


def section(proposal: Proposal) -> str:
    return reverse("proposals:section", args=[proposal.reference, "partners"])


def press(client: Client, partner: Partner, name: str, **data: Any) -> Any:
    url = reverse(f"proposals:{name}", args=[partner.proposal.reference, partner.pk])
    return client.post(url, data, follow=True)


def move_back(hours: int) -> None:
    """As if everything had been sent that many hours earlier."""
    for invitation in PartnerInvitation.objects.all():
        invitation.sent_at -= timedelta(hours=hours)
        invitation.expires_at -= timedelta(hours=hours)
        if invitation.reminded_at:
            invitation.reminded_at -= timedelta(hours=hours)
        invitation.save()


def test_it_works(
    proposal: Proposal, partner: Partner, applicant: User, visitor: Client, as_user: SignIn
) -> None:
    lead = as_user(applicant)
    assert "Ask for the confirmation" in lead.get(section(proposal)).content.decode()
    page = press(lead, partner, "ask_partner").content.decode()
    assert f"The link is on its way to {ADDRESS}." in page
    assert "no answer yet" in page
    link = last_link()
    shown = visitor.get(link)
    for text in (
        proposal.title,
        proposal.summary,
        proposal.organisation.legal_name,
        partner.legal_name,
        "Local partner",
    ):
        assert text in unescape(shown.content.decode())
    response = confirm(visitor, link)
    assert response.status_code == 302
    assert "Thank you" in visitor.get(response.url).content.decode()
    invitation = PartnerInvitation.objects.get()
    partner.refresh_from_db()
    assert partner.confirmed_at == invitation.confirmed_at is not None
    assert invitation.contribution_amount == Decimal("30000.00")
    assert invitation.human_rights_commitment is True
    event = Event.objects.get(name="PartnerConfirmed")
    assert event.actor is None
    assert event.details["person"] == "Awa Ndiaye"
    page = lead.get(section(proposal)).content.decode()
    for text in ("By Awa Ndiaye, Manager", "EUR\u00a030,000.00", "We run the weather stations."):
        assert text in page
    assert OutgoingEmail.objects.filter(recipient=applicant.email, subject__contains="answered")


def test_the_confirmation_is_in_the_frozen_document(
    proposal: Proposal, link: str, visitor: Client
) -> None:
    assert confirm(visitor, link).status_code == 302
    document = document_of(with_everything(proposal.pk), submitted_at=None)
    assert document["partners"][0]["confirmed_at"][-6:] in ("+01:00", "+02:00")
    submitted = {**document, "submitted_at": "2026-11-23T16:20:00+01:00"}
    assert Dossier.from_document(submitted).partners[0].confirmed_at is not None


# --- the link -----------------------------------------------------------------------------------
def test_the_token_is_nowhere_but_in_the_mail(link: str) -> None:
    token = link.strip("/").rsplit("/", 1)[1]
    row = PartnerInvitation.objects.values().get()
    assert len(token) >= 43
    assert all(token not in str(value) for value in row.values())


@pytest.mark.parametrize("token", ["wrong", "a" * 43, "A-_" * 2000])
def test_a_wrong_token_finds_nothing(token: str, link: str, visitor: Client) -> None:
    for url in (
        reverse("partner:confirm", args=[token]),
        reverse("partner:answered", args=[token]),
    ):
        assert visitor.get(url).status_code == 404
    assert visitor.post(reverse("partner:confirm", args=[token]), ANSWER).status_code == 404


def test_the_page_goes_to_no_cache_and_no_search_engine(link: str, visitor: Client) -> None:
    response = visitor.get(link)
    assert "no-store" in response["Cache-Control"]
    assert "noindex" in response["X-Robots-Tag"]
    assert response["Referrer-Policy"] == "same-origin"


def test_the_link_opens_nothing_else(proposal: Proposal, link: str, visitor: Client) -> None:
    visitor.get(link)
    for url in (section(proposal), reverse("proposals:detail", args=[proposal.reference])):
        assert visitor.get(url)["Location"].startswith("/accounts/login/")


@pytest.mark.parametrize("language", ["fr", "en"])
def test_the_lead_chooses_the_language(
    language: str, partner: Partner, applicant: User, visitor: Client
) -> None:
    Partner.objects.filter(pk=partner.pk).update(language=language)
    link = ask(applicant, partner)
    page = visitor.get(link)
    assert f'<html lang="{language}">' in page.content.decode()
    assert page["Content-Language"] == language
    visitor.cookies[settings.LANGUAGE_COOKIE_NAME] = other = "en" if language == "fr" else "fr"
    assert f'<html lang="{other}">' in visitor.get(link).content.decode()


@pytest.mark.parametrize("why", ["expired", "handed_in", "withdrawn", "replaced", "removed"])
def test_a_closed_link_says_why(
    why: str,
    proposal: Proposal,
    partner: Partner,
    applicant: User,
    link: str,
    visitor: Client,
    as_user: SignIn,
) -> None:
    data = form_data(visitor.get(link), **ANSWER)
    if why == "expired":
        move_back(31 * 24)
    elif why == "handed_in":
        submitting.submit(actor=applicant, proposal_id=proposal.pk)
    elif why == "withdrawn":
        drafting.withdraw_proposal(actor=applicant, proposal_id=proposal.pk, reason="No money")
    elif why == "replaced":
        assert ask(applicant, partner) != link
    else:
        client = as_user(applicant)
        page = client.get(section(proposal))
        client.post(section(proposal), form_data(page, **{"partners-0-remove": "on"}))
    status, text = {
        "expired": (410, "This link has expired"),
        "handed_in": (409, "The proposal was handed in"),
        "withdrawn": (410, "The proposal was withdrawn"),
        "replaced": (410, "There is a newer link"),
        "removed": (410, "no longer named as a partner"),
    }[why]
    for response in (visitor.get(link), visitor.post(link, data)):
        assert response.status_code == status
        assert text in response.content.decode()
    assert not PartnerInvitation.objects.exclude(confirmed_at=None).exists()


def test_a_second_answer_is_refused(link: str, visitor: Client) -> None:
    data = form_data(visitor.get(link), **ANSWER)
    assert visitor.post(link, data).status_code == 302
    again = visitor.post(link, {**data, "answered_by": ["Somebody else"]})
    assert again.status_code == 410
    assert "You have answered already" in again.content.decode()
    assert PartnerInvitation.objects.get().answered_by == "Awa Ndiaye"


def test_reading_the_page_costs_little(link: str, visitor: Client) -> None:
    assert counted(visitor, link).queries <= 6


# --- what the partner writes --------------------------------------------------------------------
@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("legal_name", ""),
        ("legal_name", "x" * 201),
        ("legal_name", "Null\x00byte"),
        ("registered_on", "31/02/2020"),
        ("registered_on", (date.today() + timedelta(days=2)).isoformat()),  # noqa: DTZ011
        ("contribution", " "),
        ("contribution", "é" * 100_000),
        ("contribution_amount", ""),
        ("contribution_amount", "-5"),
        ("contribution_amount", "1.234"),
        ("contribution_amount", "9" * 25),
        ("human_rights_commitment", ""),
        ("human_rights_commitment", "perhaps"),
        ("answered_by", ""),
        ("answered_by_function", ""),
    ],
)
def test_what_is_missing_or_wrong_is_said_and_the_rest_stays(
    field: str, value: str, partner: Partner, link: str, visitor: Client
) -> None:
    response = confirm(visitor, link, **{"contribution": "Kept text", field: value})
    page = response.content.decode()
    assert response.status_code == 422
    assert "Please correct the following" in page
    if field != "contribution":
        assert "Kept text" in page
    partner.refresh_from_db()
    assert partner.confirmed_at is None


@pytest.mark.parametrize("text", ["مرحبا بكم", "🌱 فريق", "<b>bold</b>", "{{ x }} %(y)s"])
def test_any_writing_is_kept_as_it_is(text: str, link: str, visitor: Client) -> None:
    assert confirm(visitor, link, contribution=text, answered_by=text).status_code == 302
    assert PartnerInvitation.objects.get().contribution == text


def test_a_commitment_can_be_refused_and_the_lead_sees_it(
    proposal: Proposal, applicant: User, link: str, visitor: Client, as_user: SignIn
) -> None:
    assert confirm(visitor, link, human_rights_commitment="no").status_code == 302
    assert PartnerInvitation.objects.get().human_rights_commitment is False
    page = as_user(applicant).get(section(proposal)).content.decode()
    assert "Commitment on human rights</dt><dd>refused" in page


def test_declining_needs_a_reason_and_the_lead_reads_it(
    proposal: Proposal,
    partner: Partner,
    applicant: User,
    link: str,
    visitor: Client,
    as_user: SignIn,
) -> None:
    missing = decline(visitor, link, **{"decline-reason": ""})
    assert missing.status_code == 422
    assert '<details class="panel panel-quiet mt-4" open>' in missing.content.decode()
    assert decline(visitor, link).status_code == 302
    partner.refresh_from_db()
    assert partner.confirmed_at is None
    page = as_user(applicant).get(section(proposal)).content.decode()
    assert "Nobody asked us." in page
    assert "Ask again" in page
    assert ask(applicant, partner) != link


def test_what_changed_while_the_partner_read_is_shown_before_it_is_confirmed(
    partner: Partner, link: str, visitor: Client
) -> None:
    data = form_data(visitor.get(link), **ANSWER)
    Partner.objects.filter(pk=partner.pk).update(legal_name="Another name")
    response = visitor.post(link, data)
    assert response.status_code == 409
    assert "Another name" in response.content.decode()
    assert ANSWER["contribution"] in response.content.decode()
    assert visitor.post(link, form_data(response, answer="confirm")).status_code == 302


# --- corrections --------------------------------------------------------------------------------
def test_a_correction_waits_for_the_lead(
    proposal: Proposal,
    partner: Partner,
    applicant: User,
    link: str,
    visitor: Client,
    as_user: SignIn,
) -> None:
    before = partner.legal_name
    corrected = {"legal_name": "Coopérative de Thiès SCOOPS", "registered_on": "2016-01-02"}
    assert confirm(visitor, link, **corrected).status_code == 302
    partner.refresh_from_db()
    assert partner.legal_name == before
    lead = as_user(applicant)
    page = lead.get(section(proposal))
    for text in ("What the partner wrote differently", before, corrected["legal_name"]):
        assert text in page.content.decode()
    facts = form_data(page)["facts"][0]
    assert (
        "changed in the meantime"
        in press(lead, partner, "take_partner_corrections").content.decode()
    )
    taken = press(lead, partner, "take_partner_corrections", facts=facts).content.decode()
    assert "What the partner wrote differently" not in taken
    partner.refresh_from_db()
    assert partner.legal_name == corrected["legal_name"]
    assert partner.registered_on == date(2016, 1, 2)
    assert partner.confirmed_at is not None
    assert Event.objects.get(name="PartnerCorrectionsTaken").actor == applicant
    press(lead, partner, "take_partner_corrections", facts=facts)
    assert Event.objects.filter(name="PartnerCorrectionsTaken").count() == 1


@pytest.mark.parametrize(
    ("field", "value", "falls"),
    [
        ("legal_name", "Quite another company", True),
        ("registration_number", "SN-OTHER", True),
        ("country", "ML", True),
        ("country", "", True),
        ("role", "associated", True),
        ("contact_name", "Somebody else", False),
        ("contact_email", "other@example.org", False),
        ("legal_name", "As the partner wrote it", False),
    ],
)
def test_a_confirmation_falls_away_with_what_it_confirmed(
    field: str,
    value: str,
    falls: bool,
    proposal: Proposal,
    partner: Partner,
    applicant: User,
    link: str,
    visitor: Client,
    as_user: SignIn,
) -> None:
    assert confirm(visitor, link, legal_name="As the partner wrote it").status_code == 302
    lead = as_user(applicant)
    data = form_data(lead.get(section(proposal)), **{f"partners-0-{field}": value})
    assert lead.post(section(proposal), data).status_code == 302
    partner.refresh_from_db()
    assert (partner.confirmed_at is None) is falls
    page = lead.get(section(proposal)).content.decode()
    assert ("therefore no longer counts" in page) is falls
    if falls:
        assert PartnerInvitation.objects.get().void_reason == VoidReason.CHANGED
        assert Event.objects.get(name="PartnerInvitationVoided").actor == applicant
        assert visitor.get(link).status_code == 410
        assert visitor.get(f"{link}answered/").status_code == 404
        ask(applicant, partner)


def test_a_link_to_a_wrong_address_dies_with_it(
    proposal: Proposal, applicant: User, link: str, visitor: Client, as_user: SignIn
) -> None:
    lead = as_user(applicant)
    changes = {"partners-0-contact_email": "right@example.org"}
    lead.post(section(proposal), form_data(lead.get(section(proposal)), **changes))
    assert visitor.get(link).status_code == 410
    assert "The e-mail address was changed" in lead.get(section(proposal)).content.decode()


# --- asking and reminding -----------------------------------------------------------------------
def test_a_partner_is_reminded_once_a_day_with_the_same_link(
    partner: Partner, applicant: User, link: str, as_user: SignIn
) -> None:
    lead = as_user(applicant)
    assert "can be reminded once a day" in press(lead, partner, "remind_partner").content.decode()
    move_back(25)
    page = press(lead, partner, "remind_partner").content.decode()
    assert "A reminder is on its way" in page
    assert "You can send a reminder from" in page
    assert last_link() == link
    assert OutgoingEmail.objects.filter(subject__startswith="Reminder").count() == 1
    press(lead, partner, "remind_partner")
    assert OutgoingEmail.objects.filter(subject__startswith="Reminder").count() == 1


def test_nobody_is_flooded_with_links(partner: Partner, applicant: User) -> None:
    for _ in range(3):
        ask(applicant, partner)
    with pytest.raises(partnering.NotNow):
        ask(applicant, partner)
    move_back(25)
    ask(applicant, partner)


def test_without_an_address_or_a_title_nobody_is_asked(partner: Partner, applicant: User) -> None:
    Partner.objects.filter(pk=partner.pk).update(contact_email="")
    with pytest.raises(partnering.NotNow):
        ask(applicant, partner)
    Partner.objects.filter(pk=partner.pk).update(contact_email=ADDRESS)
    Proposal.objects.filter(pk=partner.proposal_id).update(title="")
    with pytest.raises(partnering.NotNow):
        ask(applicant, partner)
    assert not OutgoingEmail.objects.filter(recipient=ADDRESS).exists()


def test_who_confirmed_is_neither_asked_nor_reminded(
    partner: Partner, applicant: User, link: str, visitor: Client
) -> None:
    confirm(visitor, link)
    for action in (partnering.ask_partner, partnering.remind_partner):
        with pytest.raises(WrongState):
            action(actor=applicant, proposal_id=partner.proposal_id, partner_id=partner.pk)


def test_readers_and_strangers_cannot_ask(
    proposal: Proposal, partner: Partner, stranger: User, as_user: SignIn
) -> None:
    reader = builders.build_user("applicant")
    proposal.organisation.memberships.create(user=reader, role="viewer")
    with pytest.raises(NotAllowed):
        ask(reader, partner)
    assert press(as_user(reader), partner, "ask_partner").status_code == 403
    assert "Ask for the confirmation" not in as_user(reader).get(section(proposal)).content.decode()
    assert press(as_user(stranger), partner, "ask_partner").status_code == 404
    with pytest.raises(Proposal.DoesNotExist):
        ask(stranger, partner)
    assert not PartnerInvitation.objects.visible_to(stranger).exists()


def test_the_partner_of_another_proposal_is_not_asked_through_ours(
    proposal: Proposal, stranger: User, applicant: User, as_user: SignIn
) -> None:
    theirs = builders.build_complete_proposal(stranger, proposal.call).partners.get()
    url = reverse("proposals:ask_partner", args=[proposal.reference, theirs.pk])
    assert as_user(applicant).post(url).status_code == 404


def test_after_handing_in_the_buttons_change_nothing(
    proposal: Proposal, partner: Partner, applicant: User, as_user: SignIn
) -> None:
    submitting.submit(actor=applicant, proposal_id=proposal.pk)
    assert press(as_user(applicant), partner, "ask_partner").status_code == 409
    assert not PartnerInvitation.objects.exists()


def test_the_page_of_partners_costs_the_same_for_many(
    proposal: Proposal, applicant: User, as_user: SignIn
) -> None:
    lead, costs = as_user(applicant), []
    for many in (3, 30):
        proposal.partners.all().delete()
        PartnerInvitation.objects.all().delete()
        for number in range(many):
            partner = Partner.objects.create(
                proposal=proposal, legal_name=f"P{number}", contact_email=f"p{number}@example.org"
            )
            partnering.ask_partner(actor=applicant, proposal_id=proposal.pk, partner_id=partner.pk)
        costs.append(counted(lead, section(proposal)).queries)
    assert costs[0] == costs[1] <= 12


# --- the database knows -------------------------------------------------------------------------
@pytest.mark.parametrize(
    "changes",
    [
        {"state": "confirmed"},
        {"state": "declined", "declined_at": timezone.now()},
        {"state": "void", "voided_at": timezone.now()},
        {"confirmed_at": timezone.now()},
        {"contribution_amount": Decimal("-0.01")},
        {"state": "answered"},
    ],
)
def test_the_database_refuses_half_an_answer(changes: dict[str, Any], link: str) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        PartnerInvitation.objects.update(**changes)


def test_a_partner_has_one_request_at_a_time(link: str) -> None:
    row = PartnerInvitation.objects.get()
    row.pk, row.token_sha256 = None, "0" * 64
    with pytest.raises(IntegrityError), transaction.atomic():
        row.save(force_insert=True)
    assert PartnerInvitation.objects.get().state == InvitationState.SENT
