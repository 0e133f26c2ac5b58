"""Loading a list and answering for a name, as an officer does it in the admin."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from accounts.models import User
from applications.models import NameMatch, SanctionsImport, SanctionsList, Submission
from tests import builders, sanctions

pytestmark = pytest.mark.django_db

AsUser = Callable[..., Client]
DoJobs = Callable[[], int]
LISTS = "admin:applications_sanctionslist_changelist"


def upload(client: Client, content: bytes) -> int:
    file = SimpleUploadedFile("liste ✓.csv", content)
    return client.post(reverse(LISTS), {"file": file}).status_code


@pytest.fixture
def submission(applicant: User, do_jobs: DoJobs) -> Submission:
    handed_in = builders.build_submission(applicant)
    do_jobs()
    return handed_in


def test_a_list_is_loaded_and_a_name_cleared(
    as_user: AsUser, officer: User, submission: Submission, do_jobs: DoJobs
) -> None:
    client = as_user(officer)
    assert upload(client, sanctions.eu_file({"1": ("Klaire Exempel",)})) == 302
    assert "waiting" in client.get(reverse(LISTS)).content.decode()
    do_jobs()
    page = client.get(reverse(LISTS)).content.decode()
    assert "1 of 1" in page
    assert SanctionsList.objects.get().loaded_by == officer

    dossier = client.get(reverse("admin:applications_submission_change", args=(submission.pk,)))
    names = reverse("admin:applications_namematch_changelist")
    assert f"{names}?proposal={submission.pk}" in dossier.content.decode()
    assert "Claire Exemple" in client.get(f"{names}?proposal={submission.pk}").content.decode()

    match = NameMatch.objects.get()
    address = reverse("admin:applications_namematch_answer", args=(match.pk,))
    refused = client.post(address, {"action": "clear", "reason": " "})
    assert refused.status_code == 422
    assert "Say why" in refused.content.decode()
    assert client.post(address, {"action": "clear", "reason": "Born in 1990."}).status_code == 302
    match.refresh_from_db()
    assert (match.state, match.answered_by) == ("cleared", officer)
    assert client.post(address, {"action": "confirm", "reason": "Late."}).status_code == 409
    assert "Claire Exemple" not in client.get(names).content.decode()
    assert "Claire Exemple" in client.get(f"{names}?state=cleared").content.decode()


def test_a_broken_file_is_told_on_the_page_and_the_old_list_stays(
    as_user: AsUser, officer: User, do_jobs: DoJobs
) -> None:
    client = as_user(officer)
    upload(client, sanctions.eu_file({"1": ("Klaire Exempel",)}))
    do_jobs()
    upload(client, sanctions.eu_file({"1": ("Klaire Exempel", "Zoltan Karovic")})[:-40])
    do_jobs()
    page = client.get(reverse(LISTS)).content.decode()
    assert "Not loaded; the list in force stays." in page
    assert "Line 3" in page
    assert SanctionsList.objects.living().count() == 1
    job = SanctionsImport.objects.first()
    assert job is not None
    assert job.state == "done"


def test_an_empty_upload_is_refused_at_once(as_user: AsUser, officer: User) -> None:
    assert upload(as_user(officer), b"") == 422
    assert not SanctionsImport.objects.exists()


@pytest.mark.parametrize("query", ["?state=nonsense", "?proposal=abc", "?proposal=-1", "?page=0"])
def test_an_address_with_nonsense_is_a_page(as_user: AsUser, officer: User, query: str) -> None:
    address = reverse("admin:applications_namematch_changelist") + query
    assert as_user(officer).get(address).status_code == 200
