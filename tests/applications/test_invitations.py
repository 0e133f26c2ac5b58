"""Somebody is invited: a link of their own, for them only, once, for fourteen days."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.core import mail
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from applications.actions import membership as actions
from applications.models import (
    Invitation,
    Organisation,
    token_digest,
)
from bpf_portal.core.models import Event, OutgoingEmail
from tests import builders
from tests.applications.pages import form_data
from tests.applications.people_steps import (
    SignIn,
    at_once,
    invite,
    link_in,
    people_url,
    roles,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def company(applicant: User) -> Organisation:
    return builders.build_organisation(applicant, legal_name="Menuiserie Muller S.à r.l.")


def test_it_works(
    applicant: User, company: Organisation, as_user: SignIn, do_jobs: Callable[[], int]
) -> None:
    client = as_user(applicant)
    page = client.get(people_url(company))
    sent = client.post(
        people_url(company),
        form_data(page, email="Marc@Firm.example", role="editor", language="en"),
    )
    assert sent.status_code == 302
    do_jobs()
    (message,) = mail.outbox
    assert message.to == ["marc@firm.example"]
    assert company.legal_name in str(message.body)
    link = link_in(str(message.body))
    token = link.rstrip("/").rsplit("/", 1)[1]
    invitation = Invitation.objects.get()
    assert invitation.token_sha256 == token_digest(token)
    assert token not in str(Invitation.objects.values().get())

    marc = builders.build_user(email="marc@firm.example")
    guest = as_user(marc)
    shown = guest.get(link).content.decode()
    assert company.legal_name in shown
    assert str(applicant) in shown
    assert not company.memberships.filter(user=marc).exists()
    assert guest.post(link).status_code == 302
    assert roles(company)["marc@firm.example"] == "editor"
    assert Event.objects.filter(name="InvitationAccepted", aggregate_id=company.pk).exists()
    listed = guest.get(people_url(company)).content.decode()
    assert "marc@firm.example" in listed
    assert "Send the invitation" not in listed


def test_the_mail_speaks_the_chosen_language(company: Organisation) -> None:
    """Not that of the inviter: the day is written in French, whatever the texts are."""
    invite(company, "yvette@firm.example", language="fr")
    until = timezone.localtime(Invitation.objects.get().expires_at)
    months = "janvier février mars avril mai juin juillet août septembre octobre novembre décembre"
    assert f"{months.split()[until.month - 1]} {until.year}" in OutgoingEmail.objects.get().body


def test_an_invitation_leads_a_new_person_through_signing_up(company: Organisation) -> None:
    link = invite(company, "new@firm.example")
    visitor = Client(headers={"accept-language": "en"})
    page = visitor.get(link).content.decode()
    assert company.legal_name not in page
    found = re.search(r'href="(/accounts/signup/\?next=[^"]+)"', page)
    assert found
    form = visitor.get(found[1])
    visitor.post(
        "/accounts/signup/",
        form_data(form, email="new@firm.example", password1="a-long-phrase-1", full_name="Nora"),
    )
    confirmation = re.search(
        r"https?://[^/\s]+(/accounts/confirm-email/\S+)", str(mail.outbox[-1].body)
    )
    assert confirmation
    answer: Any = visitor.post(confirmation[1])
    assert answer.url == link
    assert visitor.post(link).status_code == 302
    assert roles(company)["new@firm.example"] == "editor"


def test_an_invitation_leads_back_after_signing_in(company: Organisation) -> None:
    known = builders.build_user(email="known@firm.example")
    link = invite(company, known.email)
    visitor = Client(headers={"accept-language": "en"})
    found = re.search(r'href="(/accounts/login/\?next=[^"]+)"', visitor.get(link).content.decode())
    assert found
    data = form_data(visitor.get(found[1]), login=known.email, password=builders.PASSWORD)
    answer: Any = visitor.post("/accounts/login/", data)
    assert answer.url == link
    expired: Any = Client().post(link)
    assert expired.url.startswith("/accounts/login/?next=")


@pytest.mark.parametrize("method", ["get", "post"])
def test_a_forwarded_link_is_no_use_and_tells_nothing(
    method: str, company: Organisation, stranger: User, as_user: SignIn
) -> None:
    link = invite(company, "marc@firm.example")
    answer = getattr(as_user(stranger), method)(link)
    assert answer.status_code == 403
    page = answer.content.decode()
    assert "sent to another e-mail address" in page
    assert company.legal_name not in page
    assert "marc@firm.example" not in page
    assert "Alice" not in page
    assert Invitation.objects.waiting().count() == 1
    assert not company.memberships.filter(user=stranger).exists()


def test_an_address_that_is_not_confirmed_does_not_count(
    company: Organisation, as_user: SignIn
) -> None:
    marc = builders.build_user(email="marc@firm.example")
    EmailAddress.objects.filter(user=marc).update(verified=False)
    link = invite(company, marc.email)
    assert as_user(marc).post(link).status_code == 403
    assert marc.email not in roles(company)


def test_a_second_confirmed_address_counts_in_any_case(
    company: Organisation, as_user: SignIn
) -> None:
    marc = builders.build_user(email="private@home.example")
    EmailAddress.objects.create(user=marc, email="Marc@Firm.example", verified=True)
    assert as_user(marc).post(invite(company, "MARC@firm.EXAMPLE")).status_code == 302
    assert roles(company)["private@home.example"] == "editor"


def test_an_address_that_only_looks_alike_does_not_count(
    company: Organisation, as_user: SignIn
) -> None:
    """The database's UPPER makes an I of a dotless i; the domain is another one."""
    thief = builders.build_user(email="marc@fırm.example")
    assert as_user(thief).post(invite(company, "marc@firm.example")).status_code == 403


