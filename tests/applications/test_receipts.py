"""The receipt: a mail at once, and a PDF that is made once and stays the same."""

from __future__ import annotations

import hashlib
import io
from datetime import timedelta
from typing import Any

import pytest
from django.db import DatabaseError, transaction
from django.urls import reverse
from django.utils import timezone
from pypdf import PdfReader

from accounts.models import User
from applications.actions import submitting
from applications.models import Receipt, Submission
from applications.receipts.content import moment_with_zone
from bpf_portal.core import jobs
from bpf_portal.core.models import OutgoingEmail
from bpf_portal.core.texts import in_language
from tests import builders

pytestmark = pytest.mark.django_db


def text_of(content: bytes) -> str:
    pages = PdfReader(io.BytesIO(content)).pages
    return " ".join(" ".join(page.extract_text() for page in pages).split())


def squeezed(text: str) -> str:
    """Without spaces: a long hash is broken over lines."""
    return "".join(text.split())


def download(client: Any, submission: Submission, name: str = "receipt_file") -> bytes:
    url = reverse(f"proposals:{name}", args=[submission.reference, submission.stage, 1])
    response = client.get(url)
    assert response.status_code == 200
    assert response["Content-Type"] == "application/pdf"
    assert response["Content-Disposition"].startswith("attachment")
    return b"".join(response) if response.streaming else response.content


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("fr", ("Accusé de réception", "heure de Luxembourg", "Nous avons reçu", "Déclaré par")),
        ("en", ("Receipt for the proposal", "Luxembourg time", "We have received", "Declared by")),
    ],
)
def test_it_says_everything_in_the_language_of_the_application(
    applicant: User, as_user: Any, language: str, words: tuple[str, ...]
) -> None:
    submission = builders.build_submission(applicant, language=language)
    other = "en" if language == "fr" else "fr"

    text = text_of(download(as_user(applicant, other), submission))

    with in_language(language):
        moment = moment_with_zone(submission.submitted_at)
    for shown in (*words, submission.reference, submission.lead_name, moment, str(applicant)):
        assert squeezed(shown) in squeezed(text), shown
    assert submission.sha256 in squeezed(text)
    for file in submission.files:
        assert file.filename in text
        assert file.sha256 in squeezed(text)


def test_it_is_the_same_file_every_time(applicant: User, as_user: Any) -> None:
    submission = builders.build_submission(applicant)
    client = as_user(applicant)
    first = download(client, submission)
    applicant.full_name = "Renamed Person"
    applicant.save()
    assert download(client, submission) == first
    receipt = Receipt.objects.get()
    assert receipt.sha256 == hashlib.sha256(first).hexdigest()
    with pytest.raises(DatabaseError), transaction.atomic():
        Receipt.objects.update(sha256="0" * 64)
    with pytest.raises(DatabaseError), transaction.atomic():
        receipt.delete()


def test_everybody_in_the_company_gets_the_mail_at_once(applicant: User) -> None:
    proposal = builders.build_complete_proposal(applicant, language="fr")
    colleague = builders.build_user("applicant", language="en")
    proposal.organisation.memberships.create(user=colleague, role="viewer")
    gone = builders.build_user("applicant", is_active=False)
    proposal.organisation.memberships.create(user=gone, role="editor")
    OutgoingEmail.objects.all().delete()

    submission = submitting.submit(actor=applicant, proposal_id=proposal.pk)

    mails = list(OutgoingEmail.objects.order_by("recipient"))
    assert {mail.recipient for mail in mails} == {applicant.email, colleague.email}
    for mail in mails:
        assert mail.subject.startswith(f"{proposal.reference}\u00a0: accusé de réception")
        assert submission.sha256 in mail.body
        assert "heure de Luxembourg" in mail.body
        for file in submission.files:
            assert file.sha256 in mail.body


def test_while_the_pdf_is_not_made_the_page_says_so(applicant: User, as_user: Any) -> None:
    submission = builders.build_submission(applicant, checked=False)
    client = as_user(applicant)
    page = reverse("proposals:receipt", args=[submission.reference, submission.stage])
    assert "The PDF is being made" in client.get(page).content.decode()
    url = reverse("proposals:receipt_file", args=[submission.reference, submission.stage, 1])
    assert client.get(url).url == page
    jobs.work_off()
    assert "Receipt (PDF)" in client.get(page).content.decode()


def test_the_proposal_as_handed_in_is_a_pdf_too(applicant: User, as_user: Any) -> None:
    submission = builders.build_submission(applicant, language="fr")
    client = as_user(applicant, "en")
    first = download(client, submission, "dossier_file")
    text = text_of(first)
    for shown in ("Proposition", "Prévisions de récolte par satellite", "wolof", "Stations météo"):
        assert shown in text, shown
    assert submission.sha256 in squeezed(text)
    assert download(client, submission, "dossier_file") == first


def test_a_number_that_is_no_hand_in_does_not_exist(applicant: User, as_user: Any) -> None:
    submission = builders.build_submission(applicant)
    client = as_user(applicant)
    for name in ("receipt_file", "dossier_file"):
        url = reverse(f"proposals:{name}", args=[submission.reference, submission.stage, 2])
        assert client.get(url).status_code == 404


def test_a_late_receipt_says_that_it_is_kept(applicant: User, as_user: Any) -> None:
    call = builders.build_call()
    proposal = builders.build_complete_proposal(applicant, call, language="en")
    call.deadline_at = timezone.now() - timedelta(hours=1)
    call.save()
    submission = submitting.submit(actor=applicant, proposal_id=proposal.pk)
    jobs.work_off()
    text = text_of(download(as_user(applicant), submission))
    assert "It arrived after the deadline" in text
    assert "it is not refused" in text
    assert "it is not refused" in OutgoingEmail.objects.latest("pk").body
