"""The company: entered once, its profile saved whatever state it is in."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from applications.models import Call, MembershipRole, Organisation, OrganisationPerson
from tests import builders
from tests.applications.pages import form_data

pytestmark = pytest.mark.django_db
SignIn = Callable[..., Client]
NEW = "/proposals/company/new/"


def edit_url(company: Organisation) -> str:
    return reverse("organisations:edit", args=[company.pk])


def save(client: Client, company: Organisation, **changes: Any) -> Any:
    return client.post(edit_url(company), form_data(client.get(edit_url(company)), **changes))


def test_it_works(applicant: User, as_user: SignIn) -> None:
    client = as_user(applicant)
    entered = {
        "legal_name": "Exemple S.à r.l.",
        "country": "LU",
        "registration_number": "b 123 456",
    }
    response: Any = client.post(NEW, form_data(client.get(NEW), **entered))
    company = Organisation.objects.get()
    assert response.url == edit_url(company)
    assert company.registration_number == "B123456"
    assert company.memberships.get().role == MembershipRole.OWNER
    last = timezone.localdate().year - 1
    changes = {
        "employees": "14",
        "turnover-0-amount": "1,040,000.00",
        "aid-0-granted_on": "2026-06-01",
        "aid-0-amount": "40000",
        "aid-0-member_state": "LU",
        "people-0-name": "Claire Exemple",
        "taxes_paid": "yes",
        "no_conviction": "no",
        "road_haulage_for_hire": "no",
    }
    assert save(client, company, **changes).status_code == 302
    company.refresh_from_db()
    assert company.employees == 14
    assert (company.taxes_paid, company.no_conviction, company.not_insolvent) == (True, False, None)
    assert company.annual_turnover.get().year == last
    assert company.annual_turnover.get().amount == Decimal("1040000.00")
    assert company.de_minimis_aid.get().granted_on == date(2026, 6, 1)
    assert company.people.get().capacity == OrganisationPerson.Capacity.DIRECTOR


def test_a_name_is_enough(applicant: User, as_user: SignIn) -> None:
    client = as_user(applicant)
    assert client.post(NEW, {"legal_name": "Only a name"}).status_code == 302
    company = Organisation.objects.get()
    assert company.country is None
    assert save(client, company).status_code == 302


def test_without_a_name_it_is_said_and_what_was_typed_stays(
    applicant: User, as_user: SignIn
) -> None:
    response = as_user(applicant).post(NEW, {"registration_number": "B77"})
    assert response.status_code == 422
    assert 'value="B77"' in response.content.decode()
    assert not Organisation.objects.exists()


def test_one_company_not_two(stranger: User, applicant: User, as_user: SignIn) -> None:
    entered = {"legal_name": "Again S.A.", "country": "LU", "registration_number": "B 654-321"}
    response = as_user(applicant).post(NEW, entered)
    assert response.status_code == 422
    assert "already in the portal" in response.content.decode()
    assert Organisation.objects.count() == 1


def test_a_number_cannot_be_changed_to_that_of_another(
    stranger: User, applicant: User, as_user: SignIn
) -> None:
    company = builders.build_organisation(applicant)
    changes = {"registration_number": "b654321", "employees": "99"}
    response = save(as_user(applicant), company, **changes)
    assert response.status_code == 422
    assert 'value="99"' in response.content.decode()
    company.refresh_from_db()
    assert company.employees == 14


@pytest.mark.parametrize(
    ("number", "remark"),
    [("B123456", ""), ("A12", "section B"), ("B1234567", "does not look like")],
)
def test_an_odd_number_is_kept_and_remarked(
    number: str, remark: str, applicant: User, as_user: SignIn
) -> None:
    client = as_user(applicant)
    company = builders.build_organisation(applicant)
    assert save(client, company, registration_number=number).status_code == 302
    company.refresh_from_db()
    assert company.registration_number == number
    page = client.get(edit_url(company)).content.decode()
    assert remark in page
    assert ("notice-attention" in page) is bool(remark)


def test_a_stranger_finds_nothing(stranger: User, applicant: User, as_user: SignIn) -> None:
    company = builders.build_organisation(applicant)
    client = as_user(stranger)
    assert client.get(edit_url(company)).status_code == 404
    assert client.post(edit_url(company), {"legal_name": "Mine"}).status_code == 404


def test_staff_do_not_edit_companies(officer: User, applicant: User, as_user: SignIn) -> None:
    company = builders.build_organisation(applicant)
    assert as_user(officer).get(edit_url(company)).status_code == 404


def test_a_reader_cannot_save(applicant: User, as_user: SignIn) -> None:
    company = builders.build_organisation()
    company.memberships.create(user=applicant, role="viewer")
    client = as_user(applicant)
    page = client.get(edit_url(company))
    assert page.status_code == 200
    assert client.post(edit_url(company), form_data(page)).status_code == 403


@pytest.mark.parametrize(
    "changes",
    [
        {"employees": "many"},
        {"employees": "-3"},
        {"registered_on": "yesterday"},
        {"registered_on": "0016-02-15"},
        {"website": "not a site"},
        {"turnover-0-amount": "1.040"},
        {"turnover-0-year": "", "turnover-0-amount": "5"},
        {"turnover-0-year": "2020", "turnover-1-year": "2020", "turnover-1-amount": "5"},
        {"aid-0-amount": "0", "aid-0-granted_on": "2026-01-01", "aid-0-member_state": "LU"},
        {"country": "XX"},
        {"legal_name": ""},
        {"people-TOTAL_FORMS": "x"},
        {"legal_name": "N\x00ull"},
    ],
)
def test_wrong_types_are_said_and_nothing_is_saved(
    changes: dict[str, str], applicant: User, as_user: SignIn
) -> None:
    company = builders.build_organisation(applicant)
    response = save(as_user(applicant), company, **{"city": "Typed", **changes})
    assert response.status_code == 422
    assert 'value="Typed"' in response.content.decode()
    company.refresh_from_db()
    assert company.city == "Luxembourg"


def test_a_second_tab_cannot_overwrite_newer_text(applicant: User, as_user: SignIn) -> None:
    client = as_user(applicant)
    company = builders.build_organisation(applicant)
    first, second = client.get(edit_url(company)), client.get(edit_url(company))
    assert client.post(edit_url(company), form_data(first, city="Esch")).status_code == 302
    response = client.post(edit_url(company), form_data(second, city="Wiltz"))
    assert response.status_code == 409
    page = response.content.decode()
    assert "Esch" in page
    assert "Wiltz" in page
    company.refresh_from_db()
    assert company.city == "Esch"


def test_the_same_profile_is_the_first_section_of_a_draft(
    applicant: User, open_call: Call, as_user: SignIn
) -> None:
    client = as_user(applicant)
    draft = builders.build_draft(applicant, open_call)
    url = reverse("proposals:section", args=[draft.reference, "company"])
    data = form_data(client.get(url), city="Differdange", next="list")
    response: Any = client.post(url, data)
    assert response.url == reverse("proposals:detail", args=[draft.reference])
    draft.organisation.refresh_from_db()
    assert draft.organisation.city == "Differdange"


def test_from_the_call_one_goes_on_to_the_call(
    applicant: User, open_call: Call, as_user: SignIn
) -> None:
    response: Any = as_user(applicant).post(f"{NEW}?call={open_call.code}", {"legal_name": "New"})
    assert response.url == reverse("proposals:begin", args=[open_call.code])
