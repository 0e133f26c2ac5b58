"""A section that saves by itself: what is right is kept, what is wrong waits, nothing is twice."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from applications.actions import drafting, partnering, submitting
from applications.models import BudgetLine, Call, PartnerInvitation, Proposal
from tests import builders
from tests.applications.pages import Data, form_data

pytestmark = pytest.mark.django_db
SignIn = Callable[..., Client]


@pytest.fixture
def draft(applicant: User, open_call: Call) -> Proposal:
    return builders.build_draft(applicant, open_call)


@pytest.fixture
def client(applicant: User, as_user: SignIn) -> Client:
    return as_user(applicant)


def url_of(proposal: Proposal, section: str) -> str:
    return reverse("proposals:section", args=[proposal.reference, section])


def autosave(client: Client, url: str, data: Data, *, how: str = "pause", status: int = 200) -> Any:
    """The answer to what the page would send by itself, as the page reads it."""
    response = client.post(url, data, headers={"X-Autosave": how})
    assert response.status_code == status, response.content
    return response.json()


def after(data: Data, answer: Any, **changes: object) -> Data:
    """What the same page sends next: with the answer's marks and numbers, and these changes."""
    renewed = {**data, "version": [str(answer["version"])], "seen": [answer["seen"]]}
    for row, number in answer["rows"].items():
        renewed[f"{row}-id"] = [number]
    return renewed | {name: [str(value)] for name, value in changes.items()}


def test_it_works(client: Client, draft: Proposal) -> None:
    url = url_of(draft, "project")
    data = form_data(client.get(url), title="Solar")
    answer = autosave(client, url, data)
    assert (answer["state"], answer["errors"], answer["late"]) == ("saved", {}, False)
    assert answer["message"].startswith("Saved at ")
    answer = autosave(client, url, after(data, answer, title="Solar pumps"))
    draft.refresh_from_db()
    assert (draft.title, draft.version) == ("Solar pumps", 3)
    assert client.post(url, after(data, answer, summary="Water.")).status_code == 302


@pytest.mark.parametrize("section", ["company", "partners", "project", "budget", "due_diligence"])
def test_every_section_saves_by_itself_and_again(
    section: str, client: Client, applicant: User, open_call: Call
) -> None:
    complete = builders.build_complete_proposal(applicant, open_call)
    url = url_of(complete, section)
    data = form_data(client.get(url))
    again = after(data, autosave(client, url, data))
    assert autosave(client, url, again)["state"] == "saved"


@pytest.mark.parametrize("section", ["business_plan", "work_plan", "results", "budget"])
def test_the_sections_of_the_detailed_proposal_do_too(
    section: str, client: Client, applicant: User, open_call: Call
) -> None:
    detailed = builders.build_detailed_draft(applicant, open_call)
    url = url_of(detailed, section)
    data = form_data(client.get(url))
    first = autosave(client, url, data)
    assert autosave(client, url, data)["rows"] == first["rows"], "its answer was lost: sent twice"
    with CaptureQueriesContext(connection) as queries:
        assert autosave(client, url, after(data, first))["rows"] == first["rows"]
    assert len([each for each in queries if "SAVEPOINT" not in each["sql"]]) <= 25


def test_what_is_wrong_waits_and_the_rest_is_kept(client: Client, draft: Proposal) -> None:
    Proposal.objects.filter(pk=draft.pk).update(duration_months=12, answers={"problem": "Stored."})
    url = url_of(draft, "project")
    data = form_data(
        client.get(url),
        title="Kept",
        summary="Null \x00 byte",
        duration_months="two years",
        starts_on="31/02/2027",
        answer_problem="x" * 100_000,
        answer_solution="Pumps \N{SLIGHTLY SMILING FACE} \u202eright to left",
    )
    answer = autosave(client, url, data)
    assert set(answer["errors"]) == {
        "id_summary",
        "id_duration_months",
        "id_starts_on",
        "id_answer_problem",
    }
    assert "not saved yet" in answer["message"]
    draft.refresh_from_db()
    assert (draft.title, draft.summary, draft.duration_months) == ("Kept", "", 12)
    assert draft.answers["problem"] == "Stored."
    assert draft.answers["solution"].endswith("right to left")


def test_two_answers_that_contradict_each_other_do_not_hold_up_the_texts(
    client: Client, draft: Proposal
) -> None:
    Proposal.objects.filter(pk=draft.pk).update(excluded_activities=[])
    url = url_of(draft, "project")
    changes: dict[str, Any] = {"excluded_activities": ["weapons"], "title": "Kept"}
    answer = autosave(client, url, form_data(client.get(url), **changes))
    assert set(answer["errors"]) == {"id_excluded_answer"}
    draft.refresh_from_db()
    assert (draft.title, draft.excluded_activities) == ("Kept", [])


