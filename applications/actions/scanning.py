"""Viruses: every file from outside is scanned by one durable job, whatever model keeps it.

A file is pending until the scanner has spoken, and nobody gets it before. A scanner that is away
delays the verdict, however long; it never replaces it.
"""

from collections.abc import Callable
from typing import Any, BinaryIO, cast

from django.apps import apps
from django.db import transaction

from applications.models import DocumentScan, ScannedFile, ScanState
from bpf_portal.core import jobs, virus_scanner

#: What follows a verdict, by the label of the model: called in the verdict's transaction.
_followers: dict[str, Callable[[Any, DocumentScan], None]] = {}


def follow(model: type[ScannedFile], after_scan: Callable[[Any, DocumentScan], None]) -> None:
    """Say what follows a verdict on this model's files: `after_scan(row, scan)`, the row locked."""
    _followers[model._meta.label] = after_scan


def first_state() -> ScanState:
    """How a file begins: pending, or not scanned where this installation has no scanner."""
    return ScanState.PENDING if virus_scanner.is_configured() else ScanState.UNSCANNED


def request_scan(row: ScannedFile) -> DocumentScan | None:
    """Leave the scan of a pending file as a job, in the caller's transaction; else do nothing."""
    if row.scan != ScanState.PENDING:
        return None
    scan = DocumentScan.objects.create(subject=row._meta.label, subject_id=row.pk)
    jobs.send_after_commit(scan)
    return scan


def perform(scan: DocumentScan) -> None:
    """The job's work: ask the scanner outside any transaction, then store its verdict once.

    Killed in between, the next attempt asks again. Raises jobs.TryLater while the scanner is away.
    """
    model = cast(type[ScannedFile], apps.get_model(scan.subject))
    row = model._default_manager.filter(pk=scan.subject_id).first()
    if row is None or row.scan != ScanState.PENDING:
        return  # deleted meanwhile, or another attempt was quicker
    try:
        with row.file.open("rb") as content:
            verdict = virus_scanner.scan(cast(BinaryIO, content))
    except virus_scanner.ScannerAway as error:
        raise jobs.TryLater(f"the virus scanner does not answer ({error})") from error
    take_verdict(scan, verdict)


def take_verdict(scan: DocumentScan, verdict: virus_scanner.Verdict) -> None:
    """Store what the scanner said of the file, with all that follows. The first verdict counts."""
    model = cast(type[ScannedFile], apps.get_model(scan.subject))
    with transaction.atomic():
        locked = model._default_manager.select_for_update(of=("self",)).get(pk=scan.subject_id)
        if locked.scan == ScanState.PENDING:
            _store(scan, locked, verdict)


def _store(scan: DocumentScan, row: ScannedFile, verdict: virus_scanner.Verdict) -> None:
    state = ScanState.INFECTED if verdict.found else ScanState.CLEAN
    scan.verdict, scan.signature = state, verdict.found[:200]
    DocumentScan.objects.filter(pk=scan.pk).update(verdict=state, signature=scan.signature)
    row.scan = state
    if after_scan := _followers.get(row._meta.label):
        after_scan(row, scan)
    row.save()


def scan_what_was_not(model: type[ScannedFile]) -> int:
    """Send every file that was never scanned, or whose scan failed, to the scanner; says how many.

    For an installation that got its scanner later. Files that a person may open now are closed
    until the verdict.
    """
    if not virus_scanner.is_configured():
        return 0
    waiting = DocumentScan.objects.filter(
        subject=model._meta.label, state__in=(jobs.JobState.QUEUED, jobs.JobState.RUNNING)
    ).values("subject_id")
    found = model._default_manager.filter(
        scan__in=(ScanState.UNSCANNED, ScanState.PENDING)
    ).exclude(pk__in=waiting)
    count = 0
    for pk in found.values_list("pk", flat=True):
        with transaction.atomic():
            row = model._default_manager.select_for_update(of=("self",)).get(pk=pk)
            row.scan = ScanState.PENDING
            row.save(update_fields=["scan"])
            count += request_scan(row) is not None
    return count
