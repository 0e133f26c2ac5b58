"""Am I eligible? Every side of every limit, under two rule sets, by a plain GET."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from accounts.models import User
from applications.actions.precheck import Answers
from applications.models import Call, Organisation, Proposal, RuleSet
from tests.applications.pages import form_data
from tests.builders import build_call, build_organisation
from tests.measuring import counted

pytestmark = pytest.mark.django_db

AsUser = Callable[..., Client]
DEADLINE = datetime(2026, 10, 31, 22, 59, 59, tzinfo=UTC)
TODAY = datetime(2026, 9, 1, 10, tzinfo=UTC)

#: Answers that meet every rule of `bpf-2024` exactly at its limit.
AT_THE_LIMIT = {
    "kind": "company",
    "country": "LU",
    "registered_on": "2023-10-31",
    "employees": "5",
    "turnover_1": "500000",
    "road_haulage": "no",
    "partner_country": "SN",
    "project_country": "SN",
    "excluded_activity": "no",
    "requested": "200000",
    "total": "400000",
    "de_minimis": "100000",
    "not_insolvent": "yes",
    "no_conviction": "yes",
    "taxes_paid": "yes",
    "social_security_paid": "yes",
}
#: The same for the sister fund in Costa Rica.
IN_COSTA_RICA = {
    "kind": "cooperative",
    "country": "CR",
    "registered_on": "2021-06-01",
    "employees": "2",
    "external_funding": "300000",
    "project_country": "CR",
    "duration_months": "12",
    "excluded_activity": "no",
    "requested": "120000",
    "total": "171428.58",
    "not_insolvent": "yes",
    "no_conviction": "yes",
    "taxes_paid": "yes",
    "social_security_paid": "yes",
}


#: Just beyond a limit of the sister fund, and the rule that says so.
BEYOND_COSTA_RICA = [
    ("leadprivate_company", {"kind": "public_entity"}),
    ("leadcountry", {"country": "LU"}),
    ("leadregistration_window", {"registered_on": "2021-05-31"}),
    ("leadregistration_window", {"registered_on": "2025-06-02"}),
    ("leademployees", {"employees": "1"}),
    ("leadexternal_funding", {"external_funding": "300000.01"}),
    ("projectcountry", {"project_country": "SN"}),
    ("projectduration", {"duration_months": "11"}),
    ("projectduration", {"duration_months": "25"}),
    ("budgetceiling", {"requested": "120000.01", "total": "200000"}),
    ("budgetrate", {"total": "171428.57"}),
]


@pytest.fixture(autouse=True)
def _in_autumn_2026() -> Any:
    with time_machine.travel(TODAY, tick=False):
        yield


@pytest.fixture
def visitor(reference: None) -> Client:
    return Client(headers={"accept-language": "en"})


@pytest.fixture
def facility(reference: None) -> Call:
    return build_call("bpf-2026-t", deadline_at=DEADLINE)


@pytest.fixture
def sister(reference: None) -> Call:
    rules = RuleSet.objects.get(code="lcf-2026-cr")
    return build_call("lcf-2026-t", deadline_at=DEADLINE, rule_set=rules)


def ask(client: Client, call: Call, **answers: str) -> Any:
    response = client.get(reverse("eligibility"), {"call": call.code, **answers})
    assert response.status_code == 200
    return response


def outcomes(response: Any) -> dict[str, str]:
    """What stands on the page beside each rule."""
    found = re.findall(r'id="answer-([\w-]+)" data-outcome="(\w+)"', response.content.decode())
    return dict(found)


def text_of(response: Any) -> str:
    plain = html.unescape(re.sub(r"<[^>]+>", " ", response.content.decode()))
    return re.sub(r"\s+", " ", plain.replace("\u00a0", " ").replace("\u202f", " "))


# --- what is asked -------------------------------------------------------------------------------


def test_nothing_answered_is_nothing_met(visitor: Client, facility: Call) -> None:
    response = ask(visitor, facility)
    assert set(outcomes(response).values()) == {"missing"}
    assert "Nothing is answered yet." in text_of(response)


def test_only_questions_with_a_rule_are_asked(
    visitor: Client, facility: Call, sister: Call
) -> None:
    asked = set(form_data(ask(visitor, facility))) - {"csrfmiddlewaretoken", "call"}
    assert asked == set(AT_THE_LIMIT)
    asked = set(form_data(ask(visitor, sister))) - {"csrfmiddlewaretoken", "call"}
    assert asked == set(IN_COSTA_RICA)


def test_a_rule_set_with_an_average_asks_for_three_years_and_one_with_sectors_for_the_sector(
    visitor: Client,
) -> None:
    of_2022 = ask(visitor, Call.objects.get(code="bpf-2022-1")).content.decode()
    assert all(f'name="turnover_{ago}"' in of_2022 for ago in (1, 2, 3))
    assert "Turnover of the year 2021 (EUR)" in of_2022
    of_2020 = ask(visitor, Call.objects.get(code="bpf-2020")).content.decode()
    assert 'name="sector"' in of_2020
    assert 'name="turnover_1"' not in of_2020


# --- each side of each limit ---------------------------------------------------------------------


def test_at_every_limit_nothing_speaks_against_it(
    visitor: Client, facility: Call, sister: Call
) -> None:
    for call, answers in ((facility, AT_THE_LIMIT), (sister, IN_COSTA_RICA)):
        response = ask(visitor, call, **answers)
        assert set(outcomes(response).values()) == {"pass"}, outcomes(response)
        assert "Nothing speaks against it so far." in text_of(response)
        assert "A person at LuxDev" in text_of(response)


@pytest.mark.parametrize(
    ("rule", "beyond"),
    [
        ("leadprivate_company", {"kind": "civil_society"}),
        ("leadcountry", {"country": "CH"}),
        ("leadregistered_years", {"registered_on": "2023-11-01"}),
        ("leademployees", {"employees": "4"}),
        ("leadturnover", {"turnover_1": "499999.99"}),
        ("leadgood_standing", {"taxes_paid": "no"}),
        ("partnershiplocal_partner", {"partner_country": "BE"}),
        ("partnershiplocal_partner", {"partner_country": "none"}),
        ("projectcountry", {"project_country": "FR"}),
        ("projectexcluded_activity", {"excluded_activity": "yes"}),
        ("budgetrate", {"total": "399999.99"}),
        ("budgetceiling", {"requested": "200000.01", "total": "500000", "de_minimis": "0"}),
        ("budgetceiling", {"road_haulage": "yes"}),
        ("aidde_minimis", {"de_minimis": "100000.01"}),
    ],
)
def test_just_beyond_a_limit_of_the_facility(
    visitor: Client, facility: Call, rule: str, beyond: dict[str, str]
) -> None:
    response = ask(visitor, facility, **{**AT_THE_LIMIT, **beyond})
    failing = [code for code, outcome in outcomes(response).items() if outcome == "fail"]
    assert failing == [rule]
    assert "1 point would have to change." in text_of(response)


@pytest.mark.parametrize(("rule", "beyond"), BEYOND_COSTA_RICA)
def test_just_beyond_a_limit_of_the_sister_fund(
    visitor: Client, sister: Call, rule: str, beyond: dict[str, str]
) -> None:
    response = ask(visitor, sister, **{**IN_COSTA_RICA, **beyond})
    failing = [code for code, outcome in outcomes(response).items() if outcome == "fail"]
    assert failing == [rule]


@pytest.mark.parametrize("question", sorted(AT_THE_LIMIT))
def test_a_question_left_open_is_never_a_pass(
    visitor: Client, facility: Call, question: str
) -> None:
    response = ask(visitor, facility, **{**AT_THE_LIMIT, question: ""})
    assert "missing" in outcomes(response).values()
    assert "fail" not in outcomes(response).values()


def test_three_times_the_grant_is_enough_turnover(visitor: Client, facility: Call) -> None:
    small = {"turnover_1": "300000", "requested": "100000"}
    assert outcomes(ask(visitor, facility, **small))["leadturnover"] == "pass"
    short = {"turnover_1": "299999.99", "requested": "100000"}
    assert outcomes(ask(visitor, facility, **short))["leadturnover"] == "fail"
    unknown = outcomes(ask(visitor, facility, turnover_1="300000"))
    assert unknown["leadturnover"] == "missing"


def test_an_answer_says_why_what_is_required_and_what_to_do(
    visitor: Client, facility: Call
) -> None:
    page = text_of(ask(visitor, facility, registered_on="2024-01-01"))
    assert "the company will be 3 years old on 1 January 2027" in page
    assert "Apply to an edition whose deadline is 1 January 2027 or later." in page
    assert "registered for at least 3 years on the day of the deadline" in page


def test_in_french_amounts_are_read_and_written_in_french(facility: Call) -> None:
    french = Client(headers={"accept-language": "fr"})
    response = ask(french, facility, turnover_1="1.234,56", requested="1000")
    page = text_of(response)
    assert "Le chiffre d'affaires" in page.replace("’", "'")
    assert "1 234,56 EUR" in page
    assert outcomes(response)["leadturnover"] == "fail"


# --- bad input -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("question", "typed"),
    [
        ("employees", "-1"),
        ("employees", "9" * 5000),
        ("employees", "fourteen"),
        ("turnover_1", "1.234.56"),
        ("turnover_1", "-5"),
        ("turnover_1", "9" * 29),
        ("turnover_1", "9" * 100_000),
        ("turnover_1", "10\x000"),
        ("requested", "1.234"),
        ("requested", "\u202e123"),
        ("registered_on", "31/31/2020"),
        ("registered_on", "1200-01-01"),
        ("registered_on", "2020-01-01\x00"),
        ("kind", "\x00"),
        ("country", "XX"),
        ("excluded_activity", "perhaps"),
        ("project_country", "😀"),
    ],
)
def test_what_cannot_be_read_is_told_beside_the_field_and_nothing_is_lost(
    visitor: Client, facility: Call, question: str, typed: str
) -> None:
    answers = {**AT_THE_LIMIT, question: typed}
    for send in (visitor.get, visitor.post):
        response = send(reverse("eligibility"), {"call": facility.code, **answers})
        assert response.status_code == 422
        page = response.content.decode()
        assert re.search(rf'id="id_{question}_message"><p>[^<]', page)
        kept = form_data(response)
        assert all(kept[name][0] == answers[name] for name in answers if name != question)
        assert "pass" in outcomes(response).values()
    assert "precheck" not in visitor.session


@pytest.mark.parametrize("code", ["nowhere", "\x00", "a" * 5000, "../x"])
def test_a_call_that_is_not_there_is_not_found(visitor: Client, facility: Call, code: str) -> None:
    assert visitor.get(reverse("eligibility"), {"call": code}).status_code == 404


def test_an_unpublished_call_is_not_there(visitor: Client, reference: None) -> None:
    hidden = build_call("hidden", published=False)
    assert visitor.get(reverse("eligibility"), {"call": hidden.code}).status_code == 404


# --- the page ------------------------------------------------------------------------------------


def test_without_a_choice_it_is_the_open_call(visitor: Client, facility: Call) -> None:
    coming = DEADLINE.replace(year=2027)
    build_call("later", opens_at=DEADLINE, deadline_at=coming, stage_2_deadline_at=None)
    page = visitor.get(reverse("eligibility")).content.decode()
    assert f'<option value="{facility.code}" selected>' in page


def test_a_closed_call_answers_too_but_nothing_can_be_begun(visitor: Client) -> None:
    closed = Call.objects.get(code="bpf-2024-1")
    response = ask(visitor, closed, employees="3")
    assert outcomes(response)["leademployees"] == "fail"
    assert "This call is not open." in text_of(response)
    assert "Begin a proposal" not in text_of(response)


def test_without_any_call_it_says_so(visitor: Client) -> None:
    Call.objects.update(published=False)
    assert "no call is published yet" in text_of(visitor.get(reverse("eligibility")))


def test_a_live_answer_is_a_part_of_the_page_and_can_be_bookmarked(
    visitor: Client, facility: Call
) -> None:
    headers = {"HX-Request": "true", "HX-Target": "answers"}
    answers = {"call": facility.code, "employees": "4", "turnover_1": ""}
    response = visitor.get(reverse("eligibility"), answers, headers=headers)
    assert "<html" not in response.content.decode()
    assert outcomes(response)["leademployees"] == "fail"
    assert response["HX-Replace-Url"] == f"/eligibility/?call={facility.code}&employees=4"
    answers["employees"] = "-4"
    response = visitor.get(reverse("eligibility"), answers, headers=headers)
    assert response.status_code == 422
    assert "#id_employees_message" in response.content.decode()


def test_it_costs_the_same_however_many_calls_there_are(
    visitor: Client, facility: Call, as_user: AsUser, applicant: User
) -> None:
    address = f"{reverse('eligibility')}?call={facility.code}&partner_country=SN&employees=7"
    client = as_user(applicant)
    client.get(address)
    few = counted(client, address)
    for number in range(30):
        build_call(f"past-{number}", open_for_days=-1 - number % 20)
    many = counted(client, address)
    assert few == many
    assert many.queries <= 12


def test_the_pages_lead_to_it(
    visitor: Client, facility: Call, as_user: AsUser, applicant: User
) -> None:
    link = f'href="{reverse("eligibility")}?call={facility.code}"'
    assert link in visitor.get(reverse("home")).content.decode()
    assert link in visitor.get(reverse("calls:detail", args=[facility.code])).content.decode()
    begin = as_user(applicant).get(reverse("proposals:begin", args=[facility.code]))
    assert link in begin.content.decode()


# --- taken over ----------------------------------------------------------------------------------


def take_over(client: Client, call: Call, **answers: str) -> str:
    response = client.post(reverse("eligibility"), {"call": call.code, **AT_THE_LIMIT, **answers})
    assert response.status_code == 302
    assert response["Location"] == reverse("proposals:begin", args=[call.code])
    return str(response["Location"])


def test_answers_of_a_visitor_go_into_the_company_and_the_draft(
    visitor: Client, facility: Call, applicant: User
) -> None:
    begin = take_over(visitor, facility, country="BE")
    to_sign_in = visitor.get(begin)
    assert to_sign_in.status_code == 302
    visitor.post(
        to_sign_in["Location"], {"login": applicant.email, "password": "bpf-tests-password"}
    )
    enter = f"{reverse('organisations:create')}?call={facility.code}"
    form = form_data(visitor.get(enter), legal_name="Exemple S.A.", registration_number="0123")
    assert (form["kind"], form["country"]) == (["company"], ["BE"])
    assert visitor.post(enter, form)["Location"] == begin
    assert "written into the draft" in text_of(visitor.get(begin))
    visitor.post(begin, form_data(visitor.get(begin)))

    company = Organisation.objects.get(legal_name="Exemple S.A.")
    assert (company.registered_on.isoformat(), company.employees) == ("2023-10-31", 5)  # type: ignore[union-attr]
    assert company.road_haulage_for_hire is False
    assert company.taxes_paid is True
    (turnover,) = company.annual_turnover.all()
    assert (turnover.year, str(turnover.amount)) == (2025, "500000.00")
    draft = Proposal.objects.get(organisation=company)
    assert (draft.countries, str(draft.requested)) == (["SN"], "200000.00")
    assert draft.excluded_activities == []
    assert [partner.country_id for partner in draft.partners.all()] == ["SN"]
    assert "precheck" not in visitor.session
    for page in ("company", "partners", "project", "budget"):
        address = reverse("proposals:section", args=[draft.reference, page])
        assert visitor.get(address).status_code == 200
    assert visitor.get(reverse("proposals:detail", args=[draft.reference])).status_code == 200


def test_a_company_that_is_there_stays_as_it_is(
    as_user: AsUser, applicant: User, facility: Call
) -> None:
    company = build_organisation(applicant, employees=14)
    client = as_user(applicant)
    begin = take_over(client, facility, partner_country="none")
    client.post(begin, form_data(client.get(begin)))
    company.refresh_from_db()
    assert (company.employees, company.version) == (14, 1)
    draft = Proposal.objects.get(organisation=company)
    assert str(draft.requested) == "200000.00"
    assert not draft.partners.exists()


def test_answers_to_one_call_are_not_taken_into_another(
    as_user: AsUser, applicant: User, facility: Call
) -> None:
    build_organisation(applicant)
    client = as_user(applicant)
    take_over(client, facility)
    other = build_call("another-call", deadline_at=DEADLINE)
    begin = reverse("proposals:begin", args=[other.code])
    client.post(begin, form_data(client.get(begin)))
    assert Proposal.objects.get(call=other).requested is None
    assert "precheck" in client.session


def test_answers_survive_the_session_to_the_cent_and_the_day() -> None:
    given = Answers(
        kind="company",
        registered_on=date(2020, 2, 29),
        employees=0,
        turnover_1=Decimal("0.01"),
        taxes_paid=False,
    )
    assert Answers.from_plain(given.to_plain()) == given
