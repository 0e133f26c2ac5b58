"""The whole way in a browser: from a company's registration to its letter and the year's report."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page

from applications.models import Proposal
from tests import builders
from tests.journeys.company import Company

pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True)]


def test_the_whole_way(
    person: Callable[..., Page],
    worker: subprocess.Popen[bytes],
    reference: None,
    pictures: Path,
) -> None:
    call = builders.build_call(code="bpf-journey")
    company = Company(person("en"), "claire@example.org")
    company.register("Claire Exemple")
    company.enter_company("Exemple Données S.à r.l.", "b 123 456")
    company.begin(call.code)
    company.describe_company()
    company.describe_partners()
    company.describe_project("Prévisions de récolte par satellite")
    company.describe_budget()
    company.describe_due_diligence()
    company.accept_clause()
    company.send_documents()
    company.page.screenshot(path=pictures / "task-list.png")
    company.hand_in()

    assert Proposal.objects.get(reference=company.reference).state == "submitted"
