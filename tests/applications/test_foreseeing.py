"""The task list says what the checks would fail of what is written, and only of that."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from applications.actions import submitting
from applications.actions.completeness import missing, with_everything
from applications.actions.foreseeing import JUDGED, foresee
from applications.models import Call, Country, CountryList, Organisation, Proposal
from tests import builders
from tests.measuring import counted

pytestmark = pytest.mark.django_db
SignIn = Callable[..., Client]


@pytest.fixture
def complete(applicant: User, open_call: Call) -> Proposal:
    return builders.build_complete_proposal(applicant, open_call)


def foreseen(proposal: Proposal) -> set[str]:
    whole = with_everything(proposal.pk)
    return {finding.code for finding in foresee(whole, missing(whole))}


def test_nothing_is_foreseen_of_an_empty_draft_nor_of_a_good_one(
    applicant: User, complete: Proposal
) -> None:
    newcomer = builders.build_user("applicant")
    company = builders.build_organisation(newcomer)
    Organisation.objects.filter(pk=company.pk).update(
        country=None, registration_number="", registered_on=None, employees=None
    )
    company.annual_turnover.all().delete()
    assert foreseen(builders.build_draft(newcomer, complete.call)) == set()
    assert foreseen(complete) == set()


def young(proposal: Proposal) -> None:
    company = proposal.organisation
    company.registered_on = timezone.localdate() - timedelta(days=300)
    company.save()


def small(proposal: Proposal) -> None:
    Organisation.objects.filter(pk=proposal.organisation_id).update(employees=4)


def abroad(proposal: Proposal) -> None:
    Organisation.objects.filter(pk=proposal.organisation_id).update(country="CH")


def elsewhere(proposal: Proposal) -> None:
    Proposal.objects.filter(pk=proposal.pk).update(countries=["FR"])


def too_much(proposal: Proposal) -> None:
    Proposal.objects.filter(pk=proposal.pk).update(requested=Decimal("200000.01"))


def one_cent_short(proposal: Proposal) -> None:
    Proposal.objects.filter(pk=proposal.pk).update(own_contribution=Decimal("119999.99"))


def excluded(proposal: Proposal) -> None:
    Proposal.objects.filter(pk=proposal.pk).update(excluded_activities=["tobacco"])


def unpaid_taxes(proposal: Proposal) -> None:
    Organisation.objects.filter(pk=proposal.organisation_id).update(taxes_paid=False)


@pytest.mark.parametrize(
    ("change", "codes", "section"),
    [
        (young, {"lead.registered_years"}, "company"),
        (small, {"lead.employees"}, "company"),
        (unpaid_taxes, {"lead.good_standing"}, "company"),
        (elsewhere, {"project.country"}, "project"),
        (excluded, {"project.excluded_activity"}, "project"),
        (one_cent_short, {"budget.balance"}, "budget"),
        (too_much, {"budget.ceiling", "budget.rate", "budget.balance"}, "budget"),
    ],
)
def test_a_value_that_a_rule_would_fail_needs_attention(
    change: Callable[[Proposal], None],
    codes: set[str],
    section: str,
    complete: Proposal,
    applicant: User,
    as_user: SignIn,
) -> None:
    change(complete)
    assert foreseen(complete) == codes
    page = as_user(applicant).get(reverse("proposals:detail", args=[complete.reference]))
    states = {task.section: task.state for task in page.context["tasks"]}
    assert states[section] == "attention"
    assert [state for name, state in states.items() if name != section] == ["complete"] * 5
    assert "What the checks would say today" in page.content.decode()


def test_it_foresees_what_the_checks_find_after_the_hand_in(
    complete: Proposal, applicant: User
) -> None:
    for change in (young, small, abroad, too_much):
        change(complete)
    complete.organisation.refresh_from_db()
    told = foreseen(complete)
    submission = submitting.submit(actor=applicant, proposal_id=complete.pk)
    builders.do_waiting_jobs()
    findings = submission.check_runs.get().findings.all()
    found = {
        row.code for row in findings if row.outcome == "fail" and not row.code.startswith("hrdd")
    }
    assert told == found


def test_a_budget_in_the_making_is_not_called_unbalanced(complete: Proposal) -> None:
    Proposal.objects.filter(pk=complete.pk).update(own_contribution=None)
    assert foreseen(complete) == set()


def test_the_list_in_force_at_the_deadline_counts(complete: Proposal) -> None:
    newest = CountryList.objects.filter(code="dac-oda").latest("version")
    without = CountryList.objects.create(
        code="dac-oda",
        version=newest.version + 1,
        title_fr="Liste",
        title_en="List",
        valid_from=date(2026, 1, 1),
        source="test",
    )
    without.entries.create(country=Country.objects.get(pk="ML"))
    assert "project.country" in foreseen(complete)
    without.valid_from = date(2090, 1, 1)
    without.save()
    assert foreseen(complete) == set()


def test_half_an_aid_and_odd_rows_do_not_stop_it(complete: Proposal) -> None:
    complete.organisation.de_minimis_aid.create(amount=Decimal("400000.00"))
    complete.partners.create(legal_name="", kind="", country=None)
    complete.budget_lines.create(
        category="", unit_cost=Decimal(0), amount=Decimal(0), quantity=Decimal(0), position=9
    )
    assert foreseen(complete) <= {"partnership.associated_partners"}


@pytest.mark.parametrize("failing", [False, True])
def test_the_task_list_stays_cheap(
    failing: bool, complete: Proposal, applicant: User, as_user: SignIn
) -> None:
    if failing:
        for change in (young, small, elsewhere, too_much):
            change(complete)
    client: Any = as_user(applicant)
    address = reverse("proposals:detail", args=[complete.reference])
    client.get(address)
    few = counted(client, address)
    for position in range(50):
        complete.budget_lines.create(
            category="staff",
            unit_cost=Decimal(1),
            amount=Decimal(1),
            quantity=Decimal(1),
            position=10 + position,
        )
        complete.partners.create(legal_name=f"P{position}", country_id="SN")
    assert counted(client, address).queries == few.queries <= 12


def test_the_sections_judged_are_those_that_rules_name() -> None:
    from applications.checks.engine import RULES

    places = {rule.place for rule in RULES if rule.place not in ("", "documents", "due_diligence")}
    assert places == set(JUDGED)