def test_a_row_that_is_wrong_does_not_hold_up_the_others(client: Client, draft: Proposal) -> None:
    url = url_of(draft, "budget")
    data = form_data(
        client.get(url),
        **{
            "lines-0-description": "Team",
            "lines-0-unit_cost": "1.234",
            "lines-1-description": "Audit",
            "lines-1-unit_cost": "1.234,56",
            "requested": "-5",
        },
    )
    answer = autosave(client, url, data)
    assert set(answer["errors"]) == {"id_lines-0-unit_cost", "id_requested"}
    costs = dict(draft.budget_lines.values_list("description", "unit_cost"))
    assert costs == {"Team": Decimal(0), "Audit": Decimal("1234.56")}


def test_a_new_row_is_stored_once(client: Client, draft: Proposal) -> None:
    url = url_of(draft, "budget")
    data = form_data(client.get(url), **{"lines-1-description": "Second place, first row"})
    first = autosave(client, url, data)
    line = draft.budget_lines.get()
    assert first["rows"] == {"lines-0": "", "lines-1": str(line.pk), "funding-0": ""}
    more = after(data, first, **{"lines-0-description": "Above it"})
    second = autosave(client, url, more)
    assert [each.description for each in draft.budget_lines.all()] == [
        "Above it",
        "Second place, first row",
    ]
    assert second["rows"]["lines-1"] == str(line.pk)
    gone = autosave(client, url, after(more, second, **{"lines-1-remove": "on"}))
    assert gone["rows"]["lines-1"] == ""
    back = autosave(client, url, after(more, gone))
    assert draft.budget_lines.count() == 2
    assert back["rows"]["lines-1"]


def test_rows_within_rows_are_stored_once(client: Client, draft: Proposal) -> None:
    url = url_of(draft, "due_diligence")
    data = form_data(
        client.get(url),
        **{"risks-0-description": "Day labour", "risks-0-measures-0-description": "Contracts"},
    )
    for _time in range(3):
        data = after(data, autosave(client, url, data))
    risk = draft.risks.get()
    assert data["risks-0-id"] == [str(risk.pk)]
    assert data["risks-0-measures-0-id"] == [str(risk.measures.get().pk)]


def test_the_same_data_sent_twice_is_no_conflict_and_no_second_row(
    client: Client, draft: Proposal
) -> None:
    """The answer was lost on a bad line: the page asks again with the very same data."""
    url = url_of(draft, "budget")
    changes = {
        "lines-0-description": "Team",
        "lines-0-unit_cost": "1000",
        "lines-0-quantity": "1",
        "requested": "150000",
    }
    data = form_data(client.get(url), **changes)
    first = autosave(client, url, data)
    second = autosave(client, url, data)
    assert second["rows"] == first["rows"]
    assert (second["version"], second["seen"]) == (first["version"], first["seen"])
    assert draft.budget_lines.count() == 1


def test_a_stale_tab_is_told_with_both_texts_and_overwrites_nothing(
    client: Client, draft: Proposal
) -> None:
    url = url_of(draft, "project")
    page = client.get(url)
    autosave(client, url, form_data(page, title="First tab"))
    data = form_data(page, title="Second tab")
    answer = autosave(client, url, data, status=409)
    assert answer["state"] == "changed_elsewhere"
    assert "First tab" in answer["html"]
    assert "Second tab" in answer["html"]
    draft.refresh_from_db()
    assert draft.title == "First tab"
    compared = data | {"version": [str(answer["version"])], "seen": [answer["seen"]]}
    assert autosave(client, url, compared, how="save")["state"] == "saved"


def test_the_comparison_shows_only_what_differs(client: Client, draft: Proposal) -> None:
    url = url_of(draft, "budget")
    page = client.get(url)
    autosave(client, url, form_data(page, requested="150000", own_contribution="1"))
    answer = autosave(
        client, url, form_data(page, requested="150 000,00", own_contribution="2"), status=409
    )
    assert "Own contribution" in answer["html"]
    assert "Grant requested" not in answer["html"]


def test_a_colleague_in_another_section_is_no_conflict(client: Client, draft: Proposal) -> None:
    project, budget = url_of(draft, "project"), url_of(draft, "budget")
    text = form_data(client.get(project), title="Pumps")
    money = form_data(client.get(budget), requested="1000")
    for _time in range(2):
        text = after(text, autosave(client, project, text))
        money = after(money, autosave(client, budget, money))
    draft.refresh_from_db()
    assert (draft.title, draft.requested) == ("Pumps", Decimal(1000))


