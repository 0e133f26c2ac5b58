"""The detailed proposal's own sections: business plan, work plan, results, jobs and markers."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.urls import reverse

from accounts.models import User
from applications.actions import submitting
from applications.actions.completeness import missing, section_states, with_everything
from applications.actions.dossier_document import document_of
from applications.checks import Dossier
from applications.models import Call, Proposal, Submission
from tests import builders
from tests.applications.pages import form_data
from tests.measuring import counted

pytestmark = pytest.mark.django_db
SignIn = Callable[..., Client]
NOW = "2026-11-23T16:20:00+01:00"
SECTIONS = ("business_plan", "work_plan", "results")
AT_MOST = 12


@pytest.fixture
def draft(applicant: User, open_call: Call) -> Proposal:
    return builders.build_detailed_draft(applicant, open_call, filled=False)


@pytest.fixture
def complete(applicant: User, open_call: Call) -> Proposal:
    return builders.build_detailed_draft(applicant, open_call)


def url_of(proposal: Proposal, section: str) -> str:
    return reverse("proposals:section", args=[proposal.reference, section])


def save(client: Client, proposal: Proposal, section: str, **changes: Any) -> Any:
    url = url_of(proposal, section)
    return client.post(url, form_data(client.get(url), **changes))


def gaps(proposal: Proposal) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for gap in missing(with_everything(proposal.pk)):
        found.setdefault(gap.section, set()).add(gap.anchor)
    return found


# --- what is asked, and when ----------------------------------------------------------------------
def test_the_preselection_asks_for_none_of_it(
    applicant: User, open_call: Call, as_user: SignIn
) -> None:
    first = builders.build_complete_proposal(applicant, open_call)
    client = as_user(applicant)
    page = client.get(reverse("proposals:detail", args=[first.reference])).content.decode()
    assert missing(with_everything(first.pk)) == []
    for section in SECTIONS:
        assert url_of(first, section) not in page
        assert client.get(url_of(first, section)).status_code == 404
        assert client.post(url_of(first, section), {"version": "1"}).status_code == 404


def test_the_detailed_stage_asks_for_all_of_it_and_keeps_stage_one(
    draft: Proposal, applicant: User, as_user: SignIn
) -> None:
    page = as_user(applicant).get(reverse("proposals:detail", args=[draft.reference]))
    whole = with_everything(draft.pk)
    states = section_states(whole, missing(whole))
    assert {section: states[section] for section in SECTIONS} == dict.fromkeys(
        SECTIONS, "not_started"
    )
    assert states["project"] == states["budget"] == "complete"
    assert gaps(draft)["work_plan"] == {"id_packages-0-title"}
    for section in SECTIONS:
        assert url_of(draft, section) in page.content.decode()
    with pytest.raises(submitting.Incomplete):
        submitting.submit(actor=applicant, proposal_id=draft.pk)


def test_a_complete_one_lacks_nothing_and_can_be_handed_in(
    complete: Proposal, applicant: User
) -> None:
    assert gaps(complete) == {}
    submission = submitting.submit(actor=applicant, proposal_id=complete.pk)
    Dossier.from_document(submission.document)
    assert submission.document["extra"]["jobs"] == {"total": 12, "women": 7, "young": None}


@pytest.mark.parametrize(
    ("list_name", "column", "section", "anchor"),
    [
        ("work_packages", "title", "work_plan", "id_packages-0-title"),
        ("work_packages", "description", "work_plan", "id_packages-0-description"),
        ("work_packages", "deliverables", "work_plan", "id_packages-0-deliverables"),
        ("work_packages", "first_month", "work_plan", "id_packages-0-first_month"),
        ("work_packages", "last_month", "work_plan", "id_packages-0-last_month"),
        ("projections", "year", "business_plan", "id_projections-2-year"),
        ("projections", "revenue", "business_plan", "id_projections-0-revenue"),
        ("projections", "costs", "business_plan", "id_projections-0-costs"),
        ("indicators", "name", "results", "id_indicators-0-name"),
        ("indicators", "target", "results", "id_indicators-0-target"),
        ("indicators", "due_month", "results", "id_indicators-0-due_month"),
    ],
)
def test_an_empty_part_of_a_row_is_asked_for_where_it_stands(
    list_name: str, column: str, section: str, anchor: str, complete: Proposal
) -> None:
    row = getattr(complete, list_name).first()
    setattr(row, column, "" if isinstance(getattr(row, column), str) else None)
    row.save()
    assert gaps(complete) == {section: {anchor}}


def test_a_figure_at_the_start_may_stay_unknown_but_nought_jobs_is_an_answer(
    complete: Proposal,
) -> None:
    Proposal.objects.filter(pk=complete.pk).update(jobs_total=0, jobs_women=None)
    assert gaps(complete) == {}
    Proposal.objects.filter(pk=complete.pk).update(jobs_total=None)
    assert gaps(complete) == {"results": {"id_jobs_total"}}


def test_months_after_the_end_of_the_project_are_told(complete: Proposal) -> None:
    Proposal.objects.filter(pk=complete.pk).update(duration_months=12)
    assert gaps(complete) == {"work_plan": {"id_packages-1-last_month"}}


def test_two_projections_of_one_year_and_too_few_are_told(complete: Proposal) -> None:
    first, second, third = complete.projections.all()
    second.year = first.year
    second.save()
    assert gaps(complete) == {"business_plan": {"id_projections-1-year"}}
    third.delete()
    assert gaps(complete)["business_plan"] == {"id_projections-1-year", "id_projections-2-year"}


def test_a_question_is_asked_where_the_call_requires_it(complete: Proposal) -> None:
    complete.answers = {**complete.answers, "market": ""}
    complete.save()
    assert gaps(complete) == {"business_plan": {"id_answer_market"}}
    complete.call.questions.filter(code="market").update(required=False)
    complete.call.questions.filter(code="problem").update(required=True)
    assert gaps(complete) == {"project": {"id_answer_problem"}}


# --- saving ---------------------------------------------------------------------------------------
def test_the_business_plan_is_saved_to_the_cent(
    draft: Proposal, applicant: User, as_user: SignIn
) -> None:
    client = as_user(applicant)
    changes = {
        "projections-0-year": "2028",
        "projections-0-revenue": "1,234.56",
        "projections-0-costs": "2 000,57",
        "break_even_year": "2030",
        "answer_market": "Deux millions de maraîchers 🌱",
    }
    assert save(client, draft, "business_plan", **changes).status_code == 302
    row = draft.projections.get()
    draft.refresh_from_db()
    assert (row.year, row.result) == (2028, Decimal("-766.01"))
    assert draft.break_even_year == 2030
    assert draft.answers["market"] == "Deux millions de maraîchers 🌱"
    assert "-766.01" in client.get(url_of(draft, "business_plan")).content.decode()


def test_the_work_plan_is_drawn_and_said(draft: Proposal, applicant: User, as_user: SignIn) -> None:
    client, partner = as_user(applicant), draft.partners.get()
    changes = {
        "packages-0-title": "Stations",
        "packages-0-leader": "company",
        "packages-0-first_month": "1",
        "packages-0-last_month": "6",
    }
    assert save(client, draft, "work_plan", **changes).status_code == 302
    more = {"packages-1-title": "Training", "packages-1-leader": partner.pk}
    assert save(client, draft, "work_plan", **more).status_code == 302
    first, second = draft.work_packages.all()
    page = client.get(url_of(draft, "work_plan")).content.decode()
    assert (first.number, first.led_by_company, first.partner) == (1, True, None)
    assert (second.number, second.led_by_company, second.partner) == (2, False, partner)
    assert 'x="0" width="6"' in page
    assert "month 1 (" in page
    assert "months not given yet" in page
    assert "style=" not in page


def test_a_package_taken_out_moves_the_others_up_and_they_stay_the_same_rows(
    complete: Proposal, applicant: User, as_user: SignIn
) -> None:
    _first, second = complete.work_packages.all()
    changes = {"packages-0-remove": "on"}
    assert save(as_user(applicant), complete, "work_plan", **changes).status_code == 302
    connection.check_constraints()
    left = complete.work_packages.get()
    assert (left.pk, left.number, left.title) == (second.pk, 1, second.title)


def test_a_partner_that_leaves_leaves_its_package_without_a_leader(
    complete: Proposal, applicant: User, as_user: SignIn
) -> None:
    changes = {"partners-0-remove": "on"}
    assert save(as_user(applicant), complete, "partners", **changes).status_code == 302
    assert "id_packages-1-leader" in gaps(complete)["work_plan"]


def test_results_tell_nought_from_not_known(
    draft: Proposal, applicant: User, as_user: SignIn
) -> None:
    changes = {
        "indicators-0-name": "Households with light",
        "indicators-0-baseline": "0",
        "indicators-0-due_month": "2029-06",
        "jobs_total": "0",
        "marker_gender_equality": "0",
        "marker_climate_mitigation": "2",
    }
    assert save(as_user(applicant), draft, "results", **changes).status_code == 302
    draft.refresh_from_db()
    row = draft.indicators.get()
    assert (row.code, row.baseline, row.target) == ("I1", Decimal("0"), None)
    assert (draft.jobs_total, draft.jobs_women) == (0, None)
    assert draft.markers == {"gender_equality": 0, "climate_mitigation": 2}
    assert save(as_user(applicant), draft, "results", marker_gender_equality="").status_code == 302
    draft.refresh_from_db()
    assert draft.markers == {"climate_mitigation": 2}


@pytest.mark.parametrize("section", SECTIONS)
def test_saving_without_a_change_changes_nothing(
    section: str, complete: Proposal, applicant: User, as_user: SignIn
) -> None:
    before = document_of(with_everything(complete.pk), submitted_at=NOW)
    assert save(as_user(applicant), complete, section).status_code == 302
    assert document_of(with_everything(complete.pk), submitted_at=NOW) == before


@pytest.mark.parametrize("section", SECTIONS)
def test_a_stranger_finds_nothing_and_a_reader_only_reads(
    section: str, complete: Proposal, stranger: User, as_user: SignIn
) -> None:
    client = as_user(stranger)
    assert client.get(url_of(complete, section)).status_code == 404
    assert client.post(url_of(complete, section), {"version": "2"}).status_code == 404
    reader = builders.build_user("applicant")
    complete.organisation.memberships.create(user=reader, role="viewer")
    page = as_user(reader).get(url_of(complete, section))
    assert '<fieldset class="plain" disabled>' in page.content.decode()
    assert as_user(reader).post(url_of(complete, section), form_data(page)).status_code == 403


def test_a_strangers_partner_cannot_lead(
    draft: Proposal, applicant: User, stranger: User, open_call: Call, as_user: SignIn
) -> None:
    theirs = builders.build_complete_proposal(stranger, open_call).partners.get()
    changes = {"packages-0-title": "Mine", "packages-0-leader": theirs.pk}
    assert save(as_user(applicant), draft, "work_plan", **changes).status_code == 422
    assert not draft.work_packages.exists()


# --- bad input ------------------------------------------------------------------------------------
TEXTS = {
    "business_plan": ["answer_market"],
    "work_plan": ["packages-0-title", "packages-0-description", "packages-0-deliverables"],
    "results": ["indicators-0-name", "indicators-0-unit"],
}
NUMBERS = {
    "business_plan": ["projections-0-revenue", "projections-0-costs"],
    "results": ["indicators-0-baseline", "indicators-0-target"],
}
WHOLE = {
    "business_plan": ["projections-0-year", "break_even_year"],
    "work_plan": ["packages-0-first_month", "packages-0-last_month"],
    "results": ["jobs_total", "jobs_women", "jobs_young"],
}
CHOICES = {
    "work_plan": ["packages-0-leader"],
    "results": ["indicators-0-due_month", "marker_gender_equality"],
}
BAD_NUMBERS = ["-1", "9" * 30, "1e5", "ten", "1.2.3", "NaN", "٣x", "\x00", "5\x006"]


def bad_inputs(section: str) -> Iterator[dict[str, str]]:
    """Every field of the section with every bad value of its kind, many fields at a time."""
    for bad in ("x" * 100_001, "a\x00b"):
        yield dict.fromkeys(TEXTS[section], bad)
    figures = [*NUMBERS.get(section, ()), *WHOLE.get(section, ())]
    for bad in BAD_NUMBERS:
        yield dict.fromkeys(figures, bad)
    for bad in ("nobody", "-1", "\x00"):
        yield dict.fromkeys(CHOICES.get(section, ()), bad)


@pytest.mark.parametrize("section", SECTIONS)
def test_every_bad_value_is_said_at_its_field_and_nothing_typed_is_lost(
    section: str, draft: Proposal, applicant: User, as_user: SignIn
) -> None:
    client = as_user(applicant)
    empty = form_data(client.get(url_of(draft, section)))
    kept = {"answer_clients", "packages-0-title", "indicators-0-name"} & set(empty)
    for bad in filter(None, bad_inputs(section)):
        typed = {name: ["Kept!"] for name in kept if name not in bad}
        data = {**empty, **typed, **{name: [value] for name, value in bad.items()}}
        response = client.post(url_of(draft, section), data)
        page = response.content.decode()
        assert response.status_code == 422, bad
        for name in bad:
            assert f'href="#id_{name}"' in page, (name, bad[name][:20])
        assert page.count("Kept!") == len(typed)
    assert not draft.work_packages.exists()
    assert not draft.projections.exists()


@pytest.mark.parametrize(
    ("section", "changes", "field"),
    [
        (
            "work_plan",
            {"packages-0-first_month": "7", "packages-0-last_month": "6"},
            "packages-0-last_month",
        ),
        ("results", {"jobs_total": "3", "jobs_women": "4"}, "jobs_women"),
        ("results", {"jobs_total": "0", "jobs_young": "1"}, "jobs_young"),
    ],
)
def test_what_contradicts_itself_is_said(
    section: str,
    changes: dict[str, str],
    field: str,
    draft: Proposal,
    applicant: User,
    as_user: SignIn,
) -> None:
    response = save(as_user(applicant), draft, section, **changes)
    assert response.status_code == 422
    assert f'href="#id_{field}"' in response.content.decode()


def test_the_database_refuses_months_out_of_order_and_two_leaders(complete: Proposal) -> None:
    package = complete.work_packages.first()
    assert package is not None
    for values in (
        {"first_month": 7, "last_month": 6},
        {"led_by_company": True, "partner": complete.partners.get()},
    ):
        for name, value in values.items():
            setattr(package, name, value)
        with pytest.raises(IntegrityError), transaction.atomic():
            package.save()
        package.refresh_from_db()


# --- what it costs --------------------------------------------------------------------------------
def add_rows(proposal: Proposal, count: int) -> None:
    """Whole ones: with a gap the last look would show no dossier to read."""
    last = proposal.projections.count(), proposal.work_packages.count(), proposal.indicators.count()
    for n in range(count):
        proposal.projections.create(year=2040 + n, revenue=Decimal("1.00"), costs=Decimal("2.00"))
        proposal.work_packages.create(
            number=last[1] + n + 1,
            title="T",
            led_by_company=True,
            description="D",
            deliverables="A report",
            first_month=1,
            last_month=2,
        )
        proposal.indicators.create(
            number=last[2] + n + 1, name="N", target=Decimal("1"), due_month=date(2040, 1, 1)
        )
        proposal.budget_lines.create(
            position=100 + n,
            category="travel",
            description="L",
            unit_cost=Decimal("1.00"),
            amount=Decimal("1.00"),
            work_package=proposal.work_packages.first(),
            borne_by_company=True,
        )


@pytest.mark.parametrize("page", [*SECTIONS, "detail", "submit"])
def test_a_page_costs_the_same_with_fifty_rows(
    page: str, complete: Proposal, applicant: User, as_user: SignIn
) -> None:
    client = as_user(applicant)
    address = (
        url_of(complete, page)
        if page in SECTIONS
        else reverse(f"proposals:{page}", args=[complete.reference])
    )
    client.get(address)
    few = counted(client, address)
    add_rows(complete, 49)
    many = counted(client, address)
    assert few.queries == many.queries <= AT_MOST


def test_it_is_read_after_the_hand_in_by_the_company_and_by_luxdev(
    complete: Proposal, applicant: User, officer: User, as_user: SignIn
) -> None:
    submission = submitting.submit(actor=applicant, proposal_id=complete.pk)
    own = reverse("proposals:detail", args=[complete.reference])
    desk = reverse("admin:applications_submission_change", args=[submission.pk])
    for client, address in ((as_user(applicant), own), (as_user(officer), desk)):
        cost = counted(client, address)
        page = client.get(address).content.decode()
        assert cost.queries <= AT_MOST
        for text in (
            "What is the market, and how does it change?",
            "Réponse à market",
            "Installer les stations",
            "-19,999.95",
            "month 1 (",
            "2: principal objective",
            "Not assessed",
            "not known",
        ):
            assert text in page, (address, text)
    assert Submission.objects.get(pk=submission.pk).sha256
