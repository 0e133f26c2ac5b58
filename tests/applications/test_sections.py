"""The sections of a draft: saved as they are, by whom may, and never over somebody else's text."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django import forms
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import User
from applications.actions import submitting
from applications.actions.completeness import with_everything
from applications.actions.dossier_document import document_of
from applications.forms.section import shown
from applications.models import BudgetLine, Call, Measure, Partner, Proposal
from tests import builders
from tests.applications.pages import form_data, shown_remarks

pytestmark = pytest.mark.django_db
SignIn = Callable[..., Client]
NOW = "2026-11-23T16:20:00+01:00"
FORM_SECTIONS = ("partners", "project", "budget", "due_diligence")


@pytest.fixture
def draft(applicant: User, open_call: Call) -> Proposal:
    return builders.build_draft(applicant, open_call)


@pytest.fixture
def complete(applicant: User, open_call: Call) -> Proposal:
    return builders.build_complete_proposal(applicant, open_call)


def url_of(proposal: Proposal, section: str) -> str:
    return reverse("proposals:section", args=[proposal.reference, section])


def save(client: Client, proposal: Proposal, section: str, **changes: Any) -> Any:
    url = url_of(proposal, section)
    return client.post(url, form_data(client.get(url), **changes))


def test_it_works(draft: Proposal, applicant: User, as_user: SignIn) -> None:
    client = as_user(applicant)
    url = url_of(draft, "project")
    response = save(
        client,
        draft,
        "project",
        title="Solar pumps",
        summary="Water for gardens.",
        kind="pilot",
        countries=["SN", "ML"],
        sectors=["energy"],
        sdgs=["6", "7"],
        starts_on="2027-03-01",
        duration_months="18",
        excluded_answer="none",
        answer_problem="Diesel is expensive.",
    )
    assert response.status_code == 302
    assert response.url == url
    draft.refresh_from_db()
    assert draft.title == "Solar pumps"
    assert draft.countries == ["SN", "ML"]
    assert draft.sdgs == [6, 7]
    assert draft.excluded_activities == []
    assert draft.answers["problem"] == "Diesel is expensive."
    assert draft.version == 2
    assert "Saved at" in client.get(url).content.decode()


@pytest.mark.parametrize("section", FORM_SECTIONS)
def test_an_empty_section_saves(
    section: str, draft: Proposal, applicant: User, as_user: SignIn
) -> None:
    assert save(as_user(applicant), draft, section).status_code == 302


@pytest.mark.parametrize("section", FORM_SECTIONS)
def test_saving_without_a_change_changes_nothing(
    section: str, complete: Proposal, applicant: User, as_user: SignIn
) -> None:
    before = document_of(with_everything(complete.pk), submitted_at=NOW)
    assert save(as_user(applicant), complete, section).status_code == 302
    assert document_of(with_everything(complete.pk), submitted_at=NOW) == before


@pytest.mark.parametrize("section", [*FORM_SECTIONS, "company", "documents"])
def test_a_stranger_finds_nothing(
    section: str, complete: Proposal, stranger: User, as_user: SignIn
) -> None:
    client = as_user(stranger)
    assert client.get(url_of(complete, section)).status_code == 404
    assert client.post(url_of(complete, section), {"version": "2"}).status_code == 404


@pytest.mark.parametrize("section", FORM_SECTIONS)
def test_a_reader_reads_and_cannot_save(section: str, complete: Proposal, as_user: SignIn) -> None:
    reader = builders.build_user("applicant")
    complete.organisation.memberships.create(user=reader, role="viewer")
    client = as_user(reader)
    page = client.get(url_of(complete, section))
    assert page.status_code == 200
    assert '<fieldset class="plain" disabled>' in page.content.decode()
    assert client.post(url_of(complete, section), form_data(page)).status_code == 403


def test_a_wrong_type_is_said_beside_its_field_and_everything_typed_stays(
    draft: Proposal, applicant: User, as_user: SignIn
) -> None:
    response = save(
        as_user(applicant),
        draft,
        "project",
        title="Kept title",
        duration_months="two years",
        starts_on="31/02/2027",
    )
    page = response.content.decode()
    assert response.status_code == 422
    assert 'aria-invalid="true"' in page
    assert 'href="#id_duration_months"' in page
    assert "id_duration_months_error" in page
    for typed in ("Kept title", "two years", "31/02/2027"):
        assert typed in page
    draft.refresh_from_db()
    assert (draft.title, draft.version) == ("", 1)


def test_a_second_tab_cannot_overwrite_newer_text(
    draft: Proposal, applicant: User, as_user: SignIn
) -> None:
    client = as_user(applicant)
    url = url_of(draft, "project")
    first, second = client.get(url), client.get(url)
    assert client.post(url, form_data(first, title="First tab")).status_code == 302
    response = client.post(url, form_data(second, title="Second tab", summary="Only here"))
    page = response.content.decode()
    assert response.status_code == 409
    for text in ("First tab", "Second tab", "Only here"):
        assert text in page
    draft.refresh_from_db()
    assert (draft.title, draft.summary) == ("First tab", "")
    assert client.post(url, form_data(response)).status_code == 302
    draft.refresh_from_db()
    assert (draft.title, draft.summary) == ("Second tab", "Only here")


def test_a_colleague_in_another_section_does_not_stand_in_the_way(
    draft: Proposal, applicant: User, as_user: SignIn
) -> None:
    client = as_user(applicant)
    project = client.get(url_of(draft, "project"))
    assert save(client, draft, "budget", requested="1000").status_code == 302
    response = client.post(url_of(draft, "project"), form_data(project, title="Both are kept"))
    assert response.status_code == 302
    draft.refresh_from_db()
    assert (draft.title, draft.requested) == ("Both are kept", Decimal("1000.00"))


@pytest.mark.parametrize("version", ["", "x", "99999999999999", "-1", "٣"])
def test_a_broken_version_is_a_conflict_not_a_crash(
    version: str, draft: Proposal, applicant: User, as_user: SignIn
) -> None:
    response = save(as_user(applicant), draft, "project", title="T", version=version, seen="")
    assert response.status_code == 409


def test_what_was_handed_in_can_no_longer_be_changed(
    complete: Proposal, applicant: User, as_user: SignIn
) -> None:
    client = as_user(applicant)
    data = form_data(client.get(url_of(complete, "project")), title="Too late")
    submitting.submit(actor=applicant, proposal_id=complete.pk)
    response = client.post(url_of(complete, "project"), data)
    assert response.status_code == 409
    assert "Too late" in response.content.decode()
    assert client.get(url_of(complete, "project")).status_code == 302
    complete.refresh_from_db()
    assert complete.title != "Too late"


def test_another_row_without_javascript(draft: Proposal, applicant: User, as_user: SignIn) -> None:
    client = as_user(applicant)
    typed = {"partners-0-legal_name": "Typed before", "add": "partners"}
    response = save(client, draft, "partners", **typed)
    assert response.status_code == 200
    data = form_data(response)
    assert data["partners-TOTAL_FORMS"] == ["2"]
    assert data["partners-0-legal_name"] == ["Typed before"]
    assert not draft.partners.exists()


def test_partners_are_added_changed_and_removed(
    complete: Proposal, applicant: User, as_user: SignIn
) -> None:
    client = as_user(applicant)
    kept = complete.partners.get()
    changes = {"partners-1-legal_name": "Atelier Dakar", "partners-1-country": "SN"}
    assert save(client, complete, "partners", **changes).status_code == 302
    assert list(complete.partners.values_list("legal_name", flat=True)) == [
        kept.legal_name,
        "Atelier Dakar",
    ]
    assert save(client, complete, "partners", **{"partners-0-remove": "on"}).status_code == 302
    remaining = complete.partners.get()
    assert remaining.legal_name == "Atelier Dakar"
    assert remaining.pk != kept.pk


def test_a_list_takes_forty_entries_and_says_so_beyond(
    draft: Proposal, applicant: User, as_user: SignIn
) -> None:
    client = as_user(applicant)

    def send(rows: int) -> Any:
        names = {f"partners-{row}-legal_name": f"Partner {row + 1}" for row in range(rows)}
        return save(client, draft, "partners", **names, **{"partners-TOTAL_FORMS": rows})

    refused = send(41)
    page = refused.content.decode()
    assert refused.status_code == 422
    assert page.count("This list takes at most 40 entries; these are 41.") == 2
    assert 'href="#div_partners"' in page
    assert 'value="Partner 41"' in page
    assert not draft.partners.exists()
    assert send(40).status_code == 302
    assert draft.partners.count() == 40
    room = client.get(url_of(draft, "partners")).content.decode()
    assert "<p hidden data-row-room>" in room
    assert '<p class="file-meta" data-row-full>This list is full' in room
    # What came in otherwise stays: nobody loses a row by saving.
    Partner.objects.create(proposal=draft, legal_name="The forty-first")
    assert save(client, draft, "partners").status_code == 302
    assert draft.partners.count() == 41


def test_a_row_of_another_company_cannot_be_taken_over(
    draft: Proposal, stranger: User, applicant: User, open_call: Call, as_user: SignIn
) -> None:
    theirs = builders.build_complete_proposal(stranger, open_call).partners.get()
    changes = {"partners-0-id": theirs.pk, "partners-0-legal_name": "Mine"}
    assert save(as_user(applicant), draft, "partners", **changes).status_code == 302
    theirs.refresh_from_db()
    assert theirs.legal_name != "Mine"
    assert draft.partners.get().legal_name == "Mine"


def test_the_budget_is_exact_and_shown_against_the_limits(
    draft: Proposal, applicant: User, as_user: SignIn
) -> None:
    client = as_user(applicant)
    changes = {
        "lines-0-category": "staff",
        "lines-0-description": "Team",
        "lines-0-quantity": "3",
        "lines-0-unit_cost": "66,666.67",
        "requested": "100,000.01",
        "own_contribution": "100 000,00",
    }
    assert save(client, draft, "budget", **changes).status_code == 302
    line = draft.budget_lines.get()
    assert (line.amount, line.position) == (Decimal("200000.01"), 1)
    page = client.get(url_of(draft, "budget"))
    assert "EUR\u00a0200,000.01" in page.content.decode()
    assert shown_remarks(page) == (
        "There is no line for the audit of the expenditure yet. "
        "The grant requested is more than 50\u00a0% of the total: at most EUR\u00a0100,000.00."
    )


@pytest.mark.parametrize(("requested", "remark"), [("100000.00", False), ("100000.01", True)])
def test_one_cent_above_the_rate_is_remarked(
    requested: str, remark: bool, draft: Proposal, applicant: User, as_user: SignIn
) -> None:
    client = as_user(applicant)
    changes = {"lines-0-category": "staff", "lines-0-unit_cost": "200000", "requested": requested}
    assert save(client, draft, "budget", **changes).status_code == 302
    page = client.get(url_of(draft, "budget"))
    assert ("more than 50\u00a0% of the total" in shown_remarks(page)) is remark


def test_an_ambiguous_amount_is_refused_and_kept(
    draft: Proposal, applicant: User, as_user: SignIn
) -> None:
    response = save(as_user(applicant), draft, "budget", requested="150.000")
    assert response.status_code == 422
    page = response.content.decode()
    assert "can be read in two ways" in page
    assert 'value="150.000"' in page


def test_a_line_without_its_cost_saves_and_is_remarked(
    draft: Proposal, applicant: User, as_user: SignIn
) -> None:
    client = as_user(applicant)
    assert save(client, draft, "budget", **{"lines-0-description": "Later"}).status_code == 302
    page = client.get(url_of(draft, "budget"))
    assert "Line 1 has no category or no cost yet." in shown_remarks(page)
    assert form_data(page)["lines-0-unit_cost"] == [""]


def test_a_line_too_large_for_the_column_is_refused(
    draft: Proposal, applicant: User, as_user: SignIn
) -> None:
    changes = {"lines-0-quantity": "99999999", "lines-0-unit_cost": "9999999999.99"}
    assert save(as_user(applicant), draft, "budget", **changes).status_code == 422
    assert not BudgetLine.objects.filter(proposal=draft).exists()


def test_risks_with_their_measures(draft: Proposal, applicant: User, as_user: SignIn) -> None:
    client = as_user(applicant)
    changes = {
        "flags": ["migrant_or_seasonal_workers"],
        "policy_dated": "2026-01-15",
        "policy_signed_by_management": "yes",
        "risks-0-description": "Undeclared day labour",
        "risks-0-where": "local_partner",
        "risks-0-severity": "high",
        "risks-0-likelihood": "low",
        "risks-0-measures-0-description": "Written contracts",
        "risks-0-measures-0-owner": "Coordinator",
        "criterion_legitimate": "on",
        "explain_accessible": "Posters from May on",
        "remedy_languages": "fr, wo",
    }
    assert save(client, draft, "due_diligence", **changes).status_code == 302
    risk = draft.risks.get()
    assert (risk.label, risk.severity) == ("R1", "high")
    assert risk.measures.get().owner == "Coordinator"
    draft.due_diligence.refresh_from_db()
    file = draft.due_diligence
    assert file.policy_signed_by_management is True
    assert file.protects_from_reprisal is None
    assert file.remedy_criteria == {"legitimate": True, "accessible": "Posters from May on"}
    assert file.remedy_languages == ["fr", "wo"]
    again = {"risks-1-description": "A second one", "risks-0-measures-0-remove": "on"}
    assert save(client, draft, "due_diligence", **again).status_code == 302
    assert list(draft.risks.values_list("label", flat=True)) == ["R1", "R2"]
    assert not Measure.objects.filter(risk=risk).exists()


def test_a_removed_risk_takes_its_measures_along(
    complete: Proposal, applicant: User, as_user: SignIn
) -> None:
    changes = {"risks-0-remove": "on"}
    assert save(as_user(applicant), complete, "due_diligence", **changes).status_code == 302
    assert not complete.risks.exists()


def test_none_and_ticked_contradict_each_other(
    draft: Proposal, applicant: User, as_user: SignIn
) -> None:
    changes: dict[str, Any] = {"excluded_answer": "none", "excluded_activities": ["weapons"]}
    assert save(as_user(applicant), draft, "project", **changes).status_code == 422


@pytest.mark.parametrize("section", ["partners", "budget"])
def test_many_rows_take_no_more_queries(
    section: str, draft: Proposal, applicant: User, as_user: SignIn
) -> None:
    client = as_user(applicant)
    counts = []
    for many in (3, 30):
        Partner.objects.filter(proposal=draft).delete()
        BudgetLine.objects.filter(proposal=draft).delete()
        Partner.objects.bulk_create(
            Partner(proposal=draft, legal_name=f"P{n}", country_id="SN") for n in range(many)
        )
        BudgetLine.objects.bulk_create(
            BudgetLine(proposal=draft, description=f"L{n}", unit_cost=1, amount=1)
            for n in range(many)
        )
        url = url_of(draft, section)
        data = form_data(client.get(url))
        with CaptureQueriesContext(connection) as reading:
            client.get(url)
        with CaptureQueriesContext(connection) as writing:
            assert client.post(url, data).status_code == 302
        counts.append((len(reading), len(writing)))
    assert counts[0] == counts[1]
    assert counts[0][0] <= 12


def test_boxes_ticked_in_another_order_are_the_same_answer() -> None:
    class Form(forms.Form):
        sectors = forms.MultipleChoiceField(choices=[("ict", "ICT"), ("space", "Space")])

    one, other = (Form({"sectors": each}) for each in (["ict", "space"], ["space", "ict"]))
    assert shown(one["sectors"]) == shown(other["sectors"]) == "ICT, Space"
    assert shown(Form({"sectors": ["space", "gone"]})["sectors"]) == "Space, gone"
