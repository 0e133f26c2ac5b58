"""A worker killed in the middle of a scan: the file stays closed until the next one scanned it."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone
from pytest_django import Settings

from accounts.models import User
from applications.actions.documents import add_document
from applications.models import Document, DocumentScan, ScanState
from bpf_portal.core.jobs import JobState
from bpf_portal.core.tasks import sweep
from tests import builders
from tests.clamd import Scanner, running_scanner
from tests.processes import PATIENCE_SECONDS, OwnRedis, Worker, wait_until

pytestmark = [pytest.mark.fault, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def scanner(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[Scanner]:
    """For this process and for the workers that it starts."""
    with tempfile.TemporaryDirectory(prefix="bpf-") as folder, running_scanner(Path(folder)) as it:
        settings.CLAMAV_URL = it.url
        monkeypatch.setenv("CLAMAV_URL", it.url)
        yield it


def has(document: Document, state: ScanState) -> bool:
    document.refresh_from_db()
    return document.scan == state


def test_a_worker_killed_in_the_middle_of_a_scan_is_replaced(
    applicant: User, own_redis: OwnRedis, start_worker: Callable[[], Worker], scanner: Scanner
) -> None:
    own_redis.start()
    scanner.may_answer.clear()
    document = add_document(
        actor=applicant,
        proposal=builders.build_draft(applicant),
        kind="register_extract",
        upload=builders.upload(),
    )
    first = start_worker()
    assert scanner.asked.acquire(timeout=PATIENCE_SECONDS), "the worker asked the scanner"
    first.kill()
    scanner.may_answer.set()
    scan = DocumentScan.objects.get()
    assert (scan.state, scan.attempts) == (JobState.RUNNING, 1)
    assert has(document, ScanState.PENDING)

    DocumentScan.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
    start_worker()
    sweep.delay()
    wait_until(lambda: has(document, ScanState.CLEAN), "the next worker has the verdict")
    wait_until(lambda: DocumentScan.objects.get().is_over, "the job is over")
    scan.refresh_from_db()
    assert (scan.state, scan.attempts) == (JobState.DONE, 2)