def test_a_number_of_another_company_waits_and_the_rest_of_the_profile_is_kept(
    client: Client, draft: Proposal, stranger: User
) -> None:
    url = url_of(draft, "company")
    data = form_data(client.get(url), registration_number="B 654 321", city="Esch-sur-Alzette")
    answer = autosave(client, url, data)
    assert set(answer["errors"]) == {"id_registration_number"}
    company = draft.organisation
    company.refresh_from_db()
    assert company.city == "Esch-sur-Alzette"
    assert company.registration_number != "B654321"


def test_a_word_half_typed_costs_no_partner_its_confirmation(
    client: Client, applicant: User, open_call: Call
) -> None:
    complete = builders.build_complete_proposal(applicant, open_call)
    partner = complete.partners.get()
    partner.contact_email = "awa@example.org"
    partner.save()
    partnering.ask_partner(actor=applicant, proposal_id=complete.pk, partner_id=partner.pk)
    url = url_of(complete, "partners")
    data = form_data(client.get(url), **{"partners-0-contact_email": "aw@example.org"})
    answer = autosave(client, url, data, status=409)
    assert answer["state"] == "by_hand"
    assert PartnerInvitation.objects.get().state == "sent"
    assert autosave(client, url, data, how="save")["state"] == "saved"
    assert PartnerInvitation.objects.get().state == "void"


@pytest.mark.parametrize("way", ["handed in", "withdrawn"])
def test_a_proposal_closed_meanwhile_is_told_with_what_is_not_saved(
    way: str, client: Client, applicant: User, open_call: Call
) -> None:
    complete = builders.build_complete_proposal(applicant, open_call)
    url = url_of(complete, "project")
    data = form_data(client.get(url), answer_problem="Only here")
    if way == "handed in":
        submitting.submit(actor=applicant, proposal_id=complete.pk)
    else:
        drafting.withdraw_proposal(actor=applicant, proposal_id=complete.pk, reason="")
    answer = autosave(client, url, data, status=409)
    assert answer["state"] == "closed"
    assert f"The proposal was {way} meanwhile" in answer["html"]
    assert "Only here" in answer["html"]
    assert complete.title not in answer["html"]
    assert client.post(url, data).status_code == 409


def test_after_the_deadline_it_is_said_and_still_saved(client: Client, draft: Proposal) -> None:
    url = url_of(draft, "project")
    page = client.get(url)
    assert "data-deadline" in page.content.decode()
    draft.call.deadline_at = timezone.now() - timedelta(seconds=1)
    draft.call.save()
    answer = autosave(client, url, form_data(page, title="Late"))
    assert (answer["state"], answer["late"]) == ("saved", True)


@pytest.mark.parametrize("broken", [{}, {"lines-TOTAL_FORMS": ["x"]}, {"lines-0-id": ["٣x"]}])
def test_broken_data_is_answered_not_crashed_on(
    broken: Data, client: Client, draft: Proposal
) -> None:
    url = url_of(draft, "budget")
    data = form_data(client.get(url), **{"lines-0-description": "Team"}) | broken
    if not broken:
        data = {}
    response = client.post(url, data, headers={"X-Autosave": "pause"})
    assert response.status_code in (200, 422)
    assert draft.budget_lines.count() == int(response.status_code == 200)


def test_a_reader_and_a_stranger_cannot_save(
    draft: Proposal, stranger: User, as_user: SignIn, client: Client
) -> None:
    url = url_of(draft, "project")
    data = form_data(client.get(url), title="Not mine")
    reader = builders.build_user("applicant")
    draft.organisation.memberships.create(user=reader, role="viewer")
    for user, status in ((reader, 403), (stranger, 404)):
        response = as_user(user).post(url, data, headers={"X-Autosave": "pause"})
        assert response.status_code == status


@pytest.mark.parametrize("section", ["budget", "partners", "due_diligence", "company", "project"])
def test_one_autosave_costs_the_same_with_many_rows(
    section: str, draft: Proposal, client: Client
) -> None:
    url = url_of(draft, section)
    counts = []
    for many in (1, 50):
        BudgetLine.objects.filter(proposal=draft).delete()
        draft.partners.all().delete()
        draft.risks.all().delete()
        for number in range(many):
            draft.budget_lines.create(description=f"L{number}", unit_cost=1, amount=1)
            draft.partners.create(legal_name=f"P{number}", country_id="SN")
            risk = draft.risks.create(label=f"R{number}", description="D")
            risk.measures.create(description="M")
        data = form_data(client.get(url))
        first = after(data, autosave(client, url, data))
        with CaptureQueriesContext(connection) as queries:
            assert autosave(client, url, first)["state"] == "saved"
        counts.append(len([each for each in queries if "SAVEPOINT" not in each["sql"]]))
    assert counts[0] == counts[1] <= 20
