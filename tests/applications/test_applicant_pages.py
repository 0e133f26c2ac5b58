"""The company's own pages: the list, beginning a proposal, the task list, giving one up."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import User
from applications.actions.completeness import SECTIONS
from applications.models import Call, Membership, Proposal
from tests import builders

pytestmark = pytest.mark.django_db
SignIn = Callable[..., Client]

LIST = "/proposals/"


def detail_url(proposal: Proposal) -> str:
    return reverse("proposals:detail", args=[proposal.reference])


def queries_of(client: Client, url: str) -> int:
    client.get(url)  # what is cached once per process is not counted
    with CaptureQueriesContext(connection, ) as queries:
        assert client.get(url).status_code == 200
    return len(queries)


def test_it_works(applicant: User, open_call: Call, as_user: SignIn) -> None:
    company = builders.build_organisation(applicant)
    client = as_user(applicant)
    url = reverse("proposals:begin", args=[open_call.code])
    assert client.get(url).status_code == 200
    response = client.post(url, {"organisation": company.pk, "language": "en"})
    proposal = Proposal.objects.get()
    assert response.url == detail_url(proposal)  # type: ignore[attr-defined]
    assert proposal.language == "en"
    page = client.get(detail_url(proposal)).content.decode()
    for section in SECTIONS:
        assert reverse("proposals:section", args=[proposal.reference, section]) in page
    assert f"Last saved by {applicant.full_name}" in page
    assert proposal.reference in client.get(LIST).content.decode()
