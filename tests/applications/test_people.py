"""A company's people: who manages them, their roles, and that there is always an owner."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from applications.actions import membership as actions
from applications.models import (
    Call,
    Invitation,
    JoinRequest,
    Membership,
    Organisation,
)
from bpf_portal.core.access import NotAllowed
from bpf_portal.core.models import Event, OutgoingEmail
from tests import builders
from tests.applications.pages import form_data
from tests.applications.people_steps import (
    SignIn,
    Work,
    ask,
    at_once,
    colleague,
    invite,
    people_url,
    person_url,
    roles,
)
from tests.measuring import counted

pytestmark = pytest.mark.django_db


@pytest.fixture
def company(applicant: User) -> Organisation:
    return builders.build_organisation(applicant, legal_name="Menuiserie Muller S.à r.l.")


def test_pages_lead_to_the_people(applicant: User, company: Organisation, as_user: SignIn) -> None:
    client = as_user(applicant)
    for page in (reverse("proposals:list"), reverse("organisations:edit", args=[company.pk])):
        assert people_url(company) in client.get(page).content.decode()
    assert reverse("organisations:join") in client.get(reverse("proposals:list")).content.decode()


@pytest.mark.parametrize("role", ["editor", "viewer", "legal_representative"])
def test_only_owners_manage(role: str, company: Organisation, as_user: SignIn) -> None:
    other = colleague(company, role)
    invite(company, "marc@firm.example")
    ask(builders.build_user(email="asks@firm.example"), company)
    client = as_user(other.user)
    page = client.get(people_url(company)).content.decode()
    assert "marc@firm.example" in page
    assert "asks@firm.example" not in page
    before = roles(company)
    one = Invitation.objects.get().pk
    asked = JoinRequest.objects.get().pk
    for url, data in (
        (people_url(company), {"email": "x@firm.example", "role": "owner", "language": "fr"}),
        (person_url(other), {"change": "role", "role": "owner"}),
        (person_url(other), {"change": "hand_over"}),
        (person_url(other), {"change": "remove"}),
        (reverse("organisations:withdraw_invitation", args=[company.pk, one]), {}),
        (
            reverse("organisations:answer_request", args=[company.pk, asked]),
            {"answer": "accept", "role": "owner"},
        ),
    ):
        assert client.post(url, data).status_code == 403, url
    assert roles(company) == before
    assert Invitation.objects.waiting().count() == JoinRequest.objects.waiting().count() == 1


def test_rows_of_another_company_do_not_exist(
    applicant: User, company: Organisation, stranger: User, as_user: SignIn
) -> None:
    theirs = Membership.objects.get(user=stranger)
    client = as_user(applicant)
    for name in ("person", "withdraw_invitation", "answer_request"):
        url = reverse(f"organisations:{name}", args=[company.pk, theirs.pk + 1000])
        assert client.post(url, {"answer": "decline"}).status_code == 404
    crossed = reverse("organisations:person", args=[company.pk, theirs.pk])
    assert client.post(crossed, {"change": "remove"}).status_code == 404
    assert as_user(stranger).get(people_url(company)).status_code == 404


def test_another_role_counts_at_once(
    applicant: User, company: Organisation, open_call: Call, as_user: SignIn
) -> None:
    other = colleague(company, "viewer")
    edit = reverse("organisations:edit", args=[company.pk])
    client = as_user(other.user)
    assert client.post(edit, form_data(client.get(edit))).status_code == 403
    changed = as_user(applicant).post(person_url(other), {"change": "role", "role": "editor"})
    assert changed.status_code == 302
    assert client.post(edit, form_data(client.get(edit))).status_code == 302
    event = Event.objects.get(name="RoleChanged")
    assert event.details == {"person": other.user_id, "before": "viewer", "after": "editor"}


@pytest.mark.parametrize("data", [{}, {"role": "king"}, {"change": "explode"}])
def test_a_role_that_is_none(
    data: dict[str, str], applicant: User, company: Organisation, as_user: SignIn
) -> None:
    other = colleague(company)
    assert as_user(applicant).post(person_url(other), data).status_code == 422
    assert roles(company)[other.user.email] == "editor"


def test_who_is_removed_sees_nothing_more(
    applicant: User, company: Organisation, as_user: SignIn
) -> None:
    other = colleague(company)
    done = as_user(applicant).post(person_url(other), {"change": "remove"})
    assert done.status_code == 302
    assert as_user(other.user).get(people_url(company)).status_code == 404
    assert OutgoingEmail.objects.get().recipient == other.user.email
    assert as_user(applicant).post(person_url(other), {"change": "remove"}).status_code == 404


def test_the_company_is_handed_over(
    applicant: User, company: Organisation, as_user: SignIn
) -> None:
    other = colleague(company)
    assert as_user(applicant).post(person_url(other), {"change": "hand_over"}).status_code == 302
    assert roles(company) == {applicant.email: "editor", other.user.email: "owner"}
    leave = reverse("organisations:leave", args=[company.pk])
    assert as_user(applicant).post(leave).status_code == 302
    assert roles(company) == {other.user.email: "owner"}


def test_an_account_that_is_closed_does_not_become_the_owner(
    applicant: User, company: Organisation, as_user: SignIn
) -> None:
    other = colleague(company, is_active=False)
    assert as_user(applicant).post(person_url(other), {"change": "hand_over"}).status_code == 409
    assert roles(company)[applicant.email] == "owner"


@pytest.mark.parametrize("second_owner", [None, "closed"])
def test_the_last_owner_stays(
    second_owner: str | None, applicant: User, company: Organisation, as_user: SignIn
) -> None:
    if second_owner:
        colleague(company, "owner", is_active=False)
    client = as_user(applicant)
    own = company.memberships.get(user=applicant)
    leave = reverse("organisations:leave", args=[company.pk])
    for url, data in (
        (leave, {}),
        (person_url(own), {"change": "role", "role": "viewer"}),
        (person_url(own), {"change": "remove"}),
        (person_url(own), {"change": "hand_over"}),
    ):
        answer = client.post(url, data)
        assert answer.status_code == 409
        assert "This was not possible" in answer.content.decode()
    assert roles(company)[applicant.email] == "owner"


@pytest.mark.django_db(transaction=True)
def test_two_owners_who_demote_each_other_at_once_leave_one(
    reference: None, applicant: User
) -> None:
    company = builders.build_organisation(applicant)
    mine = company.memberships.get()
    other = colleague(company, "owner")

    def demote(actor: User, whom: Membership) -> Work:
        return lambda: actions.change_role(
            actor=actor, organisation_id=company.pk, membership_id=whom.pk, role="viewer"
        )

    errors = at_once(demote(applicant, other), demote(other.user, mine))
    assert [type(error) for error in errors] == [NotAllowed]
    assert sorted(roles(company).values()) == ["owner", "viewer"]


@pytest.mark.django_db(transaction=True)
def test_two_owners_who_leave_at_once_leave_one(reference: None, applicant: User) -> None:
    company = builders.build_organisation(applicant)
    other = colleague(company, "owner")

    def leaves(actor: User) -> Work:
        return lambda: actions.leave_company(actor=actor, organisation_id=company.pk)

    errors = at_once(leaves(applicant), leaves(other.user))
    assert [type(error) for error in errors] == [actions.LastOwner]
    assert list(roles(company).values()) == ["owner"]


def test_the_page_costs_the_same_for_three_and_for_thirty(
    applicant: User, company: Organisation, as_user: SignIn
) -> None:
    client = as_user(applicant)

    def more(count: int) -> None:
        for _number in range(count):
            colleague(company)
            ask(builders.build_user(), company)
        Invitation.objects.all().update(created_at=timezone.now() - timedelta(days=2))
        for number in range(count):
            invite(company, f"{count}-{number}@firm.example")

    more(3)
    client.get(people_url(company))
    small = counted(client, people_url(company)).queries
    more(25)
    large = counted(client, people_url(company)).queries
    assert small == large <= 12
    assert counted(client, reverse("proposals:list")).queries <= 12
