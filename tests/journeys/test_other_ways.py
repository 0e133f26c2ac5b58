"""The applicant's whole way with nothing but the keyboard, and with scripts switched off."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page

from applications.models import Proposal
from tests import builders
from tests.journeys.company import Company
from tests.journeys.hands import Keyboard

pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True)]

TITLE = "Prévisions de récolte par satellite"


def apply(company: Company, code: str) -> None:
    """From an account of one's own to the receipt."""
    company.register("Claire Exemple")
    company.enter_company("Exemple Données S.à r.l.", "b 123 456")
    company.begin(code)
    company.describe_company()
    company.describe_partners()
    company.describe_project(TITLE)
    company.describe_budget()
    company.describe_due_diligence()
    company.accept_clause()


def test_the_keyboard_alone_is_enough(person: Callable[..., Page], reference: None) -> None:
    call = builders.build_call(code="bpf-keyboard")
    company = Company(person("en"), "claire@example.org", works_with=Keyboard)
    apply(company, call.code)
    company.send_documents()
    company.hand_in()
    proposal = Proposal.objects.get(reference=company.reference)
    assert proposal.state == "submitted"


def test_scripts_are_not_needed(person: Callable[..., Page], reference: None) -> None:
    call = builders.build_call(code="bpf-no-scripts")
    company = Company(person("en", scripts=False), "claire@example.org")
    apply(company, call.code)
    company.send_each_document()
    company.hand_in()
    proposal = Proposal.objects.get(reference=company.reference)
    assert proposal.state == "submitted"
