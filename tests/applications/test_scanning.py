"""Viruses: nobody gets a file before the scanner has spoken, and an infected one never."""

from __future__ import annotations

import io
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pikepdf
import pytest
from django.core import checks
from django.core.management import call_command
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import Settings

from accounts.models import User
from applications.actions import scanning, submitting
from applications.actions.documents import NotRestored, add_document, restore_document
from applications.models import Call, CheckRun, Document, DocumentScan, Proposal, ScanState
from bpf_portal.core import jobs, virus_scanner
from bpf_portal.core.jobs import JobState
from bpf_portal.core.models import Event, OutgoingEmail
from tests import builders
from tests.clamd import EICAR, Scanner, running_clamd, running_scanner

pytestmark = pytest.mark.django_db
SignIn = Callable[..., Client]
KIND = "register_extract"


@pytest.fixture
def scanner(settings: Settings) -> Iterator[Scanner]:
    # A socket's path has at most a hundred letters.
    with tempfile.TemporaryDirectory(prefix="bpf-") as folder, running_scanner(Path(folder)) as it:
        settings.CLAMAV_URL = it.url
        yield it


@pytest.fixture
def draft(applicant: User, open_call: Call) -> Proposal:
    return builders.build_draft(applicant, open_call)


def infected_pdf() -> bytes:
    """A PDF one can open, with the test virus in an uncompressed stream."""
    buffer = io.BytesIO()
    with pikepdf.new() as pdf:
        pdf.add_blank_page()
        pdf.Root.Extra = pdf.make_stream(EICAR)
        pdf.save(buffer, compress_streams=False)
    assert EICAR in buffer.getvalue()
    return buffer.getvalue()


def send(actor: User, proposal: Proposal, content: bytes | None = None) -> Document:
    return add_document(
        actor=actor, proposal=proposal, kind=KIND, upload=builders.upload("Extrait.pdf", content)
    )


def address(document: Document) -> str:
    return reverse("proposals:document", args=[document.pk])


def make_due() -> None:
    DocumentScan.objects.update(not_before=timezone.now())


def test_it_works(
    draft: Proposal, applicant: User, as_user: SignIn, scanner: Scanner, do_jobs: Callable[[], int]
) -> None:
    document = send(applicant, draft)
    assert document.scan == ScanState.PENDING
    held = as_user(applicant).get(address(document))
    assert held.status_code == 409
    assert "still being checked" in held.content.decode()
    do_jobs()
    document.refresh_from_db()
    assert document.scan == ScanState.CLEAN
    assert as_user(applicant).get(address(document)).status_code == 200
    scan = DocumentScan.objects.get()
    assert (scan.state, scan.verdict, scan.signature) == (JobState.DONE, ScanState.CLEAN, "")


def test_an_infected_file_is_never_handed_out_does_not_count_and_its_company_is_told(
    draft: Proposal, applicant: User, as_user: SignIn, scanner: Scanner, do_jobs: Callable[[], int]
) -> None:
    colleague = builders.build_user("applicant", language="fr")
    draft.organisation.memberships.create(user=colleague, role="editor")
    document = send(colleague, draft, infected_pdf())
    do_jobs()
    document.refresh_from_db()
    assert document.is_infected
    assert document.removed_at is not None
    response = as_user(applicant).get(address(document))
    assert response.status_code == 409
    assert EICAR not in response.content
    told = {mail.recipient: mail for mail in OutgoingEmail.objects.all()}
    assert set(told) == {applicant.email, colleague.email}
    assert "A virus was found in the file “Extrait.pdf”" in told[applicant.email].body
    assert "virus" in told[colleague.email].subject
    assert told[colleague.email].subject != told[applicant.email].subject
    event = Event.objects.get(name="DocumentInfected", aggregate_id=draft.pk)
    assert event.details["found"] == "Eicar-Test-Signature"
    with pytest.raises(NotRestored):
        restore_document(actor=applicant, document=document)


def test_a_scanner_that_is_away_is_asked_again_and_no_file_passes_meanwhile(
    draft: Proposal, applicant: User, scanner: Scanner, settings: Settings
) -> None:
    settings.CLAMAV_URL = f"{scanner.url}.away"
    document = send(applicant, draft)
    scan = DocumentScan.objects.get()
    for _ in range(jobs.MAX_ATTEMPTS + 3):
        make_due()
        assert not jobs.run(DocumentScan, scan.pk, scanning.perform)
    scan.refresh_from_db()
    assert scan.state == JobState.QUEUED
    assert "does not answer" in scan.last_error
    assert scan.not_before - timezone.now() <= jobs.LONGEST_WAIT
    document.refresh_from_db()
    assert document.is_pending
    settings.CLAMAV_URL = scanner.url
    make_due()
    assert jobs.run(DocumentScan, scan.pk, scanning.perform)
    document.refresh_from_db()
    assert document.scan == ScanState.CLEAN


@pytest.mark.parametrize(
    ("answer", "state"),
    [
        (b"", JobState.QUEUED),
        (b"stream: Can't allocate memory ERROR\n", JobState.FAILED),
        (b"INSTREAM size limit exceeded. ERROR\n", JobState.FAILED),
        (b"\xff nonsense", JobState.FAILED),
    ],
)
def test_whatever_else_the_scanner_says_is_not_taken_for_clean(
    answer: bytes, state: str, draft: Proposal, applicant: User, scanner: Scanner
) -> None:
    scanner.answer = answer
    document = send(applicant, draft)
    scan = DocumentScan.objects.get()
    for _ in range(jobs.MAX_ATTEMPTS):
        make_due()
        jobs.run(DocumentScan, scan.pk, scanning.perform)
    scan.refresh_from_db()
    document.refresh_from_db()
    assert (scan.state, document.scan) == (state, ScanState.PENDING)
    assert scan.last_error


