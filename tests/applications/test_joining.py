"""One company, not two: who finds it entered already asks its owners to be let in."""

from __future__ import annotations

import re

import pytest
from django.urls import reverse

from accounts.models import User
from applications.actions import membership as actions
from applications.models import (
    JoinRequest,
    MembershipRole,
    Organisation,
)
from bpf_portal.core.models import OutgoingEmail
from tests import builders
from tests.applications.pages import form_data
from tests.applications.people_steps import (
    SignIn,
    ask,
    invite,
    link_in,
    people_url,
    roles,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def company(applicant: User) -> Organisation:
    return builders.build_organisation(applicant, legal_name="Menuiserie Muller S.à r.l.")


def test_one_company_not_two(
    applicant: User, company: Organisation, stranger: User, as_user: SignIn
) -> None:
    client = as_user(stranger)
    new = reverse("organisations:create")
    number = company.registration_number
    entered = {"legal_name": "Muller again", "country": "LU", "registration_number": number}
    page = client.post(new, form_data(client.get(new), **entered))
    assert page.status_code == 422
    assert company.legal_name not in page.content.decode()
    found = re.search(r'href="(/proposals/company/join/\?[^"]+)"', page.content.decode())
    assert found
    form = client.get(found[1].replace("&amp;", "&"))
    assert f'value="{number}"' in form.content.decode()
    join = reverse("organisations:join")
    asked = client.post(join, form_data(form, message="I am the new bookkeeper"), follow=True)
    assert number in asked.content.decode()
    assert company.legal_name not in asked.content.decode()
    assert client.get(people_url(company)).status_code == 404

    told = OutgoingEmail.objects.get()
    assert told.recipient == applicant.email
    assert link_in(told.body) == people_url(company)
    owner = as_user(applicant)
    assert str(stranger) in owner.get(reverse("proposals:list")).content.decode()
    assert "I am the new bookkeeper" in owner.get(people_url(company)).content.decode()
    url = reverse("organisations:answer_request", args=[company.pk, JoinRequest.objects.get().pk])
    assert owner.post(url, {"answer": "accept", "role": "viewer"}).status_code == 302
    assert roles(company)[stranger.email] == "viewer"
    assert OutgoingEmail.objects.filter(recipient=stranger.email).count() == 1
    assert client.get(people_url(company)).status_code == 200
    assert owner.post(url, {"answer": "decline"}).status_code == 409
    assert roles(company)[stranger.email] == "viewer"


def test_who_is_declined_stays_out_and_cannot_insist(
    applicant: User, company: Organisation, stranger: User, as_user: SignIn
) -> None:
    asked = ask(stranger, company)
    url = reverse("organisations:answer_request", args=[company.pk, asked.pk])
    assert as_user(applicant).post(url, {"answer": "decline"}).status_code == 302
    assert stranger.email not in roles(company)
    data = {"country": "LU", "registration_number": company.registration_number}
    again = as_user(stranger).post(reverse("organisations:join"), data)
    assert again.status_code == 422
    assert "was declined" in again.content.decode()
    assert as_user(stranger).post(invite(company, stranger.email)).status_code == 302


@pytest.mark.parametrize("data", [{}, {"answer": "accept"}, {"answer": "perhaps", "role": "owner"}])
def test_an_answer_that_is_none(
    data: dict[str, str],
    applicant: User,
    company: Organisation,
    stranger: User,
    as_user: SignIn,
) -> None:
    asked = ask(stranger, company)
    url = reverse("organisations:answer_request", args=[company.pk, asked.pk])
    assert as_user(applicant).post(url, data).status_code == 422
    assert JoinRequest.objects.waiting().get() == asked


def test_asking_twice_asks_once(company: Organisation, stranger: User, as_user: SignIn) -> None:
    data = {"country": "LU", "registration_number": company.registration_number.lower()}
    client = as_user(stranger)
    assert client.post(reverse("organisations:join"), data).status_code == 302
    again = client.post(reverse("organisations:join"), data)
    assert "You have asked already" in again.content.decode()
    assert OutgoingEmail.objects.count() == 1


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"registration_number": "B999999"}, "No company with this number"),
        ({"registration_number": ""}, "error-summary"),
        ({"registration_number": "  "}, "error-summary"),
        ({"registration_number": "B\x001"}, "error-summary"),
        ({"registration_number": "9" * 100_000}, "error-summary"),
        ({"country": ""}, "error-summary"),
        ({"country": "XX"}, "error-summary"),
        ({"message": "x" * 100_000}, "error-summary"),
    ],
)
def test_asking_for_what_is_not_there(
    changes: dict[str, str], told: str, company: Organisation, stranger: User, as_user: SignIn
) -> None:
    data = {"country": "LU", "registration_number": company.registration_number, **changes}
    answer = as_user(stranger).post(reverse("organisations:join"), data)
    assert answer.status_code == 422
    assert told in answer.content.decode()
    assert not JoinRequest.objects.exists()


def test_who_belongs_already_need_not_ask(
    applicant: User, company: Organisation, as_user: SignIn
) -> None:
    data = {"country": "LU", "registration_number": company.registration_number}
    answer = as_user(applicant).post(reverse("organisations:join"), data)
    assert "You belong to this company already" in answer.content.decode()


def test_a_company_without_anybody_sends_one_to_the_facility(
    stranger: User, as_user: SignIn
) -> None:
    imported = builders.build_organisation()
    data = {"country": "LU", "registration_number": imported.registration_number}
    answer = as_user(stranger).post(reverse("organisations:join"), data)
    assert answer.status_code == 422
    assert "write to the facility" in answer.content.decode()


def test_an_invitation_answers_the_request_and_the_other_way_round(
    applicant: User, company: Organisation, as_user: SignIn
) -> None:
    marc, nora = builders.build_user(), builders.build_user()
    ask(marc, company)
    assert as_user(marc).post(invite(company, marc.email)).status_code == 302
    assert not JoinRequest.objects.waiting().exists()
    link = invite(company, nora.email)
    actions.accept_join_request(
        actor=applicant,
        organisation_id=company.pk,
        request_id=ask(nora, company).pk,
        role=MembershipRole.EDITOR,
    )
    assert as_user(nora).get(link).status_code == 410
    assert set(roles(company).values()) == {"owner", "editor"}