def test_staff_cannot_belong_to_a_company(
    company: Organisation, officer: User, as_user: SignIn
) -> None:
    link = invite(company, officer.email)
    assert as_user(officer).post(link).status_code == 403
    assert as_user(officer).get(people_url(company)).status_code == 404
    assert officer.email not in roles(company)


def test_a_link_works_once(company: Organisation, as_user: SignIn) -> None:
    marc = builders.build_user(email="marc@firm.example")
    link = invite(company, marc.email)
    client = as_user(marc)
    assert client.post(link).status_code == 302
    for answer in (client.get(link), client.post(link)):
        assert answer.status_code == 409
        assert "It was you" in answer.content.decode()
    seen = Client().get(link)
    assert seen.status_code == 409
    assert company.legal_name not in seen.content.decode()
    # Who was removed cannot come back through the old link.
    company.memberships.filter(user=marc).delete()
    assert client.post(link).status_code == 409
    assert marc.email not in roles(company)


def test_an_expired_link_says_so(company: Organisation, as_user: SignIn) -> None:
    marc = builders.build_user(email="marc@firm.example")
    link = invite(company, marc.email)
    past = timezone.now() - timedelta(minutes=1)
    Invitation.objects.update(expires_at=past, created_at=past - timedelta(days=14))
    answer = as_user(marc).post(link)
    assert answer.status_code == 410
    assert "no longer valid" in answer.content.decode()
    assert marc.email not in roles(company)


def test_it_is_valid_for_fourteen_days(company: Organisation) -> None:
    invite(company, "marc@firm.example")
    sent = Invitation.objects.get()
    assert abs(sent.expires_at - sent.created_at - timedelta(days=14)) < timedelta(seconds=1)


def test_a_withdrawn_link_says_so(applicant: User, company: Organisation, as_user: SignIn) -> None:
    marc = builders.build_user(email="marc@firm.example")
    link = invite(company, marc.email)
    owner = as_user(applicant)
    url = reverse(
        "organisations:withdraw_invitation", args=[company.pk, Invitation.objects.get().pk]
    )
    assert owner.post(url).status_code == 302
    assert owner.post(url).status_code == 302, "a second click changes nothing"
    assert Event.objects.filter(name="InvitationWithdrawn").count() == 1
    assert as_user(marc).post(link).status_code == 410
    assert "marc@firm.example" not in owner.get(people_url(company)).content.decode()


def test_an_accepted_invitation_cannot_be_withdrawn(
    applicant: User, company: Organisation, as_user: SignIn
) -> None:
    marc = builders.build_user(email="marc@firm.example")
    as_user(marc).post(invite(company, marc.email))
    url = reverse(
        "organisations:withdraw_invitation", args=[company.pk, Invitation.objects.get().pk]
    )
    assert as_user(applicant).post(url).status_code == 409