def test_without_a_scanner_files_are_marked_for_staff_and_scanned_once_there_is_one(
    applicant: User,
    officer: User,
    open_call: Call,
    as_user: SignIn,
    settings: Settings,
    do_jobs: Callable[[], int],
) -> None:
    submission = builders.build_submission(applicant, open_call)
    page = reverse("admin:applications_submission_change", args=[submission.pk])
    assert not DocumentScan.objects.exists()
    assert (
        "Not checked for viruses: open it with care." in as_user(officer).get(page).content.decode()
    )
    with tempfile.TemporaryDirectory(prefix="bpf-") as folder, running_scanner(Path(folder)) as it:
        settings.CLAMAV_URL = it.url
        call_command("scan_documents")
        document = submission.documents.first()
        assert document is not None
        assert "being checked for viruses" in as_user(officer).get(page).content.decode().lower()
        assert as_user(officer).get(address(document)).status_code == 409
        do_jobs()
        call_command("scan_documents")
    assert not submission.documents.exclude(scan=ScanState.CLEAN).exists()
    assert DocumentScan.objects.count() == submission.documents.count()
    assert as_user(officer).get(address(document)).status_code == 200


def test_a_hand_in_with_pending_files_is_checked_again_when_the_last_scan_ends(
    applicant: User, open_call: Call, officer: User, as_user: SignIn, scanner: Scanner
) -> None:
    proposal = builders.build_complete_proposal(applicant, open_call)
    submission = submitting.submit(actor=applicant, proposal_id=proposal.pk)
    frozen = {row["scan"] for row in submission.document["documents"]}
    assert frozen == {ScanState.PENDING}
    first = submission.check_runs.get()
    run_one(first)
    assert said_of_documents(first) == ("missing", "not_clean")
    scans = list(DocumentScan.objects.order_by("pk"))
    for scan in scans[:-1]:
        assert jobs.run(DocumentScan, scan.pk, scanning.perform)
        assert submission.check_runs.count() == 1
    assert jobs.run(DocumentScan, scans[-1].pk, scanning.perform)
    second = submission.check_runs.first()
    assert second is not None
    assert second.moment == "scan"
    run_one(second)
    assert said_of_documents(second) == ("pass", "complete")
    submission.refresh_from_db()
    assert {row["scan"] for row in submission.document["documents"]} == {ScanState.PENDING}


def test_a_virus_in_a_file_handed_in_makes_the_dossier_incomplete_and_staff_see_it(
    applicant: User,
    officer: User,
    open_call: Call,
    as_user: SignIn,
    scanner: Scanner,
    do_jobs: Callable[[], int],
) -> None:
    proposal = builders.build_complete_proposal(applicant, open_call)
    document = send(applicant, proposal, infected_pdf())
    submission = submitting.submit(actor=applicant, proposal_id=proposal.pk)
    do_jobs()
    newest = submission.check_runs.first()
    assert newest is not None
    assert said_of_documents(newest) == ("missing", "not_clean")
    page = reverse("admin:applications_submission_change", args=[submission.pk])
    shown = as_user(officer).get(page).content.decode()
    assert "Refused: a virus was found." in shown
    assert f'href="{address(document)}"' not in shown
    assert as_user(officer).get(address(document)).status_code == 409
    body = OutgoingEmail.objects.filter(subject__contains="virus").latest("pk").body
    assert "was handed in already" in body


def run_one(run: CheckRun) -> None:
    from applications.actions import checking

    assert jobs.run(CheckRun, run.pk, checking.perform)


def said_of_documents(run: CheckRun) -> tuple[str, str]:
    finding = run.findings.get(code="documents.complete")
    return finding.outcome, finding.reason


def test_the_company_may_complete_its_dossier_only_with_a_file_that_counts(
    applicant: User, open_call: Call, scanner: Scanner, do_jobs: Callable[[], int]
) -> None:
    proposal = builders.build_complete_proposal(applicant, open_call)
    send(applicant, proposal, infected_pdf())
    do_jobs()
    with pytest.raises(submitting.Incomplete) as refused:
        submitting.submit(actor=applicant, proposal_id=proposal.pk)
    assert [gap.anchor for gap in refused.value.missing] == [f"document-{KIND}"]
    send(applicant, proposal)
    submission = submitting.submit(actor=applicant, proposal_id=proposal.pk)
    assert submission.documents.filter(kind=KIND).count() == 1


@pytest.mark.skipif(
    shutil.which("clamd", path="/usr/sbin:/usr/bin") is None, reason="clamd is not installed"
)
def test_with_clamd_itself(settings: Settings) -> None:
    with tempfile.TemporaryDirectory(prefix="bpf-") as folder, running_clamd(Path(folder)) as url:
        settings.CLAMAV_URL = url
        assert "Eicar" in virus_scanner.scan(io.BytesIO(EICAR)).found
        assert "Eicar" in virus_scanner.scan(io.BytesIO(infected_pdf())).found
        assert virus_scanner.scan(io.BytesIO(builders.pdf_bytes())).found == ""
        assert virus_scanner.scan(io.BytesIO(bytes(3_000_000))).found == ""


def test_the_deployment_check_tells_whether_there_is_a_scanner(settings: Any) -> None:
    def found() -> set[str]:
        messages = checks.run_checks(include_deployment_checks=True)
        return {message.id for message in messages if message.id == "bpf.I002"}

    settings.CLAMAV_URL = ""
    assert found() == {"bpf.I002"}
    settings.CLAMAV_URL = "tcp://scanner:3310"
    assert not found()