def test_inviting_again_replaces_the_older_link(company: Organisation, as_user: SignIn) -> None:
    marc = builders.build_user(email="marc@firm.example")
    first = invite(company, marc.email)
    second = invite(company, marc.email.upper(), role="viewer")
    assert as_user(marc).get(first).status_code == 410
    assert as_user(marc).post(second).status_code == 302
    assert roles(company)[marc.email] == "viewer"


def test_an_unknown_token_is_404(stranger: User, as_user: SignIn) -> None:
    for token in ("x", "a" * 5000):
        url = reverse("organisations:invitation", args=[token])
        assert as_user(stranger).get(url).status_code == 404
        assert Client().post(url).status_code == 404


def test_who_belongs_already_keeps_the_role(company: Organisation, as_user: SignIn) -> None:
    marc = builders.build_user(email="marc@firm.example")
    link = invite(company, marc.email, role="viewer")
    company.memberships.create(user=marc, role="legal_representative")
    assert as_user(marc).post(link).status_code == 302
    assert roles(company)[marc.email] == "legal_representative"


@pytest.mark.parametrize(
    "changes",
    [
        {"email": ""},
        {"email": "not an address"},
        {"email": "a@firm.example\r\nBcc: b@firm.example"},
        {"email": "a\x00@firm.example"},
        {"email": "a" * 100_000 + "@firm.example"},
        {"email": "\u202egro.elpmaxe@a"},
        {"role": "king"},
        {"role": ""},
        {"language": "de"},
    ],
)
def test_wrong_input_is_said_and_nothing_is_sent(
    changes: dict[str, str], applicant: User, company: Organisation, as_user: SignIn
) -> None:
    data = {"email": "marc@firm.example", "role": "editor", "language": "fr", **changes}
    answer = as_user(applicant).post(people_url(company), data)
    assert answer.status_code == 422
    assert "error-summary" in answer.content.decode()
    assert not OutgoingEmail.objects.exists()
    assert not Invitation.objects.exists()


def test_who_is_in_is_not_invited_again(
    applicant: User, company: Organisation, as_user: SignIn
) -> None:
    data = {"email": applicant.email.upper(), "role": "editor", "language": "fr"}
    answer = as_user(applicant).post(people_url(company), data)
    assert answer.status_code == 422
    assert "belongs to the company already" in answer.content.decode()


def test_the_portal_does_not_fill_mailboxes(
    applicant: User, company: Organisation, as_user: SignIn
) -> None:
    for number in range(actions.INVITATIONS_A_DAY):
        invite(company, f"person{number}@firm.example")
    data = {"email": "one.more@firm.example", "role": "editor", "language": "fr"}
    answer = as_user(applicant).post(people_url(company), data)
    assert answer.status_code == 422
    assert not OutgoingEmail.objects.filter(recipient="one.more@firm.example").exists()


@pytest.mark.django_db(transaction=True)
def test_two_acceptances_at_once_make_one_membership(reference: None, applicant: User) -> None:
    company = builders.build_organisation(applicant)
    marc = builders.build_user(email="marc@firm.example")
    token = invite(company, marc.email).rstrip("/").rsplit("/", 1)[1]

    def accepts() -> object:
        return actions.accept_invitation(actor=marc, token=token)

    errors = at_once(accepts, accepts, accepts)
    assert [type(error) for error in errors] == [actions.InvitationUsed] * 2
    assert company.memberships.filter(user=marc).count() == 1
    assert Event.objects.filter(name="InvitationAccepted").count() == 1


@pytest.mark.parametrize(
    "broken",
    [
        {"accepted_at": timezone.now()},
        {"role": "king"},
        {"token_sha256": "the token itself"},
        {"expires_at": timezone.now() - timedelta(days=30)},
    ],
)
def test_the_database_refuses_half_an_invitation(
    broken: dict[str, Any], company: Organisation
) -> None:
    invite(company, "marc@firm.example")
    with pytest.raises(IntegrityError), transaction.atomic():
        Invitation.objects.update(**broken)
